//! `/v1/survey-imports`: the answers to a survey into the lake, and what became of their rows.

use std::collections::BTreeMap;
use std::time::Duration;

use analytics::import::{RejectedRow, SurveyMap};
use analytics::lake::MemberFileProgress;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use operations::{Insight, SurveyImportState, SurveyImportView, SurveyOrder};
use serde::Serialize;
use utoipa::ToSchema;

use super::answer;
use super::body::{NoParameters, PathValues};
use super::caller::{Permit, SurveysWrite, Writer};
use super::problem::Problem;
use super::reports::no_lake;
use super::state::Api;
use crate::upload::{UploadFault, parts};

/// How long a request waits for the end of an import.
const PATIENCE: Duration = Duration::from_secs(10);
/// When to ask again after one that takes longer.
const ASK_AGAIN: HeaderValue = HeaderValue::from_static("2");
/// Rows that are listed in an answer; all are counted.
const REJECTS_LISTED_MAX: usize = 1_000;

/// Answers to a survey.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes a form that is read from its parts")]
pub(super) struct SurveyForm {
    /// A TOML file that says which column answers which question.
    #[schema(value_type = String, format = Binary)]
    map: Vec<u8>,
    /// A CSV file, in UTF-8 or GBK, with a row for each form that a member filled in.
    #[schema(value_type = String, format = Binary)]
    answers: Vec<u8>,
}

/// An import of a survey.
#[derive(Serialize, ToSchema)]
pub(super) struct SurveyImportAnswer {
    /// Its number.
    id: String,
    /// `running`, `finished` or `failed`: then nothing was changed.
    status: &'static str,
    /// The survey that the map names.
    survey: String,
    /// The file.
    file: String,
    /// Bytes in it.
    bytes: u64,
    /// Bytes that have been read, or all of them.
    bytes_read: u64,
    /// Forms that are written, or were.
    forms: u64,
    /// Answers in them.
    answers: u64,
    /// Answers of the same survey that were there before and are replaced.
    replaced: u64,
    /// Rows that cannot be used, by reason.
    rejected: BTreeMap<String, u64>,
    /// The first thousand of them.
    rejects: Vec<SurveyReject>,
    /// Why it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    detail: Option<String>,
}

/// A row that cannot be used.
#[derive(Serialize, ToSchema)]
struct SurveyReject {
    /// Its line in the file.
    row: u64,
    /// What is wrong.
    field: String,
    /// What it holds.
    value: String,
    /// Why, as a code.
    reason: String,
    /// Why, in a sentence.
    detail: String,
}

impl From<SurveyImportView> for SurveyImportAnswer {
    fn from(view: SurveyImportView) -> Self {
        let SurveyImportView { id, survey, file, bytes, state } = view;
        let begun = Self {
            id,
            status: "running",
            survey,
            file,
            bytes,
            bytes_read: bytes,
            forms: 0,
            answers: 0,
            replaced: 0,
            rejected: BTreeMap::new(),
            rejects: Vec::new(),
            detail: None,
        };
        match state {
            SurveyImportState::Running(MemberFileProgress::Reading(bytes_read)) => {
                Self { bytes_read, ..begun }
            }
            SurveyImportState::Running(MemberFileProgress::Writing(forms, _)) => Self { forms, ..begun },
            SurveyImportState::Finished(imported) => Self {
                status: "finished",
                forms: imported.forms,
                answers: imported.answers,
                replaced: imported.replaced,
                rejected: imported.rejected.clone(),
                rejects: listed(&imported.rows),
                ..begun
            },
            SurveyImportState::Failed(failure) => Self {
                status: "failed",
                rejected: counted(&failure.rows),
                rejects: listed(&failure.rows),
                detail: Some(failure.sentence.clone()),
                ..begun
            },
        }
    }
}

fn listed(rows: &[RejectedRow]) -> Vec<SurveyReject> {
    let reject = |row: &RejectedRow| SurveyReject {
        row: row.row,
        field: row.field.clone(),
        value: row.value.clone(),
        reason: row.reason.clone(),
        detail: row.sentence.clone(),
    };
    rows.iter().take(REJECTS_LISTED_MAX).map(reject).collect()
}

fn counted(rows: &[RejectedRow]) -> BTreeMap<String, u64> {
    let mut counts = BTreeMap::new();
    for row in rows {
        *counts.entry(row.reason.clone()).or_default() += 1;
    }
    counts
}

