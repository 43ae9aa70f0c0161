//! `POST /v1/activities`: what a member did besides buying.

use axum::extract::State;
use axum::response::Response;
use domain::document::{Activity, DocumentKey};
use jiff::Timestamp;
use operations::Command;
use serde::Deserialize;
use utoipa::ToSchema;

use super::answer;
use super::body::{JsonBody, Parameters};
use super::caller::{DryRun, IdempotencyHeader, PurchasesWrite, Writer};
use super::member_reference::{MemberBody, region};
use super::problem::Problem;
use super::schema::{RecordedShape, microseconds};
use super::state::Api;

/// Something a member did that is not a purchase.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "member": { "external": "17850" },
    "source": "app",
    "reference": "install-17850",
    "kind": "app_installed",
    "occurred_at": "2026-05-11T09:00:00Z"
}))]
pub(super) struct ActivityBody {
    /// Who did it.
    member: MemberBody,
    /// The system that reports it.
    #[schema(min_length = 1, max_length = 128)]
    source: String,
    /// The number it has there.
    #[schema(min_length = 1, max_length = 128)]
    reference: String,
    /// What was done; rules name it.
    #[schema(min_length = 1, max_length = 128)]
    kind: String,
    /// When it was done.
    occurred_at: Timestamp,
    /// How many of it, for instance photos.
    #[serde(default = "one")]
    #[schema(minimum = 1, maximum = 1_000_000, required = false)]
    count: i64,
}

/// Record an activity
#[utoipa::path(
    post,
    path = "/v1/activities",
    tag = "Documents",
    params(DryRun, IdempotencyHeader),
    request_body = ActivityBody,
    responses(
        (status = 201, description = "Recorded.", body = RecordedShape),
        (status = 200, description = "Recorded before, or only tried.", body = RecordedShape)
    ),
    security(("api_key" = ["purchases:write"]))
)]
pub(super) async fn record_activity(
    State(api): State<Api>,
    writer: Writer<PurchasesWrite>,
    Parameters(dry_run): Parameters<DryRun>,
    JsonBody(body): JsonBody<ActivityBody>,
) -> Result<Response, Problem> {
    let member = body.member.reference(region(&api.engine).as_deref())?;
    let activity = Activity {
        key: DocumentKey { source: body.source, reference: body.reference },
        kind: body.kind,
        occurred_at: microseconds(body.occurred_at),
        count: body.count,
    };
    let request = writer.request(Command::RecordActivity { member, activity }, &dry_run);
    answer::recorded(api.engine.carry_out(request).await)
}

fn one() -> i64 {
    1
}
