//! `transfer-points`: offers points to another member; `list-transfers`: what waits for an answer.

use clap::Args;
use domain::code::Code;
use domain::refusal::Refusal;
use operations::{Command, OperationError, Request};

use super::database::DatabaseArgument;
use super::document::{Actor, carry_out};
use super::error::{CliError, Ended};
use super::member::member;
use super::output::Output;

/// Offer points to another member; nothing moves before the receiver accepts.
#[derive(Debug, Args)]
pub(crate) struct TransferPoints {
    /// Who gives: mem_…, or card:…, phone:…, email:…, external:…
    from: String,
    /// Who is to get.
    to: String,
    /// Points.
    points: i64,
    /// The unit; the programme's main unit if not said.
    #[arg(long)]
    unit: Option<Code>,
    /// Decide and answer, but record nothing.
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    actor: Actor,
    #[command(flatten)]
    database: DatabaseArgument,
}

/// List the transfers of a member that wait for an answer.
#[derive(Debug, Args)]
pub(crate) struct ListTransfers {
    /// mem_…, or card:…, phone:…, email:…, external:…
    member: String,
    #[command(flatten)]
    database: DatabaseArgument,
}

impl TransferPoints {
    pub(crate) async fn run(self, output: Output) -> Result<Ended, CliError> {
        let engine = self.database.open().await?;
        let (from, to) = (member(&self.from, &engine)?, member(&self.to, &engine)?);
        let main_unit = engine.programmes().latest().map(|programme| programme.main_unit().code());
        let occurred_at = engine.clock().now();
        let unit = self.unit.or(main_unit);
        let unit = unit.ok_or(OperationError::Refused(Refusal::NoProgrammeInForce { occurred_at }))?;
        let command = Command::TransferPoints { from, to, unit, points: self.points };
        carry_out(&engine, Request::new(command, self.actor.name).dry_run(self.dry_run), output).await
    }
}

impl ListTransfers {
    pub(crate) async fn run(self, output: Output) -> Result<Ended, CliError> {
        let engine = self.database.open_to_read().await?;
        let (member_id, offers) = engine.list_transfers(&member(&self.member, &engine)?).await?;
        engine.shut_down().await;
        output.print(&offers, |offers| {
            let line = |offer: &domain::ledger::TransferOffer| {
                let (verb, other) =
                    if offer.to == member_id { ("from", offer.from()) } else { ("to", offer.to) };
                format!(
                    "{} {} {} {verb} {other}, until {}",
                    offer.id, offer.points, offer.unit, offer.lapses_at
                )
            };
            offers.iter().map(line).collect::<Vec<_>>().join("\n")
        })?;
        Ok(Ended::Well)
    }
}
