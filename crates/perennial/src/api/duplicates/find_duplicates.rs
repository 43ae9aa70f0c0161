//! `POST /v1/operations/find-duplicates`: compares all members in the background.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use jiff::Timestamp;
use operations::{DuplicateRunState, DuplicateRunView};
use serde::Serialize;
use utoipa::ToSchema;

use crate::api::answer;
use crate::api::body::NoParameters;
use crate::api::caller::{Operations, Writer};
use crate::api::problem::Problem;
use crate::api::state::Api;

/// A search for duplicates, under way or ended.
#[derive(Serialize, ToSchema)]
pub(in crate::api) struct DuplicateRunAnswer {
    /// Its number, from 1.
    run_no: i64,
    /// What it is doing. A run that stopped goes on when it is asked for again.
    state: DuplicateRunStateName,
    /// Blocking rules done.
    rules_done: u32,
    /// Blocking rules there are.
    rules_total: u32,
    /// Members compared.
    members: u64,
    /// Records that had been merged into those members before.
    merged: u64,
    /// Pairs compared.
    compared: u64,
    /// Pairs kept.
    pairs: u64,
    /// Blocks that were too large to be compared.
    blocks_left_out: u64,
    /// The pairs in them; another rule may have compared some.
    pairs_left_out: u64,
    /// Pairs that were probable enough and too many to keep.
    pairs_over_limit: u64,
    /// When it began.
    started_at: Timestamp,
    /// When it ended.
    finished_at: Option<Timestamp>,
    /// Why it failed.
    error: Option<String>,
}

/// What a search is doing.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum DuplicateRunStateName {
    /// Comparing members.
    Running,
    /// All members were compared.
    Finished,
    /// It stopped with an error.
    Failed,
    /// It was given up.
    Cancelled,
}

/// Find duplicates
///
/// Compares all members and keeps the pairs that are probably one person. It goes on after the answer; `GET
/// /v1/duplicates/figures` says how far it is. Repeating it resumes a run that stopped in the last 24 hours, and begins a new
/// one after a finished one. What people decided stays.
#[utoipa::path(
    post,
    path = "/v1/operations/find-duplicates",
    tag = "Duplicates",
    responses((status = 202, description = "It is under way.", body = DuplicateRunAnswer)),
    security(("api_key" = ["operations"]))
)]
pub(in crate::api) async fn find_duplicates(
    State(api): State<Api>,
    writer: Writer<Operations>,
    _: NoParameters,
) -> Result<Response, Problem> {
    writer.require_live()?;
    let run = api.engine.start_find_duplicates(&writer.actor()).await?;
    Ok(answer::json(StatusCode::ACCEPTED, &DuplicateRunAnswer::from(run)))
}

impl From<DuplicateRunView> for DuplicateRunAnswer {
    fn from(run: DuplicateRunView) -> Self {
        Self {
            run_no: run.run_no,
            state: match run.state {
                DuplicateRunState::Running => DuplicateRunStateName::Running,
                DuplicateRunState::Finished => DuplicateRunStateName::Finished,
                DuplicateRunState::Failed => DuplicateRunStateName::Failed,
                DuplicateRunState::Cancelled => DuplicateRunStateName::Cancelled,
            },
            rules_done: run.rules_done,
            rules_total: run.rules_total,
            members: run.members,
            merged: run.merged,
            compared: run.compared,
            pairs: run.pairs,
            blocks_left_out: run.blocks_left_out,
            pairs_left_out: run.pairs_left_out,
            pairs_over_limit: run.pairs_over_limit,
            started_at: run.started_at,
            finished_at: run.finished_at,
            error: run.error,
        }
    }
}
