//! What every answer of the console tells the browser (no inline script or style, no frames, no referrer), and the
//! check that a state change comes from the console's own pages.

use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
    font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

const HEADERS: [(&str, &str); 5] = [
    ("content-security-policy", POLICY),
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "same-origin"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
];

/// Adds the headers, keeps pages with personal data out of caches, and refuses state changes from elsewhere.
pub(crate) async fn protect(request: Request, next: Next) -> Response {
    let safe = matches!(*request.method(), Method::GET | Method::HEAD);
    let mut response = if safe || same_origin(request.headers()) {
        next.run(request).await
    } else {
        StatusCode::FORBIDDEN.into_response()
    };
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

/// Whether a request comes from a page of this very origin. Browsers send `Sec-Fetch-Site`; where they do not,
/// `Origin` must name the host that was asked. A request with neither does not come from a browser's form.
fn same_origin(headers: &HeaderMap) -> bool {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(site) = text("sec-fetch-site") {
        return site == "same-origin";
    }
    let asked = text("host");
    text("origin").and_then(|origin| origin.split_once("://")).is_some_and(|(_, host)| Some(host) == asked)
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderMap, HeaderName, HeaderValue};

    use super::same_origin;

    #[test]
    fn only_pages_of_this_origin_may_change_anything() {
        for (sent, allowed) in [
            (vec![("sec-fetch-site", "same-origin")], true),
            (vec![("sec-fetch-site", "same-site")], false),
            (vec![("sec-fetch-site", "cross-site"), ("host", "a"), ("origin", "https://a")], false),
            (vec![("sec-fetch-site", "none")], false),
            (vec![("host", "a:8080"), ("origin", "http://a:8080")], true),
            (vec![("host", "a:8080"), ("origin", "http://b:8080")], false),
            (vec![("host", "a:8080"), ("origin", "null")], false),
            (vec![("host", "a:8080")], false),
        ] {
            let headers: HeaderMap = sent
                .iter()
                .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)))
                .collect();
            assert_eq!(same_origin(&headers), allowed, "{sent:?}");
        }
    }
}
