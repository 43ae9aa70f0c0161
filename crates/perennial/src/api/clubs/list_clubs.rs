//! `GET /v1/members/{id}/clubs`: all clubs of the programme as a member finds them.

use axum::extract::State;
use axum::response::Response;
use domain::ids::AccountId;
use operations::MemberReference;
use serde::Serialize;
use utoipa::ToSchema;

use super::ClubAnswer;
use crate::api::answer;
use crate::api::body::{NoParameters, PathValues};
use crate::api::caller::{MembersRead, Permit};
use crate::api::problem::Problem;
use crate::api::state::Api;

/// All clubs.
#[derive(Serialize, ToSchema)]
struct ClubList {
    /// In the order of the programme; a household has none.
    data: Vec<ClubAnswer>,
}

/// List a member's clubs
///
/// Every interest club of the programme in force, those the member is not in among them.
#[utoipa::path(
    get,
    path = "/v1/members/{id}/clubs",
    tag = "Members",
    params(("id" = String, Path, description = "The member.")),
    responses((status = 200, description = "The clubs.", body = ClubList)),
    security(("api_key" = ["members:read"]))
)]
pub(in crate::api) async fn list_clubs(
    State(api): State<Api>,
    _: Permit<MembersRead>,
    _: NoParameters,
    PathValues(id): PathValues<AccountId>,
) -> Result<Response, Problem> {
    let clubs = api.engine.list_clubs(&MemberReference::Id(id)).await?;
    Ok(answer::ok(&ClubList { data: clubs.into_iter().map(ClubAnswer::from).collect() }))
}
