//! Copies of a SQLite file that is in use, page by page through SQLite's own backup.

use std::path::Path;
use std::time::Duration;

use rusqlite::Connection;
use rusqlite::backup::Backup;

use super::error::store_error;
use super::open::SqliteDatabase;
use crate::StoreError;

/// Pages copied between two breaths in which writers can work.
const PAGES_PER_STEP: std::ffi::c_int = 4_096;

/// Copies the database to a new file, which is complete and checkpointed when this returns. Blocks.
pub(crate) fn copy(source: &Connection, target: &Path) -> Result<(), StoreError> {
    if target.exists() {
        return Err(StoreError::Unsupported(format!("{} exists already", target.display())));
    }
    let mut copy = Connection::open(target).map_err(store_error)?;
    let backup = Backup::new(source, &mut copy).map_err(store_error)?;
    backup.run_to_completion(PAGES_PER_STEP, Duration::ZERO, None).map_err(store_error)
}

impl SqliteDatabase {
    /// Copies the database to a new file while others read and write. Blocks.
    pub(crate) fn backup(&self, target: &Path) -> Result<(), StoreError> {
        copy(&self.connect_reader()?, target)
    }

    /// Lets SQLite check the structure of every page and every index. Blocks.
    pub(crate) fn check_pages(&self) -> Result<(), StoreError> {
        let connection = self.connect_reader()?;
        let answer: String =
            connection.query_row("PRAGMA integrity_check", [], |row| row.get(0)).map_err(store_error)?;
        if answer == "ok" { Ok(()) } else { Err(StoreError::Corrupt(answer)) }
    }
}
