//! What is open to everybody: this document, the sentences of outcomes, and what a monitor asks a server.

use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use domain::programme::Outcome;
use serde::Serialize;
use utoipa::ToSchema;

use super::answer;
use super::body::Parameters;
use super::entries::{LanguageQuery, language, tag};
use super::metrics::number;
use super::problem::Problem;
use super::state::Api;

/// What an outcome of a rule means.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct OutcomeAnswer {
    /// The outcome, as in receipts.
    #[schema(value_type = String, example = "cap_reached")]
    outcome: Outcome,
    /// Whether points were given.
    fired: bool,
    /// The sentence that follows “this rule …”.
    #[schema(example = "has reached its cap for this member")]
    sentence: &'static str,
}

/// All outcomes.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct OutcomeList {
    /// The language of the sentences.
    language: &'static str,
    /// All outcomes.
    data: Vec<OutcomeAnswer>,
}

/// How the server is.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Health {
    /// Always `ok`.
    #[schema(example = "ok")]
    status: &'static str,
}

/// This document
#[utoipa::path(
    get,
    path = "/v1/openapi.json",
    tag = "Platform",
    responses((status = 200, description = "The OpenAPI document.", body = serde_json::Value)),
    security(())
)]
pub(super) async fn view_openapi() -> Response {
    let mut response = super::openapi().into_response();
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

/// List outcomes
///
/// What each outcome of a rule in a receipt means, in a sentence.
#[utoipa::path(
    get,
    path = "/v1/outcomes",
    tag = "Platform",
    params(LanguageQuery),
    responses((status = 200, description = "All outcomes.", body = OutcomeList)),
    security(())
)]
pub(super) async fn list_outcomes(
    Parameters(query): Parameters<LanguageQuery>,
    headers: HeaderMap,
) -> Response {
    let language = language(query.language, &headers);
    let describe = |outcome: &Outcome| OutcomeAnswer {
        outcome: *outcome,
        fired: outcome.fired(),
        sentence: outcome.sentence(language),
    };
    answer::ok(&OutcomeList { language: tag(language), data: Outcome::ALL.iter().map(describe).collect() })
}

/// Whether the server lives
#[utoipa::path(
    get,
    path = "/healthz",
    tag = "Platform",
    responses((status = 200, description = "It lives.", body = Health)),
    security(())
)]
pub(super) async fn check_health() -> Response {
    answer::ok(&Health { status: "ok" })
}

/// Whether the server can serve
///
/// 503 while the database does not answer.
#[utoipa::path(
    get,
    path = "/readyz",
    tag = "Platform",
    responses((status = 200, description = "It can.", body = Health)),
    security(())
)]
pub(super) async fn check_readiness(State(api): State<Api>) -> Result<Response, Problem> {
    api.engine.check_readiness().await?;
    Ok(answer::ok(&Health { status: "ok" }))
}

/// Counts and durations
///
/// In Prometheus' text format.
#[utoipa::path(
    get,
    path = "/metrics",
    tag = "Platform",
    responses((status = 200, description = "The metrics.", body = String, content_type = "text/plain")),
    security(())
)]
pub(super) async fn view_metrics(State(api): State<Api>) -> Response {
    let mut text = String::with_capacity(16 << 10);
    api.metrics.render(&mut text);
    let counts = api.engine.counts();
    number(&mut text, "counter", "ledger_batches_total", "Batches committed.", counts.batches);
    number(&mut text, "counter", "ledger_commands_total", "Commands answered.", counts.commands);
    number(&mut text, "counter", "ledger_retries_total", "Commands tried again.", counts.retries);
    number(
        &mut text,
        "counter",
        "ledger_busy_total",
        "Calls turned away because queues were full.",
        counts.busy,
    );
    number(&mut text, "gauge", "ledger_waiting_calls", "Calls waiting for their answer.", counts.waiting);
    let mut response = (StatusCode::OK, text).into_response();
    let format = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
    response.headers_mut().insert(CONTENT_TYPE, format);
    response
}
