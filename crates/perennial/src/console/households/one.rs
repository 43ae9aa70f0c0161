//! One household, whole: what is pooled and when it lapses, who belongs to it and what each would take along, what makes
//! leaving wait, what happened; and the form by which a member joins.

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use domain::ids::AccountId;
use domain::ledger::Hold;
use domain::programme::CompiledProgramme;
use jiff::Timestamp;
use operations::{
    Command, HouseholdMember, HouseholdView, MemberReference, MemberView, OperationError, Request,
};
use serde::Deserialize;

use super::{Pooled, member_name, name, pooled, taken_along, units_pooled};
use crate::console::Console;
use crate::console::entries::EntryList;
use crate::console::member::{ExpiryView, LotView, expiries, lot_view, unit_name, unit_number};
use crate::console::moment::Moment;
use crate::console::page::{Frame, Section, Theme, show};
use crate::console::problem;
use crate::console::roles::Permission;
use crate::console::session::Reader;
use crate::till::member::{Found, find};

/// Entries on a page of the timeline.
const ENTRIES: u16 = 20;

/// Where the timeline goes on, who may join, and what was just done.
#[derive(Debug, Default, Deserialize)]
pub(super) struct HouseholdQuery {
    after: Option<u32>,
    /// What was typed to find a member who joins.
    #[serde(default)]
    join: String,
    #[serde(default)]
    done: String,
}

#[derive(Template)]
#[template(path = "console/household.html")]
struct HouseholdPage {
    f: Frame,
    id: String,
    name: String,
    opened: Moment,
    pooled: Vec<Pooled>,
    expiries: Vec<ExpiryView>,
    lots: Vec<LotView>,
    members: Vec<MemberRow>,
    holds: Vec<HoldRow>,
    may_manage: bool,
    /// Whether the programme in force lets anybody join.
    allowed: bool,
    join: Joining,
    request: String,
    page: EntryList,
}

struct MemberRow {
    id: String,
    name: String,
    since: Moment,
    may_spend: bool,
    takes: Vec<String>,
    pending: Vec<String>,
}

struct HoldRow {
    source: String,
    reference: String,
    points: String,
    ends: Moment,
}

/// The form by which a member joins: who was typed, who that is, and why it was refused.
#[derive(Default)]
pub(super) struct Joining {
    pub(super) typed: String,
    pub(super) may_spend: bool,
    pub(super) error: Option<String>,
    pub(super) candidate: Option<Candidate>,
}

/// Who may join.
pub(super) struct Candidate {
    id: String,
    name: String,
    identifiers: String,
    /// What would be pooled at once.
    brings: Vec<String>,
    /// What stays theirs until it can be spent.
    keeps: Vec<String>,
    refusal: Option<String>,
}

/// The page.
pub(super) async fn page(
    State(console): State<Console>,
    Path(id): Path<String>,
    Query(query): Query<HouseholdQuery>,
    reader: Reader,
) -> Response {
    let Reader { frame: mut f, actor, .. } = reader;
    f.notice = match query.done.split_once(':') {
        Some(("opened", _)) => Some(f.t("household-opened-now")),
        Some(("joined", name)) => Some(f.v("household-joined-now", name)),
        Some(("may", name)) => Some(f.v("household-may-now", name)),
        Some(("may-not", name)) => Some(f.v("household-may-not-now", name)),
        Some(("left", name)) => Some(f.v("household-left-now", name)),
        _ => None,
    };
    let joining = Joining { typed: query.join.trim().to_owned(), ..Joining::default() };
    look(&console, f, &actor, &id, (joining, query.after)).await
}

/// The page, with what was filled in where joining was refused.
pub(super) async fn look(
    console: &Console,
    mut f: Frame,
    actor: &str,
    id: &str,
    (mut join, after): (Joining, Option<u32>),
) -> Response {
    f.section = Section::Households;
    f.here = format!("/console/households/{id}");
    let Ok(id) = id.parse::<AccountId>() else { return problem::not_found(f) };
    let household = match console.engine.view_household(id).await {
        Ok(household) => household,
        Err(error) => return problem::failed(f, &error),
    };
    let entries = console.engine.list_entries(id, after, ENTRIES).await;
    if f.may(Permission::ManageHouseholds)
        && let Err(error) = name_candidate(console, &f, actor, id, &mut join).await
    {
        return problem::failed(f, &error);
    }
    let list = match entries {
        Ok(entries) => EntryList::load(console, &f, &entries, after).await,
        Err(error) => Err(error),
    };
    let list = match list {
        Ok(list) => list,
        Err(error) => return problem::failed(f, &error),
    };
    let status = if join.error.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    show(status, &view(console, f, &household, join, list))
}

