//! `review-tiers`: reviews every tier that is due, with whatever was due before it on the same account.

use clap::Args;

use super::error::{CliError, Ended};
use super::expire_points::{Sweep, words};
use super::output::Output;
use crate::progress::{Progress, Unit};

/// Review every tier that is due, with whatever was due before it.
#[derive(Debug, Args)]
pub(crate) struct ReviewTiers {
    #[command(flatten)]
    sweep: Sweep,
}

impl ReviewTiers {
    pub(crate) async fn run(self, output: Output) -> Result<Ended, CliError> {
        let engine = self.sweep.database.open().await?;
        let now = self.sweep.now.unwrap_or_else(|| engine.clock().now());
        let progress = Progress::new(output.is_json(), "reviewing tiers", Unit::Items);
        let swept =
            engine.review_tiers(now, &mut |report| progress.set(report.accounts, report.accounts)).await;
        progress.end();
        engine.shut_down().await;
        output.print(&swept?, words)?;
        Ok(Ended::Well)
    }
}
