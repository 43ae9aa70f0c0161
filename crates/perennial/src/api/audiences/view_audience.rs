//! `GET /v1/audiences/{segment}`: one audience and the versions before it.

use axum::extract::State;
use axum::response::Response;
use domain::code::Code;
use serde::Serialize;
use utoipa::ToSchema;

use super::AudienceAnswer;
use crate::api::answer;
use crate::api::body::{NoParameters, PathValues};
use crate::api::caller::{AudiencesRead, Permit};
use crate::api::problem::Problem;
use crate::api::state::Api;

/// An audience and how it came to be.
#[derive(Serialize, ToSchema)]
struct AudienceHistoryAnswer {
    /// As it stands.
    #[serde(flatten)]
    audience: AudienceAnswer,
    /// Its latest versions, 100 at the most, newest first, this one among them.
    versions: Vec<AudienceAnswer>,
}

/// View an audience
#[utoipa::path(
    get,
    path = "/v1/audiences/{segment}",
    tag = "Audiences",
    params(("segment" = String, Path, description = "The segment, as the programme declares it.")),
    responses((status = 200, description = "The audience and its versions.", body = AudienceHistoryAnswer)),
    security(("api_key" = ["audiences:read"]))
)]
pub(in crate::api) async fn view_audience(
    State(api): State<Api>,
    _: Permit<AudiencesRead>,
    _: NoParameters,
    PathValues(segment): PathValues<Code>,
) -> Result<Response, Problem> {
    let found = api.engine.view_audience(segment).await?;
    let versions = found.versions.into_iter().map(AudienceAnswer::from).collect();
    Ok(answer::ok(&AudienceHistoryAnswer { audience: found.audience.into(), versions }))
}
