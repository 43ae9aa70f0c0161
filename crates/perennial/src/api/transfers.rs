//! `/v1/transfers`: points that one member gives another. An offer moves nothing; its acceptance moves the points, and
//! there is no way back.

use axum::extract::State;
use axum::response::Response;
use domain::code::Code;
use domain::ids::{AccountId, EntryId};
use domain::ledger::TransferOffer;
use jiff::Timestamp;
use operations::{Command, MemberReference};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::answer;
use super::body::{JsonBody, Parameters, PathValues};
use super::caller::{DryRun, MembersRead, Permit, RequiredIdempotencyHeader, TransfersWrite, Writer};
use super::member_reference::{MemberBody, region};
use super::problem::Problem;
use super::schema::RecordedShape;
use super::state::Api;

/// Points to offer.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "from": { "id": "mem_0cvq6w2m8z4k1" }, "to": { "phone": "+8613800138000" }, "unit": "points", "points": 200
}))]
pub(super) struct TransferBody {
    /// Who gives them.
    from: MemberBody,
    /// Who is to get them.
    to: MemberBody,
    /// The unit.
    #[schema(value_type = String, pattern = "^[a-z0-9_-]{1,31}$")]
    unit: Code,
    /// Points.
    #[schema(minimum = 1, maximum = 9_007_199_254_740_991_i64)]
    points: i64,
}

/// Who answers an offer.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "member": { "phone": "+8613800138000" } }))]
pub(super) struct TransferAnswerBody {
    /// To whom the points were offered.
    member: MemberBody,
}

/// A transfer that waits for an answer.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct OpenTransfer {
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
pub(super) struct TransferList {
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

/// Offer points to another member
///
/// Nothing moves and nothing is reserved before the receiver accepts. The programme says which units may be given away, how
/// many points at least and on one day at most, and how old accounts and points must be.
#[utoipa::path(
    post,
    path = "/v1/transfers",
    tag = "Transfers",
    params(DryRun, RequiredIdempotencyHeader),
    request_body = TransferBody,
    responses(
        (status = 201, description = "Offered: the receipt's `entry_id` is the transfer.", body = RecordedShape),
        (status = 200, description = "Offered before, or only tried.", body = RecordedShape)
    ),
    security(("api_key" = ["transfers:write"]))
)]
pub(super) async fn transfer_points(
    State(api): State<Api>,
    writer: Writer<TransfersWrite>,
    Parameters(dry_run): Parameters<DryRun>,
    JsonBody(body): JsonBody<TransferBody>,
) -> Result<Response, Problem> {
    writer.require_key()?;
    let region = region(&api.engine);
    let from = body.from.reference(region.as_deref())?;
    let to = body.to.reference(region.as_deref())?;
    let command = Command::TransferPoints { from, to, unit: body.unit, points: body.points };
    answer::recorded(api.engine.carry_out(writer.request(command, &dry_run)).await)
}

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
pub(super) async fn accept_transfer(
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
pub(super) async fn decline_transfer(
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

/// Take an offer back
#[utoipa::path(
    post,
    path = "/v1/transfers/{id}/withdraw",
    tag = "Transfers",
    params(("id" = String, Path, description = "The transfer."), DryRun, RequiredIdempotencyHeader),
    responses(
        (status = 201, description = "Taken back.", body = RecordedShape),
        (status = 200, description = "Taken back before, or only tried.", body = RecordedShape),
        (status = 409, description = "The request contradicts what is recorded.", body = super::problem::Content, content_type = "application/problem+json"),
        (status = 422, description = "The rules say no.", body = super::problem::Content, content_type = "application/problem+json")
    ),
    security(("api_key" = ["transfers:write"]))
)]
pub(super) async fn withdraw_transfer(
    State(api): State<Api>,
    writer: Writer<TransfersWrite>,
    PathValues(transfer): PathValues<EntryId>,
    Parameters(dry_run): Parameters<DryRun>,
) -> Result<Response, Problem> {
    writer.require_key()?;
    let command = Command::WithdrawTransfer { transfer };
    answer::recorded(api.engine.carry_out(writer.request(command, &dry_run)).await)
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
pub(super) async fn list_transfers(
    State(api): State<Api>,
    _: Permit<MembersRead>,
    PathValues(member_id): PathValues<AccountId>,
) -> Result<Response, Problem> {
    let (_, offers) = api.engine.list_transfers(&MemberReference::Id(member_id)).await?;
    Ok(answer::ok(&TransferList { data: offers.into_iter().map(OpenTransfer::from).collect() }))
}
