//! Pages that say why there is no other: not found, not allowed, busy, refused. Causes stay in the log.

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use operations::OperationError;

use super::page::{Frame, Theme, show};
use crate::api::status_of;

#[derive(Template)]
#[template(path = "console/problem.html")]
struct ProblemPage {
    f: Frame,
    title: String,
    detail: String,
}

fn page(f: Frame, status: StatusCode, title: &str, detail: String) -> Response {
    let title = f.t(title);
    show(status, &ProblemPage { f, title, detail })
}

/// There is nothing at this address.
pub(crate) fn not_found(f: Frame) -> Response {
    let detail = f.t("problem-not-found-detail");
    page(f, StatusCode::NOT_FOUND, "problem-not-found", detail)
}

/// The reader's role does not include this.
pub(crate) fn forbidden(f: Frame) -> Response {
    let detail = f.t("problem-forbidden-detail");
    page(f, StatusCode::FORBIDDEN, "problem-forbidden", detail)
}

/// The secret of a form was not the session's.
pub(crate) fn stale(f: Frame) -> Response {
    let detail = f.t("form-stale");
    page(f, StatusCode::FORBIDDEN, "problem-refused", detail)
}

/// An operation gave no result.
pub(crate) fn failed(f: Frame, error: &OperationError) -> Response {
    use OperationError as E;
    let (status, title, detail) = match error {
        E::Refused(refusal) => (status_of(refusal), "problem-refused", sentence(&f, error)),
        E::Busy | E::Unavailable(_) | E::TooManyTries { .. } => {
            (StatusCode::SERVICE_UNAVAILABLE, "problem-busy", f.t("problem-busy-detail"))
        }
        E::Changed => (StatusCode::PRECONDITION_FAILED, "problem-changed", f.t("problem-changed-detail")),
        E::File { .. } | E::Internal(_) => {
            (StatusCode::INTERNAL_SERVER_ERROR, "problem-internal", f.t("problem-internal-detail"))
        }
    };
    if let E::Internal(cause) | E::Unavailable(cause) = error {
        tracing::error!(%cause, here = %f.here, "a page could not be served");
    }
    if status == StatusCode::NOT_FOUND {
        return not_found(f);
    }
    page(f, status, title, detail)
}

/// Why an operation gave no result, in the reader's language where the catalogue has the sentence.
pub(crate) fn sentence(f: &Frame, error: &OperationError) -> String {
    match error {
        OperationError::Refused(refusal) => {
            let code = format!("refusal-{}", refusal.code().replace('_', "-"));
            let named = f.named("refusal-", refusal.code());
            if named == refusal.code() || named == code { refusal.to_string() } else { named }
        }
        OperationError::TooManyTries { retry_after_seconds } => {
            f.n("voucher-tries-exceeded", retry_after_seconds.saturating_add(59) / 60)
        }
        OperationError::Changed => f.t("problem-changed-detail"),
        OperationError::Busy | OperationError::Unavailable(_) => f.t("problem-busy-detail"),
        _ => f.t("problem-internal-detail"),
    }
}
