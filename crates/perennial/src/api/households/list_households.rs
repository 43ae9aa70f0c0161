//! `GET /v1/households`: households, newest first.

use axum::extract::State;
use axum::response::Response;
use domain::ids::AccountId;
use operations::{HouseholdFilter, MemberReference};
use serde::Deserialize;
use utoipa::IntoParams;

use super::view_household::HouseholdAnswer;
use crate::api::answer;
use crate::api::body::Parameters;
use crate::api::caller::{MembersRead, Permit};
use crate::api::problem::Problem;
use crate::api::schema::Page;
use crate::api::state::Api;

/// Households on a page when the caller does not say.
const LIMIT: u16 = 25;

/// Which households, and which page of them.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(in crate::api) struct HouseholdQuery {
    /// A part of the household's name or of a member's name, in letters or pinyin.
    text: Option<String>,
    /// The household of this member.
    #[param(value_type = Option<String>)]
    member: Option<AccountId>,
    /// Households on a page; 25 when absent.
    #[param(minimum = 1, maximum = 100)]
    limit: Option<u16>,
    /// `next` of the page before.
    after: Option<String>,
}

/// List households
///
/// Newest first, each as it is at its own address.
#[utoipa::path(
    get,
    path = "/v1/households",
    tag = "Households",
    params(HouseholdQuery),
    responses((status = 200, description = "A page of households.", body = Page<HouseholdAnswer>)),
    security(("api_key" = ["members:read"]))
)]
pub(in crate::api) async fn list_households(
    State(api): State<Api>,
    _: Permit<MembersRead>,
    Parameters(query): Parameters<HouseholdQuery>,
) -> Result<Response, Problem> {
    let filter = HouseholdFilter { text: query.text, member: query.member.map(MemberReference::Id) };
    let page =
        api.engine.list_households(&filter, query.after.as_deref(), query.limit.unwrap_or(LIMIT)).await?;
    let data = page.households.into_iter().map(HouseholdAnswer::from).collect();
    Ok(answer::ok(&Page { data, has_more: page.has_more, next: page.next }))
}
