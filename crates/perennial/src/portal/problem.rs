//! Pages that say why there is no other. Causes stay in the log.

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use operations::OperationError;

use super::shell::Shell;
use crate::api::status_of;
use crate::console::page::{Frame, Theme, show};
use crate::console::problem::sentence;

#[derive(Template)]
#[template(path = "portal/problem.html")]
struct ProblemPage {
    f: Frame,
    s: Shell,
    title: String,
    detail: String,
}

fn page(f: Frame, s: Shell, status: StatusCode, title: &str, detail: String) -> Response {
    let title = f.t(title);
    show(status, &ProblemPage { f, s, title, detail })
}

/// There is nothing at this address, or nothing of this member.
pub(super) fn not_found(f: Frame, s: Shell) -> Response {
    let detail = f.t("problem-not-found-detail");
    page(f, s, StatusCode::NOT_FOUND, "problem-not-found", detail)
}

/// The secret of a form was not the session's.
pub(super) fn stale(f: Frame, s: Shell) -> Response {
    let detail = f.t("form-stale");
    page(f, s, StatusCode::FORBIDDEN, "problem-refused", detail)
}

/// An operation gave no result.
pub(super) fn failed(f: Frame, s: Shell, error: &OperationError) -> Response {
    use OperationError as E;
    let (status, title) = match error {
        E::Refused(refusal) => (status_of(refusal), "problem-refused"),
        E::Busy | E::TooManyTries { .. } => (StatusCode::SERVICE_UNAVAILABLE, "problem-busy"),
        E::Unavailable(_) => (StatusCode::SERVICE_UNAVAILABLE, "problem-unavailable"),
        E::Changed => (StatusCode::PRECONDITION_FAILED, "problem-changed"),
        E::File { .. } | E::Internal(_) | E::Lake(_) | E::NoAnswer { .. } => {
            (StatusCode::INTERNAL_SERVER_ERROR, "problem-internal")
        }
    };
    if let E::Internal(cause) | E::Unavailable(cause) = error {
        tracing::error!(%cause, here = %f.here, "a page could not be served");
    }
    if status == StatusCode::NOT_FOUND {
        return not_found(f, s);
    }
    let detail = sentence(&f, error);
    page(f, s, status, title, detail)
}
