//! `top-up`: records money that members pay in, from JSON.

use clap::Args;
use domain::stored_value::TopUp;
use operations::Command;
use serde::Deserialize;

use super::document::Documents;
use super::error::{CliError, Ended};
use super::member::MemberInput;
use super::output::Output;

/// Record one top-up of stored value or many from a JSON file.
#[derive(Debug, Args)]
pub(crate) struct TopUpCommand {
    #[command(flatten)]
    documents: Documents,
}

#[derive(Deserialize)]
struct Input {
    member: MemberInput,
    #[serde(flatten)]
    top_up: TopUp,
}

impl TopUpCommand {
    pub(crate) async fn run(self, output: Output) -> Result<Ended, CliError> {
        let command = |input: Input, engine: &operations::Engine| {
            let Input { member, top_up } = input;
            Ok(Command::TopUp { member: member.reference(engine)?, top_up })
        };
        self.documents.record(output, command).await
    }
}
