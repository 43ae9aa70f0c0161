//! Checks what each kind of unit may not be: stored value is money and nothing that rules give, growth value only counts,
//! miles are a partner's and worth nothing in our books.

use super::Findings;
use super::conditions::amount;
use crate::code::Code;
use crate::programme::limits::BONUS_POINTS_MAX;
use crate::programme::{
    Exact, Expiry, Pending, Profile, Programme, SpendingOrder, TopUpBonus, Unit, UnitKind,
};

/// One unit by its kind.
pub(super) fn check(programme: &Programme, unit: &Unit, field: &str, findings: &mut Findings) {
    let worth = unit.money_value_minor;
    let no_worth = match unit.kind {
        UnitKind::Points => None,
        UnitKind::GrowthValue => Some("growth value cannot be spent, so it is worth no money"),
        UnitKind::StoredValue => Some("stored value is money, not points that are worth some"),
        UnitKind::Miles => Some("miles are their partner's: valued here they would mix with what we owe"),
    };
    if let Some(message) = no_worth.filter(|_| worth != Exact::whole(0)) {
        let remedy = "Set it to 0, or make the unit points";
        findings.error(&format!("{field}.money_value_minor"), worth, message, remedy);
    }
    if unit.kind == UnitKind::StoredValue {
        stored_value(programme, unit, field, findings);
    } else if unit.top_up_bonus.is_some() {
        let message = "only stored value is topped up";
        let remedy = "Remove it, or make the unit stored_value";
        findings.error(&format!("{field}.top_up_bonus"), unit.code, message, remedy);
    }
}

fn stored_value(programme: &Programme, unit: &Unit, field: &str, findings: &mut Findings) {
    if programme.units.first() == Some(unit) {
        let message = "the first unit is what members collect, and money is not collected";
        findings.error(&format!("{field}.kind"), "stored_value", message, "Put a unit of points before it");
    }
    if unit.pending != Pending::None {
        let message = "money paid in can be spent at once";
        findings.error(&format!("{field}.pending"), unit.code, message, "Remove it");
    }
    if !unit.pays_like_money(programme.decimals()) {
        let message = "each of it is the smallest coin and pays as much, in any number";
        let coins = 10_i64.pow(programme.decimals());
        let remedy = format!("Set value = {{ points = {coins}, money = \"1\" }}, step 1, share_percent 100");
        findings.error(&format!("{field}.redemption"), unit.code, message, &remedy);
    }
    law(programme, unit, field, findings);
    if let Some(bonus) = &unit.top_up_bonus {
        top_up_bonus(programme, unit, bonus, &format!("{field}.top_up_bonus"), findings);
    }
}

fn law(programme: &Programme, unit: &Unit, field: &str, findings: &mut Findings) {
    if programme.guard_rails.profile != Profile::Prc {
        return;
    }
    if unit.expiry != Expiry::None {
        let message =
            "cards of registered members must not expire (measures on single-purpose cards, art. 19)";
        findings.error(&format!("{field}.expiry"), unit.code, message, "Remove it: stored value stays");
    }
    if programme.currency.as_str() != "CNY" {
        let message = "the limits on stored value are in yuan";
        findings.error("currency", programme.currency, message, "Use CNY, or leave stored value out");
    }
}

fn top_up_bonus(
    programme: &Programme,
    unit: &Unit,
    bonus: &TopUpBonus,
    field: &str,
    findings: &mut Findings,
) {
    match programme.unit(bonus.unit) {
        Some(found) if found.kind == UnitKind::Points => {
            let together = bonus.spending_order != SpendingOrder::Apart;
            if together && !found.pays_like_money(programme.decimals()) {
                let message = "is spent together with money, but one of it does not pay the smallest coin";
                let remedy = "Use spending_order = \"apart\", or a unit that pays like money in any number";
                findings.error(&format!("{field}.spending_order"), bonus.unit, message, remedy);
            }
        }
        _ => {
            let message = format!("is no unit of points that {} could earn", unit.code);
            findings.error(&format!("{field}.unit"), bonus.unit, &message, "Use a unit of kind points");
        }
    }
    if bonus.steps.is_empty() {
        findings.error(&format!("{field}.steps"), "[]", "gives nothing", "Add a step, or remove the bonus");
    }
    for (position, step) in bonus.steps.iter().enumerate() {
        let field = format!("{field}.steps[{position}]");
        amount(programme, &format!("{field}.from"), step.from, findings);
        findings.range(&format!("{field}.points"), step.points, 1, BONUS_POINTS_MAX);
        if bonus.steps[..position].iter().any(|earlier| earlier.from >= step.from) {
            let message = "is not above the step before";
            findings.error(&format!("{field}.from"), step.from, message, "Put the steps in rising order");
        }
    }
}

/// Refuses a unit where its kind has no place: `what` says what cannot be done with stored value there.
pub(super) fn no_stored_value(
    programme: &Programme,
    code: Code,
    field: &str,
    what: &str,
    findings: &mut Findings,
) {
    if programme.unit(code).is_some_and(|unit| unit.kind == UnitKind::StoredValue) {
        let message = format!("stored value is money that members paid in: {what}");
        findings.error(field, code, &message, "Use another unit; a bonus belongs in top_up_bonus");
    }
}
