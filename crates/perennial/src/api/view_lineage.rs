//! `GET /v1/members/{id}/lineage`: the records a member was made of.

use axum::extract::State;
use axum::response::Response;
use domain::ids::AccountId;
use domain::member::Identifier;
use jiff::Timestamp;
use operations::{LineageRecord, MemberReference};
use serde::Serialize;
use utoipa::ToSchema;

use super::answer;
use super::body::PathValues;
use super::caller::{MembersRead, Permit};
use super::problem::Problem;
use super::schema::IdentifierBody;
use super::state::Api;

/// What a member was made of.
#[derive(Serialize, ToSchema)]
pub(super) struct LineageAnswer {
    /// The records, the one that goes on first.
    records: Vec<LineageRecordAnswer>,
}

/// A record that is part of a member.
#[derive(Serialize, ToSchema)]
struct LineageRecordAnswer {
    /// The record's account.
    #[schema(value_type = String)]
    member_id: AccountId,
    /// The name it came with.
    name: Option<String>,
    /// The identifiers it came with, or was given since.
    #[schema(value_type = Vec<IdentifierBody>)]
    identifiers: Vec<Identifier>,
    /// When it was enrolled.
    enrolled_at: Timestamp,
    /// The record it was merged into; absent for the one that goes on.
    #[schema(value_type = Option<String>)]
    merged_into: Option<AccountId>,
    /// When that was.
    merged_at: Option<Timestamp>,
    /// Who merged them.
    merged_by: Option<String>,
    /// Why, in words.
    reason: Option<String>,
}

/// View a member's lineage
///
/// The member's own record and every record that was merged into it: when, by whom and why.
#[utoipa::path(
    get,
    path = "/v1/members/{id}/lineage",
    tag = "Members",
    params(("id" = String, Path, description = "The member.")),
    responses((status = 200, description = "The records.", body = LineageAnswer)),
    security(("api_key" = ["members:read"]))
)]
pub(super) async fn view_lineage(
    State(api): State<Api>,
    _: Permit<MembersRead>,
    PathValues(id): PathValues<AccountId>,
) -> Result<Response, Problem> {
    let found = api.engine.view_lineage(&MemberReference::Id(id)).await?;
    Ok(answer::ok(&LineageAnswer { records: found.into_iter().map(LineageRecordAnswer::from).collect() }))
}

impl From<LineageRecord> for LineageRecordAnswer {
    fn from(record: LineageRecord) -> Self {
        Self {
            member_id: record.member_id,
            name: record.name,
            identifiers: record.identifiers,
            enrolled_at: record.enrolled_at,
            merged_into: record.merged_into,
            merged_at: record.merged_at,
            merged_by: record.merged_by,
            reason: record.reason,
        }
    }
}
