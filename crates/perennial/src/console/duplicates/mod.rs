//! Members who may be one person: the queue, the most probable pair first and side by side, with what each field says;
//! how good the search was so far; starting and giving it up. A merge is that of the merge page.

mod pair;

use askama::Template;
use axum::Router;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use domain::ids::AccountId;
use domain::refusal::Refusal;
use jiff::Timestamp;
use operations::{
    DuplicateDecision, DuplicateFigures, DuplicateRunState, DuplicateRunView, DuplicateShare, DuplicateState,
    OperationError,
};
use serde::Deserialize;

use self::pair::{PairView, Refused, pair_view, percent};
use super::Console;
use super::format::number;
use super::moment::{Choice, Moment};
use super::page::{Frame, Section, Theme, show};
use super::problem;
use super::query::address;
use super::roles::Permission;
use super::session::{Reader, Submission};

/// Pairs on a page: each is a table of its own.
const PAIRS: u16 = 10;
const PATH: &str = "/console/duplicates";
/// The states a list can be of, as in the API.
const STATES: [(&str, DuplicateState); 4] = [
    ("open", DuplicateState::Open),
    ("later", DuplicateState::Later),
    ("not_same", DuplicateState::NotSame),
    ("merged", DuplicateState::Merged),
];

/// The addresses of these pages.
pub(super) fn routes() -> Router<Console> {
    Router::new()
        .route(PATH, get(page))
        .route("/console/duplicates/find", post(find))
        .route("/console/duplicates/cancel", post(cancel))
        .route("/console/duplicates/{left}/{right}", post(decide))
}

/// Which pairs, where the list goes on, and what was just done.
#[derive(Debug, Default, Deserialize)]
pub(super) struct DuplicatesQuery {
    #[serde(default)]
    state: String,
    #[serde(default)]
    after: String,
    #[serde(default)]
    done: String,
}

#[derive(Template)]
#[template(path = "console/duplicates.html")]
struct DuplicatesPage {
    f: Frame,
    state: &'static str,
    states: Vec<Choice>,
    filtered: bool,
    figures: Vec<(String, String)>,
    run: Option<RunView>,
    pairs: Vec<PairView>,
    may_decide: bool,
    first_page: Option<String>,
    next_page: Option<String>,
    error: Option<String>,
}

/// The latest run.
struct RunView {
    state: &'static str,
    state_name: String,
    running: bool,
    permille: u32,
    started: Moment,
    told: String,
    /// What was not compared or not kept.
    lost: Vec<String>,
    problem: Option<String>,
}

/// The page.
async fn page(
    State(console): State<Console>,
    Query(query): Query<DuplicatesQuery>,
    reader: Reader,
) -> Response {
    let mut f = reader.frame;
    f.notice = match query.done.split_once(':') {
        Some(("merged", name)) => Some(f.v("merge-done-into", name)),
        Some(("not_same", _)) => Some(f.t("duplicate-done-not-same")),
        Some(("later", _)) => Some(f.t("duplicate-done-later")),
        Some(("reopen", _)) => Some(f.t("duplicate-done-reopen")),
        Some(("find", _)) => Some(f.t("duplicates-started")),
        Some(("cancel", _)) => Some(f.t("duplicates-given-up")),
        _ => None,
    };
    list(&console, f, (&query.state, &query.after), None).await
}

async fn list(
    console: &Console,
    mut f: Frame,
    (state, after): (&str, &str),
    refused: Option<Refused>,
) -> Response {
    let (name, state) = STATES.into_iter().find(|(name, _)| *name == state).unwrap_or(STATES[0]);
    f.section = Section::Duplicates;
    f.here = address(PATH, &[("state", name), ("after", after)]);
    let after = Some(after).filter(|after| !after.is_empty());
    let found = console.engine.list_duplicates(state, after, PAIRS).await;
    let figures = console.engine.view_duplicates().await;
    let (found, figures) = match (found, figures) {
        (Ok(found), Ok(figures)) => (found, figures),
        (Err(error), _) | (_, Err(error)) => return problem::failed(f, &error),
    };
    let now = console.engine.clock().now();
    let status = if refused.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let page = DuplicatesPage {
        state: name,
        states: STATES.map(|(state, _)| Choice::new(state, f.named("duplicate-state-", state), name)).into(),
        filtered: state != DuplicateState::Open,
        figures: figure_list(&f, &figures),
        run: figures.run.as_ref().map(|run| run_view(&f, run, now)),
        pairs: found.pairs.iter().map(|pair| pair_view(&f, pair, refused.as_ref())).collect(),
        may_decide: f.may(Permission::MergeMembers),
        first_page: after.map(|_| address(PATH, &[("state", name)])),
        next_page: found.next.map(|next| address(PATH, &[("state", name), ("after", &next)])),
        error: refused.map(|refused| refused.told),
        f,
    };
    show(status, &page)
}

