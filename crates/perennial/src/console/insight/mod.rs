//! Questions about the customers: the list of them, a page for each answer with figures, charts, tables and the SQL
//! behind them. An answer that takes long is worked on while the page comes back for it, and can be given up.

mod charts;
mod claims;
mod heat;
mod page;
mod query;
mod surveys;
mod tables;
mod values;

use std::time::Duration;

use analytics::lake::{AnswerFormat, write_batch};
use analytics::report::{Report, ReportName, SegmentLayer};
use askama::Template;
use axum::Router;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use operations::{Insight, OperationError, ReportState};
use serde::Deserialize;

use self::query::{InsightQuery, OUTCOMES, QueryFault};
use self::tables::TableQuery;
use super::Console;
use super::format::number;
use super::page::{Frame, Section, Theme, ok, show};
use super::problem;
use super::roles::Permission;
use super::session::{Reader, Submission};

/// How long a page waits for an answer before it says that it is being worked on.
const PATIENCE: Duration = Duration::from_millis(900);

/// How long a file waits: a page that says so would be saved in its place.
const FILE_PATIENCE: Duration = Duration::from_secs(20);

/// The file, without its ending, of what a question says of each member.
const MEMBERS: &str = "members";

/// When a page comes back for an answer.
const ASK_AGAIN_SECONDS: u32 = 2;

/// The addresses of these pages.
pub(super) fn routes() -> Router<Console> {
    Router::new()
        .route("/console/insight", get(list))
        .route("/console/insight/claims", get(claims::page))
        .route("/console/insight/claims.csv", get(claims::file))
        .merge(surveys::routes())
        .route("/console/insight/{name}", get(report))
        .route("/console/insight/{name}/cancel", post(cancel))
        .route("/console/insight/{name}/{file}", get(file))
}

#[derive(Template)]
#[template(path = "console/insight_list.html")]
struct ListPage {
    f: Frame,
    may_import: bool,
    /// What the lake holds; none if there is no lake.
    lake: Option<LakeState>,
    /// Why the lake cannot be read.
    fault: Option<String>,
    questions: Vec<Question>,
}

struct LakeState {
    documents: String,
    postings: String,
    files: String,
}

struct Question {
    address: String,
    title: String,
    sentence: String,
}

#[derive(Template)]
#[template(path = "console/insight_running.html")]
struct RunningPage {
    f: Frame,
    title: String,
    seconds: String,
    cancel: String,
    again: String,
}

#[derive(Template)]
#[template(path = "console/insight_none.html")]
struct NonePage {
    f: Frame,
    title: String,
    question: String,
    query: InsightQuery,
    asks: Asks,
    action: String,
    why: String,
}

/// The questions there are, and the lake they are asked of.
async fn list(State(console): State<Console>, reader: Reader) -> Response {
    let mut f = reader.frame;
    f.section = Section::Insight;
    "/console/insight".clone_into(&mut f.here);
    let (lake, fault) = match &console.insight {
        None => (None, None),
        Some(insight) => match insight.view_lake().await {
            Ok(manifest) => (Some(lake_state(&manifest)), None),
            // The server has not written it for the first time yet, or it is away.
            Err(_) => (None, Some(f.t("insight-lake-begins"))),
        },
    };
    let question = |name: ReportName| Question {
        address: format!("/console/insight/{name}"),
        title: f.named("report-", name.as_str()),
        sentence: f.named("report-question-", name.as_str()),
    };
    ok(&ListPage {
        may_import: f.may(Permission::ImportSurveys),
        lake,
        fault,
        questions: ReportName::ALL.map(question).into(),
        f,
    })
}

fn lake_state(manifest: &analytics::lake::Manifest) -> LakeState {
    use analytics::lake::Table;
    let count = |rows: u64| number(i64::try_from(rows).unwrap_or(i64::MAX));
    LakeState {
        documents: count(manifest.rows(Table::Purchases)),
        postings: count(manifest.rows(Table::Postings)),
        files: number(i64::try_from(manifest.files.len()).unwrap_or(i64::MAX)),
    }
}

