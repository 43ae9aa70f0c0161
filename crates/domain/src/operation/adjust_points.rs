//! Adjusting points by hand: a reason, and above the programme's limit a second person.

use jiff::Timestamp;

use crate::calendar;
use crate::code::Code;
use crate::ledger::{AccountState, Actor, Booking, Fact, LedgerAccount, LotTerms};
use crate::money::AMOUNT_MAX;
use crate::operation::{Context, Entries, Failure, OWN_FUNDER, advance, require_active, tiers};
use crate::programme::CompiledProgramme;
use crate::refusal::Refusal;

/// The reason code of a reward that another system handed out: the points count as redeemed.
pub const REASON_REDEMPTION: &str = "redemption";
/// Longest note in bytes.
pub const NOTE_LENGTH_MAX: usize = 1_000;

/// Points to add to or take from a member.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Adjustment {
    /// The unit.
    pub unit: Code,
    /// More than 0 adds, less than 0 takes.
    pub points: i64,
    /// Why, as a code.
    pub reason: Code,
    /// Why, in words.
    pub note: String,
    /// When it applies (business time).
    pub occurred_at: Timestamp,
    /// The second person, once there is one.
    pub approved_by: Option<Actor>,
}

/// Checks an adjustment against the bounds and the programme: number, note, and whether a second person is needed.
pub fn check_adjustment(
    adjustment: &Adjustment,
    programme: &CompiledProgramme,
    actor: &str,
) -> Result<(), Refusal> {
    if adjustment.points == 0 || !(-AMOUNT_MAX..=AMOUNT_MAX).contains(&adjustment.points) {
        let remedy = format!("use a whole number other than 0, within ±{AMOUNT_MAX}");
        return Err(Refusal::field("points", adjustment.points, remedy));
    }
    if adjustment.note.trim().is_empty() || adjustment.note.len() > NOTE_LENGTH_MAX {
        let remedy = format!("say why in 1 to {NOTE_LENGTH_MAX} bytes");
        return Err(Refusal::field("note", &adjustment.note, remedy));
    }
    if programme.unit(adjustment.unit).is_none() {
        return Err(Refusal::UnitUnknown { unit: adjustment.unit });
    }
    if programme.programme().stored_value(Some(adjustment.unit)).is_some() {
        let remedy = "stored value is money: record a top-up or a refund";
        return Err(Refusal::field("unit", adjustment.unit, remedy));
    }
    let limit = programme.programme().policies.adjustment_approval_above;
    let points = adjustment.points.saturating_abs();
    match &adjustment.approved_by {
        Some(approver) if approver == actor => Err(Refusal::ApproverIsRequester { actor: actor.to_owned() }),
        None if points > limit => Err(Refusal::ApprovalNeeded { points, limit }),
        _ => Ok(()),
    }
}

/// Adds or takes points. Taking never goes below what can be spent.
pub fn adjust_points(
    state: &mut AccountState,
    adjustment: Adjustment,
    context: &Context<'_>,
) -> Result<Entries, Failure> {
    require_active(state)?;
    let mut entries = Vec::new();
    let context = &advance::settle(state, context, &mut entries)?;
    let programme = context.programme_for(adjustment.occurred_at)?;
    check_adjustment(&adjustment, programme, context.actor)?;
    let version = programme.version();
    let mut booking = Booking::open(state, adjustment.occurred_at, context.now, version, context.actor)?;
    if adjustment.points > 0 {
        add(&mut booking, &adjustment, programme, context.now)?;
    } else {
        take(&mut booking, &adjustment)?;
    }
    tiers::upgrade(&mut booking, programme, adjustment.occurred_at);
    let standing = tiers::standing(booking.state, context.programmes, adjustment.occurred_at);
    let Adjustment { unit, points, reason, note, approved_by, .. } = adjustment;
    entries.push(booking.close(Fact::PointsAdjusted { unit, points, reason, note, approved_by }, standing));
    advance::schedule(state, context.programmes);
    Ok(entries)
}

fn add(
    booking: &mut Booking<'_>,
    adjustment: &Adjustment,
    programme: &CompiledProgramme,
    now: Timestamp,
) -> Result<(), Failure> {
    let on = calendar::local(adjustment.occurred_at, programme.zone()).date();
    let unit = adjustment.unit;
    let expires_at = programme.unit(unit).and_then(|found| programme.lapses_at(found, on, now));
    let funder = OWN_FUNDER;
    let terms =
        LotTerms { unit, funder, cohort: calendar::month_number(on), pending_until: None, expires_at };
    let lot_no = booking.lot(&terms)?;
    let accounts = (LedgerAccount::Adjustment, LedgerAccount::MemberAvailable);
    booking.post(accounts, adjustment.points, lot_no, unit, funder, None)?;
    booking.repay_debt(unit)?;
    Ok(())
}

fn take(booking: &mut Booking<'_>, adjustment: &Adjustment) -> Result<(), Failure> {
    if !booking.state.lots_loaded {
        return Err(Failure::LotsNeeded);
    }
    let asked = adjustment.points.saturating_abs();
    let available = booking.state.balance(adjustment.unit).available;
    if asked > available {
        return Err(Refusal::InsufficientPoints { unit: adjustment.unit, asked, available }.into());
    }
    let to = if adjustment.reason.as_str() == REASON_REDEMPTION {
        LedgerAccount::Redeemed
    } else {
        LedgerAccount::Adjustment
    };
    booking.take_spendable(adjustment.unit, asked, to, None)?;
    Ok(())
}
