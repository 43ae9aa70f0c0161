//! The id of a request: the caller's own where it sent a usable one, else a new one. Echoed in the answer, in
//! problems and in the log.

use std::hash::{BuildHasher, RandomState};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::http::{HeaderMap, HeaderName, HeaderValue};

/// The header, in both directions.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// Longest id accepted from a caller.
const LENGTH_MAX: usize = 64;

static STATE: LazyLock<RandomState> = LazyLock::new(RandomState::new);
static COUNT: AtomicU64 = AtomicU64::new(0);

/// The id for a request.
pub(super) fn request_id(headers: &HeaderMap) -> HeaderValue {
    match headers.get(REQUEST_ID) {
        Some(sent) if usable(sent) => sent.clone(),
        _ => fresh(),
    }
}

fn usable(sent: &HeaderValue) -> bool {
    (1..=LENGTH_MAX).contains(&sent.len())
        && sent.as_bytes().iter().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(byte))
}

/// Random per process and counted within it; it names a request in a log, it protects nothing.
fn fresh() -> HeaderValue {
    let number = STATE.hash_one(COUNT.fetch_add(1, Ordering::Relaxed));
    HeaderValue::from_str(&format!("{number:016x}")).unwrap_or(HeaderValue::from_static("unnamed"))
}

#[cfg(test)]
mod tests {
    use super::{HeaderMap, HeaderValue, REQUEST_ID, request_id};

    #[test]
    fn a_usable_id_is_kept_and_others_are_replaced() {
        for (sent, kept) in [("order-7.retry_2", true), ("", false), ("a b", false), (&"x".repeat(65), false)]
        {
            let mut headers = HeaderMap::new();
            headers.insert(REQUEST_ID, HeaderValue::from_str(sent).unwrap_or(HeaderValue::from_static("")));
            assert_eq!(request_id(&headers) == sent, kept, "{sent}");
        }
        let (one, other) = (request_id(&HeaderMap::new()), request_id(&HeaderMap::new()));
        assert_ne!(one, other);
        assert_eq!(one.len(), 16);
    }
}
