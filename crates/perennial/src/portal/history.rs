//! What happened, newest first, each with its reasons in words; and the whole why of one entry. Numbers of entries
//! count within the member's own account, so an address can name nobody else's.

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use domain::ids::{AccountId, EntryId};
use domain::ledger::{Award, Entry, Fact};
use domain::programme::{CompiledProgramme, Programmes};
use operations::Explanation;
use serde::Deserialize;

use super::Portal;
use super::problem;
use super::session::Member;
use super::shell::{Shell, Tab};
use super::words::{money, points};
use crate::console::entries::{Movement, movements, tier_line};
use crate::console::format::{number, signed};
use crate::console::page::{Frame, Theme, ok};

/// Entries on a page.
const ENTRIES: u16 = 20;

#[derive(Template)]
#[template(path = "portal/history.html")]
struct HistoryPage {
    f: Frame,
    s: Shell,
    rows: Vec<EntryRow>,
    first: bool,
    next: Option<u32>,
}

/// An entry in a line or two.
pub(crate) struct EntryRow {
    pub(crate) number: u32,
    pub(crate) title: String,
    pub(crate) exact: String,
    pub(crate) when: String,
    pub(crate) movements: Vec<Movement>,
    pub(crate) lines: Vec<String>,
}

#[derive(Template)]
#[template(path = "portal/entry.html")]
struct EntryPage {
    f: Frame,
    s: Shell,
    row: EntryRow,
    why: Explanation,
}

/// Where the list goes on.
#[derive(Deserialize)]
pub(super) struct HistoryQuery {
    after: Option<u32>,
}

/// The page.
pub(super) async fn page(
    State(portal): State<Portal>,
    Query(query): Query<HistoryQuery>,
    member: Member,
) -> Response {
    let Member { frame: f, shell, id: member_id, .. } = member;
    let s = shell.at(Tab::History);
    match portal.engine.list_entries(member_id, query.after, ENTRIES).await {
        Ok(found) => ok(&HistoryPage {
            rows: entry_rows(&f, &portal.engine.programmes(), &found.entries),
            first: query.after.is_none(),
            next: found.next,
            f,
            s,
        }),
        Err(error) => problem::failed(f, s, &error),
    }
}

/// One entry and why it says what it says.
pub(super) async fn entry(
    State(portal): State<Portal>,
    Path(number): Path<String>,
    member: Member,
) -> Response {
    let Member { frame: f, shell, id: member_id, .. } = member;
    let s = shell.at(Tab::History);
    let Ok(entry_no) = number.parse() else { return problem::not_found(f, s) };
    let id = EntryId { account_id: member_id, entry_no };
    match portal.engine.explain_to_member(id, f.language).await {
        Ok((entry, why)) => {
            let programmes = portal.engine.programmes();
            let programme = programmes.version(entry.programme_version).map(AsRef::as_ref);
            ok(&EntryPage { row: entry_row(&f, programme, &entry), why, f, s })
        }
        Err(error) => problem::failed(f, s, &error),
    }
}

/// Entries in words.
pub(super) fn entry_rows(f: &Frame, programmes: &Programmes, entries: &[Entry]) -> Vec<EntryRow> {
    let row = |entry: &Entry| {
        let programme = programmes.version(entry.programme_version).map(AsRef::as_ref);
        entry_row(f, programme, entry)
    };
    // What analyses make of a member is told to staff and to systems that follow along.
    let own =
        |entry: &&Entry| !matches!(entry.fact, Fact::AudienceEntered { .. } | Fact::AudienceLeft { .. });
    entries.iter().filter(own).map(row).collect()
}

fn entry_row(f: &Frame, programme: Option<&CompiledProgramme>, entry: &Entry) -> EntryRow {
    let mut lines = fact_lines(f, programme, &entry.fact, entry.id.account_id);
    lines.extend(entry.tier_changes.iter().map(|change| tier_line(f, programme, change)));
    EntryRow {
        number: entry.id.entry_no,
        title: f.named("event-", entry.fact.event()),
        exact: f.formats.exact(entry.occurred_at),
        when: f.formats.time(entry.occurred_at),
        movements: movements(f, programme, entry),
        lines,
    }
}

/// What happened, as the member knows it: staff's notes, names and document numbers stay in the console.
fn fact_lines(
    f: &Frame,
    programme: Option<&CompiledProgramme>,
    fact: &Fact,
    account_id: AccountId,
) -> Vec<String> {
    let given = |awards: &[Award]| {
        let named: Vec<String> = awards.iter().map(|award| award_words(f, programme, award)).collect();
        (!named.is_empty()).then(|| named.join(" · "))
    };
    match fact {
        Fact::PurchaseRecorded { purchase, awards, spent, .. } => {
            let total = money(f, programme, purchase.total().unwrap_or(0));
            let place = purchase.store.as_deref().or(purchase.channel.as_deref()).unwrap_or_default();
            let mut lines = vec![f.bought_line(&total, purchase.lines.len(), place)];
            lines.extend(
                spent
                    .iter()
                    .map(|spent| f.v("card-paid-with", points(f, programme, spent.points, spent.unit))),
            );
            lines.extend(given(awards));
            lines
        }
        Fact::ActivityRecorded { awards, .. } | Fact::MemberEnrolled { awards, .. } => {
            given(awards).into_iter().collect()
        }
        Fact::ReturnRecorded { document, .. } => {
            vec![f.v("card-return-of", &document.purchase.reference)]
        }
        Fact::RewardRedeemed { order, .. } => {
            let found = programme.and_then(|programme| programme.programme().reward(order.reward));
            let name = found
                .map_or_else(|| order.reward.to_string(), |reward| reward.name.get(f.language).to_owned());
            vec![f.with(
                "card-reward-times",
                &[("reward", &name), ("quantity", &number(i64::from(order.quantity)))],
            )]
        }
        Fact::TransferOffered { offer, .. } | Fact::PointsTransferred { offer, .. } => {
            let key = if offer.to == account_id { "card-history-got" } else { "card-history-given" };
            vec![f.v(key, points(f, programme, offer.points, offer.unit))]
        }
        Fact::ClubChosen { club, .. } => {
            let named = programme.and_then(|programme| programme.programme().segment(*club));
            vec![named.map_or_else(|| club.to_string(), |named| named.name.get(f.language).to_owned())]
        }
        Fact::HouseholdJoined { may_spend, .. } => {
            let may = if *may_spend { "card-pool-may" } else { "card-history-may-not" };
            vec![f.t("card-history-joined"), f.t(may)]
        }
        Fact::HouseholdLeft { .. } => vec![f.t("card-history-left")],
        Fact::PointsPooled { moved, .. } => {
            let key = if moved.parts.is_empty() { "card-history-owed" } else { "card-history-pooled" };
            vec![f.t(key)]
        }
        Fact::ToppedUp { top_up, .. } => vec![f.named("till-method-", &top_up.method)],
        Fact::StoredValueRefunded { refund, .. } => vec![f.named("till-method-", &refund.method)],
        Fact::PointsAdjusted { reason, .. } => vec![f.named("reason-", reason.as_str())],
        _ => Vec::new(),
    }
}

/// What a rule gave, by its name: `Base points +128`.
fn award_words(f: &Frame, programme: Option<&CompiledProgramme>, award: &Award) -> String {
    let rule = programme.and_then(|programme| programme.rule(award.rule));
    let name = rule.map_or_else(|| award.rule.to_string(), |rule| rule.rule.name.get(f.language).to_owned());
    f.with("card-award", &[("rule", &name), ("points", &signed(award.points))])
}
