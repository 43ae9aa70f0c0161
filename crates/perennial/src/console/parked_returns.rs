//! Returns that wait for their purchase.

use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use domain::document::DocumentKey;
use serde::Deserialize;

use super::Console;
use super::moment::Moment;
use super::page::{Frame, Section, Theme, ok};
use super::problem;
use super::query::address;
use super::session::Reader;

/// Returns on a page.
const ROWS: u32 = 50;

/// After which return the page begins.
#[derive(Debug, Default, Deserialize)]
pub(super) struct ParkedQuery {
    #[serde(default)]
    source: String,
    #[serde(default)]
    reference: String,
}

#[derive(Template)]
#[template(path = "console/parked_returns.html")]
struct ParkedPage {
    f: Frame,
    rows: Vec<Row>,
    first_page: Option<String>,
    next_page: Option<String>,
}

struct Row {
    key: String,
    purchase: String,
    recorded: Moment,
    actor: String,
}

/// The page.
pub(super) async fn page(
    State(console): State<Console>,
    Query(query): Query<ParkedQuery>,
    reader: Reader,
) -> Response {
    let mut f = reader.frame;
    f.section = Section::ParkedReturns;
    let here = "/console/parked-returns";
    let later = !query.source.is_empty();
    let after = later.then_some(DocumentKey { source: query.source, reference: query.reference });
    let mut found = match console.engine.list_parked_returns(after.as_ref(), ROWS + 1).await {
        Ok(found) => found,
        Err(error) => return problem::failed(f, &error),
    };
    let shown = usize::try_from(ROWS).unwrap_or(usize::MAX);
    let more = found.len() > shown;
    found.truncate(shown);
    let last = found.last().filter(|_| more).map(|row| row.key.clone());
    let now = console.engine.clock().now();
    let key = |key: &DocumentKey| format!("{} {}", key.source, key.reference);
    let rows = found.into_iter().map(|row| Row {
        key: key(&row.key),
        purchase: key(&row.purchase),
        recorded: Moment::time(&f, row.recorded_at, now),
        actor: row.actor,
    });
    ok(&ParkedPage {
        rows: rows.collect(),
        first_page: later.then(|| here.to_owned()),
        next_page: last.map(|key| address(here, &[("source", &key.source), ("reference", &key.reference)])),
        f,
    })
}
