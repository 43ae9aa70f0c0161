//! Signing in and out of the console, and who a session belongs to.

use domain::ledger::Actor;
use jiff::{SignedDuration, Timestamp};

use crate::console_user::{ConsoleUser, PASSWORD_LENGTH_MAX, Role, USER_NAME_LENGTH_MAX, actor_of};
use crate::engine::Engine;
use crate::error::OperationError;
use crate::password::verify_password;
use crate::secret::{digest, random_secret};

/// A session that is not used for so long ends.
pub const SESSION_IDLE_MINUTES: i64 = 60;
/// A session ends after so long, used or not.
pub const SESSION_HOURS_MAX: i64 = 12;
/// How exactly the store knows when a session was last used.
const TOUCH_SECONDS: i64 = 60;

/// A person who is signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedIn {
    /// The name they signed in with.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// What forms must repeat.
    pub csrf: String,
}

impl SignedIn {
    /// Who the ledger says asked.
    pub fn actor(&self) -> Actor {
        actor_of(&self.name)
    }
}

impl Engine {
    /// Checks name and password and begins a session; the secret belongs in a cookie. `None` if they do not match:
    /// an unknown name takes as long as a wrong password.
    pub async fn sign_in(&self, name: &str, password: &str) -> Result<Option<String>, OperationError> {
        // Nobody has such a name or password, so looking costs time for nothing.
        if password.len() > PASSWORD_LENGTH_MAX || name.chars().count() > USER_NAME_LENGTH_MAX {
            return Ok(None);
        }
        let user = self.database().reader().await?.user(name).await?;
        let user = user.filter(|user| user.disabled_at.is_none());
        let stored = user.as_ref().map(|user| user.password_hash.clone());
        let matches = verify_password(password.to_owned(), stored).await?;
        let Some(user) = user.filter(|_| matches) else { return Ok(None) };
        let now = self.clock().now();
        self.database().purge_sessions(now).await?;
        let secret = random_secret()?;
        let session = store::Session {
            token_hash: digest(&secret),
            user_name: user.name,
            csrf: random_secret()?,
            created_at: now,
            last_seen_at: now,
            expires_at: later(now, SignedDuration::from_hours(SESSION_HOURS_MAX)),
        };
        let begun = self.database().create_session(&session, &user.password_hash).await?;
        Ok(begun.then_some(secret))
    }

    /// Who a session's secret belongs to; `None` if the session is unknown, over or idle for too long.
    pub async fn view_session(&self, secret: &str) -> Result<Option<SignedIn>, OperationError> {
        let mut reader = self.database().reader().await?;
        let hash = digest(secret);
        let now = self.clock().now();
        let Some(session) = reader.session(&hash).await? else { return Ok(None) };
        let idle = now.duration_since(session.last_seen_at);
        if now >= session.expires_at || idle >= SignedDuration::from_mins(SESSION_IDLE_MINUTES) {
            return Ok(None);
        }
        let user = reader.user(&session.user_name).await?.filter(|user| user.disabled_at.is_none());
        drop(reader);
        if idle >= SignedDuration::from_secs(TOUCH_SECONDS) {
            self.database().touch_session(&hash, now).await?;
        }
        let Some(user) = user.map(ConsoleUser::read).transpose()? else { return Ok(None) };
        Ok(Some(SignedIn { name: user.name, role: user.role, csrf: session.csrf }))
    }

    /// Ends a session.
    pub async fn sign_out(&self, secret: &str) -> Result<(), OperationError> {
        Ok(self.database().end_session(&digest(secret)).await?)
    }
}

pub(crate) fn later(now: Timestamp, by: SignedDuration) -> Timestamp {
    now.checked_add(by).unwrap_or(Timestamp::MAX)
}
