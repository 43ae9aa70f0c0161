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
use domain::refusal::Refusal;
use operations::{Command, MemberReference, OperationError, RedemptionView, Request};
use serde::Deserialize;

use super::Portal;
use super::pool::title;
use super::problem;
use super::rewards::{SOURCE, price};
use super::session::{Member, Submission};
use super::shell::{Shell, Tab};
use crate::console::page::{Frame, Theme, ok, show};
use crate::console::problem::sentence;
use crate::console::programme;
use crate::console::query::address;

/// Redemptions on a page.
const REDEMPTIONS: u16 = 20;
/// Stands before the number of a redemption that the household paid.
const HOUSEHOLD: &str = "household";

#[derive(Template)]
#[template(path = "portal/redemptions.html")]
struct RedemptionsPage {
    f: Frame,
    s: Shell,
    rows: Vec<RedemptionRow>,
    /// Where the list goes on.
    next: Option<String>,
    /// The household whose redemptions can be seen as well.
    household: Option<String>,
    /// Whether these are the household's.
    of_household: bool,
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
    /// Its place among the member's, or their household's.
    place: String,
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
    /// Whose: the member's own unless it says otherwise.
    #[serde(default)]
    of: String,
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
    let household = match portal.engine.view_member(&MemberReference::Id(member_id)).await {
        Ok(person) => person.household,
        Err(error) => return problem::failed(f, s, &error),
    };
    let of = household.as_ref().filter(|_| query.of == HOUSEHOLD);
    let account = of.map_or(member_id, |household| household.household_id);
    match portal.engine.list_member_redemptions(account, query.before, REDEMPTIONS).await {
        Ok((found, next)) => {
            let programme = programme(&portal.engine);
            let (whose, of_household) = (if of.is_some() { HOUSEHOLD } else { "" }, of.is_some());
            let next = next.map(|before| before.to_string());
            let row = |one: &RedemptionView| row(&f, programme.as_deref(), one, of_household, true);
            ok(&RedemptionsPage {
                rows: found.iter().map(row).collect(),
                next: next.map(|before| address("/card/redemptions", &[("of", whose), ("before", &before)])),
                household: household.as_ref().map(|household| title(&f, household)),
                of_household,
                f,
                s,
            })
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

fn show_one(portal: &Portal, member: Member, found: &Found, error: Option<&OperationError>) -> Response {
    let (f, s) = (member.frame, member.shell.at(Tab::Rewards));
    let programme = programme(&portal.engine);
    let error = error.map(|error| sentence(&f, error));
    let status = if error.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let row = row(&f, programme.as_deref(), &found.redemption, found.of_household, found.may_cancel);
    show(status, &RedemptionPage { f, s, row, error })
}

/// Takes a redemption back. Sent twice, it is taken back once.
pub(super) async fn cancel(
    State(portal): State<Portal>,
    Path(number): Path<String>,
    Submission { member, .. }: Submission,
) -> Response {
    let found = match find(&portal, &member, &number).await {
        Ok(found) => found,
        Err(error) => return problem::failed(member.frame, member.shell, &error),
    };
    let id = found.redemption.entry_id;
    if !found.may_cancel {
        let refusal = Refusal::SpenderNotAllowed { household: id.account_id, spender: member.id };
        return show_one(&portal, member, &found, Some(&refusal.into()));
    }
    let cancelled = || Redirect::to(&format!("/card/redemptions/{number}?done=cancelled")).into_response();
    let cancellation = Cancellation {
        key: DocumentKey {
            source: SOURCE.to_owned(),
            reference: format!("{}-{}-cancelled", id.account_id, id.entry_no),
        },
        redemption: found.redemption.key.clone(),
        occurred_at: portal.engine.clock().now(),
        reason: None,
    };
    let command = Command::CancelRedemption { cancellation };
    let reply = portal.engine.carry_out(Request::new(command, &*member.actor)).await;
    let Err(error) = reply.and_then(operations::Answer::recorded) else { return cancelled() };
    match (portal.engine.view_redemption(id).await, &error) {
        (Ok(now), _) if now.state == RedemptionState::Cancelled => cancelled(),
        (Ok(now), OperationError::Refused(_)) => {
            show_one(&portal, member, &Found { redemption: now, ..found }, Some(&error))
        }
        _ => problem::failed(member.frame, member.shell, &error),
    }
}

/// A redemption that a member may see.
struct Found {
    redemption: RedemptionView,
    /// Whether their household paid it.
    of_household: bool,
    /// Whether they may take it back: of a household, whoever may spend.
    may_cancel: bool,
}

/// A redemption of this member or of their household, by its number: those of others have no number here.
async fn find(portal: &Portal, member: &Member, place: &str) -> Result<Found, OperationError> {
    let unknown = || Refusal::Unknown { what: "redemption".to_owned(), value: place.to_owned() };
    let (of_household, number) = match place.split_once('-') {
        Some((HOUSEHOLD, number)) => (true, number),
        _ => (false, place),
    };
    let entry_no = number.parse().map_err(|_| unknown())?;
    let (account_id, may_cancel) = if of_household {
        let person = portal.engine.view_member(&MemberReference::Id(member.id)).await?;
        let household = person.household.ok_or_else(unknown)?;
        (household.household_id, household.member(member.id).is_some_and(|member| member.may_spend))
    } else {
        (member.id, true)
    };
    let redemption = portal.engine.view_redemption(EntryId { account_id, entry_no }).await?;
    Ok(Found { redemption, of_household, may_cancel })
}

/// The address of a redemption below the list.
pub(super) fn place(number: u32, of_household: bool) -> String {
    if of_household { format!("{HOUSEHOLD}-{number}") } else { number.to_string() }
}

fn row(
    f: &Frame,
    programme: Option<&CompiledProgramme>,
    redemption: &RedemptionView,
    of_household: bool,
    may_cancel: bool,
) -> RedemptionRow {
    let found = programme.and_then(|programme| programme.programme().reward(redemption.reward));
    let name =
        found.map_or_else(|| redemption.reward.to_string(), |reward| reward.name.get(f.language).to_owned());
    let quantity = crate::console::format::number(i64::from(redemption.quantity));
    let state = redemption.state.name();
    RedemptionRow {
        place: place(redemption.entry_id.entry_no, of_household),
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
        open: may_cancel && redemption.state == RedemptionState::Requested,
    }
}
