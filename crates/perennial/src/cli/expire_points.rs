//! `expire-points`: posts what time alone has made due.

use clap::Args;
use jiff::Timestamp;
use operations::SweepReport;

use super::database::DatabaseArgument;
use super::error::{CliError, Ended};
use super::output::Output;
use crate::progress::{Progress, Unit};

/// Post everything that has fallen due by time: releases, expiries, tier reviews.
#[derive(Debug, Args)]
pub(crate) struct ExpirePoints {
    #[command(flatten)]
    sweep: Sweep,
}

/// Until when, and where.
#[derive(Debug, Clone, Args)]
pub(crate) struct Sweep {
    /// Post what was due at this instant; now if not said.
    #[arg(long, value_name = "INSTANT")]
    pub(crate) now: Option<Timestamp>,
    #[command(flatten)]
    pub(crate) database: DatabaseArgument,
}

impl ExpirePoints {
    pub(crate) async fn run(self, output: Output) -> Result<Ended, CliError> {
        let engine = self.sweep.database.open().await?;
        let now = self.sweep.now.unwrap_or_else(|| engine.clock().now());
        let progress = Progress::new(output.is_json(), "expiring points", Unit::Items);
        let swept =
            engine.expire_points(now, &mut |report| progress.set(report.accounts, report.accounts)).await;
        progress.end();
        engine.shut_down().await;
        output.print(&swept?, words)?;
        Ok(Ended::Well)
    }
}

/// A sweep in words.
pub(crate) fn words(report: &SweepReport) -> String {
    format!(
        "{} accounts: {} releases, {} expiries ({} points), {} tier reviews, {} accounts failed",
        report.accounts,
        report.releases,
        report.expiries,
        report.points_expired,
        report.reviews,
        report.failed
    )
}
