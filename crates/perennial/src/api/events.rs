//! `GET /v1/events` and `GET /v1/parked-returns`: what other systems follow along with.

use axum::extract::State;
use axum::response::Response;
use domain::document::DocumentKey;
use domain::ledger::Entry;
use jiff::Timestamp;
use operations::WaitingReturn;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::answer;
use super::body::Parameters;
use super::caller::{MembersRead, Operations, Permit};
use super::entries::EntryShape;
use super::problem::Problem;
use super::record_return::DocumentKeyBody;
use super::schema::Page;
use super::state::Api;

/// Events on a page when the caller does not say.
const EVENTS: u16 = 100;
/// Parked returns on a page when the caller does not say.
const PARKED: u16 = 25;
/// Most parked returns on a page.
const PARKED_MAX: usize = 100;
/// Between the two parts of a cursor; neither can hold one.
const SEPARATOR: char = '\t';

/// Which page of the feed.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct FeedQuery {
    /// Events on a page; 100 when absent.
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<u16>,
    /// `next` of the page before; from the beginning when absent.
    after: Option<String>,
}

/// Which page of the parked returns.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct ParkedQuery {
    /// Returns on a page; 25 when absent.
    #[param(minimum = 1, maximum = 100)]
    limit: Option<u16>,
    /// `next` of the page before.
    after: Option<String>,
}

/// A page of the feed, oldest first.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct EventList {
    /// The entries.
    #[schema(value_type = Vec<EntryShape>)]
    data: Vec<Entry>,
    /// Whether there are more already.
    has_more: bool,
    /// What to send as `after` to go on, now or later; absent before the first event.
    next: Option<String>,
}

/// A return that waits for its purchase.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ParkedReturn {
    /// The return.
    document: DocumentKeyBody,
    /// The purchase it waits for.
    purchase: DocumentKeyBody,
    /// When it was reported.
    recorded_at: Timestamp,
    /// Who reported it.
    actor: String,
}

/// List events
///
/// Every entry of every member once, in the order of commits. Keep `next` and ask again: nothing appears later before a
/// position you have passed.
#[utoipa::path(
    get,
    path = "/v1/events",
    tag = "Ledger",
    params(FeedQuery),
    responses((status = 200, description = "A page of the feed, oldest first.", body = EventList)),
    security(("api_key" = ["operations"]))
)]
pub(super) async fn list_events(
    State(api): State<Api>,
    _: Permit<Operations>,
    Parameters(query): Parameters<FeedQuery>,
) -> Result<Response, Problem> {
    let page = api.engine.list_events(query.after.as_deref(), query.limit.unwrap_or(EVENTS)).await?;
    Ok(answer::ok(&EventList { data: page.events, has_more: page.has_more, next: page.next }))
}

/// List parked returns
///
/// Returns that came before their purchase. Each is applied right after its purchase lands.
#[utoipa::path(
    get,
    path = "/v1/parked-returns",
    tag = "Documents",
    params(ParkedQuery),
    responses((status = 200, description = "A page of the returns that wait.", body = Page<ParkedReturn>)),
    security(("api_key" = ["members:read"]))
)]
pub(super) async fn list_parked_returns(
    State(api): State<Api>,
    _: Permit<MembersRead>,
    Parameters(query): Parameters<ParkedQuery>,
) -> Result<Response, Problem> {
    let limit = usize::from(query.limit.unwrap_or(PARKED));
    if !(1..=PARKED_MAX).contains(&limit) {
        return Err(Problem::invalid(
            "limit",
            format!("limit is {limit}: use a whole number from 1 to {PARKED_MAX}"),
        ));
    }
    let after = query.after.as_deref().map(read_cursor).transpose()?;
    // One more than asked for tells whether there are more.
    let asked = u32::try_from(limit).unwrap_or(u32::MAX).saturating_add(1);
    let mut found = api.engine.list_parked_returns(after.as_ref(), asked).await?;
    let has_more = found.len() > limit;
    found.truncate(limit);
    let next = found.last().filter(|_| has_more).map(|last| write_cursor(&last.key));
    let body = |key: DocumentKey| DocumentKeyBody { source: key.source, reference: key.reference };
    let parked = |parked: WaitingReturn| ParkedReturn {
        document: body(parked.key),
        purchase: body(parked.purchase),
        recorded_at: parked.recorded_at,
        actor: parked.actor,
    };
    Ok(answer::ok(&Page { data: found.into_iter().map(parked).collect(), has_more, next }))
}

fn write_cursor(key: &DocumentKey) -> String {
    format!("{}{SEPARATOR}{}", key.source, key.reference)
}

fn read_cursor(text: &str) -> Result<DocumentKey, Problem> {
    let parts = text.split_once(SEPARATOR).filter(|_| !text.contains('\0'));
    let (source, reference) = parts
        .ok_or_else(|| Problem::invalid("after", "use the cursor of the page before, as it was given"))?;
    Ok(DocumentKey { source: source.to_owned(), reference: reference.to_owned() })
}
