//! `POST /v1/members/{id}/adjustments`: points added or taken by hand.

use axum::extract::State;
use axum::response::Response;
use domain::code::Code;
use domain::ids::AccountId;
use domain::operation::Adjustment;
use jiff::Timestamp;
use operations::{Command, MemberReference};
use serde::Deserialize;
use utoipa::ToSchema;

use super::answer;
use super::body::{JsonBody, Parameters, PathValues};
use super::caller::{AdjustmentsWrite, DryRun, RequiredIdempotencyHeader, Writer};
use super::problem::Problem;
use super::schema::{RecordedShape, microseconds};
use super::state::Api;

/// Points to add or take.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "unit": "points", "points": 200, "reason": "goodwill", "note": "late delivery of order 4711", "occurred_at": "2026-05-11T10:15:00Z" }))]
pub(super) struct AdjustmentBody {
    /// The unit.
    #[schema(value_type = String, pattern = "^[a-z0-9_-]{1,31}$")]
    unit: Code,
    /// More than 0 adds, less than 0 takes.
    #[schema(minimum = -9_007_199_254_740_991_i64, maximum = 9_007_199_254_740_991_i64)]
    points: i64,
    /// Why, as a code your staff know.
    #[schema(value_type = String, pattern = "^[a-z0-9_-]{1,31}$")]
    reason: Code,
    /// Why, in words.
    #[schema(min_length = 1, max_length = 1000)]
    note: String,
    /// When it applies. A repeated request must say the same.
    occurred_at: Timestamp,
}

/// Adjust points by hand
///
/// Above the programme's limit a second person must approve: such adjustments are made in the console, not here.
#[utoipa::path(
    post,
    path = "/v1/members/{id}/adjustments",
    tag = "Members",
    params(("id" = String, Path, description = "The member."), DryRun, RequiredIdempotencyHeader),
    request_body = AdjustmentBody,
    responses(
        (status = 201, description = "Recorded.", body = RecordedShape),
        (status = 200, description = "Recorded before, or only tried.", body = RecordedShape)
    ),
    security(("api_key" = ["adjustments:write"]))
)]
pub(super) async fn adjust_points(
    State(api): State<Api>,
    writer: Writer<AdjustmentsWrite>,
    PathValues(id): PathValues<AccountId>,
    Parameters(dry_run): Parameters<DryRun>,
    JsonBody(body): JsonBody<AdjustmentBody>,
) -> Result<Response, Problem> {
    writer.require_key()?;
    let adjustment = Adjustment {
        unit: body.unit,
        points: body.points,
        reason: body.reason,
        note: body.note,
        occurred_at: microseconds(body.occurred_at),
        approved_by: None,
    };
    let command = Command::AdjustPoints { member: MemberReference::Id(id), adjustment };
    answer::recorded(api.engine.carry_out(writer.request(command, &dry_run)).await)
}
