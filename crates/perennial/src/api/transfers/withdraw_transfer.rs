//! `POST /v1/transfers/{id}/withdraw`: an offer taken back by who made it.

use axum::extract::State;
use axum::response::Response;
use domain::ids::EntryId;
use operations::Command;

use crate::api::answer;
use crate::api::body::{Parameters, PathValues};
use crate::api::caller::{DryRun, RequiredIdempotencyHeader, TransfersWrite, Writer};
use crate::api::problem::Problem;
use crate::api::schema::RecordedShape;
use crate::api::state::Api;

/// Take an offer back
#[utoipa::path(
    post,
    path = "/v1/transfers/{id}/withdraw",
    tag = "Transfers",
    params(("id" = String, Path, description = "The transfer."), DryRun, RequiredIdempotencyHeader),
    responses(
        (status = 201, description = "Taken back.", body = RecordedShape),
        (status = 200, description = "Taken back before, or only tried.", body = RecordedShape),
        (status = 409, description = "The request contradicts what is recorded.", body = crate::api::problem::Content, content_type = "application/problem+json"),
        (status = 422, description = "The rules say no.", body = crate::api::problem::Content, content_type = "application/problem+json")
    ),
    security(("api_key" = ["transfers:write"]))
)]
pub(in crate::api) async fn withdraw_transfer(
    State(api): State<Api>,
    writer: Writer<TransfersWrite>,
    PathValues(transfer): PathValues<EntryId>,
    Parameters(dry_run): Parameters<DryRun>,
) -> Result<Response, Problem> {
    writer.require_key()?;
    let command = Command::WithdrawTransfer { transfer };
    answer::recorded(api.engine.carry_out(writer.request(command, &dry_run)).await)
}
