//! Households: the list of them, one as a whole, and opening, joining and leaving. One file for each page.

mod acts;
mod leave;
mod list;
mod one;

use axum::Router;
use axum::routing::{get, post};
use domain::code::Code;
use domain::programme::CompiledProgramme;
use operations::{HouseholdMember, HouseholdView};

use super::Console;
use super::member::{unit_name, unit_number};
use super::page::Frame;

/// The addresses of these pages.
pub(super) fn routes() -> Router<Console> {
    Router::new()
        .route("/console/households", get(list::page).post(acts::create))
        .route("/console/households.csv", get(list::file))
        .route("/console/households/{id}", get(one::page))
        .route("/console/households/{id}/members", post(acts::join))
        .route("/console/households/{id}/members/{member}", post(acts::change))
        .route("/console/households/{id}/members/{member}/leave", get(leave::page).post(acts::leave))
}

/// What a pool has of a unit.
struct Pooled {
    unit: String,
    available: String,
    held: Option<String>,
    debt: Option<String>,
}

/// What a household has pooled: all units it has ever had, and those it could have.
fn pooled(f: &Frame, programme: Option<&CompiledProgramme>, household: &HouseholdView) -> Vec<Pooled> {
    let mut units: Vec<Code> = household.balances.iter().map(|balance| balance.unit).collect();
    units.extend(units_pooled(programme));
    units.sort_unstable();
    units.dedup();
    let view = |unit: Code| {
        let of = |value: i64| unit_number(f, programme, unit, value);
        let balance = household.balance(unit);
        let (available, held, debt) =
            balance.map_or((0, 0, 0), |balance| (balance.available, balance.held, balance.debt));
        Pooled {
            unit: unit_name(f, programme, unit),
            available: of(available),
            held: (held > 0).then(|| of(held)),
            debt: (debt > 0).then(|| of(debt)),
        }
    };
    units.into_iter().map(view).collect()
}

/// The units that the programme in force pools; none where it knows no households.
fn units_pooled(programme: Option<&CompiledProgramme>) -> Vec<Code> {
    let part = programme.and_then(|programme| programme.programme().households.as_ref());
    part.map_or_else(Vec::new, |part| part.units.clone())
}

fn name(f: &Frame, household: &HouseholdView) -> String {
    household.name.clone().unwrap_or_else(|| f.t("nameless"))
}

fn member_name(f: &Frame, member: &HouseholdMember) -> String {
    member.name.clone().unwrap_or_else(|| f.t("nameless"))
}

/// What would go along with a member who left now, in words: points, and what is owed; that it is nothing, if so.
fn taken_along(f: &Frame, programme: Option<&CompiledProgramme>, member: &HouseholdMember) -> Vec<String> {
    let mut words = Vec::new();
    for share in &member.share {
        let of = |value: i64| {
            format!(
                "{} {}",
                unit_number(f, programme, share.unit, value),
                unit_name(f, programme, share.unit)
            )
        };
        if share.points > 0 {
            words.push(of(share.points));
        }
        if share.debt > 0 {
            words.push(f.v("household-owed", of(share.debt)));
        }
    }
    if words.is_empty() {
        words.push(f.t("household-nothing"));
    }
    words
}
