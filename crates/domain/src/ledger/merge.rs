//! Two accounts that turned out to be one person's: what moves from the one to the other, and back.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::code::Code;
use crate::ids::{AccountId, EntryId};
use crate::ledger::{
    AccountState, Balance, Booking, CapPeriod, Counter, LedgerAccount, Lot, MovedLot, OutOfRange,
    QualifyingAmount,
};
use crate::programme::DEFAULT_FUNDER;

const OWN_FUNDER: Code = Code::constant(DEFAULT_FUNDER);

/// Which account was merged into which. The first keeps its documents and its history; what comes back to it later
/// goes on to the second.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Merge {
    /// The account that was given up.
    pub absorbed: AccountId,
    /// The account that goes on.
    pub into: AccountId,
    /// The entry in the other account.
    pub counterpart: EntryId,
}

/// An account merged into another one, as the other one knows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Absorbed {
    /// The account.
    pub account_id: AccountId,
    /// The entries by which its points came: lots they issued go back if the merge is undone. None for an account that
    /// had been merged into the absorbed one before.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub entry_nos: Vec<u32>,
}

/// A debt that moves with a merge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct MovedDebt {
    /// The unit.
    pub unit: Code,
    /// Points owed.
    pub points: i64,
    /// The entry whose points are taken back: what is left of them pays first, pending or not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of: Option<EntryId>,
}

/// Points that move with a merge.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Moved {
    /// Lots, soonest expiry first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<MovedLot>,
    /// Debts by unit.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub debts: Vec<MovedDebt>,
}

/// A change of a [`Counter`]; less than 0 takes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counted {
    /// The rule or reward.
    pub rule: Code,
    /// The span.
    pub period: CapPeriod,
    /// Which day or month; 0 for a lifetime.
    pub bucket: i32,
    /// Times.
    pub times: i64,
    /// Points.
    pub points: i64,
}

/// A tier that comes along with its date of review.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct CarriedTier {
    /// The ladder.
    pub ladder: Code,
    /// The tier.
    pub tier: Code,
    /// When it is next reviewed; none if it is never taken away.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub review_at: Option<Timestamp>,
}

/// What besides points moves with a merge, as changes of the account that gets it: what counts towards tiers, what caps
/// and limits have counted, purchases. Less than 0 takes back.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Carried {
    /// Towards tiers, in the periods of the account that gets it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub qualifying: Vec<QualifyingAmount>,
    /// Of rules.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub counters: Vec<Counted>,
    /// Of rewards.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reward_counters: Vec<Counted>,
    /// Purchases.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub purchase_count: i64,
    /// Minor units.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub spend: i64,
    /// The latest purchase.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_purchase_at: Option<Timestamp>,
    /// The latest purchase, return or activity.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_activity_at: Option<Timestamp>,
    /// Local days with a purchase.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub purchase_days: Vec<i32>,
    /// Tiers held.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tiers: Vec<CarriedTier>,
    /// Accounts that had been merged into the absorbed one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub absorbed: Vec<AccountId>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the shape serde calls")]
fn is_zero(number: &i64) -> bool {
    *number == 0
}

impl Moved {
    /// All points an account has or owes; `of` is the entry whose points were just taken back. Held points are none of
    /// them: a merge waits for holds.
    pub fn all_of(state: &AccountState, of: Option<EntryId>) -> Self {
        let mut lots: Vec<_> = state.lots.iter().filter(|lot| lot.remaining > 0).collect();
        lots.sort_unstable_by_key(|lot| lot.spending_order());
        let parts = lots.into_iter().map(|lot| MovedLot::of(lot, state.account_id, lot.remaining)).collect();
        let debts = state.balances.iter().filter(|balance| balance.debt > 0);
        let debt = |balance: &Balance| MovedDebt { unit: balance.unit, points: balance.debt, of };
        Self { parts, debts: debts.map(debt).collect() }
    }

    /// Whether nothing moves.
    pub fn is_nothing(&self) -> bool {
        self.parts.is_empty() && self.debts.is_empty()
    }
}

impl Carried {
    /// Whether nothing is carried.
    pub fn is_nothing(&self) -> bool {
        *self == Self::default()
    }

