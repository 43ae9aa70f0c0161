//! Opening a household, joining and leaving one, and saying who may spend. Each form has a number of its own: sent twice, it is done once.

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use domain::ids::AccountId;
use operations::{Command, MemberReference, OperationError};

use super::leave::{self, leave_command};
use super::list::{self, Refused};
use super::one::{self, Joining, join_command};
use crate::console::Console;
use crate::console::problem;
use crate::console::query::encode;
use crate::console::roles::Permission;
use crate::console::session::{Reader, Submission};

/// Opens a household.
pub(super) async fn create(
    State(console): State<Console>,
    Submission { reader, fields }: Submission,
) -> Result<Response, Response> {
    let Reader { frame: f, actor, .. } = reader.require(Permission::ManageHouseholds)?;
    let name = fields.text("name").to_owned();
    let refused = |told| Some(Refused { name: name.clone(), told });
    if name.is_empty() {
        let told = f.t("household-name-missing");
        return Ok(list::list(&console, f, list::HouseholdsQuery::default(), refused(told)).await);
    }
    let command = Command::CreateHousehold { name: name.clone() };
    let reply = console.carry_out_once(&actor, &fields, command).await;
    Ok(match reply.and_then(operations::Answer::recorded) {
        Ok(recorded) => to_household(recorded.entry.id.account_id, "opened:"),
        Err(error @ OperationError::Refused(_)) => {
            let told = problem::sentence(&f, &error);
            list::list(&console, f, list::HouseholdsQuery::default(), refused(told)).await
        }
        Err(error) => problem::failed(f, &error),
    })
}

/// Lets a member join.
pub(super) async fn join(
    State(console): State<Console>,
    Path(id): Path<String>,
    Submission { reader, fields }: Submission,
) -> Result<Response, Response> {
    let Reader { frame: f, actor, .. } = reader.require(Permission::ManageHouseholds)?;
    let (typed, may_spend) = (fields.text("member").to_owned(), fields.text("may_spend") == "yes");
    let (Ok(household), Ok(member)) = (id.parse::<AccountId>(), typed.parse::<AccountId>()) else {
        return Ok(problem::not_found(f));
    };
    let command = join_command(household, member, may_spend);
    Ok(match console.carry_out_once(&actor, &fields, command).await {
        Ok(_) => to_household(household, &format!("joined:{}", fields.text("name"))),
        Err(error @ OperationError::Refused(_)) => {
            let error = Some(problem::sentence(&f, &error));
            let joining = Joining { typed, may_spend, error, candidate: None };
            one::look(&console, f, &actor, &id, (joining, None)).await
        }
        Err(error) => problem::failed(f, &error),
    })
}

/// Lets a member spend what is pooled, or no more.
pub(super) async fn change(
    State(console): State<Console>,
    Path((id, member)): Path<(String, String)>,
    Submission { reader, fields }: Submission,
) -> Result<Response, Response> {
    let Reader { frame: f, actor, .. } = reader.require(Permission::ManageHouseholds)?;
    let (Ok(household), Ok(who)) = (id.parse::<AccountId>(), member.parse::<AccountId>()) else {
        return Ok(problem::not_found(f));
    };
    let (member, may_spend) = (MemberReference::Id(who), fields.text("may_spend") == "yes");
    let command = Command::ChangeHouseholdMember { household, member, may_spend };
    let done = if may_spend { "may" } else { "may-not" };
    Ok(match console.carry_out_once(&actor, &fields, command).await {
        Ok(_) => to_household(household, &format!("{done}:{}", fields.text("name"))),
        Err(error) => problem::failed(f, &error),
    })
}

/// Lets a member leave.
pub(super) async fn leave(
    State(console): State<Console>,
    Path((id, member)): Path<(String, String)>,
    Submission { reader, fields }: Submission,
) -> Result<Response, Response> {
    let Reader { frame: f, actor, .. } = reader.require(Permission::ManageHouseholds)?;
    let (Ok(household), Ok(who)) = (id.parse::<AccountId>(), member.parse::<AccountId>()) else {
        return Ok(problem::not_found(f));
    };
    Ok(match console.carry_out_once(&actor, &fields, leave_command(household, who)).await {
        Ok(_) => to_household(household, &format!("left:{}", fields.text("name"))),
        Err(error @ OperationError::Refused(_)) => {
            let told = problem::sentence(&f, &error);
            leave::look(&console, f, &actor, (&id, &member), Some(told)).await
        }
        Err(error) => problem::failed(f, &error),
    })
}

fn to_household(household: AccountId, done: &str) -> Response {
    Redirect::to(&format!("/console/households/{household}?done={}", encode(done))).into_response()
}
