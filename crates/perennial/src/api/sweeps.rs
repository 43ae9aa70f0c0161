//! `POST /v1/operations/…`: posting what time alone has made due. The server does so by itself now and then; a
//! scheduler may do it at an hour of its own.

use axum::extract::State;
use axum::response::Response;
use operations::SweepReport;
use serde::Serialize;
use utoipa::ToSchema;

use super::answer;
use super::body::NoParameters;
use super::caller::{Operations, Writer};
use super::problem::Problem;
use super::state::Api;

/// What a sweep posted. Time has one order: releases, expiries and reviews of an account are posted together.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SweepAnswer {
    /// Accounts on which something was due.
    accounts: u64,
    /// Entries that made pending points spendable.
    releases: u64,
    /// Entries that let points lapse.
    expiries: u64,
    /// Points that lapsed, of all units.
    points_expired: i64,
    /// Tiers reviewed.
    reviews: u64,
    /// Accounts on which nothing could be posted; the log says why.
    failed: u64,
}

impl From<SweepReport> for SweepAnswer {
    fn from(report: SweepReport) -> Self {
        let SweepReport { accounts, releases, expiries, points_expired, reviews, failed } = report;
        Self { accounts, releases, expiries, points_expired, reviews, failed }
    }
}

/// Post what has lapsed
///
/// Repeating it is harmless: what was posted is no longer due.
#[utoipa::path(
    post,
    path = "/v1/operations/expire-points",
    tag = "Operations",
    responses((status = 200, description = "What was posted.", body = SweepAnswer)),
    security(("api_key" = ["operations"]))
)]
pub(super) async fn expire_points(
    State(api): State<Api>,
    writer: Writer<Operations>,
    _: NoParameters,
) -> Result<Response, Problem> {
    writer.require_live()?;
    let report = api.engine.expire_points(api.engine.clock().now(), &mut |_| ()).await?;
    Ok(answer::ok(&SweepAnswer::from(report)))
}

/// Review tiers
///
/// Reviews every tier whose review is due, with whatever was due before it on the same account.
#[utoipa::path(
    post,
    path = "/v1/operations/review-tiers",
    tag = "Operations",
    responses((status = 200, description = "What was posted.", body = SweepAnswer)),
    security(("api_key" = ["operations"]))
)]
pub(super) async fn review_tiers(
    State(api): State<Api>,
    writer: Writer<Operations>,
    _: NoParameters,
) -> Result<Response, Problem> {
    writer.require_live()?;
    let report = api.engine.review_tiers(api.engine.clock().now(), &mut |_| ()).await?;
    Ok(answer::ok(&SweepAnswer::from(report)))
}
