//! `POST /v1/holds`: points reserved until a checkout elsewhere is done. As a trial it is the quote: what would be held,
//! under which terms, until when.

use axum::extract::State;
use axum::response::Response;
use domain::burn::HoldRequest;
use domain::code::Code;
use domain::document::DocumentKey;
use domain::ids::AccountId;
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

/// Points to reserve.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "member": { "external": "17850" },
    "source": "shop",
    "reference": "order-4711",
    "occurred_at": "2026-05-11T10:15:00+08:00",
    "points": 500,
    "purpose": "web order"
}))]
pub(super) struct HoldBody {
    /// Whose points.
    member: MemberBody,
    /// The system that asks.
    #[schema(min_length = 1, max_length = 128)]
    source: String,
    /// The number it has there: captures and payments name it.
    #[schema(min_length = 1, max_length = 128)]
    reference: String,
    /// When it was asked for.
    occurred_at: Timestamp,
    /// The unit; the programme's main unit when absent.
    #[serde(default)]
    #[schema(value_type = Option<String>, pattern = "^[a-z0-9_-]{1,31}$")]
    unit: Option<Code>,
    /// Points to reserve.
    #[schema(minimum = 1, maximum = 9_007_199_254_740_991_i64)]
    points: i64,
    /// How long, if shorter than the programme's term.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 43_200)]
    minutes: Option<u32>,
    /// What for, in words for staff.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 128)]
    purpose: Option<String>,
    /// The version the member was quoted, from a trial; another one in force refuses the hold.
    #[serde(default)]
    programme_version: Option<u32>,
    /// Who spends, where `member` is a household: one of its members who may.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    spender: Option<AccountId>,
}

/// Hold points
///
/// The points stay the member's, in their lots, but nothing else can spend them until they are captured, voided or timed
/// out. The terms of this moment hold to the end of the hold.
#[utoipa::path(
    post,
    path = "/v1/holds",
    tag = "Spending",
    params(DryRun, IdempotencyHeader),
    request_body = HoldBody,
    responses(
        (status = 201, description = "Held.", body = RecordedShape),
        (status = 200, description = "Held before, or only tried.", body = RecordedShape)
    ),
    security(("api_key" = ["redemptions:write"]))
)]
pub(super) async fn hold_points(
    State(api): State<Api>,
    writer: Writer<RedemptionsWrite>,
    Parameters(dry_run): Parameters<DryRun>,
    JsonBody(body): JsonBody<HoldBody>,
) -> Result<Response, Problem> {
    let member = body.member.reference(region(&api.engine).as_deref())?;
    let hold = HoldRequest {
        key: DocumentKey { source: body.source, reference: body.reference },
        occurred_at: microseconds(body.occurred_at),
        unit: body.unit,
        points: body.points,
        minutes: body.minutes,
        purpose: body.purpose,
        programme_version: body.programme_version,
        spender: body.spender,
    };
    answer::recorded(
        api.engine.carry_out(writer.request(Command::HoldPoints { member, hold }, &dry_run)).await,
    )
}
