//! Answers: JSON bodies, and the envelope in which every write is answered.

use axum::body::Body;
use axum::http::header::{CONTENT_TYPE, LOCATION};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use domain::receipt::Receipt;
use operations::{Answer, OperationError, Recorded};
use serde::Serialize;

use super::problem::Problem;

/// A receipt with what is true of this answer alone: the receipt itself never changes.
#[derive(Serialize)]
pub(super) struct Envelope {
    duplicate: bool,
    dry_run: bool,
    receipt: Receipt,
}

impl Envelope {
    pub(super) fn new(recorded: &Recorded) -> Self {
        Self { duplicate: recorded.duplicate, dry_run: recorded.dry_run, receipt: recorded.receipt() }
    }

    /// 201 if something new was recorded, else 200.
    pub(super) fn status(&self) -> StatusCode {
        if self.duplicate || self.dry_run { StatusCode::OK } else { StatusCode::CREATED }
    }
}

/// The answer to a command that records an entry.
pub(super) fn recorded(reply: Result<Answer, OperationError>) -> Result<Response, Problem> {
    let envelope = Envelope::new(&reply?.recorded()?);
    Ok(json(envelope.status(), &envelope))
}

/// The answer to a command that makes something with an address of its own.
pub(super) fn located(mut response: Response, address: &str) -> Response {
    if let Ok(value) = HeaderValue::from_str(address) {
        response.headers_mut().insert(LOCATION, value);
    }
    response
}

/// A JSON answer.
pub(super) fn json<T: Serialize>(status: StatusCode, body: &T) -> Response {
    // Receipts are about 1 kB: one allocation.
    let mut bytes = Vec::with_capacity(1_024);
    if let Err(error) = serde_json::to_writer(&mut bytes, body) {
        return Problem::from(OperationError::Internal(error.to_string())).into_response();
    }
    let mut response = Response::new(Body::from(bytes));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

/// A JSON answer of 200.
pub(super) fn ok<T: Serialize>(body: &T) -> Response {
    json(StatusCode::OK, body)
}
