//! `link-identifier`: links another identifier to a member.

use clap::Args;
use operations::{Command, Request};

use super::database::DatabaseArgument;
use super::document::{Actor, carry_out};
use super::error::{CliError, Ended};
use super::member::{identifier, member};
use super::output::Output;

/// Link another card, phone, e-mail or external id to a member.
#[derive(Debug, Args)]
pub(crate) struct LinkIdentifier {
    /// mem_…, or card:…, phone:…, email:…, external:…
    member: String,
    /// card:…, phone:…, email:… or external:…
    identifier: String,
    #[command(flatten)]
    actor: Actor,
    #[command(flatten)]
    database: DatabaseArgument,
}

impl LinkIdentifier {
    pub(crate) async fn run(self, output: Output) -> Result<Ended, CliError> {
        let engine = self.database.open().await?;
        let member = member(&self.member, &engine)?;
        let identifier = identifier(&self.identifier, &engine)?;
        let command = Command::LinkIdentifier { member, identifier };
        carry_out(&engine, Request::new(command, self.actor.name), output).await
    }
}
