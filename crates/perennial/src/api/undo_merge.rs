//! `/v1/members/{id}/undo-merge`: two members who turned out to be two persons after all.

use axum::extract::State;
use axum::response::Response;
use domain::ids::AccountId;
use operations::Command;
use serde::Deserialize;
use utoipa::ToSchema;

use super::answer;
use super::body::{JsonBody, Parameters, PathValues};
use super::caller::{DryRun, MembersMerge, RequiredIdempotencyHeader, Writer};
use super::problem::Problem;
use super::schema::RecordedShape;
use super::state::Api;

/// Why a merge is undone.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "reason": "mother and daughter, not one person" }))]
pub(super) struct UndoMergeBody {
    /// Why, in words.
    #[schema(min_length = 1, max_length = 1000)]
    reason: String,
}

/// Undo the merge of a member
///
/// What is left of the points that came with it goes back, and the member takes part again. What was spent stays spent, a
/// tier that was kept stays until its review. The receipt is that of the member who had been given up.
#[utoipa::path(
    post,
    path = "/v1/members/{id}/undo-merge",
    tag = "Members",
    params(("id" = String, Path, description = "The member who had been given up."), DryRun, RequiredIdempotencyHeader),
    request_body = UndoMergeBody,
    responses(
        (status = 201, description = "Undone.", body = RecordedShape),
        (status = 200, description = "Undone before under the same key, or only tried.", body = RecordedShape)
    ),
    security(("api_key" = ["members:merge"]))
)]
pub(super) async fn undo_merge(
    State(api): State<Api>,
    writer: Writer<MembersMerge>,
    PathValues(absorbed): PathValues<AccountId>,
    Parameters(dry_run): Parameters<DryRun>,
    JsonBody(body): JsonBody<UndoMergeBody>,
) -> Result<Response, Problem> {
    writer.require_key()?;
    let command = Command::UndoMerge { absorbed, reason: body.reason };
    answer::recorded(api.engine.carry_out(writer.request(command, &dry_run)).await)
}
