//! `POST /v1/captures`: points of a hold are spent.

use axum::extract::State;
use axum::response::Response;
use domain::burn::Capture;
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

/// Points of a hold to spend.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "source": "shop",
    "reference": "order-4711-shipped",
    "hold": { "source": "shop", "reference": "order-4711" },
    "occurred_at": "2026-05-11T10:25:00+08:00",
    "points": 300,
    "release_rest": true
}))]
pub(super) struct CaptureBody {
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
    /// How many; all that the hold still keeps when absent.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 9_007_199_254_740_991_i64)]
    points: Option<i64>,
    /// Whether the rest goes back at once. Otherwise it stays reserved until captured, voided or timed out.
    #[serde(default)]
    #[schema(required = false)]
    release_rest: bool,
}

/// Capture a hold
///
/// Spends some or all of what a hold keeps, from the lots it keeps it in. A hold that timed out answers 410, one that was
/// captured or voided 409, for ever.
#[utoipa::path(
    post,
    path = "/v1/captures",
    tag = "Spending",
    params(DryRun, IdempotencyHeader),
    request_body = CaptureBody,
    responses(
        (status = 201, description = "Captured.", body = RecordedShape),
        (status = 200, description = "Captured before, or only tried.", body = RecordedShape)
    ),
    security(("api_key" = ["redemptions:write"]))
)]
pub(super) async fn capture_hold(
    State(api): State<Api>,
    writer: Writer<RedemptionsWrite>,
    Parameters(dry_run): Parameters<DryRun>,
    JsonBody(body): JsonBody<CaptureBody>,
) -> Result<Response, Problem> {
    let capture = Capture {
        key: DocumentKey { source: body.source, reference: body.reference },
        hold: body.hold.key(),
        occurred_at: microseconds(body.occurred_at),
        points: body.points,
        release_rest: body.release_rest,
    };
    answer::recorded(api.engine.carry_out(writer.request(Command::CaptureHold { capture }, &dry_run)).await)
}
