//! The clock of a sandbox: a database that holds nothing but trials may be told that it is later. On the way, whatever
//! time makes due is posted instant by instant, as punctual sweeps would have posted it. It never goes back, survives
//! a restart, and is refused where the database is not a sandbox.

use domain::refusal::Refusal;
use jiff::{Timestamp, ToSpan};
use serde::Serialize;

use crate::api_key::KeyMode;
use crate::engine::Engine;
use crate::error::OperationError;
use crate::expire_points::SweepReport;

/// Longest time by which the clock is moved at once, in days: ten years.
pub const ADVANCE_DAYS_MAX: i64 = 3_653;

/// Where the clock of a sandbox stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct SandboxClock {
    /// What time it is for this database.
    pub now: Timestamp,
    /// Whether it stands: once moved, it stands until it is moved again. Before, it is the machine's.
    pub stands: bool,
}

/// What happened while the clock moved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ClockReport {
    /// Where it stood.
    pub from: Timestamp,
    /// Where it stands now.
    pub to: Timestamp,
    /// Instants on the way at which something fell due.
    pub stops: u64,
    /// What was posted there.
    pub posted: SweepReport,
}

impl Engine {
    /// The clock of this sandbox.
    pub fn view_clock(&self) -> Result<SandboxClock, OperationError> {
        if !self.is_sandbox() {
            return Err(Refusal::NotASandbox.into());
        }
        let clock = self.clock();
        Ok(SandboxClock { now: clock.now(), stands: clock.stands() })
    }

    /// The next instants at which something falls due in this sandbox, and on how many accounts.
    pub async fn list_due(&self, limit: u32) -> Result<Vec<(Timestamp, i64)>, OperationError> {
        let now = self.view_clock()?.now;
        Ok(self.database().reader().await?.due_instants(now, limit).await?)
    }

    /// Moves the clock of this sandbox on and posts what falls due on the way, in the order of business time.
    pub async fn advance_clock(
        &self,
        to: Timestamp,
        progress: &mut (dyn FnMut(&ClockReport) + Send),
    ) -> Result<ClockReport, OperationError> {
        let _turn = self.clock_turn().await;
        let from = self.view_clock()?.now;
        check(from, to)?;
        self.check_no_live_keys(from).await?;
        let mut report = ClockReport { from, to: from, stops: 0, posted: SweepReport::default() };
        // What was overdue comes first.
        let mut at = from;
        loop {
            self.move_clock(at).await?;
            let posted = self.expire_points(at, &mut |_| ()).await?;
            report.stops += u64::from(posted != SweepReport::default());
            report.posted.add(&posted);
            report.to = at;
            progress(&report);
            if at == to {
                return Ok(report);
            }
            let next = self.database().reader().await?.earliest_due_after(at).await?;
            at = next.filter(|due| *due < to).unwrap_or(to);
        }
    }

    /// Kept first and moved then: nothing is recorded at a time that a restart would not know of.
    async fn move_clock(&self, at: Timestamp) -> Result<(), OperationError> {
        if !self.database().move_sandbox_clock(at).await? {
            let remedy = "another server has moved it further meanwhile: look at the clock again";
            return Err(Refusal::field("to", at, remedy).into());
        }
        self.clock().move_on(at);
        Ok(())
    }

    /// A database that programs use in earnest does not become a sandbox.
    pub(crate) async fn check_no_live_keys(&self, now: Timestamp) -> Result<(), OperationError> {
        let keys = self.list_api_keys().await?;
        let live = keys.iter().filter(|key| key.mode == KeyMode::Live && key.works_at(now)).count();
        if live == 0 { Ok(()) } else { Err(Refusal::LiveKeys { count: live }.into()) }
    }
}

fn check(now: Timestamp, to: Timestamp) -> Result<(), Refusal> {
    if to <= now {
        return Err(Refusal::field(
            "to",
            to,
            format!("the clock never goes back: use a later instant than {now}"),
        ));
    }
    let latest = now.checked_add((24 * ADVANCE_DAYS_MAX).hours()).unwrap_or(Timestamp::MAX);
    if to > latest {
        let remedy = format!("move it by {ADVANCE_DAYS_MAX} days at the most: use {latest} or earlier");
        return Err(Refusal::field("to", to, remedy));
    }
    Ok(())
}
