//! `redeem-reward`: buys rewards with points, from JSON.

use clap::Args;
use domain::burn::RewardOrder;
use operations::Command;
use serde::Deserialize;

use super::document::Documents;
use super::error::{CliError, Ended};
use super::member::MemberInput;
use super::output::Output;

/// Redeem one reward or many from a JSON file.
#[derive(Debug, Args)]
pub(crate) struct RedeemReward {
    #[command(flatten)]
    documents: Documents,
}

#[derive(Deserialize)]
struct Input {
    member: MemberInput,
    #[serde(flatten)]
    order: RewardOrder,
}

impl RedeemReward {
    pub(crate) async fn run(self, output: Output) -> Result<Ended, CliError> {
        let command = |input: Input, engine: &operations::Engine| {
            let Input { member, order } = input;
            Ok(Command::RedeemReward { member: member.reference(engine)?, order })
        };
        self.documents.record(output, command).await
    }
}
