//! `accept-transfer`, `decline-transfer`, `withdraw-transfer`: the three ends of an offer.

use clap::Args;
use domain::ids::EntryId;
use operations::{Command, Request};

use super::database::DatabaseArgument;
use super::document::{Actor, carry_out};
use super::error::{CliError, Ended};
use super::member::member;
use super::output::Output;

/// Whose answer to which transfer.
#[derive(Debug, Args)]
pub(crate) struct TransferAnswer {
    /// To whom the points were offered: mem_…, or card:…, phone:…, email:…, external:…
    member: String,
    #[command(flatten)]
    end: TransferEnd,
}

/// Which transfer.
#[derive(Debug, Args)]
pub(crate) struct TransferEnd {
    /// The transfer, as `list-transfers` names it: ent_…
    transfer: EntryId,
    /// Decide and answer, but record nothing.
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    actor: Actor,
    #[command(flatten)]
    database: DatabaseArgument,
}

/// Accept offered points: they move, and there is no way back.
#[derive(Debug, Args)]
pub(crate) struct AcceptTransfer {
    #[command(flatten)]
    answer: TransferAnswer,
}

/// Decline offered points.
#[derive(Debug, Args)]
pub(crate) struct DeclineTransfer {
    #[command(flatten)]
    answer: TransferAnswer,
}

/// Take an offer of points back.
#[derive(Debug, Args)]
pub(crate) struct WithdrawTransfer {
    #[command(flatten)]
    end: TransferEnd,
}

impl AcceptTransfer {
    pub(crate) async fn run(self, output: Output) -> Result<Ended, CliError> {
        let engine = self.answer.end.database.open().await?;
        let member = member(&self.answer.member, &engine)?;
        let end = self.answer.end;
        let command = Command::AcceptTransfer { member, transfer: end.transfer };
        carry_out(&engine, Request::new(command, end.actor.name).dry_run(end.dry_run), output).await
    }
}

impl DeclineTransfer {
    pub(crate) async fn run(self, output: Output) -> Result<Ended, CliError> {
        let engine = self.answer.end.database.open().await?;
        let member = member(&self.answer.member, &engine)?;
        let end = self.answer.end;
        let command = Command::DeclineTransfer { member, transfer: end.transfer };
        carry_out(&engine, Request::new(command, end.actor.name).dry_run(end.dry_run), output).await
    }
}

impl WithdrawTransfer {
    pub(crate) async fn run(self, output: Output) -> Result<Ended, CliError> {
        let engine = self.end.database.open().await?;
        let command = Command::WithdrawTransfer { transfer: self.end.transfer };
        let request = Request::new(command, self.end.actor.name).dry_run(self.end.dry_run);
        carry_out(&engine, request, output).await
    }
}
