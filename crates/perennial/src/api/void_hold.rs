//! `POST /v1/voids`: a hold is given up.

use axum::extract::State;
use axum::response::Response;
use domain::burn::HoldVoid;
use domain::document::DocumentKey;
use jiff::Timestamp;
use operations::Command;
use serde::Deserialize;
use utoipa::ToSchema;

use super::answer;
use super::body::{JsonBody, Parameters};
use super::caller::{DryRun, IdempotencyHeader, RedemptionsWrite, Writer};
use super::problem::Problem;
use super::record_return::DocumentKeyBody;
use super::schema::{RecordedShape, microseconds};
use super::state::Api;

/// A hold to give up.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "source": "shop",
    "reference": "order-4711-abandoned",
    "hold": { "source": "shop", "reference": "order-4711" },
    "occurred_at": "2026-05-11T10:20:00+08:00"
}))]
pub(super) struct VoidBody {
    /// The system that reports it.
    #[schema(min_length = 1, max_length = 128)]
    source: String,
    /// The number it has there.
    #[schema(min_length = 1, max_length = 128)]
    reference: String,
    /// The hold.
    hold: DocumentKeyBody,
    /// When.
    occurred_at: Timestamp,
    /// Why, in words: kept with the entry, for staff to read.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 1_000)]
    reason: Option<String>,
}

/// Void a hold
///
/// What it still keeps goes back to the lots it came from; what lapsed meanwhile lapses at once.
#[utoipa::path(
    post,
    path = "/v1/voids",
    tag = "Spending",
    params(DryRun, IdempotencyHeader),
    request_body = VoidBody,
    responses(
        (status = 201, description = "Voided.", body = RecordedShape),
        (status = 200, description = "Voided before, or only tried.", body = RecordedShape)
    ),
    security(("api_key" = ["redemptions:write"]))
)]
pub(super) async fn void_hold(
    State(api): State<Api>,
    writer: Writer<RedemptionsWrite>,
    Parameters(dry_run): Parameters<DryRun>,
    JsonBody(body): JsonBody<VoidBody>,
) -> Result<Response, Problem> {
    let void = HoldVoid {
        key: DocumentKey { source: body.source, reference: body.reference },
        hold: body.hold.key(),
        occurred_at: microseconds(body.occurred_at),
        reason: body.reason,
    };
    answer::recorded(api.engine.carry_out(writer.request(Command::VoidHold { void }, &dry_run)).await)
}
