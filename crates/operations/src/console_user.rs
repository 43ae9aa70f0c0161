//! People who may sign in to the console, and what their role lets them be.

use std::fmt;
use std::str::FromStr;

use domain::ledger::Actor;
use domain::programme::Language;
use domain::refusal::Refusal;
use jiff::Timestamp;
use store::{Conflict, StoreError};

use crate::engine::Engine;
use crate::error::OperationError;
use crate::password::hash_password;

/// Shortest password, in characters.
pub const PASSWORD_LENGTH_MIN: usize = 10;
/// Longest password, in bytes: hashing is slow on purpose, so its input is bounded.
pub const PASSWORD_LENGTH_MAX: usize = 256;
/// Longest name of a console user.
pub const USER_NAME_LENGTH_MAX: usize = 40;

/// What a person may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Everything.
    Manager,
    /// Reads and exports.
    Analyst,
    /// Reads.
    Auditor,
    /// Reads, and asks for adjustments.
    Support,
    /// Sells and takes back at a till, and sees nothing else.
    Cashier,
}

impl Role {
    /// All roles.
    pub const ALL: [Self; 5] = [Self::Manager, Self::Analyst, Self::Auditor, Self::Support, Self::Cashier];

    /// The name in the database and on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Manager => "manager",
            Self::Analyst => "analyst",
            Self::Auditor => "auditor",
            Self::Support => "support",
            Self::Cashier => "cashier",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Role {
    type Err = Refusal;
    fn from_str(text: &str) -> Result<Self, Refusal> {
        let known = Self::ALL.into_iter().find(|role| role.name() == text);
        known.ok_or_else(|| Refusal::field("role", text, "use manager, analyst, auditor, support or cashier"))
    }
}

/// Somebody who may sign in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsoleUser {
    /// The name they sign in with.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// When they were added.
    pub created_at: Timestamp,
    /// When they were shut out, if that happened.
    pub disabled_at: Option<Timestamp>,
}

impl ConsoleUser {
    /// Who the ledger says asked when they do.
    pub fn actor(&self) -> Actor {
        actor_of(&self.name)
    }
}

/// Who the ledger says asked when somebody of a name does.
pub(crate) fn actor_of(name: &str) -> Actor {
    format!("console:{name}")
}

impl Engine {
    /// Adds somebody who may sign in.
    pub async fn create_console_user(
        &self,
        name: &str,
        password: &str,
        role: Role,
    ) -> Result<ConsoleUser, OperationError> {
        let record = self.new_user(name, password, role).await?;
        self.database().create_user(&record).await.map_err(|cause| refuse_taken(cause, name))?;
        ConsoleUser::read(record)
    }

    /// Everybody who may sign in, and who was shut out, by name.
    pub async fn list_console_users(&self) -> Result<Vec<ConsoleUser>, OperationError> {
        let found = self.database().reader().await?.users().await?;
        found.into_iter().map(ConsoleUser::read).collect()
    }

    pub(crate) async fn new_user(
        &self,
        name: &str,
        password: &str,
        role: Role,
    ) -> Result<store::ConsoleUser, OperationError> {
        check_name(name)?;
        check_password(password)?;
        Ok(store::ConsoleUser {
            name: name.to_owned(),
            password_hash: hash_password(password.to_owned()).await?,
            role: role.name().to_owned(),
            language: domain_language(Language::default()),
            created_at: self.clock().now(),
            disabled_at: None,
        })
    }
}

impl ConsoleUser {
    pub(crate) fn read(record: store::ConsoleUser) -> Result<Self, OperationError> {
        let role = record.role.parse().map_err(|_| OperationError::Internal("unknown role".to_owned()))?;
        let store::ConsoleUser { name, created_at, disabled_at, .. } = record;
        Ok(Self { name, role, created_at, disabled_at })
    }
}

pub(crate) fn unknown_user(name: &str) -> OperationError {
    Refusal::Unknown { what: "user".to_owned(), value: name.to_owned() }.into()
}

pub(crate) fn refuse_taken(cause: StoreError, name: &str) -> OperationError {
    match cause {
        StoreError::Conflict(Conflict::Taken) => {
            Refusal::field("name", name, "choose another: somebody has this name").into()
        }
        other => other.into(),
    }
}

fn domain_language(language: Language) -> String {
    language.pick("zh-CN", "en").to_owned()
}

fn check_name(name: &str) -> Result<(), Refusal> {
    let valid = (2..=USER_NAME_LENGTH_MAX).contains(&name.chars().count())
        && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '.' | '-' | '_'));
    if valid {
        Ok(())
    } else {
        let remedy = format!("use 2 to {USER_NAME_LENGTH_MAX} letters, digits, dots, hyphens or underscores");
        Err(Refusal::field("name", name, remedy))
    }
}

pub(crate) fn check_password(password: &str) -> Result<(), Refusal> {
    if password.chars().count() >= PASSWORD_LENGTH_MIN && password.len() <= PASSWORD_LENGTH_MAX {
        Ok(())
    } else {
        let remedy =
            format!("use {PASSWORD_LENGTH_MIN} characters or more, at most {PASSWORD_LENGTH_MAX} bytes");
        Err(Refusal::field("password", "…", remedy))
    }
}

#[cfg(test)]
mod tests {
    use super::{Role, check_name, check_password};

    #[test]
    fn names_and_passwords_have_bounds() {
        for (name, valid) in [("manager", true), ("李娜", true), ("a", false), ("a b", false), ("<b>", false)]
        {
            assert_eq!(check_name(name).is_ok(), valid, "{name}");
        }
        for (password, valid) in [("correct horse", true), ("九个字的密码不够长", false), ("short", false)]
        {
            assert_eq!(check_password(password).is_ok(), valid, "{password}");
        }
        assert!(check_password(&"x".repeat(257)).is_err());
    }

    #[test]
    fn roles_are_known_by_name() {
        for role in Role::ALL {
            assert_eq!(role.name().parse(), Ok(role));
        }
        assert!("owner".parse::<Role>().is_err());
    }
}
