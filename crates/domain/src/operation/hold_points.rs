//! Holding points: they stay the member's, in their lots, but nothing else can spend them until the hold is captured,
//! voided or timed out. The terms of the day on which it is made hold to its end.

use jiff::{Timestamp, ToSpan};

use crate::burn::HoldRequest;
use crate::code::Code;
use crate::document::DocumentKey;
use crate::ledger::{
    AccountState, Booking, Entry, Fact, Hold, HoldState, LedgerAccount, OutOfRange, Released,
};
use crate::operation::advance::{self, SYSTEM};
use crate::operation::join_household::check_spender;
use crate::operation::{Context, Entries, Failure, check_hold, require_active, tiers};
use crate::programme::{CompiledProgramme, Programmes, Redemption};
use crate::refusal::Refusal;
use crate::seeded::{Bug, planted};

/// Most open holds of one member.
pub const HOLDS_MAX: usize = 64;

/// Reserves points of the account's member. Returns the entries that were due first, then the hold's own.
pub fn hold_points(
    state: &mut AccountState,
    request: HoldRequest,
    context: &Context<'_>,
) -> Result<Entries, Failure> {
    check_hold(&request)?;
    require_active(state)?;
    check_spender(state, request.spender)?;
    if !state.lots_loaded {
        return Err(Failure::LotsNeeded);
    }
    let mut entries = Vec::new();
    let context = &advance::settle(state, context, &mut entries)?;
    let programme = context.programme_for(request.occurred_at)?;
    check_quote(request.programme_version, programme)?;
    let unit = request.unit.unwrap_or_else(|| programme.main_unit().code());
    let terms = redemption(programme, unit, "held")?;
    terms.check_points("points", unit, request.points)?;
    check_available(state, unit, request.points)?;
    if state.holds.len() >= HOLDS_MAX {
        return Err(Refusal::TooManyHolds { open: state.holds.len() }.into());
    }
    let minutes = request.minutes.unwrap_or(terms.hold_minutes).min(terms.hold_minutes);
    let ends_at = context.now.checked_add(i64::from(minutes).minutes()).map_err(|_| OutOfRange)?;

    let version = programme.version();
    let mut booking = Booking::open(state, request.occurred_at, context.now, version, context.actor)?;
    let lots = booking.hold(unit, request.points)?;
    let hold_no = booking.entry_no();
    let (key, purpose) = (request.key.clone(), request.purpose.clone());
    booking.state.holds.push(Hold { hold_no, key, unit, lots, ends_at, programme_version: version, purpose });
    let standing = tiers::standing(booking.state, context.programmes, request.occurred_at);
    entries.push(booking.close(Fact::PointsHeld { hold: request, unit, ends_at }, standing));
    advance::schedule(state, context.programmes);
    Ok(entries)
}

/// Refuses what was quoted under other terms than those in force.
pub(super) fn check_quote(quoted: Option<u32>, programme: &CompiledProgramme) -> Result<(), Refusal> {
    match quoted {
        Some(quoted) if quoted != programme.version() && !planted(Bug::QuoteIgnored) => {
            Err(Refusal::TermsChanged { quoted, version: programme.version() })
        }
        _ => Ok(()),
    }
}

/// The terms under which a unit is spent.
pub(super) fn redemption<'a>(
    programme: &'a CompiledProgramme,
    unit: Code,
    what: &str,
) -> Result<&'a Redemption, Refusal> {
    let found = programme.unit(unit).ok_or(Refusal::UnitUnknown { unit })?;
    found.unit.redemption.as_ref().ok_or_else(|| Refusal::UnitNotRedeemable { unit, what: what.to_owned() })
}

pub(super) fn check_available(state: &AccountState, unit: Code, asked: i64) -> Result<(), Refusal> {
    let available = state.balance(unit).available;
    if asked > available { Err(Refusal::InsufficientPoints { unit, asked, available }) } else { Ok(()) }
}

/// An open hold to change, once time has passed: refused if it timed out by then, or if there is none.
pub(super) fn open_hold<'a>(
    state: &'a AccountState,
    key: &DocumentKey,
    before: Option<Timestamp>,
) -> Result<&'a Hold, Refusal> {
    state.hold(key).ok_or_else(|| missing_hold(key, before.map(|ends_at| (HoldState::Expired, ends_at))))
}

/// Why a hold that is not open cannot be used: how it ended and when it would have timed out, as far as known.
pub fn missing_hold(key: &DocumentKey, ended: Option<(HoldState, Timestamp)>) -> Refusal {
    let (source_name, reference) = (key.source.clone(), key.reference.clone());
    match ended {
        None | Some((HoldState::Open, _)) => Refusal::HoldUnknown { source_name, reference },
        Some((HoldState::Expired, ended_at)) => Refusal::HoldExpired { source_name, reference, ended_at },
        Some((state @ (HoldState::Captured | HoldState::Voided), _)) => {
            Refusal::HoldEnded { source_name, reference, how: state.name().to_owned() }
        }
    }
}

/// Gives back what a hold still keeps. Points whose lot ended meanwhile lapse in the same entry; what is left repays
/// debt first.
pub(super) fn release(
    booking: &mut Booking<'_>,
    programmes: &Programmes,
    mut hold: Hold,
    at: Timestamp,
) -> Result<Released, OutOfRange> {
    let (unit, points) = (hold.unit, hold.points());
    let taken = booking.take_held(&mut hold, points, LedgerAccount::MemberAvailable)?;
    let idle = advance::is_idle(booking.state, programmes, unit, at);
    let mut released = Released { points, lapsed: 0 };
    for (lot_no, part) in taken {
        let lot = booking.state.lots.iter().find(|lot| lot.lot_no == lot_no).ok_or(OutOfRange)?;
        let (funder, ended) = (lot.funder, lot.expires_at.is_some_and(|end| end <= at));
        if (ended || idle) && !planted(Bug::HoldOutlivesLot) {
            let accounts = (LedgerAccount::MemberAvailable, LedgerAccount::Expired);
            booking.post(accounts, part, lot_no, unit, funder, None)?;
            released.lapsed = released.lapsed.checked_add(part).ok_or(OutOfRange)?;
        }
    }
    booking.repay_debt(unit)?;
    Ok(released)
}

/// Ends the holds that have timed out by an instant, each with an entry of its own.
pub(super) fn time_out(
    state: &mut AccountState,
    programmes: &Programmes,
    due_at: Timestamp,
    now: Timestamp,
    entries: &mut Vec<Entry>,
) -> Result<(), Failure> {
    while let Some(position) = state.holds.iter().position(|hold| hold.ends_at <= due_at) {
        let hold = state.holds.remove(position);
        let (hold_no, unit) = (hold.hold_no, hold.unit);
        let mut booking = Booking::open(state, due_at, now, hold.programme_version, SYSTEM)?;
        booking.as_of(due_at);
        let released = release(&mut booking, programmes, hold, due_at)?;
        let standing = tiers::standing(booking.state, programmes, due_at);
        entries.push(booking.close(Fact::HoldExpired { hold_no, unit, released }, standing));
    }
    Ok(())
}
