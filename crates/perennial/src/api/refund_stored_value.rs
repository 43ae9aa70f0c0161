//! `POST /v1/stored-value-refunds`: money that a member gets back.

use axum::extract::State;
use axum::response::Response;
use domain::code::Code;
use domain::document::DocumentKey;
use domain::money::Currency;
use domain::stored_value::StoredValueRefund;
use jiff::Timestamp;
use operations::Command;
use serde::Deserialize;
use utoipa::ToSchema;

use super::answer;
use super::body::{JsonBody, Parameters};
use super::caller::{DryRun, IdempotencyHeader, RedemptionsWrite, Writer};
use super::member_reference::{MemberBody, region};
use super::problem::Problem;
use super::schema::{RecordedShape, microseconds};
use super::state::Api;

/// Money that a member gets back: only what was paid in, never a bonus. What is left of the bonus of the same top-ups
/// goes with it, in proportion.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "member": { "external": "17850" },
    "source": "front_desk",
    "reference": "refund-4711",
    "occurred_at": "2026-05-12T10:15:00+08:00",
    "amount": 20000,
    "currency": "CNY",
    "method": "card"
}))]
pub(super) struct StoredValueRefundBody {
    /// Who gets it.
    member: MemberBody,
    /// The system that reports it.
    #[schema(min_length = 1, max_length = 128)]
    source: String,
    /// The number it has there.
    #[schema(min_length = 1, max_length = 128)]
    reference: String,
    /// When it was paid back.
    occurred_at: Timestamp,
    /// The unit; the programme's first one of stored value when absent.
    #[serde(default)]
    #[schema(value_type = Option<String>, pattern = "^[a-z0-9_-]{1,31}$")]
    unit: Option<Code>,
    /// Minor units paid back.
    #[schema(minimum = 1, maximum = 9_007_199_254_740_991_i64)]
    amount: i64,
    /// Their currency, that of the programme.
    #[schema(value_type = String, pattern = "^[A-Za-z]{3}$")]
    currency: Currency,
    /// How they were paid back.
    #[schema(min_length = 1, max_length = 128)]
    method: String,
}

/// Refund stored value
#[utoipa::path(
    post,
    path = "/v1/stored-value-refunds",
    tag = "Stored value",
    params(DryRun, IdempotencyHeader),
    request_body = StoredValueRefundBody,
    responses(
        (status = 201, description = "Recorded.", body = RecordedShape),
        (status = 200, description = "Recorded before, or only tried.", body = RecordedShape)
    ),
    security(("api_key" = ["redemptions:write"]))
)]
pub(super) async fn refund_stored_value(
    State(api): State<Api>,
    writer: Writer<RedemptionsWrite>,
    Parameters(dry_run): Parameters<DryRun>,
    JsonBody(body): JsonBody<StoredValueRefundBody>,
) -> Result<Response, Problem> {
    let member = body.member.reference(region(&api.engine).as_deref())?;
    let refund = StoredValueRefund {
        key: DocumentKey { source: body.source, reference: body.reference },
        occurred_at: microseconds(body.occurred_at),
        unit: body.unit,
        amount: body.amount,
        currency: body.currency,
        method: body.method,
    };
    let request = writer.request(Command::RefundStoredValue { member, refund }, &dry_run);
    answer::recorded(api.engine.carry_out(request).await)
}
