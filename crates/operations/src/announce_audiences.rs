//! Telling who entered and left audiences, one entry each in the feed, after a set was replaced. Stopped anywhere, the
//! next run goes on: what was told already is not told again, because the account itself remembers it.

use domain::code::Code;
use domain::ids::AccountId;
use domain::operation::SYSTEM;
use roaring::RoaringBitmap;
use serde::Serialize;

use crate::audience::{read_set, write_set};
use crate::command::{Answer, Command, Request};
use crate::engine::Engine;
use crate::error::OperationError;

/// Members between two notes of how far the telling is.
const CHUNK_MEMBERS: usize = 10_000;
/// Members in one batch where nobody else waits.
const BATCH_MEMBERS: usize = 1_000;
/// Members in one batch while others want something: a till waits for the batch that is under way, then for its own.
const SHARED_BATCH_MEMBERS: usize = 100;

/// What was told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct AnnounceReport {
    /// Entries and exits.
    pub events: u64,
    /// Members looked at.
    pub members: u64,
    /// Members of whom nothing could be told; the log says why, and the next run tries again.
    pub failed: u64,
}

impl Engine {
    /// Tells all entries and exits that are still to be told.
    pub async fn announce_audiences(
        &self,
        progress: &mut (dyn FnMut(&AnnounceReport) + Send),
    ) -> Result<AnnounceReport, OperationError> {
        let mut report = AnnounceReport::default();
        for audience in self.list_audiences().await? {
            if audience.untold > 0 {
                self.announce_audience(audience.segment, &mut report, progress).await?;
            }
        }
        Ok(report)
    }

    /// Chunk by chunk. A set that is replaced meanwhile adds to what is to be told, so that each chunk is of what is then
    /// still untold.
    async fn announce_audience(
        &self,
        segment: Code,
        report: &mut AnnounceReport,
        progress: &mut (dyn FnMut(&AnnounceReport) + Send),
    ) -> Result<(), OperationError> {
        let mut failed = RoaringBitmap::new();
        loop {
            let mut reader = self.database().reader().await?;
            let basis = reader.audience_basis(segment).await?;
            let mut untold = read_set(&basis.changed)?;
            let chunk: Vec<u32> = (&untold - &failed).iter().take(CHUNK_MEMBERS).collect();
            if chunk.is_empty() {
                return Ok(());
            }
            let members = reader.members_numbered(&chunk).await?;
            // Given back before the chunk is written, so that a small pool suffices.
            drop(reader);
            self.announce_members(&members, report, &mut failed).await?;
            untold -= chunk.into_iter().collect::<RoaringBitmap>() - &failed;
            // Of a set that was replaced since the chunk was taken, the chunk may have to be told once more.
            self.database().save_untold((segment, basis.version), &write_set(&untold)?, untold.len()).await?;
            progress(report);
        }
    }

    async fn announce_members(
        &self,
        members: &[(u32, AccountId)],
        report: &mut AnnounceReport,
        failed: &mut RoaringBitmap,
    ) -> Result<(), OperationError> {
        let mut rest = members;
        let mut alone = false;
        while !rest.is_empty() {
            let most = if alone { BATCH_MEMBERS } else { SHARED_BATCH_MEMBERS };
            let (part, later) = rest.split_at(rest.len().min(most));
            let commands = self.counts().commands;
            let announce = |(_, account_id): &(u32, AccountId)| {
                Request::new(Command::AnnounceAudiences { account_id: *account_id }, SYSTEM)
            };
            let replies = self.submit(part.iter().map(announce).collect()).await?;
            for ((number, account_id), reply) in part.iter().zip(replies) {
                report.members += 1;
                match reply {
                    Ok(Answer::Advanced(told)) => {
                        report.events += u64::try_from(told.len()).unwrap_or(u64::MAX);
                    }
                    Ok(_) => {}
                    Err(error @ (OperationError::Unavailable(_) | OperationError::Busy)) => {
                        return Err(error);
                    }
                    Err(error) => {
                        tracing::error!(%account_id, %error, "the audiences of a member cannot be told");
                        report.failed += 1;
                        failed.insert(*number);
                    }
                }
            }
            let own = u64::try_from(part.len()).unwrap_or(u64::MAX);
            alone = self.counts().commands.saturating_sub(commands) <= own;
            rest = later;
        }
        Ok(())
    }
}
