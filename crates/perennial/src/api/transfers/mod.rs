//! `/v1/transfers`: points that one member gives another. An offer moves nothing; its acceptance moves the points, and
//! there is no way back. One file for each endpoint; here what they share.

pub(super) mod accept_transfer;
pub(super) mod decline_transfer;
pub(super) mod list_transfers;
pub(super) mod transfer_points;
pub(super) mod withdraw_transfer;

use serde::Deserialize;
use utoipa::ToSchema;

use super::member_reference::MemberBody;

/// Who answers an offer.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "member": { "phone": "+8613800138000" } }))]
pub(super) struct TransferAnswerBody {
    /// To whom the points were offered.
    member: MemberBody,
}
