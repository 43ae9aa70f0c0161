//! Finding the key behind a text a program sent, and noting that it was used.

use jiff::Timestamp;

use crate::api_key::{ApiKey, KeyDigest, read_text};
use crate::engine::Engine;
use crate::error::OperationError;

impl Engine {
    /// The key with this text, even if it no longer works: [`ApiKey::works_at`] tells. A text that cannot be a key is
    /// turned away by its checksum, without a look-up.
    pub async fn authenticate_api_key(&self, text: &str) -> Result<Option<ApiKey>, OperationError> {
        if read_text(text).is_none() {
            return Ok(None);
        }
        // The secret is random and its digest indexed: nothing about it can be learnt from how long this takes.
        let stored = self.database().reader().await?.api_key(&KeyDigest::of(text).0).await?;
        Ok(stored.map(ApiKey::from))
    }

    /// Notes that a key was used. Callers do this at most once a minute for a key.
    pub async fn note_api_key_use(&self, key_id: &str, at: Timestamp) -> Result<(), OperationError> {
        Ok(self.database().touch_api_key(key_id, at).await?)
    }
}
