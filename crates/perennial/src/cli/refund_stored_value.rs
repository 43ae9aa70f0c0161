//! `refund-stored-value`: records money that members get back, from JSON.

use clap::Args;
use domain::stored_value::StoredValueRefund;
use operations::Command;
use serde::Deserialize;

use super::document::Documents;
use super::error::{CliError, Ended};
use super::member::MemberInput;
use super::output::Output;

/// Pay stored value back: one refund or many from a JSON file.
#[derive(Debug, Args)]
pub(crate) struct RefundStoredValue {
    #[command(flatten)]
    documents: Documents,
}

#[derive(Deserialize)]
struct Input {
    member: MemberInput,
    #[serde(flatten)]
    refund: StoredValueRefund,
}

impl RefundStoredValue {
    pub(crate) async fn run(self, output: Output) -> Result<Ended, CliError> {
        let command = |input: Input, engine: &operations::Engine| {
            let Input { member, refund } = input;
            Ok(Command::RefundStoredValue { member: member.reference(engine)?, refund })
        };
        self.documents.record(output, command).await
    }
}
