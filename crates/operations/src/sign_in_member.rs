//! Signing a member in by a one-time code, and out again, and whose card a browser may show.

use domain::ids::AccountId;
use domain::ledger::Actor;
use jiff::SignedDuration;

use crate::engine::Engine;
use crate::error::OperationError;
use crate::request_sign_in_code::code_digest;
use crate::secret::{digest, random_secret};
use crate::sign_in::later;

/// Tries that one code allows.
pub const CODE_TRIES_MAX: u32 = 5;
/// A member's session that is not used for so long ends.
pub const MEMBER_SESSION_IDLE_DAYS: i64 = 7;
/// A member's session ends after so long, used or not.
pub const MEMBER_SESSION_DAYS_MAX: i64 = 30;
/// How exactly the store knows when a session was last used.
const TOUCH_MINUTES: i64 = 10;

/// A member who is signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedInMember {
    /// Whose card it is.
    pub member_id: AccountId,
    /// What forms must repeat.
    pub csrf: String,
}

impl SignedInMember {
    /// Who the ledger says asked.
    pub fn actor(&self) -> Actor {
        format!("member:{}", self.member_id)
    }
}

impl Engine {
    /// Checks a code against the challenge it was asked for with and begins a session; the secret belongs in a
    /// cookie. `None` if the code is wrong, over, used, tried too often, or nobody's.
    pub async fn sign_in_member(
        &self,
        challenge: &str,
        code: &str,
    ) -> Result<Option<String>, OperationError> {
        let hash = digest(challenge);
        let now = self.clock().now();
        // Counted first: tries at the same moment cannot be more than are allowed.
        if !self.database().count_code_try(&hash, CODE_TRIES_MAX, now).await? {
            return Ok(None);
        }
        let stored = self.database().reader().await?.member_code(&hash).await?;
        // The digest holds the challenge, which is secret: how long the comparison takes tells nothing of the code.
        let right = stored.filter(|stored| stored.code_hash == code_digest(challenge, code));
        let Some(member_id) = right.and_then(|stored| stored.account_id) else { return Ok(None) };
        if !self.database().use_member_code(&hash).await? {
            return Ok(None);
        }
        let secret = random_secret()?;
        let session = store::MemberSession {
            token_hash: digest(&secret),
            account_id: member_id,
            csrf: random_secret()?,
            created_at: now,
            last_seen_at: now,
            expires_at: later(now, SignedDuration::from_hours(24 * MEMBER_SESSION_DAYS_MAX)),
        };
        self.database().create_member_session(&session).await?;
        Ok(Some(secret))
    }

    /// Whose card a session's secret shows; `None` if the session is unknown, over or idle for too long.
    pub async fn view_member_session(&self, secret: &str) -> Result<Option<SignedInMember>, OperationError> {
        let hash = digest(secret);
        let now = self.clock().now();
        let Some(session) = self.database().reader().await?.member_session(&hash).await? else {
            return Ok(None);
        };
        let idle = now.duration_since(session.last_seen_at);
        if now >= session.expires_at || idle >= SignedDuration::from_hours(24 * MEMBER_SESSION_IDLE_DAYS) {
            return Ok(None);
        }
        if idle >= SignedDuration::from_mins(TOUCH_MINUTES) {
            self.database().touch_member_session(&hash, now).await?;
        }
        Ok(Some(SignedInMember { member_id: session.account_id, csrf: session.csrf }))
    }

    /// Ends a member's session.
    pub async fn sign_out_member(&self, secret: &str) -> Result<(), OperationError> {
        Ok(self.database().end_member_session(&digest(secret)).await?)
    }
}
