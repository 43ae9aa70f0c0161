//! Rewards: the catalogue in force with what is left of it, and the redemptions in one state, oldest first: those that
//! were asked for are handed out here, or cancelled with a reason.

use askama::Template;
use axum::Router;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use domain::burn::{Cancellation, Fulfilment};
use domain::code::Code;
use domain::document::DocumentKey;
use domain::ids::{AccountId, EntryId};
use domain::ledger::RedemptionState;
use domain::money::Money;
use domain::operation::Offer;
use domain::programme::CompiledProgramme;
use domain::programme::sentence::{RewardTerms, reward_terms};
use jiff::Timestamp;
use operations::{Command, OperationError, REDEMPTION_PAGE_SIZE_MAX, RedemptionView, Request};
use serde::Deserialize;

use super::Console;
use super::csv_file::{CsvFile, Rows, download_rows};
use super::format::number;
use super::member::unit_name;
use super::moment::{Choice, Moment};
use super::page::{Frame, Section, Theme, show};
use super::problem;
use super::query::address;
use super::roles::Permission;
use super::session::{Reader, Submission};

/// Redemptions on a page.
const ROWS: u16 = 25;
/// The source of what is done here.
const SOURCE: &str = "console";
/// The states a list can be about.
const STATES: [RedemptionState; 3] =
    [RedemptionState::Requested, RedemptionState::Fulfilled, RedemptionState::Cancelled];

/// The addresses of these pages.
pub(super) fn routes() -> Router<Console> {
    Router::new()
        .route("/console/rewards", get(page))
        .route("/console/rewards/redemptions.csv", get(file))
        .route("/console/rewards/redemptions/{member}/{number}", post(decide))
}

/// Which redemptions, where the list goes on, and what was just done.
#[derive(Debug, Clone, Default, Deserialize)]
pub(super) struct RewardsQuery {
    #[serde(default)]
    state: String,
    #[serde(default)]
    reward: String,
    #[serde(default)]
    after: String,
    #[serde(default)]
    done: String,
}

#[derive(Template)]
#[template(path = "console/rewards.html")]
struct RewardsPage {
    f: Frame,
    offers: Vec<OfferRow>,
    states: Vec<Choice>,
    rewards: Vec<Choice>,
    rows: Vec<Row>,
    may_decide: bool,
    filtered: bool,
    csv: Option<String>,
    first_page: Option<String>,
    next_page: Option<String>,
    error: Option<String>,
}

/// A reward of the catalogue.
struct OfferRow {
    code: String,
    name: String,
    category: Option<String>,
    terms: RewardTerms,
    stock: Option<Stock>,
    open: String,
}

/// What is taken of a reward and what is left.
struct Stock {
    text: String,
    limit: i64,
    taken_units: i64,
}

struct Row {
    action: String,
    member: String,
    member_name: String,
    reward: String,
    key: String,
    price: String,
    state: &'static str,
    state_name: String,
    requested: Moment,
    open: bool,
    /// The reason that was typed, where it was refused.
    typed: Option<String>,
}

/// A decision that was refused: the redemption, the reason that was typed, and why.
struct Refused {
    id: EntryId,
    typed: String,
    told: String,
}

/// The page.
pub(super) async fn page(
    State(console): State<Console>,
    Query(query): Query<RewardsQuery>,
    reader: Reader,
) -> Response {
    let mut f = reader.frame;
    f.notice = match query.done.as_str() {
        "fulfil" => Some(f.t("redemption-fulfilled")),
        "cancel" => Some(f.t("redemption-cancelled")),
        _ => None,
    };
    list(&console, f, &query, None).await
}

