//! Merging another member into this one, side by side before it is done, and undoing it.

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use domain::ids::AccountId;
use operations::{Command, MemberReference, MemberView, OperationError, Request};
use serde::Deserialize;

use super::Console;
use super::format::number;
use super::member::{unit_name, unit_number};
use super::page::{Frame, Section, Theme, show};
use super::problem;
use super::query::encode;
use super::roles::Permission;
use super::session::{Reader, Submission};
use super::tier_progress::tier_views;
use crate::till::member::{Found, find};

/// The reason a trial carries: nobody reads it, because a trial is not recorded.
const TRIAL: &str = "trial";

/// Who may be the other member.
#[derive(Debug, Default, Deserialize)]
pub(super) struct MergeQuery {
    #[serde(default)]
    other: String,
}

#[derive(Template)]
#[template(path = "console/merge.html")]
struct MergePage {
    f: Frame,
    id: String,
    name: String,
    /// What was typed to find the other member.
    other: String,
    pair: Option<Pair>,
    absorbed: Vec<Absorbed>,
    reason: String,
    request: String,
    error: Option<String>,
}

/// The other member beside this one.
struct Pair {
    id: String,
    name: String,
    /// What is compared, this member's, the other's.
    rows: Vec<(String, String, String)>,
    /// Why the two cannot be merged now.
    refusal: Option<String>,
}

/// A member who was merged into this one.
struct Absorbed {
    id: String,
    name: String,
    /// Merged directly, not by way of another member: only that can be undone.
    direct: bool,
}

/// What was sent and refused.
#[derive(Default)]
struct Typed {
    other: String,
    reason: String,
    error: Option<String>,
}

/// The page.
pub(super) async fn page(
    State(console): State<Console>,
    Path(id): Path<String>,
    Query(query): Query<MergeQuery>,
    reader: Reader,
) -> Result<Response, Response> {
    let Reader { frame, actor, .. } = reader.require(Permission::MergeMembers)?;
    let typed = Typed { other: query.other.trim().to_owned(), ..Typed::default() };
    Ok(look(&console, frame, &actor, &id, typed).await)
}

async fn look(console: &Console, mut f: Frame, actor: &str, id: &str, typed: Typed) -> Response {
    f.section = Section::Members;
    f.here = format!("/console/members/{id}/merge");
    let Ok(id) = id.parse::<AccountId>() else { return problem::not_found(f) };
    let found = console.engine.view_member(&MemberReference::Id(id)).await;
    let member = match found {
        Ok(member) => member,
        Err(error) => return problem::failed(f, &error),
    };
    let (pair, missing) = match other(console, &f, &member, actor, &typed.other).await {
        Ok(found) => found,
        Err(error) => return problem::failed(f, &error),
    };
    let absorbed = match absorbed(console, &f, &member).await {
        Ok(absorbed) => absorbed,
        Err(error) => return problem::failed(f, &error),
    };
    let error = typed.error.or(missing);
    let status = if error.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let page = MergePage {
        id: member.member_id.to_string(),
        name: name(&f, &member),
        other: typed.other,
        pair,
        absorbed,
        reason: typed.reason,
        request: console.draw_request(),
        error,
        f,
    };
    show(status, &page)
}

/// The member that a text leads to beside this one; or why there is none.
async fn other(
    console: &Console,
    f: &Frame,
    member: &MemberView,
    actor: &str,
    text: &str,
) -> Result<(Option<Pair>, Option<String>), OperationError> {
    let programme = console.programme();
    let region = programme.as_deref().and_then(|programme| programme.programme().default_region.as_deref());
    match find(&console.engine, text, region).await? {
        Found::Nobody => Ok((None, None)),
        Found::Unknown | Found::New(_) => Ok((None, Some(f.v("merge-nobody", text)))),
        Found::Member(other) if other.member_id == member.member_id => Ok((None, Some(f.t("merge-same")))),
        Found::Member(other) => {
            let command = merge_command(other.member_id, member.member_id, TRIAL);
            let refusal = match console.engine.carry_out(Request::new(command, actor).dry_run(true)).await {
                Ok(_) => None,
                Err(error @ OperationError::Refused(_)) => Some(problem::sentence(f, &error)),
                Err(error) => return Err(error),
            };
            let rows = compare(console, f, member, &other);
            let pair = Pair { id: other.member_id.to_string(), name: name(f, &other), rows, refusal };
            Ok((Some(pair), None))
        }
    }
}

fn merge_command(absorbed: AccountId, into: AccountId, reason: &str) -> Command {
    let (absorbed, into) = (MemberReference::Id(absorbed), MemberReference::Id(into));
    Command::MergeMembers { absorbed, into, reason: reason.to_owned() }
}

fn name(f: &Frame, member: &MemberView) -> String {
    member.profile.name.clone().unwrap_or_else(|| f.t("nameless"))
}

