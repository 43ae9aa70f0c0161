//! Capturing a hold: some or all of its points are spent, from its lots in their order. What it keeps stays reserved
//! until the next capture, the void or the time-out, unless the caller releases the rest.

use crate::burn::Capture;
use crate::ledger::{AccountState, Booking, Fact, LedgerAccount, Released};
use crate::operation::hold_points::{open_hold, release};
use crate::operation::{Context, Entries, Failure, advance, check_capture, require_active, tiers};
use crate::refusal::Refusal;
use crate::seeded::{Bug, planted};

/// Spends points of an open hold. Returns the entries that were due first, then the capture's own. A hold that is
/// not open is refused; who keeps ended holds can say how it ended: see [`super::missing_hold`].
pub fn capture_hold(
    state: &mut AccountState,
    capture: Capture,
    context: &Context<'_>,
) -> Result<Entries, Failure> {
    check_capture(&capture)?;
    require_active(state)?;
    if !state.lots_loaded {
        return Err(Failure::LotsNeeded);
    }
    let ends_at = state.hold(&capture.hold).map(|hold| hold.ends_at);
    let mut entries = Vec::new();
    let context = &advance::settle(state, context, &mut entries)?;
    context.programme_for(capture.occurred_at)?;
    let mut hold = open_hold(state, &capture.hold, ends_at)?.clone();
    let kept = hold.points();
    let points = capture.points.unwrap_or(kept);
    if points > kept {
        return Err(Refusal::CaptureExceedsHold { field: "points".to_owned(), points, held: kept }.into());
    }

    let version = hold.programme_version;
    let mut booking = Booking::open(state, capture.occurred_at, context.now, version, context.actor)?;
    let (hold_no, unit) = (hold.hold_no, hold.unit);
    if planted(Bug::CaptureFromLastLot) {
        hold.lots.reverse();
    }
    booking.take_held(&mut hold, points, LedgerAccount::Redeemed)?;
    booking.state.holds.retain(|known| known.hold_no != hold_no);
    let mut released = Released::default();
    if capture.release_rest {
        released = release(&mut booking, context.programmes, hold.clone(), context.now)?;
        hold.lots.clear();
    }
    let left = hold.points();
    if left > 0 {
        // Kept in order of their entries, whatever was captured in between.
        let position = booking.state.holds.partition_point(|known| known.hold_no < hold_no);
        booking.state.holds.insert(position, hold);
    }
    let standing = tiers::standing(booking.state, context.programmes, capture.occurred_at);
    let fact = Fact::HoldCaptured { capture, hold_no, unit, points, left, released };
    entries.push(booking.close(fact, standing));
    advance::schedule(state, context.programmes);
    Ok(entries)
}
