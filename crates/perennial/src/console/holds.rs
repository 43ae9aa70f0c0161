//! Open holds of all members, those that time out first on top: what staff look at when points seem to be missing, and
//! where they give one up that nobody will capture any more.

use askama::Template;
use axum::Router;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use domain::burn::HoldVoid;
use domain::document::DocumentKey;
use domain::ids::{AccountId, EntryId};
use domain::programme::CompiledProgramme;
use jiff::{SignedDuration, Timestamp};
use operations::{Command, HOLD_PAGE_SIZE_MAX, HoldFilter, HoldView, OperationError, Request};
use serde::Deserialize;

use super::Console;
use super::csv_file::{CsvFile, Rows, download_rows};
use super::member::{unit_name, unit_number};
use super::moment::{Choice, Moment};
use super::page::{Frame, Section, Theme, show};
use super::problem;
use super::query::address;
use super::roles::Permission;
use super::session::{Reader, Submission};

/// Holds on a page.
const ROWS: u16 = 50;
/// The source of what is done here.
const SOURCE: &str = "console";
/// How soon a hold times out, by choice: the catalogue's key and hours.
const ENDS: [(&str, i64); 3] = [("within-hour", 1), ("within-day", 24), ("within-week", 168)];

/// The addresses of these pages.
pub(super) fn routes() -> Router<Console> {
    Router::new()
        .route("/console/holds", get(page))
        .route("/console/holds.csv", get(file))
        .route("/console/holds/{member}/{number}/void", post(void))
}

/// Which holds, where the list goes on, and what was just done.
#[derive(Debug, Clone, Default, Deserialize)]
pub(super) struct HoldsQuery {
    #[serde(default)]
    source: String,
    #[serde(default)]
    ends: String,
    #[serde(default)]
    after: String,
    #[serde(default)]
    done: String,
}

#[derive(Template)]
#[template(path = "console/holds.html")]
struct HoldsPage {
    f: Frame,
    query: HoldsQuery,
    ends: Vec<Choice>,
    rows: Vec<Row>,
    filtered: bool,
    may_void: bool,
    csv: Option<String>,
    first_page: Option<String>,
    next_page: Option<String>,
    error: Option<String>,
}

struct Row {
    action: String,
    member: String,
    member_name: String,
    source: String,
    reference: String,
    points: String,
    unit: String,
    captured: Option<String>,
    opened: Moment,
    ends: Moment,
    over: bool,
    /// The reason that was typed, where it was refused.
    typed: Option<String>,
}

/// A void that was refused: the hold, the reason that was typed, and why.
struct Refused {
    id: EntryId,
    typed: String,
    told: String,
}

/// The page.
pub(super) async fn page(
    State(console): State<Console>,
    Query(query): Query<HoldsQuery>,
    reader: Reader,
) -> Response {
    let mut f = reader.frame;
    f.notice = (query.done == "void").then(|| f.t("hold-voided"));
    list(&console, f, query, None).await
}

async fn list(console: &Console, mut f: Frame, query: HoldsQuery, refused: Option<Refused>) -> Response {
    f.section = Section::Holds;
    f.here = query.address("/console/holds", &query.after);
    let now = console.engine.clock().now();
    let after = Some(query.after.as_str()).filter(|after| !after.is_empty());
    let found = match console.engine.list_holds(&query.filter(now), after, ROWS).await {
        Ok(found) => found,
        Err(error) => return problem::failed(f, &error),
    };
    let names = match console.engine.name_members(found.holds.iter().map(|hold| hold.member_id)).await {
        Ok(names) => names,
        Err(error) => return problem::failed(f, &error),
    };
    let programme = console.programme();
    let row = |hold: &HoldView| {
        let name = names.get(&hold.member_id).cloned().unwrap_or_else(|| f.t("nameless"));
        let typed = refused.as_ref().filter(|refused| refused.id == hold.entry_id);
        row(&f, programme.as_deref(), hold, (name, typed.map(|refused| refused.typed.clone())), now)
    };
    let page = HoldsPage {
        rows: found.holds.iter().map(row).collect(),
        ends: ENDS.map(|(key, _)| Choice::new(key, f.named("ends-", key), &query.ends)).into(),
        filtered: !query.source.is_empty() || !query.ends.is_empty(),
        may_void: f.may(Permission::HandOut),
        csv: f.may(Permission::ExportMembers).then(|| query.address("/console/holds.csv", "")),
        first_page: after.map(|_| query.address("/console/holds", "")),
        next_page: found.next.map(|next| query.address("/console/holds", &next)),
        error: refused.map(|refused| refused.told),
        query,
        f,
    };
    let status = if page.error.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    show(status, &page)
}

