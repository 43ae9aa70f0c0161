//! `advance-clock`, `view-clock`: the clock of a database that holds nothing but trials.

use clap::Args;
use jiff::{Timestamp, ToSpan};
use operations::{ClockReport, EngineOptions};

use super::database::DatabaseArgument;
use super::error::{CliError, Ended};
use super::expire_points;
use super::output::Output;
use crate::progress::{Progress, Unit};

/// Move the clock of a sandbox on and post what falls due on the way.
#[derive(Debug, Args)]
pub(crate) struct AdvanceClock {
    /// Where the clock is to stand.
    #[arg(long, value_name = "INSTANT", required_unless_present = "days", conflicts_with = "days")]
    to: Option<Timestamp>,
    /// By how many days of 24 hours to move it.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=3_653))]
    days: Option<u16>,
    /// This database holds nothing but trials: needed the first time its clock is moved.
    #[arg(long, env = "PERENNIAL_SANDBOX")]
    sandbox: bool,
    #[command(flatten)]
    database: DatabaseArgument,
}

/// Say where the clock of a sandbox stands.
#[derive(Debug, Args)]
pub(crate) struct ViewClock {
    #[command(flatten)]
    database: DatabaseArgument,
}

impl AdvanceClock {
    pub(crate) async fn run(self, output: Output) -> Result<Ended, CliError> {
        let options = EngineOptions { sandbox: self.sandbox, ..EngineOptions::default() };
        let engine = self.database.open_with(options).await?;
        let later = |days: u16| {
            let now = engine.clock().now();
            now.checked_add((24 * i64::from(days)).hours()).unwrap_or(Timestamp::MAX)
        };
        let to = self.to.or(self.days.map(later)).unwrap_or(Timestamp::MAX);
        let to = Timestamp::from_microsecond(to.as_microsecond()).unwrap_or(to);
        let progress = Progress::new(output.is_json(), "moving the clock", Unit::Items);
        let moved = engine.advance_clock(to, &mut |report| progress.set(report.stops, report.stops)).await;
        progress.end();
        engine.shut_down().await;
        output.print(&moved?, words)?;
        Ok(Ended::Well)
    }
}

impl ViewClock {
    pub(crate) async fn run(self, output: Output) -> Result<Ended, CliError> {
        let engine = self.database.open_to_read().await?;
        let clock = engine.view_clock();
        engine.shut_down().await;
        output.print(&clock?, |clock| format!("{} (stands: {})", clock.now, clock.stands))?;
        Ok(Ended::Well)
    }
}

fn words(report: &ClockReport) -> String {
    let ClockReport { from, to, stops, posted } = report;
    format!("from {from} to {to}, {stops} stops; {}", expire_points::words(posted))
}
