//! The interest clubs: which the member is in and why, which there are beside; joining one and leaving one.

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use domain::code::Code;
use operations::{ClubStanding, ClubView, MemberReference};

use super::Portal;
use super::problem;
use super::redemptions::DoneQuery;
use super::session::{Member, Submission};
use super::shell::{Shell, Tab};
use crate::console::page::{Frame, Theme, show};

#[derive(Template)]
#[template(path = "portal/clubs.html")]
struct ClubsPage {
    f: Frame,
    s: Shell,
    /// The clubs the member is in, then the others: the key of the heading, and those that are under it.
    parts: Vec<(&'static str, Vec<ClubCard>)>,
}

/// A club as the page shows it.
struct ClubCard {
    club: String,
    name: String,
    reason: String,
    /// How the member stands with it, in words.
    standing: String,
    inside: bool,
}

/// The page.
pub(super) async fn page(
    State(portal): State<Portal>,
    Query(query): Query<DoneQuery>,
    member: Member,
) -> Response {
    let Member { frame: mut f, shell, id, .. } = member;
    let s = shell.at(Tab::Card);
    f.notice = match query.done.as_str() {
        "joined" => Some(f.t("card-club-joined")),
        "left" => Some(f.t("card-club-left")),
        _ => None,
    };
    let clubs = match portal.engine.list_clubs(&MemberReference::Id(id)).await {
        Ok(clubs) => clubs,
        Err(error) => return problem::failed(f, s, &error),
    };
    let cards = clubs.into_iter().map(|club| card(&f, &club));
    let (own, others): (Vec<ClubCard>, Vec<ClubCard>) = cards.partition(|club| club.inside);
    let mut parts = vec![("card-clubs-own", own), ("card-clubs-others", others)];
    parts.retain(|(_, clubs)| !clubs.is_empty());
    show(StatusCode::OK, &ClubsPage { f, s, parts })
}

fn card(f: &Frame, club: &ClubView) -> ClubCard {
    let standing = match club.standing {
        ClubStanding::Joined => "card-club-is-joined",
        ClubStanding::Placed => "card-club-is-placed",
        ClubStanding::Left => "card-club-is-left",
        ClubStanding::Outside => "card-club-is-outside",
    };
    ClubCard {
        club: club.club.to_string(),
        name: club.name.get(f.language).to_owned(),
        reason: club.reason.get(f.language).to_owned(),
        standing: f.t(standing),
        inside: club.standing.is_inside(),
    }
}

/// Joins or leaves. Sent twice it is done once.
pub(super) async fn choose(
    State(portal): State<Portal>,
    Path(club): Path<String>,
    Submission { member, fields }: Submission,
) -> Response {
    let joins = match fields.text("choice") {
        "join" => true,
        "leave" => false,
        _ => return problem::stale(member.frame, member.shell),
    };
    let Ok(club) = club.parse::<Code>() else { return problem::not_found(member.frame, member.shell) };
    let reference = MemberReference::Id(member.id);
    match portal.engine.choose_club(&reference, (club, joins), &*member.actor).await {
        Ok(_) => {
            let done = if joins { "joined" } else { "left" };
            Redirect::to(&format!("/card/clubs?done={done}")).into_response()
        }
        Err(error) => problem::failed(member.frame, member.shell, &error),
    }
}
