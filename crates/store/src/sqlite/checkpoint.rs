//! Copying the log into the file. A thread of its own does most of it beside the writer, so that no batch waits for
//! thousands of pages; the writer copies the last few between two batches, after which the log starts over.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use rusqlite::Connection;

use super::error::store_error;
use crate::StoreError;

/// Pages in the log that are worth copying: enough to write a page once that many batches changed.
const WORTHWHILE_PAGES: i64 = 2_000;
/// Few enough pages for the writer to copy between two batches.
const FEW_PAGES: i64 = 300;
/// So many that the writer must help at once, whatever it costs: the disk is slower than the tills.
const TOO_MANY_PAGES: i64 = 100_000;

/// The writer's side: it looks at the log after each commit.
pub(super) struct Checkpoints {
    wake: SyncSender<()>,
    // Set by the thread when all but a few pages are copied.
    nearly_done: Arc<AtomicBool>,
    must_help: bool,
}

impl Checkpoints {
    /// Starts the thread; it ends when the writer is dropped.
    pub(super) fn start(path: PathBuf) -> Result<Self, StoreError> {
        let (wake, woken) = sync_channel(1);
        let nearly_done = Arc::new(AtomicBool::new(false));
        let flag = Arc::clone(&nearly_done);
        let thread = std::thread::Builder::new().name("checkpoint".to_owned());
        let started = thread.spawn(move || copy_when_woken(&path, &woken, &flag));
        started.map_err(|cause| StoreError::Unavailable(format!("a thread cannot be started: {cause}")))?;
        Ok(Self { wake, nearly_done, must_help: false })
    }

    /// After a commit: wakes the thread when the log has grown long.
    pub(super) fn look(&mut self, connection: &Connection) -> Result<(), StoreError> {
        let (pages, copied) = checkpoint(connection, "PRAGMA wal_checkpoint(NOOP)")?;
        self.must_help = pages > TOO_MANY_PAGES;
        if pages - copied > WORTHWHILE_PAGES && !self.nearly_done.load(Ordering::Acquire) {
            // A full channel means that it is awake already.
            let _ = self.wake.try_send(());
        }
        Ok(())
    }

    /// Between two batches: copies what little is left, so that the log starts over.
    pub(super) fn finish(&mut self, connection: &Connection) -> Result<(), StoreError> {
        if self.nearly_done.swap(false, Ordering::AcqRel) || self.must_help {
            self.must_help = false;
            checkpoint(connection, "PRAGMA wal_checkpoint(PASSIVE)")?;
        }
        Ok(())
    }
}

fn copy_when_woken(path: &PathBuf, woken: &Receiver<()>, nearly_done: &AtomicBool) {
    let mut connection = None;
    while woken.recv().is_ok() {
        match copy(path, &mut connection) {
            Ok(left) => nearly_done.store(left <= FEW_PAGES, Ordering::Release),
            Err(error) => {
                tracing::warn!(%error, "the log could not be copied into the database; trying again later");
            }
        }
    }
}

/// Copies until few pages are left, as long as each round leaves fewer than the one before. Returns what is left.
fn copy(path: &PathBuf, slot: &mut Option<Connection>) -> Result<i64, StoreError> {
    let connection = match slot.take() {
        Some(connection) => connection,
        None => Connection::open(path).map_err(store_error)?,
    };
    let mut left = i64::MAX;
    loop {
        let (pages, copied) = checkpoint(&connection, "PRAGMA wal_checkpoint(PASSIVE)")?;
        let now_left = pages - copied;
        if now_left <= FEW_PAGES || now_left >= left {
            *slot = Some(connection);
            return Ok(now_left);
        }
        left = now_left;
    }
}

/// Pages in the log, and how many of them are copied.
fn checkpoint(connection: &Connection, sql: &str) -> Result<(i64, i64), StoreError> {
    let mut statement = connection.prepare_cached(sql).map_err(store_error)?;
    statement.query_row([], |row| Ok((row.get(1)?, row.get(2)?))).map_err(store_error)
}
