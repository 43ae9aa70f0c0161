//! `POST /v1/fulfilments`: a reward was handed out.

use axum::extract::State;
use axum::response::Response;
use domain::burn::Fulfilment;
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

/// A reward that was handed out.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "source": "warehouse",
    "reference": "parcel-88",
    "redemption": { "source": "shop", "reference": "gift-17" },
    "occurred_at": "2026-05-13T09:00:00+08:00"
}))]
pub(super) struct FulfilmentBody {
    /// The system that reports it.
    #[schema(min_length = 1, max_length = 128)]
    source: String,
    /// The number it has there.
    #[schema(min_length = 1, max_length = 128)]
    reference: String,
    /// The reward order.
    redemption: DocumentKeyBody,
    /// When.
    occurred_at: Timestamp,
}

/// Fulfil a redemption
///
/// From now on the redemption cannot be cancelled.
#[utoipa::path(
    post,
    path = "/v1/fulfilments",
    tag = "Spending",
    params(DryRun, IdempotencyHeader),
    request_body = FulfilmentBody,
    responses(
        (status = 201, description = "Fulfilled.", body = RecordedShape),
        (status = 200, description = "Fulfilled before, or only tried.", body = RecordedShape)
    ),
    security(("api_key" = ["redemptions:write"]))
)]
pub(super) async fn fulfil_redemption(
    State(api): State<Api>,
    writer: Writer<RedemptionsWrite>,
    Parameters(dry_run): Parameters<DryRun>,
    JsonBody(body): JsonBody<FulfilmentBody>,
) -> Result<Response, Problem> {
    let fulfilment = Fulfilment {
        key: DocumentKey { source: body.source, reference: body.reference },
        redemption: body.redemption.key(),
        occurred_at: microseconds(body.occurred_at),
    };
    answer::recorded(
        api.engine.carry_out(writer.request(Command::FulfilRedemption { fulfilment }, &dry_run)).await,
    )
}
