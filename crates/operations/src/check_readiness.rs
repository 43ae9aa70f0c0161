//! Whether the platform can serve: its database answers a question.

use crate::engine::Engine;
use crate::error::OperationError;

impl Engine {
    /// Asks the database for a key that cannot exist: one indexed read.
    pub async fn check_readiness(&self) -> Result<(), OperationError> {
        self.database().reader().await?.api_key(&[0; 32]).await?;
        Ok(())
    }
}
