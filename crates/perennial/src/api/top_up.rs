//! `POST /v1/top-ups`: money that a member pays in.

use axum::extract::State;
use axum::response::Response;
use domain::code::Code;
use domain::document::DocumentKey;
use domain::money::Currency;
use domain::stored_value::{Holder, TopUp};
use jiff::Timestamp;
use operations::Command;
use serde::Deserialize;
use utoipa::ToSchema;

use super::answer;
use super::body::{JsonBody, Parameters};
use super::caller::{DryRun, IdempotencyHeader, PurchasesWrite, Writer};
use super::member_reference::{MemberBody, region};
use super::problem::Problem;
use super::schema::{RecordedShape, microseconds};
use super::state::Api;

/// Money that a member pays in. What it earns on top is a bonus in a unit and lot of its own.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "member": { "external": "17850" },
    "source": "front_desk",
    "reference": "top-up-4711",
    "occurred_at": "2026-05-11T10:15:00+08:00",
    "amount": 50000,
    "currency": "CNY",
    "method": "card",
    "holder": "registered"
}))]
pub(super) struct TopUpBody {
    /// Who pays it in.
    member: MemberBody,
    /// The system that reports it.
    #[schema(min_length = 1, max_length = 128)]
    source: String,
    /// The number it has there.
    #[schema(min_length = 1, max_length = 128)]
    reference: String,
    /// When it was paid.
    occurred_at: Timestamp,
    /// The unit; the programme's first one of stored value when absent.
    #[serde(default)]
    #[schema(value_type = Option<String>, pattern = "^[a-z0-9_-]{1,31}$")]
    unit: Option<Code>,
    /// Minor units paid in.
    #[schema(minimum = 1, maximum = 9_007_199_254_740_991_i64)]
    amount: i64,
    /// Their currency, that of the programme.
    #[schema(value_type = String, pattern = "^[A-Za-z]{3}$")]
    currency: Currency,
    /// How they were paid, for instance `card` or `cash`.
    #[schema(min_length = 1, max_length = 128)]
    method: String,
    /// How well the house knows the member: the law of the programme's profile limits what strangers may have.
    #[serde(default)]
    #[schema(required = false)]
    holder: HolderName,
}

/// How well the house knows whoever tops up.
#[derive(Debug, Clone, Copy, Default, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum HolderName {
    /// Not at all.
    #[default]
    Anonymous,
    /// By name and contact.
    Registered,
    /// By an identity document that was seen.
    RealName,
}

/// Top up
#[utoipa::path(
    post,
    path = "/v1/top-ups",
    tag = "Stored value",
    params(DryRun, IdempotencyHeader),
    request_body = TopUpBody,
    responses(
        (status = 201, description = "Recorded.", body = RecordedShape),
        (status = 200, description = "Recorded before, or only tried.", body = RecordedShape)
    ),
    security(("api_key" = ["purchases:write"]))
)]
pub(super) async fn top_up(
    State(api): State<Api>,
    writer: Writer<PurchasesWrite>,
    Parameters(dry_run): Parameters<DryRun>,
    JsonBody(body): JsonBody<TopUpBody>,
) -> Result<Response, Problem> {
    let member = body.member.reference(region(&api.engine).as_deref())?;
    let top_up = TopUp {
        key: DocumentKey { source: body.source, reference: body.reference },
        occurred_at: microseconds(body.occurred_at),
        unit: body.unit,
        amount: body.amount,
        currency: body.currency,
        method: body.method,
        holder: match body.holder {
            HolderName::Anonymous => Holder::Anonymous,
            HolderName::Registered => Holder::Registered,
            HolderName::RealName => Holder::RealName,
        },
    };
    let request = writer.request(Command::TopUp { member, top_up }, &dry_run);
    answer::recorded(api.engine.carry_out(request).await)
}
