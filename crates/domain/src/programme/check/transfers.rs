//! Checks the part on transfers: units that can keep their expiry elsewhere, limits within their bounds, and what the
//! law of the profile says of points that change hands.

use super::Findings;
use crate::code::Code;
use crate::money::AMOUNT_MAX;
use crate::programme::limits::{ACCEPTANCE_DAYS_MAX, POLICY_DAYS_MAX};
use crate::programme::{Basis, Expiry, Profile, Programme, UnitKind};

pub(super) fn check(programme: &Programme, findings: &mut Findings) {
    let Some(transfers) = &programme.transfers else { return };
    if transfers.units.is_empty() {
        findings.error(
            "transfers.units",
            "[]",
            "nothing could be given away",
            "Name a unit, or leave the part out",
        );
    }
    findings.unique("unit", transfers.units.iter().enumerate().map(|(at, unit)| (field(at), *unit)));
    for (at, unit) in transfers.units.iter().enumerate() {
        check_unit(programme, *unit, &field(at), findings);
    }
    findings.range("transfers.points_min", transfers.points_min, 1, AMOUNT_MAX);
    findings.range(
        "transfers.sent_per_day_max",
        transfers.sent_per_day_max,
        transfers.points_min,
        AMOUNT_MAX,
    );
    let received = transfers.received_per_day_max;
    findings.range("transfers.received_per_day_max", received, transfers.points_min, AMOUNT_MAX);
    findings.range("transfers.account_age_days_min", transfers.account_age_days_min, 0, POLICY_DAYS_MAX);
    findings.range("transfers.points_age_days_min", transfers.points_age_days_min, 0, POLICY_DAYS_MAX);
    findings.range("transfers.acceptance_days", transfers.acceptance_days, 1, ACCEPTANCE_DAYS_MAX);
    if transfers.points_age_days_min == 0 {
        let message = "points can be given away before the goods that earned them come back";
        findings.warning("transfers.points_age_days_min", 0, message, "Use the days of your return window");
    }
    if programme.guard_rails.profile == Profile::Prc {
        let message = "games in which points are staked must not offer transfers between users (notice of four \
                       ministries, 2007)";
        findings.warning(
            "transfers",
            "on",
            message,
            "Keep transfers out of programmes that let members stake points",
        );
    }
}

fn field(position: usize) -> String {
    format!("transfers.units[{position}]")
}

/// Whether points of a unit may pass from one account to another: as a gift, or into a household.
pub(super) fn check_unit(programme: &Programme, code: Code, field: &str, findings: &mut Findings) {
    let Some(unit) = programme.unit(code) else {
        return findings.error(field, code, "is not a unit of this programme", "Use the code of a unit");
    };
    if matches!(unit.kind, UnitKind::StoredValue | UnitKind::GrowthValue) {
        let message = match unit.kind {
            UnitKind::StoredValue => "passing money between members is a payment service",
            _ => "growth value counts for whoever earned it",
        };
        return findings.error(field, code, message, "Leave it out: only points pass on");
    }
    if matches!(unit.expiry, Expiry::InactivityMonths(_)) {
        let message =
            "lapses by inactivity: passed on to an active member, points would outlive their expiry";
        findings.error(field, code, message, "Give the unit an expiry of its own, or leave it out");
    }
    let counted = |basis: &Basis| matches!(basis, Basis::UnitBalance(basis) if *basis == code);
    if programme.ladders.iter().any(|ladder| counted(&ladder.basis)) {
        let message = "decides tiers by its balance: members would pass on tiers with it";
        findings.error(field, code, message, "Leave it out: growth value is not passed on");
    }
}
