//! Language and theme: chosen on any page, kept in a cookie, for people who are signed in or not.

use axum::extract::{Request, State};
use axum::response::{IntoResponse, Redirect, Response};
use domain::programme::Language;

use super::cookies::{self, Name};
use super::page::Theme;
use super::session::{inside, read_fields};
use super::{Console, catalogue};

/// Keeps what was chosen and goes back to the page. It changes nothing but the reader's own cookies.
pub(super) async fn choose(State(console): State<Console>, request: Request) -> Response {
    let fields = match read_fields(request, &console).await {
        Ok(fields) => fields,
        Err(refused) => return refused,
    };
    let mut response = Redirect::to(inside(fields.text("next"))).into_response();
    let language = Language::from_tag(fields.text("language"));
    let theme = fields.text("theme");
    let chosen = [
        language
            .and_then(|language| cookies::set(Name::Language, catalogue::tag(language), console.over_tls)),
        (!theme.is_empty())
            .then(|| cookies::set(Name::Theme, &Theme::from_name(theme).to_string(), console.over_tls))
            .flatten(),
    ];
    for (name, value) in chosen.into_iter().flatten() {
        response.headers_mut().append(name, value);
    }
    response
}
