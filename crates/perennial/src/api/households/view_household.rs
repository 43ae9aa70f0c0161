//! `GET /v1/households/{id}`: the pool, who belongs to it, and what each would take along.

use axum::extract::State;
use axum::response::Response;
use domain::code::Code;
use domain::ids::AccountId;
use domain::ledger::Hold;
use jiff::Timestamp;
use operations::{HouseholdMember, HouseholdView, Share};
use serde::Serialize;
use utoipa::ToSchema;

use crate::api::answer;
use crate::api::body::PathValues;
use crate::api::caller::{MembersRead, Permit};
use crate::api::problem::Problem;
use crate::api::record_return::DocumentKeyBody;
use crate::api::state::Api;

/// A household as whoever spends or leaves now finds it.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api) struct HouseholdAnswer {
    /// Its account.
    #[schema(value_type = String, example = "mem_0cvq6w2m8z4k1")]
    id: AccountId,
    /// What staff and members call it.
    name: Option<String>,
    /// When it was opened.
    opened_at: Timestamp,
    /// What is pooled, by unit.
    units: Vec<PooledUnit>,
    /// Who belongs to it, in the order in which they joined.
    members: Vec<PoolMemberAnswer>,
    /// Holds of the pool. Nobody leaves before they end.
    holds: Vec<PoolHold>,
}

/// What a pool has of a unit.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api) struct PooledUnit {
    /// The unit.
    #[schema(value_type = String)]
    unit: Code,
    /// Can be spent.
    available: i64,
    /// Reserved.
    held: i64,
    /// Owed.
    debt: i64,
}

/// A member of a household.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api) struct PoolMemberAnswer {
    /// The member.
    #[schema(value_type = String)]
    id: AccountId,
    /// The name.
    name: Option<String>,
    /// Whether they may spend what is pooled.
    may_spend: bool,
    /// When they joined.
    since: Timestamp,
    /// What they would take along if they left now.
    share: Vec<ShareAnswer>,
}

/// What goes along with a member who leaves.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api) struct ShareAnswer {
    /// The unit.
    #[schema(value_type = String)]
    unit: Code,
    /// Points that are left of those they brought.
    points: i64,
    /// What is owed; only the last one takes that along.
    debt: i64,
}

/// A hold of a pool.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api) struct PoolHold {
    /// Its name.
    document: DocumentKeyBody,
    /// The unit.
    #[schema(value_type = String)]
    unit: Code,
    /// Points it keeps.
    points: i64,
    /// First instant at which it has timed out.
    ends_at: Timestamp,
}

/// View a household
///
/// What time has made spendable on its members' accounts counts, whether or not its entries have been posted.
#[utoipa::path(
    get,
    path = "/v1/households/{id}",
    tag = "Households",
    params(("id" = String, Path, description = "The household.", example = "mem_0cvq6w2m8z4k1")),
    responses((status = 200, description = "The household.", body = HouseholdAnswer)),
    security(("api_key" = ["members:read"]))
)]
pub(in crate::api) async fn view_household(
    State(api): State<Api>,
    _: Permit<MembersRead>,
    PathValues(id): PathValues<AccountId>,
) -> Result<Response, Problem> {
    Ok(answer::ok(&HouseholdAnswer::from(api.engine.view_household(id).await?)))
}

impl From<HouseholdView> for HouseholdAnswer {
    fn from(view: HouseholdView) -> Self {
        let units = view.balances.iter().map(|balance| PooledUnit {
            unit: balance.unit,
            available: balance.available,
            held: balance.held,
            debt: balance.debt,
        });
        Self {
            id: view.household_id,
            name: view.name,
            opened_at: view.opened_at,
            units: units.collect(),
            members: view.members.into_iter().map(PoolMemberAnswer::from).collect(),
            holds: view.holds.into_iter().map(PoolHold::from).collect(),
        }
    }
}

impl From<HouseholdMember> for PoolMemberAnswer {
    fn from(member: HouseholdMember) -> Self {
        let share = |share: &Share| ShareAnswer { unit: share.unit, points: share.points, debt: share.debt };
        Self {
            id: member.member_id,
            name: member.name,
            may_spend: member.may_spend,
            since: member.since,
            share: member.share.iter().map(share).collect(),
        }
    }
}

impl From<Hold> for PoolHold {
    fn from(hold: Hold) -> Self {
        let points = hold.points();
        let Hold { key, unit, ends_at, .. } = hold;
        Self {
            document: DocumentKeyBody { source: key.source, reference: key.reference },
            unit,
            points,
            ends_at,
        }
    }
}
