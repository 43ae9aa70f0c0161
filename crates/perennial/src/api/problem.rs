//! Errors as callers see them (RFC 9457, `application/problem+json`): one shape for refusals of the rules, of the
//! door and of the framework, and one table from the kind of refusal to the status.

use axum::body::Body;
use axum::http::header::{CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use domain::refusal::{Refusal, RefusalKind};
use operations::{OperationError, RETRY_AFTER_SECONDS};
use serde::Serialize;
use utoipa::ToSchema;

/// The media type of every error.
pub const PROBLEM_JSON: &str = "application/problem+json";

/// What went wrong, and what to do. Small, because every handler can return one.
#[derive(Debug, Clone, Serialize)]
#[serde(transparent)]
pub struct Problem(Box<Content>);

/// What went wrong, and what to do.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Problem, example = json!({
    "type": "/docs/problems#currency_differs",
    "title": "Unprocessable Entity",
    "status": 422,
    "detail": "currency is USD, but the programme counts in CNY: convert the amounts before sending them",
    "code": "currency_differs",
    "field": "currency",
    "request_id": "01k3v0q5m8z40"
}))]
pub(super) struct Content {
    /// A page that lists the codes.
    #[serde(rename = "type")]
    page: String,
    /// The status in words.
    title: String,
    /// The HTTP status; within a batch, the status this item alone would have had.
    #[schema(minimum = 400, maximum = 599)]
    status: u16,
    /// What is wrong, with which value, and what to do.
    detail: String,
    /// A stable name for programs.
    code: String,
    /// The offending field as a path such as `lines[2].amount`, or the offending header.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    field: Option<String>,
    /// The id under which the server's log knows the request.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    request_id: Option<String>,
    #[serde(skip)]
    #[schema(ignore)]
    headers: Vec<(HeaderName, HeaderValue)>,
    /// What failed inside: logged, never sent.
    #[serde(skip)]
    #[schema(ignore)]
    cause: Option<String>,
}

impl Problem {
    /// A problem of the door itself.
    pub fn new(status: StatusCode, code: &str, detail: impl Into<String>) -> Self {
        Self(Box::new(Content {
            page: format!("/docs/problems#{code}"),
            title: status.canonical_reason().unwrap_or("Error").to_owned(),
            status: status.as_u16(),
            detail: detail.into(),
            code: code.to_owned(),
            field: None,
            request_id: None,
            headers: Vec::new(),
            cause: None,
        }))
    }

    /// A field or parameter with a value it may not have.
    pub fn invalid(field: impl Into<String>, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "field_invalid", detail).field(field)
    }

    /// Nobody, or somebody unknown, asks.
    pub fn unauthorized(code: &str, detail: impl Into<String>) -> Self {
        let challenge = HeaderValue::from_static("Bearer realm=\"perennial\"");
        Self::new(StatusCode::UNAUTHORIZED, code, detail).header(WWW_AUTHENTICATE, challenge)
    }

    /// What the framework answered without words.
    pub fn of_status(status: StatusCode) -> Self {
        match status {
            StatusCode::NOT_FOUND => {
                Self::new(status, "not_found", "there is nothing at this address: see /docs")
            }
            StatusCode::METHOD_NOT_ALLOWED => {
                Self::new(status, "method_not_allowed", "this address does not take this method: see Allow")
            }
            StatusCode::PAYLOAD_TOO_LARGE => {
                Self::new(status, "body_too_large", "the body is too large: send fewer documents per call")
            }
            StatusCode::REQUEST_TIMEOUT => {
                Self::new(status, "timeout", "the request took too long: send it again")
            }
            _ if status.is_server_error() => Self::new(
                status,
                "internal",
                "the server failed: send it again with the same key, or report the request id",
            ),
            _ => Self::new(status, "bad_request", "the request cannot be read"),
        }
    }

    /// Names the offending field.
    #[must_use]
    pub fn field(mut self, field: impl Into<String>) -> Self {
        self.0.field = Some(field.into());
        self
    }

    /// Adds a header to the answer.
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.0.headers.push((name, value));
        self
    }

    /// When to try again.
    #[must_use]
    pub fn retry_after(self, seconds: u64) -> Self {
        self.header(RETRY_AFTER, HeaderValue::from(seconds))
    }

    /// Says what failed inside, for the log.
    #[must_use]
    fn because(mut self, cause: String) -> Self {
        self.0.cause = Some(cause);
        self
    }

    /// Logs the cause, once, under the request's id.
    pub fn log(&self, request_id: &str) {
        if let Some(cause) = &self.0.cause {
            tracing::error!(request_id, code = %self.0.code, %cause, "a request failed");
        }
    }

    /// The HTTP status.
    pub fn status(&self) -> StatusCode {
        StatusCode::from_u16(self.0.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    /// The answer, naming the request.
    pub fn render(mut self, request_id: &str) -> Response {
        self.0.request_id = Some(request_id.to_owned());
        let headers = std::mem::take(&mut self.0.headers);
        let mut response = Response::new(Body::from(serde_json::to_vec(&self).unwrap_or_default()));
        *response.status_mut() = self.status();
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(PROBLEM_JSON));
        response.headers_mut().extend(headers);
        response
    }
}

