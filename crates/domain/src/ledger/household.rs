//! Households: an account of its own that holds what its members pool. Who brought which points decides what a member
//! who leaves takes along.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::code::Code;
use crate::ids::{AccountId, EntryId};
use crate::ledger::{AccountState, Balance, Lot, Moved, MovedDebt, MovedLot};
use crate::seeded::{Bug, planted};

/// A member and their household, as both entries of a change between them say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Membership {
    /// The member.
    pub member: AccountId,
    /// The household.
    pub household: AccountId,
    /// The entry in the other account.
    pub counterpart: EntryId,
}

/// What makes an account a household: who belongs to it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Pool {
    /// Its members, in the order in which they joined.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub members: Vec<PoolMember>,
}

/// A member of a household, as the household knows them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PoolMember {
    /// The member.
    pub account_id: AccountId,
    /// Whether they may spend what is pooled.
    pub may_spend: bool,
    /// When they joined.
    pub since: Timestamp,
    /// The entries by which they brought points that somebody else had earned. All others are told by their origin, so
    /// that the list stays short however long a household lasts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub entry_nos: Vec<u32>,
}

impl Pool {
    /// A member of the household.
    pub fn member(&self, account_id: AccountId) -> Option<&PoolMember> {
        self.members.iter().find(|member| member.account_id == account_id)
    }

    /// Notes what came from a member by an entry, where its origin does not tell.
    pub(crate) fn note(&mut self, account_id: AccountId, entry_no: u32, moved: &Moved) {
        let foreign = moved.parts.iter().any(|part| part.origin.account_id != account_id);
        let member = self.members.iter_mut().find(|member| member.account_id == account_id);
        if let Some(member) = member.filter(|_| foreign) {
            member.entry_nos.push(entry_no);
        }
    }

    /// Who brought the points of a lot; nobody, if they were added to the household itself or came back after whoever
    /// brought them had left.
    fn brought_by(&self, lot: &Lot) -> Option<AccountId> {
        let noted = self.members.iter().find(|member| member.entry_nos.contains(&lot.entry_no));
        noted.map(|member| member.account_id).or(lot.origin.map(|origin| origin.account_id))
    }
}

impl AccountState {
    /// Whether the account is a household.
    pub fn is_household(&self) -> bool {
        self.pool.is_some()
    }

    /// What goes along with a member who leaves this household: what is left of the points they brought. The last one
    /// takes everything, debts as well, so that nothing is left to nobody.
    pub fn share_of(&self, account_id: AccountId) -> Moved {
        let Some(pool) = self.pool.as_ref().filter(|_| !planted(Bug::ShareKept)) else {
            return Moved::default();
        };
        let everything = Moved::all_of(self, None);
        if pool.members.iter().all(|member| member.account_id == account_id) {
            return everything;
        }
        let theirs = |part: &MovedLot| {
            let lot = self.lots.iter().find(|lot| lot.lot_no == part.lot_no);
            lot.and_then(|lot| pool.brought_by(lot)) == Some(account_id)
        };
        Moved { parts: everything.parts.into_iter().filter(theirs).collect(), debts: Vec::new() }
    }

    /// What a member of a household passes on to it: what can be spent of the pooled units, and what is owed in them;
    /// `of` is the entry whose points were just taken back. What is pending or held stays with the member.
    pub(crate) fn to_pool(&self, units: &[Code], of: Option<EntryId>) -> Moved {
        let spendable = |lot: &&Lot| {
            units.contains(&lot.unit)
                && lot.remaining > 0
                && (lot.pending_until.is_none() || planted(Bug::PendingPooled))
        };
        let mut lots: Vec<&Lot> = self.lots.iter().filter(spendable).collect();
        lots.sort_unstable_by_key(|lot| lot.spending_order());
        let parts = lots.into_iter().map(|lot| MovedLot::of(lot, self.account_id, lot.remaining)).collect();
        let debts = self.balances.iter().filter(|balance| balance.debt > 0 && units.contains(&balance.unit));
        let debt = |balance: &Balance| MovedDebt { unit: balance.unit, points: balance.debt, of };
        Moved { parts, debts: debts.map(debt).collect() }
    }
}
