//! `demo`: a retailer to look at, made of nothing but a seed or of real files, replayed through the engine and
//! served. Never writes into a database that holds anything else.

mod credentials;
mod place;
mod programme;

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::time::Instant;

use analytics::demo::{DemoOptions, DemoRetailer};
use analytics::import::ImportOptions;
use clap::Args;
use jiff::civil::Date;
use jiff::tz::{TimeZone, offset};
use jiff::{Timestamp, ToSpan};
use operations::{DEMO_ACTOR, DemoProgress, DemoReport, Engine, OperationError, PurchaseImport};

use super::error::{CliError, Ended};
use super::import::{import_with_progress, read_map};
use super::lake::parse_location;
use super::output::Output;
use super::serve::{listen, serve_demo};
use crate::progress::{Progress, Unit};

/// Generate a believable retailer, replay it through the engine, and serve it.
#[derive(Debug, Args)]
pub(crate) struct Demo {
    /// Members of the generated retailer.
    #[arg(long, default_value_t = 5_000)]
    members: u32,
    /// Months of its history.
    #[arg(long, default_value_t = 24)]
    months: u32,
    /// Another seed gives another retailer; the same one gives the same, down to every id.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Last day of its history; yesterday in China if not said.
    #[arg(long, value_name = "DATE")]
    ends_on: Option<Date>,
    /// Real data instead: a folder or file, with --map.
    #[arg(long, value_name = "PATH", requires = "map")]
    data: Option<PathBuf>,
    /// What the columns of the real data mean.
    #[arg(long, value_name = "FILE", requires = "data")]
    map: Option<PathBuf>,
    /// Leave the dates of the real data as they are. Otherwise all are moved by the same number of weeks, so that
    /// the history ends now: points of long ago would all have lapsed.
    #[arg(long, requires = "data")]
    keep_dates: bool,
    /// The programme; the starter example, in the currency of the data, if not said.
    #[arg(long, value_name = "FILE")]
    programme: Option<PathBuf>,
    /// Where to put it. Must hold nothing yet; the demo's own file is made anew if not said.
    #[arg(long, value_name = "URL")]
    database: Option<String>,
    /// Address to serve on.
    #[arg(long, default_value = "127.0.0.1")]
    host: IpAddr,
    /// Port to serve on; 0 takes a free one.
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// Load only, do not serve.
    #[arg(long)]
    no_serve: bool,
}

impl Demo {
    pub(crate) async fn run(self, output: Output) -> Result<Ended, CliError> {
        let began = Instant::now();
        // Before anything slow, so that a port in use is found at once.
        let address = SocketAddr::new(self.host, self.port);
        let listener = if self.no_serve { None } else { Some(listen(address).await?) };
        let (engine, url) = place::open(self.database.as_deref()).await?;
        if self.data.is_some() {
            self.load_files(&engine, output).await?;
        } else {
            let report = self.load_generated(&engine, output).await?;
            output.print(&report, |report| words(report, began))?;
        }
        output.fact("database", &url);
        credentials::issue(&engine, output).await?;
        if let Some(listener) = listener {
            let lake = parse_location(&place::lake_folder(&url).display().to_string())?;
            return serve_demo(engine, listener, lake, output).await;
        }
        engine.shut_down().await;
        Ok(Ended::Well)
    }

    async fn load_generated(&self, engine: &Engine, output: Output) -> Result<DemoReport, CliError> {
        let ends_on = self.ends_on.unwrap_or_else(|| yesterday_in_china(engine.clock().now()));
        let options = DemoOptions { seed: self.seed, members: self.members, months: self.months, ends_on };
        let retailer = DemoRetailer::new(options).map_err(|error| CliError::Usage(error.to_string()))?;
        let text = programme::text(self.programme.as_deref(), None)?;
        engine.publish_programme(&text, retailer.period().0, DEMO_ACTOR).await?;
        let bar = Progress::new(output.is_json(), "replaying history", Unit::Items);
        let mut show = |progress: DemoProgress| {
            let (from, to) = (progress.period.0.as_second(), progress.period.1.as_second());
            let days = |seconds: i64| u64::try_from(seconds / 86_400).unwrap_or(0);
            bar.set(days(progress.at.as_second() - from), days(to - from));
        };
        let loaded = engine.load_demo(options, &mut show).await;
        bar.end();
        Ok(loaded?)
    }

    async fn load_files(&self, engine: &Engine, output: Output) -> Result<(), CliError> {
        let (Some(data), Some(map)) = (&self.data, &self.map) else { return Ok(()) };
        let (map, map_text) = read_map(map)?;
        let text = programme::text(self.programme.as_deref(), Some(&map))?;
        engine.publish_programme(&text, Timestamp::UNIX_EPOCH, DEMO_ACTOR).await?;
        let import = PurchaseImport {
            map,
            map_text,
            paths: vec![data.clone()],
            options: ImportOptions::default(),
            moved_before: (!self.keep_dates).then(|| engine.clock().now()),
            dry_run: false,
            actor: DEMO_ACTOR.to_owned(),
        };
        let outcome = import_with_progress(engine, &import, output).await?;
        output.print(&outcome, super::import::words)
    }
}

fn yesterday_in_china(now: Timestamp) -> Date {
    let today = now.to_zoned(TimeZone::fixed(offset(8))).date();
    today.checked_sub(1.day()).unwrap_or(today)
}

fn words(report: &DemoReport, began: Instant) -> String {
    let DemoReport { members, purchases, line_items, returns, activities, redemptions, .. } = report;
    let mut lines = vec![format!(
        "replayed: {members} members, {purchases} purchases with {line_items} line items, {returns} returns, \
         {activities} activities, {redemptions} redemptions, in {:.1} s",
        began.elapsed().as_secs_f64()
    )];
    let commands = &report.commands;
    lines.push(format!("recorded: {}, uploaded twice: {}", commands.recorded, commands.duplicates));
    lines.extend(commands.refused.iter().map(|(code, count)| format!("refused {code}: {count}")));
    lines.join("\n")
}

/// What a database must not hold when a demo is put into it.
fn occupied(url: &operations::DatabaseUrl) -> CliError {
    let refusal = domain::refusal::Refusal::field(
        "database",
        url,
        "it holds a programme already: name an empty one, or serve this one with `perennial serve`",
    );
    CliError::Operation(OperationError::Refused(refusal))
}
