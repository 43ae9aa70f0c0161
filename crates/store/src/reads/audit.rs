//! What an audit compares beside accounts and entries: documents, budgets, and the columns that lists read.

use domain::code::Code;
use domain::document::DocumentKey;
use domain::ids::{AccountId, EntryId};
use domain::ledger::AccountStatus;
use jiff::Timestamp;

use crate::reader::Reader;
use crate::rows::{self, Columns};
use crate::{StoreError, StoredDocument};

/// The columns of an account that repeat what its state says, for lists and sweeps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountColumns {
    /// The account.
    pub account_id: AccountId,
    /// Whether it takes part.
    pub status: AccountStatus,
    /// When the member joined.
    pub enrolled_at: Timestamp,
    /// When something next happens by time alone.
    pub next_due_at: Option<Timestamp>,
    /// Tier on the main ladder.
    pub tier: Option<Code>,
    /// Points of the main unit less debt.
    pub points: i64,
    /// Pending points of the main unit.
    pub pending: i64,
    /// Purchases less returns.
    pub spend: i64,
    /// Purchases.
    pub purchase_count: u32,
    /// The latest purchase.
    pub last_purchase_at: Option<Timestamp>,
    /// Number of the last entry.
    pub last_entry_no: u32,
}

/// What a campaign has spent of its budget.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BudgetRow {
    /// The campaign's rule.
    pub campaign: Code,
    /// Points spent.
    pub spent: i64,
    /// Points it may spend.
    pub limit_points: i64,
}

impl Reader {
    /// The columns of the next accounts in order of their ids.
    pub async fn all_account_columns(
        &mut self,
        after: Option<AccountId>,
        limit: u32,
    ) -> Result<Vec<AccountColumns>, StoreError> {
        let after = after.map_or(-1, AccountId::number);
        let sql = "SELECT account_id, status, enrolled_at, next_due_at, tier, points, pending, spend, \
                   purchase_count, last_purchase_at, last_entry_no \
                   FROM account WHERE account_id > $1 ORDER BY account_id LIMIT $2";
        let found = self.query(sql, vec![after.into(), limit.into()]).await?;
        found.iter().map(columns).collect()
    }

    /// The next documents in order of their keys, each with what it led to.
    pub async fn all_documents(
        &mut self,
        after: Option<&DocumentKey>,
        limit: u32,
    ) -> Result<Vec<(DocumentKey, StoredDocument)>, StoreError> {
        let (source, reference) = after.map_or(("", ""), |key| (&key.source, &key.reference));
        let sql = "SELECT source, reference, account_id, entry_no, fingerprint FROM document \
                   WHERE (source, reference) > ($1, $2) ORDER BY source, reference LIMIT $3";
        let found = self.query(sql, vec![source.into(), reference.into(), limit.into()]).await?;
        found
            .iter()
            .map(|row| {
                let key = DocumentKey { source: row.text(0)?.to_owned(), reference: row.text(1)?.to_owned() };
                let entry = EntryId {
                    account_id: rows::account_id(row.int(2)?)?,
                    entry_no: rows::number(row.int(3)?)?,
                };
                Ok((key, StoredDocument { entry, fingerprint: rows::fingerprint(row.bytes(4)?)? }))
            })
            .collect()
    }

    /// What every campaign has spent of its budget.
    pub async fn all_budgets(&mut self) -> Result<Vec<BudgetRow>, StoreError> {
        let sql = "SELECT campaign, spent, limit_points FROM budget ORDER BY campaign";
        let found = self.query(sql, Vec::new()).await?;
        found
            .iter()
            .map(|row| {
                Ok(BudgetRow {
                    campaign: rows::code(row.text(0)?)?,
                    spent: row.int(1)?,
                    limit_points: row.int(2)?,
                })
            })
            .collect()
    }
}

fn columns(row: &impl Columns) -> Result<AccountColumns, StoreError> {
    let instant = |column: usize| row.int_or_null(column)?.map(rows::timestamp).transpose();
    Ok(AccountColumns {
        account_id: rows::account_id(row.int(0)?)?,
        status: rows::parse_status(row.text(1)?)?,
        enrolled_at: rows::timestamp(row.int(2)?)?,
        next_due_at: instant(3)?,
        tier: row.text_or_null(4)?.map(rows::code).transpose()?,
        points: row.int(5)?,
        pending: row.int(6)?,
        spend: row.int(7)?,
        purchase_count: rows::number(row.int(8)?)?,
        last_purchase_at: instant(9)?,
        last_entry_no: rows::number(row.int(10)?)?,
    })
}
