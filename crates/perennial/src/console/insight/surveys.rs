//! Surveys: those in the lake, a form that imports another with its map, and what became of its rows. An import that takes
//! long is told while it goes on.

use std::collections::BTreeMap;

use analytics::import::{REJECTS_KEPT_MAX, RejectedRow, SurveyMap};
use analytics::lake::{Manifest, MemberFileProgress, Table};
use askama::Template;
use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, FromRequest, FromRequestParts, Path, Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use domain::ledger::Actor;
use operations::{Insight, SURVEY_BYTES_MAX, SurveyImportState, SurveyOrder};

use super::{ASK_AGAIN_SECONDS, PATIENCE};
use crate::console::Console;
use crate::console::csv_file::CsvFile;
use crate::console::format::number;
use crate::console::page::{Frame, Section, Theme, ok, show};
use crate::console::problem;
use crate::console::roles::Permission;
use crate::console::session::Reader;
use crate::upload::{Part, parts};

/// What a form may have beside its file: the map, and the heads of its parts.
const FORM_BYTES_MAX: usize = 1 << 20;
/// Rows that cannot be used which a page shows; the file has all that are kept.
const ROWS_SHOWN_MAX: usize = 50;
/// A map to begin with.
const EXAMPLE_MAP: &str = include_str!("../../../../../examples/surveys/survey.toml");

/// The addresses of these pages.
pub(super) fn routes() -> Router<Console> {
    Router::new()
        .route("/console/insight/surveys", get(list).post(upload))
        .layer(DefaultBodyLimit::max(SURVEY_BYTES_MAX + FORM_BYTES_MAX))
        .route("/console/insight/surveys/map.toml", get(example))
        .route("/console/insight/surveys/{id}", get(import))
        .route("/console/insight/surveys/{id}/rejects.csv", get(rejects))
}

#[derive(Template)]
#[template(path = "console/insight_surveys.html")]
struct SurveysPage {
    f: Frame,
    surveys: Vec<SurveyRow>,
    bytes_max: String,
    /// What is wrong with the form that was sent, line by line.
    faults: Vec<String>,
}

struct SurveyRow {
    name: String,
    answers: String,
}

#[derive(Template)]
#[template(path = "console/insight_survey.html")]
struct SurveyPage {
    f: Frame,
    title: String,
    /// Set while it goes on: how far it is, and where the page comes back to.
    running: Option<Running>,
    failed: Option<String>,
    counts: Vec<(String, String)>,
    reasons: Vec<(String, String)>,
    rows: Vec<RejectRow>,
    /// What is not shown of the rows.
    more: Option<String>,
    csv: Option<String>,
}

struct Running {
    sentence: String,
    done: u64,
    all: u64,
    again: String,
}

struct RejectRow {
    row: String,
    field: String,
    value: String,
    reason: String,
}

/// Lets those in who may import surveys, where there is a lake to import them into.
#[expect(clippy::result_large_err, reason = "the refusal is the answer itself, made once per request")]
fn let_in(console: &Console, reader: Reader) -> Result<(Insight, Frame, Actor), Response> {
    let Reader { mut frame, actor, .. } = reader.require(Permission::ImportSurveys)?;
    frame.section = Section::Insight;
    match &console.insight {
        Some(insight) => Ok((insight.clone(), frame, actor)),
        None => Err(Redirect::to("/console/insight").into_response()),
    }
}

/// The surveys there are, and the form.
async fn list(State(console): State<Console>, reader: Reader) -> Result<Response, Response> {
    let (insight, f, _) = let_in(&console, reader)?;
    Ok(page(f, &insight, StatusCode::OK, Vec::new()).await)
}

async fn page(f: Frame, insight: &Insight, status: StatusCode, faults: Vec<String>) -> Response {
    let manifest = match insight.view_lake().await {
        Ok(manifest) => manifest,
        Err(error) => return problem::failed(f, &error),
    };
    let megabytes = (SURVEY_BYTES_MAX >> 20).to_string();
    show(status, &SurveysPage { surveys: surveys(&manifest), bytes_max: megabytes, faults, f })
}

