//! Taking a key back. It stops working at once here, and within two seconds on every other server.

use domain::refusal::Refusal;

use crate::engine::Engine;
use crate::error::OperationError;

impl Engine {
    /// Revokes a key, named by its public part. A key that is revoked already stays so.
    pub async fn revoke_api_key(&self, key_id: &str) -> Result<(), OperationError> {
        if self.database().revoke_api_key(key_id, self.clock().now()).await? {
            return Ok(());
        }
        let known = self.list_api_keys().await?.iter().any(|key| key.key_id == key_id);
        let unknown = Refusal::Unknown { what: "API key".to_owned(), value: key_id.to_owned() };
        if known { Ok(()) } else { Err(unknown.into()) }
    }
}
