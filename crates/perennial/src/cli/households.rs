//! `create-household`, `join-household`, `change-household-member`, `leave-household`: members who pool their points.

use clap::Args;
use domain::ids::AccountId;
use operations::{Command, Request};

use super::database::DatabaseArgument;
use super::document::{Actor, carry_out};
use super::error::{CliError, Ended};
use super::member::member;
use super::output::Output;

/// Open a household; nobody belongs to it yet.
#[derive(Debug, Args)]
pub(crate) struct CreateHousehold {
    /// What staff and members call it.
    name: String,
    #[command(flatten)]
    common: Common,
}

/// Let a member join a household: what they can spend is pooled, now and later.
#[derive(Debug, Args)]
pub(crate) struct JoinHousehold {
    /// The household: mem_…
    household: AccountId,
    /// Who joins: mem_…, or card:…, phone:…, email:…, external:…
    member: String,
    /// They may spend what is pooled.
    #[arg(long)]
    may_spend: bool,
    #[command(flatten)]
    common: Common,
}

/// Say whether a member of a household may spend what is pooled.
#[derive(Debug, Args)]
pub(crate) struct ChangeHouseholdMember {
    /// The household: mem_…
    household: AccountId,
    /// Who: mem_…, or card:…, phone:…, email:…, external:…
    member: String,
    /// They may spend what is pooled.
    #[arg(long, required_unless_present = "may_not_spend")]
    may_spend: bool,
    /// They may not, or no more.
    #[arg(long, conflicts_with = "may_spend")]
    may_not_spend: bool,
    #[command(flatten)]
    common: Common,
}

/// Let a member leave a household: they take along what is left of the points they brought.
#[derive(Debug, Args)]
pub(crate) struct LeaveHousehold {
    /// The household: mem_…
    household: AccountId,
    /// Who leaves: mem_…, or card:…, phone:…, email:…, external:…
    member: String,
    #[command(flatten)]
    common: Common,
}

#[derive(Debug, Args)]
struct Common {
    /// Decide and answer, but record nothing.
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    actor: Actor,
    #[command(flatten)]
    database: DatabaseArgument,
}

impl CreateHousehold {
    pub(crate) async fn run(self, output: Output) -> Result<Ended, CliError> {
        let engine = self.common.database.open().await?;
        let command = Command::CreateHousehold { name: self.name };
        let request = Request::new(command, self.common.actor.name).dry_run(self.common.dry_run);
        carry_out(&engine, request, output).await
    }
}

impl JoinHousehold {
    pub(crate) async fn run(self, output: Output) -> Result<Ended, CliError> {
        let engine = self.common.database.open().await?;
        let (household, may_spend) = (self.household, self.may_spend);
        let command = Command::JoinHousehold { household, member: member(&self.member, &engine)?, may_spend };
        let request = Request::new(command, self.common.actor.name).dry_run(self.common.dry_run);
        carry_out(&engine, request, output).await
    }
}

impl ChangeHouseholdMember {
    pub(crate) async fn run(self, output: Output) -> Result<Ended, CliError> {
        let engine = self.common.database.open().await?;
        let (household, may_spend) = (self.household, self.may_spend);
        let member = member(&self.member, &engine)?;
        let command = Command::ChangeHouseholdMember { household, member, may_spend };
        let request = Request::new(command, self.common.actor.name).dry_run(self.common.dry_run);
        carry_out(&engine, request, output).await
    }
}

impl LeaveHousehold {
    pub(crate) async fn run(self, output: Output) -> Result<Ended, CliError> {
        let engine = self.common.database.open().await?;
        let household = self.household;
        let command = Command::LeaveHousehold { household, member: member(&self.member, &engine)? };
        let request = Request::new(command, self.common.actor.name).dry_run(self.common.dry_run);
        carry_out(&engine, request, output).await
    }
}
