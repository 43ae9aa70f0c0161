//! Signing in by a one-time code, and out again. Whether or not anybody has what was typed, the answers are the same:
//! the code is on its way, and it does not fit.

use askama::Template;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use operations::{CODE_DIGITS, CODE_MINUTES, CODE_TRIES_MAX, read_sign_in_identifier};
use serde::Deserialize;

use super::Portal;
use super::problem;
use super::session::{Submission, Visitor, VisitorSubmission};
use super::shell::Shell;
use crate::console::cookies::{self, Name};
use crate::console::page::{Frame, Theme};
use crate::console::query::address;
use crate::console::session::{show_form, within};

/// Longest text that may be typed to be found by.
const TEXT_BYTES_MAX: usize = 128;

#[derive(Template)]
#[template(path = "portal/sign_in.html")]
struct SignInPage {
    f: Frame,
    s: Shell,
    /// Whether codes reach anybody.
    set_up: bool,
    next: String,
    text: String,
    error: Option<String>,
}

#[derive(Template)]
#[template(path = "portal/code.html")]
struct CodePage {
    f: Frame,
    s: Shell,
    next: String,
    minutes: i64,
    tries: i64,
    digits: usize,
    error: Option<String>,
}

/// Where to go on to.
#[derive(Deserialize)]
pub(super) struct NextPage {
    #[serde(default)]
    next: String,
}

/// Asks who it is.
pub(super) async fn form(
    State(portal): State<Portal>,
    Query(query): Query<NextPage>,
    visitor: Visitor,
) -> Response {
    ask(&portal, visitor, StatusCode::OK, &query.next, "", None)
}

fn ask(
    portal: &Portal,
    visitor: Visitor,
    status: StatusCode,
    next: &str,
    text: &str,
    error: Option<&str>,
) -> Response {
    let (set_up, next, text) = (portal.sink.is_some(), within("/card", next).to_owned(), text.to_owned());
    fresh(portal, visitor, status, |f, s| {
        let error = error.map(|key| f.t(key));
        SignInPage { f, s, set_up, next, text, error }
    })
}

/// Sends a code on its way, if there is somebody to send it to.
pub(super) async fn request_code(State(portal): State<Portal>, submission: VisitorSubmission) -> Response {
    let VisitorSubmission { visitor, fields } = submission;
    let Some(fields) = fields else {
        return ask(&portal, visitor, StatusCode::FORBIDDEN, "", "", Some("form-stale"));
    };
    let Some(sink) = &portal.sink else {
        return ask(&portal, visitor, StatusCode::SERVICE_UNAVAILABLE, "", "", None);
    };
    let (next, text) = (fields.text("next"), fields.text("identifier"));
    let region =
        portal.engine.programmes().latest().and_then(|found| found.programme().default_region.clone());
    let identifiers = if text.len() > TEXT_BYTES_MAX {
        Vec::new()
    } else {
        read_sign_in_identifier(text, region.as_deref())
    };
    if identifiers.is_empty() {
        let unprocessable = StatusCode::UNPROCESSABLE_ENTITY;
        return ask(&portal, visitor, unprocessable, next, text, Some("card-identifier-invalid"));
    }
    if !portal.limits.allow_code(&identifiers, portal.engine.clock().now()) {
        return ask(
            &portal,
            visitor,
            StatusCode::TOO_MANY_REQUESTS,
            next,
            text,
            Some("card-codes-throttled"),
        );
    }
    match portal.engine.request_sign_in_code(&identifiers, &**sink).await {
        Ok(challenge) => {
            let to = address("/card/sign-in/code", &[("next", within("/card", next))]);
            let cookie = cookies::set(Name::CardChallenge, &challenge, portal.over_tls);
            with_cookies(Redirect::to(&to).into_response(), [cookie])
        }
        Err(error) => problem::failed(visitor.frame, visitor.shell, &error),
    }
}

/// Asks for the code.
pub(super) async fn code_form(
    State(portal): State<Portal>,
    Query(query): Query<NextPage>,
    headers: HeaderMap,
    visitor: Visitor,
) -> Response {
    if cookies::read(&headers, Name::CardChallenge, portal.over_tls).is_none() {
        return Redirect::to("/card/sign-in").into_response();
    }
    ask_code(&portal, visitor, StatusCode::OK, &query.next, None)
}

fn ask_code(
    portal: &Portal,
    visitor: Visitor,
    status: StatusCode,
    next: &str,
    error: Option<&str>,
) -> Response {
    let next = within("/card", next).to_owned();
    fresh(portal, visitor, status, |f, s| {
        let error = error.map(|key| f.t(key));
        let (minutes, tries, digits) = (CODE_MINUTES, i64::from(CODE_TRIES_MAX), CODE_DIGITS);
        CodePage { f, s, next, minutes, tries, digits, error }
    })
}

/// Checks the code and begins a session.
pub(super) async fn sign_in(
    State(portal): State<Portal>,
    headers: HeaderMap,
    submission: VisitorSubmission,
) -> Response {
    let VisitorSubmission { visitor, fields } = submission;
    let Some(fields) = fields else {
        return ask_code(&portal, visitor, StatusCode::FORBIDDEN, "", Some("form-stale"));
    };
    let next = fields.text("next");
    let now = portal.engine.clock().now();
    if !portal.limits.allow_try(now) {
        return ask_code(&portal, visitor, StatusCode::TOO_MANY_REQUESTS, next, Some("card-tries-throttled"));
    }
    let challenge = cookies::read(&headers, Name::CardChallenge, portal.over_tls).unwrap_or_default();
    let code: String = fields.text("code").chars().filter(char::is_ascii_digit).collect();
    match portal.engine.sign_in_member(&challenge, &code).await {
        Ok(Some(secret)) => {
            let taken_back = [Name::CardVisitor, Name::CardChallenge];
            let taken_back = taken_back.map(|name| cookies::clear(name, portal.over_tls));
            let session = cookies::set(Name::Card, &secret, portal.over_tls);
            let onward = Redirect::to(within("/card", next)).into_response();
            with_cookies(onward, taken_back.into_iter().chain([session]))
        }
        Ok(None) => {
            portal.limits.tried_wrongly(now);
            ask_code(&portal, visitor, StatusCode::UNPROCESSABLE_ENTITY, next, Some("card-code-wrong"))
        }
        Err(error) => problem::failed(visitor.frame, visitor.shell, &error),
    }
}

/// Ends the session.
pub(super) async fn sign_out(
    State(portal): State<Portal>,
    headers: HeaderMap,
    submission: Submission,
) -> Response {
    let member = submission.member;
    if let Some(secret) = cookies::read(&headers, Name::Card, portal.over_tls)
        && let Err(error) = portal.engine.sign_out_member(&secret).await
    {
        return problem::failed(member.frame, member.shell, &error);
    }
    with_cookies(Redirect::to("/card/sign-in").into_response(), [cookies::clear(Name::Card, portal.over_tls)])
}

/// Shows a form to a visitor.
fn fresh<P: Template>(
    portal: &Portal,
    visitor: Visitor,
    status: StatusCode,
    page: impl FnOnce(Frame, Shell) -> P,
) -> Response {
    let Visitor { frame, shell } = visitor;
    show_form(frame, Name::CardVisitor, portal.over_tls, status, |frame| page(frame, shell))
}

fn with_cookies(
    mut response: Response,
    cookies: impl IntoIterator<Item = Option<(axum::http::HeaderName, axum::http::HeaderValue)>>,
) -> Response {
    for (name, value) in cookies.into_iter().flatten() {
        response.headers_mut().append(name, value);
    }
    response
}
