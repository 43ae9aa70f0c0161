//! What a member holds: balances and tiers, now or as the ledger knew them at some moment, and the lots behind them.

use axum::extract::State;
use axum::response::Response;
use domain::code::Code;
use domain::ids::{AccountId, EntryId, LotId};
use domain::ledger::{Lot, TierPosition};
use domain::programme::UnitKind;
use jiff::Timestamp;
use operations::MemberReference;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::answer;
use super::body::{Parameters, PathValues};
use super::caller::{MembersRead, Permit};
use super::problem::Problem;
use super::schema::{TierPositionShape, UnitBalance};
use super::state::Api;

/// As of when.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct AsOfQuery {
    /// Business time up to which entries count. Asking again later gives the same answer, as long as `recorded_by` is the
    /// same.
    as_of: Option<Timestamp>,
    /// What the ledger knew: only entries recorded up to then count; all of them, when absent. Needs `as_of`.
    recorded_by: Option<Timestamp>,
}

/// What a member holds.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct BalanceAnswer {
    /// The member.
    #[schema(value_type = String)]
    member_id: AccountId,
    /// As of when.
    as_of: Timestamp,
    /// Points, by unit.
    units: Vec<UnitHolding>,
    /// Tiers; empty for a moment in the past.
    #[schema(value_type = Vec<TierPositionShape>)]
    tiers: Vec<TierPosition>,
}

/// Points of one unit.
#[derive(Debug, Serialize, ToSchema)]
struct UnitHolding {
    /// The unit.
    #[schema(value_type = String)]
    unit: Code,
    /// What it is: `points`, `stored_value` in minor units of the programme's currency, `growth_value`, `miles`. Kinds are
    /// never added up.
    #[schema(example = "points")]
    kind: &'static str,
    /// Can be spent.
    available: i64,
    /// Earned, not yet spendable.
    pending: i64,
    /// Reserved.
    held: i64,
    /// Owed.
    debt: i64,
    /// What lapses and when, soonest first; empty for a moment in the past.
    expiring: Vec<Expiring>,
}

/// Points that lapse together.
#[derive(Debug, Serialize, ToSchema)]
struct Expiring {
    /// First instant at which they can no longer be spent.
    expires_at: Timestamp,
    /// Points.
    points: i64,
}

/// A lot with something left.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct LotAnswer {
    /// The lot.
    #[schema(value_type = String)]
    id: LotId,
    /// The unit.
    #[schema(value_type = String)]
    unit: Code,
    /// The entry that issued it.
    #[schema(value_type = String)]
    entry_id: EntryId,
    /// Who bears its cost.
    #[schema(value_type = String)]
    funder: Code,
    /// When it was earned.
    earned_at: Timestamp,
    /// When it becomes spendable, if it is not yet.
    pending_until: Option<Timestamp>,
    /// First instant at which it can no longer be spent.
    expires_at: Option<Timestamp>,
    /// Points issued.
    issued: i64,
    /// Points left.
    remaining: i64,
    /// Points reserved.
    held: i64,
    /// Points spent.
    consumed: i64,
    /// Points lapsed.
    expired: i64,
    /// Points taken back.
    clawed_back: i64,
}

/// All lots with something left.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct LotList {
    /// In the order in which they are spent: soonest expiry first.
    data: Vec<LotAnswer>,
}

/// View a balance
#[utoipa::path(
    get,
    path = "/v1/members/{id}/balance",
    tag = "Members",
    params(("id" = String, Path, description = "The member."), AsOfQuery),
    responses((status = 200, description = "What the member holds.", body = BalanceAnswer)),
    security(("api_key" = ["members:read"]))
)]
pub(super) async fn view_balance(
    State(api): State<Api>,
    _: Permit<MembersRead>,
    PathValues(member_id): PathValues<AccountId>,
    Parameters(query): Parameters<AsOfQuery>,
) -> Result<Response, Problem> {
    let view = api.engine.view_member(&MemberReference::Id(member_id)).await?;
    let now = api.engine.clock().now();
    let Some(as_of) = query.as_of else {
        if query.recorded_by.is_some() {
            return Err(Problem::invalid("recorded_by", "recorded_by needs as_of: send both"));
        }
        let balances = view.standing.balances.iter();
        let units = balances.map(|balance| holding(kind(&api, balance.unit), balance, &view.lots)).collect();
        return Ok(answer::ok(&BalanceAnswer { member_id, as_of: now, units, tiers: view.standing.tiers }));
    };
    let recorded_by = query.recorded_by.unwrap_or(Timestamp::MAX);
    let mut units = Vec::with_capacity(view.standing.balances.len());
    for balance in &view.standing.balances {
        let sums = api.engine.balance_as_of(member_id, balance.unit, as_of, recorded_by).await?;
        units.push(UnitHolding {
            unit: balance.unit,
            kind: kind(&api, balance.unit),
            available: sums.available,
            pending: sums.pending,
            held: sums.held,
            debt: sums.debt,
            expiring: Vec::new(),
        });
    }
    Ok(answer::ok(&BalanceAnswer { member_id, as_of, units, tiers: Vec::new() }))
}

/// List lots
#[utoipa::path(
    get,
    path = "/v1/members/{id}/lots",
    tag = "Members",
    params(("id" = String, Path, description = "The member.")),
    responses((status = 200, description = "The lots behind the balance.", body = LotList)),
    security(("api_key" = ["members:read"]))
)]
pub(super) async fn list_lots(
    State(api): State<Api>,
    _: Permit<MembersRead>,
    PathValues(account_id): PathValues<AccountId>,
) -> Result<Response, Problem> {
    let view = api.engine.view_member(&MemberReference::Id(account_id)).await?;
    let data = view.lots.iter().map(|lot| lot_answer(account_id, lot)).collect();
    Ok(answer::ok(&LotList { data }))
}

/// What a unit is in the newest version that has it.
fn kind(api: &Api, unit: Code) -> &'static str {
    let programmes = api.engine.programmes();
    let found = programmes.iter().filter_map(|programme| programme.unit(unit)).last();
    found.map_or(UnitKind::Points, |found| found.unit.kind).name()
}

fn holding(kind: &'static str, balance: &domain::ledger::Balance, lots: &[Lot]) -> UnitHolding {
    let UnitBalance { unit, available, pending, held, debt, .. } = balance.into();
    let mut expiring: Vec<Expiring> = Vec::new();
    for lot in lots.iter().filter(|lot| lot.unit == unit) {
        let Some(expires_at) = lot.expires_at else { continue };
        // Lots come soonest expiry first.
        match expiring.last_mut().filter(|last| last.expires_at == expires_at) {
            Some(last) => last.points += lot.remaining,
            None => expiring.push(Expiring { expires_at, points: lot.remaining }),
        }
    }
    UnitHolding { unit, kind, available, pending, held, debt, expiring }
}

fn lot_answer(account_id: AccountId, lot: &Lot) -> LotAnswer {
    LotAnswer {
        id: LotId { account_id, lot_no: lot.lot_no },
        unit: lot.unit,
        entry_id: EntryId { account_id, entry_no: lot.entry_no },
        funder: lot.funder,
        earned_at: lot.earned_at,
        pending_until: lot.pending_until,
        expires_at: lot.expires_at,
        issued: lot.issued,
        remaining: lot.remaining,
        held: lot.held,
        consumed: lot.consumed,
        expired: lot.expired,
        clawed_back: lot.clawed_back,
    }
}
