//! What happens to an account by time alone: pending points are released, points lapse, holds time out, tiers are
//! reviewed.
//! Every command runs this first, so a late sweep and a punctual one leave the same ledger.

use jiff::Timestamp;

use crate::calendar;
use crate::code::Code;
use crate::ledger::{AccountState, Booking, Entry, Fact, LedgerAccount};
use crate::operation::{Context, Failure, hold_points, tiers};
use crate::programme::{CompiledProgramme, Programmes};
use crate::seeded::{Bug, planted};

/// The name under which the platform itself acts.
pub const SYSTEM: &str = "system";

/// Posts everything that is due before the next entry can be recorded, one entry for each due instant and kind, in
/// the order of time.
pub fn advance(
    state: &mut AccountState,
    programmes: &Programmes,
    now: Timestamp,
    entries: &mut Vec<Entry>,
) -> Result<(), Failure> {
    while let Some(due_at) = state.next_due_at {
        let clock = state.clock(now)?;
        if due_at > clock || (due_at == clock && planted(Bug::EndIncluded)) {
            break;
        }
        if !state.lots_loaded {
            return Err(Failure::LotsNeeded);
        }
        release(state, programmes, due_at, now, entries)?;
        expire(state, programmes, due_at, now, entries)?;
        hold_points::time_out(state, programmes, due_at, now, entries)?;
        tiers::review(state, programmes, due_at, now, entries)?;
        let before = state.next_due_at;
        schedule(state, programmes);
        if state.next_due_at == before {
            // Nothing moved although something was due: the programme that ordered it is gone. Do not spin.
            state.next_due_at = None;
        }
    }
    Ok(())
}

/// Lets time pass up to a command: what is due is posted, and the context returned has the time at which the
/// command's own entry is recorded. All that the command decides, it decides at that time.
pub(super) fn settle<'a>(
    state: &mut AccountState,
    context: &Context<'a>,
    entries: &mut Vec<Entry>,
) -> Result<Context<'a>, Failure> {
    advance(state, context.programmes, context.now, entries)?;
    Ok(Context { now: state.clock(context.now)?, ..*context })
}

/// Recomputes when something next happens by time alone. With lots not loaded, the earlier answer for the old
/// lots still holds, because only loaded lots can have changed.
pub(super) fn schedule(state: &mut AccountState, programmes: &Programmes) {
    let lots_due_at = state.lots.iter().filter_map(crate::ledger::Lot::due_at).min();
    state.lots_due_at =
        if state.lots_loaded { lots_due_at } else { earliest(lots_due_at, state.lots_due_at) };
    let inactivity = inactivity_programme(state, programmes).and_then(|found| inactivity_at(state, found));
    let review = state.tiers.iter().filter_map(|standing| standing.review_at).min();
    let hold =
        if planted(Bug::HoldNeverEnds) { None } else { state.holds.iter().map(|hold| hold.ends_at).min() };
    state.next_due_at = earliest(earliest(earliest(state.lots_due_at, inactivity), review), hold);
}

/// Whether all points of a unit have lapsed for want of activity by an instant.
pub(super) fn is_idle(state: &AccountState, programmes: &Programmes, unit: Code, at: Timestamp) -> bool {
    inactivity_programme(state, programmes)
        .and_then(|programme| unit_inactivity_at(state, programme, unit))
        .is_some_and(|end| end <= at)
}

fn earliest(a: Option<Timestamp>, b: Option<Timestamp>) -> Option<Timestamp> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    }
}

/// The programme that says how long a member may be inactive: the one in force at the last activity. A later
/// version neither shortens nor lengthens what was promised then.
fn inactivity_programme<'a>(
    state: &AccountState,
    programmes: &'a Programmes,
) -> Option<&'a CompiledProgramme> {
    programmes.at(state.last_activity_at).map(AsRef::as_ref)
}

/// When the first unit that lapses by inactivity does so.
fn inactivity_at(state: &AccountState, programme: &CompiledProgramme) -> Option<Timestamp> {
    state
        .balances
        .iter()
        .filter(|balance| balance.available > 0)
        .filter_map(|balance| unit_inactivity_at(state, programme, balance.unit))
        .min()
}

fn unit_inactivity_at(state: &AccountState, programme: &CompiledProgramme, unit: Code) -> Option<Timestamp> {
    let active_on = calendar::local(state.last_activity_at, programme.zone()).date();
    programme.unit(unit)?.inactive_at(active_on)
}

fn release(
    state: &mut AccountState,
    programmes: &Programmes,
    due_at: Timestamp,
    now: Timestamp,
    entries: &mut Vec<Entry>,
) -> Result<(), Failure> {
    let due: Vec<_> = state
        .lots
        .iter()
        .filter(|lot| lot.remaining > 0 && lot.pending_until.is_some_and(|until| until <= due_at))
        .map(|lot| (lot.lot_no, lot.unit, lot.remaining, lot.funder))
        .collect();
    if due.is_empty() {
        return Ok(());
    }
    let version = programmes.version_at(due_at);
    let mut booking = Booking::open(state, due_at, now, version, SYSTEM)?;
    booking.as_of(due_at);
    for (lot_no, unit, amount, funder) in due {
        let accounts = (LedgerAccount::MemberPending, LedgerAccount::MemberAvailable);
        booking.post(accounts, amount, lot_no, unit, funder, None)?;
        if !planted(Bug::ReleaseSkipsDebt) {
            booking.repay_debt(unit)?;
        }
    }
    let standing = tiers::standing(booking.state, programmes, due_at);
    entries.push(booking.close(Fact::PointsReleased, standing));
    Ok(())
}

fn expire(
    state: &mut AccountState,
    programmes: &Programmes,
    due_at: Timestamp,
    now: Timestamp,
    entries: &mut Vec<Entry>,
) -> Result<(), Failure> {
    let inactive = |unit: Code| is_idle(state, programmes, unit, due_at);
    let due: Vec<_> = state
        .lots
        .iter()
        .filter(|lot| lot.remaining > 0)
        .filter(|lot| {
            lot.expires_at.is_some_and(|end| end <= due_at)
                || (lot.pending_until.is_none() && inactive(lot.unit))
        })
        .map(|lot| (lot.lot_no, lot.unit, lot.remaining, lot.funder, lot.pending_until.is_some()))
        .collect();
    if due.is_empty() {
        return Ok(());
    }
    let version = programmes.version_at(due_at);
    let mut booking = Booking::open(state, due_at, now, version, SYSTEM)?;
    for (lot_no, unit, amount, funder, pending) in due {
        let from = if pending { LedgerAccount::MemberPending } else { LedgerAccount::MemberAvailable };
        booking.post((from, LedgerAccount::Expired), amount, lot_no, unit, funder, None)?;
    }
    let standing = tiers::standing(booking.state, programmes, due_at);
    entries.push(booking.close(Fact::PointsExpired, standing));
    Ok(())
}
