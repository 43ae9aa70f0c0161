//! Audiences: sets of members that are replaced whole, and the small numbers by which sets name members. The sets are
//! bytes here; what is in them is for whoever reads them.

use std::collections::{HashMap, HashSet};

use domain::code::Code;
use domain::ids::AccountId;
use domain::member::Identifier;
use jiff::Timestamp;

use crate::reader::{Dialect, Reader, Statement};
use crate::reads::member_list::names_code;
use crate::rows::{self, Columns};
use crate::value::{Row, Value};
use crate::{Database, StoreError};

/// What is on record of an audience's version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AudienceRow {
    /// The segment whose members it holds.
    pub segment: Code,
    /// Its number, from 1.
    pub version: u64,
    /// The report, the model and its version, or the file it came from.
    pub source: String,
    /// Who replaced it.
    pub actor: String,
    /// When.
    pub replaced_at: Timestamp,
    /// Accounts in it.
    pub size: u64,
    /// Accounts in it that were not in the version before.
    pub entered: u64,
    /// Accounts of the version before that are not in it.
    pub gone: u64,
    /// Accounts whose entry or exit may still have to be told; 0 for earlier versions.
    pub untold: u64,
}

/// An audience as it stands, with its members unless they are known in that version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AudienceSet {
    /// The segment.
    pub segment: Code,
    /// Its version.
    pub version: u64,
    /// The set of member numbers, in bytes.
    pub members: Option<Vec<u8>>,
}

/// What the next version of an audience is made from.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AudienceBasis {
    /// The version that stands; 0 before the first.
    pub version: u64,
    /// The set of member numbers, in bytes; empty before the first.
    pub members: Vec<u8>,
    /// The members whose entry or exit may still have to be told, likewise.
    pub changed: Vec<u8>,
}

const COLUMNS: &str = "segment, version, source, actor, replaced_at, size, entered, gone";
const REPLACE: &str = "INSERT INTO audience (segment, version, source, actor, replaced_at, size, entered, gone, untold, \
     members, changed) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) \
     ON CONFLICT (segment) DO UPDATE SET version = excluded.version, source = excluded.source, \
     actor = excluded.actor, replaced_at = excluded.replaced_at, size = excluded.size, entered = excluded.entered, \
     gone = excluded.gone, untold = excluded.untold, members = excluded.members, changed = excluded.changed \
     WHERE audience.version = $12";
/// Where the update did not apply, the version that stands is on record already.
const RECORD: &str = "INSERT INTO audience_version (segment, version, source, actor, replaced_at, size, entered, gone) \
     SELECT segment, version, source, actor, replaced_at, size, entered, gone FROM audience WHERE segment = $1 \
     ON CONFLICT (segment, version) DO NOTHING";
const NUMBER_SQLITE: &str = "INSERT INTO member_number (number, account_id) \
     SELECT (SELECT coalesce(max(number), -1) FROM member_number) + row_number() OVER (ORDER BY k.id), k.id \
     FROM (SELECT DISTINCT value AS id FROM json_each($1)) AS k \
     WHERE NOT EXISTS (SELECT 1 FROM member_number n WHERE n.account_id = k.id)";
const NUMBER_POSTGRES: &str = "INSERT INTO member_number (number, account_id) \
     SELECT (SELECT coalesce(max(number), -1) FROM member_number) + row_number() OVER (ORDER BY k.id), k.id \
     FROM (SELECT DISTINCT CAST(value AS BIGINT) AS id FROM json_array_elements_text(CAST(CAST($1 AS TEXT) AS JSON))) \
     AS k WHERE NOT EXISTS (SELECT 1 FROM member_number n WHERE n.account_id = k.id)";
/// Whoever gives numbers waits for whoever is giving some: two servers would give the same.
const TURN_POSTGRES: &str = "SELECT pg_advisory_xact_lock(7105341208)";

impl Database {
    /// Replaces an audience, if it still stands in the version that the new one was made from. `changed` is the set of
    /// members, in bytes, that `row.untold` counts.
    pub async fn replace_audience(
        &self,
        row: &AudienceRow,
        (members, changed): (&[u8], &[u8]),
        made_from: u64,
    ) -> Result<bool, StoreError> {
        let params: Vec<Value> = vec![
            row.segment.as_str().into(),
            count(row.version)?,
            row.source.as_str().into(),
            row.actor.as_str().into(),
            row.replaced_at.into(),
            count(row.size)?,
            count(row.entered)?,
            count(row.gone)?,
            count(row.untold)?,
            members.into(),
            changed.into(),
            count(made_from)?,
        ];
        let statements = vec![(REPLACE, params), (RECORD, vec![row.segment.as_str().into()])];
        Ok(self.write(statements).await?.first() == Some(&1))
    }

