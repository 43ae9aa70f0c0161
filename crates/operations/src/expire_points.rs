//! Expiring points: posts what time alone has made due on every account, page by page. Stopped half-way, the next
//! run goes on where it stopped, because what was posted is no longer due.

use domain::ids::AccountId;
use domain::operation::SYSTEM;
use jiff::Timestamp;
use serde::Serialize;

use crate::command::{Answer, Command, Request};
use crate::engine::Engine;
use crate::error::OperationError;

/// Accounts in one page, and in one batch where nobody else waits.
const PAGE_ACCOUNTS: u32 = 1_000;
/// Accounts in one batch while others want something: a till waits for the batch that is under way, then for its own.
const SHARED_BATCH_ACCOUNTS: usize = 100;
/// Shared batches in which nobody else wanted anything before the sweep takes itself for alone: some seconds. Between two
/// purchases of a busy shop several batches pass, and a batch of a whole page keeps whoever comes next waiting for a tenth
/// of a second.
const QUIET_BATCHES: u32 = 500;

/// What a sweep posted. Time has one order: releases, expiries and reviews of an account are posted together.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct SweepReport {
    /// Accounts on which something was due.
    pub accounts: u64,
    /// Entries that made pending points spendable.
    pub releases: u64,
    /// Entries that let points lapse.
    pub expiries: u64,
    /// Points that lapsed, of all units.
    pub points_expired: i64,
    /// Tiers reviewed.
    pub reviews: u64,
    /// Accounts on which nothing could be posted; the log says why.
    pub failed: u64,
}

impl SweepReport {
    pub(crate) fn add(&mut self, other: &Self) {
        self.accounts += other.accounts;
        self.releases += other.releases;
        self.expiries += other.expiries;
        self.points_expired = self.points_expired.saturating_add(other.points_expired);
        self.reviews += other.reviews;
        self.failed += other.failed;
    }

    fn count(&mut self, answer: &Answer) {
        let Answer::Advanced(entries) = answer else { return };
        self.accounts += 1;
        for entry in entries {
            match entry.fact.event() {
                "points_released" => self.releases += 1,
                "points_expired" => {
                    self.expiries += 1;
                    let points: i64 = entry.postings.iter().map(|posting| posting.amount).sum();
                    self.points_expired = self.points_expired.saturating_add(points);
                }
                _ => self.reviews += 1,
            }
        }
    }
}

impl Engine {
    /// Posts everything that was due at `now`, the longest due first.
    pub async fn expire_points(
        &self,
        now: Timestamp,
        progress: &mut (dyn FnMut(&SweepReport) + Send),
    ) -> Result<SweepReport, OperationError> {
        let mut report = SweepReport::default();
        let mut before = Vec::new();
        let mut quiet_batches = 0;
        loop {
            let mut reader = self.database().reader().await?;
            let due = reader.due_accounts(now, PAGE_ACCOUNTS).await?;
            // Given back before the page is written, so that a small pool suffices.
            drop(reader);
            // A page on which nothing moved would come again for ever.
            if due.is_empty() || due == before {
                return Ok(report);
            }
            let mut rest = due.as_slice();
            while !rest.is_empty() {
                let is_alone = quiet_batches >= QUIET_BATCHES;
                let accounts = if is_alone { rest.len() } else { rest.len().min(SHARED_BATCH_ACCOUNTS) };
                let (part, later) = rest.split_at(accounts);
                let commands = self.counts().commands;
                self.advance_all(part, now, &mut report).await?;
                let own = u64::try_from(part.len()).unwrap_or(u64::MAX);
                let nobody_else = self.counts().commands.saturating_sub(commands) <= own;
                quiet_batches = if nobody_else { quiet_batches.saturating_add(1) } else { 0 };
                rest = later;
            }
            progress(&report);
            before = due;
        }
    }

    /// Advances accounts in one batch. One that cannot be does not keep the others waiting; a database that is away does.
    async fn advance_all(
        &self,
        accounts: &[AccountId],
        now: Timestamp,
        report: &mut SweepReport,
    ) -> Result<(), OperationError> {
        let advance = |account_id: &AccountId| {
            Request::new(Command::Advance { account_id: *account_id }, SYSTEM).at(now)
        };
        let replies = self.submit(accounts.iter().map(advance).collect()).await?;
        for (account_id, reply) in accounts.iter().zip(replies) {
            match reply {
                Ok(answer) => report.count(&answer),
                Err(error @ (OperationError::Unavailable(_) | OperationError::Busy)) => return Err(error),
                Err(error) => {
                    tracing::error!(%account_id, %error, "what is due on an account cannot be posted");
                    report.failed += 1;
                }
            }
        }
        Ok(())
    }
}
