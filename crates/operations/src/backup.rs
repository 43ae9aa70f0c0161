//! Backing a database up: a copy of a SQLite file in use, trusted only once it has been opened and read.

use std::path::Path;

use serde::Serialize;
use store::Database;

use crate::engine::Engine;
use crate::error::OperationError;

/// A copy that can be trusted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BackupReport {
    /// SHA-256 over all tables of the copy.
    pub digest: String,
    /// Rows by table.
    pub rows: Vec<(String, u64)>,
}

impl Engine {
    /// Copies the database to a new file while others read and write, and checks every page of the copy.
    pub async fn back_up(&self, target: &Path) -> Result<BackupReport, OperationError> {
        if target.exists() {
            let reason = "exists already: name another file, nothing is overwritten".to_owned();
            return Err(OperationError::File { path: target.display().to_string(), reason });
        }
        self.database().backup(target).await?;
        check(target).await
    }
}

/// Opens a copy for reading, checks every page, condenses what it holds.
pub(crate) async fn check(path: &Path) -> Result<BackupReport, OperationError> {
    let digest = Database::check_backup(path).await?;
    let rows = digest.tables.iter().map(|(table, rows, _)| ((*table).to_owned(), *rows)).collect();
    Ok(BackupReport { digest: digest.whole, rows })
}
