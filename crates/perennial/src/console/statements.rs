//! Runs of statements: what each made of everybody's points, how far one is that still runs, and starting one: first it is
//! told what it would come to, then it is made.

use askama::Template;
use axum::Router;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use domain::code::Code;
use domain::money::Money;
use domain::programme::sentence;
use jiff::Timestamp;
use jiff::civil::Date;
use operations::{MemberSearch, OperationError, StatementForecast, StatementRunState, StatementRunView};
use serde::Deserialize;

use super::Console;
use super::format::number;
use super::moment::{Choice, Moment};
use super::page::{Frame, Section, Theme, show};
use super::problem;
use super::query::encode;
use super::roles::Permission;
use super::session::{Reader, Submission};

/// Runs on the page.
const RUNS: u32 = 50;

/// The addresses of these pages.
pub(super) fn routes() -> Router<Console> {
    Router::new().route("/console/statements", get(page).post(start))
}

/// What was just done.
#[derive(Debug, Default, Deserialize)]
pub(super) struct DoneQuery {
    #[serde(default)]
    done: String,
}

#[derive(Template)]
#[template(path = "console/statements.html")]
struct StatementsPage {
    f: Frame,
    statements: Vec<Choice>,
    terms: Vec<String>,
    made_on: String,
    runs: Vec<Row>,
    running: bool,
    may_run: bool,
    forecast: Option<Forecast>,
    error: Option<String>,
}

/// What a run would come to, to be confirmed.
struct Forecast {
    statement: String,
    name: String,
    made_on: String,
    day: String,
    figures: Vec<(String, String)>,
}

struct Row {
    statement: String,
    name: String,
    made_on: String,
    day: String,
    state: &'static str,
    state_name: String,
    members: String,
    permille: Option<i64>,
    vouchers: String,
    value: String,
    points: String,
    carried: String,
    started: Moment,
    problem: Option<String>,
    resumable: bool,
}

/// The page.
pub(super) async fn page(
    State(console): State<Console>,
    Query(query): Query<DoneQuery>,
    reader: Reader,
) -> Response {
    let mut f = reader.frame;
    f.notice = (!query.done.is_empty()).then(|| f.t("statement-started"));
    list(&console, f, ("", ""), None, None).await
}

async fn list(
    console: &Console,
    mut f: Frame,
    (statement, made_on): (&str, &str),
    forecast: Option<Forecast>,
    error: Option<String>,
) -> Response {
    f.section = Section::Statements;
    "/console/statements".clone_into(&mut f.here);
    let runs = console.engine.list_statement_runs(RUNS).await;
    let one = MemberSearch { limit: 1, ..MemberSearch::default() };
    let members = console.engine.search_members(&one).await;
    let (runs, members) = match (runs, members) {
        (Ok(runs), Ok(members)) => (runs, members.total),
        (Err(error), _) | (_, Err(error)) => return problem::failed(f, &error),
    };
    let now = console.engine.clock().now();
    let programme = console.programme();
    let known = programme.as_deref().map_or(&[][..], |programme| &programme.programme().statements);
    let today = f.formats.zone.to_datetime(now).date().to_string();
    let terms = known.iter().filter_map(|statement| {
        let programme = programme.as_deref()?.programme();
        Some(sentence::statement(programme, statement, f.language))
    });
    let rows: Vec<Row> = runs
        .iter()
        .map(|run| row(console, &f, run, i64::try_from(members).unwrap_or(i64::MAX), now))
        .collect();
    let status = if error.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let page = StatementsPage {
        terms: terms.collect(),
        statements: known
            .iter()
            .map(|each| Choice::new(each.code.to_string(), each.name.get(f.language), statement))
            .collect(),
        made_on: if made_on.is_empty() { today } else { made_on.to_owned() },
        running: runs.iter().any(|run| run.state == StatementRunState::Running),
        runs: rows,
        may_run: f.may(Permission::RunStatements),
        forecast,
        error,
        f,
    };
    show(status, &page)
}

