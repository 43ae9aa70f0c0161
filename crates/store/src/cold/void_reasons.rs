//! Why vouchers and batches of them were declared void, in the words of who did it.

use jiff::Timestamp;

use crate::reader::Reader;
use crate::rows::{self, Columns};
use crate::{Database, StoreError};

/// Why something was declared void.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VoidReason {
    /// The voucher's id, or `batch` and its number.
    pub subject: String,
    /// Why.
    pub reason: String,
    /// When.
    pub given_at: Timestamp,
    /// By whom.
    pub given_by: String,
}

impl Database {
    /// Keeps a reason, unless there is one: what is void stays void for the reason that made it so.
    pub async fn keep_void_reason(&self, reason: &VoidReason) -> Result<(), StoreError> {
        let sql = "INSERT INTO void_reason (subject, reason, given_at, given_by) VALUES ($1, $2, $3, $4) \
                   ON CONFLICT (subject) DO NOTHING";
        let params = vec![
            reason.subject.as_str().into(),
            reason.reason.as_str().into(),
            reason.given_at.into(),
            reason.given_by.as_str().into(),
        ];
        self.write_one(sql, params).await.map(drop)
    }
}

impl Reader {
    /// The reason of a void, if one was given.
    pub async fn void_reason(&mut self, subject: &str) -> Result<Option<VoidReason>, StoreError> {
        let sql = "SELECT subject, reason, given_at, given_by FROM void_reason WHERE subject = $1";
        let found = self.query_one(sql, vec![subject.into()]).await?;
        let reason = |row: crate::value::Row| {
            Ok(VoidReason {
                subject: row.text(0)?.to_owned(),
                reason: row.text(1)?.to_owned(),
                given_at: rows::timestamp(row.int(2)?)?,
                given_by: row.text(3)?.to_owned(),
            })
        };
        found.map(reason).transpose()
    }
}
