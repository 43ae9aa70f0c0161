//! Copies of a whole database, and the check that a copy can be trusted.

use std::path::Path;

use crate::database::blocking;
use crate::options::OpenOptions;
use crate::{Database, DatabaseUrl, StoreDigest, StoreError};

impl Database {
    /// Copies a SQLite database in use to a new file. PostgreSQL brings its own tools, and an error says which.
    pub async fn backup(&self, target: &Path) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(database) => {
                let (database, target) = (database.clone(), target.to_owned());
                blocking(move || database.backup(&target)).await
            }
            Self::Postgres(_) => Err(StoreError::Unsupported(format!(
                "PostgreSQL is copied by its own tools: pg_dump --format=custom --file={} \"$DATABASE_URL\"",
                target.display()
            ))),
        }
    }

    /// Opens a copy read-only, lets SQLite check every page, and condenses what it holds for comparison.
    pub async fn check_backup(path: &Path) -> Result<StoreDigest, StoreError> {
        let url = DatabaseUrl::Sqlite(path.to_owned());
        let copy = Self::open(&url, &OpenOptions::default().read_only(true)).await?;
        if let Self::Sqlite(database) = &copy {
            let database = database.clone();
            blocking(move || database.check_pages()).await?;
        }
        copy.digest().await
    }
}
