//! Where the data lives: `sqlite:PATH` or a `postgres://` address.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

/// The address of a database.
#[derive(Clone, PartialEq, Eq)]
pub enum DatabaseUrl {
    /// One file on this machine.
    Sqlite(PathBuf),
    /// A PostgreSQL server, as a connection string that its client understands.
    Postgres(String),
}

/// A text that is not the address of a database.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("“{text}” is not a database: write sqlite:PATH or postgres://USER:PASSWORD@HOST/DATABASE")]
pub struct DatabaseUrlError {
    /// The text that was refused, without its password.
    pub text: String,
}

impl DatabaseUrl {
    /// Reads an address.
    pub fn parse(text: &str) -> Result<Self, DatabaseUrlError> {
        let refuse = || DatabaseUrlError { text: without_password(text) };
        if let Some(path) = text.strip_prefix("sqlite:") {
            let path = path.strip_prefix("//").unwrap_or(path);
            return match path {
                "" | ":memory:" => Err(refuse()),
                _ => Ok(Self::Sqlite(PathBuf::from(path))),
            };
        }
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            let parsed: Result<tokio_postgres::Config, _> = text.parse();
            return parsed.map(|_| Self::Postgres(text.to_owned())).map_err(|_| refuse());
        }
        Err(refuse())
    }
}

impl FromStr for DatabaseUrl {
    type Err = DatabaseUrlError;
    fn from_str(text: &str) -> Result<Self, DatabaseUrlError> {
        Self::parse(text)
    }
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "sqlite:{}", path.display()),
            Self::Postgres(url) => f.write_str(&without_password(url)),
        }
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Addresses reach logs and error messages; their passwords must not.
fn without_password(text: &str) -> String {
    let Some((scheme, rest)) = text.split_once("://") else { return text.to_owned() };
    let Some((login, place)) = rest.rsplit_once('@') else { return text.to_owned() };
    let user = login.split_once(':').map_or(login, |(user, _)| user);
    format!("{scheme}://{user}@{place}")
}

#[cfg(test)]
mod tests {
    use super::DatabaseUrl;

    #[test]
    fn two_kinds_of_address_are_understood() {
        assert_eq!(DatabaseUrl::parse("sqlite:a/b.db"), Ok(DatabaseUrl::Sqlite("a/b.db".into())));
        assert_eq!(DatabaseUrl::parse("sqlite:///tmp/b.db"), Ok(DatabaseUrl::Sqlite("/tmp/b.db".into())));
        assert!(matches!(DatabaseUrl::parse("postgres://u@h/d"), Ok(DatabaseUrl::Postgres(_))));
        for bad in ["", "sqlite:", "sqlite::memory:", "mysql://h/d", "postgres://h:notaport/d", "/tmp/b.db"] {
            assert!(DatabaseUrl::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_password_is_never_printed() {
        let url = DatabaseUrl::parse("postgres://ada:secret@db/perennial").expect("an address");
        assert_eq!(url.to_string(), "postgres://ada@db/perennial");
        assert!(!format!("{url:?}").contains("secret"));
    }
}
