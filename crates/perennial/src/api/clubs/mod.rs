//! `/v1/members/{id}/clubs`: the interest clubs as a member finds them. One file for each endpoint.

pub(super) mod choose_club;
pub(super) mod list_clubs;

use domain::code::Code;
use domain::programme::Names;
use operations::{ClubStanding, ClubView};
use serde::Serialize;
use utoipa::ToSchema;

use super::list_rewards::NamesShape;

/// A club as a member finds it.
#[derive(Serialize, ToSchema)]
pub(super) struct ClubAnswer {
    /// The segment that is the club.
    #[schema(value_type = String, example = "coffee-lovers")]
    club: Code,
    /// What it is called.
    #[schema(value_type = NamesShape)]
    name: Names,
    /// Whom it is for, and why members are in it who did not join themselves.
    #[schema(value_type = NamesShape)]
    reason: Names,
    /// How the member stands with it.
    standing: ClubStandingName,
}

/// How a member stands with a club.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum ClubStandingName {
    /// In it, by choice.
    Joined,
    /// In it because of what they buy.
    Placed,
    /// They have left it: what they buy does not bring them back.
    Left,
    /// Not in it.
    Outside,
}

impl From<ClubView> for ClubAnswer {
    fn from(view: ClubView) -> Self {
        let ClubView { club, name, reason, standing } = view;
        let standing = match standing {
            ClubStanding::Joined => ClubStandingName::Joined,
            ClubStanding::Placed => ClubStandingName::Placed,
            ClubStanding::Left => ClubStandingName::Left,
            ClubStanding::Outside => ClubStandingName::Outside,
        };
        Self { club, name, reason, standing }
    }
}
