//! `/v1/sandbox/clock`: the clock of a database that holds nothing but trials. Elsewhere it is refused.

use axum::extract::State;
use axum::response::Response;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::answer;
use super::body::{JsonBody, NoParameters};
use super::caller::{Operations, Permit, Writer};
use super::problem::{Content, Problem};
use super::schema::microseconds;
use super::state::Api;
use super::sweeps::SweepAnswer;

/// Until when to move the clock: give an instant.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "to": "2027-05-11T00:00:00+08:00" }))]
pub(super) struct ClockBody {
    /// Where the clock is to stand: later than now, and not more than ten years.
    to: Timestamp,
}

/// Where the clock stands.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ClockAnswer {
    /// What time it is for this database.
    now: Timestamp,
    /// Whether it stands: once moved, it stands until it is moved again. Before, it is the machine's.
    stands: bool,
}

/// What happened while the clock moved.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ClockMoved {
    /// Where it stood.
    from: Timestamp,
    /// Where it stands now.
    to: Timestamp,
    /// Instants on the way at which something fell due.
    stops: u64,
    /// What was posted there, in the order of business time.
    posted: SweepAnswer,
}

/// View the clock of a sandbox
#[utoipa::path(
    get,
    path = "/v1/sandbox/clock",
    tag = "Sandbox",
    responses(
        (status = 200, description = "Where it stands.", body = ClockAnswer),
        (status = 422, description = "This is no sandbox.", body = Content, content_type = "application/problem+json")
    ),
    security(("api_key" = ["operations"]))
)]
pub(super) async fn view_clock(State(api): State<Api>, _: Permit<Operations>) -> Result<Response, Problem> {
    let clock = api.engine.view_clock()?;
    Ok(answer::ok(&ClockAnswer { now: clock.now, stands: clock.stands }))
}

/// Move the clock of a sandbox on
///
/// Posts every release, expiry and review that falls due on the way, in the order of business time. The clock never goes
/// back, also not after a restart. Only where the server was started with `--sandbox` or the clock was moved before, and only
/// while no live API key works.
#[utoipa::path(
    post,
    path = "/v1/sandbox/clock",
    tag = "Sandbox",
    request_body = ClockBody,
    responses((status = 200, description = "What was posted on the way.", body = ClockMoved)),
    security(("api_key" = ["operations"]))
)]
pub(super) async fn advance_clock(
    State(api): State<Api>,
    _: Writer<Operations>,
    _: NoParameters,
    JsonBody(body): JsonBody<ClockBody>,
) -> Result<Response, Problem> {
    let report = api.engine.advance_clock(microseconds(body.to), &mut |_| ()).await?;
    let (from, to, stops) = (report.from, report.to, report.stops);
    Ok(answer::ok(&ClockMoved { from, to, stops, posted: report.posted.into() }))
}
