//! The card: its number as a QR code for the till, what it holds and when that changes, how far the next tier is, and
//! what happened last.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use domain::code::Code;
use domain::ledger::{AccountStatus, Balance};
use domain::member::IdentifierKind;
use domain::programme::{CompiledProgramme, UnitKind};
use jiff::Timestamp;
use jiff::civil::Date;
use operations::{MemberReference, MemberView};

use super::Portal;
use super::history::{EntryRow, entry_rows};
use super::ladders::{LadderView, ladder_views};
use super::points::next_expiry;
use super::pool::{PoolView, pool_view};
use super::problem;
use super::qr::{self, Drawing};
use super::session::Member;
use super::shell::{Shell, Tab};
use super::words::{day_ahead, day_of, grouped, points};
use crate::console::format::number;
use crate::console::member::{is_pooled, unit_kind, unit_name, unit_number};
use crate::console::page::{Frame, Theme, ok};
use crate::console::programme;

/// Entries on the card.
const ENTRIES: u16 = 5;

#[derive(Template)]
#[template(path = "portal/card.html")]
struct CardPage {
    f: Frame,
    s: Shell,
    name: String,
    tier: Option<(usize, String)>,
    number: Option<String>,
    code: Option<Drawing>,
    since: String,
    closed: bool,
    /// Points that others offer.
    offers: Option<String>,
    /// The pool of the member's household.
    pool: Option<PoolView>,
    balances: Vec<BalanceView>,
    ladders: Vec<LadderView>,
    /// The names of the interest clubs the member is in; none where the programme has no clubs.
    clubs: Option<Vec<String>>,
    rows: Vec<EntryRow>,
}

/// What the member has of one unit.
struct BalanceView {
    unit: String,
    /// What it is, where it is not points.
    kind: Option<String>,
    available: String,
    /// Whether it can be spent, not only counted.
    spendable: bool,
    pending: Option<String>,
    held: Option<String>,
    debt: Option<String>,
    expiry: Option<String>,
}

/// The page.
pub(super) async fn page(State(portal): State<Portal>, member: Member) -> Response {
    let Member { frame: f, shell, id: member_id, .. } = member;
    let s = shell.at(Tab::Card);
    let found = portal.engine.view_member(&MemberReference::Id(member_id)).await;
    let entries = portal.engine.list_entries(member_id, None, ENTRIES).await;
    let (member, entries) = match (found, entries) {
        (Ok(member), Ok(entries)) => (member, entries),
        (Err(error), _) | (_, Err(error)) => return problem::failed(f, s, &error),
    };
    let now = portal.engine.clock().now();
    let programme = programme(&portal.engine);
    let programme = programme.as_deref();
    let card = member.identifiers.iter().find(|identifier| identifier.kind == IdentifierKind::Card);
    let ladders = ladder_views(&f, programme, &member, now);
    let balance = |balance: &Balance| balance_view(&f, programme, &member, balance, now);
    let clubs = portal.engine.clubs_of(&member);
    let inside = clubs.iter().filter(|club| club.standing.is_inside());
    let inside: Vec<String> = inside.map(|club| club.name.get(f.language).to_owned()).collect();
    let offered =
        member.state.offers.iter().filter(|offer| offer.to == member_id && offer.lapses_at > now).count();
    // What is pooled is told with the pool.
    let own = member.standing.balances.iter().filter(|one| !is_pooled(programme, &member, one.unit));
    let mut balances: Vec<BalanceView> = own.map(balance).collect();
    balances.sort_by_key(|balance| !balance.spendable);
    ok(&CardPage {
        name: member.profile.name.clone().unwrap_or_else(|| f.t("card-nameless")),
        tier: ladders.first().map(|ladder| (ladder.rank, ladder.tier.clone())),
        number: card.map(|card| grouped(&card.value)),
        code: card.and_then(|card| qr::draw(&card.value)),
        since: f.v("card-since", f.formats.day(member.enrolled_at)),
        offers: (offered > 0).then(|| f.n("card-gift-waiting", offered)),
        closed: member.status == AccountStatus::Closed,
        pool: pool_view(&f, programme, &member, now),
        balances,
        ladders,
        clubs: (!clubs.is_empty()).then_some(inside),
        rows: entry_rows(&f, &portal.engine.programmes(), &entries.entries),
        f,
        s,
    })
}

fn balance_view(
    f: &Frame,
    programme: Option<&CompiledProgramme>,
    member: &MemberView,
    balance: &Balance,
    now: Timestamp,
) -> BalanceView {
    let Balance { unit, available, pending, held, debt, .. } = *balance;
    let today = day_of(f, now);
    let kind = programme.and_then(|programme| programme.unit(unit)).map(|found| found.unit.kind);
    let of = |value: i64| unit_number(f, programme, unit, value);
    let pending = (pending > 0).then(|| pending_words(f, member, unit, pending, today));
    let expiry = next_expiry(f, &member.lots, unit).map(|(remaining, day)| {
        let day = day_ahead(f, day, today);
        f.with("card-expire", &[("points", &points(f, programme, remaining, unit)), ("day", &day)])
    });
    BalanceView {
        unit: unit_name(f, programme, unit),
        kind: unit_kind(f, programme, unit),
        available: of(available.saturating_sub(debt)),
        spendable: kind.is_some_and(|kind| kind != UnitKind::GrowthValue),
        pending,
        held: (held > 0).then(|| f.v("card-held", of(held))),
        debt: (debt > 0).then(|| f.v("card-debt", of(debt))),
        expiry,
    }
}

/// What is earned and not yet spendable, and when that begins.
pub(super) fn pending_words(f: &Frame, member: &MemberView, unit: Code, pending: i64, today: Date) -> String {
    let waiting = || member.lots.iter().filter(|lot| lot.unit == unit && lot.remaining > 0);
    let Some(at) = waiting().filter_map(|lot| lot.pending_until).min() else {
        return f.v("card-pending", number(pending));
    };
    let first = waiting().filter(|lot| lot.pending_until == Some(at));
    let first = first.fold(0_i64, |sum, lot| sum.saturating_add(lot.remaining));
    let (all, day) = (number(pending), day_ahead(f, day_of(f, at), today));
    if first == pending {
        return f.with("card-pending-from", &[("points", &all), ("day", &day)]);
    }
    f.with("card-pending-first", &[("points", &all), ("first", &number(first)), ("day", &day)])
}
