//! Checks a tier ladder: what it counts, its thresholds, its review.

use super::Findings;
use crate::money::AMOUNT_MAX;
use crate::programme::limits::{GRACE_MONTHS_MAX, TIERS_MAX, WINDOW_MONTHS_MAX};
use crate::programme::{Basis, Exact, Ladder, Programme, ReviewOn, UnitKind, Window};

pub(super) fn check(programme: &Programme, ladder: &Ladder, field: &str, findings: &mut Findings) {
    basis(programme, ladder, field, findings);
    thresholds(programme, ladder, field, findings);
    review(ladder, field, findings);
}

fn basis(programme: &Programme, ladder: &Ladder, field: &str, findings: &mut Findings) {
    let basis_field = format!("{field}.basis");
    match &ladder.basis {
        Basis::UnitBalance(unit) | Basis::UnitEarned(unit) if programme.unit(*unit).is_none() => {
            findings.error(&basis_field, unit, "is not a unit of this programme", "Use the code of a unit");
        }
        Basis::UnitBalance(unit) | Basis::UnitEarned(unit)
            if programme.unit(*unit).is_some_and(|unit| unit.kind == UnitKind::StoredValue) =>
        {
            let message = "stored value is paid in, not earned: tiers would be for sale";
            findings.error(&basis_field, unit, message, "Count a unit that rules give, or spend");
        }
        Basis::UnitBalance(_) if ladder.window != Window::Lifetime => {
            let message = "a balance has no window: it is what the member has now";
            findings.error(
                &format!("{field}.window"),
                "",
                message,
                "Remove the window, or count unit_earned",
            );
        }
        Basis::Nights(category) if category.is_empty() => {
            findings.error(&basis_field, "", "names no category", "Name the category of the nights");
        }
        _ => {}
    }
    if let Window::RollingMonths(months) = ladder.window {
        findings.range(&format!("{field}.window.rolling_months"), months, 1, WINDOW_MONTHS_MAX);
    }
}

fn thresholds(programme: &Programme, ladder: &Ladder, field: &str, findings: &mut Findings) {
    if ladder.tiers.is_empty() || ladder.tiers.len() > TIERS_MAX {
        let remedy = format!("Give 1 to {TIERS_MAX} tiers");
        findings.error(
            &format!("{field}.tiers"),
            ladder.tiers.len(),
            "is not a possible number of tiers",
            &remedy,
        );
    }
    let decimals = if ladder.basis == Basis::Spend { programme.decimals() } else { 0 };
    for (position, tier) in ladder.tiers.iter().enumerate() {
        let field = format!("{field}.tiers[{position}].threshold");
        let threshold = tier.threshold;
        match threshold.scaled(decimals) {
            Some(number) if number <= AMOUNT_MAX => {}
            _ => findings.error(&field, threshold, "is not a number of what counts", "Use a rounder number"),
        }
        match position.checked_sub(1).and_then(|below| ladder.tiers.get(below)) {
            None if !threshold.0.is_zero() => {
                findings.error(
                    &field,
                    threshold,
                    "nobody would be in the lowest tier",
                    "Start the lowest tier at 0",
                );
            }
            Some(below) if threshold <= below.threshold => {
                let message = "thresholds do not rise from tier to tier";
                findings.error(&field, threshold, message, "Order the tiers, lowest first");
            }
            _ => {}
        }
    }
}

fn review(ladder: &Ladder, field: &str, findings: &mut Findings) {
    let review = &ladder.review;
    let review_field = format!("{field}.review");
    findings.range(&format!("{review_field}.grace_months"), review.grace_months, 0, GRACE_MONTHS_MAX);
    if review.on == ReviewOn::WindowEnd && ladder.window == Window::Lifetime {
        let message = "the window of a lifetime never ends";
        findings.error(
            &format!("{review_field}.on"),
            "window_end",
            message,
            "Use anniversary, year_in_tier or never",
        );
    }
    if review.on == ReviewOn::Never && (review.soft_landing || review.grace_months > 0) {
        let message = "nothing is ever reviewed, so there is nothing to soften";
        findings.warning(
            &review_field,
            "never",
            message,
            "Name a day of review, or remove grace and soft landing",
        );
    }
    for (position, tier) in ladder.tiers.iter().enumerate().filter(|(_, tier)| tier.deduction != 0) {
        let field = format!("{field}.tiers[{position}].deduction");
        findings.range(&field, tier.deduction, 0, AMOUNT_MAX);
        if !matches!(ladder.basis, Basis::UnitBalance(_)) {
            let message = "only a balance can be deducted from";
            findings.error(
                &field,
                tier.deduction,
                message,
                "Use basis unit_balance, or remove the deduction",
            );
        }
        if review.on == ReviewOn::Never {
            findings.error(
                &field,
                tier.deduction,
                "is never deducted: there is no review",
                "Name a day of review",
            );
        }
        if Exact::whole(tier.deduction) > tier.threshold && tier.threshold > Exact::whole(0) {
            let message = "is more than the tier's threshold, so a review could leave a negative balance";
            findings.error(&field, tier.deduction, message, "Deduct at most the threshold");
        }
    }
}
