//! Pairs of members who may be one person: how probable that is and why, and what people decided. A decision outlives the
//! runs that find the pair again, until what is known of either member changes.

use domain::ids::AccountId;
use jiff::Timestamp;

use crate::batch::Fingerprint;
use crate::reader::{Reader, Statement};
use crate::rows::{self, Columns};
use crate::value::{Row, Value};
use crate::{Database, StoreError};

/// What has become of a pair.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum DuplicateState {
    /// Nobody has decided yet.
    Open,
    /// Somebody looked at it and put it aside.
    Later,
    /// They are two persons.
    NotSame,
    /// They were one person, and are one member now.
    Merged,
}

/// A pair.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DuplicatePair {
    /// The account with the smaller number.
    pub left: AccountId,
    /// The other one.
    pub right: AccountId,
    /// What has become of it.
    pub state: DuplicateState,
    /// Log2 of the odds that both are one person, in thousandths.
    pub weight_millibits: i64,
    /// What each field adds to the weight, as JSON.
    pub evidence: String,
    /// Both persons as they were compared.
    pub fingerprint: Fingerprint,
    /// The last run that found it.
    pub run_no: i64,
    /// When it was found first with these data.
    pub found_at: Timestamp,
    /// When somebody decided.
    pub decided_at: Option<Timestamp>,
    /// Who decided.
    pub decided_by: Option<String>,
}

/// A place in the queue: right after this pair.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DuplicatePlace {
    /// Its weight.
    pub weight_millibits: i64,
    /// Its smaller account.
    pub left: AccountId,
    /// Its other account.
    pub right: AccountId,
}

/// How many pairs are in a state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DuplicateCount {
    /// The state.
    pub state: DuplicateState,
    /// Whether their weight reaches the one asked about.
    pub likely: bool,
    /// How many.
    pub pairs: u64,
}

const COLUMNS: &str = "p.left_id, p.right_id, p.state, p.weight, p.evidence, p.fingerprint, p.run_no, p.found_at, \
     p.decided_at, p.decided_by";
/// A pair that waits for a decision is one of two members who both still take part: one that was merged meanwhile is gone.
const SHOWN: &str = "(p.state IN ('not_same', 'merged') OR (a.status = 'active' AND b.status = 'active'))";
const ACCOUNTS: &str =
    "JOIN account a ON a.account_id = p.left_id JOIN account b ON b.account_id = p.right_id";
const UPSERT: &str = "INSERT INTO duplicate_pair (left_id, right_id, state, weight, evidence, fingerprint, run_no, \
     found_at) VALUES ($1, $2, 'open', $3, $4, $5, $6, $7) \
     ON CONFLICT (left_id, right_id) DO UPDATE SET weight = excluded.weight, evidence = excluded.evidence, \
     run_no = excluded.run_no, fingerprint = excluded.fingerprint, \
     state = CASE WHEN duplicate_pair.fingerprint = excluded.fingerprint THEN duplicate_pair.state ELSE 'open' END, \
     found_at = CASE WHEN duplicate_pair.fingerprint = excluded.fingerprint \
         THEN duplicate_pair.found_at ELSE excluded.found_at END, \
     decided_at = CASE WHEN duplicate_pair.fingerprint = excluded.fingerprint \
         THEN duplicate_pair.decided_at ELSE NULL END, \
     decided_by = CASE WHEN duplicate_pair.fingerprint = excluded.fingerprint \
         THEN duplicate_pair.decided_by ELSE NULL END \
     WHERE duplicate_pair.state <> 'merged'";

impl Database {
    /// Stores pairs that a run found. What was decided about a pair stays while its fingerprint does.
    pub async fn save_duplicates(&self, pairs: &[DuplicatePair]) -> Result<(), StoreError> {
        let statement = |pair: &DuplicatePair| -> Statement {
            let params: Vec<Value> = vec![
                pair.left.into(),
                pair.right.into(),
                pair.weight_millibits.into(),
                pair.evidence.as_str().into(),
                pair.fingerprint.as_slice().into(),
                pair.run_no.into(),
                pair.found_at.into(),
            ];
            (UPSERT, params)
        };
        self.write(pairs.iter().map(statement).collect()).await.map(drop)
    }

    /// Decides a pair. `false` if it is unknown or was merged.
    pub async fn decide_duplicate(
        &self,
        (left, right): (AccountId, AccountId),
        state: DuplicateState,
        decided_by: &str,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        let sql = "UPDATE duplicate_pair SET state = $3, decided_by = $4, decided_at = $5 \
                   WHERE left_id = $1 AND right_id = $2 AND state <> 'merged'";
        let params = vec![left.into(), right.into(), state_name(state).into(), decided_by.into(), at.into()];
        Ok(self.write_one(sql, params).await? == 1)
    }

    /// Takes a pair out of the queue: one of its members is somebody else by now.
    pub async fn forget_duplicate(&self, left: AccountId, right: AccountId) -> Result<(), StoreError> {
        let sql =
            "DELETE FROM duplicate_pair WHERE left_id = $1 AND right_id = $2 AND state IN ('open', 'later')";
        self.write_one(sql, vec![left.into(), right.into()]).await.map(drop)
    }

