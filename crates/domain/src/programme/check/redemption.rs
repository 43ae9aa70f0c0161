//! Checks how points are spent: the terms of a unit, and the rewards of the catalogue.

use super::Findings;
use super::conditions::amount;
use super::kinds::no_stored_value;
use crate::burn::PAYMENT_METHOD_POINTS;
use crate::code::Code;
use crate::document::TEXT_LENGTH_MAX;
use crate::money::AMOUNT_MAX;
use crate::programme::limits::{GRACE_DAYS_MAX, HOLD_MINUTES_MAX, REWARD_POINTS_MAX};
use crate::programme::{Exact, PointsValue, Programme, Redemption, Reward, Unit, UnitKind};

/// The terms of one unit.
pub(super) fn check_terms(programme: &Programme, unit: &Unit, field: &str, findings: &mut Findings) {
    let Some(terms) = &unit.redemption else { return };
    let field = format!("{field}.redemption");
    if unit.kind == UnitKind::GrowthValue {
        let message = "growth value only decides tiers and cannot be spent";
        findings.error(&field, unit.code, message, "Remove it, or make the unit points");
    }
    findings.range(&format!("{field}.step"), terms.step, 1, REWARD_POINTS_MAX);
    findings.range(&format!("{field}.minimum"), terms.minimum, 1, REWARD_POINTS_MAX);
    if let Some(maximum) = terms.maximum {
        findings.range(&format!("{field}.maximum"), maximum, 1, REWARD_POINTS_MAX);
        // The smallest number that is a whole step and not below the minimum.
        let least = terms.step.max(1).saturating_mul(terms.minimum.saturating_sub(1) / terms.step.max(1) + 1);
        if maximum < least {
            let remedy = format!("Use {least} or more, or a smaller step");
            findings.error(
                &format!("{field}.maximum"),
                maximum,
                "leaves no number of points to spend",
                &remedy,
            );
        }
    }
    findings.range(&format!("{field}.share_percent"), terms.share_percent, 1, 100);
    findings.range(&format!("{field}.hold_minutes"), terms.hold_minutes, 1, HOLD_MINUTES_MAX);
    findings.range(&format!("{field}.return_grace_days"), terms.return_grace_days, 0, GRACE_DAYS_MAX);
    if let Some(value) = &terms.value {
        check_value(programme, terms, value, &field, findings);
        if unit.kind != UnitKind::StoredValue {
            check_earning(programme, findings);
        }
    }
}

fn check_value(
    programme: &Programme,
    terms: &Redemption,
    value: &PointsValue,
    field: &str,
    findings: &mut Findings,
) {
    findings.range(&format!("{field}.value.points"), value.points, 1, REWARD_POINTS_MAX);
    amount(programme, &format!("{field}.value.money"), value.money, findings);
    if value.money <= Exact::whole(0) {
        findings.error(&format!("{field}.value.money"), value.money, "pays nothing", "Use more than 0");
    }
    if terms.step > 0 && terms.worth(terms.step, programme.decimals()).is_none() {
        let message = "one step would pay a fraction of the smallest coin";
        let remedy = "Use a step whose value is a whole number of minor units";
        findings.error(&format!("{field}.step"), terms.step, message, remedy);
    }
}

/// Warns where what points pay earns points again. Stored value is money: what it pays may earn.
fn check_earning(programme: &Programme, findings: &mut Findings) {
    let earns = !programme.earning.excluded_payments.iter().any(|method| method == PAYMENT_METHOD_POINTS);
    if earns && !programme.rules.is_empty() {
        let message = "what is paid with points earns points again";
        let remedy = format!("Add \"{PAYMENT_METHOD_POINTS}\" to earning.excluded_payments");
        findings.warning("earning.excluded_payments", "", message, &remedy);
    }
}

