//! `hold-points`: reserves points, from JSON.

use clap::Args;
use domain::burn::HoldRequest;
use operations::Command;
use serde::Deserialize;

use super::document::Documents;
use super::error::{CliError, Ended};
use super::member::MemberInput;
use super::output::Output;

/// Reserve points: one hold or many from a JSON file.
#[derive(Debug, Args)]
pub(crate) struct HoldPoints {
    #[command(flatten)]
    documents: Documents,
}

#[derive(Deserialize)]
struct Input {
    member: MemberInput,
    #[serde(flatten)]
    hold: HoldRequest,
}

impl HoldPoints {
    pub(crate) async fn run(self, output: Output) -> Result<Ended, CliError> {
        let command = |input: Input, engine: &operations::Engine| {
            let Input { member, hold } = input;
            Ok(Command::HoldPoints { member: member.reference(engine)?, hold })
        };
        self.documents.record(output, command).await
    }
}
