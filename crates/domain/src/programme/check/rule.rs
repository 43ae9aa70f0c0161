//! Checks a rule: its unit, window, effect, caps, budget and funders; and rules together: groups, multipliers.

use jiff::civil::Date;

use super::{Findings, conditions, kinds};
use crate::document::TEXT_LENGTH_MAX;
use crate::money::AMOUNT_MAX;
use crate::programme::index::{Stage, live};
use crate::programme::limits::{
    BONUS_POINTS_MAX, DECIMALS_MAX, LINE_MULTIPLIERS_MAX, MULTIPLIER_MAX, POINTS_PER_MAJOR_UNIT_MAX,
};
use crate::programme::{
    CapSpan, Effect, Exact, MultiplierStacking, Programme, Rate, Rounding, Rule, Step, Trigger,
};

pub(super) fn check(programme: &Programme, rule: &Rule, field: &str, findings: &mut Findings) {
    if programme.unit(rule.unit).is_none() {
        let remedy = "Use the code of a unit";
        findings.error(&format!("{field}.unit"), rule.unit, "is not a unit of this programme", remedy);
    }
    let what = "no rule gives it";
    kinds::no_stored_value(programme, rule.unit, &format!("{field}.unit"), what, findings);
    if let (Some(from), Some(until)) = (rule.from, rule.until)
        && until < from
    {
        findings.error(&format!("{field}.until"), until, "the rule ends before it starts", "Swap the dates");
    }
    if let Trigger::Activity(kind) = &rule.trigger
        && (kind.is_empty() || kind.len() > TEXT_LENGTH_MAX)
    {
        let remedy = format!("Use 1 to {TEXT_LENGTH_MAX} bytes");
        findings.error(&format!("{field}.trigger.activity"), kind, "is not a kind of activity", &remedy);
    }
    effect(programme, rule, &format!("{field}.effect"), findings);
    conditions::check(programme, rule, &format!("{field}.conditions"), findings);
    caps(rule, field, findings);
    funding(rule, field, findings);
}

fn effect(programme: &Programme, rule: &Rule, field: &str, findings: &mut Findings) {
    match &rule.effect {
        Effect::Rate(rate) => rate_effect(programme, rate, &format!("{field}.rate"), findings),
        Effect::Step(step) => step_effect(programme, step, &format!("{field}.step"), findings),
        Effect::Bonus(bonus) => {
            findings.range(&format!("{field}.bonus.points"), bonus.points, 1, BONUS_POINTS_MAX);
            if bonus.each && !matches!(rule.trigger, Trigger::Activity(_)) {
                let message = "only activities report a count";
                findings.error(&format!("{field}.bonus.each"), true, message, "Remove it");
            }
        }
        Effect::Multiplier(multiplier) => {
            let (field, factor) = (format!("{field}.multiplier.factor"), multiplier.factor);
            decimals(&field, factor, findings);
            if factor <= Exact::whole(1) {
                let remedy = "Use more than 1; to give less, except the lines from the base rule";
                findings.error(&field, factor, "a multiplier adds points, so its factor is above 1", remedy);
            } else {
                findings.range(&field, factor, Exact::whole(1), Exact::whole(MULTIPLIER_MAX));
            }
        }
    }
    if rule.trigger != Trigger::Purchase && !matches!(rule.effect, Effect::Bonus(_)) {
        let message = "needs an amount, but the rule does not look at purchases";
        findings.error(field, "", message, "Use a bonus, or remove the trigger");
    }
    if rule.round != Rounding::Down && matches!(rule.effect, Effect::Step(_) | Effect::Bonus(_)) {
        let field = field.replace(".effect", ".round");
        findings.warning(&field, "half_up", "has no effect: there is nothing to round", "Remove it");
    }
}

fn rate_effect(programme: &Programme, rate: &Rate, field: &str, findings: &mut Findings) {
    decimals(&format!("{field}.points"), rate.points, findings);
    if rate.points <= Exact::whole(0) {
        findings.error(&format!("{field}.points"), rate.points, "gives nothing", "Use more than 0");
    }
    if per(programme, rate.per, field, findings) {
        generosity(rate.points, rate.per, field, findings);
    }
}

fn step_effect(programme: &Programme, step: &Step, field: &str, findings: &mut Findings) {
    findings.range(&format!("{field}.points"), step.points, 1, BONUS_POINTS_MAX);
    if let Some(minimum) = step.minimum {
        conditions::amount(programme, &format!("{field}.minimum"), minimum, findings);
    }
    if per(programme, step.per, field, findings) {
        generosity(Exact::whole(step.points), step.per, field, findings);
    }
}

/// Checks the amount a rate or step is given for; whether it can be divided by.
fn per(programme: &Programme, per: Exact, field: &str, findings: &mut Findings) -> bool {
    let field = format!("{field}.per");
    conditions::amount(programme, &field, per, findings);
    if per <= Exact::whole(0) {
        findings.error(&field, per, "is not an amount to earn for", "Use more than 0");
    }
    per > Exact::whole(0)
}

