//! Checks voucher templates and statements: nothing without an end and a limit, amounts and references sound.

use super::{Findings, conditions};
use crate::document::TEXT_LENGTH_MAX;
use crate::money::AMOUNT_MAX;
use crate::programme::limits::{
    DECIMALS_MAX, EXPIRY_DAYS_MAX, EXPIRY_MONTHS_MAX, VOUCHER_ISSUE_MAX, VOUCHER_USES_MAX,
};
use crate::programme::{
    Exact, Holder, Programme, Statement, UnitKind, VoucherEffect, VoucherScope, VoucherTemplate,
};

pub(super) fn check(programme: &Programme, template: &VoucherTemplate, field: &str, findings: &mut Findings) {
    effect(programme, template, &format!("{field}.effect"), findings);
    scope(&template.scope, &format!("{field}.scope"), findings);
    if let Some(minimum) = template.minimum {
        conditions::amount(programme, &format!("{field}.minimum"), minimum, findings);
    }
    if let Some(cost) = template.cost {
        conditions::amount(programme, &format!("{field}.cost"), cost, findings);
    }
    window(template, field, findings);
    findings.range(&format!("{field}.uses"), template.uses, 1, VOUCHER_USES_MAX);
    if template.holder != Holder::Bearer && template.uses > 1 && template.issue_max.is_none() {
        // Personal vouchers of a statement are used once: their points were spent once.
        let message = "a statement's voucher is paid for once";
        findings.error(&format!("{field}.uses"), template.uses, message, "Use 1, or state issue_max");
    }
    match template.issue_max {
        Some(most) => findings.range(&format!("{field}.issue_max"), most, 1, VOUCHER_ISSUE_MAX),
        None if programme.statements.iter().any(|statement| statement.voucher == template.code) => {}
        None => {
            let message = "nothing says how many may be issued";
            findings.error(
                &format!("{field}.issue_max"),
                "",
                message,
                "State the most that may ever be issued",
            );
        }
    }
}

fn effect(programme: &Programme, template: &VoucherTemplate, field: &str, findings: &mut Findings) {
    match &template.effect {
        VoucherEffect::Amount(off) => {
            if let Some(amount) = off.amount {
                above_nothing(programme, &format!("{field}.amount.amount"), amount, findings);
            }
        }
        VoucherEffect::Percent(off) => {
            let percent_field = format!("{field}.percent.percent");
            if off.percent.scaled(2).is_none()
                || off.percent <= Exact::whole(0)
                || off.percent > Exact::whole(100)
            {
                let message = "is not a part of the price";
                findings.error(
                    &percent_field,
                    off.percent,
                    message,
                    "Use more than 0, at most 100, with 2 decimals",
                );
            }
            if let Some(maximum) = off.maximum {
                above_nothing(programme, &format!("{field}.percent.maximum"), maximum, findings);
            }
        }
        VoucherEffect::Item(item) => {
            findings.range(&format!("{field}.item.quantity"), item.quantity, 1, 1_000);
        }
        VoucherEffect::SpendAndSave(step) => {
            let field = format!("{field}.spend_and_save");
            above_nothing(programme, &format!("{field}.every"), step.every, findings);
            above_nothing(programme, &format!("{field}.save"), step.save, findings);
            if step.save > step.every {
                let message = "more is saved than spent";
                findings.error(
                    &format!("{field}.save"),
                    step.save,
                    message,
                    "Save at most what a step asks for",
                );
            }
            if let Some(times) = step.times {
                findings.range(&format!("{field}.times"), times, 1, 1_000);
            }
        }
        VoucherEffect::FreeDelivery(delivery) => {
            let field = format!("{field}.free_delivery");
            if delivery.tag.is_empty() || delivery.tag.len() > TEXT_LENGTH_MAX {
                let remedy = format!("Use 1 to {TEXT_LENGTH_MAX} bytes");
                findings.error(&format!("{field}.tag"), &delivery.tag, "is not a tag of a line", &remedy);
            }
            if let Some(maximum) = delivery.maximum {
                above_nothing(programme, &format!("{field}.maximum"), maximum, findings);
            }
        }
    }
}

