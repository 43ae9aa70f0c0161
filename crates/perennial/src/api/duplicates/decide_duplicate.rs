//! `POST /v1/duplicates/{left}/{right}/decision`: what somebody decides about two members who may be one person.

use axum::extract::State;
use axum::response::Response;
use domain::ids::AccountId;
use operations::DuplicateDecision;
use serde::Deserialize;
use utoipa::ToSchema;

use super::list_duplicates::DuplicateAnswer;
use crate::api::answer;
use crate::api::body::{JsonBody, NoParameters, PathValues};
use crate::api::caller::{MembersMerge, Writer};
use crate::api::problem::Problem;
use crate::api::state::Api;

/// A decision.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(tag = "decision", rename_all = "snake_case", deny_unknown_fields)]
#[schema(example = json!({ "decision": "not_same" }))]
pub(in crate::api) enum DecisionBody {
    /// They are one person: the other one is merged into the survivor.
    Merge {
        /// Who goes on, one of the two.
        #[schema(value_type = String)]
        survivor: AccountId,
        /// Why, in words.
        #[schema(min_length = 1, max_length = 1000)]
        reason: String,
    },
    /// They are two persons: the pair comes back only when what is known of either changes.
    NotSame {},
    /// Somebody has to look again.
    Later {},
    /// As before anybody decided.
    Reopen {},
}

/// Decide about a duplicate
///
/// A merge is that of `POST /v1/members/{id}/merge`, with its refusals, and is undone there. Decided twice, it is done once.
#[utoipa::path(
    post,
    path = "/v1/duplicates/{left}/{right}/decision",
    tag = "Duplicates",
    params(
        ("left" = String, Path, description = "One of the two members."),
        ("right" = String, Path, description = "The other.")
    ),
    request_body = DecisionBody,
    responses((status = 200, description = "The pair as it is now.", body = DuplicateAnswer)),
    security(("api_key" = ["members:merge"]))
)]
pub(in crate::api) async fn decide_duplicate(
    State(api): State<Api>,
    writer: Writer<MembersMerge>,
    PathValues((left, right)): PathValues<(AccountId, AccountId)>,
    _: NoParameters,
    JsonBody(body): JsonBody<DecisionBody>,
) -> Result<Response, Problem> {
    writer.require_live()?;
    let decision = match body {
        DecisionBody::Merge { survivor, reason } => DuplicateDecision::Merge { survivor, reason },
        DecisionBody::NotSame {} => DuplicateDecision::NotSame,
        DecisionBody::Later {} => DuplicateDecision::Later,
        DecisionBody::Reopen {} => DuplicateDecision::Reopen,
    };
    let view = api.engine.decide_duplicate((left, right), &decision, &writer.actor()).await?;
    Ok(answer::ok(&DuplicateAnswer::from(view)))
}
