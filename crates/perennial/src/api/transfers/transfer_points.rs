//! `POST /v1/transfers`: points offered to another member.

use axum::extract::State;
use axum::response::Response;
use domain::code::Code;
use operations::Command;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::api::answer;
use crate::api::body::{JsonBody, Parameters};
use crate::api::caller::{DryRun, RequiredIdempotencyHeader, TransfersWrite, Writer};
use crate::api::member_reference::{MemberBody, region};
use crate::api::problem::Problem;
use crate::api::schema::RecordedShape;
use crate::api::state::Api;

/// Points to offer.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "from": { "id": "mem_0cvq6w2m8z4k1" }, "to": { "phone": "+8613800138000" }, "unit": "points", "points": 200
}))]
pub(in crate::api) struct TransferBody {
    /// Who gives them.
    from: MemberBody,
    /// Who is to get them.
    to: MemberBody,
    /// The unit.
    #[schema(value_type = String, pattern = "^[a-z0-9_-]{1,31}$")]
    unit: Code,
    /// Points.
    #[schema(minimum = 1, maximum = 9_007_199_254_740_991_i64)]
    points: i64,
}

/// Offer points to another member
///
/// Nothing moves and nothing is reserved before the receiver accepts. The programme says which units may be given away, how
/// many points at least and on one day at most, and how old accounts and points must be.
#[utoipa::path(
    post,
    path = "/v1/transfers",
    tag = "Transfers",
    params(DryRun, RequiredIdempotencyHeader),
    request_body = TransferBody,
    responses(
        (status = 201, description = "Offered: the receipt's `entry_id` is the transfer.", body = RecordedShape),
        (status = 200, description = "Offered before, or only tried.", body = RecordedShape)
    ),
    security(("api_key" = ["transfers:write"]))
)]
pub(in crate::api) async fn transfer_points(
    State(api): State<Api>,
    writer: Writer<TransfersWrite>,
    Parameters(dry_run): Parameters<DryRun>,
    JsonBody(body): JsonBody<TransferBody>,
) -> Result<Response, Problem> {
    writer.require_key()?;
    let region = region(&api.engine);
    let from = body.from.reference(region.as_deref())?;
    let to = body.to.reference(region.as_deref())?;
    let command = Command::TransferPoints { from, to, unit: body.unit, points: body.points };
    answer::recorded(api.engine.carry_out(writer.request(command, &dry_run)).await)
}