/// Import a survey
///
/// Writes the answers of a survey into the server's lake, in place of those that a survey of the same name had brought.
/// One that takes longer than ten seconds answers 202 and goes on: ask after it at its `Location`.
#[utoipa::path(
    post,
    path = "/v1/survey-imports",
    tag = "Reports",
    request_body(content = SurveyForm, content_type = "multipart/form-data"),
    responses(
        (status = 201, description = "It is over: finished, or failed with what is wrong.", body = SurveyImportAnswer),
        (status = 202, description = "It is under way: ask at `Location` after `Retry-After` seconds.", body = SurveyImportAnswer),
    ),
    security(("api_key" = ["surveys:write"]))
)]
pub(super) async fn import_survey(
    State(api): State<Api>,
    writer: Writer<SurveysWrite>,
    _: NoParameters,
    headers: HeaderMap,
    body: Result<Bytes, axum::extract::rejection::BytesRejection>,
) -> Result<Response, Problem> {
    writer.require_live()?;
    let insight = lake(&api)?;
    let body = body.map_err(|rejection| Problem::of_status(rejection.status()))?;
    let order = order(&headers, body, writer.actor()).await?;
    let id = insight.import_survey(order)?;
    let import = SurveyImportAnswer::from(insight.view_survey_import(&id, PATIENCE).await?);
    let address = format!("/v1/survey-imports/{id}");
    Ok(answer::located(answered(StatusCode::CREATED, &import), &address))
}

/// View an import of a survey
///
/// How far it is, or what became of its rows. The server remembers the last ones since it was started.
#[utoipa::path(
    get,
    path = "/v1/survey-imports/{id}",
    tag = "Reports",
    params(("id" = String, Path, description = "Its number.")),
    responses(
        (status = 200, description = "It is over: finished, or failed with what is wrong.", body = SurveyImportAnswer),
        (status = 202, description = "It is under way: ask again after `Retry-After` seconds.", body = SurveyImportAnswer),
        (status = 422, description = "The server has no lake.", body = super::problem::Content, content_type = "application/problem+json"),
    ),
    security(("api_key" = ["surveys:write"]))
)]
pub(super) async fn view_survey_import(
    State(api): State<Api>,
    _: Permit<SurveysWrite>,
    _: NoParameters,
    PathValues(id): PathValues<String>,
) -> Result<Response, Problem> {
    let view = lake(&api)?.view_survey_import(&id, PATIENCE).await?;
    Ok(answered(StatusCode::OK, &SurveyImportAnswer::from(view)))
}

fn lake(api: &Api) -> Result<&Insight, Problem> {
    Ok(api.options.insight.as_ref().ok_or_else(no_lake)?)
}

fn answered(over: StatusCode, import: &SurveyImportAnswer) -> Response {
    if import.status == "running" {
        let mut response = answer::json(StatusCode::ACCEPTED, import);
        response.headers_mut().insert(header::RETRY_AFTER, ASK_AGAIN);
        return response;
    }
    answer::json(over, import)
}

async fn order(headers: &HeaderMap, body: Bytes, actor: String) -> Result<SurveyOrder, Problem> {
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let fault = |fault: UploadFault| match fault {
        UploadFault::ContentType => {
            let status = StatusCode::UNSUPPORTED_MEDIA_TYPE;
            Problem::new(status, "media_type_unsupported", fault.to_string()).field("Content-Type")
        }
        _ => Problem::new(StatusCode::BAD_REQUEST, "malformed", fault.to_string()),
    };
    let parts = parts(content_type, body).await.map_err(fault)?;
    if let Some(other) = parts.iter().find(|part| !matches!(part.name.as_str(), "map" | "answers")) {
        let name = &other.name;
        return Err(Problem::invalid(name, format!("{name}: the form has the files map and answers alone")));
    }
    let part = |name: &str| {
        let found = parts.iter().find(|part| part.name == name);
        found.ok_or_else(|| {
            Problem::invalid(name, format!("{name}: the file is missing: send it with the form"))
        })
    };
    let (map, answers) = (part("map")?, part("answers")?);
    let map = SurveyMap::parse(&String::from_utf8_lossy(&map.content))
        .map_err(|error| Problem::invalid("map", format!("map: {error}")))?;
    let file = if answers.file.is_empty() { "answers".to_owned() } else { answers.file.clone() };
    Ok(SurveyOrder { map, file, content: answers.content.to_vec(), actor })
}
