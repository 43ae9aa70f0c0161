//! Fulfilling a redemption: the reward was handed out. No points move; from now on it cannot be cancelled.

use crate::burn::Fulfilment;
use crate::ledger::{AccountState, Booking, Entry, Fact, RedemptionState};
use crate::operation::cancel_redemption::{check_requested, not_a_redemption};
use crate::operation::{
    Context, Entries, Failure, advance, check_fulfilment, require_active_or_merged, tiers,
};

/// Notes that the reward of `redemption`, which stands at `stands`, was handed out.
pub fn fulfil_redemption(
    state: &mut AccountState,
    redemption: &Entry,
    stands: RedemptionState,
    fulfilment: Fulfilment,
    context: &Context<'_>,
) -> Result<Entries, Failure> {
    check_fulfilment(&fulfilment)?;
    require_active_or_merged(state)?;
    if !matches!(redemption.fact, Fact::RewardRedeemed { .. }) {
        return Err(not_a_redemption(&fulfilment.redemption, "fulfilled").into());
    }
    check_requested(&fulfilment.redemption, stands)?;
    let mut entries = Vec::new();
    let context = &advance::settle(state, context, &mut entries)?;
    let occurred_at = fulfilment.occurred_at;
    let programme = context.programme_for_return(occurred_at, redemption)?;
    let booking = Booking::open(state, occurred_at, context.now, programme.version(), context.actor)?;
    let standing = tiers::standing(booking.state, context.programmes, occurred_at);
    let redemption_no = redemption.id.entry_no;
    entries.push(booking.close(Fact::RedemptionFulfilled { fulfilment, redemption_no }, standing));
    Ok(entries)
}
