//! One member: the person, the identifiers, the account, the lots; and accounts that wait for something.

use std::collections::HashMap;

use domain::document::DocumentKey;
use domain::ids::AccountId;
use domain::ledger::{AccountState, Lot};
use domain::member::{Identifier, Profile};
use jiff::Timestamp;

use crate::reader::Reader;
use crate::rows::{self, Columns, LOT_COLUMNS, PARKED_COLUMNS};
use crate::value::Value;
use crate::{ParkedReturn, StoreError};

/// A member as a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberRecord {
    /// The person's account.
    pub account_id: AccountId,
    /// What is known of the person.
    pub profile: Profile,
    /// When the person was stored.
    pub created_at: Timestamp,
    /// When the profile last changed.
    pub updated_at: Timestamp,
    /// Counts changes of the profile, from 1.
    pub version: i64,
}

impl Reader {
    /// The account an identifier belongs to.
    pub async fn account_of(&mut self, identifier: &Identifier) -> Result<Option<AccountId>, StoreError> {
        let sql = "SELECT account_id FROM identifier WHERE kind = $1 AND value = $2";
        let params = vec![rows::kind(identifier.kind).into(), identifier.value.as_str().into()];
        self.query_one(sql, params).await?.map(|row| rows::account_id(row.int(0)?)).transpose()
    }

    /// A member as a person.
    pub async fn member(&mut self, account_id: AccountId) -> Result<Option<MemberRecord>, StoreError> {
        let sql = "SELECT account_id, name, born_on, language, segments, declined_segments, created_at, updated_at, version \
                   FROM member WHERE account_id = $1";
        self.query_one(sql, vec![account_id.into()]).await?.map(|row| member(&row)).transpose()
    }

    /// The identifiers of some members, in order of kind and value.
    pub async fn identifiers(
        &mut self,
        accounts: &[AccountId],
    ) -> Result<HashMap<AccountId, Vec<Identifier>>, StoreError> {
        let mut found: HashMap<AccountId, Vec<Identifier>> = HashMap::new();
        for account_id in accounts {
            let sql = "SELECT kind, value FROM identifier WHERE account_id = $1 ORDER BY kind, value";
            let mut identifiers = Vec::new();
            for row in self.query(sql, vec![(*account_id).into()]).await? {
                let kind = rows::parse_kind(row.text(0)?)?;
                identifiers.push(Identifier { kind, value: row.text(1)?.to_owned() });
            }
            found.insert(*account_id, identifiers);
        }
        Ok(found)
    }

    /// The state of an account with its open lots.
    pub async fn account(&mut self, account_id: AccountId) -> Result<Option<AccountState>, StoreError> {
        Ok(self.accounts(&[account_id]).await?.remove(&account_id))
    }

    /// The states of accounts with their open lots, of those that exist.
    pub async fn accounts(
        &mut self,
        ids: &[AccountId],
    ) -> Result<HashMap<AccountId, AccountState>, StoreError> {
        let Some((among, params)) = among(ids) else { return Ok(HashMap::new()) };
        let sql = format!("SELECT account_id, state FROM account WHERE account_id {among}");
        let mut states = HashMap::new();
        for row in self.query(&sql, params.clone()).await? {
            let mut state = rows::state(row.text(1)?)?;
            state.lots_loaded = true;
            states.insert(rows::account_id(row.int(0)?)?, state);
        }
        if states.is_empty() {
            return Ok(states);
        }
        let sql = format!(
            "SELECT l.account_id, {LOT_COLUMNS} FROM lot l WHERE l.account_id {among} \
             AND l.remaining + l.held > 0 ORDER BY l.account_id, l.lot_no"
        );
        for row in self.query(&sql, params).await? {
            if let Some(state) = states.get_mut(&rows::account_id(row.int(0)?)?) {
                state.lots.push(rows::lot(&row, 1)?);
            }
        }
        Ok(states)
    }

    /// A page of all lots of an account, open or not, newest first.
    pub async fn lots(
        &mut self,
        account_id: AccountId,
        before: Option<u32>,
        limit: u32,
    ) -> Result<Vec<Lot>, StoreError> {
        let sql = format!(
            "SELECT {LOT_COLUMNS} FROM lot l WHERE l.account_id = $1 AND l.lot_no < $2 ORDER BY l.lot_no DESC LIMIT $3"
        );
        let before = before.map_or(i64::MAX, i64::from);
        let found = self.query(&sql, vec![account_id.into(), before.into(), limit.into()]).await?;
        found.iter().map(|row| rows::lot(row, 0)).collect()
    }

    /// Accounts for which time alone changes something at or before an instant, the longest due first.
    pub async fn due_accounts(&mut self, at: Timestamp, limit: u32) -> Result<Vec<AccountId>, StoreError> {
        let sql = "SELECT account_id FROM account WHERE next_due_at IS NOT NULL AND next_due_at <= $1 \
                   ORDER BY next_due_at, account_id LIMIT $2";
        let found = self.query(sql, vec![at.into(), limit.into()]).await?;
        found.iter().map(|row| rows::account_id(row.int(0)?)).collect()
    }

    /// Returns that wait for a purchase, by source and reference, after a given one.
    pub async fn parked_returns(
        &mut self,
        after: Option<&DocumentKey>,
        limit: u32,
    ) -> Result<Vec<ParkedReturn>, StoreError> {
        let sql = format!(
            "SELECT {PARKED_COLUMNS} FROM parked_return WHERE (source, reference) > ($1, $2) \
             ORDER BY source, reference LIMIT $3"
        );
        let (source, reference) = after.map_or(("", ""), |key| (key.source.as_str(), key.reference.as_str()));
        let found = self.query(&sql, vec![source.into(), reference.into(), limit.into()]).await?;
        found.iter().map(|row| rows::parked_return(row, 0)).collect()
    }

    /// How many returns wait for a purchase.
    pub async fn parked_count(&mut self) -> Result<u64, StoreError> {
        let row = self.query_one("SELECT count(*) FROM parked_return", Vec::new()).await?;
        row.map_or(Ok(0), |row| rows::number(row.int(0)?))
    }
}

/// A condition on accounts and its parameters; none where there is no account to ask for. The number of parameters is a
/// power of two, the last account filling up, so that few texts are ever prepared.
pub(super) fn among(ids: &[AccountId]) -> Option<(String, Vec<Value>)> {
    let last = *ids.last()?;
    let count = ids.len().next_power_of_two();
    let numbers: Vec<String> = (1..=count).map(|number| format!("${number}")).collect();
    let params = ids.iter().copied().chain(std::iter::repeat(last)).take(count).map(Value::from).collect();
    Some((format!("IN ({})", numbers.join(", ")), params))
}

/// Columns: `account_id, name, born_on, language, segments, declined_segments, created_at, updated_at, version`.
pub(crate) fn member(row: &impl Columns) -> Result<MemberRecord, StoreError> {
    let born_on = row.text_or_null(2)?.map(str::parse).transpose();
    Ok(MemberRecord {
        account_id: rows::account_id(row.int(0)?)?,
        profile: Profile {
            name: row.text_or_null(1)?.map(str::to_owned),
            born_on: born_on.map_err(|cause| StoreError::corrupt("date of birth", &cause))?,
            language: row.text_or_null(3)?.map(str::to_owned),
            segments: rows::parse("segments", row.text(4)?)?,
            declined_segments: rows::parse("declined segments", row.text(5)?)?,
        },
        created_at: rows::timestamp(row.int(6)?)?,
        updated_at: rows::timestamp(row.int(7)?)?,
        version: row.int(8)?,
    })
}
