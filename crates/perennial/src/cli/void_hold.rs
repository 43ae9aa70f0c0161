//! `void-hold`: gives holds up, from JSON.

use clap::Args;
use domain::burn::HoldVoid;
use operations::Command;

use super::document::Documents;
use super::error::{CliError, Ended};
use super::output::Output;

/// Void one hold or many from a JSON file.
#[derive(Debug, Args)]
pub(crate) struct VoidHold {
    #[command(flatten)]
    documents: Documents,
}

impl VoidHold {
    pub(crate) async fn run(self, output: Output) -> Result<Ended, CliError> {
        self.documents.record(output, |void: HoldVoid, _| Ok(Command::VoidHold { void })).await
    }
}
