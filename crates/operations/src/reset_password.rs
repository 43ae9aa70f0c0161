//! A new password for somebody who has none that works: by a one-time link, as an invitation is one.

use jiff::SignedDuration;

use crate::console_user::{ConsoleUser, check_password, unknown_user};
use crate::engine::Engine;
use crate::error::OperationError;
use crate::password::hash_password;
use crate::secret::{digest, hexadecimal, random_secret};
use crate::set_up::SETUP_LINK_HOURS;
use crate::sign_in::later;

/// What such a link begins with; no role has this name.
const PREFIX: &str = "password";

impl Engine {
    /// Ends the sessions of a person, makes their password useless, and gives the secret of a link by which they choose
    /// another. Somebody who was shut out may come in again by it.
    pub async fn reset_password(&self, name: &str) -> Result<String, OperationError> {
        let found = self.database().reader().await?.user(name).await?;
        let user = found.ok_or_else(|| unknown_user(name))?;
        let password_hash = hash_password(random_secret()?).await?;
        let shut_out = store::ConsoleUser { password_hash, disabled_at: None, ..user };
        if !self.database().update_user(&shut_out).await? {
            return Err(unknown_user(name));
        }
        // The name is part of what is digested, so it cannot be changed on the way.
        let secret = format!("{PREFIX}.{}.{}", random_secret()?, hexadecimal(name.as_bytes()));
        let now = self.clock().now();
        let until = later(now, SignedDuration::from_hours(SETUP_LINK_HOURS));
        self.database().create_setup_token(&digest(&secret), now, until).await?;
        Ok(secret)
    }

    /// Uses a link up: gives the person it is for a new password. `None` if it is unknown, used or too old.
    pub async fn use_password_link(
        &self,
        secret: &str,
        password: &str,
    ) -> Result<Option<ConsoleUser>, OperationError> {
        let Some(name) = password_link_name(secret) else { return Ok(None) };
        check_password(password)?;
        let hash = hash_password(password.to_owned()).await?;
        let now = self.clock().now();
        if !self.database().use_password_token(&digest(secret), now, &name, &hash).await? {
            return Ok(None);
        }
        let user = self.database().reader().await?.user(&name).await?;
        user.map(ConsoleUser::read).transpose()
    }
}

/// Whose password a link is for, if it is for one.
pub fn password_link_name(secret: &str) -> Option<String> {
    let rest = secret.strip_prefix(PREFIX)?.strip_prefix('.')?;
    let (_, name) = rest.split_once('.')?;
    let digits: Vec<u8> =
        name.chars().map(|digit| digit.to_digit(16)?.try_into().ok()).collect::<Option<_>>()?;
    let bytes = digits.chunks(2).map(|pair| pair.iter().fold(0, |byte, digit| byte << 4 | digit)).collect();
    String::from_utf8(bytes).ok()
}
