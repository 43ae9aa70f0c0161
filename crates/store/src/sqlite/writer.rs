//! The writer: the one connection that saves batches. It lives on its own thread and never waits for a reader.

use std::sync::Arc;

use rusqlite::Connection;
use tokio::sync::{Mutex, OwnedMutexGuard};

use super::checkpoint::Checkpoints;
use super::error::{commit_error, store_error};
use crate::faults::Faults;
use crate::{Changes, Keys, Loaded, Loads, Resolved, StoreError};

/// The connection that saves batches. Use it on a thread of its own, never inside an async task: it blocks.
pub struct SqliteWriter {
    connection: Connection,
    // Fair: batches and the rare writes of the console take turns, none of them starves.
    gate: Arc<Mutex<()>>,
    faults: Faults,
    checkpoints: Checkpoints,
    // After a failed sync the kernel may have dropped the pages: nothing may be built on this connection.
    broken: bool,
}

/// One batch under way. Dropping it without [`SqliteTransaction::commit`] rolls it back.
pub struct SqliteTransaction<'w> {
    writer: &'w mut SqliteWriter,
    open: bool,
    failed: bool,
    _turn: OwnedMutexGuard<()>,
}

impl SqliteWriter {
    pub(super) fn new(
        connection: Connection,
        gate: Arc<Mutex<()>>,
        faults: Faults,
        checkpoints: Checkpoints,
    ) -> Self {
        connection.set_prepared_statement_cache_capacity(64);
        Self { connection, gate, faults, checkpoints, broken: false }
    }

    /// Begins a batch. The write lock is taken at once, so that no later statement can fail for want of it.
    pub fn begin(&mut self) -> Result<SqliteTransaction<'_>, StoreError> {
        if self.broken {
            let sentence = "an earlier commit failed on the disk: check it, then start the server again";
            return Err(StoreError::Unavailable(sentence.to_owned()));
        }
        let turn = Arc::clone(&self.gate).blocking_lock_owned();
        self.checkpoints.finish(&self.connection)?;
        let call = self.faults.before("begin")?;
        self.connection
            .prepare_cached("BEGIN IMMEDIATE")
            .and_then(|mut begin| begin.execute([]))
            .map_err(store_error)?;
        let transaction = SqliteTransaction { writer: self, open: true, failed: false, _turn: turn };
        transaction.writer.faults.after(call)?;
        Ok(transaction)
    }
}

impl SqliteTransaction<'_> {
    /// Finds the rows under the keys of the batch.
    pub fn resolve(&mut self, keys: &Keys) -> Result<Resolved, StoreError> {
        let resolved = super::load::resolve(&self.writer.connection, &self.writer.faults, keys);
        self.failed |= resolved.is_err();
        resolved
    }

    /// Loads what the decisions of the batch depend on.
    pub fn load(&mut self, loads: &Loads) -> Result<Loaded, StoreError> {
        let loaded = super::load::load(&self.writer.connection, &self.writer.faults, loads);
        self.failed |= loaded.is_err();
        loaded
    }

    /// Writes what the batch changes. After an error the transaction can only be dropped.
    pub fn save(&mut self, changes: &Changes<'_>) -> Result<(), StoreError> {
        let saved = super::save::save(&self.writer.connection, &self.writer.faults, changes);
        self.failed |= saved.is_err();
        saved
    }

    /// Makes the batch durable: when it returns, a power cut cannot undo it.
    pub fn commit(mut self) -> Result<(), StoreError> {
        // SQLite would commit the statements that came before the failed one.
        if self.failed {
            return Err(StoreError::Unsupported("a failed batch cannot be committed".to_owned()));
        }
        let call = self.writer.faults.before("commit")?;
        let committed =
            self.writer.connection.prepare_cached("COMMIT").and_then(|mut commit| commit.execute([]));
        if let Err(error) = committed {
            let error = commit_error(error);
            self.writer.broken = matches!(error, StoreError::Ambiguous(_));
            return Err(error);
        }
        self.open = false;
        // The batch is durable; a look at the log that fails must not tell its callers otherwise.
        if let Err(error) = self.writer.checkpoints.look(&self.writer.connection) {
            tracing::warn!(%error, "the length of the log is unknown");
        }
        self.writer.faults.after(call)
    }

    /// Gives the batch up.
    pub fn rollback(self) {}
}

impl Drop for SqliteTransaction<'_> {
    fn drop(&mut self) {
        // SQLite rolls some failed transactions back by itself; then there is nothing left to do.
        if self.open
            && !self.writer.connection.is_autocommit()
            && let Err(error) = self.writer.connection.execute_batch("ROLLBACK")
        {
            tracing::error!(%error, "a transaction could not be rolled back");
            self.writer.broken = true;
        }
    }
}
