//! `/v1/members/{id}/merge`: two members who turned out to be one person become one.

use axum::extract::State;
use axum::response::Response;
use domain::ids::AccountId;
use operations::{Command, MemberReference};
use serde::Deserialize;
use utoipa::ToSchema;

use super::answer;
use super::body::{JsonBody, Parameters, PathValues};
use super::caller::{DryRun, MembersMerge, RequiredIdempotencyHeader, Writer};
use super::member_reference::{MemberBody, region};
use super::problem::Problem;
use super::schema::RecordedShape;
use super::state::Api;

/// Whom to merge, and why.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "absorbed": { "phone": "+8613800138000" }, "reason": "one person, two cards" }))]
pub(super) struct MergeBody {
    /// The member who is given up.
    absorbed: MemberBody,
    /// Why, in words.
    #[schema(min_length = 1, max_length = 1000)]
    reason: String,
}

/// Merge another member into this one
///
/// Points move with their lots and lapse when they would have lapsed; what counts towards tiers, caps and limits is added up;
/// the higher tier is kept; nothing is granted. Every identifier and id of the other member leads here from now on, and
/// returns of its purchases are settled here. It waits for holds and transfers of the other member. The receipt is this
/// member's.
#[utoipa::path(
    post,
    path = "/v1/members/{id}/merge",
    tag = "Members",
    params(("id" = String, Path, description = "The member who goes on."), DryRun, RequiredIdempotencyHeader),
    request_body = MergeBody,
    responses(
        (status = 201, description = "Merged.", body = RecordedShape),
        (status = 200, description = "Merged before under the same key, or only tried.", body = RecordedShape)
    ),
    security(("api_key" = ["members:merge"]))
)]
pub(super) async fn merge_members(
    State(api): State<Api>,
    writer: Writer<MembersMerge>,
    PathValues(into): PathValues<AccountId>,
    Parameters(dry_run): Parameters<DryRun>,
    JsonBody(body): JsonBody<MergeBody>,
) -> Result<Response, Problem> {
    writer.require_key()?;
    let absorbed = body.absorbed.reference(region(&api.engine).as_deref())?;
    let command = Command::MergeMembers { absorbed, into: MemberReference::Id(into), reason: body.reason };
    answer::recorded(api.engine.carry_out(writer.request(command, &dry_run)).await)
}
