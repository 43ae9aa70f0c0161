//! `POST /v1/transfers/{id}/decline`: offered points stay where they are.

use axum::extract::State;
use axum::response::Response;
use domain::ids::EntryId;
use operations::Command;

use super::TransferAnswerBody;
use crate::api::answer;
use crate::api::body::{JsonBody, Parameters, PathValues};
use crate::api::caller::{DryRun, RequiredIdempotencyHeader, TransfersWrite, Writer};
use crate::api::member_reference::region;
use crate::api::problem::Problem;
use crate::api::schema::RecordedShape;
use crate::api::state::Api;

/// Decline offered points
#[utoipa::path(
    post,
    path = "/v1/transfers/{id}/decline",
    tag = "Transfers",
    params(("id" = String, Path, description = "The transfer."), DryRun, RequiredIdempotencyHeader),
    request_body = TransferAnswerBody,
    responses(
        (status = 201, description = "Declined.", body = RecordedShape),
        (status = 200, description = "Declined before, or only tried.", body = RecordedShape)
    ),
    security(("api_key" = ["transfers:write"]))
)]
pub(in crate::api) async fn decline_transfer(
    State(api): State<Api>,
    writer: Writer<TransfersWrite>,
    PathValues(transfer): PathValues<EntryId>,
    Parameters(dry_run): Parameters<DryRun>,
    JsonBody(body): JsonBody<TransferAnswerBody>,
) -> Result<Response, Problem> {
    writer.require_key()?;
    let member = body.member.reference(region(&api.engine).as_deref())?;
    let command = Command::DeclineTransfer { member, transfer };
    answer::recorded(api.engine.carry_out(writer.request(command, &dry_run)).await)
}
