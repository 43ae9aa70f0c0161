//! `GET /v1/duplicates/figures`: how good the data about members are, as far as duplicates tell.

use axum::extract::State;
use axum::response::Response;
use operations::{DuplicateFigures, DuplicateShare};
use serde::Serialize;
use utoipa::ToSchema;

use super::find_duplicates::DuplicateRunAnswer;
use crate::api::answer;
use crate::api::body::NoParameters;
use crate::api::caller::{MembersRead, Permit};
use crate::api::problem::Problem;
use crate::api::state::Api;

/// Figures of duplicates.
#[derive(Serialize, ToSchema)]
pub(in crate::api) struct DuplicateFiguresAnswer {
    /// Pairs that nobody has decided about.
    open: u64,
    /// Those among them that are offered for merging.
    open_likely: u64,
    /// Pairs put aside.
    later: u64,
    /// Pairs of two persons.
    not_same: u64,
    /// Pairs that were merged.
    merged: u64,
    /// Records that were merged into another one or are in a pair offered for merging, of all records as of the last run.
    #[schema(minimum = 0, maximum = 1)]
    match_rate: Option<f64>,
    /// Merged pairs of all that were judged.
    precision: Option<JudgedShareAnswer>,
    /// The same of the pairs that were offered for merging.
    precision_likely: Option<JudgedShareAnswer>,
    /// The latest run.
    run: Option<DuplicateRunAnswer>,
}

/// A share with its 95 per cent interval (Wilson).
#[derive(Serialize, ToSchema)]
struct JudgedShareAnswer {
    /// How many.
    part: u64,
    /// Of how many.
    whole: u64,
    /// The share.
    value: f64,
    /// Lower end.
    low: f64,
    /// Upper end.
    high: f64,
}

/// View figures of duplicates
///
/// What waits, what was decided, how often the search was right so far, and the latest run.
#[utoipa::path(
    get,
    path = "/v1/duplicates/figures",
    tag = "Duplicates",
    responses((status = 200, description = "The figures as of now.", body = DuplicateFiguresAnswer)),
    security(("api_key" = ["members:read"]))
)]
pub(in crate::api) async fn view_duplicates(
    State(api): State<Api>,
    _: Permit<MembersRead>,
    _: NoParameters,
) -> Result<Response, Problem> {
    Ok(answer::ok(&DuplicateFiguresAnswer::from(api.engine.view_duplicates().await?)))
}

impl From<DuplicateShare> for JudgedShareAnswer {
    fn from(share: DuplicateShare) -> Self {
        Self { part: share.part, whole: share.whole, value: share.value(), low: share.low, high: share.high }
    }
}

impl From<DuplicateFigures> for DuplicateFiguresAnswer {
    fn from(figures: DuplicateFigures) -> Self {
        Self {
            open: figures.open,
            open_likely: figures.open_likely,
            later: figures.later,
            not_same: figures.not_same,
            merged: figures.merged,
            match_rate: figures.match_rate,
            precision: figures.precision.map(JudgedShareAnswer::from),
            precision_likely: figures.precision_likely.map(JudgedShareAnswer::from),
            run: figures.run.map(DuplicateRunAnswer::from),
        }
    }
}
