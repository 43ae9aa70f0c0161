//! Households in a list, and the names of those who belong to them.

use std::collections::HashMap;

use domain::ids::AccountId;

use super::members::among;
use crate::StoreError;
use crate::reader::Reader;
use crate::rows::{self, Columns};
use crate::value::Row;

/// What a list shows of an account's person, and what they are found by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonName {
    /// The name, if known.
    pub name: Option<String>,
    /// The name in small letters, its pinyin and initials.
    pub search: String,
}

impl Reader {
    /// A page of the households, newest first. The numbers of accounts follow the time at which they were opened, so the
    /// key of the table is the order, and no index has to be kept for it.
    pub async fn households(
        &mut self,
        before: Option<AccountId>,
        limit: u32,
    ) -> Result<Vec<AccountId>, StoreError> {
        let sql = "SELECT account_id FROM household WHERE account_id < $1 ORDER BY account_id DESC LIMIT $2";
        let before = before.map_or(i64::MAX, AccountId::number);
        let found = self.query(sql, vec![before.into(), limit.into()]).await?;
        found.iter().map(|row| rows::account_id(row.int(0)?)).collect()
    }

    /// The names of accounts, of those that exist.
    pub async fn person_names(
        &mut self,
        ids: &[AccountId],
    ) -> Result<HashMap<AccountId, PersonName>, StoreError> {
        let Some((among, params)) = among(ids) else { return Ok(HashMap::new()) };
        let sql = format!("SELECT account_id, name, search FROM member WHERE account_id {among}");
        let person = |row: &Row| {
            let name = row.text_or_null(1)?.map(str::to_owned);
            Ok((rows::account_id(row.int(0)?)?, PersonName { name, search: row.text(2)?.to_owned() }))
        };
        self.query(&sql, params).await?.iter().map(person).collect()
    }
}