    /// Counts it in an account.
    pub fn count_in(&self, state: &mut AccountState) {
        for change in &self.qualifying {
            let same = |found: &&mut QualifyingAmount| {
                found.ladder == change.ladder && found.bucket == change.bucket
            };
            match state.qualifying.iter_mut().find(same) {
                Some(found) => found.amount = found.amount.saturating_add(change.amount),
                None => state.qualifying.push(change.clone()),
            }
        }
        self.counters.iter().for_each(|change| change.count_in(&mut state.counters));
        self.reward_counters.iter().for_each(|change| change.count_in(&mut state.reward_counters));
        let purchases = i64::from(state.purchase_count).saturating_add(self.purchase_count).max(0);
        state.purchase_count = u32::try_from(purchases).unwrap_or(u32::MAX);
        state.spend = state.spend.saturating_add(self.spend);
        state.last_purchase_at = state.last_purchase_at.max(self.last_purchase_at);
        state.last_activity_at =
            self.last_activity_at.map_or(state.last_activity_at, |at| at.max(state.last_activity_at));
        for day in &self.purchase_days {
            if let Err(position) = state.purchase_days.binary_search(day) {
                state.purchase_days.insert(position, *day);
            }
        }
    }
}

impl Counted {
    /// How a counter changed from `before`; all of it if there was none.
    pub fn since(counter: &Counter, before: Option<&Counter>) -> Self {
        let (times, points) = before.map_or((0, 0), |before| (i64::from(before.times), before.points));
        Self {
            rule: counter.rule,
            period: counter.period,
            bucket: counter.bucket,
            times: i64::from(counter.times).saturating_sub(times),
            points: counter.points.saturating_sub(points),
        }
    }

    /// The same taken back.
    #[must_use]
    pub fn reversed(self) -> Self {
        Self { times: self.times.saturating_neg(), points: self.points.saturating_neg(), ..self }
    }

    fn count_in(self, counters: &mut Vec<Counter>) {
        let same = |found: &Counter| {
            found.rule == self.rule && found.period == self.period && found.bucket == self.bucket
        };
        let position = counters.iter().position(same).unwrap_or_else(|| {
            let Self { rule, period, bucket, .. } = self;
            counters.push(Counter { rule, period, bucket, times: 0, points: 0 });
            counters.len() - 1
        });
        let counter = &mut counters[position];
        let times = i64::from(counter.times).saturating_add(self.times).max(0);
        counter.times = u32::try_from(times).unwrap_or(u32::MAX);
        counter.points = counter.points.saturating_add(self.points).max(0);
    }
}

impl Booking<'_> {
    /// Sends points and debts on their way to the account of the other entry of the pair.
    pub fn send_all(&mut self, moved: &Moved) -> Result<(), OutOfRange> {
        for part in &moved.parts {
            self.send(part)?;
        }
        let accounts = (LedgerAccount::Transfer, LedgerAccount::MemberDebt);
        for debt in &moved.debts {
            self.post(accounts, debt.points, 0, debt.unit, OWN_FUNDER, None)?;
        }
        Ok(())
    }

    /// Takes what the other entry of the pair sent; debts are repaid from it, or from what is there.
    pub fn receive_all(&mut self, moved: &Moved) -> Result<(), OutOfRange> {
        for part in &moved.parts {
            self.receive(part)?;
        }
        let accounts = (LedgerAccount::MemberDebt, LedgerAccount::Transfer);
        for debt in &moved.debts {
            self.post(accounts, debt.points, 0, debt.unit, OWN_FUNDER, None)?;
            self.repay_from_origin(debt)?;
        }
        let units: Vec<Code> = self.state.balances.iter().map(|balance| balance.unit).collect();
        units.into_iter().try_for_each(|unit| self.repay_debt(unit))
    }

    /// Pays a debt from what is left of the points that are taken back.
    fn repay_from_origin(&mut self, debt: &MovedDebt) -> Result<(), OutOfRange> {
        let account_id = self.state.account_id;
        let theirs = |lot: &&Lot| Some(lot.issued_by(account_id)) == debt.of && lot.unit == debt.unit;
        let lots: Vec<MovedLot> = self
            .state
            .lots
            .iter()
            .filter(theirs)
            .map(|lot| MovedLot::of(lot, account_id, lot.remaining))
            .collect();
        let mut left = debt.points;
        for lot in lots {
            let points = lot.points.min(left);
            let accounts = (lot.account(), LedgerAccount::MemberDebt);
            self.post(accounts, points, lot.lot_no, lot.unit, lot.funder, None)?;
            left -= points;
        }
        Ok(())
    }
}
