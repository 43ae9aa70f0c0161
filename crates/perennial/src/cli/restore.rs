//! `restore`: puts a checked backup in the place of a database that does not exist yet.

use std::path::PathBuf;

use clap::Args;

use super::backup::words;
use super::database::DatabaseArgument;
use super::error::{CliError, Ended};
use super::output::Output;

/// Put a backup in the place of a database that does not exist yet.
#[derive(Debug, Args)]
pub(crate) struct Restore {
    /// The backup.
    file: PathBuf,
    #[command(flatten)]
    database: DatabaseArgument,
}

impl Restore {
    pub(crate) async fn run(self, output: Output) -> Result<Ended, CliError> {
        let report = operations::restore(&self.file, &self.database.url()?).await?;
        output.print(&report, |report| words("restored", report))?;
        Ok(Ended::Well)
    }
}
