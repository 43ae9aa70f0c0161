//! How a member stands with the interest clubs, and joining or leaving one for them.

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use domain::code::Code;
use domain::ids::AccountId;
use operations::{MemberReference, MemberView};

use super::Console;
use super::page::Frame;
use super::problem;
use super::roles::Permission;
use super::session::Submission;

/// A club as a line of the member's page.
pub(super) struct ClubLine {
    pub(super) club: String,
    pub(super) name: String,
    pub(super) reason: String,
    /// How the member stands with it, in words.
    pub(super) standing: String,
    pub(super) inside: bool,
}

/// All clubs, as the member finds them.
pub(super) fn club_lines(console: &Console, f: &Frame, member: &MemberView) -> Vec<ClubLine> {
    let clubs = console.engine.clubs_of(member).into_iter();
    clubs
        .map(|club| ClubLine {
            club: club.club.to_string(),
            name: club.name.get(f.language).to_owned(),
            reason: club.reason.get(f.language).to_owned(),
            standing: f.named("club-standing-", club.standing.name()),
            inside: club.standing.is_inside(),
        })
        .collect()
}

/// Joins or leaves for a member. Sent twice it is done once.
pub(super) async fn choose(
    State(console): State<Console>,
    Path((id, club)): Path<(String, String)>,
    Submission { reader, fields }: Submission,
) -> Result<Response, Response> {
    let reader = reader.require(Permission::ChooseClubs)?;
    let f = reader.frame;
    let (Ok(member_id), Ok(club)) = (id.parse::<AccountId>(), club.parse::<Code>()) else {
        return Ok(problem::not_found(f));
    };
    let joins = match fields.text("choice") {
        "join" => true,
        "leave" => false,
        _ => return Ok(problem::stale(f)),
    };
    match console.engine.choose_club(&MemberReference::Id(member_id), (club, joins), &*reader.actor).await {
        Ok(club) => {
            let (done, name) = (if joins { "joined" } else { "left" }, club.name.get(f.language));
            let address = format!("/console/members/{member_id}?done={done}:{}", super::query::encode(name));
            Ok(Redirect::to(&address).into_response())
        }
        Err(error) => Ok(problem::failed(f, &error)),
    }
}
