//! Checks a unit: its worth, its waiting time, its end.

use super::Findings;
use crate::programme::limits::{
    DECIMALS_MAX, EXPIRY_DAYS_MAX, EXPIRY_MONTHS_MAX, EXPIRY_YEARS_MAX, PENDING_DAYS_MAX,
};
use crate::programme::{Expiry, FixedDay, Pending, Rolling, Unit};

pub(super) fn check(unit: &Unit, field: &str, findings: &mut Findings) {
    let worth = unit.money_value_minor;
    let worth_field = format!("{field}.money_value_minor");
    if worth.0.is_sign_negative() && !worth.0.is_zero() {
        findings.error(&worth_field, worth, "a unit cannot be worth less than nothing", "Use 0 or more");
    }
    if worth.decimals() > DECIMALS_MAX {
        let remedy = format!("Use at most {DECIMALS_MAX} decimals");
        findings.error(&worth_field, worth, "is finer than can be computed with", &remedy);
    }
    if let Pending::Days(days) = unit.pending {
        findings.range(&format!("{field}.pending.days"), days, 1, PENDING_DAYS_MAX);
    }
    expiry(unit, field, findings);
}

fn expiry(unit: &Unit, field: &str, findings: &mut Findings) {
    match &unit.expiry {
        Expiry::None => {}
        Expiry::InactivityMonths(months) => {
            findings.range(&format!("{field}.expiry.inactivity_months"), *months, 1, EXPIRY_MONTHS_MAX);
        }
        Expiry::Rolling(rolling) => {
            let field = format!("{field}.expiry.rolling");
            span(rolling, &field, findings);
            if shortest_days(rolling) <= longest_pending_days(unit.pending) {
                let message = "points would lapse before they can be spent";
                findings.error(&field, "", message, "Make the expiry longer than the pending period");
            }
        }
        Expiry::FixedDay(fixed) => fixed_day(unit, fixed, &format!("{field}.expiry.fixed_day"), findings),
    }
}

fn span(rolling: &Rolling, field: &str, findings: &mut Findings) {
    match (rolling.months, rolling.days) {
        (Some(months), None) => findings.range(&format!("{field}.months"), months, 1, EXPIRY_MONTHS_MAX),
        (None, Some(days)) => findings.range(&format!("{field}.days"), days, 1, EXPIRY_DAYS_MAX),
        (None, None) => findings.error(field, "", "says neither months nor days", "Give months or days"),
        (Some(_), Some(_)) => findings.error(field, "", "says both months and days", "Give one of them"),
    }
}

/// Days that surely pass before the expiry.
fn shortest_days(rolling: &Rolling) -> u32 {
    match (rolling.months, rolling.days) {
        (Some(months), _) => months.saturating_mul(28),
        (None, days) => days.unwrap_or(u32::MAX),
    }
}

/// Days that may pass before the release.
fn longest_pending_days(pending: Pending) -> u32 {
    match pending {
        Pending::None => 0,
        Pending::Days(days) => days,
        Pending::UntilNextMonth => 31,
    }
}

fn fixed_day(unit: &Unit, fixed: &FixedDay, field: &str, findings: &mut Findings) {
    findings.range(&format!("{field}.years"), fixed.years, 0, EXPIRY_YEARS_MAX);
    // 2024 is a leap year, so that 29 February passes.
    let month = i8::try_from(fixed.month).ok().and_then(|month| jiff::civil::Date::new(2024, month, 1).ok());
    match month {
        None => findings.error(&format!("{field}.month"), fixed.month, "is not a month", "Use 1 to 12"),
        Some(first) => {
            let last = u8::try_from(first.days_in_month()).unwrap_or(31);
            findings.range(&format!("{field}.day"), fixed.day, 1, last);
        }
    }
    if fixed.years == 0 && unit.pending != Pending::None {
        let message = "points earned shortly before that day would lapse before they can be spent";
        findings.error(
            &format!("{field}.years"),
            fixed.years,
            message,
            "Use 1 year or more, or no pending period",
        );
    }
}