    /// Pairs that were merged and parted again were not the same after all.
    pub async fn part_duplicates(&self, decided_by: &str, at: Timestamp) -> Result<u64, StoreError> {
        let sql = "UPDATE duplicate_pair SET state = 'not_same', decided_by = $1, decided_at = $2 \
                   WHERE state = 'merged' AND (SELECT count(*) FROM account a WHERE a.status = 'active' \
                   AND a.account_id IN (duplicate_pair.left_id, duplicate_pair.right_id)) = 2";
        self.write_one(sql, vec![decided_by.into(), at.into()]).await
    }

    /// Takes out of the queue what a whole run has not found any more.
    pub async fn forget_duplicates_before(&self, run_no: i64) -> Result<u64, StoreError> {
        let sql = "DELETE FROM duplicate_pair WHERE run_no < $1 AND state IN ('open', 'later')";
        self.write_one(sql, vec![run_no.into()]).await
    }
}

impl Reader {
    /// A pair by its accounts, the smaller one first.
    pub async fn duplicate(
        &mut self,
        left: AccountId,
        right: AccountId,
    ) -> Result<Option<DuplicatePair>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM duplicate_pair p WHERE p.left_id = $1 AND p.right_id = $2");
        self.query_one(&sql, vec![left.into(), right.into()]).await?.map(|row| pair(&row)).transpose()
    }

    /// A page of the pairs in a state, the most probable first.
    pub async fn duplicates(
        &mut self,
        state: DuplicateState,
        after: Option<DuplicatePlace>,
        limit: u32,
    ) -> Result<Vec<DuplicatePair>, StoreError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM duplicate_pair p {ACCOUNTS} WHERE p.state = $1 \
             AND (p.weight, p.left_id, p.right_id) < ($2, $3, $4) AND {SHOWN} \
             ORDER BY p.weight DESC, p.left_id DESC, p.right_id DESC LIMIT $5"
        );
        let (weight, left, right) = after.map_or((i64::MAX, 0, 0), |place| {
            (place.weight_millibits, place.left.number(), place.right.number())
        });
        let params = vec![state_name(state).into(), weight.into(), left.into(), right.into(), limit.into()];
        self.query(&sql, params).await?.iter().map(pair).collect()
    }

    /// The pairs that wait for a decision though one of their members takes no part any more.
    pub async fn duplicates_gone(&mut self, limit: u32) -> Result<Vec<DuplicatePair>, StoreError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM duplicate_pair p {ACCOUNTS} WHERE p.state IN ('open', 'later') \
             AND (a.status <> 'active' OR b.status <> 'active') ORDER BY p.left_id, p.right_id LIMIT $1"
        );
        self.query(&sql, vec![limit.into()]).await?.iter().map(pair).collect()
    }

    /// How many pairs are in each state, those of at least a weight apart from the others.
    pub async fn duplicate_counts(
        &mut self,
        likely_millibits: i64,
    ) -> Result<Vec<DuplicateCount>, StoreError> {
        let sql = format!(
            "SELECT p.state, CAST(CASE WHEN p.weight >= $1 THEN 1 ELSE 0 END AS BIGINT), count(*) \
             FROM duplicate_pair p {ACCOUNTS} \
             WHERE {SHOWN} GROUP BY 1, 2 ORDER BY 1, 2"
        );
        let count = |row: &Row| {
            let (likely, pairs) = (row.int(1)? == 1, rows::number(row.int(2)?)?);
            Ok(DuplicateCount { state: parse_state(row.text(0)?)?, likely, pairs })
        };
        self.query(&sql, vec![likely_millibits.into()]).await?.iter().map(count).collect()
    }

    /// How many members are in an open pair of at least a weight.
    pub async fn duplicate_members(&mut self, likely_millibits: i64) -> Result<u64, StoreError> {
        let open = |id: &str| {
            format!(
                "SELECT p.{id} AS id FROM duplicate_pair p {ACCOUNTS} \
                 WHERE p.state = 'open' AND p.weight >= $1 AND {SHOWN}"
            )
        };
        let sql = format!("SELECT count(*) FROM ({} UNION {}) members", open("left_id"), open("right_id"));
        let row = self.query_one(&sql, vec![likely_millibits.into()]).await?;
        row.map_or(Ok(0), |row| rows::number(row.int(0)?))
    }
}

fn pair(row: &Row) -> Result<DuplicatePair, StoreError> {
    Ok(DuplicatePair {
        left: rows::account_id(row.int(0)?)?,
        right: rows::account_id(row.int(1)?)?,
        state: parse_state(row.text(2)?)?,
        weight_millibits: row.int(3)?,
        evidence: row.text(4)?.to_owned(),
        fingerprint: rows::fingerprint(row.bytes(5)?)?,
        run_no: row.int(6)?,
        found_at: rows::timestamp(row.int(7)?)?,
        decided_at: row.int_or_null(8)?.map(rows::timestamp).transpose()?,
        decided_by: row.text_or_null(9)?.map(str::to_owned),
    })
}

fn state_name(state: DuplicateState) -> &'static str {
    match state {
        DuplicateState::Open => "open",
        DuplicateState::Later => "later",
        DuplicateState::NotSame => "not_same",
        DuplicateState::Merged => "merged",
    }
}

fn parse_state(text: &str) -> Result<DuplicateState, StoreError> {
    match text {
        "open" => Ok(DuplicateState::Open),
        "later" => Ok(DuplicateState::Later),
        "not_same" => Ok(DuplicateState::NotSame),
        "merged" => Ok(DuplicateState::Merged),
        _ => Err(StoreError::Corrupt(format!("state of a pair “{text}”"))),
    }
}
