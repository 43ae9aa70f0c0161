//! `POST /v1/operations/cancel-find-duplicates`: gives up the search that is under way.

use axum::extract::State;
use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;

use crate::api::answer;
use crate::api::body::NoParameters;
use crate::api::caller::{Operations, Writer};
use crate::api::problem::Problem;
use crate::api::state::Api;

/// Whether a search was given up.
#[derive(Serialize, ToSchema)]
pub(in crate::api) struct CancelAnswer {
    /// Whether one was under way.
    cancelled: bool,
}

/// Give up finding duplicates
///
/// What was found so far stays, and the next run goes on from there.
#[utoipa::path(
    post,
    path = "/v1/operations/cancel-find-duplicates",
    tag = "Duplicates",
    responses((status = 200, description = "None is under way any more.", body = CancelAnswer)),
    security(("api_key" = ["operations"]))
)]
pub(in crate::api) async fn cancel_find_duplicates(
    State(api): State<Api>,
    writer: Writer<Operations>,
    _: NoParameters,
) -> Result<Response, Problem> {
    writer.require_live()?;
    let cancelled = api.engine.cancel_find_duplicates().await?;
    Ok(answer::ok(&CancelAnswer { cancelled }))
}
