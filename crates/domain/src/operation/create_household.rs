//! Opening a household: an account that earns nothing, holds no tier and belongs to nobody yet.

use crate::ids::AccountId;
use crate::ledger::{AccountState, Booking, Fact, Pool};
use crate::operation::join_household::rules;
use crate::operation::{Context, Entries, Failure, tiers};

/// Opens a household without members.
pub fn create_household(
    account_id: AccountId,
    context: &Context<'_>,
) -> Result<(AccountState, Entries), Failure> {
    rules(context)?;
    let at = context.now;
    let mut state = AccountState::new(account_id, at);
    state.pool = Some(Pool::default());
    let version = context.programmes.version_at(at);
    let booking = Booking::open(&mut state, at, at, version, context.actor)?;
    let standing = tiers::standing(booking.state, context.programmes, at);
    let entry = booking.close(Fact::HouseholdCreated, standing);
    Ok((state, vec![entry]))
}
