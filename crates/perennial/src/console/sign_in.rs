//! The sign-in page, and signing out. An unknown name gets the same answer as a wrong password, after the same work.

use std::time::Instant;

use askama::Template;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use operations::USER_NAME_LENGTH_MAX;
use serde::Deserialize;

use super::Console;
use super::cookies::{self, Name};
use super::page::{Frame, Theme, show};
use super::problem;
use super::session::{Submission, Visitor, VisitorSubmission, inside, show_form};

#[derive(Template)]
#[template(path = "console/sign_in.html")]
struct SignInPage {
    f: Frame,
    next: String,
    name: String,
    error: Option<String>,
}

/// Where to go on to.
#[derive(Deserialize)]
pub(super) struct NextPage {
    #[serde(default)]
    next: String,
}

/// The form. A visitor without a form secret gets one.
pub(super) async fn form(
    State(console): State<Console>,
    Query(query): Query<NextPage>,
    Visitor { frame }: Visitor,
) -> Response {
    let next = inside(&query.next).to_owned();
    fresh(&console, frame, StatusCode::OK, |f| SignInPage { f, next, name: String::new(), error: None })
}

/// Shows a form to a visitor.
pub(super) fn fresh<P: Template>(
    console: &Console,
    frame: Frame,
    status: StatusCode,
    page: impl FnOnce(Frame) -> P,
) -> Response {
    show_form(frame, Name::Visitor, console.over_tls, status, page)
}

/// Checks name and password and begins a session.
pub(super) async fn sign_in(State(console): State<Console>, submission: VisitorSubmission) -> Response {
    let VisitorSubmission { frame, fields } = submission;
    let Some(fields) = fields else {
        return fresh(&console, frame, StatusCode::FORBIDDEN, |f| {
            let error = Some(f.t("form-stale"));
            SignInPage { f, next: "/console".to_owned(), name: String::new(), error }
        });
    };
    let (name, next) = (fields.text("name").to_owned(), inside(fields.text("next")).to_owned());
    let again = |f: Frame, key: &str, status| {
        let error = Some(f.t(key));
        show(status, &SignInPage { f, next: next.clone(), name: name.clone(), error })
    };
    // Nobody has such a name, and it is not worth remembering.
    if name.chars().count() > USER_NAME_LENGTH_MAX {
        return again(frame, "sign-in-failed", StatusCode::UNPROCESSABLE_ENTITY);
    }
    if !console.throttle.admits(&name, Instant::now()) {
        return again(frame, "sign-in-throttled", StatusCode::TOO_MANY_REQUESTS);
    }
    match console.engine.sign_in(&name, fields.exact("password")).await {
        Ok(Some(secret)) => {
            console.throttle.succeeded(&name);
            enter(&console, &secret, &next)
        }
        Ok(None) => again(frame, "sign-in-failed", StatusCode::UNPROCESSABLE_ENTITY),
        Err(error) => {
            console.throttle.not_checked(&name);
            problem::failed(frame, &error)
        }
    }
}

/// Goes on with a new session.
pub(super) fn enter(console: &Console, secret: &str, next: &str) -> Response {
    let mut response = Redirect::to(next).into_response();
    let cookies = [
        cookies::set(Name::Session, secret, console.over_tls),
        cookies::clear(Name::Visitor, console.over_tls),
    ];
    for (name, value) in cookies.into_iter().flatten() {
        response.headers_mut().append(name, value);
    }
    response
}

/// Ends the session.
pub(super) async fn sign_out(
    State(console): State<Console>,
    headers: axum::http::HeaderMap,
    submission: Submission,
) -> Response {
    if let Some(secret) = cookies::read(&headers, Name::Session, console.over_tls)
        && let Err(error) = console.engine.sign_out(&secret).await
    {
        return problem::failed(submission.reader.frame, &error);
    }
    let mut response = Redirect::to("/console/sign-in").into_response();
    if let Some((name, value)) = cookies::clear(Name::Session, console.over_tls) {
        response.headers_mut().append(name, value);
    }
    response
}
