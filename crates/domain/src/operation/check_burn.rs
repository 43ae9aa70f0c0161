//! Bounds that every document about spending must keep, checked before anything is loaded or decided.

use crate::burn::{
    Cancellation, Capture, Fulfilment, HoldRequest, HoldVoid, REWARD_QUANTITY_MAX, RewardOrder,
};
use crate::document::{DocumentKey, TEXT_LENGTH_MAX};
use crate::money::AMOUNT_MAX;
use crate::operation::{NOTE_LENGTH_MAX, check_key};
use crate::programme::limits::HOLD_MINUTES_MAX;
use crate::refusal::Refusal;

/// Checks the request for a hold.
pub fn check_hold(request: &HoldRequest) -> Result<(), Refusal> {
    check_key("", &request.key)?;
    check_points("points", request.points)?;
    if let Some(minutes) = request.minutes
        && !(1..=HOLD_MINUTES_MAX).contains(&minutes)
    {
        let remedy = format!("use 1 to {HOLD_MINUTES_MAX}");
        return Err(Refusal::field("minutes", minutes, remedy));
    }
    check_text("purpose", request.purpose.as_deref(), TEXT_LENGTH_MAX)
}

/// Checks a capture.
pub fn check_capture(capture: &Capture) -> Result<(), Refusal> {
    check_keys(&capture.key, "hold.", &capture.hold)?;
    capture.points.map_or(Ok(()), |points| check_points("points", points))
}

/// Checks the void of a hold.
pub fn check_hold_void(void: &HoldVoid) -> Result<(), Refusal> {
    check_keys(&void.key, "hold.", &void.hold)?;
    check_reason(void.reason.as_deref())
}

/// Checks the order of a reward.
pub fn check_reward_order(order: &RewardOrder) -> Result<(), Refusal> {
    check_key("", &order.key)?;
    if (1..=REWARD_QUANTITY_MAX).contains(&order.quantity) {
        return Ok(());
    }
    Err(Refusal::field("quantity", order.quantity, format!("use 1 to {REWARD_QUANTITY_MAX}")))
}

/// Checks a cancellation.
pub fn check_cancellation(cancellation: &Cancellation) -> Result<(), Refusal> {
    check_keys(&cancellation.key, "redemption.", &cancellation.redemption)?;
    check_reason(cancellation.reason.as_deref())
}

/// Checks a fulfilment.
pub fn check_fulfilment(fulfilment: &Fulfilment) -> Result<(), Refusal> {
    check_keys(&fulfilment.key, "redemption.", &fulfilment.redemption)
}

/// Checks the reason that somebody gave for what they did.
pub fn check_reason(reason: Option<&str>) -> Result<(), Refusal> {
    check_text("reason", reason, NOTE_LENGTH_MAX)
}

/// Checks words that may be left out.
fn check_text(field: &str, text: Option<&str>, length_max: usize) -> Result<(), Refusal> {
    match text {
        Some(text) if text.is_empty() || text.len() > length_max || text.chars().any(char::is_control) => {
            let remedy = format!("use 1 to {length_max} bytes without control characters, or leave it out");
            Err(Refusal::field(field, text, remedy))
        }
        _ => Ok(()),
    }
}

fn check_keys(key: &DocumentKey, prefix: &str, named: &DocumentKey) -> Result<(), Refusal> {
    check_key("", key)?;
    check_key(prefix, named)
}

/// Checks a number of points: at least one, within range.
pub(super) fn check_points(field: &str, points: i64) -> Result<(), Refusal> {
    if points > AMOUNT_MAX {
        return Err(Refusal::AmountTooLarge { field: field.to_owned() });
    }
    if points < 1 { Err(Refusal::field(field, points, "use a whole number from 1 on")) } else { Ok(()) }
}
