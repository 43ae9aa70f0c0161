//! The page a one-time link leads to: choose a name and a password, or a new password, and be signed in.

use askama::Template;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use domain::refusal::Refusal;
use operations::{OperationError, PASSWORD_LENGTH_MIN, password_link_name};
use serde::Deserialize;

use super::Console;
use super::page::{Frame, Theme};
use super::problem;
use super::session::{Visitor, VisitorSubmission};
use super::sign_in::{enter, fresh};

#[derive(Template)]
#[template(path = "console/set_up.html")]
struct SetUpPage {
    f: Frame,
    token: String,
    name: String,
    /// Whether the link gives somebody who is known a new password.
    known: bool,
    password_min: i64,
    error: Option<String>,
}

impl SetUpPage {
    fn new(f: Frame, token: &str, name: &str, error: Option<String>) -> Self {
        let whose = password_link_name(token);
        let (known, name) = (whose.is_some(), whose.unwrap_or_else(|| name.to_owned()));
        let token = token.to_owned();
        Self { f, token, name, known, password_min: i64::try_from(PASSWORD_LENGTH_MIN).unwrap_or(0), error }
    }
}

/// The link's secret.
#[derive(Deserialize)]
pub(super) struct Link {
    #[serde(default)]
    token: String,
}

/// The form.
pub(super) async fn form(
    State(console): State<Console>,
    Query(link): Query<Link>,
    Visitor { frame }: Visitor,
) -> Response {
    fresh(&console, frame, StatusCode::OK, |f| SetUpPage::new(f, &link.token, "", None))
}

/// Adds the person, or gives them their new password, and signs them in.
pub(super) async fn set_up(State(console): State<Console>, submission: VisitorSubmission) -> Response {
    let VisitorSubmission { frame, fields } = submission;
    let Some(fields) = fields else {
        return fresh(&console, frame, StatusCode::FORBIDDEN, |f| {
            let error = Some(f.t("form-stale"));
            SetUpPage::new(f, "", "", error)
        });
    };
    let (token, password) = (fields.text("token"), fields.exact("password"));
    let whose = password_link_name(token);
    let name = whose.as_deref().unwrap_or(fields.text("name"));
    let added = match whose {
        Some(_) => console.engine.use_password_link(token, password).await,
        None => console.engine.use_setup_link(token, name, password).await,
    };
    let error = match added {
        Ok(Some(_)) => match console.engine.sign_in(name, password).await {
            Ok(Some(secret)) => return enter(&console, &secret, "/console"),
            Ok(None) => frame.t("sign-in-failed"),
            Err(error) => return problem::failed(frame, &error),
        },
        Ok(None) => frame.t("set-up-used"),
        Err(OperationError::Refused(refusal)) => explain(&frame, &refusal),
        Err(error) => return problem::failed(frame, &error),
    };
    fresh(&console, frame, StatusCode::UNPROCESSABLE_ENTITY, |f| SetUpPage::new(f, token, name, Some(error)))
}

/// Which field was wrong, in the reader's language.
fn explain(frame: &Frame, refusal: &Refusal) -> String {
    match refusal {
        Refusal::FieldInvalid { field, .. } if field == "password" => frame.t("password-too-short"),
        Refusal::FieldInvalid { field, remedy, .. } if field == "name" && remedy.starts_with("choose") => {
            frame.t("user-name-taken")
        }
        Refusal::FieldInvalid { field, .. } if field == "name" => frame.t("user-name-invalid"),
        other => other.to_string(),
    }
}