/// The surveys of a lake by name.
fn surveys(manifest: &Manifest) -> Vec<SurveyRow> {
    let mut answers: BTreeMap<&str, u64> = BTreeMap::new();
    for file in manifest.files.iter().filter(|file| file.table == Table::Surveys) {
        *answers.entry(file.set.as_deref().unwrap_or_default()).or_default() += file.rows;
    }
    let row = |(name, answers): (&str, u64)| SurveyRow { name: name.to_owned(), answers: count(answers) };
    answers.into_iter().map(row).collect()
}

fn count(count: u64) -> String {
    number(i64::try_from(count).unwrap_or(i64::MAX))
}

/// A map to begin with, as a file.
async fn example(reader: Reader) -> Result<Response, Response> {
    reader.require(Permission::ImportSurveys)?;
    let kind = HeaderValue::from_static("application/toml; charset=utf-8");
    let disposition = HeaderValue::from_static("attachment; filename=\"survey.toml\"");
    Ok(([(header::CONTENT_TYPE, kind), (header::CONTENT_DISPOSITION, disposition)], EXAMPLE_MAP)
        .into_response())
}

/// Takes answers and their map on, and goes on to the page of their import.
async fn upload(State(console): State<Console>, request: Request) -> Result<Response, Response> {
    let (mut head, body) = request.into_parts();
    let reader = Reader::from_request_parts(&mut head, &console).await?;
    let (insight, f, actor) = let_in(&console, reader)?;
    let content_type = head.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let content_type = content_type.map(str::to_owned);
    let body = Bytes::from_request(Request::from_parts(head, body), &())
        .await
        .map_err(IntoResponse::into_response)?;
    let parts = match parts(content_type.as_deref(), body).await {
        Ok(parts) => parts,
        Err(fault) => return Ok(page(f, &insight, StatusCode::BAD_REQUEST, vec![fault.to_string()]).await),
    };
    let part = |name: &str| parts.iter().find(|part| part.name == name);
    if part("csrf").is_none_or(|part| part.content != f.csrf.as_bytes()) {
        return Err(problem::stale(f));
    }
    let order = match order(&f, part("map"), part("answers"), &actor) {
        Ok(order) => order,
        Err(faults) => return Ok(page(f, &insight, StatusCode::UNPROCESSABLE_ENTITY, faults).await),
    };
    match insight.import_survey(order) {
        Ok(id) => Ok(Redirect::to(&format!("/console/insight/surveys/{id}")).into_response()),
        Err(error) => Err(problem::failed(f, &error)),
    }
}

/// What is to be imported, or what is wrong with the form.
fn order(
    f: &Frame,
    map: Option<&Part>,
    answers: Option<&Part>,
    actor: &str,
) -> Result<SurveyOrder, Vec<String>> {
    let chosen = |part: Option<&Part>| part.is_some_and(|part| !part.file.is_empty());
    let (Some(map), Some(answers)) = (map.filter(|_| chosen(map)), answers.filter(|_| chosen(answers)))
    else {
        return Err(vec![f.t("surveys-files-missing")]);
    };
    let map = SurveyMap::parse(&String::from_utf8_lossy(&map.content))
        .map_err(|error| error.problems.iter().map(ToString::to_string).collect::<Vec<_>>())?;
    let (file, content) = (answers.file.clone(), answers.content.to_vec());
    Ok(SurveyOrder { map, file, content, actor: actor.to_owned() })
}

