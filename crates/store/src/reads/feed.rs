//! The feed: every entry once, in the order of commits, for readers that remember their position.

use std::fmt;
use std::str::FromStr;

use domain::ids::EntryId;
use domain::ledger::Entry;

use crate::StoreError;
use crate::reader::{Dialect, Reader};
use crate::rows::{self, Columns, ENTRY_COLUMNS, POSTING_COLUMNS};
use crate::value::Value;

/// A place in the feed, between two entries. Printed as two numbers with a dot; to be kept, not interpreted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct FeedPosition {
    transaction: u64,
    sequence: i64,
}

/// A text that is not a [`FeedPosition`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("“{0}” is not a position in the feed: use one that a page of the feed gave")]
pub struct FeedPositionError(String);

impl fmt::Display for FeedPosition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.transaction, self.sequence)
    }
}

impl FromStr for FeedPosition {
    type Err = FeedPositionError;
    fn from_str(text: &str) -> Result<Self, FeedPositionError> {
        let numbers = text.split_once('.').and_then(|(transaction, sequence)| {
            Some(Self { transaction: transaction.parse().ok()?, sequence: sequence.parse().ok()? })
        });
        numbers.ok_or_else(|| FeedPositionError(text.to_owned()))
    }
}

/// On PostgreSQL transactions commit in another order than they begin. The feed is ordered by transaction and stops
/// before the oldest one that still runs, so that nothing can appear later before a position already passed.
/// A position that this server has not reached is from the one a dump was taken of, whose entries are now numbered 3.
const POSTGRES_RANGE: &str = "(e.transaction_id, e.sequence) > (CASE WHEN CAST(CAST($1 AS TEXT) AS xid8) \
    >= pg_snapshot_xmax(pg_current_snapshot()) THEN CAST('3' AS xid8) ELSE CAST(CAST($1 AS TEXT) AS xid8) END, $2) \
    AND e.transaction_id < pg_snapshot_xmin(pg_current_snapshot())";
/// In a snapshot nothing appears later: it tells all that it sees, whatever else still runs.
const POSTGRES_SNAPSHOT_RANGE: &str = "(e.transaction_id, e.sequence) > (CAST(CAST($1 AS TEXT) AS xid8), $2) \
    AND e.transaction_id < pg_snapshot_xmax(pg_current_snapshot())";
const SQLITE_RANGE: &str = "$1 IS NOT NULL AND e.sequence > $2";

impl Reader {
    /// The entries after a position, with the position right after each.
    pub async fn feed(
        &mut self,
        after: FeedPosition,
        limit: u32,
    ) -> Result<Vec<(FeedPosition, Entry)>, StoreError> {
        let (transaction, order, range) = self.feed_order();
        let start = after.params();
        let sql = format!(
            "SELECT {transaction}, e.sequence, {ENTRY_COLUMNS} FROM entry e WHERE {range} ORDER BY {order} LIMIT $3"
        );
        let mut params = start.clone();
        params.push(limit.into());
        let mut page = Vec::new();
        for row in self.query(&sql, params).await? {
            page.push((position(&row)?, rows::entry(&row, 2)?));
        }
        let Some((last, _)) = page.last() else { return Ok(page) };
        let upto = match self.dialect {
            Dialect::Sqlite => "$3 IS NOT NULL AND e.sequence <= $4",
            Dialect::Postgres => "(e.transaction_id, e.sequence) <= (CAST(CAST($3 AS TEXT) AS xid8), $4)",
        };
        let sql = format!(
            "SELECT e.account_id, e.entry_no, {POSTING_COLUMNS} FROM entry e JOIN posting p ON {} \
             WHERE {range} AND {upto} ORDER BY {order}, p.posting_no",
            self.dialect.posting_of_entry()
        );
        let mut params = start;
        params.extend([last.transaction.to_string().into(), last.sequence.into()]);
        let postings = self.query(&sql, params).await?;
        let mut place = 0;
        for row in &postings {
            let id =
                EntryId { account_id: rows::account_id(row.int(0)?)?, entry_no: rows::number(row.int(1)?)? };
            while page.get(place).is_some_and(|(_, entry)| entry.id != id) {
                place += 1;
            }
            if let Some((_, entry)) = page.get_mut(place) {
                entry.postings.push(rows::posting(row, 2)?);
            }
        }
        Ok(page)
    }
}

impl Reader {
    /// How a table `e` of a feed is read: the transaction as a text, the order, and the range after a position, whose
    /// parameters are the first two.
    pub(super) fn feed_order(&self) -> (&'static str, &'static str, &'static str) {
        match self.dialect {
            Dialect::Sqlite => ("'0'", "e.sequence", SQLITE_RANGE),
            Dialect::Postgres => {
                let range = if self.in_snapshot() { POSTGRES_SNAPSHOT_RANGE } else { POSTGRES_RANGE };
                ("CAST(e.transaction_id AS TEXT)", "e.transaction_id, e.sequence", range)
            }
        }
    }
}

impl FeedPosition {
    pub(super) fn params(self) -> Vec<Value> {
        vec![self.transaction.to_string().into(), self.sequence.into()]
    }
}

/// A position. Columns, from the first: the transaction as a text, the sequence.
pub(super) fn position(row: &impl Columns) -> Result<FeedPosition, StoreError> {
    let transaction = row.text(0)?.parse().map_err(|cause| StoreError::corrupt("transaction id", &cause))?;
    Ok(FeedPosition { transaction, sequence: row.int(1)? })
}

#[cfg(test)]
mod tests {
    use super::FeedPosition;

    #[test]
    fn a_position_survives_printing() {
        let position = FeedPosition { transaction: 7, sequence: 9 };
        assert_eq!(position.to_string().parse(), Ok(position));
        for bad in ["", "7", "7.", "x.9", "7.9.1"] {
            assert!(bad.parse::<FeedPosition>().is_err(), "{bad}");
        }
    }
}
