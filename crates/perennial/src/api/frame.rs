//! What surrounds every endpoint, in one function rather than in layers, each of which would cost every request:
//! request id, key, rate limit, then the endpoint, then problems, headers and counts.

use std::sync::Arc;
use std::time::Instant;

use axum::extract::{MatchedPath, Request, State};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::problem::Problem;
use super::rate_limit::Allowance;
use super::request_id::{REQUEST_ID, request_id};
use super::state::Api;

/// Around endpoints that ask for a key.
pub(super) async fn with_key(State(api): State<Api>, mut request: Request, next: Next) -> Response {
    let visit = Visit::begin(&request);
    let (response, allowance) = match api.keys.holder(request.headers()).await {
        Err(problem) => (problem.into_response(), None),
        Ok(holder) => {
            let allowance = holder.usage.bucket.take(Instant::now());
            let response = if let Some(seconds) = allowance.retry_after_seconds {
                too_many(seconds).into_response()
            } else {
                request.extensions_mut().insert(holder);
                next.run(request).await
            };
            (response, Some(allowance))
        }
    };
    visit.end(&api, response, allowance)
}

/// Around endpoints that are open to everybody.
pub(super) async fn open(State(api): State<Api>, request: Request, next: Next) -> Response {
    let visit = Visit::begin(&request);
    let response = next.run(request).await;
    visit.end(&api, response, None)
}

/// What is known of a request before it is answered.
struct Visit {
    began: Instant,
    id: HeaderValue,
    path: Option<MatchedPath>,
    method: axum::http::Method,
}

impl Visit {
    fn begin(request: &Request) -> Self {
        Self {
            began: Instant::now(),
            id: request_id(request.headers()),
            path: request.extensions().get::<MatchedPath>().cloned(),
            method: request.method().clone(),
        }
    }

    fn end(self, api: &Api, response: Response, allowance: Option<Allowance>) -> Response {
        let mut response = self.in_words(response);
        let headers = response.headers_mut();
        if let Some(allowance) = allowance {
            allowance.write(headers);
        }
        secure(headers);
        headers.insert(REQUEST_ID, self.id);
        let path = self.path.as_ref().map(MatchedPath::as_str);
        api.metrics.count(path, &self.method, response.status(), self.began.elapsed());
        response
    }

    /// Gives every error the shape of a problem, those of the framework too.
    fn in_words(&self, mut response: Response) -> Response {
        let status = response.status();
        if !(status.is_client_error() || status.is_server_error()) {
            return response;
        }
        let id = self.id.to_str().unwrap_or_default();
        let problem = response.extensions_mut().remove::<Arc<Problem>>().map(Arc::unwrap_or_clone);
        let problem = problem.unwrap_or_else(|| Problem::of_status(status));
        problem.log(id);
        let mut described = problem.render(id);
        for (name, value) in response.headers() {
            if name != CONTENT_TYPE && name != axum::http::header::CONTENT_LENGTH {
                described.headers_mut().insert(name, value.clone());
            }
        }
        described
    }
}

fn too_many(seconds: u64) -> Problem {
    let detail = format!("this key calls too often: try again in {seconds} s");
    Problem::new(StatusCode::TOO_MANY_REQUESTS, "rate_limited", detail).retry_after(seconds)
}

/// No answer of the API is a page, and none may be kept by a cache.
fn secure(headers: &mut HeaderMap) {
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    let policy = HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'");
    headers.entry(CONTENT_SECURITY_POLICY).or_insert(policy);
    headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
}
