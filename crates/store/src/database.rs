//! An open database of either kind.

use crate::options::OpenOptions;
use crate::postgres::PostgresDatabase;
use crate::sqlite::SqliteDatabase;
use crate::{DatabaseUrl, StoreError};

/// An open database, migrated and checked. Clones share it.
#[derive(Debug, Clone)]
pub enum Database {
    /// One file, served by this process alone.
    Sqlite(SqliteDatabase),
    /// A PostgreSQL server, shared with other processes.
    Postgres(PostgresDatabase),
}

impl Database {
    /// Opens, checks the settings, and migrates the schema unless opened read-only.
    pub async fn open(url: &DatabaseUrl, options: &OpenOptions) -> Result<Self, StoreError> {
        match url {
            DatabaseUrl::Sqlite(path) => {
                let (path, options) = (path.clone(), options.clone());
                blocking(move || SqliteDatabase::open(&path, &options)).await.map(Self::Sqlite)
            }
            DatabaseUrl::Postgres(url) => PostgresDatabase::open(url, options).await.map(Self::Postgres),
        }
    }
}

/// Runs blocking work where it cannot hold up other tasks.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
) -> Result<T, StoreError> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|cause| StoreError::Unavailable(format!("a database task was stopped: {cause}")))?
}
