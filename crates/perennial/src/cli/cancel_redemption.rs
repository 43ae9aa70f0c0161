//! `cancel-redemption`: takes redemptions back, from JSON.

use clap::Args;
use domain::burn::Cancellation;
use operations::Command;

use super::document::Documents;
use super::error::{CliError, Ended};
use super::output::Output;

/// Cancel one redemption or many from a JSON file.
#[derive(Debug, Args)]
pub(crate) struct CancelRedemption {
    #[command(flatten)]
    documents: Documents,
}

impl CancelRedemption {
    pub(crate) async fn run(self, output: Output) -> Result<Ended, CliError> {
        self.documents
            .record(output, |cancellation: Cancellation, _| Ok(Command::CancelRedemption { cancellation }))
            .await
    }
}
