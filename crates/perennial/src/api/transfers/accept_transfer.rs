//! `POST /v1/transfers/{id}/accept`: offered points move.

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

/// Accept offered points
///
/// Moves them: they keep their expiry and cohort. There is no fee and no way back. The receipt is the receiver's.
#[utoipa::path(
    post,
    path = "/v1/transfers/{id}/accept",
    tag = "Transfers",
    params(("id" = String, Path, description = "The transfer."), DryRun, RequiredIdempotencyHeader),
    request_body = TransferAnswerBody,
    responses(
        (status = 201, description = "Moved.", body = RecordedShape),
        (status = 200, description = "Moved before, or only tried.", body = RecordedShape)
    ),
    security(("api_key" = ["transfers:write"]))
)]
pub(in crate::api) async fn accept_transfer(
    State(api): State<Api>,
    writer: Writer<TransfersWrite>,
    PathValues(transfer): PathValues<EntryId>,
    Parameters(dry_run): Parameters<DryRun>,
    JsonBody(body): JsonBody<TransferAnswerBody>,
) -> Result<Response, Problem> {
    writer.require_key()?;
    let member = body.member.reference(region(&api.engine).as_deref())?;
    let command = Command::AcceptTransfer { member, transfer };
    answer::recorded(api.engine.carry_out(writer.request(command, &dry_run)).await)
}
