//! Keys seen lately, so that a request does not look its key up in the database: each is believed for a second, then
//! looked up again. A revocation therefore acts on every server within two seconds.

use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use axum::http::{HeaderMap, header};
use jiff::Timestamp;
use operations::{ApiKey, Engine, KeyDigest};

use super::problem::Problem;
use super::rate_limit::{Bucket, RateLimit};

/// Seconds between two notes of a key's use.
const NOTE_EVERY_SECONDS: i64 = 60;

/// Keys seen lately, by the digest of their text.
pub struct KeyRing {
    engine: Engine,
    limit: RateLimit,
    staleness: Duration,
    known: RwLock<HashMap<KeyDigest, Known>>,
}

/// A key and when it was last looked up.
#[derive(Clone)]
struct Known {
    key: Arc<ApiKey>,
    checked_at: Instant,
    usage: Arc<Usage>,
}

/// What outlives a new look-up.
pub(super) struct Usage {
    pub(super) bucket: Bucket,
    noted_second: AtomicI64,
}

/// The key behind a request.
#[derive(Clone)]
pub(super) struct Holder {
    pub(super) key: Arc<ApiKey>,
    pub(super) usage: Arc<Usage>,
}

impl KeyRing {
    pub(super) fn new(engine: Engine, limit: RateLimit, staleness: Duration) -> Self {
        Self { engine, limit, staleness, known: RwLock::default() }
    }

    /// The holder of the key a request carries, as `Authorization: Bearer pk_…`.
    pub(super) async fn holder(&self, headers: &HeaderMap) -> Result<Holder, Problem> {
        let text = bearer(headers)?;
        let known = self.known(text).await?;
        let now = self.engine.clock().now();
        if !known.key.works_at(now) {
            let why = if known.key.revoked_at.is_some() { "was revoked" } else { "has expired" };
            let detail = format!("the key {} {why}: ask for a new one", known.key.key_id);
            return Err(Problem::unauthorized("key_ended", detail));
        }
        self.note_use(&known, now);
        Ok(Holder { key: known.key, usage: known.usage })
    }

    async fn known(&self, text: &str) -> Result<Known, Problem> {
        let digest = KeyDigest::of(text);
        let seen = self.known.read().unwrap_or_else(PoisonError::into_inner).get(&digest).cloned();
        let now = Instant::now();
        if let Some(known) = &seen
            && now.saturating_duration_since(known.checked_at) < self.staleness
        {
            return Ok(known.clone());
        }
        let Some(key) = self.engine.authenticate_api_key(text).await? else {
            self.known.write().unwrap_or_else(PoisonError::into_inner).remove(&digest);
            return Err(Problem::unauthorized("key_unknown", "no such key: was it cut or mistyped?"));
        };
        let usage = seen.map_or_else(|| Arc::new(self.first_use(&key, now)), |known| known.usage);
        let known = Known { key: Arc::new(key), checked_at: now, usage };
        self.known.write().unwrap_or_else(PoisonError::into_inner).insert(digest, known.clone());
        Ok(known)
    }

    fn first_use(&self, key: &ApiKey, now: Instant) -> Usage {
        let noted_second = key.last_used_at.map_or(i64::MIN, Timestamp::as_second);
        Usage { bucket: Bucket::new(self.limit, now), noted_second: AtomicI64::new(noted_second) }
    }

    /// Notes the use in the database, at most once a minute and without letting the request wait.
    fn note_use(&self, known: &Known, now: Timestamp) {
        let second = now.as_second();
        let noted = known.usage.noted_second.load(Ordering::Relaxed);
        let due = second.saturating_sub(noted) >= NOTE_EVERY_SECONDS;
        let mine = due
            && known
                .usage
                .noted_second
                .compare_exchange(noted, second, Ordering::Relaxed, Ordering::Relaxed)
                .is_ok();
        if mine {
            let (engine, key_id) = (self.engine.clone(), known.key.key_id.clone());
            tokio::spawn(async move {
                if let Err(error) = engine.note_api_key_use(&key_id, now).await {
                    tracing::warn!(%error, key_id, "the use of a key could not be noted");
                }
            });
        }
    }
}

fn bearer(headers: &HeaderMap) -> Result<&str, Problem> {
    let missing = || {
        let detail = "send your API key as Authorization: Bearer pk_live_…";
        Problem::unauthorized("key_missing", detail).field("Authorization")
    };
    let value =
        headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()).ok_or_else(missing)?;
    let (scheme, text) = value.split_once(' ').ok_or_else(missing)?;
    if scheme.eq_ignore_ascii_case("bearer") { Ok(text.trim()) } else { Err(missing()) }
}
