//! `GET /v1/rewards`: the catalogue of now, as anybody or as one member finds it.

use axum::extract::State;
use axum::response::Response;
use domain::code::Code;
use domain::ids::AccountId;
use domain::operation::Offer;
use domain::programme::Names;
use jiff::civil::Date;
use operations::MemberReference;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::answer;
use super::body::Parameters;
use super::caller::{Permit, RedemptionsRead};
use super::problem::Problem;
use super::state::Api;

/// For whom.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct CatalogueQuery {
    /// A member's id: prices are those of their tier, and each reward says why they cannot have it.
    #[param(value_type = Option<String>)]
    member: Option<AccountId>,
}

/// The catalogue.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct CatalogueAnswer {
    /// The programme version in force; send it with an order so that nobody pays another price than was shown.
    programme_version: u32,
    /// The rewards.
    data: Vec<RewardAnswer>,
}

/// A reward of the catalogue.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct RewardAnswer {
    /// Its code.
    #[schema(value_type = String)]
    reward: Code,
    /// Its name.
    #[schema(value_type = NamesShape)]
    name: Names,
    /// The shelf it stands on.
    category: Option<String>,
    /// The unit it is paid in.
    #[schema(value_type = String)]
    unit: Code,
    /// Points for one of it.
    points: i64,
    /// Money besides, in minor units of the programme's currency.
    money: i64,
    /// First day on which it is offered.
    #[schema(value_type = Option<String>, format = Date)]
    from: Option<Date>,
    /// Last day on which it is offered.
    #[schema(value_type = Option<String>, format = Date)]
    until: Option<Date>,
    /// How many are left; null where there is no end.
    in_stock: Option<i64>,
    /// Whether one can be had now.
    available: bool,
    /// Why not, as a code.
    reason: Option<&'static str>,
    /// Why not, in a sentence.
    detail: Option<String>,
}

/// A name in both languages.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes a type of the domain")]
pub(super) struct NamesShape {
    /// Chinese.
    zh: String,
    /// English.
    en: String,
}

/// List rewards
///
/// The catalogue under the programme in force now.
#[utoipa::path(
    get,
    path = "/v1/rewards",
    tag = "Spending",
    params(CatalogueQuery),
    responses((status = 200, description = "The catalogue.", body = CatalogueAnswer)),
    security(("api_key" = ["redemptions:read"]))
)]
pub(super) async fn list_rewards(
    State(api): State<Api>,
    _: Permit<RedemptionsRead>,
    Parameters(query): Parameters<CatalogueQuery>,
) -> Result<Response, Problem> {
    let member = query.member.map(MemberReference::Id);
    let catalogue = api.engine.list_rewards(member.as_ref()).await?;
    let data = catalogue.offers.into_iter().map(RewardAnswer::from).collect();
    Ok(answer::ok(&CatalogueAnswer { programme_version: catalogue.programme_version, data }))
}

impl From<Offer> for RewardAnswer {
    fn from(offer: Offer) -> Self {
        let Offer { reward, points, money, in_stock, refusal } = offer;
        Self {
            reward: reward.code,
            name: reward.name,
            category: reward.category,
            unit: reward.unit,
            points,
            money,
            from: reward.from,
            until: reward.until,
            in_stock,
            available: refusal.is_none(),
            reason: refusal.as_ref().map(domain::refusal::Refusal::code),
            detail: refusal.map(|refusal| refusal.to_string()),
        }
    }
}
