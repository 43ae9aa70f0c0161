//! Runs that look for members who may be one person, so that a run can be watched, given up, and resumed where it stopped.

use jiff::Timestamp;

use crate::reader::Reader;
use crate::rows::{self, Columns};
use crate::value::{Row, Value};
use crate::{Database, StoreError};

/// What a run is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DuplicateRunState {
    /// Comparing members, or stopped without a word; it can be resumed.
    Running,
    /// All members were compared.
    Finished,
    /// It stopped with an error; it can be resumed.
    Failed,
    /// Somebody gave it up; it can be resumed.
    Cancelled,
}

/// A run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DuplicateRun {
    /// Its number, from 1.
    pub run_no: i64,
    /// What it is doing.
    pub state: DuplicateRunState,
    /// Blocking rules done.
    pub rules_done: u32,
    /// Blocking rules there are.
    pub rules_total: u32,
    /// Members compared.
    pub members: u64,
    /// Records that had been merged into those members before.
    pub merged: u64,
    /// Pairs compared.
    pub compared: u64,
    /// Pairs kept.
    pub pairs: u64,
    /// Blocks too large to be compared.
    pub blocks_left_out: u64,
    /// The pairs in them.
    pub pairs_left_out: u64,
    /// Pairs above the threshold that were too many to keep.
    pub pairs_over_limit: u64,
    /// What was learnt, as JSON; none before.
    pub weights: Option<String>,
    /// When it began.
    pub started_at: Timestamp,
    /// Who started it.
    pub started_by: String,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
    /// Why it failed.
    pub error: Option<String>,
}

const COLUMNS: &str = "run_no, state, rules_done, rules_total, members, merged, compared, pairs, blocks_left_out, \
     pairs_left_out, pairs_over_limit, weights, started_at, started_by, finished_at, error";
const INSERT: &str = "INSERT INTO duplicate_run (run_no, state, rules_done, rules_total, members, merged, compared, \
     pairs, blocks_left_out, pairs_left_out, pairs_over_limit, weights, started_at, started_by, finished_at, error) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16) ON CONFLICT (run_no) DO NOTHING";
const UPDATE: &str = "UPDATE duplicate_run SET state = $2, rules_done = $3, rules_total = $4, members = $5, \
     merged = $6, compared = $7, pairs = $8, blocks_left_out = $9, pairs_left_out = $10, pairs_over_limit = $11, \
     weights = $12, finished_at = $13, error = $14 WHERE run_no = $1 AND state = 'running'";

impl Database {
    /// Stores a new run. `false` if the number is taken: somebody else began one.
    pub async fn begin_duplicate_run(&self, run: &DuplicateRun) -> Result<bool, StoreError> {
        let mut params = counted(run)?;
        params.push(run.started_at.into());
        params.push(run.started_by.as_str().into());
        params.push(run.finished_at.into());
        params.push(run.error.as_deref().into());
        Ok(self.write_one(INSERT, params).await? == 1)
    }

    /// Stores the progress or the end of a run. `false` if it is no longer running: somebody gave it up.
    pub async fn save_duplicate_run(&self, run: &DuplicateRun) -> Result<bool, StoreError> {
        let mut params = counted(run)?;
        params.push(run.finished_at.into());
        params.push(run.error.as_deref().into());
        Ok(self.write_one(UPDATE, params).await? == 1)
    }

    /// Lets a run that stopped go on.
    pub async fn resume_duplicate_run(&self, run_no: i64) -> Result<(), StoreError> {
        let sql = "UPDATE duplicate_run SET state = 'running', finished_at = NULL, error = NULL \
                   WHERE run_no = $1 AND state <> 'finished'";
        self.write_one(sql, vec![run_no.into()]).await.map(drop)
    }

    /// Gives a run up, wherever it is being worked on. `false` if none is running.
    pub async fn cancel_duplicate_run(&self, at: Timestamp) -> Result<bool, StoreError> {
        let sql = "UPDATE duplicate_run SET state = 'cancelled', finished_at = $1 WHERE state = 'running'";
        Ok(self.write_one(sql, vec![at.into()]).await? > 0)
    }
}

impl Reader {
    /// The latest run.
    pub async fn duplicate_run(&mut self) -> Result<Option<DuplicateRun>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM duplicate_run ORDER BY run_no DESC LIMIT 1");
        self.query_one(&sql, Vec::new()).await?.map(|row| run(&row)).transpose()
    }
}

/// The columns up to the weights.
fn counted(run: &DuplicateRun) -> Result<Vec<Value>, StoreError> {
    let count = |number: u64| {
        let number = i64::try_from(number).map_err(|cause| StoreError::corrupt("count", &cause))?;
        Ok::<Value, StoreError>(number.into())
    };
    Ok(vec![
        run.run_no.into(),
        state_name(run.state).into(),
        run.rules_done.into(),
        run.rules_total.into(),
        count(run.members)?,
        count(run.merged)?,
        count(run.compared)?,
        count(run.pairs)?,
        count(run.blocks_left_out)?,
        count(run.pairs_left_out)?,
        count(run.pairs_over_limit)?,
        run.weights.as_deref().into(),
    ])
}

fn run(row: &Row) -> Result<DuplicateRun, StoreError> {
    Ok(DuplicateRun {
        run_no: row.int(0)?,
        state: parse_state(row.text(1)?)?,
        rules_done: rows::number(row.int(2)?)?,
        rules_total: rows::number(row.int(3)?)?,
        members: rows::number(row.int(4)?)?,
        merged: rows::number(row.int(5)?)?,
        compared: rows::number(row.int(6)?)?,
        pairs: rows::number(row.int(7)?)?,
        blocks_left_out: rows::number(row.int(8)?)?,
        pairs_left_out: rows::number(row.int(9)?)?,
        pairs_over_limit: rows::number(row.int(10)?)?,
        weights: row.text_or_null(11)?.map(str::to_owned),
        started_at: rows::timestamp(row.int(12)?)?,
        started_by: row.text(13)?.to_owned(),
        finished_at: row.int_or_null(14)?.map(rows::timestamp).transpose()?,
        error: row.text_or_null(15)?.map(str::to_owned),
    })
}

fn state_name(state: DuplicateRunState) -> &'static str {
    match state {
        DuplicateRunState::Running => "running",
        DuplicateRunState::Finished => "finished",
        DuplicateRunState::Failed => "failed",
        DuplicateRunState::Cancelled => "cancelled",
    }
}

fn parse_state(text: &str) -> Result<DuplicateRunState, StoreError> {
    match text {
        "running" => Ok(DuplicateRunState::Running),
        "finished" => Ok(DuplicateRunState::Finished),
        "failed" => Ok(DuplicateRunState::Failed),
        "cancelled" => Ok(DuplicateRunState::Cancelled),
        _ => Err(StoreError::Corrupt(format!("state of a run “{text}”"))),
    }
}
