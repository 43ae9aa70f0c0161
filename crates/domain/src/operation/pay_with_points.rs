//! Paying a part of a purchase with points: at the worth the programme gives them, in its steps, up to its share of
//! the basket, from what the member can spend or from a hold at the hold's terms.

use jiff::Timestamp;

use crate::burn::{PAYMENT_METHOD_POINTS, PointsTender};
use crate::code::Code;
use crate::document::{DocumentKey, Purchase};
use crate::ledger::{AccountState, Booking, LedgerAccount, OutOfRange, PointsSpent, Released};
use crate::operation::check_burn::check_points;
use crate::operation::hold_points::{check_available, open_hold, redemption, release};
use crate::operation::{Context, Failure, check_key};
use crate::programme::CompiledProgramme;
use crate::refusal::Refusal;

/// Bounds of the payments in points of a purchase, checked with the rest of it.
pub(super) fn check_tenders(purchase: &Purchase) -> Result<(), Refusal> {
    for (position, payment) in purchase.payments.iter().enumerate() {
        let Some(tender) = &payment.points else { continue };
        let field = |name: &str| format!("payments[{position}].{name}");
        if payment.method != PAYMENT_METHOD_POINTS {
            let remedy = format!("a payment in points has the method {PAYMENT_METHOD_POINTS}");
            return Err(Refusal::field(field("method"), &payment.method, remedy));
        }
        check_points(&field("points.points"), tender.points)?;
        if let Some(hold) = &tender.hold {
            check_key(&field("points.hold."), hold)?;
            let earlier = purchase.payments[..position].iter().filter_map(|payment| payment.points.as_ref());
            if earlier.filter_map(|earlier| earlier.hold.as_ref()).any(|earlier| earlier == hold) {
                let remedy = "this hold pays already: one payment ends it";
                return Err(Refusal::field(field("points.hold"), &hold.reference, remedy));
            }
        }
    }
    Ok(())
}

/// Whether points pay a part of a purchase: its decision then needs the member's lots.
pub(super) fn pays_with_points(purchase: &Purchase) -> bool {
    purchase.payments.iter().any(|payment| payment.points.is_some())
}

/// When the holds that a purchase names time out, asked before time passes: what is gone afterwards timed out.
pub(super) fn holds_named(state: &AccountState, purchase: &Purchase) -> Vec<(DocumentKey, Timestamp)> {
    let tenders = purchase.payments.iter().filter_map(|payment| payment.points.as_ref());
    let holds = tenders.filter_map(|tender| tender.hold.as_ref());
    holds.filter_map(|key| Some((key.clone(), state.hold(key)?.ends_at))).collect()
}

/// What a purchase's payments in points take, by the terms that hold for each; nothing has moved yet.
pub(super) fn plan(
    state: &AccountState,
    purchase: &Purchase,
    programme: &CompiledProgramme,
    context: &Context<'_>,
    holds: &[(DocumentKey, Timestamp)],
) -> Result<Vec<PointsSpent>, Refusal> {
    let mut planned: Vec<PointsSpent> = Vec::new();
    for (position, payment) in purchase.payments.iter().enumerate() {
        let Some(tender) = &payment.points else { continue };
        let field = format!("payments[{position}]");
        let (version, spent) = if let Some(key) = &tender.hold {
            from_hold(state, key, tender, &field, context, holds)?
        } else {
            let unit = tender.unit.unwrap_or_else(|| programme.main_unit().code());
            let terms = redemption(programme, unit, "used to pay")?;
            terms.check_points(&format!("{field}.points.points"), unit, tender.points)?;
            let before = planned.iter().filter(|earlier| earlier.unit == unit && earlier.hold_no.is_none());
            let before = before.fold(0, |sum: i64, earlier| sum.saturating_add(earlier.points));
            check_available(state, unit, before.saturating_add(tender.points))?;
            (programme, spent(programme, unit, tender.points, None))
        };
        let worth = worth(version, &spent, &field)?;
        if worth != payment.amount {
            return Err(Refusal::PointsWorthDiffers {
                field: format!("{field}.amount"),
                unit: spent.unit,
                points: spent.points,
                amount: payment.amount,
                worth,
                version: version.version(),
            });
        }
        planned.push(PointsSpent { amount: worth, ..spent });
    }
    check_share(purchase, &planned, context)?;
    Ok(planned)
}