    /// Notes which members' entries and exits are still to be told, if the audience still stands in that version.
    pub async fn save_untold(
        &self,
        (segment, version): (Code, u64),
        changed: &[u8],
        untold: u64,
    ) -> Result<bool, StoreError> {
        let sql = "UPDATE audience SET changed = $1, untold = $2 WHERE segment = $3 AND version = $4";
        let params = vec![changed.into(), count(untold)?, segment.as_str().into(), count(version)?];
        Ok(self.write_one(sql, params).await? == 1)
    }

    /// Gives numbers to accounts that have none yet.
    pub async fn number_members(&self, accounts: &[AccountId]) -> Result<(), StoreError> {
        if accounts.is_empty() {
            return Ok(());
        }
        let params = vec![id_list(accounts)];
        let statements: Vec<Statement> = match self {
            Self::Sqlite(_) => vec![(NUMBER_SQLITE, params)],
            Self::Postgres(_) => vec![(TURN_POSTGRES, Vec::new()), (NUMBER_POSTGRES, params)],
        };
        self.write(statements).await.map(drop)
    }
}

impl Reader {
    /// All audiences in order of their segments.
    pub async fn audiences(&mut self) -> Result<Vec<AudienceRow>, StoreError> {
        let sql = format!("SELECT {COLUMNS}, untold FROM audience ORDER BY segment");
        self.query(&sql, Vec::new()).await?.iter().map(audience_row).collect()
    }

    /// The versions of an audience, newest first.
    pub async fn audience_versions(
        &mut self,
        segment: Code,
        limit: u32,
    ) -> Result<Vec<AudienceRow>, StoreError> {
        let sql = format!(
            "SELECT {COLUMNS}, CAST(0 AS BIGINT) FROM audience_version WHERE segment = $1 ORDER BY version DESC LIMIT $2"
        );
        let params = vec![segment.as_str().into(), limit.into()];
        self.query(&sql, params).await?.iter().map(audience_row).collect()
    }

    /// What the next version of an audience is made from.
    pub async fn audience_basis(&mut self, segment: Code) -> Result<AudienceBasis, StoreError> {
        let sql = "SELECT version, members, changed FROM audience WHERE segment = $1";
        let found = self.query_one(sql, vec![segment.as_str().into()]).await?;
        let basis = |row: Row| {
            Ok(AudienceBasis {
                version: rows::number(row.int(0)?)?,
                members: row.bytes(1)?.to_vec(),
                changed: row.bytes(2)?.to_vec(),
            })
        };
        found.map_or_else(|| Ok(AudienceBasis::default()), basis)
    }

    /// The audiences as they stand, with the members of those that are not known in that version.
    pub async fn audience_sets(
        &mut self,
        known: &HashMap<Code, u64>,
    ) -> Result<Vec<AudienceSet>, StoreError> {
        let mut found = Vec::new();
        for row in self.query("SELECT segment, version FROM audience", Vec::new()).await? {
            let segment = rows::code(row.text(0)?)?;
            let mut set = AudienceSet { segment, version: rows::number(row.int(1)?)?, members: None };
            if known.get(&segment) != Some(&set.version) {
                let basis = self.audience_basis(segment).await?;
                // Version and members of one row: outside a snapshot another version may stand by now.
                set.version = basis.version;
                set.members = Some(basis.members);
            }
            found.push(set);
        }
        Ok(found)
    }

    /// The numbers of accounts, of those that have one.
    pub async fn member_numbers(
        &mut self,
        accounts: &[AccountId],
    ) -> Result<HashMap<AccountId, u32>, StoreError> {
        let sql =
            format!("SELECT account_id, number FROM member_number WHERE account_id IN {}", self.listed());
        let found = self.query(&sql, vec![id_list(accounts)]).await?;
        found.iter().map(|row| Ok((rows::account_id(row.int(0)?)?, rows::number(row.int(1)?)?))).collect()
    }

    /// What the members of some accounts do not want to be in.
    pub async fn declined_segments(&mut self, accounts: &[AccountId]) -> Result<Vec<Code>, StoreError> {
        let sql = format!("SELECT declined_segments FROM member WHERE account_id IN {}", self.listed());
        let mut declined = Vec::new();
        for row in self.query(&sql, vec![id_list(accounts)]).await? {
            declined.extend(rows::parse::<Vec<Code>>("declined segments", row.text(0)?)?);
        }
        Ok(declined)
    }

