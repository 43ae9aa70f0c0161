//! Reading everything, in pages of bounded size: for verification and export. Use a snapshot, so that the pages
//! fit together.

use domain::ids::{AccountId, EntryId};
use domain::ledger::{AccountState, Entry};

use super::members::{MemberRecord, member};
use crate::StoreError;
use crate::reader::Reader;
use crate::rows::{self, Columns, ENTRY_COLUMNS, LOT_COLUMNS, POSTING_COLUMNS};

impl Reader {
    /// The next accounts in order of their ids, each with all its lots, open or not.
    pub async fn all_accounts(
        &mut self,
        after: Option<AccountId>,
        limit: u32,
    ) -> Result<Vec<AccountState>, StoreError> {
        let after = after.map_or(-1, AccountId::number);
        let sql = "SELECT state FROM account WHERE account_id > $1 ORDER BY account_id LIMIT $2";
        let found = self.query(sql, vec![after.into(), limit.into()]).await?;
        let mut states = found.iter().map(|row| rows::state(row.text(0)?)).collect::<Result<Vec<_>, _>>()?;
        let Some(last) = states.last().map(|state| state.account_id) else { return Ok(states) };
        let sql = format!(
            "SELECT l.account_id, {LOT_COLUMNS} FROM lot l WHERE l.account_id > $1 AND l.account_id <= $2 \
             ORDER BY l.account_id, l.lot_no"
        );
        let mut position = 0;
        for row in self.query(&sql, vec![after.into(), last.into()]).await? {
            let account_id = rows::account_id(row.int(0)?)?;
            while states.get(position).is_some_and(|state| state.account_id < account_id) {
                position += 1;
            }
            match states.get_mut(position) {
                Some(state) if state.account_id == account_id => state.lots.push(rows::lot(&row, 1)?),
                _ => return Err(StoreError::Corrupt(format!("a lot belongs to no account: {account_id}"))),
            }
        }
        for state in &mut states {
            state.lots_loaded = true;
        }
        Ok(states)
    }

    /// The next entries in order of account and number, each with its postings.
    pub async fn all_entries(
        &mut self,
        after: Option<EntryId>,
        limit: u32,
    ) -> Result<Vec<Entry>, StoreError> {
        let (account, number) = after.map_or((-1, 0), |id| (id.account_id.number(), id.entry_no));
        let sql = format!(
            "SELECT {ENTRY_COLUMNS} FROM entry e WHERE (e.account_id, e.entry_no) > ($1, $2) \
             ORDER BY e.account_id, e.entry_no LIMIT $3"
        );
        let found = self.query(&sql, vec![account.into(), number.into(), limit.into()]).await?;
        let mut entries = found.iter().map(|row| rows::entry(row, 0)).collect::<Result<Vec<_>, _>>()?;
        let Some(last) = entries.last().map(|entry| entry.id) else { return Ok(entries) };
        let sql = format!(
            "SELECT e.account_id, e.entry_no, {POSTING_COLUMNS} FROM entry e JOIN posting p ON {} \
             WHERE (e.account_id, e.entry_no) > ($1, $2) AND (e.account_id, e.entry_no) <= ($3, $4) \
             ORDER BY e.account_id, e.entry_no, p.posting_no",
            self.dialect.posting_of_entry()
        );
        let params = vec![account.into(), number.into(), last.account_id.into(), last.entry_no.into()];
        let mut position = 0;
        for row in self.query(&sql, params).await? {
            let id =
                EntryId { account_id: rows::account_id(row.int(0)?)?, entry_no: rows::number(row.int(1)?)? };
            while entries.get(position).is_some_and(|entry| entry.id < id) {
                position += 1;
            }
            match entries.get_mut(position) {
                Some(entry) if entry.id == id => entry.postings.push(rows::posting(&row, 2)?),
                _ => return Err(StoreError::Corrupt(format!("a posting belongs to no entry: {id}"))),
            }
        }
        Ok(entries)
    }

    /// The next persons in order of their accounts.
    pub async fn all_members(
        &mut self,
        after: Option<AccountId>,
        limit: u32,
    ) -> Result<Vec<MemberRecord>, StoreError> {
        let after = after.map_or(-1, AccountId::number);
        let sql = "SELECT account_id, name, born_on, language, segments, declined_segments, created_at, updated_at, version \
                   FROM member WHERE account_id > $1 ORDER BY account_id LIMIT $2";
        let found = self.query(sql, vec![after.into(), limit.into()]).await?;
        found.iter().map(member).collect()
    }
}
