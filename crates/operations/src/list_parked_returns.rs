//! Returns that arrived before their purchase and wait for it.

use domain::document::DocumentKey;
use domain::ledger::Actor;
use jiff::Timestamp;

use crate::engine::Engine;
use crate::error::OperationError;

/// A return that waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WaitingReturn {
    /// The return.
    pub key: DocumentKey,
    /// The purchase it waits for.
    pub purchase: DocumentKey,
    /// Who reported it.
    pub actor: Actor,
    /// When it arrived.
    pub recorded_at: Timestamp,
}

impl Engine {
    /// A page of the returns that wait, by their key, after one.
    pub async fn list_parked_returns(
        &self,
        after: Option<&DocumentKey>,
        limit: u32,
    ) -> Result<Vec<WaitingReturn>, OperationError> {
        let found = self.database().reader().await?.parked_returns(after, limit).await?;
        let waiting = |parked: store::ParkedReturn| WaitingReturn {
            key: parked.document.key,
            purchase: parked.document.purchase,
            actor: parked.actor,
            recorded_at: parked.recorded_at,
        };
        Ok(found.into_iter().map(waiting).collect())
    }
}