/// What tells two members apart, and what each brings.
fn compare(
    console: &Console,
    f: &Frame,
    here: &MemberView,
    there: &MemberView,
) -> Vec<(String, String, String)> {
    let programme = console.programme();
    let programme = programme.as_deref();
    let now = console.engine.clock().now();
    let row = |key: &str, value: &dyn Fn(&MemberView) -> String| (f.t(key), value(here), value(there));
    let mut rows = vec![
        row("merge-identifiers", &|member| {
            member.identifiers.iter().map(|one| one.value.clone()).collect::<Vec<_>>().join(", ")
        }),
        row("merge-born", &|member| {
            member.profile.born_on.map_or_else(|| "–".to_owned(), |day| f.formats.date(day))
        }),
        row("merge-joined", &|member| f.formats.day(member.enrolled_at)),
        row("profile-purchases", &|member| number(i64::from(member.state.purchase_count))),
        row("tier", &|member| {
            tier_views(f, programme, member, now)
                .into_iter()
                .map(|tier| tier.name)
                .collect::<Vec<_>>()
                .join(", ")
        }),
    ];
    let mut units: Vec<_> =
        [here, there].iter().flat_map(|member| &member.standing.balances).map(|one| one.unit).collect();
    units.sort_unstable();
    units.dedup();
    for unit in units {
        let balance = |member: &MemberView| {
            let found = member.standing.balances.iter().find(|balance| balance.unit == unit);
            let (available, pending) =
                found.map_or((0, 0), |one| (one.available.saturating_sub(one.debt), one.pending));
            let shown = unit_number(f, programme, unit, available);
            if pending == 0 {
                shown
            } else {
                f.with(
                    "merge-balance",
                    &[("available", &shown), ("pending", &unit_number(f, programme, unit, pending))],
                )
            }
        };
        rows.push((unit_name(f, programme, unit), balance(here), balance(there)));
    }
    rows
}

async fn absorbed(
    console: &Console,
    f: &Frame,
    member: &MemberView,
) -> Result<Vec<Absorbed>, OperationError> {
    let merged = &member.state.absorbed;
    let names = console.engine.name_members(merged.iter().map(|one| one.account_id)).await?;
    let row = |one: &domain::ledger::Absorbed| Absorbed {
        id: one.account_id.to_string(),
        name: names.get(&one.account_id).cloned().unwrap_or_else(|| f.t("nameless")),
        direct: !one.entry_nos.is_empty(),
    };
    Ok(merged.iter().map(row).collect())
}

/// Merges. The same form sent twice merges once.
pub(super) async fn merge(
    State(console): State<Console>,
    Path(id): Path<String>,
    Submission { reader, fields }: Submission,
) -> Result<Response, Response> {
    let Reader { frame: f, actor, .. } = reader.require(Permission::MergeMembers)?;
    let (other, reason) = (fields.text("other"), fields.text("reason"));
    let (Ok(into), Ok(absorbed)) = (id.parse::<AccountId>(), other.parse::<AccountId>()) else {
        return Ok(problem::not_found(f));
    };
    let typed = |error| Typed { other: other.to_owned(), reason: reason.to_owned(), error: Some(error) };
    if reason.is_empty() {
        let typed = typed(f.t("note-missing"));
        return Ok(look(&console, f, &actor, &id, typed).await);
    }
    let command = merge_command(absorbed, into, reason);
    Ok(match console.carry_out_once(&actor, &fields, command).await {
        Ok(_) => back(into, &format!("merged:{}", fields.text("name"))),
        Err(error @ OperationError::Refused(_)) => {
            let typed = typed(problem::sentence(&f, &error));
            look(&console, f, &actor, &id, typed).await
        }
        Err(error) => problem::failed(f, &error),
    })
}

/// Undoes the merge of a member into this one.
pub(super) async fn undo(
    State(console): State<Console>,
    Path(id): Path<String>,
    Submission { reader, fields }: Submission,
) -> Result<Response, Response> {
    let Reader { frame: f, actor, .. } = reader.require(Permission::MergeMembers)?;
    let reason = fields.text("reason");
    let Ok(absorbed) = fields.text("absorbed").parse::<AccountId>() else { return Ok(problem::not_found(f)) };
    if reason.is_empty() {
        let typed = Typed { error: Some(f.t("note-missing")), ..Typed::default() };
        return Ok(look(&console, f, &actor, &id, typed).await);
    }
    let command = Command::UndoMerge { absorbed, reason: reason.to_owned() };
    Ok(match console.carry_out_once(&actor, &fields, command).await {
        Ok(_) => back(absorbed, "separated:"),
        Err(error @ OperationError::Refused(_)) => {
            let typed = Typed { error: Some(problem::sentence(&f, &error)), ..Typed::default() };
            look(&console, f, &actor, &id, typed).await
        }
        Err(error) => problem::failed(f, &error),
    })
}

fn back(member: AccountId, done: &str) -> Response {
    Redirect::to(&format!("/console/members/{member}?done={}", encode(done))).into_response()
}
