//! `GET /v1/holds`: open holds of all members.

use axum::extract::State;
use axum::response::Response;
use domain::code::Code;
use domain::ids::{AccountId, EntryId};
use jiff::Timestamp;
use operations::{HoldFilter, HoldView};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::answer;
use super::body::Parameters;
use super::caller::{Permit, RedemptionsRead};
use super::problem::Problem;
use super::record_return::DocumentKeyBody;
use super::schema::Page;
use super::state::Api;

/// Holds on a page when the caller does not say.
const LIMIT: u16 = 25;

/// Which page.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct HoldQuery {
    /// Holds on a page; 25 when absent.
    #[param(minimum = 1, maximum = 100)]
    limit: Option<u16>,
    /// `next` of the page before.
    after: Option<String>,
}

/// An open hold.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct HoldAnswer {
    /// Whose points.
    #[schema(value_type = String)]
    member_id: AccountId,
    /// The entry that made it.
    #[schema(value_type = String)]
    entry_id: EntryId,
    /// Its name.
    document: DocumentKeyBody,
    /// The unit.
    #[schema(value_type = String)]
    unit: Code,
    /// Points reserved.
    points: i64,
    /// Points spent of them.
    captured: i64,
    /// When it was made.
    opened_at: Timestamp,
    /// First instant at which it has timed out.
    ends_at: Timestamp,
}

/// List holds
///
/// Open holds of all members, those that time out first on top.
#[utoipa::path(
    get,
    path = "/v1/holds",
    tag = "Spending",
    params(HoldQuery),
    responses((status = 200, description = "A page of open holds.", body = Page<HoldAnswer>)),
    security(("api_key" = ["redemptions:read"]))
)]
pub(super) async fn list_holds(
    State(api): State<Api>,
    _: Permit<RedemptionsRead>,
    Parameters(query): Parameters<HoldQuery>,
) -> Result<Response, Problem> {
    let page = api
        .engine
        .list_holds(&HoldFilter::default(), query.after.as_deref(), query.limit.unwrap_or(LIMIT))
        .await?;
    let answer = |view: HoldView| HoldAnswer {
        member_id: view.member_id,
        entry_id: view.entry_id,
        document: DocumentKeyBody { source: view.key.source, reference: view.key.reference },
        unit: view.unit,
        points: view.points,
        captured: view.captured,
        opened_at: view.opened_at,
        ends_at: view.ends_at,
    };
    let data = page.holds.into_iter().map(answer).collect();
    Ok(answer::ok(&Page { data, has_more: page.has_more, next: page.next }))
}
