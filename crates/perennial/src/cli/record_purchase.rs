//! `record-purchase`: records purchases from JSON.

use clap::Args;
use domain::document::Purchase;
use operations::Command;
use serde::Deserialize;

use super::document::Documents;
use super::error::{CliError, Ended};
use super::member::MemberInput;
use super::output::Output;

/// Record one purchase or many from a JSON file.
#[derive(Debug, Args)]
pub(crate) struct RecordPurchase {
    #[command(flatten)]
    documents: Documents,
}

#[derive(Deserialize)]
struct Input {
    member: MemberInput,
    #[serde(default)]
    enrol: bool,
    #[serde(flatten)]
    purchase: Purchase,
}

impl RecordPurchase {
    pub(crate) async fn run(self, output: Output) -> Result<Ended, CliError> {
        let command = |input: Input, engine: &operations::Engine| {
            let Input { member, enrol, purchase } = input;
            Ok(Command::RecordPurchase { member: member.reference(engine)?, enrol, purchase })
        };
        self.documents.record(output, command).await
    }
}
