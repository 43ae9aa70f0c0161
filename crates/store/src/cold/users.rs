//! People of the console: users, their sessions, and the one-time link that makes the first user.

use jiff::Timestamp;

use crate::reader::Reader;
use crate::rows::{self, Columns};
use crate::value::Row;
use crate::{Database, StoreError};

/// Somebody who can sign in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsoleUser {
    /// Signs in with it; the actor in entries.
    pub name: String,
    /// argon2, with its parameters.
    pub password_hash: String,
    /// What the person may do.
    pub role: String,
    /// Language of the pages.
    pub language: String,
    /// When the user was made.
    pub created_at: Timestamp,
    /// When the user was shut out, if that happened.
    pub disabled_at: Option<Timestamp>,
}

/// A signed-in browser.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// SHA-256 of the cookie.
    pub token_hash: [u8; 32],
    /// Who signed in.
    pub user_name: String,
    /// What forms must repeat.
    pub csrf: String,
    /// When the session began.
    pub created_at: Timestamp,
    /// When it was last used, to the precision the caller chose.
    pub last_seen_at: Timestamp,
    /// First instant at which it no longer works.
    pub expires_at: Timestamp,
}

const USER_COLUMNS: &str = "name, password_hash, role, language, created_at, disabled_at";

impl Database {
    /// Stores a new user; `Conflict::Taken` if the name is taken.
    pub async fn create_user(&self, user: &ConsoleUser) -> Result<(), StoreError> {
        let sql = "INSERT INTO console_user (name, password_hash, role, language, created_at, disabled_at) \
                   VALUES ($1, $2, $3, $4, $5, $6)";
        self.write_one(sql, user_params(user)).await.map(drop)
    }

    /// Replaces role, language, password and whether the user is disabled, and ends all sessions of theirs. `false` if
    /// there is none of this name.
    pub async fn update_user(&self, user: &ConsoleUser) -> Result<bool, StoreError> {
        let sql = "UPDATE console_user SET password_hash = $2, role = $3, language = $4, created_at = $5, \
                   disabled_at = $6 WHERE name = $1";
        let sessions = ("DELETE FROM session WHERE user_name = $1", vec![user.name.as_str().into()]);
        let touched = self.write(vec![(sql, user_params(user)), sessions]).await?;
        Ok(touched.first() == Some(&1))
    }

    /// Stores a one-time link: for a new user, or for the new password of one.
    pub async fn create_setup_token(
        &self,
        token_hash: &[u8; 32],
        created_at: Timestamp,
        expires_at: Timestamp,
    ) -> Result<(), StoreError> {
        let sql = "INSERT INTO setup_token (token_hash, created_at, expires_at) VALUES ($1, $2, $3)";
        let params = vec![token_hash.as_slice().into(), created_at.into(), expires_at.into()];
        self.write_one(sql, params).await.map(drop)
    }

    /// Makes a user with a one-time link and uses the link up. `false` if it is unknown, used or too old.
    pub async fn use_setup_token(
        &self,
        token_hash: &[u8; 32],
        now: Timestamp,
        user: &ConsoleUser,
    ) -> Result<bool, StoreError> {
        let insert = "INSERT INTO console_user (name, password_hash, role, language, created_at, disabled_at) \
                      SELECT CAST($1 AS TEXT), CAST($2 AS TEXT), CAST($3 AS TEXT), CAST($4 AS TEXT), \
                      CAST($5 AS BIGINT), CAST($6 AS BIGINT) FROM setup_token \
                      WHERE token_hash = $7 AND used_at IS NULL AND expires_at > $8";
        let mut params = user_params(user);
        params.extend([token_hash.as_slice().into(), now.into()]);
        let mark = "UPDATE setup_token SET used_at = $2 \
                    WHERE token_hash = $1 AND used_at IS NULL AND expires_at > $2";
        let marked = vec![token_hash.as_slice().into(), now.into()];
        let touched = self.write(vec![(insert, params), (mark, marked)]).await?;
        Ok(touched == [1, 1])
    }

    /// Gives a user a new password with a one-time link, uses the link up and ends the sessions. `false` if the link is
    /// unknown, used or too old, or the user is disabled.
    pub async fn use_password_token(
        &self,
        token_hash: &[u8; 32],
        now: Timestamp,
        user_name: &str,
        password_hash: &str,
    ) -> Result<bool, StoreError> {
        let update = "UPDATE console_user SET password_hash = $2 WHERE name = $1 AND disabled_at IS NULL \
                      AND EXISTS (SELECT 1 FROM setup_token \
                      WHERE token_hash = $3 AND used_at IS NULL AND expires_at > $4)";
        let link = token_hash.as_slice();
        let params = vec![user_name.into(), password_hash.into(), link.into(), now.into()];
        let sessions = "DELETE FROM session WHERE user_name = $1 AND EXISTS (SELECT 1 FROM setup_token \
                        WHERE token_hash = $2 AND used_at IS NULL AND expires_at > $3)";
        let ended = vec![user_name.into(), link.into(), now.into()];
        let mark = "UPDATE setup_token SET used_at = $2 \
                    WHERE token_hash = $1 AND used_at IS NULL AND expires_at > $2";
        let marked = vec![link.into(), now.into()];
        let touched = self.write(vec![(update, params), (sessions, ended), (mark, marked)]).await?;
        Ok(touched.first() == Some(&1) && touched.last() == Some(&1))
    }

