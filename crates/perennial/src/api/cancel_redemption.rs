//! `POST /v1/cancellations`: a redemption is taken back.

use axum::extract::State;
use axum::response::Response;
use domain::burn::Cancellation;
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

/// A redemption to take back.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "source": "shop",
    "reference": "gift-17-cancelled",
    "redemption": { "source": "shop", "reference": "gift-17" },
    "occurred_at": "2026-05-12T09:00:00+08:00"
}))]
pub(super) struct CancellationBody {
    /// The system that reports it.
    #[schema(min_length = 1, max_length = 128)]
    source: String,
    /// The number it has there.
    #[schema(min_length = 1, max_length = 128)]
    reference: String,
    /// The reward order, or the capture.
    redemption: DocumentKeyBody,
    /// When.
    occurred_at: Timestamp,
    /// Why, in words: kept with the entry, for staff to read.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 1_000)]
    reason: Option<String>,
}

/// Cancel a redemption
///
/// The points go back to their lots, the reward to the stock. A reward that was handed out answers 409. A capture of a hold can be
/// cancelled, too.
#[utoipa::path(
    post,
    path = "/v1/cancellations",
    tag = "Spending",
    params(DryRun, IdempotencyHeader),
    request_body = CancellationBody,
    responses(
        (status = 201, description = "Cancelled.", body = RecordedShape),
        (status = 200, description = "Cancelled before, or only tried.", body = RecordedShape)
    ),
    security(("api_key" = ["redemptions:write"]))
)]
pub(super) async fn cancel_redemption(
    State(api): State<Api>,
    writer: Writer<RedemptionsWrite>,
    Parameters(dry_run): Parameters<DryRun>,
    JsonBody(body): JsonBody<CancellationBody>,
) -> Result<Response, Problem> {
    let cancellation = Cancellation {
        key: DocumentKey { source: body.source, reference: body.reference },
        redemption: body.redemption.key(),
        occurred_at: microseconds(body.occurred_at),
        reason: body.reason,
    };
    answer::recorded(
        api.engine.carry_out(writer.request(Command::CancelRedemption { cancellation }, &dry_run)).await,
    )
}
