//! API keys: found by the hash of their secret, listed by people, never deleted because entries name them.

use jiff::Timestamp;

use crate::reader::Reader;
use crate::rows::{self, Columns};
use crate::value::Row;
use crate::{Database, StoreError};

/// Whether a key works on real members or on a sandbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyMode {
    /// Real members.
    Live,
    /// A sandbox.
    Test,
}

/// A key by which a program uses the platform.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKey {
    /// Its id, the actor in entries.
    pub key_id: String,
    /// First characters of the secret, so that people can tell keys apart.
    pub prefix: String,
    /// What people call it.
    pub name: String,
    /// What it may do.
    pub scopes: Vec<String>,
    /// Live or test.
    pub mode: KeyMode,
    /// When it was made.
    pub created_at: Timestamp,
    /// By whom.
    pub created_by: String,
    /// First instant at which it no longer works, if one is set.
    pub expires_at: Option<Timestamp>,
    /// When it was last used, to the precision the caller chose.
    pub last_used_at: Option<Timestamp>,
    /// When it was revoked, if it was.
    pub revoked_at: Option<Timestamp>,
}

const COLUMNS: &str =
    "key_id, prefix, name, scopes, mode, created_at, created_by, expires_at, last_used_at, revoked_at";

impl Database {
    /// Stores a new key with the SHA-256 of its secret.
    pub async fn create_api_key(&self, key: &ApiKey, hash: &[u8; 32]) -> Result<(), StoreError> {
        let sql = "INSERT INTO api_key (key_id, prefix, hash, name, scopes, mode, created_at, created_by, expires_at, \
                   last_used_at, revoked_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
        let params = vec![
            key.key_id.as_str().into(),
            key.prefix.as_str().into(),
            hash.as_slice().into(),
            key.name.as_str().into(),
            rows::json(&key.scopes)?.into(),
            mode_name(key.mode).into(),
            key.created_at.into(),
            key.created_by.as_str().into(),
            key.expires_at.into(),
            key.last_used_at.into(),
            key.revoked_at.into(),
        ];
        self.write_one(sql, params).await.map(drop)
    }

    /// Revokes a key. `false` if there is none of this id or it is revoked already.
    pub async fn revoke_api_key(&self, key_id: &str, at: Timestamp) -> Result<bool, StoreError> {
        let sql = "UPDATE api_key SET revoked_at = $2 WHERE key_id = $1 AND revoked_at IS NULL";
        Ok(self.write_one(sql, vec![key_id.into(), at.into()]).await? == 1)
    }

    /// Sets the instant from which a key no longer works, for rotation. `false` if there is none of this id.
    pub async fn expire_api_key(&self, key_id: &str, at: Timestamp) -> Result<bool, StoreError> {
        let sql = "UPDATE api_key SET expires_at = $2 WHERE key_id = $1 AND revoked_at IS NULL";
        Ok(self.write_one(sql, vec![key_id.into(), at.into()]).await? == 1)
    }

    /// Notes that a key was used. Callers do this seldom: once an hour is enough to find unused keys.
    pub async fn touch_api_key(&self, key_id: &str, at: Timestamp) -> Result<(), StoreError> {
        let sql = "UPDATE api_key SET last_used_at = $2 WHERE key_id = $1";
        self.write_one(sql, vec![key_id.into(), at.into()]).await.map(drop)
    }
}

impl Reader {
    /// The key with this hash of its secret, revoked or not.
    pub async fn api_key(&mut self, hash: &[u8; 32]) -> Result<Option<ApiKey>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM api_key WHERE hash = $1");
        self.query_one(&sql, vec![hash.as_slice().into()]).await?.map(|row| api_key(&row)).transpose()
    }

    /// All keys, oldest first.
    pub async fn api_keys(&mut self) -> Result<Vec<ApiKey>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM api_key ORDER BY created_at, key_id");
        self.query(&sql, Vec::new()).await?.iter().map(api_key).collect()
    }
}

fn api_key(row: &Row) -> Result<ApiKey, StoreError> {
    Ok(ApiKey {
        key_id: row.text(0)?.to_owned(),
        prefix: row.text(1)?.to_owned(),
        name: row.text(2)?.to_owned(),
        scopes: rows::parse("scopes", row.text(3)?)?,
        mode: if row.text(4)? == "live" { KeyMode::Live } else { KeyMode::Test },
        created_at: rows::timestamp(row.int(5)?)?,
        created_by: row.text(6)?.to_owned(),
        expires_at: row.int_or_null(7)?.map(rows::timestamp).transpose()?,
        last_used_at: row.int_or_null(8)?.map(rows::timestamp).transpose()?,
        revoked_at: row.int_or_null(9)?.map(rows::timestamp).transpose()?,
    })
}

fn mode_name(mode: KeyMode) -> &'static str {
    match mode {
        KeyMode::Live => "live",
        KeyMode::Test => "test",
    }
}
