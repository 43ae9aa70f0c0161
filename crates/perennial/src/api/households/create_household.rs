//! `POST /v1/households`: an account that members will share.

use axum::extract::State;
use axum::response::Response;
use operations::Command;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::api::answer::{self, Envelope};
use crate::api::body::{JsonBody, Parameters};
use crate::api::caller::{DryRun, HouseholdsWrite, RequiredIdempotencyHeader, Writer};
use crate::api::problem::Problem;
use crate::api::schema::RecordedShape;
use crate::api::state::Api;

/// A new household.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "name": "Chen family" }))]
pub(in crate::api) struct HouseholdBody {
    /// What staff and members call it.
    #[schema(min_length = 1, max_length = 128)]
    name: String,
}

/// Open a household
///
/// Nobody belongs to it yet. Its id is that of an account: what it holds is at `/v1/members/{id}/balance`.
#[utoipa::path(
    post,
    path = "/v1/households",
    tag = "Households",
    params(DryRun, RequiredIdempotencyHeader),
    request_body = HouseholdBody,
    responses(
        (status = 201, description = "Opened; `Location` names the household.", body = RecordedShape),
        (status = 200, description = "Opened before under the same key, or only tried.", body = RecordedShape)
    ),
    security(("api_key" = ["households:write"]))
)]
pub(in crate::api) async fn create_household(
    State(api): State<Api>,
    writer: Writer<HouseholdsWrite>,
    Parameters(dry_run): Parameters<DryRun>,
    JsonBody(body): JsonBody<HouseholdBody>,
) -> Result<Response, Problem> {
    writer.require_key()?;
    let command = Command::CreateHousehold { name: body.name };
    let recorded = api.engine.carry_out(writer.request(command, &dry_run)).await?.recorded()?;
    let envelope = Envelope::new(&recorded);
    let address = format!("/v1/households/{}", recorded.entry.id.account_id);
    Ok(answer::located(answer::json(envelope.status(), &envelope), &address))
}
