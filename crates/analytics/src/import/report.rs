//! What an import did with every row: nothing disappears without being counted by name.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::Serialize;

/// What became of the rows. `rows` is always the sum of `purchase_rows`, `return_rows`, `excluded`, `dropped` and
/// `rejected`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct ImportReport {
    /// How each file was read.
    pub files: Vec<FileReport>,
    /// Rows read.
    pub rows: u64,
    /// Rows left out by the map's exclusions, by their names.
    pub excluded: BTreeMap<String, u64>,
    /// Rows dropped by a policy of the map: `missing_member`, `duplicate`, `return_of_nothing`.
    pub dropped: BTreeMap<String, u64>,
    /// Rows that cannot be imported, by reason; the reject file has them.
    pub rejected: BTreeMap<String, u64>,
    /// Receipts that name no member (their rows are in `dropped` or `rejected`).
    pub receipts_without_member: u64,
    /// Rows that became lines of purchases.
    pub purchase_rows: u64,
    /// Rows that are returns with a value.
    pub return_rows: u64,
    /// Purchases.
    pub purchases: u64,
    /// Returns: one for each purchase that a return document gives back from.
    pub returns: u64,
    /// Lines of purchases.
    pub lines: u64,
    /// Value of all purchases in minor units, by currency.
    pub purchase_value: BTreeMap<String, i64>,
    /// Value of all returns in minor units, by currency.
    pub return_value: BTreeMap<String, i64>,
    /// How return lines found their purchases.
    pub matching: MatchReport,
    /// Instant of the first document, in microseconds since 1970.
    pub first_at: Option<i64>,
    /// Instant of the last document, in microseconds since 1970.
    pub last_at: Option<i64>,
}

/// How return lines found their purchases.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct MatchReport {
    /// Return lines that found purchases for their whole value.
    pub matched: u64,
    /// Return lines that found purchases for a part of it.
    pub partly_matched: u64,
    /// Return lines that found none.
    pub unmatched: u64,
    /// Value without purchase in minor units, by currency.
    pub unmatched_value: BTreeMap<String, i64>,
    /// Purchase lines forgotten because more than the map's `open_lines_max` waited: above 0, matches may be
    /// missing.
    pub forgotten_lines: u64,
}

/// How a file was read; what the map left open is stated here.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct FileReport {
    /// The file.
    pub path: PathBuf,
    /// `csv` or `parquet`.
    pub format: String,
    /// Encoding of text.
    pub encoding: String,
    /// The delimiter.
    pub delimiter: String,
    /// Whether it is compressed with gzip.
    pub gzip: bool,
    /// Size in bytes.
    pub bytes: u64,
    /// Rows read.
    pub rows: u64,
}

impl ImportReport {
    /// Rows accounted for; equal to `rows` when the import has ended.
    pub fn accounted_rows(&self) -> u64 {
        let counted = [&self.excluded, &self.dropped, &self.rejected];
        counted.iter().flat_map(|counts| counts.values()).sum::<u64>() + self.purchase_rows + self.return_rows
    }
}

/// Adds to a count by name.
pub(super) fn count<N: std::ops::AddAssign + Default>(counts: &mut BTreeMap<String, N>, name: &str, more: N) {
    if let Some(counted) = counts.get_mut(name) {
        *counted += more;
    } else {
        counts.insert(name.to_owned(), more);
    }
}
