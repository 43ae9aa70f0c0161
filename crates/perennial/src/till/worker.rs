//! The till's service worker: it keeps the page and its assets, so that a till that is started again without a
//! connection still opens.

use axum::http::header;
use axum::response::{IntoResponse, Response};

use crate::console::assets;

/// Serves the script. It may look after `/till` itself, which lies beside and not below its own address.
pub(super) async fn serve() -> Response {
    let headers = [
        (header::CONTENT_TYPE.as_str(), "text/javascript; charset=utf-8"),
        (header::CACHE_CONTROL.as_str(), "no-cache"),
        ("service-worker-allowed", "/till"),
    ];
    (headers, assets::content("till-worker.js")).into_response()
}