impl HoldsQuery {
    fn filter(&self, now: Timestamp) -> HoldFilter {
        let hours = ENDS.iter().find(|(key, _)| *key == self.ends).map(|(_, hours)| *hours);
        HoldFilter {
            source: Some(self.source.trim().to_owned()).filter(|source| !source.is_empty()),
            ending_before: hours.and_then(|hours| now.checked_add(SignedDuration::from_hours(hours)).ok()),
        }
    }

    fn address(&self, path: &str, after: &str) -> String {
        address(path, &[("source", self.source.trim()), ("ends", &self.ends), ("after", after)])
    }
}

fn row(
    f: &Frame,
    programme: Option<&CompiledProgramme>,
    hold: &HoldView,
    (member_name, typed): (String, Option<String>),
    now: Timestamp,
) -> Row {
    let amount = |points| unit_number(f, programme, hold.unit, points);
    Row {
        action: format!("/console/holds/{}/{}/void", hold.member_id, hold.entry_id.entry_no),
        member: hold.member_id.to_string(),
        member_name,
        source: hold.key.source.clone(),
        reference: hold.key.reference.clone(),
        points: amount(hold.points.saturating_sub(hold.captured)),
        unit: unit_name(f, programme, hold.unit),
        captured: (hold.captured > 0).then(|| f.v("hold-captured", amount(hold.captured))),
        opened: Moment::time(f, hold.opened_at, now),
        ends: Moment::time(f, hold.ends_at, now),
        over: hold.ends_at <= now,
        typed,
    }
}

/// Gives a hold up: what it still keeps goes back. Sent twice, it is given up once.
pub(super) async fn void(
    State(console): State<Console>,
    Path((member, number)): Path<(String, u32)>,
    Submission { reader, fields }: Submission,
) -> Result<Response, Response> {
    let Reader { frame: f, actor, .. } = reader.require(Permission::HandOut)?;
    let Ok(account_id) = member.parse::<AccountId>() else { return Ok(problem::not_found(f)) };
    let id = EntryId { account_id, entry_no: number };
    let typed = fields.text("reason");
    if typed.is_empty() {
        let refused = Refused { id, typed: String::new(), told: f.t("note-missing") };
        return Ok(list(&console, f, HoldsQuery::default(), Some(refused)).await);
    }
    let void = HoldVoid {
        key: DocumentKey { source: SOURCE.to_owned(), reference: format!("{account_id}-{number}-voided") },
        hold: DocumentKey {
            source: fields.text("source").to_owned(),
            reference: fields.text("reference").to_owned(),
        },
        occurred_at: console.engine.clock().now(),
        reason: Some(typed.to_owned()),
    };
    let reply = console.engine.carry_out(Request::new(Command::VoidHold { void }, &*actor)).await;
    let done = || Redirect::to("/console/holds?done=void").into_response();
    Ok(match reply.and_then(operations::Answer::recorded) {
        // The number of this void says which hold it was for: sent again, it is done already.
        Ok(_) | Err(OperationError::Refused(domain::refusal::Refusal::DocumentDiffers { .. })) => done(),
        Err(error @ OperationError::Refused(_)) => {
            let told = problem::sentence(&f, &error);
            let refused = Refused { id, typed: typed.to_owned(), told };
            list(&console, f, HoldsQuery::default(), Some(refused)).await
        }
        Err(error) => problem::failed(f, &error),
    })
}

/// The list as a file, all pages of it.
pub(super) async fn file(
    State(console): State<Console>,
    Query(query): Query<HoldsQuery>,
    reader: Reader,
) -> Result<Response, Response> {
    let f = reader.require(Permission::ExportMembers)?.frame;
    let filter = query.filter(console.engine.clock().now());
    let headings = ["member", "source", "reference", "points", "unit", "hold-opened", "hold-ends"];
    Ok(download_rows(f, "holds", &headings, HoldRows { console, filter, after: None }).await)
}

/// The holds of a file, page by page.
struct HoldRows {
    console: Console,
    filter: HoldFilter,
    after: Option<String>,
}

impl Rows for HoldRows {
    async fn write_next(&mut self, f: &Frame, file: &mut CsvFile) -> Result<bool, OperationError> {
        let after = self.after.as_deref();
        let found = self.console.engine.list_holds(&self.filter, after, HOLD_PAGE_SIZE_MAX).await?;
        found.holds.iter().for_each(|hold| file.row(&file_row(f, hold)));
        self.after = found.next;
        Ok(self.after.is_some())
    }
}

fn file_row(f: &Frame, hold: &HoldView) -> Vec<String> {
    vec![
        hold.member_id.to_string(),
        hold.key.source.clone(),
        hold.key.reference.clone(),
        hold.points.saturating_sub(hold.captured).to_string(),
        hold.unit.to_string(),
        f.formats.exact(hold.opened_at),
        f.formats.exact(hold.ends_at),
    ]
}
