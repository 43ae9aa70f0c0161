//! Checks a programme: every reference known, every number within its limit, every condition possible, the law's
//! guard rails kept. Each finding names field, value, what is wrong and what to do.

mod conditions;
mod guard_rails;
mod households;
mod kinds;
mod ladder;
mod redemption;
mod rule;
mod transfers;
mod unit;
mod voucher;

use std::collections::HashSet;
use std::fmt::Display;

use jiff::tz::TimeZone;

use super::limits::{
    LADDERS_MAX, POLICY_DAYS_MAX, REWARDS_MAX, RULES_MAX, STATEMENTS_MAX, UNITS_MAX, VOUCHER_TEMPLATES_MAX,
};
use super::{Finding, Programme, Severity};
use crate::code::Code;
use crate::document::TEXT_LENGTH_MAX;
use crate::money::AMOUNT_MAX;

/// Checks a programme. Findings come in the order of the document's parts.
pub fn check(programme: &Programme) -> Vec<Finding> {
    let mut findings = Findings(Vec::new());
    whole(programme, &mut findings);
    for (position, unit) in programme.units.iter().enumerate() {
        unit::check(unit, &format!("units[{position}]"), &mut findings);
        kinds::check(programme, unit, &format!("units[{position}]"), &mut findings);
        redemption::check_terms(programme, unit, &format!("units[{position}]"), &mut findings);
    }
    for (position, rule) in programme.rules.iter().enumerate() {
        rule::check(programme, rule, &format!("rules[{position}]"), &mut findings);
    }
    rule::check_together(programme, &mut findings);
    for (position, ladder) in programme.ladders.iter().enumerate() {
        ladder::check(programme, ladder, &format!("ladders[{position}]"), &mut findings);
    }
    for (position, reward) in programme.rewards.iter().enumerate() {
        redemption::check_reward(programme, reward, &format!("rewards[{position}]"), &mut findings);
    }
    for (position, template) in programme.vouchers.iter().enumerate() {
        voucher::check(programme, template, &format!("vouchers[{position}]"), &mut findings);
    }
    for (position, statement) in programme.statements.iter().enumerate() {
        voucher::check_statement(programme, statement, &format!("statements[{position}]"), &mut findings);
    }
    transfers::check(programme, &mut findings);
    households::check(programme, &mut findings);
    guard_rails::check(programme, &mut findings);
    findings.0
}

/// The finding for a number that passed every check and still does not fit.
pub(super) fn uncompilable() -> Finding {
    let mut findings = Findings(Vec::new());
    findings.error("", "", "a number is too large or too fine to compute with", "Use rounder numbers");
    findings.0.remove(0)
}

/// The findings so far.
struct Findings(Vec<Finding>);

impl Findings {
    fn add(&mut self, severity: Severity, field: &str, value: impl Display, message: &str, remedy: &str) {
        self.0.push(Finding {
            severity,
            line: None,
            field: field.to_owned(),
            value: value.to_string(),
            message: message.to_owned(),
            remedy: remedy.to_owned(),
        });
    }

    fn error(&mut self, field: &str, value: impl Display, message: &str, remedy: &str) {
        self.add(Severity::Error, field, value, message, remedy);
    }

    fn warning(&mut self, field: &str, value: impl Display, message: &str, remedy: &str) {
        self.add(Severity::Warning, field, value, message, remedy);
    }

    /// Refuses a number outside its limits.
    fn range<T: PartialOrd + Display + Copy>(&mut self, field: &str, value: T, least: T, most: T) {
        if value < least || value > most {
            let remedy = format!("Use {least} to {most}");
            self.error(field, value, "is outside its limits", &remedy);
        }
    }

    /// Refuses codes that occur twice.
    fn unique(&mut self, what: &str, codes: impl Iterator<Item = (String, Code)>) {
        let mut seen = HashSet::new();
        for (field, code) in codes {
            if !seen.insert(code) {
                let message = format!("another {what} has the same code");
                self.error(&field, code, &message, "Give each its own code");
            }
        }
    }

    /// Refuses empty, overlong and repeated texts of a list.
    fn texts(&mut self, field: &str, texts: &[String]) {
        for (position, text) in texts.iter().enumerate() {
            let field = format!("{field}[{position}]");
            if text.is_empty() || text.len() > TEXT_LENGTH_MAX {
                let remedy = format!("Use 1 to {TEXT_LENGTH_MAX} bytes");
                self.error(
                    &field,
                    format!("“{text}”"),
                    "is empty or too long to occur in a purchase",
                    &remedy,
                );
            }
            if texts[..position].contains(text) {
                self.warning(&field, text, "is named twice", "Remove one of them");
            }
        }
    }
}