/// The one table from refusal to status, for every door that speaks HTTP.
pub fn status_of(refusal: &Refusal) -> StatusCode {
    match refusal.kind() {
        RefusalKind::Invalid => StatusCode::BAD_REQUEST,
        RefusalKind::NotFound => StatusCode::NOT_FOUND,
        RefusalKind::Conflict | RefusalKind::Ended => StatusCode::CONFLICT,
        RefusalKind::TimedOut => StatusCode::GONE,
        RefusalKind::Business => StatusCode::UNPROCESSABLE_ENTITY,
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        // The door puts the caller's name before its keys; the caller knows only its own part.
        let refusal = match refusal {
            Refusal::IdempotencyKeyReused { key } => Refusal::IdempotencyKeyReused {
                key: key.split_once('/').map_or(key.clone(), |(_, own)| own.to_owned()),
            },
            other => other,
        };
        let problem = Self::new(status_of(&refusal), refusal.code(), refusal.to_string());
        match refusal.offending_field() {
            Some(field) => problem.field(field),
            None => problem,
        }
    }
}

impl From<OperationError> for Problem {
    fn from(error: OperationError) -> Self {
        let retry = u64::from(RETRY_AFTER_SECONDS);
        match error {
            OperationError::Refused(refusal) => refusal.into(),
            OperationError::Busy => {
                Self::new(StatusCode::SERVICE_UNAVAILABLE, "busy", error.to_string()).retry_after(retry)
            }
            OperationError::Unavailable(ref cause) => {
                let problem = Self::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", error.to_string());
                problem.because(cause.clone()).retry_after(retry)
            }
            OperationError::TooManyTries { retry_after_seconds } => {
                let wait = u64::try_from(retry_after_seconds).unwrap_or(retry);
                let code = "voucher_tries_exceeded";
                Self::new(StatusCode::TOO_MANY_REQUESTS, code, error.to_string()).retry_after(wait)
            }
            OperationError::Changed => {
                Self::new(StatusCode::PRECONDITION_FAILED, "changed", error.to_string()).field("If-Match")
            }
            OperationError::Lake(ref cause) => {
                // Where the lake is, and why it cannot be read, is for whoever runs the server.
                let sentence = "the lake cannot be read right now: try again later";
                Self::new(StatusCode::SERVICE_UNAVAILABLE, "lake", sentence).because(cause.clone())
            }
            OperationError::NoAnswer { ref sentence, .. } => {
                Self::new(StatusCode::UNPROCESSABLE_ENTITY, "no_answer", sentence.clone())
            }
            OperationError::File { .. } | OperationError::Internal(_) => {
                Self::of_status(StatusCode::INTERNAL_SERVER_ERROR).because(format!("{error:?}"))
            }
        }
    }
}

/// Travels to the frame around all endpoints, which adds the request id.
impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        response.extensions_mut().insert(std::sync::Arc::new(self));
        response
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::{Problem, status_of};
    use axum::http::StatusCode;
    use domain::refusal::Refusal;
    use operations::OperationError;

    #[test]
    fn each_kind_of_refusal_has_its_status() {
        let document = |text: &str| text.to_owned();
        for (refusal, status) in [
            (Refusal::field("points", 0, "use another number"), StatusCode::BAD_REQUEST),
            (Refusal::Unknown { what: document("entry"), value: document("x") }, StatusCode::NOT_FOUND),
            (
                Refusal::DocumentDiffers { source_name: document("till"), reference: document("1") },
                StatusCode::CONFLICT,
            ),
            (Refusal::NothingToReturn, StatusCode::UNPROCESSABLE_ENTITY),
        ] {
            assert_eq!(status_of(&refusal), status, "{refusal}");
        }
    }

    #[test]
    fn platform_errors_say_when_to_try_again_and_never_why_inside() {
        for (error, status, retry) in [
            (OperationError::Busy, 503, true),
            (OperationError::Unavailable("secret cause".to_owned()), 503, true),
            (OperationError::Changed, 412, false),
            (OperationError::Internal("secret cause".to_owned()), 500, false),
        ] {
            let problem = Problem::from(error);
            assert!(!problem.0.detail.contains("secret"), "{problem:?}");
            let response = problem.render("r1");
            assert_eq!(response.status().as_u16(), status);
            assert_eq!(response.headers().contains_key("retry-after"), retry);
            assert_eq!(response.headers()["content-type"], "application/problem+json");
        }
    }

    #[test]
    fn a_key_is_shown_as_the_caller_sent_it() {
        let problem = Problem::from(Refusal::IdempotencyKeyReused { key: "till/abc".to_owned() });
        assert!(problem.0.detail.contains("“abc”"), "{}", problem.0.detail);
    }
}
