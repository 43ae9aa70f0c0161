//! `POST /v1/households/{id}/members`: a member joins.

use axum::extract::State;
use axum::response::Response;
use domain::ids::AccountId;
use operations::Command;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::api::answer;
use crate::api::body::{JsonBody, Parameters, PathValues};
use crate::api::caller::{DryRun, HouseholdsWrite, RequiredIdempotencyHeader, Writer};
use crate::api::member_reference::{MemberBody, region};
use crate::api::problem::Problem;
use crate::api::schema::RecordedShape;
use crate::api::state::Api;

/// Who joins, and on what terms.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "member": { "phone": "+8613800138000" }, "may_spend": true }))]
pub(in crate::api) struct JoiningBody {
    /// Who joins.
    member: MemberBody,
    /// Whether they may spend what is pooled.
    may_spend: bool,
}

/// Let a member join a household
///
/// What they can spend of the pooled units goes into the pool and keeps its expiry, and so does whatever becomes spendable
/// later; what is pending stays with whoever bought until then. A member belongs to one household at a time. The receipt
/// is the member's.
#[utoipa::path(
    post,
    path = "/v1/households/{id}/members",
    tag = "Households",
    params(("id" = String, Path, description = "The household."), DryRun, RequiredIdempotencyHeader),
    request_body = JoiningBody,
    responses(
        (status = 201, description = "Joined.", body = RecordedShape),
        (status = 200, description = "Joined before under the same key, or only tried.", body = RecordedShape)
    ),
    security(("api_key" = ["households:write"]))
)]
pub(in crate::api) async fn join_household(
    State(api): State<Api>,
    writer: Writer<HouseholdsWrite>,
    PathValues(household): PathValues<AccountId>,
    Parameters(dry_run): Parameters<DryRun>,
    JsonBody(body): JsonBody<JoiningBody>,
) -> Result<Response, Problem> {
    writer.require_key()?;
    let member = body.member.reference(region(&api.engine).as_deref())?;
    let command = Command::JoinHousehold { household, member, may_spend: body.may_spend };
    answer::recorded(api.engine.carry_out(writer.request(command, &dry_run)).await)
}
