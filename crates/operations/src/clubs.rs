//! Interest clubs: the segments that members may join and leave, how each member stands with them and why, and choosing.

use domain::code::Code;
use domain::ledger::Actor;
use domain::member::Profile;
use domain::programme::{Names, Segment};
use domain::refusal::Refusal;
use serde::Serialize;

use crate::command::{Command, MemberReference, Request};
use crate::engine::Engine;
use crate::error::OperationError;
use crate::view_member::MemberView;

/// Tries against others who change the same profile at the same time.
const TRIES_MAX: usize = 5;

/// How a member stands with a club.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ClubStanding {
    /// In it, by their own choice or because staff put it into their profile.
    Joined,
    /// In it because of what they buy.
    Placed,
    /// They have left it: what they buy does not bring them back.
    Left,
    /// Not in it.
    Outside,
}

impl ClubStanding {
    /// Whether that is a member of the club.
    pub fn is_inside(self) -> bool {
        matches!(self, Self::Joined | Self::Placed)
    }

    /// As the API names it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Joined => "joined",
            Self::Placed => "placed",
            Self::Left => "left",
            Self::Outside => "outside",
        }
    }
}

/// A club as a member finds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClubView {
    /// The segment that is the club.
    pub club: Code,
    /// What it is called.
    pub name: Names,
    /// Whom it is for, and why members are in it.
    pub reason: Names,
    /// How the member stands with it.
    pub standing: ClubStanding,
}

impl Engine {
    /// The clubs of the programme in force, in its order, as a member finds them. A household has none.
    pub async fn list_clubs(&self, member: &MemberReference) -> Result<Vec<ClubView>, OperationError> {
        let view = self.view_member(member).await?;
        Ok(self.clubs_of(&view))
    }

    /// The clubs as a member finds them who was read before.
    pub fn clubs_of(&self, member: &MemberView) -> Vec<ClubView> {
        let programmes = self.programmes();
        let programme = programmes.at(self.clock().now());
        let segments = programme.map_or(&[][..], |programme| &programme.programme().segments);
        if member.state.is_household() {
            return Vec::new();
        }
        segments.iter().filter_map(|segment| club_view(segment, member)).collect()
    }

    /// Lets a member join a club or leave it, and says how they stand then. Leaving holds until they join again, whatever
    /// audiences say. Who stands so already stays so, and nothing is recorded.
    pub async fn choose_club(
        &self,
        member: &MemberReference,
        (club, joins): (Code, bool),
        actor: impl Into<Actor>,
    ) -> Result<ClubView, OperationError> {
        let actor = actor.into();
        let wanted = if joins { ClubStanding::Joined } else { ClubStanding::Left };
        let mut last = OperationError::Changed;
        for _ in 0..TRIES_MAX {
            let view = self.view_member(member).await?;
            let unknown = || Refusal::Unknown { what: "interest club".to_owned(), value: club.to_string() };
            let mut found =
                self.clubs_of(&view).into_iter().find(|one| one.club == club).ok_or_else(unknown)?;
            if found.standing == wanted {
                return Ok(found);
            }
            let command = Command::ChooseClub {
                member: MemberReference::Id(view.member_id),
                club,
                joined: joins,
                profile: chosen(&view.profile, club, joins),
                expected_version: view.version,
            };
            match self.carry_out(Request::new(command, actor.clone())).await {
                Err(error @ OperationError::Changed) => last = error,
                Err(error) => return Err(error),
                Ok(_) => {
                    found.standing = wanted;
                    return Ok(found);
                }
            }
        }
        Err(last)
    }
}

fn club_view(segment: &Segment, member: &MemberView) -> Option<ClubView> {
    let club = segment.interest_club.as_ref()?;
    let standing = if member.profile.segments.contains(&segment.code) {
        ClubStanding::Joined
    } else if member.audiences.contains(&segment.code) {
        ClubStanding::Placed
    } else if member.profile.declined_segments.contains(&segment.code) {
        ClubStanding::Left
    } else {
        ClubStanding::Outside
    };
    let (name, reason) = (segment.name.clone(), club.reason.clone());
    Some(ClubView { club: segment.code, name, reason, standing })
}

/// A profile after a choice.
fn chosen(profile: &Profile, club: Code, joins: bool) -> Profile {
    let mut after = profile.clone();
    let Profile { segments, declined_segments, .. } = &mut after;
    let (to, from) = if joins { (segments, declined_segments) } else { (declined_segments, segments) };
    from.retain(|code| *code != club);
    if !to.contains(&club) {
        to.push(club);
    }
    after
}
