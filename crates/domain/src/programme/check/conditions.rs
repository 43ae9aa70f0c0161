//! Checks the conditions of a rule: references known, nothing that can never hold.

use super::Findings;
use crate::code::Code;
use crate::programme::limits::AMOUNT_CONDITION_MAX;
use crate::programme::{Conditions, Exact, Programme, PurchaseNumber, Rule, Trigger};

pub(super) fn check(programme: &Programme, rule: &Rule, field: &str, findings: &mut Findings) {
    let conditions = &rule.conditions;
    references(programme, conditions, field, findings);
    lists(conditions, field, findings);
    days(rule, conditions, field, findings);
    numbers(programme, conditions, field, findings);
    if rule.trigger != Trigger::Purchase {
        needs_purchase(conditions, field, findings);
    }
}

fn references(programme: &Programme, conditions: &Conditions, field: &str, findings: &mut Findings) {
    let tiers = [("tier", &conditions.tier), ("except_tier", &conditions.except_tier)];
    for (name, codes) in tiers {
        for code in codes.iter().filter(|code| programme.tier(**code).is_none()) {
            let field = format!("{field}.{name}");
            findings.error(
                &field,
                code,
                "is not a tier of this programme",
                "Use the code of a tier of a ladder",
            );
        }
    }
    let segments = [("segment", &conditions.segment), ("except_segment", &conditions.except_segment)];
    for (name, codes) in segments {
        let known = |code: &Code| programme.segments.iter().any(|segment| segment.code == *code);
        for code in codes.iter().filter(|code| !known(code)) {
            let field = format!("{field}.{name}");
            findings.error(&field, code, "is not a segment of this programme", "Declare it under segments");
        }
    }
}

fn lists(conditions: &Conditions, field: &str, findings: &mut Findings) {
    let pairs = [
        ("channel", &conditions.channel, &conditions.except_channel),
        ("store", &conditions.store, &conditions.except_store),
        ("payment", &conditions.payment, &conditions.except_payment),
        ("category", &conditions.category, &conditions.except_category),
        ("brand", &conditions.brand, &conditions.except_brand),
        ("sku", &conditions.sku, &conditions.except_sku),
        ("tag", &conditions.tag, &conditions.except_tag),
    ];
    for (name, asked, refused) in pairs {
        findings.texts(&format!("{field}.{name}"), asked);
        findings.texts(&format!("{field}.except_{name}"), refused);
        contradiction(&format!("{field}.except_{name}"), asked, refused, findings);
    }
    contradiction(&format!("{field}.except_tier"), &conditions.tier, &conditions.except_tier, findings);
    contradiction(
        &format!("{field}.except_segment"),
        &conditions.segment,
        &conditions.except_segment,
        findings,
    );
}

pub(super) fn contradiction<T: PartialEq + std::fmt::Display>(
    field: &str,
    asked: &[T],
    refused: &[T],
    findings: &mut Findings,
) {
    for value in asked.iter().filter(|value| refused.contains(value)) {
        findings.error(field, value, "is asked for and refused at once", "Remove it from one of the lists");
    }
}

fn days(rule: &Rule, conditions: &Conditions, field: &str, findings: &mut Findings) {
    for day in conditions.day_of_month.iter().filter(|day| !(1..=31).contains(*day)) {
        findings.error(&format!("{field}.day_of_month"), day, "is not a day of a month", "Use 1 to 31");
    }
    let lists = [("dates", &conditions.dates), ("except_dates", &conditions.except_dates)];
    for (name, windows) in lists {
        for (position, window) in windows.iter().enumerate() {
            let field = format!("{field}.{name}[{position}]");
            if window.until < window.from {
                let field = format!("{field}.until");
                findings.error(&field, window.until, "the window ends before it starts", "Swap the dates");
            }
            let outside = rule.from.is_some_and(|from| window.until < from)
                || rule.until.is_some_and(|until| window.from > until);
            if name == "dates" && outside {
                let message = "lies outside the rule's own window, so it can never hold";
                findings.error(
                    &field,
                    window.from,
                    message,
                    "Change the window or the rule's from and until",
                );
            }
        }
    }
    if let Some(time) = conditions.time.as_ref().filter(|time| time.from == time.until) {
        let field = format!("{field}.time");
        findings.error(
            &field,
            time.from,
            "the window is empty",
            "Make until later than from, or drop the condition",
        );
    }
}

fn numbers(programme: &Programme, conditions: &Conditions, field: &str, findings: &mut Findings) {
    let amounts = [
        ("amount_min", conditions.amount_min),
        ("amount_max", conditions.amount_max),
        ("lines_amount_min", conditions.lines_amount_min),
    ];
    for (name, value) in amounts {
        if let Some(value) = value {
            amount(programme, &format!("{field}.{name}"), value, findings);
        }
    }
    if let (Some(least), Some(most)) = (conditions.amount_min, conditions.amount_max)
        && least > most
    {
        let message = "the minimum is above the maximum, so it can never hold";
        findings.error(&format!("{field}.amount_min"), least, message, "Swap the amounts");
    }
    if let Some(quantity) = conditions.quantity_min
        && (quantity.scaled(3).is_none() || quantity <= Exact::whole(0))
    {
        let field = format!("{field}.quantity_min");
        findings.error(
            &field,
            quantity,
            "is not a number of items",
            "Use more than 0, with at most 3 decimals",
        );
    }
    if let Some(days) = conditions.shopping_days_min {
        findings.range(&format!("{field}.shopping_days_min"), days, 1, 31);
    }
    if let Some(PurchaseNumber::Exactly(0) | PurchaseNumber::Every(0)) = conditions.purchase_number {
        findings.error(&format!("{field}.purchase_number"), 0, "purchases count from 1", "Use 1 or more");
    }
}

/// Refuses amounts that are negative, too large, or finer than the currency.
pub(super) fn amount(programme: &Programme, field: &str, value: Exact, findings: &mut Findings) {
    findings.range(field, value, Exact::whole(0), Exact::whole(AMOUNT_CONDITION_MAX));
    if value.scaled(programme.decimals()).is_none() {
        let remedy = format!("{} has {} decimals", programme.currency, programme.decimals());
        findings.error(field, value, "is finer than the currency's smallest coin", &remedy);
    }
}

/// Refuses conditions on a purchase under rules that look at something else.
fn needs_purchase(conditions: &Conditions, field: &str, findings: &mut Findings) {
    let asks = [
        ("channel", !conditions.channel.is_empty() || !conditions.except_channel.is_empty()),
        ("store", !conditions.store.is_empty() || !conditions.except_store.is_empty()),
        ("payment", !conditions.payment.is_empty() || !conditions.except_payment.is_empty()),
        ("purchase_number", conditions.purchase_number.is_some()),
        ("amount_min", conditions.amount_min.is_some()),
        ("amount_max", conditions.amount_max.is_some()),
        ("quantity_min", conditions.quantity_min.is_some()),
        ("lines_amount_min", conditions.lines_amount_min.is_some()),
        ("category", conditions.chooses_lines()),
    ];
    for (name, _) in asks.iter().filter(|(_, asked)| *asked) {
        let message = "asks about a purchase, but the rule looks at something else";
        findings.error(&format!("{field}.{name}"), "", message, "Remove the condition or the rule's trigger");
    }
}