/// Which fields a question has beside period and filters.
#[derive(Debug, Clone, Copy)]
#[expect(clippy::struct_excessive_bools, reason = "each field of the form is there or not")]
struct Asks {
    experiment: bool,
    campaign: bool,
    outcome: bool,
    cost: bool,
    budget: bool,
    factor_weights: bool,
    markers: bool,
    clubs: bool,
}

impl Asks {
    fn of(name: ReportName) -> Self {
        Self {
            experiment: name.compares_arms() || name == ReportName::ExperimentPlan,
            campaign: name.compares_arms(),
            outcome: matches!(name, ReportName::Experiment | ReportName::Uplift | ReportName::ExperimentPlan),
            cost: matches!(name, ReportName::Experiment | ReportName::FreeRiders | ReportName::Offers),
            budget: name == ReportName::Offers,
            factor_weights: name == ReportName::Scorecard,
            markers: name == ReportName::SegmentStack,
            clubs: name == ReportName::Clubs,
        }
    }
}

/// A question that is asked: whose it is, its name, its filters.
struct Asked<'a> {
    insight: &'a Insight,
    name: ReportName,
    query: InsightQuery,
}

impl Asked<'_> {
    /// The answer, or the page that is shown in its place.
    async fn answer(
        &self,
        f: Frame,
        patience: Duration,
    ) -> Result<(Frame, std::sync::Arc<Report>), Response> {
        let request = match self.query.request() {
            Ok(request) => request,
            Err(fault) => {
                let why = match fault {
                    QueryFault::Day => f.t("insight-period-invalid"),
                    QueryFault::Amount => f.t("insight-amount-invalid"),
                };
                return Err(self.nothing(f, StatusCode::UNPROCESSABLE_ENTITY, why));
            }
        };
        match self.insight.run_report(self.name, &request, patience).await {
            Ok(ReportState::Answered(report)) => Ok((f, report)),
            Ok(ReportState::Running(elapsed)) => Err(self.running(f, elapsed)),
            Err(error @ (OperationError::NoAnswer { .. } | OperationError::Refused(_))) => {
                let why = problem::sentence(&f, &error);
                Err(self.nothing(f, StatusCode::OK, why))
            }
            Err(error) => Err(problem::failed(f, &error)),
        }
    }

    fn running(&self, f: Frame, elapsed: Duration) -> Response {
        ok(&RunningPage {
            title: f.named("report-", self.name.as_str()),
            seconds: number(i64::try_from(elapsed.as_secs()).unwrap_or(0)),
            cancel: self.query.address(&format!("/console/insight/{}/cancel", self.name)),
            again: format!("{ASK_AGAIN_SECONDS};url={}", f.here),
            f,
        })
    }

    fn nothing(&self, f: Frame, status: StatusCode, why: String) -> Response {
        let page = NonePage {
            title: f.named("report-", self.name.as_str()),
            question: f.named("report-question-", self.name.as_str()),
            action: format!("/console/insight/{}", self.name),
            query: self.query.clone(),
            asks: Asks::of(self.name),
            why,
            f,
        };
        show(status, &page)
    }
}

/// The page of a question.
async fn report(
    State(console): State<Console>,
    Path(name): Path<String>,
    Query(query): Query<InsightQuery>,
    Query(wanted): Query<TableQuery>,
    reader: Reader,
) -> Response {
    let mut f = reader.frame;
    f.section = Section::Insight;
    let Ok(name) = name.parse::<ReportName>() else { return problem::not_found(f) };
    f.here = query.address(&format!("/console/insight/{name}"));
    let Some(insight) = &console.insight else {
        return Redirect::to("/console/insight").into_response();
    };
    let asked = Asked { insight, name, query };
    match asked.answer(f, PATIENCE).await {
        Ok((f, report)) => page::answered(f, &report, asked.query, &wanted),
        Err(instead) => instead,
    }
}

