//! Before a member leaves a household: what goes along with them, what stays, and what speaks against it.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use domain::ids::AccountId;
use operations::{Command, MemberReference, OperationError, Request};

use super::{member_name, name, taken_along};
use crate::console::Console;
use crate::console::page::{Frame, Section, Theme, show};
use crate::console::problem;
use crate::console::roles::Permission;
use crate::console::session::Reader;

#[derive(Template)]
#[template(path = "console/household_leave.html")]
struct LeavePage {
    f: Frame,
    id: String,
    name: String,
    member: String,
    member_name: String,
    takes: Vec<String>,
    /// Whether nobody is left afterwards.
    last: bool,
    /// Why they cannot leave now.
    refusal: Option<String>,
    /// Whether that is because points of the pool are held.
    waits: bool,
    request: String,
}

/// The page.
pub(super) async fn page(
    State(console): State<Console>,
    Path((id, member)): Path<(String, String)>,
    reader: Reader,
) -> Result<Response, Response> {
    let Reader { frame, actor, .. } = reader.require(Permission::ManageHouseholds)?;
    Ok(look(&console, frame, &actor, (&id, &member), None).await)
}

/// The page; `refused` says why leaving was refused a moment ago.
pub(super) async fn look(
    console: &Console,
    mut f: Frame,
    actor: &str,
    (id, member): (&str, &str),
    refused: Option<String>,
) -> Response {
    f.section = Section::Households;
    f.here = format!("/console/households/{id}/members/{member}/leave");
    let (Ok(id), Ok(member)) = (id.parse::<AccountId>(), member.parse::<AccountId>()) else {
        return problem::not_found(f);
    };
    let household = match console.engine.view_household(id).await {
        Ok(household) => household,
        Err(error) => return problem::failed(f, &error),
    };
    let Some(found) = household.member(member) else { return problem::not_found(f) };
    let tried = Request::new(leave_command(id, member), actor).dry_run(true);
    let refusal = match console.engine.carry_out(tried).await {
        Ok(_) => None,
        Err(error @ OperationError::Refused(_)) => Some(problem::sentence(&f, &error)),
        Err(error) => return problem::failed(f, &error),
    };
    let programme = console.programme();
    let status = if refused.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let page = LeavePage {
        id: id.to_string(),
        name: name(&f, &household),
        member: member.to_string(),
        member_name: member_name(&f, found),
        takes: taken_along(&f, programme.as_deref(), found),
        last: household.members.len() == 1,
        waits: refusal.is_some() && !household.holds.is_empty(),
        refusal: refusal.or(refused),
        request: console.draw_request(),
        f,
    };
    show(status, &page)
}

/// What lets a member leave.
pub(super) fn leave_command(household: AccountId, member: AccountId) -> Command {
    Command::LeaveHousehold { household, member: MemberReference::Id(member) }
}
