//! Changing whether a member of a household may spend what is pooled. No point moves for it, and holds that they made
//! stay.

use jiff::Timestamp;

use crate::ids::AccountId;
use crate::ledger::{AccountState, Fact};
use crate::operation::{Context, Entries, Failure, note_fact};
use crate::refusal::Refusal;

/// Lets a member of a household spend what is pooled, or no more.
pub fn change_household_member(
    household: &mut AccountState,
    (member, may_spend): (AccountId, bool),
    occurred_at: Timestamp,
    context: &Context<'_>,
) -> Result<Entries, Failure> {
    let account_id = household.account_id;
    let pool = household.pool.as_mut().ok_or(Refusal::NotAHousehold { account_id })?;
    let found = pool.members.iter_mut().find(|one| one.account_id == member);
    let missing = Refusal::NotInHousehold { account_id: member, household: account_id };
    found.ok_or(missing)?.may_spend = may_spend;
    note_fact(household, Fact::HouseholdMemberChanged { member, may_spend }, occurred_at, context)
}
