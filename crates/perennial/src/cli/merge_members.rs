//! `merge-members`: two members who turned out to be one person become one.

use clap::Args;
use operations::{Command, Request};

use super::database::DatabaseArgument;
use super::document::{Actor, carry_out};
use super::error::{CliError, Ended};
use super::member::member;
use super::output::Output;

/// Merge one member into another: points, what counts towards tiers, limits; every identifier leads to the other.
#[derive(Debug, Args)]
pub(crate) struct MergeMembers {
    /// Who is given up: mem_…, or card:…, phone:…, email:…, external:…
    absorbed: String,
    /// Who goes on.
    into: String,
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

impl MergeMembers {
    pub(crate) async fn run(self, output: Output) -> Result<Ended, CliError> {
        let engine = self.database.open().await?;
        let (absorbed, into) = (member(&self.absorbed, &engine)?, member(&self.into, &engine)?);
        let command = Command::MergeMembers { absorbed, into, reason: self.reason };
        carry_out(&engine, Request::new(command, self.actor.name).dry_run(self.dry_run), output).await
    }
}
