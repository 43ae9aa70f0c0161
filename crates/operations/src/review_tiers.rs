//! Reviewing tiers: what is due by time is posted in the order of time, so a review is never decided before the
//! expiries and releases that precede it on the same account.

use jiff::Timestamp;

use crate::engine::Engine;
use crate::error::OperationError;
use crate::expire_points::SweepReport;

impl Engine {
    /// Reviews every tier whose review was due at `now`, with whatever was due before it on the same account.
    pub async fn review_tiers(
        &self,
        now: Timestamp,
        progress: &mut (dyn FnMut(&SweepReport) + Send),
    ) -> Result<SweepReport, OperationError> {
        self.expire_points(now, progress).await
    }
}
