//! `audience`: sets of members that rules can name, replaced whole from files.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use domain::code::Code;
use operations::{AnnounceReport, AudienceOrder, AudienceReport, AudienceView, Engine};
use perennial::audience_file::AudienceFile;
use serde_json::{Value, json};

use super::database::DatabaseArgument;
use super::document::Actor;
use super::error::{CliError, Ended};
use super::output::Output;
use crate::progress::{Progress, Unit};

/// Replace and list audiences.
#[derive(Debug, Subcommand)]
pub(crate) enum Audience {
    /// Replace the audience of a segment by the members that a CSV file names.
    Replace(ReplaceAudience),
    /// List audiences: size, version, where from.
    List(ListAudiences),
}

/// Replace the audience of a segment by the members that a CSV file names.
#[derive(Debug, Args)]
pub(crate) struct ReplaceAudience {
    /// The segment, as the programme declares it.
    segment: Code,
    /// CSV with a column `member`: mem_…, card:…, phone:…, email:…, external:…; without a kind an external id, else a card.
    file: PathBuf,
    /// Of a file with a column `segment`, only the rows with this value.
    #[arg(long, value_name = "VALUE")]
    segment_column: Option<String>,
    /// The number of this version, higher than the one that stands; the next one if not given.
    #[arg(long, value_name = "NUMBER")]
    version: Option<u64>,
    /// Where the set comes from: the report, the model and its version; the name of the file if not given.
    #[arg(long, value_name = "TEXT")]
    source: Option<String>,
    #[command(flatten)]
    actor: Actor,
    #[command(flatten)]
    database: DatabaseArgument,
}

/// List audiences: size, version, where from.
#[derive(Debug, Args)]
pub(crate) struct ListAudiences {
    #[command(flatten)]
    database: DatabaseArgument,
}

impl ReplaceAudience {
    pub(crate) async fn run(self, output: Output) -> Result<Ended, CliError> {
        let path = self.file.display().to_string();
        let source = std::fs::File::open(&self.file).map_err(|cause| CliError::file(&self.file, &cause))?;
        let mut file = AudienceFile::open(&path, source, self.segment_column.as_deref())?;
        let name = self.file.file_name().map_or(path, |name| name.to_string_lossy().into_owned());
        let order = AudienceOrder {
            segment: self.segment,
            version: self.version,
            source: self.source.unwrap_or(name),
            actor: self.actor.name,
        };
        let engine = self.database.open().await?;
        let replaced = engine.replace_audience(&order, &mut || file.page()).await;
        let told = match replaced {
            Ok(replaced) => tell(&engine, output).await.map(|told| (replaced, told)),
            Err(error) => Err(error.into()),
        };
        engine.shut_down().await;
        let (replaced, told) = told?;
        output.print(&report(&replaced, &told), |_| words(&replaced, &told))?;
        Ok(if replaced.unknown > 0 { Ended::Refused } else { Ended::Well })
    }
}

impl ListAudiences {
    pub(crate) async fn run(self, output: Output) -> Result<Ended, CliError> {
        let engine = self.database.open_to_read().await?;
        let audiences = engine.list_audiences().await?;
        engine.shut_down().await;
        output.print(&json!({ "audiences": audiences }), |_| {
            let lines: Vec<String> = audiences.iter().map(line).collect();
            if lines.is_empty() {
                "no audiences yet: audience replace SEGMENT FILE".to_owned()
            } else {
                lines.join("\n")
            }
        })?;
        Ok(Ended::Well)
    }
}

/// Tells who entered and left. Stopped here, a server or the next run goes on.
async fn tell(engine: &Engine, output: Output) -> Result<AnnounceReport, CliError> {
    let all = engine.list_audiences().await?.iter().map(|audience| audience.untold).sum();
    let bar = Progress::new(output.is_json(), "telling who entered and left", Unit::Items);
    let told = engine.announce_audiences(&mut |told| bar.set(told.members, all)).await;
    bar.end();
    Ok(told?)
}

fn report(replaced: &AudienceReport, told: &AnnounceReport) -> Value {
    let unknown: Vec<Value> =
        replaced.unknown_rows.iter().map(|row| json!({ "line": row.line, "member": row.member })).collect();
    json!({
        "audience": replaced.audience, "rows": replaced.rows, "repeated": replaced.repeated,
        "unknown": replaced.unknown, "unknown_rows": unknown, "told": told,
    })
}

fn words(replaced: &AudienceReport, told: &AnnounceReport) -> String {
    let AudienceReport { rows, repeated, unknown, unknown_rows, .. } = replaced;
    let mut lines = vec![
        line(&replaced.audience),
        format!("rows: {rows} read, {repeated} of members named before, {unknown} of members nobody knows"),
    ];
    lines.extend(unknown_rows.iter().map(|row| format!("  line {}: {}", row.line, row.member)));
    let more = unknown.saturating_sub(unknown_rows.len() as u64);
    if more > 0 {
        lines.push(format!("  and {more} more"));
    }
    lines.push(format!("told: {} entries and exits of {} members", told.events, told.members));
    lines.join("\n")
}

fn line(audience: &AudienceView) -> String {
    let AudienceView { segment, version, size, entered, left, source, replaced_by, replaced_at, untold } =
        audience;
    let waiting = if *untold > 0 { format!(", {untold} still to be told") } else { String::new() };
    format!(
        "{segment} version {version}: {size} members, {entered} entered, {left} left{waiting}; {source}, {replaced_by}, \
         {replaced_at}"
    )
}
