//! Who asks and how they want to read: taken from the cookies of each request. Pages for signed-in people send
//! everybody else to the sign-in page; forms must bring the secret that was in them.

use std::collections::HashMap;

use askama::Template;
use axum::extract::{Form, FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use domain::ledger::Actor;
use domain::programme::Language;
use jiff::tz::TimeZone;
use operations::Engine;

use super::Console;
use super::cookies::{self, Name};
use super::format::Formats;
use super::page::{Frame, Person, Theme, show};
use super::problem;
use super::roles::Permission;

/// Somebody who may not have signed in yet.
pub(crate) struct Visitor {
    /// Around the page.
    pub(crate) frame: Frame,
}

/// Somebody who has.
pub(crate) struct Reader {
    /// Around the page.
    pub(crate) frame: Frame,
    /// Who the ledger says asked.
    pub(crate) actor: Actor,
    /// Whether htmx asks for a part of the page.
    pub(crate) part: bool,
}

/// A form from somebody who has signed in, with the right secret.
pub(crate) struct Submission {
    /// Who sent it.
    pub(crate) reader: Reader,
    /// What they filled in.
    pub(crate) fields: Fields,
}

/// A form from somebody who may not have signed in yet, with the right secret.
pub(crate) struct VisitorSubmission {
    /// Around the page.
    pub(crate) frame: Frame,
    /// What they filled in; `None` if the secret was wrong.
    pub(crate) fields: Option<Fields>,
}

/// The fields of a form.
#[derive(Debug, Default)]
pub(crate) struct Fields(HashMap<String, String>);

impl From<HashMap<String, String>> for Fields {
    fn from(fields: HashMap<String, String>) -> Self {
        Self(fields)
    }
}

impl Fields {
    /// A field without the space around it; empty if it was not sent.
    pub(crate) fn text(&self, name: &str) -> &str {
        self.exact(name).trim()
    }

    /// The names of all fields that were sent.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// A field as it was typed: passwords may begin with a space.
    pub(crate) fn exact(&self, name: &str) -> &str {
        self.0.get(name).map_or("", String::as_str)
    }
}

impl Reader {
    /// Lets somebody who has signed in on to an address, if their role does.
    #[expect(clippy::result_large_err, reason = "the refusal is the answer itself, made once per request")]
    fn let_in(self, path: &str) -> Result<Self, Response> {
        let Some(permission) = needed(path) else { return Ok(self) };
        // Signing in leads here: whoever works at a till goes on to it.
        if path == "/console" && !self.frame.may(permission) && self.frame.may(Permission::UseTill) {
            return Err(Redirect::to("/till").into_response());
        }
        self.require(permission)
    }

    /// Refuses a page to those who may not see it.
    #[expect(clippy::result_large_err, reason = "the refusal is the answer itself, made once per request")]
    pub(crate) fn require(self, permission: Permission) -> Result<Self, Response> {
        if self.frame.may(permission) { Ok(self) } else { Err(problem::forbidden(self.frame)) }
    }
}

/// What it takes to be let in at an address; anybody who is signed in may sign out.
fn needed(path: &str) -> Option<Permission> {
    match path {
        "/console/sign-out" => None,
        _ if path == "/till" || path.starts_with("/till/") => Some(Permission::UseTill),
        _ => Some(Permission::Read),
    }
}

impl FromRequestParts<Console> for Visitor {
    type Rejection = Response;
    async fn from_request_parts(parts: &mut Parts, console: &Console) -> Result<Self, Response> {
        let mut frame = frame(parts, &console.engine, console.over_tls);
        let known = cookies::read(&parts.headers, Name::Visitor, console.over_tls);
        frame.csrf = known.filter(|secret| secret.len() == 64).unwrap_or_default();
        Ok(Self { frame })
    }
}

impl FromRequestParts<Console> for Reader {
    type Rejection = Response;
    async fn from_request_parts(parts: &mut Parts, console: &Console) -> Result<Self, Response> {
        let mut frame = frame(parts, &console.engine, console.over_tls);
        let secret = cookies::read(&parts.headers, Name::Session, console.over_tls);
        let signed_in = match secret {
            Some(secret) => console.engine.view_session(&secret).await,
            None => Ok(None),
        };
        let part = parts.headers.contains_key("hx-request");
        match signed_in {
            Ok(Some(signed_in)) => {
                let actor = signed_in.actor();
                frame.csrf = signed_in.csrf;
                frame.person = Some(Person { name: signed_in.name, role: signed_in.role });
                Self { frame, actor, part }.let_in(parts.uri.path())
            }
            Ok(None) => Err(to_sign_in(&frame.here, part)),
            Err(error) => Err(problem::failed(frame, &error)),
        }
    }
}

impl FromRequest<Console> for Submission {
    type Rejection = Response;
    async fn from_request(request: Request, console: &Console) -> Result<Self, Response> {
        let (mut parts, body) = request.into_parts();
        let reader = Reader::from_request_parts(&mut parts, console).await?;
        let fields = read_fields(Request::from_parts(parts, body)).await?;
        if fields.text("csrf") != reader.frame.csrf {
            return Err(problem::stale(reader.frame));
        }
        Ok(Self { reader, fields })
    }
}

impl FromRequest<Console> for VisitorSubmission {
    type Rejection = Response;
    async fn from_request(request: Request, console: &Console) -> Result<Self, Response> {
        let (mut parts, body) = request.into_parts();
        let Visitor { frame } = Visitor::from_request_parts(&mut parts, console).await?;
        let fields = read_fields(Request::from_parts(parts, body)).await?;
        let genuine = !frame.csrf.is_empty() && fields.text("csrf") == frame.csrf;
        Ok(Self { frame, fields: genuine.then_some(fields) })
    }
}

/// Reads a form. Its size is bounded by the router.
pub(crate) async fn read_fields(request: Request) -> Result<Fields, Response> {
    let form = Form::<HashMap<String, String>>::from_request(request, &()).await;
    form.map(|Form(fields)| Fields(fields)).map_err(IntoResponse::into_response)
}

/// Shows a form to somebody who has not signed in, with the cookie that proves the form is ours.
pub(crate) fn show_form<P: Template>(
    mut frame: Frame,
    secret: Name,
    over_tls: bool,
    status: StatusCode,
    page: impl FnOnce(Frame) -> P,
) -> Response {
    let mut bytes = [0_u8; 32];
    let mut cookie = None;
    if frame.csrf.is_empty() {
        if let Err(cause) = getrandom::fill(&mut bytes) {
            tracing::error!(%cause, "no random bytes");
            return StatusCode::INTERNAL_SERVER_ERROR.into_response();
        }
        frame.csrf = super::query::hexadecimal(&bytes);
        cookie = cookies::set(secret, &frame.csrf, over_tls);
    }
    let mut response = show(status, &page(frame));
    if let Some((name, value)) = cookie {
        response.headers_mut().append(name, value);
    }
    response
}

/// The frame of a request: language and theme from its cookies, the zone from the programme.
pub(crate) fn frame(parts: &Parts, engine: &Engine, over_tls: bool) -> Frame {
    let headers = &parts.headers;
    let language = language(headers, over_tls);
    let theme = cookies::read(headers, Name::Theme, over_tls);
    let programmes = engine.programmes();
    let programme = programmes.at(engine.clock().now()).or_else(|| programmes.iter().last());
    let zone = programme.map_or(TimeZone::UTC, |programme| programme.zone().clone());
    let mut frame =
        Frame::new(language, Theme::from_name(&theme.unwrap_or_default()), Formats { language, zone });
    frame.here = parts.uri.path_and_query().map_or_else(String::new, |address| address.as_str().to_owned());
    frame.database = engine.database_kind();
    frame.sandbox = engine.is_sandbox();
    frame
}

/// The reader's language: as chosen, else the first we speak of those the browser asks for, else Chinese.
fn language(headers: &HeaderMap, over_tls: bool) -> Language {
    let chosen = cookies::read(headers, Name::Language, over_tls);
    let asked =
        headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    chosen
        .iter()
        .map(String::as_str)
        .chain(asked.split(','))
        .find_map(|part| Language::from_tag(part.split(';').next().unwrap_or_default().trim()))
        .unwrap_or_default()
}

/// Sends somebody to the sign-in page and back afterwards. A part of a page cannot be redirected, so htmx is told
/// to load the whole.
fn to_sign_in(here: &str, part: bool) -> Response {
    let address = format!("/console/sign-in?next={}", super::query::encode(here));
    if part {
        return (StatusCode::NO_CONTENT, [("hx-redirect", address)]).into_response();
    }
    Redirect::to(&address).into_response()
}

/// An address of the console or the till to go on to; anything else becomes the overview, so that a link cannot lead
/// away.
pub(crate) fn inside(address: &str) -> &str {
    if within("/till", address) == address { address } else { within("/console", address) }
}

/// An address below a root to go on to; anything else becomes the root.
pub(crate) fn within<'a>(root: &'a str, address: &'a str) -> &'a str {
    let own = address.strip_prefix(root).is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?']));
    let plain = !address.contains(['\\', '\r', '\n']) && !address.contains("//");
    if own && plain { address } else { root }
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderMap, HeaderValue, header};
    use domain::programme::Language;

    use super::{inside, language};

    #[test]
    fn only_addresses_of_the_console_are_gone_on_to() {
        for (address, expected) in [
            ("/console/members?q=zw", "/console/members?q=zw"),
            ("/console?from=2026-01-01", "/console?from=2026-01-01"),
            ("/till/returns?reference=1", "/till/returns?reference=1"),
            ("/tills", "/console"),
            ("https://elsewhere.example", "/console"),
            ("//elsewhere.example", "/console"),
            ("/console//elsewhere", "/console"),
            ("/console\\@elsewhere", "/console"),
            ("/consoles", "/console"),
            ("", "/console"),
        ] {
            assert_eq!(inside(address), expected, "{address}");
        }
    }

    #[test]
    fn the_language_is_the_one_chosen_else_the_browsers_first_we_speak() {
        for (cookie, asked, expected) in [
            (None, "en-GB,en;q=0.9,zh;q=0.5", Language::En),
            (None, "fr-FR, zh-TW;q=0.8", Language::ZhCn),
            (None, "fr", Language::ZhCn),
            (Some("perennial_language=en"), "zh-CN", Language::En),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_LANGUAGE, HeaderValue::from_static(asked));
            if let Some(cookie) = cookie {
                headers.insert(header::COOKIE, HeaderValue::from_static(cookie));
            }
            assert_eq!(language(&headers, false), expected, "{cookie:?} {asked}");
        }
    }
}