fn above_nothing(programme: &Programme, field: &str, amount: Exact, findings: &mut Findings) {
    if amount <= Exact::whole(0) {
        findings.error(field, amount, "is no amount to save or spend", "Use more than 0");
    } else {
        conditions::amount(programme, field, amount, findings);
    }
}

fn scope(scope: &VoucherScope, field: &str, findings: &mut Findings) {
    let none = Vec::new();
    let lists = [
        ("channel", &scope.channel, &none),
        ("store", &scope.store, &none),
        ("category", &scope.category, &scope.except_category),
        ("brand", &scope.brand, &scope.except_brand),
        ("sku", &scope.sku, &scope.except_sku),
        ("tag", &scope.tag, &scope.except_tag),
    ];
    for (name, asked, refused) in lists {
        findings.texts(&format!("{field}.{name}"), asked);
        let except = format!("{field}.except_{name}");
        findings.texts(&except, refused);
        conditions::contradiction(&except, asked, refused, findings);
    }
}

/// A voucher without an end is a liability without an end.
fn window(template: &VoucherTemplate, field: &str, findings: &mut Findings) {
    if let (Some(from), Some(until)) = (template.from, template.until)
        && until < from
    {
        findings.error(&format!("{field}.until"), until, "ends before it starts", "Swap the dates");
    }
    if template.until.is_none() && template.valid.is_none() {
        let message = "it would be valid for ever";
        findings.error(
            &format!("{field}.valid"),
            "",
            message,
            "State until, or valid after its issue, or both",
        );
    }
    let Some(rolling) = &template.valid else { return };
    let field = format!("{field}.valid");
    match (rolling.months, rolling.days) {
        (Some(months), None) => findings.range(&format!("{field}.months"), months, 1, EXPIRY_MONTHS_MAX),
        (None, Some(days)) => findings.range(&format!("{field}.days"), days, 0, EXPIRY_DAYS_MAX),
        (None, None) => findings.error(&field, "", "says neither months nor days", "Give months or days"),
        (Some(_), Some(_)) => findings.error(&field, "", "says both months and days", "Give one of them"),
    }
}

pub(super) fn check_statement(
    programme: &Programme,
    statement: &Statement,
    field: &str,
    findings: &mut Findings,
) {
    match programme.unit(statement.unit) {
        None => {
            let message = "is not a unit of this programme";
            findings.error(&format!("{field}.unit"), statement.unit, message, "Use the code of a unit");
        }
        Some(unit) if unit.kind != UnitKind::Points => {
            let message = match unit.kind {
                UnitKind::StoredValue => "stored value is money already, and is paid back as money",
                UnitKind::Miles => "miles are their partner's: a voucher would make them ours",
                UnitKind::GrowthValue | UnitKind::Points => "growth value cannot be spent",
            };
            findings.error(&format!("{field}.unit"), statement.unit, message, "Use a unit of kind points");
        }
        Some(unit) => {
            let worth = statement.money_value_minor.unwrap_or(unit.money_value_minor);
            if worth <= Exact::whole(0) || worth.decimals() > DECIMALS_MAX {
                let remedy = format!("Use more than 0, with at most {DECIMALS_MAX} decimals");
                let message = "a voucher needs a worth of its points";
                findings.error(&format!("{field}.money_value_minor"), worth, message, &remedy);
            }
        }
    }
    findings.range(&format!("{field}.minimum"), statement.minimum, 0, AMOUNT_MAX);
    findings.range(&format!("{field}.step"), statement.step, 1, AMOUNT_MAX);
    match programme.voucher(statement.voucher) {
        None => {
            let message = "is not a voucher of this programme";
            findings.error(
                &format!("{field}.voucher"),
                statement.voucher,
                message,
                "Use the code of a template",
            );
        }
        Some(template) => {
            let own_value = matches!(&template.effect, VoucherEffect::Amount(off) if off.amount.is_none());
            if !own_value || template.holder != Holder::Personal {
                let message = "is no personal amount without a sum of its own";
                let remedy = "Use a template with holder = \"personal\" and effect.amount = {}";
                findings.error(&format!("{field}.voucher"), statement.voucher, message, remedy);
            }
        }
    }
}
