//! Language and theme: chosen on any page of the portal, kept in a cookie, for members who are signed in or not.

use axum::extract::{Request, State};
use axum::response::Response;

use super::Portal;
use crate::console::preferences::keep;
use crate::console::session::{read_fields, within};

/// Keeps what was chosen and goes back to the page. It changes nothing but the reader's own cookies.
pub(super) async fn choose(State(portal): State<Portal>, request: Request) -> Response {
    match read_fields(request).await {
        Ok(fields) => keep(&fields, within("/card", fields.text("next")), portal.over_tls),
        Err(refused) => refused,
    }
}
