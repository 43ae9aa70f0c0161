//! The keys of all clients, oldest first; revoked ones stay, because entries name their clients.

use crate::api_key::ApiKey;
use crate::engine::Engine;
use crate::error::OperationError;

impl Engine {
    /// All keys, oldest first.
    pub async fn list_api_keys(&self) -> Result<Vec<ApiKey>, OperationError> {
        let stored = self.database().reader().await?.api_keys().await?;
        Ok(stored.into_iter().map(ApiKey::from).collect())
    }
}
