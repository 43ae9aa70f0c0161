//! `PUT /v1/members/{id}/clubs/{club}`: a member joins a club or leaves it.

use axum::extract::State;
use axum::response::Response;
use domain::code::Code;
use domain::ids::AccountId;
use operations::MemberReference;
use serde::Deserialize;
use utoipa::ToSchema;

use super::ClubAnswer;
use crate::api::answer;
use crate::api::body::{JsonBody, NoParameters, PathValues};
use crate::api::caller::{MembersWrite, Writer};
use crate::api::problem::Problem;
use crate::api::state::Api;

/// What a member chooses.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "joined": false }))]
pub(in crate::api) struct ChoiceBody {
    /// Whether they want to be in the club.
    joined: bool,
}

/// Join or leave a club
///
/// Leaving holds whatever the member buys, until they join. Sent again, it changes nothing more. The event is
/// `club_chosen`, and where an audience had put the member into the club, `audience_left`.
#[utoipa::path(
    put,
    path = "/v1/members/{id}/clubs/{club}",
    tag = "Members",
    params(
        ("id" = String, Path, description = "The member."),
        ("club" = String, Path, description = "The segment that is the club.")
    ),
    request_body = ChoiceBody,
    responses((status = 200, description = "The club as the member finds it now.", body = ClubAnswer)),
    security(("api_key" = ["members:write"]))
)]
pub(in crate::api) async fn choose_club(
    State(api): State<Api>,
    writer: Writer<MembersWrite>,
    _: NoParameters,
    PathValues((id, club)): PathValues<(AccountId, Code)>,
    JsonBody(body): JsonBody<ChoiceBody>,
) -> Result<Response, Problem> {
    writer.require_live()?;
    let view = api.engine.choose_club(&MemberReference::Id(id), (club, body.joined), writer.actor()).await?;
    Ok(answer::ok(&ClubAnswer::from(view)))
}
