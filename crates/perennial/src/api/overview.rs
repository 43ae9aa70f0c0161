//! `GET /v1/overview`: members, activity and points of a period, beside the period before.

use axum::extract::State;
use axum::response::Response;
use domain::code::Code;
use domain::refusal::Refusal;
use jiff::civil::Date;
use operations::{Numbers, OverviewQuery, SeriesPoint, TierMixPoint};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::answer;
use super::body::Parameters;
use super::caller::{OverviewRead, Permit};
use super::problem::Problem;
use super::state::Api;

/// Which period.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct PeriodQuery {
    /// First day, in the programme's time zone.
    #[param(value_type = String, format = Date)]
    from: Date,
    /// Day after the last.
    #[param(value_type = String, format = Date)]
    to: Date,
    /// Whether to tell the same of the period of equal length before.
    #[serde(default)]
    #[param(required = false)]
    compare: bool,
}

/// Figures of a period. Points are those of the main unit.
#[derive(Debug, Serialize, ToSchema)]
struct NumbersAnswer {
    /// Members at the end of the period.
    members: i64,
    /// Members who joined in it.
    new_members: i64,
    /// Members with a purchase in it.
    active_members: i64,
    /// Purchases in it.
    purchases: i64,
    /// Points earned.
    earned: i64,
    /// Points spent.
    redeemed: i64,
    /// Points lapsed.
    expired: i64,
    /// Points taken back by returns.
    clawed_back: i64,
    /// Points adjusted by hand, net.
    adjusted: i64,
    /// Spendable points, less debt, at the end of the period.
    outstanding: i64,
    /// Points not yet spendable at the end of the period.
    pending: i64,
    /// Points that lapse in the 30 days from now; only known for the present.
    expiring: Option<i64>,
}

/// A day or month of the period.
#[derive(Debug, Serialize, ToSchema)]
struct SeriesAnswer {
    /// Its first day.
    #[schema(value_type = String, format = Date)]
    on: Date,
    /// Members who joined.
    new_members: i64,
    /// Members with a purchase.
    active_members: i64,
    /// Points earned.
    earned: i64,
    /// Points spent.
    redeemed: i64,
    /// Points lapsed.
    expired: i64,
    /// Points taken back.
    clawed_back: i64,
}

/// Members by tier of the main ladder, at the end of a day or month.
#[derive(Debug, Serialize, ToSchema)]
struct TierMixAnswer {
    /// First day of the day or month.
    #[schema(value_type = String, format = Date)]
    on: Date,
    /// Lowest tier first.
    tiers: Vec<TierCount>,
}

/// Members of one tier.
#[derive(Debug, Serialize, ToSchema)]
struct TierCount {
    /// The tier.
    #[schema(value_type = String)]
    tier: Code,
    /// Members who held it.
    members: i64,
}

/// The overview of a period.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct OverviewAnswer {
    /// The main unit.
    #[schema(value_type = String)]
    unit: Code,
    /// The programme's currency.
    #[schema(value_type = String)]
    currency: domain::money::Currency,
    /// The time zone of all days.
    time_zone: String,
    /// First day.
    #[schema(value_type = String, format = Date)]
    from: Date,
    /// Day after the last.
    #[schema(value_type = String, format = Date)]
    to: Date,
    /// Whether the series is by month.
    monthly: bool,
    /// The figures.
    current: NumbersAnswer,
    /// The same for the period before, if asked for.
    previous: Option<NumbersAnswer>,
    /// The period by day, or by month beyond 92 days.
    series: Vec<SeriesAnswer>,
    /// Tiers at the end of each day or month.
    tier_mix: Vec<TierMixAnswer>,
}

/// View the overview of a period
#[utoipa::path(
    get,
    path = "/v1/overview",
    tag = "Insight",
    params(PeriodQuery),
    responses((status = 200, description = "The figures.", body = OverviewAnswer)),
    security(("api_key" = ["overview:read"]))
)]
pub(super) async fn view_overview(
    State(api): State<Api>,
    _: Permit<OverviewRead>,
    Parameters(query): Parameters<PeriodQuery>,
) -> Result<Response, Problem> {
    let query = OverviewQuery { from: query.from, to: query.to, compare: query.compare };
    let none = || Refusal::Unknown { what: "programme version".to_owned(), value: "in force".to_owned() };
    let overview = api.engine.view_overview(&query).await?.ok_or_else(none)?;
    Ok(answer::ok(&OverviewAnswer {
        unit: overview.unit,
        currency: overview.currency,
        time_zone: overview.zone,
        from: overview.from,
        to: overview.to,
        monthly: overview.monthly,
        current: overview.current.into(),
        previous: overview.previous.map(Into::into),
        series: overview.series.into_iter().map(Into::into).collect(),
        tier_mix: overview.tier_mix.into_iter().map(Into::into).collect(),
    }))
}

impl From<Numbers> for NumbersAnswer {
    fn from(numbers: Numbers) -> Self {
        Self {
            members: numbers.members,
            new_members: numbers.new_members,
            active_members: numbers.active_members,
            purchases: numbers.purchases,
            earned: numbers.earned,
            redeemed: numbers.redeemed,
            expired: numbers.expired,
            clawed_back: numbers.clawed_back,
            adjusted: numbers.adjusted,
            outstanding: numbers.outstanding,
            pending: numbers.pending,
            expiring: numbers.expiring,
        }
    }
}

impl From<SeriesPoint> for SeriesAnswer {
    fn from(point: SeriesPoint) -> Self {
        Self {
            on: point.on,
            new_members: point.new_members,
            active_members: point.active_members,
            earned: point.earned,
            redeemed: point.redeemed,
            expired: point.expired,
            clawed_back: point.clawed_back,
        }
    }
}

impl From<TierMixPoint> for TierMixAnswer {
    fn from(point: TierMixPoint) -> Self {
        let count = |(tier, members)| TierCount { tier, members };
        Self { on: point.on, tiers: point.tiers.into_iter().map(count).collect() }
    }
}
