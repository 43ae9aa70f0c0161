//! How members get to their own card: codes on their way, each used once, and signed-in browsers.

use domain::ids::AccountId;
use jiff::Timestamp;

use crate::reader::Reader;
use crate::rows::{self, Columns};
use crate::{Database, StoreError};

/// A code on its way to a member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberCode {
    /// SHA-256 of what the browser keeps that asked.
    pub challenge_hash: [u8; 32],
    /// Whom it lets in; nobody where no member has the identifier.
    pub account_id: Option<AccountId>,
    /// SHA-256 of challenge and code.
    pub code_hash: [u8; 32],
    /// Tries so far.
    pub tries: u32,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// First instant at which it no longer works.
    pub expires_at: Timestamp,
}

/// A browser in which a member is signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberSession {
    /// SHA-256 of the cookie.
    pub token_hash: [u8; 32],
    /// Whose card it shows.
    pub account_id: AccountId,
    /// What forms must repeat.
    pub csrf: String,
    /// When the session began.
    pub created_at: Timestamp,
    /// When it was last used, to the precision the caller chose.
    pub last_seen_at: Timestamp,
    /// First instant at which it no longer works.
    pub expires_at: Timestamp,
}

impl Database {
    /// Stores a code in place of the member's earlier one, and removes codes that are over. The statements are the
    /// same whether or not it lets anybody in; of two at the same moment the later one stays.
    pub async fn replace_member_code(&self, code: &MemberCode) -> Result<(), StoreError> {
        let over = "DELETE FROM member_code WHERE expires_at <= $1";
        let insert = "INSERT INTO member_code (challenge_hash, account_id, code_hash, tries, created_at, \
                      expires_at) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (account_id) DO UPDATE \
                      SET challenge_hash = excluded.challenge_hash, code_hash = excluded.code_hash, \
                      tries = excluded.tries, created_at = excluded.created_at, \
                      expires_at = excluded.expires_at";
        let params = vec![
            code.challenge_hash.as_slice().into(),
            code.account_id.map(AccountId::number).into(),
            code.code_hash.as_slice().into(),
            code.tries.into(),
            code.created_at.into(),
            code.expires_at.into(),
        ];
        self.write(vec![(over, vec![code.created_at.into()]), (insert, params)]).await.map(drop)
    }

    /// Counts a try before it is judged. `false` if there is no such code, or none that can still be tried.
    pub async fn count_code_try(
        &self,
        challenge_hash: &[u8; 32],
        tries_max: u32,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let sql = "UPDATE member_code SET tries = tries + 1 \
                   WHERE challenge_hash = $1 AND tries < $2 AND expires_at > $3";
        let params = vec![challenge_hash.as_slice().into(), tries_max.into(), now.into()];
        Ok(self.write_one(sql, params).await? == 1)
    }

    /// Uses a code up. `false` if somebody else used it up first.
    pub async fn use_member_code(&self, challenge_hash: &[u8; 32]) -> Result<bool, StoreError> {
        let sql = "DELETE FROM member_code WHERE challenge_hash = $1";
        Ok(self.write_one(sql, vec![challenge_hash.as_slice().into()]).await? == 1)
    }

    /// Stores a new session of a member, and removes sessions that are over.
    pub async fn create_member_session(&self, session: &MemberSession) -> Result<(), StoreError> {
        let over = "DELETE FROM member_session WHERE expires_at <= $1";
        let insert = "INSERT INTO member_session (token_hash, account_id, csrf, created_at, last_seen_at, \
                      expires_at) VALUES ($1, $2, $3, $4, $5, $6)";
        let params = vec![
            session.token_hash.as_slice().into(),
            session.account_id.into(),
            session.csrf.as_str().into(),
            session.created_at.into(),
            session.last_seen_at.into(),
            session.expires_at.into(),
        ];
        self.write(vec![(over, vec![session.created_at.into()]), (insert, params)]).await.map(drop)
    }

    /// Notes that a member's session is in use. Callers do this seldom.
    pub async fn touch_member_session(&self, token_hash: &[u8; 32], at: Timestamp) -> Result<(), StoreError> {
        let sql = "UPDATE member_session SET last_seen_at = $2 WHERE token_hash = $1";
        self.write_one(sql, vec![token_hash.as_slice().into(), at.into()]).await.map(drop)
    }

    /// Ends a member's session.
    pub async fn end_member_session(&self, token_hash: &[u8; 32]) -> Result<(), StoreError> {
        let sql = "DELETE FROM member_session WHERE token_hash = $1";
        self.write_one(sql, vec![token_hash.as_slice().into()]).await.map(drop)
    }
}

impl Reader {
    /// A code by what the browser keeps that asked for it, over or not.
    pub async fn member_code(&mut self, challenge_hash: &[u8; 32]) -> Result<Option<MemberCode>, StoreError> {
        let sql = "SELECT challenge_hash, account_id, code_hash, tries, created_at, expires_at \
                   FROM member_code WHERE challenge_hash = $1";
        let row = self.query_one(sql, vec![challenge_hash.as_slice().into()]).await?;
        row.map(|row| {
            Ok(MemberCode {
                challenge_hash: hash(row.bytes(0)?)?,
                account_id: row.int_or_null(1)?.map(rows::account_id).transpose()?,
                code_hash: hash(row.bytes(2)?)?,
                tries: rows::number(row.int(3)?)?,
                created_at: rows::timestamp(row.int(4)?)?,
                expires_at: rows::timestamp(row.int(5)?)?,
            })
        })
        .transpose()
    }

    /// A member's session by the hash of its cookie, over or not.
    pub async fn member_session(
        &mut self,
        token_hash: &[u8; 32],
    ) -> Result<Option<MemberSession>, StoreError> {
        let sql = "SELECT token_hash, account_id, csrf, created_at, last_seen_at, expires_at \
                   FROM member_session WHERE token_hash = $1";
        let row = self.query_one(sql, vec![token_hash.as_slice().into()]).await?;
        row.map(|row| {
            Ok(MemberSession {
                token_hash: hash(row.bytes(0)?)?,
                account_id: rows::account_id(row.int(1)?)?,
                csrf: row.text(2)?.to_owned(),
                created_at: rows::timestamp(row.int(3)?)?,
                last_seen_at: rows::timestamp(row.int(4)?)?,
                expires_at: rows::timestamp(row.int(5)?)?,
            })
        })
        .transpose()
    }
}

fn hash(bytes: &[u8]) -> Result<[u8; 32], StoreError> {
    bytes.try_into().map_err(|cause| StoreError::corrupt("hash", &cause))
}