fn numbered<'a, T>(
    list: &'a [T],
    name: &'a str,
    code: impl Fn(&T) -> Code + 'a,
) -> impl Iterator<Item = (String, Code)> + 'a {
    list.iter().enumerate().map(move |(position, item)| (format!("{name}[{position}].code"), code(item)))
}

/// What concerns the programme as a whole.
fn whole(programme: &Programme, findings: &mut Findings) {
    if TimeZone::get(&programme.time_zone).is_err() {
        let remedy = "Use an IANA name such as Asia/Shanghai or Europe/London";
        findings.error("time_zone", &programme.time_zone, "is not a known time zone", remedy);
    }
    if let Some(region) = &programme.default_region
        && (region.len() != 2 || !region.bytes().all(|byte| byte.is_ascii_uppercase()))
    {
        let remedy = "Use two capital letters (ISO 3166), for instance CN";
        findings.error("default_region", region, "is not a country code", remedy);
    }
    if programme.units.is_empty() {
        findings.error("units", "[]", "a programme needs something to collect", "Add a unit");
    }
    sizes(programme, findings);
    findings.unique("unit", numbered(&programme.units, "units", |unit| unit.code));
    findings.unique("segment", numbered(&programme.segments, "segments", |segment| segment.code));
    clubs(programme, findings);
    findings.unique("rule", numbered(&programme.rules, "rules", |rule| rule.code));
    findings.unique("reward", numbered(&programme.rewards, "rewards", |reward| reward.code));
    findings.unique("voucher template", numbered(&programme.vouchers, "vouchers", |template| template.code));
    findings.unique("statement", numbered(&programme.statements, "statements", |statement| statement.code));
    findings.unique("ladder", numbered(&programme.ladders, "ladders", |ladder| ladder.code));
    let tiers = programme.ladders.iter().enumerate().flat_map(|(number, ladder)| {
        let tiers = ladder.tiers.iter().enumerate();
        tiers.map(move |(position, tier)| (format!("ladders[{number}].tiers[{position}].code"), tier.code))
    });
    findings.unique("tier", tiers);
    findings.texts("earning.excluded_tags", &programme.earning.excluded_tags);
    findings.texts("earning.excluded_payments", &programme.earning.excluded_payments);
    policies(programme, findings);
}

/// Bytes of the reason that members of a club read.
const CLUB_REASON_LENGTH_MAX: usize = 600;

/// Members read why they are in a club.
fn clubs(programme: &Programme, findings: &mut Findings) {
    for (number, segment) in programme.segments.iter().enumerate() {
        let Some(club) = &segment.interest_club else { continue };
        for (language, text) in [("zh", &club.reason.zh), ("en", &club.reason.en)] {
            if text.trim().is_empty() || text.len() > CLUB_REASON_LENGTH_MAX {
                let field = format!("segments[{number}].interest_club.reason.{language}");
                let remedy = format!(
                    "Say in 1 to {CLUB_REASON_LENGTH_MAX} bytes whom the club is for and why members are in it"
                );
                findings.error(&field, text, "tells members nothing, or too much", &remedy);
            }
        }
    }
}

fn sizes(programme: &Programme, findings: &mut Findings) {
    let sizes = [
        ("units", programme.units.len(), UNITS_MAX),
        ("rules", programme.rules.len(), RULES_MAX),
        ("ladders", programme.ladders.len(), LADDERS_MAX),
        ("rewards", programme.rewards.len(), REWARDS_MAX),
        ("vouchers", programme.vouchers.len(), VOUCHER_TEMPLATES_MAX),
        ("statements", programme.statements.len(), STATEMENTS_MAX),
    ];
    for (field, size, most) in sizes {
        if size > most {
            let remedy = format!("Keep to {most}; rules that no longer run can go");
            findings.error(field, size, "are too many", &remedy);
        }
    }
}

fn policies(programme: &Programme, findings: &mut Findings) {
    let policies = &programme.policies;
    findings.range("policies.lateness_days", policies.lateness_days, 0, POLICY_DAYS_MAX);
    findings.range("policies.expiry_floor_days", policies.expiry_floor_days, 0, POLICY_DAYS_MAX);
    findings.range("policies.adjustment_approval_above", policies.adjustment_approval_above, 0, AMOUNT_MAX);
    for (unit, limit) in &policies.debt_limits {
        let field = format!("policies.debt_limits.{unit}");
        findings.range(&field, *limit, 0, AMOUNT_MAX);
        if programme.unit(*unit).is_none() {
            findings.error(&field, unit, "is not a unit of this programme", "Use the code of a unit");
        }
    }
}
