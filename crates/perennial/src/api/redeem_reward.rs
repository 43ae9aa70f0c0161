//! `POST /v1/redemptions` and `GET /v1/redemptions`: rewards bought with points, and the list of those to hand out.

use axum::extract::State;
use axum::response::Response;
use domain::burn::RewardOrder;
use domain::code::Code;
use domain::document::DocumentKey;
use domain::ids::{AccountId, EntryId};
use domain::ledger::RedemptionState;
use jiff::Timestamp;
use operations::{Command, RedemptionView};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::answer;
use super::body::{JsonBody, Parameters};
use super::caller::{DryRun, IdempotencyHeader, Permit, RedemptionsRead, RedemptionsWrite, Writer};
use super::member_reference::{MemberBody, region};
use super::problem::Problem;
use super::record_return::DocumentKeyBody;
use super::schema::{Page, RecordedShape, microseconds};
use super::state::Api;

/// Redemptions on a page when the caller does not say.
const LIMIT: u16 = 25;

/// A reward to buy with points.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "member": { "external": "17850" },
    "source": "shop",
    "reference": "gift-17",
    "occurred_at": "2026-05-11T10:15:00+08:00",
    "reward": "tote_bag"
}))]
pub(super) struct RedemptionBody {
    /// Who asks for it.
    member: MemberBody,
    /// The system that reports it.
    #[schema(min_length = 1, max_length = 128)]
    source: String,
    /// The number it has there: fulfilment and cancellation name it.
    #[schema(min_length = 1, max_length = 128)]
    reference: String,
    /// When.
    occurred_at: Timestamp,
    /// The reward, from the catalogue.
    #[schema(value_type = String, pattern = "^[a-z0-9_-]{1,31}$")]
    reward: Code,
    /// How many of it.
    #[serde(default = "one")]
    #[schema(minimum = 1, maximum = 1000, required = false)]
    quantity: u32,
    /// The version the member was quoted, from the catalogue; another one in force refuses the order.
    #[serde(default)]
    programme_version: Option<u32>,
    /// Who spends, where `member` is a household: one of its members who may.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    spender: Option<AccountId>,
}

/// Redeem a reward
///
/// Spends the points at once, at the price of the member's tier; the reward is then handed out or cancelled. Refused where
/// the catalogue says so: other members, other days, the member's limit, the stock.
#[utoipa::path(
    post,
    path = "/v1/redemptions",
    tag = "Spending",
    params(DryRun, IdempotencyHeader),
    request_body = RedemptionBody,
    responses(
        (status = 201, description = "Redeemed.", body = RecordedShape),
        (status = 200, description = "Redeemed before, or only tried.", body = RecordedShape)
    ),
    security(("api_key" = ["redemptions:write"]))
)]
pub(super) async fn redeem_reward(
    State(api): State<Api>,
    writer: Writer<RedemptionsWrite>,
    Parameters(dry_run): Parameters<DryRun>,
    JsonBody(body): JsonBody<RedemptionBody>,
) -> Result<Response, Problem> {
    let member = body.member.reference(region(&api.engine).as_deref())?;
    let order = RewardOrder {
        key: DocumentKey { source: body.source, reference: body.reference },
        occurred_at: microseconds(body.occurred_at),
        reward: body.reward,
        quantity: body.quantity,
        programme_version: body.programme_version,
        spender: body.spender,
    };
    answer::recorded(
        api.engine.carry_out(writer.request(Command::RedeemReward { member, order }, &dry_run)).await,
    )
}

/// How a redemption stands.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum RedemptionStateName {
    /// Paid and not handed out yet.
    Requested,
    /// Handed out.
    Fulfilled,
    /// Taken back.
    Cancelled,
}

/// Which redemptions.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct RedemptionQuery {
    /// How they stand; `requested` when absent.
    state: Option<RedemptionStateName>,
    /// Redemptions on a page; 25 when absent.
    #[param(minimum = 1, maximum = 100)]
    limit: Option<u16>,
    /// `next` of the page before.
    after: Option<String>,
}

/// A redeemed reward.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct RedemptionAnswer {
    /// Who redeemed it.
    #[schema(value_type = String)]
    member_id: AccountId,
    /// The entry.
    #[schema(value_type = String)]
    entry_id: EntryId,
    /// Its name.
    document: DocumentKeyBody,
    /// The reward.
    #[schema(value_type = String)]
    reward: Code,
    /// How many of it.
    quantity: u32,
    /// The unit.
    #[schema(value_type = String)]
    unit: Code,
    /// Points spent.
    points: i64,
    /// Money to pay besides, in minor units of the programme's currency.
    money: i64,
    /// How it stands.
    #[schema(value_type = RedemptionStateName)]
    state: RedemptionState,
    /// When it was redeemed.
    requested_at: Timestamp,
}

/// List redemptions
///
/// Redeemed rewards in one state, oldest first.
#[utoipa::path(
    get,
    path = "/v1/redemptions",
    tag = "Spending",
    params(RedemptionQuery),
    responses((status = 200, description = "A page of redemptions.", body = Page<RedemptionAnswer>)),
    security(("api_key" = ["redemptions:read"]))
)]
pub(super) async fn list_redemptions(
    State(api): State<Api>,
    _: Permit<RedemptionsRead>,
    Parameters(query): Parameters<RedemptionQuery>,
) -> Result<Response, Problem> {
    let state = query.state.unwrap_or(RedemptionStateName::Requested).into();
    let limit = query.limit.unwrap_or(LIMIT);
    let page = api.engine.list_redemptions(state, None, query.after.as_deref(), limit).await?;
    let data = page.redemptions.into_iter().map(RedemptionAnswer::from).collect();
    Ok(answer::ok(&Page { data, has_more: page.has_more, next: page.next }))
}

impl From<RedemptionView> for RedemptionAnswer {
    fn from(view: RedemptionView) -> Self {
        let RedemptionView {
            member_id,
            entry_id,
            key,
            reward,
            quantity,
            unit,
            points,
            money,
            state,
            requested_at,
        } = view;
        let document = DocumentKeyBody { source: key.source, reference: key.reference };
        Self { member_id, entry_id, document, reward, quantity, unit, points, money, state, requested_at }
    }
}

impl From<RedemptionStateName> for RedemptionState {
    fn from(name: RedemptionStateName) -> Self {
        match name {
            RedemptionStateName::Requested => Self::Requested,
            RedemptionStateName::Fulfilled => Self::Fulfilled,
            RedemptionStateName::Cancelled => Self::Cancelled,
        }
    }
}

fn one() -> u32 {
    1
}
