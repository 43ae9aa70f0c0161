//! `undo-merge`: two members who turned out to be two persons after all.

use clap::Args;
use domain::ids::AccountId;
use operations::{Command, Request};

use super::database::DatabaseArgument;
use super::document::{Actor, carry_out};
use super::error::{CliError, Ended};
use super::output::Output;

/// Undo the merge of a member: what is left of its points goes back, and it takes part again.
#[derive(Debug, Args)]
pub(crate) struct UndoMerge {
    /// Who had been given up: mem_…
    absorbed: AccountId,
    /// Why, in words.
    #[arg(long)]
    reason: String,
    /// Decide and answer, but record nothing.
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    actor: Actor,
    #[command(flatten)]
    database: DatabaseArgument,
}

impl UndoMerge {
    pub(crate) async fn run(self, output: Output) -> Result<Ended, CliError> {
        let engine = self.database.open().await?;
        let command = Command::UndoMerge { absorbed: self.absorbed, reason: self.reason };
        carry_out(&engine, Request::new(command, self.actor.name).dry_run(self.dry_run), output).await
    }
}