async fn list(console: &Console, mut f: Frame, query: &RewardsQuery, refused: Option<Refused>) -> Response {
    f.section = Section::Rewards;
    f.here = query.address("/console/rewards", &query.after);
    let after = Some(query.after.as_str()).filter(|after| !after.is_empty());
    let found = console.engine.list_redemptions(query.state(), query.reward(), after, ROWS).await;
    let catalogue = console.engine.list_rewards(None).await;
    let (found, catalogue) = match (found, catalogue) {
        (Ok(found), Ok(catalogue)) => (found, catalogue),
        (Err(error), _) | (_, Err(error)) => return problem::failed(f, &error),
    };
    let names = match console.engine.name_members(found.redemptions.iter().map(|row| row.member_id)).await {
        Ok(names) => names,
        Err(error) => return problem::failed(f, &error),
    };
    let programme = console.programme();
    let programme = programme.as_deref();
    let now = console.engine.clock().now();
    let row = |redemption: &RedemptionView| {
        let name = names.get(&redemption.member_id).cloned().unwrap_or_else(|| f.t("nameless"));
        let typed = refused.as_ref().filter(|refused| refused.id == redemption.entry_id);
        row(&f, programme, redemption, (name, typed.map(|refused| refused.typed.clone())), now)
    };
    let reward_choice = |offer: &Offer| {
        let code = offer.reward.code.to_string();
        Choice::new(code, offer.reward.name.get(f.language), &query.reward)
    };
    let state = query.state().name();
    let page = RewardsPage {
        offers: catalogue.offers.iter().filter_map(|offer| offer_row(&f, programme?, offer)).collect(),
        states: STATES
            .map(|each| Choice::new(each.name(), f.named("redemption-state-", each.name()), state))
            .into(),
        rewards: catalogue.offers.iter().map(reward_choice).collect(),
        rows: found.redemptions.iter().map(row).collect(),
        may_decide: f.may(Permission::HandOut),
        filtered: !query.reward.is_empty() || query.state() != RedemptionState::Requested,
        csv: f.may(Permission::ExportMembers).then(|| query.address("/console/rewards/redemptions.csv", "")),
        first_page: after.map(|_| query.address("/console/rewards", "")),
        next_page: found.next.map(|next| query.address("/console/rewards", &next)),
        error: refused.map(|refused| refused.told),
        f,
    };
    let status = if page.error.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    show(status, &page)
}

impl RewardsQuery {
    fn state(&self) -> RedemptionState {
        STATES.into_iter().find(|state| state.name() == self.state).unwrap_or(RedemptionState::Requested)
    }

    fn reward(&self) -> Option<Code> {
        self.reward.parse().ok()
    }

    fn address(&self, path: &str, after: &str) -> String {
        address(path, &[("state", &self.state), ("reward", &self.reward), ("after", after)])
    }
}

fn offer_row(f: &Frame, programme: &CompiledProgramme, offer: &Offer) -> Option<OfferRow> {
    let reward = programme.programme().reward(offer.reward.code)?;
    let stock = reward.stock.zip(offer.in_stock).map(|(limit, left)| {
        let taken_units = limit.saturating_sub(left).max(0);
        let text = f.with("stock-taken", &[("taken", &number(taken_units)), ("left", &number(left))]);
        Stock { text, limit: limit.max(1), taken_units }
    });
    Some(OfferRow {
        code: reward.code.to_string(),
        name: reward.name.get(f.language).to_owned(),
        category: reward.category.clone(),
        terms: reward_terms(programme.programme(), reward, f.language),
        stock,
        open: address("/console/rewards", &[("reward", reward.code.as_str())]),
    })
}

/// Points, and money to pay besides.
fn price(f: &Frame, programme: Option<&CompiledProgramme>, redemption: &RedemptionView) -> String {
    let points = format!("{} {}", number(redemption.points), unit_name(f, programme, redemption.unit));
    match (programme, redemption.money) {
        (_, 0) | (None, _) => points,
        (Some(programme), amount) => {
            let money = Money { amount, currency: programme.programme().currency };
            format!("{points} + {}", f.formats.money(money))
        }
    }
}

fn reward_name(f: &Frame, programme: Option<&CompiledProgramme>, reward: Code) -> String {
    let known = programme.and_then(|programme| programme.programme().reward(reward));
    known.map_or_else(|| reward.to_string(), |known| known.name.get(f.language).to_owned())
}

fn row(
    f: &Frame,
    programme: Option<&CompiledProgramme>,
    redemption: &RedemptionView,
    (member_name, typed): (String, Option<String>),
    now: Timestamp,
) -> Row {
    let name = reward_name(f, programme, redemption.reward);
    let state = match redemption.state {
        RedemptionState::Requested => "waiting",
        RedemptionState::Fulfilled => "finished",
        RedemptionState::Cancelled => "closed",
    };
    Row {
        action: format!(
            "/console/rewards/redemptions/{}/{}",
            redemption.member_id, redemption.entry_id.entry_no
        ),
        member: redemption.member_id.to_string(),
        member_name,
        reward: match redemption.quantity {
            1 => name,
            quantity => format!("{name} × {}", number(i64::from(quantity))),
        },
        key: format!("{} {}", redemption.key.source, redemption.key.reference),
        price: price(f, programme, redemption),
        state,
        state_name: f.named("redemption-state-", redemption.state.name()),
        requested: Moment::time(f, redemption.requested_at, now),
        open: redemption.state == RedemptionState::Requested,
        typed,
    }
}

