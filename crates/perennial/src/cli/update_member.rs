//! `update-member`: changes what is known of a member; what is not named stays.

use clap::Args;
use operations::{Command, Request};

use super::database::DatabaseArgument;
use super::document::{Actor, carry_out};
use super::enrol_member::ProfileArguments;
use super::error::{CliError, Ended};
use super::member::member;
use super::output::Output;

/// Change what is known of a member.
#[derive(Debug, Args)]
pub(crate) struct UpdateMember {
    /// mem_…, or card:…, phone:…, email:…, external:…
    member: String,
    #[command(flatten)]
    profile: ProfileArguments,
    #[command(flatten)]
    actor: Actor,
    #[command(flatten)]
    database: DatabaseArgument,
}

impl UpdateMember {
    pub(crate) async fn run(self, output: Output) -> Result<Ended, CliError> {
        let engine = self.database.open().await?;
        let member = member(&self.member, &engine)?;
        let view = engine.view_member(&member).await?;
        let (profile, fields) = self.profile.over(&view.profile);
        if fields.is_empty() {
            let sentence = "nothing would change: give --name, --born-on, --language or --segment";
            return Err(CliError::Usage(sentence.to_owned()));
        }
        let expected_version = Some(view.version);
        let command = Command::UpdateMember { member, profile, fields, expected_version };
        carry_out(&engine, Request::new(command, self.actor.name), output).await
    }
}
