//! Language and theme: chosen on any page, kept in a cookie, for people who are signed in or not.

use axum::extract::{Request, State};
use axum::response::{IntoResponse, Redirect, Response};
use domain::programme::Language;

use super::cookies::{self, Name};
use super::page::Theme;
use super::session::{Fields, inside, read_fields};
use super::{Console, catalogue};

/// Keeps what was chosen and goes back to the page. It changes nothing but the reader's own cookies.
pub(super) async fn choose(State(console): State<Console>, request: Request) -> Response {
    match read_fields(request).await {
        Ok(fields) => keep(&fields, inside(fields.text("next")), console.over_tls),
        Err(refused) => refused,
    }
}

/// The answer that keeps what was chosen and goes on.
pub(crate) fn keep(fields: &Fields, next: &str, over_tls: bool) -> Response {
    let mut response = Redirect::to(next).into_response();
    let language = Language::from_tag(fields.text("language"));
    let theme = fields.text("theme");
    let chosen = [
        language.and_then(|language| cookies::set(Name::Language, catalogue::tag(language), over_tls)),
        (!theme.is_empty())
            .then(|| cookies::set(Name::Theme, &Theme::from_name(theme).to_string(), over_tls))
            .flatten(),
    ];
    for (name, value) in chosen.into_iter().flatten() {
        response.headers_mut().append(name, value);
    }
    response
}
