//! `record-activity`: records activities from JSON.

use clap::Args;
use domain::document::Activity;
use operations::Command;
use serde::Deserialize;

use super::document::Documents;
use super::error::{CliError, Ended};
use super::member::MemberInput;
use super::output::Output;

/// Record one activity or many from a JSON file.
#[derive(Debug, Args)]
pub(crate) struct RecordActivity {
    #[command(flatten)]
    documents: Documents,
}

#[derive(Deserialize)]
struct Input {
    member: MemberInput,
    #[serde(flatten)]
    activity: Activity,
}

impl RecordActivity {
    pub(crate) async fn run(self, output: Output) -> Result<Ended, CliError> {
        let command = |input: Input, engine: &operations::Engine| {
            let Input { member, activity } = input;
            Ok(Command::RecordActivity { member: member.reference(engine)?, activity })
        };
        self.documents.record(output, command).await
    }
}