fn spent(programme: &CompiledProgramme, unit: Code, points: i64, hold_no: Option<u32>) -> PointsSpent {
    let programme_version = programme.version();
    PointsSpent { unit, points, amount: 0, programme_version, hold_no, released: Released::default() }
}

fn from_hold<'a>(
    state: &AccountState,
    key: &DocumentKey,
    tender: &PointsTender,
    field: &str,
    context: &Context<'a>,
    holds: &[(DocumentKey, Timestamp)],
) -> Result<(&'a CompiledProgramme, PointsSpent), Refusal> {
    let before = holds.iter().find(|(named, _)| named == key).map(|(_, ends_at)| *ends_at);
    let hold = open_hold(state, key, before)?;
    if let Some(unit) = tender.unit.filter(|unit| *unit != hold.unit) {
        let remedy = format!("the hold keeps {}: leave the unit out", hold.unit);
        return Err(Refusal::field(format!("{field}.points.unit"), unit, remedy));
    }
    let (points, kept) = (tender.points, hold.points());
    if points > kept {
        return Err(Refusal::CaptureExceedsHold {
            field: format!("{field}.points.points"),
            points,
            held: kept,
        });
    }
    let version = context.programmes.version(hold.programme_version);
    let version = version.ok_or_else(|| super::missing_hold(key, None))?;
    Ok((version, spent(version, hold.unit, points, Some(hold.hold_no))))
}

/// What points pay under the terms of a version.
fn worth(version: &CompiledProgramme, spent: &PointsSpent, field: &str) -> Result<i64, Refusal> {
    let (unit, points) = (spent.unit, spent.points);
    let terms = redemption(version, unit, "used to pay")?;
    if terms.value.is_none() {
        return Err(Refusal::UnitNotRedeemable { unit, what: "used to pay".to_owned() });
    }
    let field = format!("{field}.points.points");
    let step = terms.step;
    terms.worth(points, version.programme().decimals()).ok_or(Refusal::PointsNotInSteps {
        field,
        unit,
        points,
        step,
    })
}

/// All points together may not pay more than the share that the terms of each allow.
fn check_share(purchase: &Purchase, planned: &[PointsSpent], context: &Context<'_>) -> Result<(), Refusal> {
    let paid = planned.iter().fold(0, |sum: i64, spent| sum.saturating_add(spent.amount));
    let total = purchase.total().unwrap_or(0);
    for spent in planned {
        let version = context.programmes.version(spent.programme_version);
        let terms = version.and_then(|version| version.programme().redemption(spent.unit));
        let allowed = terms.map_or(0, |terms| terms.share_of(total));
        if paid > allowed {
            return Err(Refusal::PointsShareExceeded { unit: spent.unit, paid, allowed });
        }
    }
    Ok(())
}

/// Takes the points. A hold that pays ends: what it keeps beyond goes back.
pub(super) fn take(
    booking: &mut Booking<'_>,
    planned: &mut [PointsSpent],
    context: &Context<'_>,
) -> Result<(), Failure> {
    for spent in planned {
        let Some(hold_no) = spent.hold_no else {
            booking.take_spendable(spent.unit, spent.points, LedgerAccount::Redeemed, None)?;
            continue;
        };
        let position = booking.state.holds.iter().position(|hold| hold.hold_no == hold_no);
        let mut hold = booking.state.holds.remove(position.ok_or(OutOfRange)?);
        booking.take_held(&mut hold, spent.points, LedgerAccount::Redeemed)?;
        spent.released = release(booking, context.programmes, hold, context.now)?;
    }
    Ok(())
}
