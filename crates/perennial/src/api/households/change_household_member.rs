//! `PUT /v1/households/{id}/members/{member}`: whether a member may spend what is pooled.

use axum::extract::State;
use axum::response::Response;
use domain::ids::AccountId;
use operations::{Command, MemberReference};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::api::answer;
use crate::api::body::{JsonBody, Parameters, PathValues};
use crate::api::caller::{DryRun, HouseholdsWrite, RequiredIdempotencyHeader, Writer};
use crate::api::problem::Problem;
use crate::api::schema::RecordedShape;
use crate::api::state::Api;

/// What a member of a household may do.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "may_spend": true }))]
pub(in crate::api) struct ChangeBody {
    /// Whether they may spend what is pooled.
    may_spend: bool,
}

/// Change a member of a household
///
/// Nothing moves for it, and holds that they made stay. The receipt is the household's.
#[utoipa::path(
    put,
    path = "/v1/households/{id}/members/{member}",
    tag = "Households",
    params(
        ("id" = String, Path, description = "The household."),
        ("member" = String, Path, description = "The member."),
        DryRun,
        RequiredIdempotencyHeader
    ),
    request_body = ChangeBody,
    responses(
        (status = 201, description = "Changed.", body = RecordedShape),
        (status = 200, description = "Changed before under the same key, or only tried.", body = RecordedShape)
    ),
    security(("api_key" = ["households:write"]))
)]
pub(in crate::api) async fn change_household_member(
    State(api): State<Api>,
    writer: Writer<HouseholdsWrite>,
    PathValues((household, member)): PathValues<(AccountId, AccountId)>,
    Parameters(dry_run): Parameters<DryRun>,
    JsonBody(body): JsonBody<ChangeBody>,
) -> Result<Response, Problem> {
    writer.require_key()?;
    let member = MemberReference::Id(member);
    let command = Command::ChangeHouseholdMember { household, member, may_spend: body.may_spend };
    answer::recorded(api.engine.carry_out(writer.request(command, &dry_run)).await)
}
