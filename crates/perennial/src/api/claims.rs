//! `GET /v1/claims`: what is told about loyalty programmes, and what it is worth.

use analytics::claims::{Claim, claims};
use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;

use super::answer;
use super::body::NoParameters;
use super::caller::{OverviewRead, Permit};
use super::list_rewards::NamesShape;

/// The register of claims.
#[derive(Serialize, ToSchema)]
pub(super) struct ClaimList {
    /// The claims.
    #[schema(value_type = Vec<ClaimShape>)]
    data: &'static [Claim],
}

/// A number that is told about loyalty programmes.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes a type of the analytics")]
struct ClaimShape {
    /// Its name.
    id: String,
    /// What is claimed.
    text: NamesShape,
    /// The number; the lower end where it is a range.
    value: f64,
    /// The upper end of a range.
    #[schema(nullable = false)]
    value_high: Option<f64>,
    /// `share` (of 1), `times`, `members`, `segments`, `GBP` or `USD` (in pounds, dollars).
    unit: String,
    /// Of whom it is told.
    scope: NamesShape,
    /// Where it can be looked up; absent where nothing was found.
    #[schema(nullable = false)]
    source: Option<String>,
    /// `confirmed`, `corroborated`, `unverified`, `contradicted` or `implausible`.
    status: String,
    /// What a reader should know.
    #[schema(nullable = false)]
    note: Option<NamesShape>,
    /// The report that measures the same of your own members.
    #[schema(nullable = false)]
    report: Option<String>,
    /// The figure in it.
    #[schema(nullable = false)]
    figure: Option<String>,
    /// The page of the console that measures it, where no report does.
    #[schema(nullable = false)]
    page: Option<String>,
    /// The claim of which this one tells a part.
    #[schema(nullable = false)]
    part_of: Option<String>,
}

/// List claims
///
/// Numbers that are told about loyalty programmes, with where they come from and what they are worth. They are
/// benchmarks to hold your own figures against; nothing is calculated from them.
#[utoipa::path(
    get,
    path = "/v1/claims",
    tag = "Reports",
    responses((status = 200, description = "The claims.", body = ClaimList)),
    security(("api_key" = ["overview:read"]))
)]
pub(super) async fn list_claims(_: Permit<OverviewRead>, _: NoParameters) -> Response {
    answer::ok(&ClaimList { data: claims() })
}
