//! What lapses when: points grouped by the last day on which they are good, soonest first, with the lots behind them.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use domain::code::Code;
use domain::ledger::{Hold, Lot};
use domain::programme::CompiledProgramme;
use jiff::Timestamp;
use jiff::civil::Date;
use operations::MemberReference;

use super::Portal;
use super::pool::{pooled_units, title};
use super::problem;
use super::session::Member;
use super::shell::{Shell, Tab};
use super::words::{day_ahead, day_of, last_day, points};
use crate::console::member::unit_number;
use crate::console::page::{Frame, Theme, ok};
use crate::console::programme;

/// Days ahead within which an end is marked as near.
const SOON_DAYS: i32 = 30;

#[derive(Template)]
#[template(path = "portal/points.html")]
struct PointsPage {
    f: Frame,
    s: Shell,
    /// What the household has pooled: whose pool it is and what lapses there when.
    pool: Option<(String, Vec<GroupView>)>,
    groups: Vec<GroupView>,
    holds: Vec<String>,
    /// Whether points can be given to others.
    gifts: bool,
}

/// Points of one unit that lapse together.
struct GroupView {
    when: String,
    soon: bool,
    total: String,
    lots: Vec<LotView>,
}

struct LotView {
    earned: String,
    remaining: String,
    notes: Vec<String>,
}

/// The page.
pub(super) async fn page(State(portal): State<Portal>, member: Member) -> Response {
    let Member { frame: f, shell, id: member_id, .. } = member;
    let s = shell.at(Tab::Points);
    let member = match portal.engine.view_member(&MemberReference::Id(member_id)).await {
        Ok(member) => member,
        Err(error) => return problem::failed(f, s, &error),
    };
    let now = portal.engine.clock().now();
    let today = day_of(&f, now);
    let programme = programme(&portal.engine);
    let programme = programme.as_deref();
    let view = |(unit, end, lots): &(Code, Option<Timestamp>, Vec<&Lot>)| {
        group_view(&f, programme, today, (*unit, *end), lots)
    };
    let ends = |lots: &[Lot]| groups(lots).iter().map(view).collect::<Vec<_>>();
    let pooled = member.household.as_ref().filter(|_| !pooled_units(programme, &member).is_empty());
    let hold = |hold: &Hold| {
        let kept = hold.lots.iter().fold(0_i64, |sum, (_, kept)| sum.saturating_add(*kept));
        let until = f.formats.time(hold.ends_at);
        f.with("card-hold", &[("points", &points(&f, programme, kept, hold.unit)), ("until", &until)])
    };
    ok(&PointsPage {
        gifts: programme.is_some_and(|programme| programme.programme().transfers.is_some()),
        groups: ends(&member.lots),
        pool: pooled.map(|household| (title(&f, household), ends(&household.lots))),
        holds: member
            .state
            .holds
            .iter()
            .chain(pooled.iter().flat_map(|pool| &pool.holds))
            .filter(|hold| now < hold.ends_at)
            .map(hold)
            .collect(),
        f,
        s,
    })
}

/// Lots of the same unit that lapse at the same instant, soonest first, as they came.
fn groups(lots: &[Lot]) -> Vec<(Code, Option<Timestamp>, Vec<&Lot>)> {
    let mut groups: Vec<(Code, Option<Timestamp>, Vec<&Lot>)> = Vec::new();
    for lot in lots {
        match groups.iter_mut().find(|(unit, end, _)| *unit == lot.unit && *end == lot.expires_at) {
            Some((_, _, found)) => found.push(lot),
            None => groups.push((lot.unit, lot.expires_at, vec![lot])),
        }
    }
    groups
}

fn group_view(
    f: &Frame,
    programme: Option<&CompiledProgramme>,
    today: Date,
    (unit, end): (Code, Option<Timestamp>),
    lots: &[&Lot],
) -> GroupView {
    let total =
        lots.iter().fold(0_i64, |sum, lot| sum.saturating_add(lot.remaining).saturating_add(lot.held));
    let day = end.map(|end| last_day(f, end));
    let ahead = day.and_then(|day| today.until(day).ok()).map(|span| span.get_days());
    GroupView {
        when: day.map_or_else(
            || f.t("card-never-expire"),
            |day| f.v("card-good-through", day_ahead(f, day, today)),
        ),
        soon: ahead.is_some_and(|days| days <= SOON_DAYS),
        total: points(f, programme, total, unit),
        lots: lots.iter().map(|lot| lot_view(f, programme, lot, today)).collect(),
    }
}

fn lot_view(f: &Frame, programme: Option<&CompiledProgramme>, lot: &Lot, today: Date) -> LotView {
    let mut notes = Vec::new();
    notes.extend(lot.pending_until.map(|at| f.v("card-spendable-from", day_ahead(f, day_of(f, at), today))));
    if lot.held > 0 {
        notes.push(f.v("card-held", unit_number(f, programme, lot.unit, lot.held)));
    }
    LotView {
        earned: f.v("card-earned-on", f.formats.day(lot.earned_at)),
        remaining: unit_number(f, programme, lot.unit, lot.remaining.saturating_add(lot.held)),
        notes,
    }
}

/// What of a unit lapses next, and the last day on which it is good.
pub(super) fn next_expiry(f: &Frame, lots: &[Lot], unit: Code) -> Option<(i64, Date)> {
    let ends = |lot: &&Lot| lot.unit == unit && lot.remaining > 0;
    let end = lots.iter().filter(ends).filter_map(|lot| lot.expires_at).min()?;
    let together = lots.iter().filter(ends).filter(|lot| lot.expires_at == Some(end));
    let remaining = together.fold(0_i64, |sum, lot| sum.saturating_add(lot.remaining));
    Some((remaining, last_day(f, end)))
}
