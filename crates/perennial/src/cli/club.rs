//! `club`: how a member stands with the interest clubs; joining and leaving one.

use clap::{Args, Subcommand};
use domain::code::Code;
use domain::programme::Names;
use operations::{ClubStanding, ClubView};
use serde::Serialize;

use super::database::DatabaseArgument;
use super::document::Actor;
use super::error::{CliError, Ended};
use super::member::member;
use super::output::Output;

/// List, join and leave interest clubs.
#[derive(Debug, Subcommand)]
pub(crate) enum Club {
    /// List the clubs of the programme as a member finds them.
    List(ListClubs),
    /// Let a member join a club.
    Join(ChooseClub),
    /// Let a member leave a club: no audience puts them back.
    Leave(ChooseClub),
}

/// List the clubs of the programme as a member finds them.
#[derive(Debug, Args)]
pub(crate) struct ListClubs {
    /// mem_…, or card:…, phone:…, email:…, external:…
    member: String,
    #[command(flatten)]
    database: DatabaseArgument,
}

/// Let a member join or leave a club.
#[derive(Debug, Args)]
pub(crate) struct ChooseClub {
    /// mem_…, or card:…, phone:…, email:…, external:…
    member: String,
    /// The segment that is the club.
    club: Code,
    #[command(flatten)]
    actor: Actor,
    #[command(flatten)]
    database: DatabaseArgument,
}

/// A club as it is printed.
#[derive(Debug, Serialize)]
struct Shown {
    club: Code,
    name: Names,
    reason: Names,
    standing: ClubStanding,
}

impl Club {
    pub(crate) async fn run(self, output: Output) -> Result<Ended, CliError> {
        match self {
            Self::List(command) => command.run(output).await,
            Self::Join(command) => command.run(output, true).await,
            Self::Leave(command) => command.run(output, false).await,
        }
    }
}

impl ListClubs {
    async fn run(self, output: Output) -> Result<Ended, CliError> {
        let engine = self.database.open_to_read().await?;
        let clubs = engine.list_clubs(&member(&self.member, &engine)?).await?;
        engine.shut_down().await;
        let clubs: Vec<Shown> = clubs.into_iter().map(Shown::from).collect();
        output.print(&clubs, |clubs| {
            if clubs.is_empty() {
                return "the programme has no interest clubs: declare some under segments".to_owned();
            }
            clubs.iter().map(Shown::words).collect::<Vec<_>>().join("\n")
        })?;
        Ok(Ended::Well)
    }
}

impl ChooseClub {
    async fn run(self, output: Output, joins: bool) -> Result<Ended, CliError> {
        let engine = self.database.open().await?;
        let member = member(&self.member, &engine)?;
        let club = engine.choose_club(&member, (self.club, joins), self.actor.name).await?;
        engine.shut_down().await;
        output.print(&Shown::from(club), Shown::words)?;
        Ok(Ended::Well)
    }
}

impl Shown {
    fn words(&self) -> String {
        format!("{} ({}): {}", self.club, self.name.en, self.standing.name())
    }
}

impl From<ClubView> for Shown {
    fn from(view: ClubView) -> Self {
        let ClubView { club, name, reason, standing } = view;
        Self { club, name, reason, standing }
    }
}
