//! One-time links: whoever opens one chooses a name and a password, and can sign in from then on. The first user of
//! a new installation gets in by one, and so does everybody who is invited.

use jiff::SignedDuration;

use crate::console_user::{ConsoleUser, Role, refuse_taken};
use crate::engine::Engine;
use crate::error::OperationError;
use crate::secret::{digest, random_secret};
use crate::sign_in::later;

/// How long a link works.
pub const SETUP_LINK_HOURS: i64 = 24;

impl Engine {
    /// Makes the secret of a one-time link for somebody with this role. Only its digest is stored; the role is part
    /// of what is digested, so it cannot be changed on the way.
    pub async fn create_setup_link(&self, role: Role) -> Result<String, OperationError> {
        let secret = format!("{}.{}", role.name(), random_secret()?);
        let now = self.clock().now();
        let until = later(now, SignedDuration::from_hours(SETUP_LINK_HOURS));
        self.database().create_setup_token(&digest(&secret), now, until).await?;
        Ok(secret)
    }

    /// Uses a link up to add a person. `None` if it is unknown, used or too old.
    pub async fn use_setup_link(
        &self,
        secret: &str,
        name: &str,
        password: &str,
    ) -> Result<Option<ConsoleUser>, OperationError> {
        let role = secret.split_once('.').and_then(|(role, _)| role.parse::<Role>().ok());
        let Some(role) = role else { return Ok(None) };
        let record = self.new_user(name, password, role).await?;
        let hash = digest(secret);
        let used = self.database().use_setup_token(&hash, record.created_at, &record).await;
        let used = used.map_err(|cause| refuse_taken(cause, name))?;
        if used { ConsoleUser::read(record).map(Some) } else { Ok(None) }
    }
}