fn view(
    console: &Console,
    f: Frame,
    household: &HouseholdView,
    join: Joining,
    page: EntryList,
) -> HouseholdPage {
    let now = console.engine.clock().now();
    let programme = console.programme();
    let programme = programme.as_deref();
    HouseholdPage {
        id: household.household_id.to_string(),
        name: name(&f, household),
        opened: Moment::day(&f, household.opened_at, now),
        pooled: pooled(&f, programme, household),
        expiries: expiries(&f, programme, &household.lots),
        lots: household.lots.iter().map(|lot| lot_view(&f, programme, lot)).collect(),
        members: household.members.iter().map(|member| member_row(&f, programme, member, now)).collect(),
        holds: household.holds.iter().map(|hold| hold_row(&f, programme, hold, now)).collect(),
        may_manage: f.may(Permission::ManageHouseholds),
        allowed: !units_pooled(programme).is_empty(),
        join,
        request: console.draw_request(),
        page,
        f,
    }
}

fn member_row(
    f: &Frame,
    programme: Option<&CompiledProgramme>,
    member: &HouseholdMember,
    now: Timestamp,
) -> MemberRow {
    let pooled = units_pooled(programme);
    let own = member.own.iter().filter(|balance| balance.pending > 0 && pooled.contains(&balance.unit));
    MemberRow {
        id: member.member_id.to_string(),
        name: member_name(f, member),
        since: Moment::day(f, member.since, now),
        may_spend: member.may_spend,
        takes: taken_along(f, programme, member),
        pending: own
            .map(|balance| f.v("pending-points", unit_number(f, programme, balance.unit, balance.pending)))
            .collect(),
    }
}

fn hold_row(f: &Frame, programme: Option<&CompiledProgramme>, hold: &Hold, now: Timestamp) -> HoldRow {
    let points = unit_number(f, programme, hold.unit, hold.points());
    HoldRow {
        source: hold.key.source.clone(),
        reference: hold.key.reference.clone(),
        points: format!("{points} {}", unit_name(f, programme, hold.unit)),
        ends: Moment::time(f, hold.ends_at, now),
    }
}

/// Finds whom the typed text leads to, and tries whether they could join.
async fn name_candidate(
    console: &Console,
    f: &Frame,
    actor: &str,
    household: AccountId,
    join: &mut Joining,
) -> Result<(), OperationError> {
    let programme = console.programme();
    let programme = programme.as_deref();
    let region = programme.and_then(|programme| programme.programme().default_region.as_deref());
    match find(&console.engine, &join.typed, region).await? {
        Found::Nobody => {}
        Found::Unknown | Found::New(_) => {
            let told = f.v("merge-nobody", &join.typed);
            join.error.get_or_insert(told);
        }
        Found::Member(member) => {
            let command = join_command(household, member.member_id, join.may_spend);
            let refusal = match console.engine.carry_out(Request::new(command, actor).dry_run(true)).await {
                Ok(_) => None,
                Err(error @ OperationError::Refused(_)) => Some(problem::sentence(f, &error)),
                Err(error) => return Err(error),
            };
            join.candidate = Some(candidate(f, programme, &member, refusal));
        }
    }
    Ok(())
}

/// What lets a member join.
pub(super) fn join_command(household: AccountId, member: AccountId, may_spend: bool) -> Command {
    Command::JoinHousehold { household, member: MemberReference::Id(member), may_spend }
}

fn candidate(
    f: &Frame,
    programme: Option<&CompiledProgramme>,
    member: &MemberView,
    refusal: Option<String>,
) -> Candidate {
    let (mut brings, mut keeps) = (Vec::new(), Vec::new());
    for unit in units_pooled(programme) {
        let Some(balance) = member.standing.balances.iter().find(|balance| balance.unit == unit) else {
            continue;
        };
        let of = |value: i64| {
            format!("{} {}", unit_number(f, programme, unit, value), unit_name(f, programme, unit))
        };
        if balance.available > 0 {
            brings.push(of(balance.available));
        }
        if balance.debt > 0 {
            brings.push(f.v("household-owed", of(balance.debt)));
        }
        if balance.pending > 0 {
            keeps.push(of(balance.pending));
        }
    }
    if brings.is_empty() {
        brings.push(f.t("household-nothing"));
    }
    Candidate {
        id: member.member_id.to_string(),
        name: member.profile.name.clone().unwrap_or_else(|| f.t("nameless")),
        identifiers: crate::console::members::shortest(&member.identifiers),
        brings,
        keeps,
        refusal,
    }
}
