//! Runs of the importer, so that a run can be watched, resumed and explained.

use jiff::Timestamp;

use crate::batch::Fingerprint;
use crate::reader::{Reader, Statement};
use crate::rows::{self, Columns};
use crate::value::{Row, Value};
use crate::{Database, StoreError};

/// What a run is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImportState {
    /// Reading and recording.
    Running,
    /// Everything was read.
    Finished,
    /// It stopped early; it can be resumed.
    Failed,
}

/// A run of the importer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportRun {
    /// Its id.
    pub run_id: String,
    /// Names of the files.
    pub files: Vec<String>,
    /// The map as used.
    pub map: String,
    /// Files and map, condensed: the same run resumes.
    pub fingerprint: Fingerprint,
    /// What it is doing.
    pub state: ImportState,
    /// Rows read so far.
    pub rows_read: u64,
    /// Documents recorded so far.
    pub documents: u64,
    /// Rows refused so far.
    pub rejected: u64,
    /// Where to resume, as JSON.
    pub position: String,
    /// What became of the rows, as JSON.
    pub counts: String,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
    /// Why it failed.
    pub error: Option<String>,
}

/// A row that was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportReject {
    /// Order of finding within the run, from 1.
    pub reject_no: u64,
    /// The file.
    pub file: String,
    /// The line in it.
    pub row_no: u64,
    /// The column that is wrong.
    pub field: String,
    /// What it held.
    pub value: String,
    /// Why it was refused, in a sentence.
    pub reason: String,
}

const COLUMNS: &str = "run_id, files, map, fingerprint, state, rows_read, documents, rejected, position, counts, \
     started_at, finished_at, error";
const UPSERT: &str = "INSERT INTO import_run (run_id, files, map, fingerprint, state, rows_read, documents, rejected, \
     position, counts, started_at, finished_at, error) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) \
     ON CONFLICT (run_id) DO UPDATE SET state = excluded.state, rows_read = excluded.rows_read, \
     documents = excluded.documents, rejected = excluded.rejected, position = excluded.position, \
     counts = excluded.counts, finished_at = excluded.finished_at, error = excluded.error";
const INSERT_REJECT: &str = "INSERT INTO import_reject (run_id, reject_no, file, row_no, field, value, reason) \
     VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (run_id, reject_no) DO NOTHING";

impl Database {
    /// Stores a new run or the progress of one, together with the rows refused since the last time.
    pub async fn save_import(&self, run: &ImportRun, rejects: &[ImportReject]) -> Result<(), StoreError> {
        let mut statements: Vec<Statement> = vec![(UPSERT, run_params(run)?)];
        for reject in rejects {
            let params = vec![
                run.run_id.as_str().into(),
                count(reject.reject_no)?,
                reject.file.as_str().into(),
                count(reject.row_no)?,
                reject.field.as_str().into(),
                reject.value.as_str().into(),
                reject.reason.as_str().into(),
            ];
            statements.push((INSERT_REJECT, params));
        }
        self.write(statements).await.map(drop)
    }
}

impl Reader {
    /// A run by its id.
    pub async fn import_run(&mut self, run_id: &str) -> Result<Option<ImportRun>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM import_run WHERE run_id = $1");
        self.query_one(&sql, vec![run_id.into()]).await?.map(|row| run(&row)).transpose()
    }

    /// The latest run of the same files with the same map.
    pub async fn import_run_like(
        &mut self,
        fingerprint: &Fingerprint,
    ) -> Result<Option<ImportRun>, StoreError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM import_run WHERE fingerprint = $1 ORDER BY started_at DESC, run_id DESC LIMIT 1"
        );
        self.query_one(&sql, vec![fingerprint.as_slice().into()]).await?.map(|row| run(&row)).transpose()
    }

    /// Runs that began before an instant, or the latest, newest first.
    pub async fn import_runs(
        &mut self,
        before: Option<Timestamp>,
        limit: u32,
    ) -> Result<Vec<ImportRun>, StoreError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM import_run WHERE started_at < $1 ORDER BY started_at DESC, run_id DESC LIMIT $2"
        );
        let before = before.unwrap_or(Timestamp::MAX);
        self.query(&sql, vec![before.into(), limit.into()]).await?.iter().map(run).collect()
    }

    /// The refused rows of a run after a number, in order of finding.
    pub async fn import_rejects(
        &mut self,
        run_id: &str,
        after: u64,
        limit: u32,
    ) -> Result<Vec<ImportReject>, StoreError> {
        let sql = "SELECT reject_no, file, row_no, field, value, reason FROM import_reject \
                   WHERE run_id = $1 AND reject_no > $2 ORDER BY reject_no LIMIT $3";
        let found = self.query(sql, vec![run_id.into(), count(after)?, limit.into()]).await?;
        found
            .iter()
            .map(|row| {
                Ok(ImportReject {
                    reject_no: rows::number(row.int(0)?)?,
                    file: row.text(1)?.to_owned(),
                    row_no: rows::number(row.int(2)?)?,
                    field: row.text(3)?.to_owned(),
                    value: row.text(4)?.to_owned(),
                    reason: row.text(5)?.to_owned(),
                })
            })
            .collect()
    }
}

fn run_params(run: &ImportRun) -> Result<Vec<Value>, StoreError> {
    Ok(vec![
        run.run_id.as_str().into(),
        rows::json(&run.files)?.into(),
        run.map.as_str().into(),
        run.fingerprint.as_slice().into(),
        state_name(run.state).into(),
        count(run.rows_read)?,
        count(run.documents)?,
        count(run.rejected)?,
        run.position.as_str().into(),
        run.counts.as_str().into(),
        run.started_at.into(),
        run.finished_at.into(),
        run.error.as_deref().into(),
    ])
}

fn count(number: u64) -> Result<Value, StoreError> {
    let number = i64::try_from(number).map_err(|cause| StoreError::corrupt("count", &cause))?;
    Ok(number.into())
}

fn run(row: &Row) -> Result<ImportRun, StoreError> {
    Ok(ImportRun {
        run_id: row.text(0)?.to_owned(),
        files: rows::parse("files", row.text(1)?)?,
        map: row.text(2)?.to_owned(),
        fingerprint: rows::fingerprint(row.bytes(3)?)?,
        state: match row.text(4)? {
            "running" => ImportState::Running,
            "finished" => ImportState::Finished,
            _ => ImportState::Failed,
        },
        rows_read: rows::number(row.int(5)?)?,
        documents: rows::number(row.int(6)?)?,
        rejected: rows::number(row.int(7)?)?,
        position: row.text(8)?.to_owned(),
        counts: row.text(9)?.to_owned(),
        started_at: rows::timestamp(row.int(10)?)?,
        finished_at: row.int_or_null(11)?.map(rows::timestamp).transpose()?,
        error: row.text_or_null(12)?.map(str::to_owned),
    })
}

fn state_name(state: ImportState) -> &'static str {
    match state {
        ImportState::Running => "running",
        ImportState::Finished => "finished",
        ImportState::Failed => "failed",
    }
}
