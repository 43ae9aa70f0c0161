//! `POST /v1/households/{id}/members/{member}/leave`: a member leaves.

use axum::extract::State;
use axum::response::Response;
use domain::ids::AccountId;
use operations::{Command, MemberReference};

use crate::api::answer;
use crate::api::body::{Parameters, PathValues};
use crate::api::caller::{DryRun, HouseholdsWrite, RequiredIdempotencyHeader, Writer};
use crate::api::problem::Problem;
use crate::api::schema::RecordedShape;
use crate::api::state::Api;

/// Let a member leave a household
///
/// They take along what is left unspent of the points they brought; the pool is spent soonest expiry first, whoever
/// brought it. The last one takes everything, and what the household owes. It waits for holds of the pool to end. The
/// receipt is the member's.
#[utoipa::path(
    post,
    path = "/v1/households/{id}/members/{member}/leave",
    tag = "Households",
    params(
        ("id" = String, Path, description = "The household."),
        ("member" = String, Path, description = "Who leaves."),
        DryRun,
        RequiredIdempotencyHeader
    ),
    responses(
        (status = 201, description = "Left.", body = RecordedShape),
        (status = 200, description = "Left before under the same key, or only tried.", body = RecordedShape),
        (status = 409, description = "The request contradicts what is recorded.", body = crate::api::problem::Content, content_type = "application/problem+json"),
        (status = 422, description = "The rules say no.", body = crate::api::problem::Content, content_type = "application/problem+json")
    ),
    security(("api_key" = ["households:write"]))
)]
pub(in crate::api) async fn leave_household(
    State(api): State<Api>,
    writer: Writer<HouseholdsWrite>,
    PathValues((household, member)): PathValues<(AccountId, AccountId)>,
    Parameters(dry_run): Parameters<DryRun>,
) -> Result<Response, Problem> {
    writer.require_key()?;
    let command = Command::LeaveHousehold { household, member: MemberReference::Id(member) };
    answer::recorded(api.engine.carry_out(writer.request(command, &dry_run)).await)
}