/// Gives a question up.
async fn cancel(
    State(console): State<Console>,
    Path(name): Path<String>,
    Query(query): Query<InsightQuery>,
    submission: Submission,
) -> Response {
    let f = submission.reader.frame;
    let Ok(name) = name.parse::<ReportName>() else { return problem::not_found(f) };
    if let (Some(insight), Ok(request)) = (&console.insight, query.request()) {
        insight.cancel_report(name, &request);
    }
    Redirect::to("/console/insight").into_response()
}

/// What a question says of each member as a file, for whoever may take lists of members away.
async fn members(
    insight: &Insight,
    (name, file): (ReportName, &str),
    (query, layer): (&InsightQuery, SegmentLayer),
    reader: Reader,
) -> Result<Response, Response> {
    let f = reader.require(Permission::ExportMembers)?.frame;
    let (Some((format, kind)), Ok(request)) = (file_kind(file), query.request()) else {
        return Err(problem::not_found(f));
    };
    let mut bytes = Vec::new();
    let found = insight.list_member_rows((name, layer), &request).await;
    match found.and_then(|found| write_batch(&found.rows, format, &mut bytes).map_err(OperationError::from)) {
        Ok(()) => Ok(attachment(&format!("{name}-{file}"), kind, bytes)),
        Err(error) => Err(problem::failed(f, &error)),
    }
}

/// Which layer of the segment stack is meant.
#[derive(Debug, Default, Deserialize)]
struct LayerQuery {
    #[serde(default)]
    layer: String,
}

/// The format of a file by its ending.
fn file_kind(file: &str) -> Option<(AnswerFormat, &'static str)> {
    match file.rsplit_once('.') {
        Some((_, "csv")) => Some((AnswerFormat::Csv, "text/csv; charset=utf-8")),
        Some((_, "parquet")) => Some((AnswerFormat::Parquet, "application/vnd.apache.parquet")),
        _ => None,
    }
}

fn attachment(name: &str, kind: &'static str, bytes: Vec<u8>) -> Response {
    let named = format!("attachment; filename=\"{name}\"");
    let disposition = HeaderValue::from_str(&named).unwrap_or(HeaderValue::from_static("attachment"));
    let kind = HeaderValue::from_static(kind);
    ([(header::CONTENT_TYPE, kind), (header::CONTENT_DISPOSITION, disposition)], bytes).into_response()
}

/// A table of an answer as a file: `deciles.csv`, `deciles.parquet`; or what it says of each member: `members.csv`.
async fn file(
    State(console): State<Console>,
    Path((name, file)): Path<(String, String)>,
    Query(query): Query<InsightQuery>,
    Query(wanted): Query<LayerQuery>,
    reader: Reader,
) -> Response {
    let stem = file.rsplit_once('.').map_or("", |(stem, _)| stem);
    let (Ok(name), Some(insight)) = (name.parse::<ReportName>(), &console.insight) else {
        return problem::not_found(reader.frame);
    };
    if stem == MEMBERS && name.tells_members() {
        let layer = wanted.layer.parse().unwrap_or(SegmentLayer::NeedGroup);
        return members(insight, (name, &file), (&query, layer), reader)
            .await
            .unwrap_or_else(|refused| refused);
    }
    let f = reader.frame;
    let asked = Asked { insight, name, query };
    let (f, report) = match asked.answer(f, FILE_PATIENCE).await {
        Ok(answered) => answered,
        Err(instead) => return instead,
    };
    let (Some((format, kind)), Some(table)) = (file_kind(&file), report.table(stem)) else {
        return problem::not_found(f);
    };
    let mut bytes = Vec::new();
    let written = table.to_batch().and_then(|batch| write_batch(&batch, format, &mut bytes));
    if let Err(error) = written {
        return problem::failed(f, &error.into());
    }
    attachment(&format!("{name}-{file}"), kind, bytes)
}