    /// Those of some accounts whose members do not want to be in a segment.
    pub async fn declining(
        &mut self,
        segment: Code,
        accounts: &[AccountId],
    ) -> Result<Vec<AccountId>, StoreError> {
        let sql = format!(
            "SELECT account_id FROM member WHERE account_id IN {} AND declined_segments LIKE $2 ESCAPE '\\'",
            self.listed()
        );
        let found = self.query(&sql, vec![id_list(accounts), names_code(segment).into()]).await?;
        found.iter().map(|row| rows::account_id(row.int(0)?)).collect()
    }

    /// The accounts of some numbers.
    pub async fn members_numbered(&mut self, numbers: &[u32]) -> Result<Vec<(u32, AccountId)>, StoreError> {
        let sql = format!("SELECT number, account_id FROM member_number WHERE number IN {}", self.listed());
        let found = self.query(&sql, vec![rows::json(&numbers)?.into()]).await?;
        found.iter().map(|row| Ok((rows::number(row.int(0)?)?, rows::account_id(row.int(1)?)?))).collect()
    }

    /// Those of some accounts that are members' and not households'.
    pub async fn members_among(&mut self, accounts: &[AccountId]) -> Result<HashSet<AccountId>, StoreError> {
        let sql = format!(
            "SELECT account_id FROM member m WHERE account_id IN {} \
             AND NOT EXISTS (SELECT 1 FROM household h WHERE h.account_id = m.account_id)",
            self.listed()
        );
        let found = self.query(&sql, vec![id_list(accounts)]).await?;
        found.iter().map(|row| rows::account_id(row.int(0)?)).collect()
    }

    /// The accounts of some identifiers, of those that are known.
    pub async fn accounts_of(
        &mut self,
        identifiers: &[Identifier],
    ) -> Result<HashMap<Identifier, AccountId>, StoreError> {
        let pairs: Vec<(&str, &str)> = identifiers
            .iter()
            .map(|identifier| (rows::kind(identifier.kind), identifier.value.as_str()))
            .collect();
        let list = match self.dialect {
            Dialect::Sqlite => "(SELECT value AS pair FROM json_each($1))",
            Dialect::Postgres => {
                "(SELECT value AS pair FROM json_array_elements(CAST(CAST($1 AS TEXT) AS JSON)))"
            }
        };
        let sql = format!(
            "SELECT i.kind, i.value, i.account_id FROM {list} AS k \
             JOIN identifier i ON i.kind = k.pair ->> 0 AND i.value = k.pair ->> 1"
        );
        let mut accounts = HashMap::with_capacity(pairs.len());
        for row in self.query(&sql, vec![rows::json(&pairs)?.into()]).await? {
            let kind = rows::parse_kind(row.text(0)?)?;
            let identifier = Identifier { kind, value: row.text(1)?.to_owned() };
            accounts.insert(identifier, rows::account_id(row.int(2)?)?);
        }
        Ok(accounts)
    }

    /// A list of numbers that is one parameter, however long.
    fn listed(&self) -> String {
        id_list_of(self.dialect, "$1")
    }
}

/// The ids of a parameter that [`id_list`] made.
pub(crate) fn id_list_of(dialect: Dialect, param: &str) -> String {
    match dialect {
        Dialect::Sqlite => format!("(SELECT value FROM json_each({param}))"),
        Dialect::Postgres => format!(
            "(SELECT CAST(value AS BIGINT) FROM json_array_elements_text(CAST(CAST({param} AS TEXT) AS JSON)))"
        ),
    }
}

pub(crate) fn id_list(accounts: &[AccountId]) -> Value {
    let numbers: Vec<String> = accounts.iter().map(|account| account.number().to_string()).collect();
    format!("[{}]", numbers.join(",")).into()
}

fn count(number: u64) -> Result<Value, StoreError> {
    let number = i64::try_from(number).map_err(|cause| StoreError::corrupt("count", &cause))?;
    Ok(number.into())
}

fn audience_row(row: &Row) -> Result<AudienceRow, StoreError> {
    Ok(AudienceRow {
        segment: rows::code(row.text(0)?)?,
        version: rows::number(row.int(1)?)?,
        source: row.text(2)?.to_owned(),
        actor: row.text(3)?.to_owned(),
        replaced_at: rows::timestamp(row.int(4)?)?,
        size: rows::number(row.int(5)?)?,
        entered: rows::number(row.int(6)?)?,
        gone: rows::number(row.int(7)?)?,
        untold: rows::number(row.int(8)?)?,
    })
}