fn figure_list(f: &Frame, figures: &DuplicateFigures) -> Vec<(String, String)> {
    let count = |count: u64| number(i64::try_from(count).unwrap_or(i64::MAX));
    let none = || "–".to_owned();
    let precision = |share: Option<DuplicateShare>| {
        share.map_or_else(none, |share| {
            let whole = (share.value() * 1_000.0).round() / 10.0;
            let (part, judged) = (count(share.part), count(share.whole));
            let (low, high) = (format!("{:.1}", share.low * 100.0), format!("{:.1}", share.high * 100.0));
            let told = [("part", &*part), ("whole", &*judged), ("low", &*low), ("high", &*high)];
            format!("{whole}\u{a0}% {}", f.with("duplicates-interval", &told))
        })
    };
    vec![
        (f.t("duplicates-open"), count(figures.open)),
        (f.t("duplicates-open-likely"), count(figures.open_likely)),
        (f.t("duplicates-later"), count(figures.later)),
        (f.t("duplicates-not-same"), count(figures.not_same)),
        (f.t("duplicates-merged"), count(figures.merged)),
        (f.t("duplicates-match-rate"), figures.match_rate.map_or_else(none, percent)),
        (f.t("duplicates-precision"), precision(figures.precision)),
        (f.t("duplicates-precision-likely"), precision(figures.precision_likely)),
    ]
}

fn run_view(f: &Frame, run: &DuplicateRunView, now: Timestamp) -> RunView {
    let state = match run.state {
        DuplicateRunState::Running => "running",
        DuplicateRunState::Finished => "finished",
        DuplicateRunState::Failed => "failed",
        DuplicateRunState::Cancelled => "cancelled",
    };
    let count = |count: u64| number(i64::try_from(count).unwrap_or(i64::MAX));
    let told = [
        ("members", &*count(run.members)),
        ("compared", &*count(run.compared)),
        ("pairs", &*count(run.pairs)),
    ];
    let mut lost = Vec::new();
    if run.blocks_left_out > 0 {
        let (blocks, pairs) = (count(run.blocks_left_out), count(run.pairs_left_out));
        lost.push(f.with("duplicates-left-out", &[("blocks", &*blocks), ("pairs", &*pairs)]));
    }
    if run.pairs_over_limit > 0 {
        lost.push(f.n("duplicates-over-limit", run.pairs_over_limit));
    }
    RunView {
        state,
        state_name: f.named("duplicate-run-", state),
        running: run.state == DuplicateRunState::Running,
        permille: run.rules_done.saturating_mul(1_000).checked_div(run.rules_total).unwrap_or(0),
        started: Moment::time(f, run.started_at, now),
        told: f.with("duplicates-told", &told),
        lost,
        problem: run.error.clone(),
    }
}

/// Decides about a pair. Sent twice, it is done once.
async fn decide(
    State(console): State<Console>,
    Path((left, right)): Path<(String, String)>,
    Submission { reader, fields }: Submission,
) -> Result<Response, Response> {
    let Reader { frame: f, actor, .. } = reader.require(Permission::MergeMembers)?;
    let (Ok(left), Ok(right)) = (left.parse::<AccountId>(), right.parse::<AccountId>()) else {
        return Ok(problem::not_found(f));
    };
    let state = fields.text("state");
    let typed = fields.text("reason").to_owned();
    let (decision, done) = match (fields.text("decision"), fields.text("survivor").parse::<AccountId>()) {
        ("merge", _) if typed.is_empty() => {
            let refused = Refused { pair: (left, right), typed, told: f.t("note-missing") };
            return Ok(list(&console, f, (state, ""), Some(refused)).await);
        }
        ("merge", Ok(survivor)) => (DuplicateDecision::Merge { survivor, reason: typed.clone() }, "merged"),
        ("not_same", _) => (DuplicateDecision::NotSame, "not_same"),
        ("later", _) => (DuplicateDecision::Later, "later"),
        ("reopen", _) => (DuplicateDecision::Reopen, "reopen"),
        _ => return Ok(problem::not_found(f)),
    };
    Ok(match console.engine.decide_duplicate((left, right), &decision, &actor).await {
        Ok(pair) => {
            let survivor = match &decision {
                DuplicateDecision::Merge { survivor, .. } if *survivor == pair.right.member_id => pair.right,
                _ => pair.left,
            };
            let name = survivor.profile.name.unwrap_or_else(|| survivor.member_id.to_string());
            let done = format!("{done}:{name}");
            Redirect::to(&address(PATH, &[("state", state), ("done", &done)])).into_response()
        }
        Err(error @ OperationError::Refused(Refusal::Unknown { .. })) => problem::failed(f, &error),
        Err(error @ OperationError::Refused(_)) => {
            let refused = Refused { pair: (left, right), typed, told: problem::sentence(&f, &error) };
            list(&console, f, (state, ""), Some(refused)).await
        }
        Err(error) => problem::failed(f, &error),
    })
}

/// Starts a search, or lets one that stopped go on.
async fn find(
    State(console): State<Console>,
    Submission { reader, .. }: Submission,
) -> Result<Response, Response> {
    let Reader { frame: f, actor, .. } = reader.require(Permission::MergeMembers)?;
    Ok(match console.engine.start_find_duplicates(&actor).await {
        Ok(_) => Redirect::to(&address(PATH, &[("done", "find:")])).into_response(),
        Err(error) => problem::failed(f, &error),
    })
}

/// Gives the search up.
async fn cancel(
    State(console): State<Console>,
    Submission { reader, .. }: Submission,
) -> Result<Response, Response> {
    let Reader { frame: f, .. } = reader.require(Permission::MergeMembers)?;
    Ok(match console.engine.cancel_find_duplicates().await {
        Ok(_) => Redirect::to(&address(PATH, &[("done", "cancel:")])).into_response(),
        Err(error) => problem::failed(f, &error),
    })
}
