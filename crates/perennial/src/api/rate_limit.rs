//! How often one key may call: a bucket of tokens that refills steadily. Each server counts for itself.

use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use axum::http::{HeaderMap, HeaderName, HeaderValue};

const LIMIT: HeaderName = HeaderName::from_static("ratelimit-limit");
const REMAINING: HeaderName = HeaderName::from_static("ratelimit-remaining");
const RESET: HeaderName = HeaderName::from_static("ratelimit-reset");

/// How often one key may call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateLimit {
    /// Calls in a second, over time.
    pub per_second: u32,
    /// Calls at once, after a pause.
    pub burst: u32,
}

/// What one key has left.
#[derive(Debug)]
pub(super) struct Bucket {
    limit: RateLimit,
    level: Mutex<Level>,
}

#[derive(Debug)]
struct Level {
    tokens: f64,
    at: Instant,
}

/// What the headers of an answer say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Allowance {
    limit: u32,
    remaining: u64,
    /// Seconds until the bucket is full again.
    reset_seconds: u64,
    /// Seconds until the next call, if this one was too many.
    pub(super) retry_after_seconds: Option<u64>,
}

impl Default for RateLimit {
    /// Generous: it stops a loop gone wild, not a busy shop.
    fn default() -> Self {
        Self { per_second: 10_000, burst: 20_000 }
    }
}

impl Bucket {
    pub(super) fn new(limit: RateLimit, now: Instant) -> Self {
        Self { limit, level: Mutex::new(Level { tokens: f64::from(limit.burst), at: now }) }
    }

    /// Takes a token for one call, if there is one.
    pub(super) fn take(&self, now: Instant) -> Allowance {
        let rate = f64::from(self.limit.per_second.max(1));
        let full = f64::from(self.limit.burst.max(1));
        let mut level = self.level.lock().unwrap_or_else(PoisonError::into_inner);
        let passed_seconds = now.saturating_duration_since(level.at).as_secs_f64();
        let tokens = passed_seconds.mul_add(rate, level.tokens).min(full);
        let enough = tokens >= 1.0;
        level.tokens = if enough { tokens - 1.0 } else { tokens };
        level.at = now;
        Allowance {
            limit: self.limit.burst.max(1),
            remaining: whole(level.tokens.floor()),
            reset_seconds: whole(((full - level.tokens) / rate).ceil()),
            retry_after_seconds: (!enough).then(|| whole(((1.0 - level.tokens) / rate).ceil()).max(1)),
        }
    }
}

impl Allowance {
    pub(super) fn write(&self, headers: &mut HeaderMap) {
        headers.insert(LIMIT, HeaderValue::from(self.limit));
        headers.insert(REMAINING, HeaderValue::from(self.remaining));
        headers.insert(RESET, HeaderValue::from(self.reset_seconds));
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a number of tokens or seconds, never negative and far below 2^53"
)]
fn whole(number: f64) -> u64 {
    number as u64
}

#[cfg(test)]
mod tests {
    use super::{Bucket, RateLimit};
    use std::time::{Duration, Instant};

    #[test]
    fn a_bucket_empties_refuses_and_refills() {
        let start = Instant::now();
        let bucket = Bucket::new(RateLimit { per_second: 2, burst: 3 }, start);
        for (after_ms, remaining, retry_after_seconds) in [
            (0, 2, None),
            (0, 1, None),
            (0, 0, None),
            (0, 0, Some(1)),
            (499, 0, Some(1)),
            (500, 0, None),
            (500, 0, Some(1)),
            (60_000, 2, None),
        ] {
            let allowance = bucket.take(start + Duration::from_millis(after_ms));
            assert_eq!(
                (allowance.remaining, allowance.retry_after_seconds),
                (remaining, retry_after_seconds)
            );
            assert_eq!(allowance.limit, 3);
        }
    }

    #[test]
    fn the_headers_say_when_the_bucket_is_full_again() {
        let start = Instant::now();
        let bucket = Bucket::new(RateLimit { per_second: 2, burst: 10 }, start);
        let mut headers = axum::http::HeaderMap::new();
        for _ in 0..4 {
            bucket.take(start).write(&mut headers);
        }
        let text = |name: &str| headers[name].to_str().map(str::to_owned).unwrap_or_default();
        assert_eq!((text("ratelimit-limit"), text("ratelimit-remaining")), ("10".to_owned(), "6".to_owned()));
        assert_eq!(text("ratelimit-reset"), "2");
    }
}
