//! The till: a page on which a cashier sells to members and takes goods back. It goes through the operations of the
//! API and the sessions of the console; a script keeps receipts while the connection is away.

mod basket;
mod entry;
mod form;
pub(crate) mod member;
pub(crate) mod number;
mod qr;
mod quote;
mod receipt;
mod record_purchase;
mod record_return;
mod sale;
mod vouchers;
mod worker;

use axum::Router;
use axum::response::Redirect;
use axum::routing::{get, post};
use domain::document::DocumentKey;

use crate::console::Console;

/// The source of every document a till records.
const SOURCE: &str = "till";
/// The channel of its purchases.
const CHANNEL: &str = "store";

/// The pages of the till.
pub(crate) fn routes() -> Router<Console> {
    Router::new()
        .route("/till", get(sale::page).post(sale::change))
        // Whoever had to sign in again while paying comes back here.
        .route(
            "/till/purchases",
            post(record_purchase::record_purchase).get(|| async { Redirect::to("/till") }),
        )
        .route("/till/receipts/{reference}", get(receipt::page))
        .route("/till/returns", get(record_return::page).post(record_return::record_return))
        .route("/till/worker.js", get(worker::serve))
}

/// The natural key of a document with a reference of the till.
fn key(reference: &str) -> DocumentKey {
    DocumentKey { source: SOURCE.to_owned(), reference: reference.to_owned() }
}

/// A new reference: the store, the day, six letters by chance. Letters that look alike are left out.
fn draw_reference(console: &Console, store: &str) -> String {
    const LETTERS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    let random = console.draw_request();
    let letters = random.as_bytes().chunks(4).take(6).map(|chunk| {
        let sum = chunk.iter().fold(0_usize, |sum, byte| sum * 31 + usize::from(*byte));
        char::from(LETTERS[sum % LETTERS.len()])
    });
    let letters: String = letters.collect();
    let now = console.engine.clock().now();
    let zone = console.programme().map_or(jiff::tz::TimeZone::UTC, |programme| programme.zone().clone());
    let day = now.to_zoned(zone).strftime("%y%m%d").to_string();
    let store = if store.is_empty() { "T" } else { store };
    format!("{store}-{day}-{letters}")
}
