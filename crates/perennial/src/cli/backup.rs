//! `backup`: copies a SQLite database in use to a new file, and checks the copy.

use std::path::PathBuf;

use clap::Args;
use operations::BackupReport;

use super::database::DatabaseArgument;
use super::error::{CliError, Ended};
use super::output::Output;

/// Copy the database to a new file, also while a server writes to it.
#[derive(Debug, Args)]
pub(crate) struct Backup {
    /// The new file.
    file: PathBuf,
    #[command(flatten)]
    database: DatabaseArgument,
}

impl Backup {
    pub(crate) async fn run(self, output: Output) -> Result<Ended, CliError> {
        let engine = self.database.open_to_read().await?;
        let report = engine.back_up(&self.file).await?;
        output.print(&report, |report| words("copied and checked", report))?;
        Ok(Ended::Well)
    }
}

/// A backup in words.
pub(crate) fn words(what: &str, report: &BackupReport) -> String {
    let rows: u64 = report.rows.iter().map(|(_, rows)| rows).sum();
    format!("{what}: {rows} rows, digest {}", report.digest)
}