/// Hands a reward out, or cancels its redemption. Sent twice, it is done once.
pub(super) async fn decide(
    State(console): State<Console>,
    Path((member, number)): Path<(String, u32)>,
    Submission { reader, fields }: Submission,
) -> Result<Response, Response> {
    let Reader { frame: f, actor, .. } = reader.require(Permission::HandOut)?;
    let Ok(account_id) = member.parse::<AccountId>() else { return Ok(problem::not_found(f)) };
    let id = EntryId { account_id, entry_no: number };
    let redemption = match console.engine.view_redemption(id).await {
        Ok(found) => found.key,
        Err(error) => return Ok(problem::failed(f, &error)),
    };
    let (action, typed) = (fields.text("action"), fields.text("reason"));
    let query = RewardsQuery::default();
    let occurred_at = console.engine.clock().now();
    let key = |done: &str| {
        let reference = format!("{account_id}-{number}-{done}");
        DocumentKey { source: SOURCE.to_owned(), reference }
    };
    let (command, wanted) = match action {
        "fulfil" => {
            let fulfilment = Fulfilment { key: key("fulfilled"), redemption, occurred_at };
            (Command::FulfilRedemption { fulfilment }, RedemptionState::Fulfilled)
        }
        "cancel" if typed.is_empty() => {
            let told = f.t("note-missing");
            let refused = Refused { id, typed: String::new(), told };
            return Ok(list(&console, f, &query, Some(refused)).await);
        }
        "cancel" => {
            let reason = Some(typed.to_owned());
            let cancellation = Cancellation { key: key("cancelled"), redemption, occurred_at, reason };
            (Command::CancelRedemption { cancellation }, RedemptionState::Cancelled)
        }
        _ => return Ok(problem::not_found(f)),
    };
    let reply = console.engine.carry_out(Request::new(command, &*actor)).await;
    let done = || Redirect::to(&format!("/console/rewards?done={action}")).into_response();
    let Err(error) = reply.and_then(operations::Answer::recorded) else { return Ok(done()) };
    Ok(match (console.engine.view_redemption(id).await, &error) {
        // The same form sent twice, or the answer was lost.
        (Ok(now), _) if now.state == wanted => done(),
        (Ok(_), OperationError::Refused(_)) => {
            let told = problem::sentence(&f, &error);
            list(&console, f, &query, Some(Refused { id, typed: typed.to_owned(), told })).await
        }
        _ => problem::failed(f, &error),
    })
}

/// The list as a file, all pages of it.
pub(super) async fn file(
    State(console): State<Console>,
    Query(query): Query<RewardsQuery>,
    reader: Reader,
) -> Result<Response, Response> {
    let f = reader.require(Permission::ExportMembers)?.frame;
    let headings = [
        "member",
        "reward",
        "quantity",
        "points",
        "unit",
        "money-besides",
        "state",
        "asked-for",
        "voucher-document",
    ];
    let rows = RedemptionRows { state: query.state(), reward: query.reward(), console, after: None };
    Ok(download_rows(f, "redemptions", &headings, rows).await)
}

/// The redemptions of a file, page by page.
struct RedemptionRows {
    console: Console,
    state: RedemptionState,
    reward: Option<Code>,
    after: Option<String>,
}

impl Rows for RedemptionRows {
    async fn write_next(&mut self, f: &Frame, file: &mut CsvFile) -> Result<bool, OperationError> {
        let (engine, after) = (&self.console.engine, self.after.as_deref());
        let found = engine.list_redemptions(self.state, self.reward, after, REDEMPTION_PAGE_SIZE_MAX).await?;
        found.redemptions.iter().for_each(|redemption| file.row(&file_row(f, redemption)));
        self.after = found.next;
        Ok(self.after.is_some())
    }
}

fn file_row(f: &Frame, redemption: &RedemptionView) -> Vec<String> {
    vec![
        redemption.member_id.to_string(),
        redemption.reward.to_string(),
        redemption.quantity.to_string(),
        redemption.points.to_string(),
        redemption.unit.to_string(),
        redemption.money.to_string(),
        f.named("redemption-state-", redemption.state.name()),
        f.formats.exact(redemption.requested_at),
        format!("{} {}", redemption.key.source, redemption.key.reference),
    ]
}
