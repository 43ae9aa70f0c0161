//! `GET /v1/members/{id}/transfers`: transfers that wait for an answer.

use axum::extract::State;
use axum::response::Response;
use domain::code::Code;
use domain::ids::{AccountId, EntryId};
use domain::ledger::TransferOffer;
use jiff::Timestamp;
use operations::MemberReference;
use serde::Serialize;
use utoipa::ToSchema;

use crate::api::answer;
use crate::api::body::PathValues;
use crate::api::caller::{MembersRead, Permit};
use crate::api::problem::Problem;
use crate::api::state::Api;

/// A transfer that waits for an answer.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api) struct OpenTransfer {
    /// The transfer: the sender's entry that offered it.
    #[schema(value_type = String, example = "ent_0cvq6w2m8z4k1_9")]
    id: EntryId,
    /// Who gives.
    #[schema(value_type = String)]
    from: AccountId,
    /// Who is to get.
    #[schema(value_type = String)]
    to: AccountId,
    /// The unit.
    #[schema(value_type = String)]
    unit: Code,
    /// Points.
    points: i64,
    /// First instant at which it can no longer be accepted.
    lapses_at: Timestamp,
}

/// All transfers that wait for an answer.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api) struct TransferList {
    /// Offered by the member and to the member, oldest first.
    data: Vec<OpenTransfer>,
}

impl From<TransferOffer> for OpenTransfer {
    fn from(offer: TransferOffer) -> Self {
        let from = offer.from();
        let TransferOffer { id, to, unit, points, lapses_at } = offer;
        Self { id, from, to, unit, points, lapses_at }
    }
}

/// List transfers that wait for an answer
#[utoipa::path(
    get,
    path = "/v1/members/{id}/transfers",
    tag = "Transfers",
    params(("id" = String, Path, description = "The member.")),
    responses((status = 200, description = "Offered by the member and to the member.", body = TransferList)),
    security(("api_key" = ["members:read"]))
)]
pub(in crate::api) async fn list_transfers(
    State(api): State<Api>,
    _: Permit<MembersRead>,
    PathValues(member_id): PathValues<AccountId>,
) -> Result<Response, Problem> {
    let (_, offers) = api.engine.list_transfers(&MemberReference::Id(member_id)).await?;
    Ok(answer::ok(&TransferList { data: offers.into_iter().map(OpenTransfer::from).collect() }))
}
