//! `adjust-points`: adds or takes points by hand, with a reason and, above the programme's limit, a second person.

use clap::Args;
use domain::code::Code;
use domain::operation::Adjustment;
use domain::refusal::Refusal;
use operations::{Command, OperationError, Request};

use super::database::DatabaseArgument;
use super::document::{Actor, carry_out};
use super::error::{CliError, Ended};
use super::member::member;
use super::output::Output;

/// Add or take points by hand.
#[derive(Debug, Args)]
pub(crate) struct AdjustPoints {
    /// mem_…, or card:…, phone:…, email:…, external:…
    member: String,
    /// More than 0 adds, less than 0 takes.
    #[arg(allow_hyphen_values = true)]
    points: i64,
    /// The unit; the programme's main unit if not said.
    #[arg(long)]
    unit: Option<Code>,
    /// Why, as a code; `redemption` counts as redeemed.
    #[arg(long)]
    reason: Code,
    /// Why, in words.
    #[arg(long)]
    note: String,
    /// The second person, needed above the programme's limit.
    #[arg(long, value_name = "NAME")]
    approved_by: Option<String>,
    /// Decide and answer, but record nothing.
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    actor: Actor,
    #[command(flatten)]
    database: DatabaseArgument,
}

impl AdjustPoints {
    pub(crate) async fn run(self, output: Output) -> Result<Ended, CliError> {
        let engine = self.database.open().await?;
        let member = member(&self.member, &engine)?;
        let occurred_at = engine.clock().now();
        let programmes = engine.programmes();
        let main_unit = programmes.latest().map(|programme| programme.main_unit().code());
        let unit = self.unit.or(main_unit);
        let unit = unit.ok_or(OperationError::Refused(Refusal::NoProgrammeInForce { occurred_at }))?;
        let adjustment = Adjustment {
            unit,
            points: self.points,
            reason: self.reason,
            note: self.note,
            occurred_at,
            approved_by: self.approved_by,
        };
        let command = Command::AdjustPoints { member, adjustment };
        carry_out(&engine, Request::new(command, self.actor.name).dry_run(self.dry_run), output).await
    }
}
