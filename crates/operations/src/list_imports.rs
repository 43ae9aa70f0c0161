//! Runs of the importer as people see them: how far they came, what became of the rows, which were refused and why.

use domain::refusal::Refusal;
use jiff::Timestamp;
use store::{ImportRun, ImportState};

pub use store::ImportReject;

use crate::engine::Engine;
use crate::error::OperationError;

/// Rows on one page at the most.
pub const REJECT_PAGE_SIZE_MAX: u32 = 1_000;

/// What a run is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RunState {
    /// Reading and recording.
    Running,
    /// Everything was read.
    Finished,
    /// It stopped early; running it again goes on.
    Failed,
}

/// A run of the importer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportView {
    /// Its id.
    pub run_id: String,
    /// Names of the files.
    pub files: Vec<String>,
    /// What it is doing.
    pub state: RunState,
    /// Rows read so far.
    pub rows_read: u64,
    /// Documents recorded so far.
    pub documents: u64,
    /// Rows refused so far.
    pub rejected: u64,
    /// What became of the rows: name and number, in the order they were written.
    pub counts: Vec<(String, u64)>,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
    /// Why it failed.
    pub error: Option<String>,
}

impl Engine {
    /// Runs of the importer that began before an instant, or the latest, newest first.
    pub async fn list_imports(
        &self,
        before: Option<Timestamp>,
        limit: u32,
    ) -> Result<Vec<ImportView>, OperationError> {
        let runs = self.database().reader().await?.import_runs(before, limit).await?;
        Ok(runs.into_iter().map(ImportView::read).collect())
    }

    /// One run.
    pub async fn view_import(&self, run_id: &str) -> Result<ImportView, OperationError> {
        let found = self.database().reader().await?.import_run(run_id).await?;
        let unknown = || Refusal::Unknown { what: "import".to_owned(), value: run_id.to_owned() };
        Ok(ImportView::read(found.ok_or_else(unknown)?))
    }

    /// The refused rows of a run after a number, in order of finding.
    pub async fn list_import_rejects(
        &self,
        run_id: &str,
        after: u64,
        limit: u32,
    ) -> Result<Vec<ImportReject>, OperationError> {
        let limit = limit.min(REJECT_PAGE_SIZE_MAX);
        Ok(self.database().reader().await?.import_rejects(run_id, after, limit).await?)
    }
}

impl ImportView {
    fn read(run: ImportRun) -> Self {
        let mut counts = Vec::new();
        if let Ok(value) = serde_json::from_str(&run.counts) {
            flatten("", &value, &mut counts);
        }
        Self {
            run_id: run.run_id,
            files: run.files,
            state: match run.state {
                ImportState::Running => RunState::Running,
                ImportState::Finished => RunState::Finished,
                ImportState::Failed => RunState::Failed,
            },
            rows_read: run.rows_read,
            documents: run.documents,
            rejected: run.rejected,
            counts,
            started_at: run.started_at,
            finished_at: run.finished_at,
            error: run.error,
        }
    }
}

/// Every number in nested counts with the names that lead to it.
fn flatten(path: &str, value: &serde_json::Value, counts: &mut Vec<(String, u64)>) {
    match value {
        serde_json::Value::Object(parts) => {
            for (name, part) in parts {
                let name = name.replace('_', " ");
                let path = if path.is_empty() { name } else { format!("{path}: {name}") };
                flatten(&path, part, counts);
            }
        }
        serde_json::Value::Number(number) => {
            counts
                .extend(number.as_u64().filter(|number| *number > 0).map(|number| (path.to_owned(), number)));
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::flatten;

    #[test]
    fn nested_counts_become_one_list() {
        let value =
            serde_json::json!({ "rows_read": 9, "dropped": { "no_member": 2, "test": 0 }, "note": "x" });
        let mut counts = Vec::new();
        flatten("", &value, &mut counts);
        counts.sort();
        assert_eq!(counts, [("dropped: no member".to_owned(), 2), ("rows read".to_owned(), 9)]);
    }
}
