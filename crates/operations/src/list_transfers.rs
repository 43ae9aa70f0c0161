//! The transfers of a member that wait for an answer.

use domain::ids::AccountId;
use domain::ledger::TransferOffer;

use crate::command::MemberReference;
use crate::engine::Engine;
use crate::error::OperationError;

impl Engine {
    /// What a member has offered and what was offered to the member, oldest first, as long as it can be accepted.
    pub async fn list_transfers(
        &self,
        member: &MemberReference,
    ) -> Result<(AccountId, Vec<TransferOffer>), OperationError> {
        let view = self.view_member(member).await?;
        let now = self.clock().now();
        Ok((view.member_id, view.state.offers.into_iter().filter(|offer| offer.lapses_at > now).collect()))
    }
}
