//! `enrol-member`: opens an account.

use clap::Args;
use domain::code::Code;
use domain::member::Profile;
use jiff::Timestamp;
use jiff::civil::Date;
use operations::{Command, Request};

use super::database::DatabaseArgument;
use super::document::{Actor, carry_out};
use super::error::{CliError, Ended};
use super::member::identifier;
use super::output::Output;

/// Enrol a member.
#[derive(Debug, Args)]
pub(crate) struct EnrolMember {
    /// card:…, phone:…, email:… or external:…; may be given several times.
    #[arg(long = "identifier", value_name = "KIND:VALUE")]
    identifiers: Vec<String>,
    #[command(flatten)]
    profile: ProfileArguments,
    /// When the member joined, if not now.
    #[arg(long, value_name = "INSTANT")]
    enrolled_at: Option<Timestamp>,
    /// Decide and answer, but record nothing.
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    actor: Actor,
    #[command(flatten)]
    database: DatabaseArgument,
}

/// What is known of a member.
#[derive(Debug, Clone, Args)]
pub(crate) struct ProfileArguments {
    /// The name as the member writes it.
    #[arg(long)]
    name: Option<String>,
    /// Date of birth, for instance 1990-05-17.
    #[arg(long, value_name = "DATE")]
    born_on: Option<Date>,
    /// zh-CN or en.
    #[arg(long)]
    language: Option<String>,
    /// A segment the member is in; may be given several times.
    #[arg(long = "segment", value_name = "CODE")]
    segments: Vec<Code>,
}

impl EnrolMember {
    pub(crate) async fn run(self, output: Output) -> Result<Ended, CliError> {
        let engine = self.database.open_or_create().await?;
        let identifiers = self.identifiers.iter().map(|text| identifier(text, &engine));
        let identifiers = identifiers.collect::<Result<Vec<_>, _>>()?;
        let profile = self.profile.over(&Profile::default()).0;
        let command = Command::EnrolMember { identifiers, profile, enrolled_at: self.enrolled_at };
        carry_out(&engine, Request::new(command, self.actor.name).dry_run(self.dry_run), output).await
    }
}

impl ProfileArguments {
    /// The profile with what was given replaced, and the names of the fields that differ.
    pub(crate) fn over(self, before: &Profile) -> (Profile, Vec<String>) {
        let mut after = before.clone();
        after.name = self.name.or(after.name);
        after.born_on = self.born_on.or(after.born_on);
        after.language = self.language.or(after.language);
        if !self.segments.is_empty() {
            after.segments = self.segments;
        }
        // Whoever is put into a segment does not decline it any more.
        after.declined_segments.retain(|code| !after.segments.contains(code));
        let fields = after.fields_unlike(before);
        (after, fields)
    }
}