fn statement_name(console: &Console, f: &Frame, version: Option<u32>, code: Code) -> String {
    let programmes = console.engine.programmes();
    let of_run = version.and_then(|version| programmes.version(version).cloned());
    let programme = of_run.or_else(|| console.programme());
    let known = programme.as_deref().and_then(|programme| programme.programme().statement(code));
    known.map_or_else(|| code.to_string(), |known| known.name.get(f.language).to_owned())
}

fn money(console: &Console, f: &Frame, amount: i64) -> String {
    console.programme().map_or_else(
        || number(amount),
        |programme| f.formats.money(Money { amount, currency: programme.programme().currency }),
    )
}

fn row(console: &Console, f: &Frame, run: &StatementRunView, members: i64, now: Timestamp) -> Row {
    let (state, key) = match run.state {
        StatementRunState::Running => ("running", "run-running"),
        StatementRunState::Finished => ("finished", "run-finished"),
        StatementRunState::Failed => ("failed", "run-failed"),
    };
    let running = run.state == StatementRunState::Running;
    Row {
        statement: run.statement.to_string(),
        name: statement_name(console, f, Some(run.programme_version), run.statement),
        made_on: run.made_on.to_string(),
        day: f.formats.date(run.made_on),
        state,
        state_name: f.t(key),
        members: number(run.members),
        permille: running.then(|| run.members.saturating_mul(1_000).checked_div(members).unwrap_or(0)),
        vouchers: number(run.vouchers),
        value: money(console, f, run.value),
        points: number(run.points),
        carried: number(run.carried),
        started: Moment::time(f, run.started_at, now),
        problem: run.error.clone(),
        resumable: run.state != StatementRunState::Finished,
    }
}

/// Says what a run would come to, or starts it, or goes on with one that stopped. Started twice it is one run.
pub(super) async fn start(
    State(console): State<Console>,
    Submission { reader, fields }: Submission,
) -> Result<Response, Response> {
    let Reader { frame: f, actor, .. } = reader.require(Permission::RunStatements)?;
    let asked = (fields.text("statement"), fields.text("made_on"));
    let (Ok(statement), Ok(made_on)) = (asked.0.parse::<Code>(), asked.1.parse::<Date>()) else {
        let error = f.v("statement-day-invalid", asked.1);
        return Ok(list(&console, f, asked, None, Some(error)).await);
    };
    if fields.text("step") == "start" {
        return Ok(match console.engine.start_statement_run(statement, made_on, &actor).await {
            Ok(run) => {
                let done = format!("/console/statements?done={}", encode(&run.made_on.to_string()));
                Redirect::to(&done).into_response()
            }
            Err(error) => refused(&console, f, asked, &error).await,
        });
    }
    Ok(match console.engine.forecast_statement(statement, made_on).await {
        Ok(found) => {
            let forecast = forecast(&console, &f, statement, made_on, &found);
            list(&console, f, asked, Some(forecast), None).await
        }
        Err(error) => refused(&console, f, asked, &error).await,
    })
}

async fn refused(console: &Console, f: Frame, asked: (&str, &str), error: &OperationError) -> Response {
    if let OperationError::Refused(refusal) = error {
        let told = match refusal {
            domain::refusal::Refusal::FieldInvalid { .. } => f.v("statement-day-invalid", asked.1),
            _ => problem::sentence(&f, error),
        };
        return list(console, f, asked, None, Some(told)).await;
    }
    problem::failed(f, error)
}

fn forecast(
    console: &Console,
    f: &Frame,
    statement: Code,
    made_on: Date,
    found: &StatementForecast,
) -> Forecast {
    Forecast {
        name: statement_name(console, f, None, statement),
        statement: statement.to_string(),
        made_on: made_on.to_string(),
        day: f.formats.date(made_on),
        figures: vec![
            (f.t("statement-members"), number(found.members)),
            (f.t("statement-vouchers"), number(found.vouchers)),
            (f.t("face-value"), money(console, f, found.value)),
            (f.t("statement-points"), number(found.points)),
            (f.t("statement-carried"), number(found.carried)),
        ],
    }
}
