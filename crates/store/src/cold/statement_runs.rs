//! Runs of statements, so that a run can be watched and resumed where it stopped.

use domain::code::Code;
use domain::ids::AccountId;
use jiff::Timestamp;
use jiff::civil::Date;

use crate::reader::Reader;
use crate::rows::{self, Columns};
use crate::value::{Row, Value};
use crate::{Database, StoreError};

/// What a run is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RunState {
    /// Making statements, or stopped without a word; it can be resumed.
    Running,
    /// All members have theirs.
    Finished,
    /// It stopped with an error; it can be resumed.
    Failed,
}

/// A run: one for each statement and date.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatementRun {
    /// The statement.
    pub statement: Code,
    /// Its date.
    pub made_on: Date,
    /// The programme version whose terms it follows.
    pub programme_version: u32,
    /// The batch of its vouchers.
    pub batch_no: i64,
    /// What it is doing.
    pub state: RunState,
    /// The last account done; none before the first.
    pub position: Option<AccountId>,
    /// Accounts done.
    pub members: i64,
    /// Vouchers issued to them.
    pub vouchers: i64,
    /// Their face value in minor units.
    pub value: i64,
    /// Points that became vouchers.
    pub points: i64,
    /// Points carried over.
    pub carried: i64,
    /// When it began.
    pub started_at: Timestamp,
    /// Who started it.
    pub started_by: String,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
    /// Why it failed.
    pub error: Option<String>,
}

const COLUMNS: &str = "statement, made_on, programme_version, batch_no, state, position, members, vouchers, value, \
     points, carried, started_at, started_by, finished_at, error";
const UPSERT: &str = "INSERT INTO statement_run (statement, made_on, programme_version, batch_no, state, position, \
     members, vouchers, value, points, carried, started_at, started_by, finished_at, error) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15) \
     ON CONFLICT (statement, made_on) DO UPDATE SET state = excluded.state, position = excluded.position, \
     members = excluded.members, vouchers = excluded.vouchers, value = excluded.value, points = excluded.points, \
     carried = excluded.carried, finished_at = excluded.finished_at, error = excluded.error \
     WHERE statement_run.position <= excluded.position";

impl Database {
    /// Stores a new run or the progress of one. A run never goes backwards: whoever is further keeps the word.
    pub async fn save_statement_run(&self, run: &StatementRun) -> Result<(), StoreError> {
        let params: Vec<Value> = vec![
            run.statement.as_str().into(),
            run.made_on.to_string().into(),
            run.programme_version.into(),
            run.batch_no.into(),
            state_name(run.state).into(),
            run.position.map_or(-1, AccountId::number).into(),
            run.members.into(),
            run.vouchers.into(),
            run.value.into(),
            run.points.into(),
            run.carried.into(),
            run.started_at.into(),
            run.started_by.as_str().into(),
            run.finished_at.into(),
            run.error.as_deref().into(),
        ];
        self.write_one(UPSERT, params).await.map(drop)
    }
}

impl Reader {
    /// The run of a statement and date.
    pub async fn statement_run(
        &mut self,
        statement: Code,
        made_on: Date,
    ) -> Result<Option<StatementRun>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM statement_run WHERE statement = $1 AND made_on = $2");
        let params = vec![statement.as_str().into(), made_on.to_string().into()];
        self.query_one(&sql, params).await?.map(|row| run(&row)).transpose()
    }

    /// The latest runs, newest first.
    pub async fn statement_runs(&mut self, limit: u32) -> Result<Vec<StatementRun>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM statement_run ORDER BY made_on DESC, statement LIMIT $1");
        self.query(&sql, vec![limit.into()]).await?.iter().map(run).collect()
    }
}

fn run(row: &Row) -> Result<StatementRun, StoreError> {
    let made_on = row.text(1)?.parse().map_err(|cause| StoreError::corrupt("date of a statement", &cause))?;
    Ok(StatementRun {
        statement: rows::code(row.text(0)?)?,
        made_on,
        programme_version: rows::number(row.int(2)?)?,
        batch_no: row.int(3)?,
        state: parse_state(row.text(4)?)?,
        position: Some(row.int(5)?).filter(|position| *position >= 0).map(rows::account_id).transpose()?,
        members: row.int(6)?,
        vouchers: row.int(7)?,
        value: row.int(8)?,
        points: row.int(9)?,
        carried: row.int(10)?,
        started_at: rows::timestamp(row.int(11)?)?,
        started_by: row.text(12)?.to_owned(),
        finished_at: row.int_or_null(13)?.map(rows::timestamp).transpose()?,
        error: row.text_or_null(14)?.map(str::to_owned),
    })
}

fn state_name(state: RunState) -> &'static str {
    match state {
        RunState::Running => "running",
        RunState::Finished => "finished",
        RunState::Failed => "failed",
    }
}

fn parse_state(text: &str) -> Result<RunState, StoreError> {
    match text {
        "running" => Ok(RunState::Running),
        "finished" => Ok(RunState::Finished),
        "failed" => Ok(RunState::Failed),
        _ => Err(StoreError::Corrupt(format!("state of a run “{text}”"))),
    }
}
