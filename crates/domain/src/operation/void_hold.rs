//! Voiding a hold: what it still keeps goes back to the lots it came from, in the same entry.

use crate::burn::HoldVoid;
use crate::ledger::{AccountState, Booking, Fact};
use crate::operation::hold_points::{open_hold, release};
use crate::operation::{Context, Entries, Failure, advance, check_hold_void, require_active, tiers};

/// Gives up an open hold. Returns the entries that were due first, then the void's own. A hold that is not open is
/// refused; who keeps ended holds can say how it ended: see [`super::missing_hold`].
pub fn void_hold(
    state: &mut AccountState,
    void: HoldVoid,
    context: &Context<'_>,
) -> Result<Entries, Failure> {
    check_hold_void(&void)?;
    require_active(state)?;
    if !state.lots_loaded {
        return Err(Failure::LotsNeeded);
    }
    let ends_at = state.hold(&void.hold).map(|hold| hold.ends_at);
    let mut entries = Vec::new();
    let context = &advance::settle(state, context, &mut entries)?;
    context.programme_for(void.occurred_at)?;
    let hold = open_hold(state, &void.hold, ends_at)?.clone();

    let (hold_no, unit) = (hold.hold_no, hold.unit);
    let version = hold.programme_version;
    let mut booking = Booking::open(state, void.occurred_at, context.now, version, context.actor)?;
    booking.state.holds.retain(|known| known.hold_no != hold_no);
    let released = release(&mut booking, context.programmes, hold, context.now)?;
    let standing = tiers::standing(booking.state, context.programmes, void.occurred_at);
    entries.push(booking.close(Fact::HoldVoided { void, hold_no, unit, released }, standing));
    advance::schedule(state, context.programmes);
    Ok(entries)
}
