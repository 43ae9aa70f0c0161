//! `publish-programme`: makes a checked programme file the next version.

use std::path::PathBuf;

use clap::Args;
use jiff::Timestamp;

use super::database::DatabaseArgument;
use super::document::Actor;
use super::error::{CliError, Ended};
use super::output::Output;
use super::text_file;

/// Publish a programme file as the next version.
#[derive(Debug, Args)]
pub(crate) struct PublishProgramme {
    /// The programme, TOML or JSON.
    file: PathBuf,
    /// From when on it decides, for instance 2026-01-01T00:00:00Z; now if not said. The first version may begin in
    /// the past, so that history can be imported under it.
    #[arg(long, value_name = "INSTANT")]
    effective_at: Option<Timestamp>,
    #[command(flatten)]
    actor: Actor,
    #[command(flatten)]
    database: DatabaseArgument,
}

impl PublishProgramme {
    pub(crate) async fn run(self, output: Output) -> Result<Ended, CliError> {
        let text = text_file::read(&self.file)?;
        let engine = self.database.open_or_create().await?;
        let effective_at = self.effective_at.unwrap_or_else(|| engine.clock().now());
        let published = engine.publish_programme(&text, effective_at, self.actor.name).await;
        engine.shut_down().await;
        let version = published?;
        let answer = serde_json::json!({ "version": version, "effective_at": effective_at });
        output.print(&answer, |_| format!("published: version {version}, in force from {effective_at}"))?;
        Ok(Ended::Well)
    }
}
