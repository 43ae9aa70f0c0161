//! `capture-hold`: spends points of holds, from JSON.

use clap::Args;
use domain::burn::Capture;
use operations::Command;

use super::document::Documents;
use super::error::{CliError, Ended};
use super::output::Output;

/// Capture one hold or many from a JSON file.
#[derive(Debug, Args)]
pub(crate) struct CaptureHold {
    #[command(flatten)]
    documents: Documents,
}

impl CaptureHold {
    pub(crate) async fn run(self, output: Output) -> Result<Ended, CliError> {
        self.documents.record(output, |capture: Capture, _| Ok(Command::CaptureHold { capture })).await
    }
}
