//! Issuing a key to a program. A client may have two that work, so that it can change from one to the other without
//! a pause.

use domain::ledger::Actor;
use domain::refusal::Refusal;
use jiff::Timestamp;

use crate::api_key::{ApiKey, IssuedKey, KeyDigest, KeyMode, Scope, draw_text};
use crate::engine::Engine;
use crate::error::OperationError;

/// Keys of one client and mode that may work at the same time.
pub const WORKING_KEYS_MAX: usize = 2;
/// Longest name of a client, in bytes.
const CLIENT_LENGTH_MAX: usize = 64;

/// The key that is asked for.
#[derive(Debug, Clone)]
pub struct KeyRequest {
    /// Whose it will be: 1 to 64 characters of a-z, 0-9, `_`, `-` and `.`.
    pub client: String,
    /// Whether what it writes is kept.
    pub mode: KeyMode,
    /// What it allows.
    pub scopes: Vec<Scope>,
    /// First instant at which it no longer works.
    pub expires_at: Option<Timestamp>,
}

impl Engine {
    /// Issues a key. Its text is in the answer and nowhere else.
    pub async fn issue_api_key(
        &self,
        request: KeyRequest,
        actor: Actor,
    ) -> Result<IssuedKey, OperationError> {
        let now = self.clock().now();
        check(&request, now)?;
        let same =
            |key: &ApiKey| key.client == request.client && key.mode == request.mode && key.works_at(now);
        if self.list_api_keys().await?.iter().filter(|key| same(key)).count() >= WORKING_KEYS_MAX {
            let remedy = format!("{WORKING_KEYS_MAX} keys of this client work already: revoke one first");
            return Err(Refusal::field("client", &request.client, remedy).into());
        }
        let (key_id, text) = draw_text(request.mode)?;
        let KeyRequest { client, mode, scopes, expires_at } = request;
        let key = ApiKey {
            key_id,
            client,
            mode,
            scopes,
            created_at: now,
            created_by: actor,
            expires_at,
            revoked_at: None,
            last_used_at: None,
        };
        self.database().create_api_key(&stored(&key), &KeyDigest::of(&text).0).await?;
        Ok(IssuedKey { key, text })
    }
}

fn check(request: &KeyRequest, now: Timestamp) -> Result<(), Refusal> {
    let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"_-.".contains(&byte);
    if !(1..=CLIENT_LENGTH_MAX).contains(&request.client.len()) || !request.client.bytes().all(fits) {
        let remedy = format!("use 1 to {CLIENT_LENGTH_MAX} characters of a-z, 0-9, _, - and .");
        return Err(Refusal::field("client", &request.client, remedy));
    }
    if request.scopes.is_empty() {
        return Err(Refusal::field("scopes", "empty", "name at least one scope"));
    }
    match request.expires_at {
        Some(end) if end <= now => Err(Refusal::field("expires_at", end, "use an instant in the future")),
        _ => Ok(()),
    }
}

fn stored(key: &ApiKey) -> store::ApiKey {
    store::ApiKey {
        key_id: key.key_id.clone(),
        prefix: format!("{}{}", key.mode.prefix(), key.key_id),
        name: key.client.clone(),
        scopes: key.scopes.iter().map(|scope| scope.name().to_owned()).collect(),
        mode: match key.mode {
            KeyMode::Live => store::KeyMode::Live,
            KeyMode::Test => store::KeyMode::Test,
        },
        created_at: key.created_at,
        created_by: key.created_by.clone(),
        expires_at: key.expires_at,
        last_used_at: key.last_used_at,
        revoked_at: key.revoked_at,
    }
}
