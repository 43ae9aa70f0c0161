//! Adjustments that wait for a second person, and what became of earlier ones.

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use operations::{AdjustmentRequest, MemberReference, OperationError, RequestState};
use serde::Deserialize;

use super::Console;
use super::format::signed;
use super::member::unit_name;
use super::moment::Moment;
use super::page::{Frame, Section, Theme, show};
use super::problem;
use super::roles::Permission;
use super::session::{Reader, Submission};

/// Requests shown of each kind.
const ROWS_MAX: u32 = 100;

/// What was just done.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Done {
    #[serde(default)]
    done: String,
}

#[derive(Template)]
#[template(path = "console/adjustments.html")]
struct AdjustmentsPage {
    f: Frame,
    rows: Vec<Row>,
    error: Option<String>,
}

struct Row {
    id: String,
    member: String,
    member_name: String,
    points: String,
    unit: String,
    reason: String,
    note: String,
    asked_by: String,
    asked: Moment,
    state: &'static str,
    state_name: String,
    may_decide: bool,
    may_finish: bool,
    decision: String,
}

/// The page.
pub(super) async fn page(
    State(console): State<Console>,
    Query(query): Query<Done>,
    reader: Reader,
) -> Response {
    let Reader { mut frame, actor, .. } = reader;
    frame.notice = match query.done.as_str() {
        "approve" => Some(frame.t("adjustment-approved")),
        "reject" => Some(frame.t("adjustment-rejected")),
        _ => None,
    };
    list(&console, frame, &actor, None).await
}

async fn list(console: &Console, mut f: Frame, actor: &str, error: Option<String>) -> Response {
    f.section = Section::Adjustments;
    "/console/adjustments".clone_into(&mut f.here);
    let requests = match console.engine.list_adjustment_requests(ROWS_MAX).await {
        Ok(requests) => requests,
        Err(error) => return problem::failed(f, &error),
    };
    let mut rows = Vec::with_capacity(requests.len());
    for request in requests {
        let member = console.engine.view_member(&MemberReference::Id(request.member_id)).await;
        let name = member.ok().and_then(|member| member.profile.name).unwrap_or_else(|| f.t("nameless"));
        rows.push(row(console, &f, request, name, actor));
    }
    let status = if error.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    show(status, &AdjustmentsPage { f, rows, error })
}

fn row(console: &Console, f: &Frame, request: AdjustmentRequest, member_name: String, actor: &str) -> Row {
    let programme = console.programme();
    let waiting = request.state == RequestState::Waiting;
    let unposted = request.state == RequestState::Unposted;
    let other = f.may(Permission::ApproveAdjustments) && request.requested_by != actor;
    let (state, key) = match request.state {
        RequestState::Waiting => ("waiting", "state-waiting"),
        RequestState::Unposted => ("waiting", "state-unposted"),
        RequestState::Approved => ("approved", "state-approved"),
        RequestState::Rejected => ("rejected", "state-rejected"),
    };
    let decision = match (&request.decided_by, request.decided_at) {
        (Some(who), Some(at)) => f.with("decided-by", &[("who", who), ("day", &f.formats.day(at))]),
        (Some(who), None) => f.v("approved-by-unposted", who),
        _ => f.t("needs-second-person"),
    };
    let now = console.engine.clock().now();
    Row {
        id: request.request_id,
        member: request.member_id.to_string(),
        member_name,
        points: signed(request.adjustment.points),
        unit: unit_name(f, programme.as_deref(), request.adjustment.unit),
        reason: f.named("reason-", request.adjustment.reason.as_str()),
        note: request.adjustment.note,
        asked: Moment::time(f, request.requested_at, now),
        state,
        state_name: f.t(key),
        may_decide: waiting && other,
        may_finish: unposted && other,
        asked_by: request.requested_by,
        decision,
    }
}

/// Approves or rejects.
pub(super) async fn decide(
    State(console): State<Console>,
    Path(id): Path<String>,
    Submission { reader, fields }: Submission,
) -> Result<Response, Response> {
    let Reader { frame, actor, .. } = reader.require(Permission::ApproveAdjustments)?;
    let decision = fields.text("decision");
    let decided = match decision {
        "approve" => console.engine.approve_adjustment(&id, &actor).await.map(drop),
        "reject" => console.engine.reject_adjustment(&id, &actor).await,
        _ => return Ok(problem::not_found(frame)),
    };
    Ok(match decided {
        Ok(()) => Redirect::to(&format!("/console/adjustments?done={decision}")).into_response(),
        Err(error @ (OperationError::Refused(_) | OperationError::Changed)) => {
            let sentence = problem::sentence(&frame, &error);
            list(&console, frame, &actor, Some(sentence)).await
        }
        Err(error) => problem::failed(frame, &error),
    })
}
