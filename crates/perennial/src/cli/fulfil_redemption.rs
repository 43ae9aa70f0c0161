//! `fulfil-redemption`: notes that rewards were handed out, from JSON.

use clap::Args;
use domain::burn::Fulfilment;
use operations::Command;

use super::document::Documents;
use super::error::{CliError, Ended};
use super::output::Output;

/// Fulfil one redemption or many from a JSON file.
#[derive(Debug, Args)]
pub(crate) struct FulfilRedemption {
    #[command(flatten)]
    documents: Documents,
}

impl FulfilRedemption {
    pub(crate) async fn run(self, output: Output) -> Result<Ended, CliError> {
        self.documents
            .record(output, |fulfilment: Fulfilment, _| Ok(Command::FulfilRedemption { fulfilment }))
            .await
    }
}