/// One reward.
pub(super) fn check_reward(programme: &Programme, reward: &Reward, field: &str, findings: &mut Findings) {
    if programme.unit(reward.unit).is_none() {
        let message = "is not a unit of this programme";
        findings.error(&format!("{field}.unit"), reward.unit, message, "Use the code of a unit");
    } else if programme.redemption(reward.unit).is_none() {
        let message = "has no terms of redemption, so nothing can be paid in it";
        findings.error(&format!("{field}.unit"), reward.unit, message, "Give the unit a redemption");
    }
    let what = "it pays at the till, and rewards have a price in points";
    no_stored_value(programme, reward.unit, &format!("{field}.unit"), what, findings);
    check_price(programme, &format!("{field}.price"), (reward.price.points, reward.price.money), findings);
    for (position, price) in reward.tier_prices.iter().enumerate() {
        let field = format!("{field}.tier_prices[{position}]");
        check_tier(programme, price.tier, &format!("{field}.tier"), findings);
        check_price(programme, &field, (price.points, price.money), findings);
        if reward.tier_prices[..position].iter().any(|earlier| earlier.tier == price.tier) {
            let message = "has a price already";
            findings.error(&format!("{field}.tier"), price.tier, message, "Keep one price for each tier");
        }
    }
    if let (Some(from), Some(until)) = (reward.from, reward.until)
        && until < from
    {
        findings.error(
            &format!("{field}.until"),
            until,
            "the reward ends before it starts",
            "Swap the dates",
        );
    }
    for tier in &reward.tier {
        check_tier(programme, *tier, &format!("{field}.tier"), findings);
    }
    for segment in &reward.segment {
        if programme.segments.iter().all(|known| known.code != *segment) {
            let message = "is not a segment of this programme";
            findings.error(&format!("{field}.segment"), segment, message, "Declare it under segments");
        }
    }
    limits(reward, field, findings);
    house(programme, reward, field, findings);
}

fn check_tier(programme: &Programme, tier: Code, field: &str, findings: &mut Findings) {
    if programme.tier(tier).is_none() {
        let message = "is not a tier of this programme";
        findings.error(field, tier, message, "Use the code of a tier of a ladder");
    }
}

fn check_price(
    programme: &Programme,
    field: &str,
    (points, money): (i64, Option<Exact>),
    findings: &mut Findings,
) {
    findings.range(&format!("{field}.points"), points, 1, REWARD_POINTS_MAX);
    if let Some(money) = money {
        amount(programme, &format!("{field}.money"), money, findings);
        if money <= Exact::whole(0) {
            findings.error(&format!("{field}.money"), money, "is no money", "Remove it, or use more than 0");
        }
    }
}

fn limits(reward: &Reward, field: &str, findings: &mut Findings) {
    for (position, limit) in reward.limits.iter().enumerate() {
        let field = format!("{field}.limits[{position}]");
        findings.range(&format!("{field}.times"), limit.times, 1, u32::MAX);
        if reward.limits[..position].iter().any(|earlier| earlier.per == limit.per) {
            findings.error(&field, "", "another limit has the same span", "Keep the smaller one");
        }
    }
    if let Some(stock) = reward.stock {
        findings.range(&format!("{field}.stock"), stock, 0, AMOUNT_MAX);
        if reward.limits.is_empty() && stock > 0 {
            let message = "one member could take the whole stock";
            findings.warning(&format!("{field}.stock"), stock, message, "Add a limit for each member");
        }
    }
}

fn house(programme: &Programme, reward: &Reward, field: &str, findings: &mut Findings) {
    if let Some(cost) = reward.cost {
        amount(programme, &format!("{field}.cost"), cost, findings);
    }
    if let Some(category) = &reward.category
        && (category.is_empty() || category.len() > TEXT_LENGTH_MAX)
    {
        let remedy = format!("Use 1 to {TEXT_LENGTH_MAX} bytes");
        findings.error(&format!("{field}.category"), category, "is empty or too long", &remedy);
    }
}
