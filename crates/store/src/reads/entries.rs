//! Entries of one account: the timeline, a single receipt, and what had been posted as of two instants.

use domain::code::Code;
use domain::document::DocumentKey;
use domain::ids::{AccountId, EntryId};
use domain::ledger::{Entry, LedgerAccount, ReturnProgress};
use jiff::Timestamp;

use crate::reader::Reader;
use crate::rows::{self, Columns, ENTRY_COLUMNS, POSTING_COLUMNS};
use crate::{LoadedEntry, StoreError};

/// Points that moved from one ledger account to another, summed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Flow {
    /// The unit.
    pub unit: Code,
    /// Where they came from.
    pub debit: LedgerAccount,
    /// Where they went.
    pub credit: LedgerAccount,
    /// How many.
    pub amount: i64,
}

impl Reader {
    /// One entry with its postings and what has come back of it.
    pub async fn entry(&mut self, id: EntryId) -> Result<Option<LoadedEntry>, StoreError> {
        let page = self.entry_range(id.account_id, (id.entry_no, id.entry_no), 1).await?;
        let Some(entry) = page.into_iter().next() else { return Ok(None) };
        let sql = "SELECT progress FROM returned WHERE account_id = $1 AND entry_no = $2";
        let row = self.query_one(sql, vec![id.account_id.into(), id.entry_no.into()]).await?;
        let returned = match row {
            Some(row) => rows::parse("returned", row.text(0)?)?,
            None => ReturnProgress::default(),
        };
        Ok(Some(LoadedEntry { entry, returned }))
    }

    /// The entry that recorded a document.
    pub async fn entry_of_document(&mut self, key: &DocumentKey) -> Result<Option<EntryId>, StoreError> {
        let sql = "SELECT account_id, entry_no FROM document WHERE source = $1 AND reference = $2";
        let params = vec![key.source.as_str().into(), key.reference.as_str().into()];
        let Some(row) = self.query_one(sql, params).await? else { return Ok(None) };
        let (account_id, entry_no) = (rows::account_id(row.int(0)?)?, rows::number(row.int(1)?)?);
        Ok(Some(EntryId { account_id, entry_no }))
    }

    /// The status of the answer that is kept under a caller's key, if there is one.
    pub async fn answer_status(&mut self, key: &str) -> Result<Option<u16>, StoreError> {
        let row = self.query_one("SELECT status FROM idempotency WHERE key = $1", vec![key.into()]).await?;
        row.map(|row| rows::number(row.int(0)?)).transpose()
    }

    /// A page of an account's timeline, newest first: the entries before number `before`, or the latest.
    pub async fn entries(
        &mut self,
        account_id: AccountId,
        before: Option<u32>,
        limit: u32,
    ) -> Result<Vec<Entry>, StoreError> {
        let last = before.map_or(u32::MAX, |number| number.saturating_sub(1));
        self.entry_range(account_id, (1, last), limit).await
    }

    async fn entry_range(
        &mut self,
        account_id: AccountId,
        (first, last): (u32, u32),
        limit: u32,
    ) -> Result<Vec<Entry>, StoreError> {
        let sql = format!(
            "SELECT {ENTRY_COLUMNS} FROM entry e WHERE e.account_id = $1 AND e.entry_no >= $2 AND e.entry_no <= $3 \
             ORDER BY e.entry_no DESC LIMIT $4"
        );
        let params = vec![account_id.into(), first.into(), last.into(), limit.into()];
        let found = self.query(&sql, params).await?;
        let mut entries = found.iter().map(|row| rows::entry(row, 0)).collect::<Result<Vec<_>, _>>()?;
        let (Some(newest), Some(oldest)) = (entries.first(), entries.last()) else { return Ok(entries) };
        let sql = format!(
            "SELECT e.entry_no, {POSTING_COLUMNS} FROM entry e JOIN posting p ON {} \
             WHERE e.account_id = $1 AND e.entry_no >= $2 AND e.entry_no <= $3 \
             ORDER BY e.entry_no DESC, p.posting_no",
            self.dialect.posting_of_entry()
        );
        let params = vec![account_id.into(), oldest.id.entry_no.into(), newest.id.entry_no.into()];
        let postings = self.query(&sql, params).await?;
        let mut position = 0;
        for row in &postings {
            let number: u32 = rows::number(row.int(0)?)?;
            while entries.get(position).is_some_and(|entry| entry.id.entry_no != number) {
                position += 1;
            }
            if let Some(entry) = entries.get_mut(position) {
                entry.postings.push(rows::posting(row, 1)?);
            }
        }
        Ok(entries)
    }

    /// What an account's postings sum to, by unit and pair of ledger accounts, counting only entries that had
    /// occurred by one instant and were recorded by another.
    pub async fn posted_as_of(
        &mut self,
        account_id: AccountId,
        occurred: Timestamp,
        recorded: Timestamp,
    ) -> Result<Vec<Flow>, StoreError> {
        let sql = format!(
            "SELECT p.unit, p.debit, p.credit, CAST(sum(p.amount) AS BIGINT) FROM entry e JOIN posting p ON {} \
             WHERE e.account_id = $1 AND e.occurred_at <= $2 AND e.recorded_at <= $3 \
             GROUP BY p.unit, p.debit, p.credit ORDER BY p.unit, p.debit, p.credit",
            self.dialect.posting_of_entry()
        );
        let params = vec![account_id.into(), occurred.into(), recorded.into()];
        let found = self.query(&sql, params).await?;
        found.iter().map(|row| flow(row, 0)).collect()
    }

    /// What all postings sum to, by unit and pair of ledger accounts: the totals of the house accounts.
    pub async fn house_totals(&mut self) -> Result<Vec<Flow>, StoreError> {
        let sql = "SELECT unit, debit, credit, CAST(sum(amount) AS BIGINT) FROM posting \
                   GROUP BY unit, debit, credit ORDER BY unit, debit, credit";
        let found = self.query(sql, Vec::new()).await?;
        found.iter().map(|row| flow(row, 0)).collect()
    }
}

/// Columns, from `first`: `unit, debit, credit, amount`.
pub(crate) fn flow(row: &impl Columns, first: usize) -> Result<Flow, StoreError> {
    Ok(Flow {
        unit: rows::code(row.text(first)?)?,
        debit: rows::ledger_account(row.text(first + 1)?)?,
        credit: rows::ledger_account(row.text(first + 2)?)?,
        amount: row.int(first + 3)?,
    })
}
