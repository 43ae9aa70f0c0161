//! Paying parts of a purchase from the member's balances; here with points: at the worth the programme gives them, in its steps, up to its share of
//! the basket, from what the member can spend or from a hold at the hold's terms.

use jiff::Timestamp;

use crate::burn::PAYMENT_METHOD_POINTS;
use crate::code::Code;
use crate::document::{DocumentKey, Purchase};
use crate::ledger::{AccountState, Booking, LedgerAccount, OutOfRange, PointsSpent, Released};
use crate::operation::check_burn::check_points;
use crate::operation::hold_points::{check_available, open_hold, redemption, release};
use crate::operation::pay_with_stored_value::{self, StoredValue};
use crate::operation::{Context, Failure, check_key};
use crate::programme::CompiledProgramme;
use crate::refusal::Refusal;

/// Bounds of the payments in points of a purchase, checked with the rest of it.
pub(super) fn check_tenders(purchase: &Purchase) -> Result<(), Refusal> {
    for (position, payment) in purchase.payments.iter().enumerate() {
        let field = |name: &str| format!("payments[{position}].{name}");
        pay_with_stored_value::check_tender(payment, &field)?;
        if let Some(hold) = payment.hold() {
            let name = if payment.points.is_some() { "points.hold" } else { "stored_value.hold" };
            check_key(&field(&format!("{name}.")), hold)?;
            if purchase.payments[..position].iter().any(|earlier| earlier.hold() == Some(hold)) {
                let remedy = "this hold pays already: one payment ends it";
                return Err(Refusal::field(field(name), &hold.reference, remedy));
            }
        }
        let Some(tender) = &payment.points else { continue };
        if payment.method != PAYMENT_METHOD_POINTS {
            let remedy = format!("a payment in points has the method {PAYMENT_METHOD_POINTS}");
            return Err(Refusal::field(field("method"), &payment.method, remedy));
        }
        check_points(&field("points.points"), tender.points)?;
    }
    Ok(())
}

/// When the holds that a purchase names time out, asked before time passes: what is gone afterwards timed out.
pub(super) fn holds_named(state: &AccountState, purchase: &Purchase) -> Vec<(DocumentKey, Timestamp)> {
    purchase.holds().filter_map(|key| Some((key.clone(), state.hold(key)?.ends_at))).collect()
}

/// What a purchase's payments from the member's balances take, by the terms that hold for each; nothing has moved yet.
pub(super) fn plan(
    state: &AccountState,
    purchase: &Purchase,
    programme: &CompiledProgramme,
    context: &Context<'_>,
    holds: &[(DocumentKey, Timestamp)],
) -> Result<Vec<PointsSpent>, Refusal> {
    let (mut planned, mut in_points): (Vec<PointsSpent>, Vec<PointsSpent>) = (Vec::new(), Vec::new());
    for (position, payment) in purchase.payments.iter().enumerate() {
        let field = format!("payments[{position}]");
        if let Some(tender) = &payment.stored_value {
            let stored = StoredValue { state, programme, context, holds };
            planned.extend(stored.plan(tender, payment.amount, &planned, &field)?);
            continue;
        }
        let Some(tender) = &payment.points else { continue };
        let (version, spent) = if let Some(key) = &tender.hold {
            let (version, spent) = from_hold(
                state,
                key,
                (tender.unit, tender.points),
                &format!("{field}.points"),
                context,
                holds,
            )?;
            points_only(version, spent.unit, &field)?;
            (version, spent)
        } else {
            let unit = tender.unit.unwrap_or_else(|| programme.main_unit().code());
            points_only(programme, unit, &field)?;
            let terms = redemption(programme, unit, "used to pay")?;
            terms.check_points(&format!("{field}.points.points"), unit, tender.points)?;
            let before = planned_of(&planned, unit);
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
        let spent = PointsSpent { amount: worth, ..spent };
        in_points.push(spent.clone());
        planned.push(spent);
    }
    check_share(purchase, &in_points, context)?;
    pay_with_stored_value::check_total(purchase, &planned)?;
    Ok(planned)
}

/// What earlier payments of the same purchase take of a unit, holds apart.
pub(super) fn planned_of(planned: &[PointsSpent], unit: Code) -> i64 {
    let before = planned.iter().filter(|earlier| earlier.unit == unit && earlier.hold_no.is_none());
    before.fold(0, |sum: i64, earlier| sum.saturating_add(earlier.points))
}

/// Money is not spent as points: its receipts would not say which is which.
fn points_only(programme: &CompiledProgramme, unit: Code, field: &str) -> Result<(), Refusal> {
    if programme.programme().stored_value(Some(unit)).is_none() {
        return Ok(());
    }
    let remedy = "stored value is money: give the payment a stored_value instead of points";
    Err(Refusal::field(format!("{field}.points.unit"), unit, remedy))
}

pub(super) fn spent(
    programme: &CompiledProgramme,
    unit: Code,
    points: i64,
    hold_no: Option<u32>,
) -> PointsSpent {
    let programme_version = programme.version();
    PointsSpent { unit, points, amount: 0, programme_version, hold_no, released: Released::default() }
}

/// Points of an open hold that pay; `field` is the tender's path.
pub(super) fn from_hold<'a>(
    state: &AccountState,
    key: &DocumentKey,
    (unit, points): (Option<Code>, i64),
    field: &str,
    context: &Context<'a>,
    holds: &[(DocumentKey, Timestamp)],
) -> Result<(&'a CompiledProgramme, PointsSpent), Refusal> {
    let before = holds.iter().find(|(named, _)| named == key).map(|(_, ends_at)| *ends_at);
    let hold = open_hold(state, key, before)?;
    if let Some(unit) = unit.filter(|unit| *unit != hold.unit) {
        let remedy = format!("the hold keeps {}: leave the unit out", hold.unit);
        return Err(Refusal::field(format!("{field}.unit"), unit, remedy));
    }
    let kept = hold.points();
    if points > kept {
        return Err(Refusal::CaptureExceedsHold { field: format!("{field}.points"), points, held: kept });
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

/// All points of points payments together may not pay more than the share that the terms of each allow.
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
