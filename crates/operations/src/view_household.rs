//! One household, whole: its pool, who belongs to it and may spend, what each would take along, and what makes leaving
//! wait. Everything is told as whoever spends or leaves now will find it.

use std::collections::HashMap;

use domain::code::Code;
use domain::ids::AccountId;
use domain::ledger::{AccountState, Balance, Hold, Lot, Moved, PoolMember};
use domain::operation::{self, Context};
use domain::programme::Programmes;
use domain::refusal::Refusal;
use jiff::Timestamp;
use store::{PersonName, Reader};

use crate::command::MemberReference;
use crate::engine::Engine;
use crate::error::OperationError;
use crate::view_member::resolve;

/// A household.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HouseholdView {
    /// Its account.
    pub household_id: AccountId,
    /// What staff and members call it.
    pub name: Option<String>,
    /// When it was opened.
    pub opened_at: Timestamp,
    /// What is pooled, by unit.
    pub balances: Vec<Balance>,
    /// Lots of the pool with something left, soonest expiry first.
    pub lots: Vec<Lot>,
    /// Holds of the pool: nobody leaves before they end.
    pub holds: Vec<Hold>,
    /// Its members, in the order in which they joined.
    pub members: Vec<HouseholdMember>,
}

/// A member of a household.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HouseholdMember {
    /// The member.
    pub member_id: AccountId,
    /// The name, if known.
    pub name: Option<String>,
    /// Whether they may spend what is pooled.
    pub may_spend: bool,
    /// When they joined.
    pub since: Timestamp,
    /// What they would take along if they left now, by unit.
    pub share: Vec<Share>,
    /// Points of their own account that are not pooled yet, by unit: they are pending or held.
    pub own: Vec<Balance>,
}

/// What goes along with a member who leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Share {
    /// The unit.
    pub unit: Code,
    /// Points that are left of those they brought.
    pub points: i64,
    /// What is owed; only the last one takes that along.
    pub debt: i64,
}

/// A household and its members with what time has made spendable in the pool.
pub(crate) struct Gathered {
    pub(crate) household: AccountState,
    pub(crate) members: Vec<AccountState>,
}

impl Engine {
    /// A household, by its id.
    pub async fn view_household(&self, household: AccountId) -> Result<HouseholdView, OperationError> {
        let mut reader = self.database().snapshot().await?;
        let id = resolve(&mut reader, &MemberReference::Id(household)).await?;
        let found = gather(&mut reader, &[id], (&self.programmes(), self.clock().now())).await?;
        let names = name_all(&mut reader, &found).await?;
        reader.finish().await?;
        let unknown = || Refusal::Unknown { what: "household".to_owned(), value: household.to_string() };
        Ok(found.first().map(|gathered| gathered.view(&names)).ok_or_else(unknown)?)
    }
}

/// The households among some accounts, in their order.
pub(crate) async fn gather(
    reader: &mut Reader,
    ids: &[AccountId],
    (programmes, now): (&Programmes, Timestamp),
) -> Result<Vec<Gathered>, OperationError> {
    let mut households = reader.accounts(ids).await?;
    households.retain(|_, state| state.is_household());
    let all: Vec<AccountId> = households.values().flat_map(members).map(|member| member.account_id).collect();
    let mut states = reader.accounts(&all).await?;
    let context = Context { programmes, now, actor: "" };
    let mut gathered = Vec::with_capacity(households.len());
    for id in ids {
        let Some(mut household) = households.remove(id) else { continue };
        let mut theirs: Vec<AccountState> =
            members(&household).filter_map(|member| states.remove(&member.account_id)).collect();
        operation::gather_household(&mut household, &mut theirs, &context)?;
        gathered.push(Gathered { household, members: theirs });
    }
    Ok(gathered)
}

/// The names of households and of all who belong to them.
pub(crate) async fn name_all(
    reader: &mut Reader,
    found: &[Gathered],
) -> Result<HashMap<AccountId, PersonName>, OperationError> {
    let ids = found.iter().flat_map(|gathered| {
        std::iter::once(gathered.household.account_id)
            .chain(members(&gathered.household).map(|member| member.account_id))
    });
    Ok(reader.person_names(&ids.collect::<Vec<_>>()).await?)
}

/// Who belongs to a household; nobody where the account is none.
pub(crate) fn members(household: &AccountState) -> impl Iterator<Item = &PoolMember> {
    household.pool.iter().flat_map(|pool| &pool.members)
}

impl Gathered {
    /// The account of a member, or of the household itself.
    pub(crate) fn account(self, account_id: AccountId) -> Option<AccountState> {
        std::iter::once(self.household).chain(self.members).find(|state| state.account_id == account_id)
    }

    /// The household as it is told.
    pub(crate) fn view(&self, names: &HashMap<AccountId, PersonName>) -> HouseholdView {
        let household = &self.household;
        let name = |id: AccountId| names.get(&id).and_then(|person| person.name.clone());
        let member = |member: &PoolMember| {
            let own = self.members.iter().find(|state| state.account_id == member.account_id);
            let kept = |balance: &&Balance| balance.pending > 0 || balance.held > 0;
            HouseholdMember {
                member_id: member.account_id,
                name: name(member.account_id),
                may_spend: member.may_spend,
                since: member.since,
                share: shares(&household.share_of(member.account_id)),
                own: own.iter().flat_map(|state| &state.balances).filter(kept).copied().collect(),
            }
        };
        let mut lots: Vec<Lot> = household.lots.iter().filter(|lot| lot.open()).cloned().collect();
        lots.sort_by_key(Lot::spending_order);
        HouseholdView {
            household_id: household.account_id,
            name: name(household.account_id),
            opened_at: household.enrolled_at,
            balances: household.balances.clone(),
            lots,
            holds: household.holds.clone(),
            members: members(household).map(member).collect(),
        }
    }
}

/// What moves, summed up by unit.
fn shares(moved: &Moved) -> Vec<Share> {
    let points = moved.parts.iter().map(|part| (part.unit, part.points, 0));
    let debts = moved.debts.iter().map(|debt| (debt.unit, 0, debt.points));
    let mut shares: Vec<Share> = Vec::new();
    for (unit, points, debt) in points.chain(debts) {
        match shares.iter_mut().find(|share| share.unit == unit) {
            Some(share) => {
                share.points = share.points.saturating_add(points);
                share.debt = share.debt.saturating_add(debt);
            }
            None => shares.push(Share { unit, points, debt }),
        }
    }
    shares
}

impl HouseholdView {
    /// A member of it.
    pub fn member(&self, member_id: AccountId) -> Option<&HouseholdMember> {
        self.members.iter().find(|member| member.member_id == member_id)
    }

    /// What the pool has of a unit.
    pub fn balance(&self, unit: Code) -> Option<&Balance> {
        self.balances.iter().find(|balance| balance.unit == unit)
    }
}
