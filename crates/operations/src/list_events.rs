//! The feed: every entry of every member once, in the order of commits, for systems that follow along.

use domain::ledger::Entry;
use domain::refusal::Refusal;
use store::FeedPosition;

use crate::engine::Engine;
use crate::error::OperationError;

/// Events on one page at the most.
pub const EVENT_PAGE_SIZE_MAX: u16 = 1_000;

/// A page of the feed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventPage {
    /// The entries.
    pub events: Vec<Entry>,
    /// Whether there are more already.
    pub has_more: bool,
    /// The position to go on from, now or later; none before the first event.
    pub next: Option<String>,
}

impl Engine {
    /// The entries after a position, which is the `next` of an earlier page; from the beginning without one.
    pub async fn list_events(&self, after: Option<&str>, limit: u16) -> Result<EventPage, OperationError> {
        if !(1..=EVENT_PAGE_SIZE_MAX).contains(&limit) {
            let remedy = format!("use a whole number from 1 to {EVENT_PAGE_SIZE_MAX}");
            return Err(Refusal::field("limit", limit, remedy).into());
        }
        let position = match after {
            None => FeedPosition::default(),
            Some(text) => text.parse().map_err(|_| {
                Refusal::field("after", text, "use the cursor of the page before, as it was given")
            })?,
        };
        let mut reader = self.database().reader().await?;
        let mut found = reader.feed(position, u32::from(limit).saturating_add(1)).await?;
        let has_more = found.len() > usize::from(limit);
        found.truncate(usize::from(limit));
        let last = found.last().map(|(position, _)| position.to_string());
        let next = last.or_else(|| after.map(str::to_owned));
        Ok(EventPage { events: found.into_iter().map(|(_, entry)| entry).collect(), has_more, next })
    }
}
