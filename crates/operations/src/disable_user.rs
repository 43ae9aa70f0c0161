//! Shutting somebody out of console and till. Their name stays, because entries name them.

use crate::console_user::unknown_user;
use crate::engine::Engine;
use crate::error::OperationError;

impl Engine {
    /// Shuts a person out: their sessions end, their password and links for a new one do not work. `reset_password` lets
    /// them in again.
    pub async fn disable_user(&self, name: &str) -> Result<(), OperationError> {
        let found = self.database().reader().await?.user(name).await?;
        let user = found.ok_or_else(|| unknown_user(name))?;
        let disabled_at = user.disabled_at.or_else(|| Some(self.clock().now()));
        let known = self.database().update_user(&store::ConsoleUser { disabled_at, ..user }).await?;
        if known { Ok(()) } else { Err(unknown_user(name)) }
    }
}
