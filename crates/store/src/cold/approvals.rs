//! Commands that wait for a second person. Each is decided once, by somebody else than who asked for it.

use domain::ids::AccountId;
use jiff::Timestamp;

use crate::reader::Reader;
use crate::rows::{self, Columns};
use crate::value::Row;
use crate::{Database, StoreError};

/// What has become of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ApprovalState {
    /// Nobody has decided yet.
    Pending,
    /// The second person agreed.
    Approved,
    /// The second person refused.
    Refused,
}

/// A command that needs a second person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Approval {
    /// Its id.
    pub approval_id: String,
    /// Whom it concerns.
    pub account_id: AccountId,
    /// What will be done, as JSON.
    pub command: String,
    /// The first person.
    pub requested_by: String,
    /// When the first person asked.
    pub requested_at: Timestamp,
    /// What has become of it.
    pub state: ApprovalState,
    /// The second person.
    pub decided_by: Option<String>,
    /// When the second person decided; absent while an approval has not been carried out.
    pub decided_at: Option<Timestamp>,
}

const COLUMNS: &str =
    "approval_id, account_id, command, requested_by, requested_at, state, decided_by, decided_at";

impl Database {
    /// Stores a new request.
    pub async fn request_approval(&self, approval: &Approval) -> Result<(), StoreError> {
        let sql = "INSERT INTO approval (approval_id, account_id, command, requested_by, requested_at, state, \
                   decided_by, decided_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
        let params = vec![
            approval.approval_id.as_str().into(),
            approval.account_id.into(),
            approval.command.as_str().into(),
            approval.requested_by.as_str().into(),
            approval.requested_at.into(),
            state_name(approval.state).into(),
            approval.decided_by.as_deref().into(),
            approval.decided_at.into(),
        ];
        self.write_one(sql, params).await.map(drop)
    }

    /// Decides a pending request. `false` if it is unknown, decided already, or the deciding person asked for it. An
    /// approval without an instant still has to be carried out.
    pub async fn decide_approval(
        &self,
        approval_id: &str,
        state: ApprovalState,
        decided_by: &str,
        decided_at: Option<Timestamp>,
    ) -> Result<bool, StoreError> {
        let sql = "UPDATE approval SET state = $2, decided_by = $3, decided_at = $4 \
                   WHERE approval_id = $1 AND state = 'pending' AND requested_by <> $3";
        let params = vec![approval_id.into(), state_name(state).into(), decided_by.into(), decided_at.into()];
        Ok(self.write_one(sql, params).await? == 1)
    }

    /// Notes that an approved request was carried out. `false` if it was noted before.
    pub async fn complete_approval(&self, approval_id: &str, at: Timestamp) -> Result<bool, StoreError> {
        let sql = "UPDATE approval SET decided_at = $2 \
                   WHERE approval_id = $1 AND state = 'approved' AND decided_at IS NULL";
        Ok(self.write_one(sql, vec![approval_id.into(), at.into()]).await? == 1)
    }
}

impl Reader {
    /// A request by its id.
    pub async fn approval(&mut self, approval_id: &str) -> Result<Option<Approval>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM approval WHERE approval_id = $1");
        self.query_one(&sql, vec![approval_id.into()]).await?.map(|row| approval(&row)).transpose()
    }

    /// The requests in a state: of those that wait the oldest, of those that are decided the latest, with whatever
    /// still has to be carried out on top.
    pub async fn approvals(&mut self, state: ApprovalState, limit: u32) -> Result<Vec<Approval>, StoreError> {
        let order = match state {
            ApprovalState::Pending => "requested_at, approval_id",
            _ => "CASE WHEN decided_at IS NULL THEN 0 ELSE 1 END, decided_at DESC, approval_id",
        };
        let sql = format!("SELECT {COLUMNS} FROM approval WHERE state = $1 ORDER BY {order} LIMIT $2");
        self.query(&sql, vec![state_name(state).into(), limit.into()]).await?.iter().map(approval).collect()
    }
}

fn approval(row: &Row) -> Result<Approval, StoreError> {
    Ok(Approval {
        approval_id: row.text(0)?.to_owned(),
        account_id: rows::account_id(row.int(1)?)?,
        command: row.text(2)?.to_owned(),
        requested_by: row.text(3)?.to_owned(),
        requested_at: rows::timestamp(row.int(4)?)?,
        state: match row.text(5)? {
            "pending" => ApprovalState::Pending,
            "approved" => ApprovalState::Approved,
            _ => ApprovalState::Refused,
        },
        decided_by: row.text_or_null(6)?.map(str::to_owned),
        decided_at: row.int_or_null(7)?.map(rows::timestamp).transpose()?,
    })
}

fn state_name(state: ApprovalState) -> &'static str {
    match state {
        ApprovalState::Pending => "pending",
        ApprovalState::Approved => "approved",
        ApprovalState::Refused => "refused",
    }
}
