//! What a member redeemed, how each stands, and taking back what was not handed out yet.

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use domain::burn::Cancellation;
use domain::document::DocumentKey;
use domain::ids::EntryId;
use domain::ledger::RedemptionState;
use domain::programme::CompiledProgramme;
use operations::{Command, OperationError, RedemptionView, Request};
use serde::Deserialize;

use super::Portal;
use super::problem;
use super::rewards::{SOURCE, price};
use super::session::{Member, Submission};
use super::shell::{Shell, Tab};
use crate::console::page::{Frame, Theme, ok, show};
use crate::console::problem::sentence;
use crate::console::programme;

/// Redemptions on a page.
const REDEMPTIONS: u16 = 20;

#[derive(Template)]
#[template(path = "portal/redemptions.html")]
struct RedemptionsPage {
    f: Frame,
    s: Shell,
    rows: Vec<RedemptionRow>,
    next: Option<u32>,
}

#[derive(Template)]
#[template(path = "portal/redemption.html")]
struct RedemptionPage {
    f: Frame,
    s: Shell,
    row: RedemptionRow,
    error: Option<String>,
}

/// A redemption.
struct RedemptionRow {
    number: u32,
    name: String,
    price: String,
    when: String,
    /// How it stands, for the colour.
    state: &'static str,
    state_name: String,
    open: bool,
}

/// Where the list goes on.
#[derive(Deserialize)]
pub(super) struct RedemptionsQuery {
    before: Option<u32>,
}

/// What was just done.
#[derive(Deserialize)]
pub(super) struct DoneQuery {
    #[serde(default)]
    pub(super) done: String,
}

/// The list.
pub(super) async fn page(
    State(portal): State<Portal>,
    Query(query): Query<RedemptionsQuery>,
    member: Member,
) -> Response {
    let Member { frame: f, shell, id: member_id, .. } = member;
    let s = shell.at(Tab::Rewards);
    match portal.engine.list_member_redemptions(member_id, query.before, REDEMPTIONS).await {
        Ok((found, next)) => {
            let programme = programme(&portal.engine);
            let rows = found.iter().map(|redemption| row(&f, programme.as_deref(), redemption)).collect();
            ok(&RedemptionsPage { f, s, rows, next })
        }
        Err(error) => problem::failed(f, s, &error),
    }
}

/// One redemption.
pub(super) async fn one(
    State(portal): State<Portal>,
    Path(number): Path<String>,
    Query(query): Query<DoneQuery>,
    mut member: Member,
) -> Response {
    member.frame.notice = match query.done.as_str() {
        "redeemed" => Some(member.frame.t("card-redeemed")),
        "cancelled" => Some(member.frame.t("card-cancelled")),
        _ => None,
    };
    match find(&portal, &member, &number).await {
        Ok(found) => show_one(&portal, member, &found, None),
        Err(error) => problem::failed(member.frame, member.shell, &error),
    }
}

fn show_one(
    portal: &Portal,
    member: Member,
    redemption: &RedemptionView,
    error: Option<&OperationError>,
) -> Response {
    let (f, s) = (member.frame, member.shell.at(Tab::Rewards));
    let programme = programme(&portal.engine);
    let error = error.map(|error| sentence(&f, error));
    let status = if error.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    show(status, &RedemptionPage { row: row(&f, programme.as_deref(), redemption), error, f, s })
}

/// Takes a redemption back. Sent twice, it is taken back once.
pub(super) async fn cancel(
    State(portal): State<Portal>,
    Path(number): Path<String>,
    Submission { member, .. }: Submission,
) -> Response {
    let redemption = match find(&portal, &member, &number).await {
        Ok(found) => found,
        Err(error) => return problem::failed(member.frame, member.shell, &error),
    };
    let id = redemption.entry_id;
    let reference = format!("{}-{}-cancelled", member.id, id.entry_no);
    let cancellation = Cancellation {
        key: DocumentKey { source: SOURCE.to_owned(), reference },
        redemption: redemption.key.clone(),
        occurred_at: portal.engine.clock().now(),
        reason: None,
    };
    let command = Command::CancelRedemption { cancellation };
    let reply = portal.engine.carry_out(Request::new(command, &*member.actor)).await;
    let Err(error) = reply.and_then(operations::Answer::recorded) else { return cancelled(id) };
    match (portal.engine.view_redemption(id).await, &error) {
        (Ok(now), _) if now.state == RedemptionState::Cancelled => cancelled(id),
        (Ok(now), OperationError::Refused(_)) => show_one(&portal, member, &now, Some(&error)),
        _ => problem::failed(member.frame, member.shell, &error),
    }
}

fn cancelled(id: EntryId) -> Response {
    Redirect::to(&format!("/card/redemptions/{}?done=cancelled", id.entry_no)).into_response()
}

/// A redemption of this member, by its number: those of others have no number here.
async fn find(portal: &Portal, member: &Member, number: &str) -> Result<RedemptionView, OperationError> {
    let unknown =
        || domain::refusal::Refusal::Unknown { what: "redemption".to_owned(), value: number.to_owned() };
    let entry_no = number.parse().map_err(|_| unknown())?;
    portal.engine.view_redemption(EntryId { account_id: member.id, entry_no }).await
}

fn row(f: &Frame, programme: Option<&CompiledProgramme>, redemption: &RedemptionView) -> RedemptionRow {
    let found = programme.and_then(|programme| programme.programme().reward(redemption.reward));
    let name =
        found.map_or_else(|| redemption.reward.to_string(), |reward| reward.name.get(f.language).to_owned());
    let quantity = crate::console::format::number(i64::from(redemption.quantity));
    let state = redemption.state.name();
    RedemptionRow {
        number: redemption.entry_id.entry_no,
        name: if redemption.quantity == 1 {
            name
        } else {
            f.with("card-reward-times", &[("reward", &name), ("quantity", &quantity)])
        },
        price: price(f, programme, (redemption.points, redemption.unit), redemption.money),
        when: f.formats.time(redemption.requested_at),
        state,
        state_name: f.named("card-state-", state),
        open: redemption.state == RedemptionState::Requested,
    }
}