/// How an import stands.
async fn import(
    State(console): State<Console>,
    Path(id): Path<String>,
    reader: Reader,
) -> Result<Response, Response> {
    let (insight, f, _) = let_in(&console, reader)?;
    let view = match insight.view_survey_import(&id, PATIENCE).await {
        Ok(view) => view,
        Err(error) => return Err(problem::failed(f, &error)),
    };
    let title = f.with("survey-of", &[("survey", &view.survey), ("file", &view.file)]);
    let mut page = SurveyPage {
        title,
        running: None,
        failed: None,
        counts: Vec::new(),
        reasons: Vec::new(),
        rows: Vec::new(),
        more: None,
        csv: None,
        f,
    };
    let kept: &[RejectedRow] = match &view.state {
        SurveyImportState::Running(progress) => {
            page.running = Some(running(&page.f, *progress, view.bytes));
            &[]
        }
        SurveyImportState::Finished(done) => {
            let rejected = done.rejected.values().sum();
            let counts = [
                ("surveys-rows", done.file.rows),
                ("surveys-forms", done.forms),
                ("surveys-answers", done.answers),
                ("surveys-replaced", done.replaced),
                ("rejected", rejected),
            ];
            page.counts = counts.map(|(key, value)| (page.f.t(key), count(value))).into();
            page.reasons = reasons(&page.f, &done.rejected);
            &done.rows[..]
        }
        SurveyImportState::Failed(failure) => {
            // The sentence says the reasons in English; the page has them in words of its own.
            let told = failure.rows.is_empty().then(|| failure.sentence.clone());
            page.failed = Some(told.unwrap_or_else(|| page.f.t("surveys-no-form")));
            let mut counts = BTreeMap::new();
            for row in &failure.rows {
                *counts.entry(row.reason.clone()).or_default() += 1;
            }
            page.reasons = reasons(&page.f, &counts);
            &failure.rows[..]
        }
    };
    page.list(kept, &id);
    Ok(ok(&page))
}

impl SurveyPage {
    /// Shows the first of the rows that cannot be used.
    fn list(&mut self, kept: &[RejectedRow], id: &str) {
        let f = &self.f;
        self.rows = kept.iter().take(ROWS_SHOWN_MAX).map(|row| reject_row(f, row)).collect();
        self.csv = (!kept.is_empty()).then(|| format!("/console/insight/surveys/{id}/rejects.csv"));
        let shown = (count(self.rows.len() as u64), count(kept.len() as u64));
        self.more = if kept.len() >= REJECTS_KEPT_MAX {
            Some(f.with("surveys-rejects-kept", &[("shown", &shown.0), ("all", &shown.1)]))
        } else {
            let more = kept.len() > ROWS_SHOWN_MAX;
            more.then(|| f.with("surveys-rejects-shown", &[("shown", &shown.0), ("all", &shown.1)]))
        };
    }
}

fn running(f: &Frame, progress: MemberFileProgress, bytes: u64) -> Running {
    let (key, done, all) = match progress {
        MemberFileProgress::Reading(done) => ("surveys-reading", done, bytes),
        MemberFileProgress::Writing(done, all) => ("surveys-writing", done, all),
    };
    let sentence = f.with(key, &[("done", &count(done)), ("all", &count(all))]);
    Running { sentence, done, all: all.max(1), again: format!("{ASK_AGAIN_SECONDS};url={}", f.here) }
}

fn reasons(f: &Frame, counts: &BTreeMap<String, u64>) -> Vec<(String, String)> {
    counts.iter().map(|(reason, rows)| (f.named("reject-", reason), count(*rows))).collect()
}

fn reject_row(f: &Frame, row: &RejectedRow) -> RejectRow {
    RejectRow {
        row: count(row.row),
        field: row.field.clone(),
        value: row.value.clone(),
        reason: f.named("reject-", &row.reason),
    }
}

/// The rows that cannot be used as a file.
async fn rejects(
    State(console): State<Console>,
    Path(id): Path<String>,
    reader: Reader,
) -> Result<Response, Response> {
    let (insight, f, _) = let_in(&console, reader)?;
    let view = match insight.view_survey_import(&id, PATIENCE).await {
        Ok(view) => view,
        Err(error) => return Err(problem::failed(f, &error)),
    };
    let rows: &[RejectedRow] = match &view.state {
        SurveyImportState::Running(_) => &[],
        SurveyImportState::Finished(done) => &done.rows[..],
        SurveyImportState::Failed(failure) => &failure.rows[..],
    };
    let mut file = CsvFile::new(&["file", "row", "field", "value", "problem"].map(|key| f.t(key)));
    for row in rows {
        let number = row.row.to_string();
        file.row(&[&row.file, &number, &row.field, &row.value, &f.named("reject-", &row.reason)]);
    }
    Ok(file.download("rejects"))
}
