//! Runs of the importer: how far they are, what became of the rows, and the rows that were refused.

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use jiff::Timestamp;
use operations::{ImportReject, ImportView, REJECT_PAGE_SIZE_MAX, RunState};
use serde::Deserialize;

use super::Console;
use super::csv_file::CsvFile;
use super::format::number;
use super::moment::Moment;
use super::page::{Frame, Section, Theme, ok};
use super::problem;
use super::session::Reader;

/// Runs on the page.
const RUNS: u32 = 100;
/// Refused rows on a page.
const REJECTS: u32 = 50;

#[derive(Template)]
#[template(path = "console/imports.html")]
struct ImportsPage {
    f: Frame,
    runs: Vec<RunView>,
}

struct RunView {
    id: String,
    name: String,
    state: &'static str,
    state_name: String,
    rows: String,
    rejected: String,
    started: Moment,
}

fn run_view(f: &Frame, run: &ImportView, now: Timestamp) -> RunView {
    let (state, key) = match run.state {
        RunState::Running => ("running", "run-running"),
        RunState::Finished => ("finished", "run-finished"),
        RunState::Failed => ("failed", "run-failed"),
    };
    RunView {
        id: run.run_id.clone(),
        name: run.files.join(", "),
        state,
        state_name: f.t(key),
        rows: number(i64::try_from(run.rows_read).unwrap_or(i64::MAX)),
        rejected: number(i64::try_from(run.rejected).unwrap_or(i64::MAX)),
        started: Moment::time(f, run.started_at, now),
    }
}

/// The list.
pub(super) async fn page(State(console): State<Console>, reader: Reader) -> Response {
    let mut f = reader.frame;
    f.section = Section::Imports;
    let now = console.engine.clock().now();
    match console.engine.list_imports(None, RUNS).await {
        Ok(runs) => {
            let runs = runs.iter().map(|run| run_view(&f, run, now)).collect();
            ok(&ImportsPage { f, runs })
        }
        Err(error) => problem::failed(f, &error),
    }
}

#[derive(Template)]
#[template(path = "console/import.html")]
struct ImportPage {
    f: Frame,
    run: RunView,
    running: bool,
    problem: Option<String>,
    counts: Vec<Count>,
    reasons: Vec<Count>,
    rejects: Vec<RejectView>,
    first_page: Option<String>,
    next_page: Option<String>,
}

struct Count {
    label: String,
    value: String,
}

struct RejectView {
    file: String,
    row: u64,
    field: String,
    value: String,
    reason: String,
}

impl From<ImportReject> for RejectView {
    fn from(reject: ImportReject) -> Self {
        let ImportReject { file, row_no, field, value, reason, .. } = reject;
        Self { file, row: row_no, field, value, reason }
    }
}

/// After which refused row the page begins.
#[derive(Debug, Default, Deserialize)]
pub(super) struct RejectQuery {
    #[serde(default)]
    after: u64,
}

/// One run.
pub(super) async fn run(
    State(console): State<Console>,
    Path(id): Path<String>,
    Query(query): Query<RejectQuery>,
    reader: Reader,
) -> Response {
    let mut f = reader.frame;
    f.section = Section::Imports;
    let run = console.engine.view_import(&id).await;
    let rejects = console.engine.list_import_rejects(&id, query.after, REJECTS + 1).await;
    let (run, mut rejects) = match (run, rejects) {
        (Ok(run), Ok(rejects)) => (run, rejects),
        (Err(error), _) | (_, Err(error)) => return problem::failed(f, &error),
    };
    let shown = usize::try_from(REJECTS).unwrap_or(usize::MAX);
    let more = rejects.len() > shown;
    rejects.truncate(shown);
    let last = rejects.last().map(|reject| reject.reject_no).filter(|_| more);
    let here = format!("/console/imports/{}", run.run_id);
    let count =
        |label: String, value: u64| Count { label, value: number(i64::try_from(value).unwrap_or(i64::MAX)) };
    ok(&ImportPage {
        running: run.state == RunState::Running,
        problem: run.error.clone(),
        counts: vec![
            count(f.t("rows"), run.rows_read),
            count(f.t("documents"), run.documents),
            count(f.t("rejected"), run.rejected),
        ],
        reasons: run.counts.iter().map(|(label, value)| count(label.clone(), *value)).collect(),
        rejects: rejects.into_iter().map(RejectView::from).collect(),
        first_page: (query.after > 0).then(|| here.clone()),
        next_page: last.map(|after| format!("{here}?after={after}")),
        run: run_view(&f, &run, console.engine.clock().now()),
        f,
    })
}

/// All refused rows of a run as a file.
pub(super) async fn rejects(
    State(console): State<Console>,
    Path(id): Path<String>,
    reader: Reader,
) -> Response {
    let f = reader.frame;
    let mut file = CsvFile::new(&["file", "row", "field", "value", "problem"].map(|key| f.t(key)));
    let mut after = 0;
    loop {
        let page = match console.engine.list_import_rejects(&id, after, REJECT_PAGE_SIZE_MAX).await {
            Ok(page) => page,
            Err(error) => return problem::failed(f, &error),
        };
        let Some(last) = page.last() else { return file.download("rejects") };
        after = last.reject_no;
        for reject in &page {
            let row = reject.row_no.to_string();
            file.row(&[&reject.file, &row, &reject.field, &reject.value, &reject.reason]);
        }
    }
}
