//! Open holds of all members, those that time out first on top: what staff look at when points seem to be missing.

use domain::code::Code;
use domain::document::DocumentKey;
use domain::ids::AccountId;
use domain::ids::EntryId;
use jiff::Timestamp;

use crate::cursor;
use crate::engine::Engine;
use crate::error::OperationError;

/// Holds on one page at the most.
pub const HOLD_PAGE_SIZE_MAX: u16 = 100;

/// An open hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HoldView {
    /// Whose points.
    pub member_id: AccountId,
    /// The entry that made it.
    pub entry_id: EntryId,
    /// Its natural key.
    pub key: DocumentKey,
    /// The unit.
    pub unit: Code,
    /// Points reserved.
    pub points: i64,
    /// Points spent of them.
    pub captured: i64,
    /// When it was made.
    pub opened_at: Timestamp,
    /// First instant at which it has timed out.
    pub ends_at: Timestamp,
}

/// A page of open holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HoldPage {
    /// The holds.
    pub holds: Vec<HoldView>,
    /// Whether there are more.
    pub has_more: bool,
    /// What to ask for the next page with.
    pub next: Option<String>,
}

/// Which holds a list is about; all of them unless something is said.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HoldFilter {
    /// The system that made them.
    pub source: Option<String>,
    /// Those that time out before an instant.
    pub ending_before: Option<Timestamp>,
}

impl Engine {
    /// A page of the open holds, after the `next` of an earlier page. One whose time-out the sweep has not posted yet
    /// is still listed.
    pub async fn list_holds(
        &self,
        filter: &HoldFilter,
        after: Option<&str>,
        limit: u16,
    ) -> Result<HoldPage, OperationError> {
        cursor::check_limit(limit, HOLD_PAGE_SIZE_MAX)?;
        let after = after.map(cursor::read).transpose()?;
        let mut reader = self.database().reader().await?;
        let asked = (filter.source.as_deref(), filter.ending_before);
        let mut found = reader.open_holds(asked, after, u32::from(limit).saturating_add(1)).await?;
        let has_more = found.len() > usize::from(limit);
        found.truncate(usize::from(limit));
        let next = found.last().filter(|_| has_more).map(|last| cursor::write((last.ends_at, last.entry)));
        let view = |row: store::HoldRow| HoldView {
            member_id: row.entry.account_id,
            entry_id: row.entry,
            key: row.key,
            unit: row.unit,
            points: row.points,
            captured: row.captured,
            opened_at: row.opened_at,
            ends_at: row.ends_at,
        };
        Ok(HoldPage { holds: found.into_iter().map(view).collect(), has_more, next })
    }
}
