//! Checks the part on households: units whose points keep their expiry in a pool, and how many members share one.

use super::{Findings, transfers};
use crate::programme::Programme;
use crate::programme::limits::HOUSEHOLD_MEMBERS_MAX;

pub(super) fn check(programme: &Programme, findings: &mut Findings) {
    let Some(households) = &programme.households else { return };
    if households.units.is_empty() {
        let message = "nothing would be pooled";
        findings.error("households.units", "[]", message, "Name a unit, or leave the part out");
    }
    let field = |position: usize| format!("households.units[{position}]");
    findings.unique("unit", households.units.iter().enumerate().map(|(at, unit)| (field(at), *unit)));
    for (at, unit) in households.units.iter().enumerate() {
        transfers::check_unit(programme, *unit, &field(at), findings);
    }
    findings.range("households.members_max", households.members_max, 2, HOUSEHOLD_MEMBERS_MAX);
    for statement in &programme.statements {
        if households.units.contains(&statement.unit) {
            let message =
                "a statement makes vouchers of points that members of a household no longer hold themselves";
            let remedy = "Pool another unit, or tell members that pooled points become no voucher";
            findings.warning("households.units", statement.unit, message, remedy);
        }
    }
}
