//! How good the data about members are, as far as duplicates tell: what waits, what was decided, and how often the search
//! was right.

use stats::survey::proportion::wilson;
use store::{DuplicateCount, DuplicateState};

use crate::engine::Engine;
use crate::error::OperationError;
use crate::find_duplicates::{DuplicateRunView, LIKELY_PROBABILITY, millibits_of};

/// Confidence of intervals.
const CONFIDENCE: f64 = 0.95;

/// A share with its 95 per cent interval (Wilson 1927).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Share {
    /// How many.
    pub part: u64,
    /// Of how many, above 0.
    pub whole: u64,
    /// The lower end, from 0.
    pub low: f64,
    /// The upper end, up to 1.
    pub high: f64,
}

impl Share {
    /// None of nothing.
    fn of(part: u64, whole: u64) -> Option<Self> {
        let interval = wilson(real(part), real(whole), CONFIDENCE).ok()?;
        Some(Self { part, whole, low: interval.low, high: interval.high })
    }

    /// The share itself.
    pub fn value(&self) -> f64 {
        real(self.part) / real(self.whole.max(1))
    }
}

/// Figures of duplicates.
#[derive(Debug, Clone, PartialEq)]
pub struct DuplicateFigures {
    /// Pairs that nobody has decided about.
    pub open: u64,
    /// Those among them that are offered for merging.
    pub open_likely: u64,
    /// Pairs put aside.
    pub later: u64,
    /// Pairs of two persons.
    pub not_same: u64,
    /// Pairs that were merged.
    pub merged: u64,
    /// Records that were merged into another one or are in a pair offered for merging, of all records as of the last run:
    /// the match rate. A count of all, so without an interval. None before the first run.
    pub match_rate: Option<f64>,
    /// Merged pairs of all that were judged, merged or not the same.
    pub precision: Option<Share>,
    /// The same of the pairs that were offered for merging.
    pub precision_likely: Option<Share>,
    /// The latest run.
    pub run: Option<DuplicateRunView>,
}

impl Engine {
    /// Figures of duplicates as of now.
    pub async fn view_duplicates(&self) -> Result<DuplicateFigures, OperationError> {
        let likely = millibits_of(LIKELY_PROBABILITY);
        let mut reader = self.database().snapshot().await?;
        let counts = reader.duplicate_counts(likely).await?;
        let matched = reader.duplicate_members(likely).await?;
        let run = reader.duplicate_run().await?.map(DuplicateRunView::from);
        reader.finish().await?;
        let of = |state, only_likely: bool| -> u64 {
            let counted = |count: &&DuplicateCount| count.state == state && (count.likely || !only_likely);
            counts.iter().filter(counted).map(|count| count.pairs).sum()
        };
        let precision = |only_likely| {
            let merged = of(DuplicateState::Merged, only_likely);
            Share::of(merged, merged.saturating_add(of(DuplicateState::NotSame, only_likely)))
        };
        let records = run.as_ref().map_or(0, |run| run.members.saturating_add(run.merged));
        let merged = run.as_ref().map_or(0, |run| run.merged);
        Ok(DuplicateFigures {
            open: of(DuplicateState::Open, false),
            open_likely: of(DuplicateState::Open, true),
            later: of(DuplicateState::Later, false),
            not_same: of(DuplicateState::NotSame, false),
            merged: of(DuplicateState::Merged, false),
            match_rate: (records > 0)
                .then(|| (real(merged.saturating_add(matched)) / real(records)).min(1.0)),
            precision: precision(false),
            precision_likely: precision(true),
            run,
        })
    }
}

#[expect(clippy::cast_precision_loss, reason = "there are fewer than 2^53 pairs")]
fn real(count: u64) -> f64 {
    count as f64
}