    /// Stores a new session of a user whose password was checked. `false` if they got another one meanwhile, or are
    /// disabled.
    pub async fn create_session(&self, session: &Session, password_hash: &str) -> Result<bool, StoreError> {
        // The row is locked, so that whoever changes the password meanwhile waits, and then ends this session as well.
        let same = "UPDATE console_user SET language = language \
                    WHERE name = $1 AND password_hash = $2 AND disabled_at IS NULL";
        let user: [crate::value::Value; 2] = [session.user_name.as_str().into(), password_hash.into()];
        let insert = "INSERT INTO session (token_hash, user_name, csrf, created_at, last_seen_at, expires_at) \
                      VALUES ($1, $2, $3, $4, $5, $6)";
        let params = vec![
            session.token_hash.as_slice().into(),
            session.user_name.as_str().into(),
            session.csrf.as_str().into(),
            session.created_at.into(),
            session.last_seen_at.into(),
            session.expires_at.into(),
        ];
        let undo = "DELETE FROM session WHERE token_hash = $1 AND NOT EXISTS (SELECT 1 FROM console_user \
                    WHERE name = $2 AND password_hash = $3 AND disabled_at IS NULL)";
        let mut undone = vec![session.token_hash.as_slice().into()];
        undone.extend(user.clone());
        let touched = self.write(vec![(same, user.into()), (insert, params), (undo, undone)]).await?;
        Ok(touched.first() == Some(&1))
    }

    /// Notes that a session is in use. Callers do this seldom: once a minute is enough.
    pub async fn touch_session(&self, token_hash: &[u8; 32], at: Timestamp) -> Result<(), StoreError> {
        let sql = "UPDATE session SET last_seen_at = $2 WHERE token_hash = $1";
        self.write_one(sql, vec![token_hash.as_slice().into(), at.into()]).await.map(drop)
    }

    /// Ends a session.
    pub async fn end_session(&self, token_hash: &[u8; 32]) -> Result<(), StoreError> {
        let sql = "DELETE FROM session WHERE token_hash = $1";
        self.write_one(sql, vec![token_hash.as_slice().into()]).await.map(drop)
    }

    /// Removes sessions and links that no longer work.
    pub async fn purge_sessions(&self, now: Timestamp) -> Result<u64, StoreError> {
        let sessions = ("DELETE FROM session WHERE expires_at <= $1", vec![now.into()]);
        let links = ("DELETE FROM setup_token WHERE expires_at <= $1", vec![now.into()]);
        Ok(self.write(vec![sessions, links]).await?.into_iter().sum())
    }
}

impl Reader {
    /// A user by name.
    pub async fn user(&mut self, name: &str) -> Result<Option<ConsoleUser>, StoreError> {
        let sql = format!("SELECT {USER_COLUMNS} FROM console_user WHERE name = $1");
        self.query_one(&sql, vec![name.into()]).await?.map(|row| user(&row)).transpose()
    }

    /// All users by name.
    pub async fn users(&mut self) -> Result<Vec<ConsoleUser>, StoreError> {
        let sql = format!("SELECT {USER_COLUMNS} FROM console_user ORDER BY name");
        self.query(&sql, Vec::new()).await?.iter().map(user).collect()
    }

    /// A session by the hash of its cookie, over or not.
    pub async fn session(&mut self, token_hash: &[u8; 32]) -> Result<Option<Session>, StoreError> {
        let sql = "SELECT token_hash, user_name, csrf, created_at, last_seen_at, expires_at FROM session \
                   WHERE token_hash = $1";
        let row = self.query_one(sql, vec![token_hash.as_slice().into()]).await?;
        row.map(|row| {
            Ok(Session {
                token_hash: row.bytes(0)?.try_into().map_err(|cause| StoreError::corrupt("token", &cause))?,
                user_name: row.text(1)?.to_owned(),
                csrf: row.text(2)?.to_owned(),
                created_at: rows::timestamp(row.int(3)?)?,
                last_seen_at: rows::timestamp(row.int(4)?)?,
                expires_at: rows::timestamp(row.int(5)?)?,
            })
        })
        .transpose()
    }
}

fn user_params(user: &ConsoleUser) -> Vec<crate::value::Value> {
    vec![
        user.name.as_str().into(),
        user.password_hash.as_str().into(),
        user.role.as_str().into(),
        user.language.as_str().into(),
        user.created_at.into(),
        user.disabled_at.into(),
    ]
}

fn user(row: &Row) -> Result<ConsoleUser, StoreError> {
    Ok(ConsoleUser {
        name: row.text(0)?.to_owned(),
        password_hash: row.text(1)?.to_owned(),
        role: row.text(2)?.to_owned(),
        language: row.text(3)?.to_owned(),
        created_at: rows::timestamp(row.int(4)?)?,
        disabled_at: row.int_or_null(5)?.map(rows::timestamp).transpose()?,
    })
}
