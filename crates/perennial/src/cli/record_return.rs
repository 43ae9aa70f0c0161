//! `record-return`: records returns from JSON. A return names its purchase, and that its member.

use clap::Args;
use domain::document::Return;
use operations::Command;

use super::document::Documents;
use super::error::{CliError, Ended};
use super::output::Output;

/// Record one return or many from a JSON file.
#[derive(Debug, Args)]
pub(crate) struct RecordReturn {
    #[command(flatten)]
    documents: Documents,
}

impl RecordReturn {
    pub(crate) async fn run(self, output: Output) -> Result<Ended, CliError> {
        self.documents.record(output, |document: Return, _| Ok(Command::RecordReturn { document })).await
    }
}
