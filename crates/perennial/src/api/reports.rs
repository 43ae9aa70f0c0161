//! `GET /v1/reports`: questions about the customers, answered from the lake.

use std::time::Duration;

use analytics::report::{Report, ReportName, ReportRequest};
use axum::extract::{Path, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use jiff::civil::Date;
use operations::{OperationError, ReportState};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::answer;
use super::body::Parameters;
use super::caller::{OverviewRead, Permit};
use super::problem::Problem;
use super::state::Api;

/// How long a request waits for its answer.
const PATIENCE: Duration = Duration::from_secs(10);
/// When to ask again for an answer that takes longer.
const ASK_AGAIN: HeaderValue = HeaderValue::from_static("2");

/// Which period, and which purchases.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct ReportQuery {
    /// First day of the period; chosen by the report when absent.
    #[param(value_type = Option<String>, format = Date)]
    from: Option<Date>,
    /// Day after the period; the day after the last purchase when absent.
    #[param(value_type = Option<String>, format = Date)]
    to: Option<Date>,
    /// Only purchases in this currency; the one with most purchases when absent.
    currency: Option<String>,
    /// Only purchases in this store.
    store: Option<String>,
    /// Only purchases through this channel.
    channel: Option<String>,
    /// Day after the part of the period that models see before they are judged by the rest.
    #[param(value_type = Option<String>, format = Date)]
    calibrate_to: Option<Date>,
    /// The experiment: the salt by which its members were assigned; the universal hold-out when absent.
    experiment: Option<String>,
    /// The campaign that has put members into the arms, where no experiment did; its period begins with its first contact
    /// when `from` is absent.
    campaign: Option<String>,
    /// The arms with their shares in per cent, the control first; `hold-out=5,programme=95` when absent.
    arms: Option<String>,
    /// What it is judged by: `spend`, `purchases` or `buyers`; `spend` when absent.
    outcome: Option<String>,
    /// What the treatment cost in all, or each offer, in minor units.
    cost: Option<i64>,
    /// What offers may cost together, in minor units.
    budget: Option<i64>,
    /// What each factor of the scorecard counts for, in per cent, 100 together; `25,25,25,25` when absent.
    factor_weights: Option<String>,
    /// Which categories speak for which life stage, as TOML; a table of our own when absent.
    markers: Option<String>,
    /// The clubs with the categories that each is made of, as TOML; those that are proposed when absent.
    clubs: Option<String>,
}

/// The reports there are.
#[derive(Debug, Serialize, ToSchema)]
struct ReportList {
    /// Their names.
    data: Vec<&'static str>,
}

/// A report that is still being worked on.
#[derive(Debug, Serialize, ToSchema)]
struct RunningReport {
    /// Always `running`.
    status: &'static str,
    /// For how long it has been worked on.
    seconds: u64,
}

/// A report.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes a type of the analytics")]
pub(super) struct ReportShape {
    /// Its name.
    report: String,
    /// The days it speaks of.
    period: PeriodShape,
    /// The filters it was made with, the currency among them.
    population: PopulationShape,
    /// Digits after the decimal point of the currency; amounts are minor units.
    currency_digits: u8,
    /// Members it speaks of.
    members: u64,
    /// The figures, the most telling first.
    figures: Vec<FigureShape>,
    /// The tables.
    tables: Vec<TableShape>,
    /// What the reader should know.
    notes: Vec<NoteShape>,
    /// Where it comes from.
    source: SourceShape,
    /// The queries behind it: name and SQL.
    #[schema(value_type = Vec<Vec<String>>)]
    queries: Vec<(String, String)>,
}

/// Days from one up to, but not including, another.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes a type of the analytics")]
struct PeriodShape {
    /// First day.
    #[schema(value_type = String, format = Date)]
    from: Date,
    /// Day after the last.
    #[schema(value_type = String, format = Date)]
    to: Date,
}

/// Which purchases a report speaks of.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes a type of the analytics")]
struct PopulationShape {
    /// As asked.
    #[schema(value_type = Option<String>, format = Date, nullable = false)]
    from: Option<Date>,
    /// As asked.
    #[schema(value_type = Option<String>, format = Date, nullable = false)]
    to: Option<Date>,
    /// The currency of all amounts.
    currency: String,
    /// The store.
    #[schema(nullable = false)]
    store: Option<String>,
    /// The channel.
    #[schema(nullable = false)]
    channel: Option<String>,
    /// As asked.
    #[schema(value_type = Option<String>, format = Date, nullable = false)]
    calibrate_to: Option<Date>,
    /// As asked.
    #[schema(nullable = false)]
    experiment: Option<String>,
    /// As asked.
    #[schema(nullable = false)]
    campaign: Option<String>,
    /// As asked.
    #[schema(nullable = false)]
    arms: Option<String>,
    /// As asked.
    #[schema(nullable = false)]
    outcome: Option<String>,
    /// As asked.
    #[schema(nullable = false)]
    cost: Option<i64>,
    /// As asked.
    #[schema(nullable = false)]
    budget: Option<i64>,
    /// As asked.
    #[schema(nullable = false)]
    factor_weights: Option<String>,
    /// As asked.
    #[schema(nullable = false)]
    markers: Option<String>,
    /// As asked.
    #[schema(nullable = false)]
    clubs: Option<String>,
}

