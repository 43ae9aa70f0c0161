//! What a member may give to another, whoever that is: the rules, what the day has left, and whether an offer of so many
//! points could be made. It looks at the giver alone, so that its answer says nothing of anybody else.

use domain::ledger::AccountState;
use domain::operation::{self, Context, Gift, GiftRoom};
use domain::programme::Transfers;

use crate::command::MemberReference;
use crate::engine::Engine;
use crate::error::OperationError;
use crate::view_member::{resolve, unknown};

/// Within which limits a member may give points.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TransferTerms {
    /// The programme's rules.
    pub rules: Transfers,
    /// What the member may give of each unit.
    pub rooms: Vec<GiftRoom>,
}

impl Engine {
    /// Within which limits a member may give points; none if the programme lets nobody.
    pub async fn view_transfer_terms(
        &self,
        member: &MemberReference,
    ) -> Result<Option<TransferTerms>, OperationError> {
        let (programmes, now) = (self.programmes(), self.clock().now());
        let rules = programmes.at(now).and_then(|programme| programme.programme().transfers.clone());
        let Some(rules) = rules else { return Ok(None) };
        let state = self.giver(member).await?;
        let context = Context { programmes: &programmes, now, actor: "" };
        let mut rooms = Vec::with_capacity(rules.units.len());
        for unit in &rules.units {
            rooms.push(operation::gift_room(&state, *unit, &context)?);
        }
        Ok(Some(TransferTerms { rules, rooms }))
    }

    /// Refuses what no receiver could change.
    pub async fn check_transfer(&self, from: &MemberReference, gift: Gift) -> Result<(), OperationError> {
        let (programmes, now) = (self.programmes(), self.clock().now());
        let state = self.giver(from).await?;
        let context = Context { programmes: &programmes, now, actor: "" };
        Ok(operation::check_gift(&state, gift, &context)?)
    }

    async fn giver(&self, member: &MemberReference) -> Result<AccountState, OperationError> {
        let mut reader = self.database().snapshot().await?;
        let id = resolve(&mut reader, member).await?;
        let state = reader.account(id).await?.ok_or_else(|| unknown(member))?;
        reader.finish().await?;
        Ok(state)
    }
}
