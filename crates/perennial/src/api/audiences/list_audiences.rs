//! `GET /v1/audiences`: all audiences as they stand.

use axum::extract::State;
use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;

use super::AudienceAnswer;
use crate::api::answer;
use crate::api::body::NoParameters;
use crate::api::caller::{AudiencesRead, Permit};
use crate::api::problem::Problem;
use crate::api::state::Api;

/// All audiences.
#[derive(Serialize, ToSchema)]
struct AudienceList {
    /// In order of their segments.
    data: Vec<AudienceAnswer>,
}

/// List audiences
///
/// The sets as rules read them now. A segment that no set was ever sent for is not among them.
#[utoipa::path(
    get,
    path = "/v1/audiences",
    tag = "Audiences",
    responses((status = 200, description = "All audiences.", body = AudienceList)),
    security(("api_key" = ["audiences:read"]))
)]
pub(in crate::api) async fn list_audiences(
    State(api): State<Api>,
    _: Permit<AudiencesRead>,
    _: NoParameters,
) -> Result<Response, Problem> {
    let data = api.engine.list_audiences().await?.into_iter().map(AudienceAnswer::from).collect();
    Ok(answer::ok(&AudienceList { data }))
}