/// Refuses rates beyond the limit: they are slips of the decimal point.
fn generosity(points: Exact, per: Exact, field: &str, findings: &mut Findings) {
    let limit = rust_decimal::Decimal::from(POINTS_PER_MAJOR_UNIT_MAX);
    if per.0.checked_mul(limit).is_none_or(|most| points.0 > most) {
        let remedy = format!("Give at most {POINTS_PER_MAJOR_UNIT_MAX} points for one unit of the currency");
        findings.error(&format!("{field}.points"), points, "is beyond the limit of a rate", &remedy);
    }
}

fn decimals(field: &str, value: Exact, findings: &mut Findings) {
    if value.decimals() > DECIMALS_MAX {
        let remedy = format!("Use at most {DECIMALS_MAX} decimals");
        findings.error(field, value, "is finer than can be computed with", &remedy);
    }
}

fn caps(rule: &Rule, field: &str, findings: &mut Findings) {
    for (position, cap) in rule.caps.iter().enumerate() {
        let field = format!("{field}.caps[{position}]");
        if let Some(points) = cap.points {
            findings.range(&format!("{field}.points"), points, 1, AMOUNT_MAX);
        }
        if let Some(times) = cap.times {
            findings.range(&format!("{field}.times"), times, 1, u32::MAX);
        }
        match (cap.per, cap.points, cap.times) {
            (_, None, None) => findings.error(&field, "", "limits nothing", "Give points or times"),
            (CapSpan::Purchase, _, Some(times)) => {
                let message = "a rule applies to a purchase only once anyway";
                findings.error(&format!("{field}.times"), times, message, "Limit points, or another span");
            }
            _ => {}
        }
        if rule.caps[..position].iter().any(|other| other.per == cap.per) {
            findings.warning(
                &field,
                "",
                "another cap has the same span",
                "Put points and times into one cap",
            );
        }
    }
}

fn funding(rule: &Rule, field: &str, findings: &mut Findings) {
    if let Some(budget) = &rule.budget {
        findings.range(&format!("{field}.budget.points"), budget.points, 1, AMOUNT_MAX);
        if rule.caps.is_empty() {
            let message = "one member could use up the whole budget";
            findings.warning(&format!("{field}.budget"), budget.points, message, "Add a cap for each member");
        }
    }
    if rule.funders.is_empty() {
        return;
    }
    for (position, funder) in rule.funders.iter().enumerate() {
        let field = format!("{field}.funders[{position}].percent");
        if funder.percent <= Exact::whole(0) || funder.percent > Exact::whole(100) {
            findings.error(
                &field,
                funder.percent,
                "is not a part of 100 per cent",
                "Use more than 0, at most 100",
            );
        }
        if funder.percent.scaled(2).is_none() {
            findings.error(&field, funder.percent, "is finer than can be invoiced", "Use at most 2 decimals");
        }
    }
    let codes = rule.funders.iter().enumerate();
    findings.unique(
        "funder of the rule",
        codes.map(|(position, funder)| (format!("{field}.funders[{position}].code"), funder.code)),
    );
    let sum: rust_decimal::Decimal = rule.funders.iter().map(|funder| funder.percent.0).sum();
    if sum != rust_decimal::Decimal::from(100) {
        let message = "the funders' parts do not add up to 100 per cent";
        findings.error(&format!("{field}.funders"), sum, message, "Make them add up to 100");
    }
}

/// What concerns several rules together.
pub(super) fn check_together(programme: &Programme, findings: &mut Findings) {
    for (position, rule) in programme.rules.iter().enumerate() {
        let field = format!("rules[{position}]");
        let earlier = &programme.rules[..position];
        if let Some(group) = rule.group
            && let Some(first) = earlier.iter().find(|other| other.group == Some(group))
            && (first.unit != rule.unit
                || Stage::of(first) != Stage::of(rule)
                || first.trigger != rule.trigger)
        {
            let message = "a group compares rules of one unit, one kind of effect and one trigger";
            findings.error(&format!("{field}.group"), group, message, "Put the rule into another group");
        }
        if matches!(rule.effect, Effect::Multiplier(_)) {
            multiplier(programme, rule, &field, findings);
        }
    }
}

fn multiplier(programme: &Programme, rule: &Rule, field: &str, findings: &mut Findings) {
    let base = |other: &Rule| {
        other.unit == rule.unit && other.trigger == Trigger::Purchase && Stage::of(other) == Stage::Base
    };
    if !programme.rules.iter().any(base) {
        let message = "no rate or step of the same unit gives it anything to multiply";
        findings.error(
            &format!("{field}.effect.multiplier"),
            rule.unit,
            message,
            "Add a base rule, or change the unit",
        );
    }
    let start = rule.from.unwrap_or(Date::MIN);
    let together = |other: &&Rule| {
        other.unit == rule.unit
            && matches!(other.effect, Effect::Multiplier(_))
            && other.conditions.chooses_lines()
            && live(other, start)
    };
    if rule.conditions.chooses_lines()
        && programme.multiplier_stacking == MultiplierStacking::Multiply
        && programme.rules.iter().filter(together).count() > LINE_MULTIPLIERS_MAX
    {
        let remedy = format!(
            "Keep to {LINE_MULTIPLIERS_MAX} at a time, or let multipliers add or only the best apply"
        );
        findings.error(
            field,
            rule.code,
            "too many multipliers with a line filter run at the same time",
            &remedy,
        );
    }
}