/// A number with its name.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes a type of the analytics")]
struct FigureShape {
    /// Its name.
    name: String,
    /// `count`, `money` (minor units), `share` (of 1), `score` (−100 to 100), `number` or `days`.
    kind: String,
    /// The number.
    value: f64,
    /// Where it lies with 95 per cent confidence: lower and upper end.
    #[schema(value_type = Option<Vec<f64>>, nullable = false)]
    interval: Option<(f64, f64)>,
    /// Cases it rests on.
    cases: u64,
}

/// A table.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes a type of the analytics")]
struct TableShape {
    /// Its name.
    name: String,
    /// Its columns.
    columns: Vec<ColumnShape>,
    /// Its rows, each with a number, a text or nothing for every column.
    #[schema(value_type = Vec<Vec<Object>>)]
    rows: Vec<Vec<serde_json::Value>>,
}

/// A column of a table.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes a type of the analytics")]
struct ColumnShape {
    /// Its name.
    name: String,
    /// What its cells stand for, as with figures; or `text`, `word`, `day`.
    kind: String,
}

/// Something the reader should know.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes a type of the analytics")]
struct NoteShape {
    /// What.
    name: String,
    /// How many it concerns.
    count: u64,
}

/// Where a report comes from.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes a type of the analytics")]
struct SourceShape {
    /// The lake.
    lake: String,
    /// Its commit.
    generation: u64,
    /// Purchases and returns in it.
    documents: u64,
    /// The first and the last day with a purchase.
    #[schema(value_type = Vec<String>)]
    days: (Date, Date),
}

/// List reports
///
/// The questions that can be asked of the lake, in the order in which an analyst asks them.
#[utoipa::path(
    get,
    path = "/v1/reports",
    tag = "Reports",
    responses((status = 200, description = "The names of the reports.", body = ReportList)),
    security(("api_key" = ["overview:read"]))
)]
pub(super) async fn list_reports(_: Permit<OverviewRead>) -> Response {
    answer::ok(&ReportList { data: ReportName::ALL.map(ReportName::as_str).to_vec() })
}

/// Run a report
///
/// Answers a question from the lake as it is now. One that takes longer than ten seconds answers 202 and goes on: ask
/// again for its answer, which is kept until the lake has moved on.
#[utoipa::path(
    get,
    path = "/v1/reports/{name}",
    tag = "Reports",
    params(("name" = String, Path, description = "The report."), ReportQuery),
    responses(
        (status = 200, description = "The report.", body = ReportShape),
        (status = 202, description = "It is being worked on: ask again after `Retry-After` seconds.", body = RunningReport),
    ),
    security(("api_key" = ["overview:read"]))
)]
pub(super) async fn run_report(
    State(api): State<Api>,
    _: Permit<OverviewRead>,
    Path(name): Path<String>,
    Parameters(query): Parameters<ReportQuery>,
) -> Result<Response, Problem> {
    let Ok(name) = name.parse::<ReportName>() else {
        return Err(Problem::of_status(StatusCode::NOT_FOUND));
    };
    let request = ReportRequest {
        from: query.from,
        to: query.to,
        currency: query.currency,
        store: query.store,
        channel: query.channel,
        calibrate_to: query.calibrate_to,
        experiment: query.experiment,
        campaign: query.campaign,
        arms: query.arms,
        outcome: query.outcome,
        cost: query.cost,
        budget: query.budget,
        factor_weights: query.factor_weights,
        markers: query.markers,
        clubs: query.clubs,
    };
    let insight = api.options.insight.as_ref().ok_or_else(no_lake)?;
    Ok(match insight.run_report(name, &request, PATIENCE).await? {
        ReportState::Answered(report) => answer::ok::<Report>(&report),
        ReportState::Running(elapsed) => {
            let body = RunningReport { status: "running", seconds: elapsed.as_secs() };
            (StatusCode::ACCEPTED, [(header::RETRY_AFTER, ASK_AGAIN)], axum::Json(body)).into_response()
        }
    })
}

pub(super) fn no_lake() -> OperationError {
    OperationError::NoAnswer {
        code: "no-lake",
        sentence: "this server has no lake: start it with --lake PLACE".to_owned(),
    }
}
