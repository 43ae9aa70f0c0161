//! `/docs`: the API's document in a viewer that is part of the program, and a page that lists the problem codes.
//! No inline script and nothing from other hosts: the content security policy forbids both.

use axum::Router;
use axum::extract::Path;
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use rust_embed::RustEmbed;
use tower_http::compression::CompressionLayer;

use super::problem_codes;

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
                      connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

#[derive(RustEmbed)]
#[folder = "assets/swagger-ui/"]
struct Assets;

/// The pages. They are served compressed; nothing here is on the hot path.
pub(super) fn router() -> Router {
    Router::new()
        .route("/docs", get(|| async { Redirect::permanent("/docs/") }))
        .route("/docs/", get(|| async { file("index.html") }))
        .route("/docs/problems", get(|| async { page(problem_codes::page()) }))
        .route("/docs/{name}", get(|Path(name): Path<String>| async move { asset(&name) }))
        .layer(CompressionLayer::new())
}

fn asset(name: &str) -> Response {
    match name {
        "start.js" => file("start.js"),
        "swagger-ui.css" => file("vendored/swagger-ui.css"),
        "swagger-ui-bundle.js" => file("vendored/swagger-ui-bundle.js"),
        _ => StatusCode::NOT_FOUND.into_response(),
    }
}

fn file(path: &str) -> Response {
    let Some(file) = Assets::get(path) else { return StatusCode::NOT_FOUND.into_response() };
    let kind = match path.rsplit('.').next() {
        Some("html") => "text/html; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        _ => "text/javascript; charset=utf-8",
    };
    secured(file.data.into_owned().into_response(), kind)
}

fn page(text: String) -> Response {
    secured(text.into_response(), "text/html; charset=utf-8")
}

fn secured(mut response: Response, kind: &'static str) -> Response {
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("public, max-age=3600"));
    headers.insert("x-content-type-options", HeaderValue::from_static("nosniff"));
    response
}
