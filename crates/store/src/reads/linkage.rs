//! All persons with their identifiers, in pages, for comparing them with one another. Households are none.

use domain::ids::AccountId;
use domain::member::Identifier;
use jiff::civil::Date;

use crate::StoreError;
use crate::reader::Reader;
use crate::rows::{self, Columns};
use crate::value::Row;

/// What is compared of a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonRecord {
    /// The account.
    pub account_id: AccountId,
    /// The name, if known.
    pub name: Option<String>,
    /// The date of birth, if known.
    pub born_on: Option<Date>,
    /// Whether the account takes part.
    pub active: bool,
    /// The account it was merged into.
    pub merged_into: Option<AccountId>,
    /// Its own identifiers, in order of kind and value.
    pub identifiers: Vec<Identifier>,
}

impl Reader {
    /// The next persons in order of their accounts.
    pub async fn persons(
        &mut self,
        after: Option<AccountId>,
        limit: u32,
    ) -> Result<Vec<PersonRecord>, StoreError> {
        let after = after.map_or(-1, AccountId::number);
        // Only a closed account can have been merged: the states of all others need not be read.
        let sql = "SELECT a.account_id, m.name, m.born_on, a.status, \
                   CASE WHEN a.status = 'active' THEN NULL ELSE a.state END \
                   FROM account a JOIN member m ON m.account_id = a.account_id WHERE a.account_id > $1 \
                   AND NOT EXISTS (SELECT 1 FROM household h WHERE h.account_id = a.account_id) \
                   ORDER BY a.account_id LIMIT $2";
        let found = self.query(sql, vec![after.into(), limit.into()]).await?;
        let mut persons = found.iter().map(person).collect::<Result<Vec<_>, _>>()?;
        let Some(last) = persons.last().map(|person| person.account_id) else { return Ok(persons) };
        let sql = "SELECT account_id, kind, value FROM identifier WHERE account_id > $1 AND account_id <= $2 \
                   ORDER BY account_id, kind, value";
        let mut position = 0;
        for row in self.query(sql, vec![after.into(), last.into()]).await? {
            let account_id = rows::account_id(row.int(0)?)?;
            while persons.get(position).is_some_and(|person| person.account_id < account_id) {
                position += 1;
            }
            // A household's own are passed over.
            if let Some(person) = persons.get_mut(position).filter(|person| person.account_id == account_id) {
                let kind = rows::parse_kind(row.text(1)?)?;
                person.identifiers.push(Identifier { kind, value: row.text(2)?.to_owned() });
            }
        }
        Ok(persons)
    }

    /// Accounts that were merged, each with the one it was merged into, which may have been merged itself.
    pub async fn merged_accounts(&mut self) -> Result<Vec<(AccountId, AccountId)>, StoreError> {
        let sql = "SELECT account_id, state FROM account WHERE status = 'closed'";
        let mut merged = Vec::new();
        for row in self.query(sql, Vec::new()).await? {
            if let Some(into) = rows::state(row.text(1)?)?.merged_into {
                merged.push((rows::account_id(row.int(0)?)?, into));
            }
        }
        Ok(merged)
    }
}

fn person(row: &Row) -> Result<PersonRecord, StoreError> {
    let born_on = row.text_or_null(2)?.map(str::parse).transpose();
    let merged_into = match row.text_or_null(4)? {
        Some(state) => rows::state(state)?.merged_into,
        None => None,
    };
    Ok(PersonRecord {
        account_id: rows::account_id(row.int(0)?)?,
        name: row.text_or_null(1)?.map(str::to_owned),
        born_on: born_on.map_err(|cause| StoreError::corrupt("date of birth", &cause))?,
        active: rows::parse_status(row.text(3)?)? == domain::ledger::AccountStatus::Active,
        merged_into,
        identifiers: Vec::new(),
    })
}
