//! The list of households: who pools how much with whom; and the form that opens one.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use domain::programme::CompiledProgramme;
use jiff::Timestamp;
use operations::{HOUSEHOLD_PAGE_SIZE_MAX, HouseholdFilter, HouseholdView, MemberReference, OperationError};
use serde::Deserialize;

use super::{Pooled, member_name, name, pooled, units_pooled};
use crate::console::Console;
use crate::console::csv_file::{CsvFile, Rows, download_rows};
use crate::console::moment::Moment;
use crate::console::page::{Frame, Section, Theme, show};
use crate::console::problem;
use crate::console::query::address;
use crate::console::roles::Permission;
use crate::console::session::Reader;
use crate::till::member::{Found, find};

/// What a programme needs to know households.
const PART: &str = "[households]\nunits = [\"points\"]";
/// Households on a page.
const ROWS: u16 = 25;

/// Which households, and where the list goes on.
#[derive(Debug, Clone, Default, Deserialize)]
pub(super) struct HouseholdsQuery {
    #[serde(default)]
    q: String,
    #[serde(default)]
    after: String,
}

#[derive(Template)]
#[template(path = "console/households.html")]
struct HouseholdsPage {
    f: Frame,
    query: HouseholdsQuery,
    rows: Vec<Row>,
    /// Whether the programme in force knows households.
    allowed: bool,
    /// What to add to the programme where it knows none.
    part: &'static str,
    may_open: bool,
    csv: Option<String>,
    first_page: Option<String>,
    next_page: Option<String>,
    request: String,
    /// The name that was typed, and why it was refused.
    typed: String,
    error: Option<String>,
}

struct Row {
    id: String,
    name: String,
    members: Vec<String>,
    pooled: Vec<Pooled>,
    opened: Moment,
}

/// What was typed to open a household, and why it was refused.
#[derive(Default)]
pub(super) struct Refused {
    pub(super) name: String,
    pub(super) told: String,
}

/// The page.
pub(super) async fn page(
    State(console): State<Console>,
    Query(query): Query<HouseholdsQuery>,
    reader: Reader,
) -> Response {
    list(&console, reader.frame, query, None).await
}

pub(super) async fn list(
    console: &Console,
    mut f: Frame,
    query: HouseholdsQuery,
    refused: Option<Refused>,
) -> Response {
    f.section = Section::Households;
    f.here = query.address("/console/households", &query.after);
    let after = Some(query.after.as_str()).filter(|after| !after.is_empty());
    let found = match query.filter(console).await {
        Ok(filter) => console.engine.list_households(&filter, after, ROWS).await,
        Err(error) => Err(error),
    };
    let found = match found {
        Ok(found) => found,
        Err(error) => return problem::failed(f, &error),
    };
    let programme = console.programme();
    let programme = programme.as_deref();
    let now = console.engine.clock().now();
    let allowed = !units_pooled(programme).is_empty();
    let status = if refused.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let Refused { name: typed, told } = refused.unwrap_or_default();
    let page = HouseholdsPage {
        rows: found.households.iter().map(|one| row(&f, programme, one, now)).collect(),
        allowed,
        part: PART,
        may_open: allowed && f.may(Permission::ManageHouseholds),
        csv: f.may(Permission::ExportMembers).then(|| query.address("/console/households.csv", "")),
        first_page: after.map(|_| query.address("/console/households", "")),
        next_page: found.next.map(|next| query.address("/console/households", &next)),
        request: console.draw_request(),
        typed,
        error: Some(told).filter(|told| !told.is_empty()),
        query,
        f,
    };
    show(status, &page)
}

impl HouseholdsQuery {
    /// Whoever is found by card, phone, e-mail or id leads to their household; any other text is a part of a name.
    async fn filter(&self, console: &Console) -> Result<HouseholdFilter, OperationError> {
        let text = self.q();
        let programme = console.programme();
        let region =
            programme.as_deref().and_then(|programme| programme.programme().default_region.as_deref());
        Ok(match find(&console.engine, text, region).await? {
            Found::Member(member) => {
                HouseholdFilter { member: Some(MemberReference::Id(member.member_id)), text: None }
            }
            Found::Nobody => HouseholdFilter::default(),
            Found::New(_) | Found::Unknown => HouseholdFilter { text: Some(text.to_owned()), member: None },
        })
    }

    /// The text that was looked for.
    fn q(&self) -> &str {
        self.q.trim()
    }

    fn address(&self, path: &str, after: &str) -> String {
        address(path, &[("q", self.q()), ("after", after)])
    }
}

fn row(f: &Frame, programme: Option<&CompiledProgramme>, household: &HouseholdView, now: Timestamp) -> Row {
    Row {
        id: household.household_id.to_string(),
        name: name(f, household),
        members: household.members.iter().map(|member| member_name(f, member)).collect(),
        pooled: pooled(f, programme, household),
        opened: Moment::day(f, household.opened_at, now),
    }
}

/// The list as a file, all pages of it: a line for each unit of each household.
pub(super) async fn file(
    State(console): State<Console>,
    Query(query): Query<HouseholdsQuery>,
    reader: Reader,
) -> Result<Response, Response> {
    let f = reader.require(Permission::ExportMembers)?.frame;
    let filter = match query.filter(&console).await {
        Ok(filter) => filter,
        Err(error) => return Err(problem::failed(f, &error)),
    };
    let headings = [
        "household",
        "household-name",
        "household-members",
        "unit",
        "available",
        "held",
        "debt",
        "household-opened",
    ];
    let programme = console.programme();
    let rows = HouseholdRows { console, programme, filter, after: None };
    Ok(download_rows(f, "households", &headings, rows).await)
}

/// The households of a file, page by page.
struct HouseholdRows {
    console: Console,
    programme: Option<Arc<CompiledProgramme>>,
    filter: HouseholdFilter,
    after: Option<String>,
}

impl Rows for HouseholdRows {
    async fn write_next(&mut self, f: &Frame, file: &mut CsvFile) -> Result<bool, OperationError> {
        let after = self.after.as_deref();
        let found = self.console.engine.list_households(&self.filter, after, HOUSEHOLD_PAGE_SIZE_MAX).await?;
        let lines = found.households.iter().flat_map(|one| lines(f, self.programme.as_deref(), one));
        lines.for_each(|line| file.row(&line));
        self.after = found.next;
        Ok(self.after.is_some())
    }
}

fn lines(f: &Frame, programme: Option<&CompiledProgramme>, household: &HouseholdView) -> Vec<Vec<String>> {
    let day = f.formats.zone.to_datetime(household.opened_at).date().to_string();
    let members: Vec<String> = household.members.iter().map(|member| member_name(f, member)).collect();
    let line = |unit: String, [available, held, debt]: [String; 3]| {
        let (id, name, members) =
            (household.household_id.to_string(), name(f, household), members.join("; "));
        vec![id, name, members, unit, available, held, debt, day.clone()]
    };
    if household.balances.is_empty() {
        let unit = units_pooled(programme).first().map_or_else(String::new, ToString::to_string);
        return vec![line(unit, ["0", "0", "0"].map(str::to_owned))];
    }
    let balances = household.balances.iter();
    balances
        .map(|one| {
            line(one.unit.to_string(), [one.available, one.held, one.debt].map(|points| points.to_string()))
        })
        .collect()
}
