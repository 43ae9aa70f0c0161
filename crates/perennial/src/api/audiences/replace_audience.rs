//! `PUT /v1/audiences/{segment}`: a set takes the place of the one before.

use axum::extract::State;
use axum::response::Response;
use domain::code::Code;
use operations::{AUDIENCE_PAGE_ROWS, AudienceOrder, AudienceReport, AudienceRow};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::AudienceAnswer;
use crate::api::answer;
use crate::api::body::{JsonBody, NoParameters, PathValues};
use crate::api::caller::{AudiencesWrite, Writer};
use crate::api::problem::Problem;
use crate::api::state::Api;

/// A set of members.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "source": "basket-dna 2026-11", "members": ["mem_0cvq6w2m8z4k1", "card:6225880012345678"] }))]
pub(in crate::api) struct AudienceBody {
    /// The number of this version, higher than the one that stands: a set that was made before another one arrives
    /// cannot take its place. The next number when absent.
    #[serde(default)]
    #[schema(minimum = 1)]
    version: Option<u64>,
    /// The report, the model and its version, or the file it comes from.
    #[schema(min_length = 1, max_length = 200)]
    source: String,
    /// Its members: `mem_…`, `card:…`, `phone:…`, `email:…`, `external:…`; without a kind an external id, else a card.
    /// None empties the audience.
    members: Vec<String>,
}

/// What replacing an audience did.
#[derive(Serialize, ToSchema)]
struct AudienceReportAnswer {
    /// The audience as it stands now.
    audience: AudienceAnswer,
    /// Members named.
    rows: u64,
    /// Of these, named before.
    repeated: u64,
    /// Of these, known to nobody: they were passed over.
    unknown: u64,
    /// The first of those nobody knows, 100 at the most.
    unknown_rows: Vec<UnknownMemberAnswer>,
}

/// A member nobody knows.
#[derive(Serialize, ToSchema)]
struct UnknownMemberAnswer {
    /// Its place in the list, from 1.
    row: u64,
    /// What was named.
    member: String,
}

/// Replace an audience
///
/// Rules see the whole set from the answer on. Who entered and who left is told in the feed afterwards, one event each.
#[utoipa::path(
    put,
    path = "/v1/audiences/{segment}",
    tag = "Audiences",
    params(("segment" = String, Path, description = "The segment, as the programme declares it.")),
    request_body = AudienceBody,
    responses((status = 200, description = "The audience, and who could not be found.", body = AudienceReportAnswer)),
    security(("api_key" = ["audiences:write"]))
)]
pub(in crate::api) async fn replace_audience(
    State(api): State<Api>,
    writer: Writer<AudiencesWrite>,
    _: NoParameters,
    PathValues(segment): PathValues<Code>,
    JsonBody(body): JsonBody<AudienceBody>,
) -> Result<Response, Problem> {
    writer.require_live()?;
    let AudienceBody { version, source, members } = body;
    let order = AudienceOrder { segment, version, source, actor: writer.actor() };
    let mut rows = (1..).zip(members).map(|(line, member)| AudienceRow { line, member });
    let mut page = || Ok(rows.by_ref().take(AUDIENCE_PAGE_ROWS).collect());
    let report = api.engine.replace_audience(&order, &mut page).await?;
    Ok(answer::ok(&AudienceReportAnswer::from(report)))
}

impl From<AudienceReport> for AudienceReportAnswer {
    fn from(report: AudienceReport) -> Self {
        let unknown = report.unknown_rows.into_iter();
        Self {
            audience: report.audience.into(),
            rows: report.rows,
            repeated: report.repeated,
            unknown: report.unknown,
            unknown_rows: unknown
                .map(|row| UnknownMemberAnswer { row: row.line, member: row.member })
                .collect(),
        }
    }
}
