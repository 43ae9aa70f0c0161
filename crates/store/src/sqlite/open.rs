//! Opening a SQLite file: one server per file, safe settings or none, migrations with a backup copy first.

use std::ffi::OsString;
use std::fs::{File, OpenOptions as FileOptions};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};
use tokio::sync::Mutex;

use super::SqliteWriter;
use super::checkpoint::Checkpoints;
use super::error::store_error;
use super::read::ReadPool;
use super::write::ColdConnection;
use crate::faults::Faults;
use crate::options::OpenOptions;
use crate::{StoreError, UnsafeSetting};

/// Older libraries can corrupt a file when two connections checkpoint at once (fixed in 3.51.3).
const LIBRARY_VERSION_MIN: i32 = 3_051_003;
/// How long a statement waits for a lock of another process (a backup, a shell) before it gives up.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

mod migrations {
    refinery::embed_migrations!("migrations/sqlite");
}

/// An open SQLite database; clones share it.
#[derive(Debug, Clone)]
pub struct SqliteDatabase {
    path: Arc<Path>,
    options: OpenOptions,
    // Writers take turns in the order in which they came: see `SqliteWriter`.
    gate: Arc<Mutex<()>>,
    readers: Arc<ReadPool>,
    // For changes outside batches.
    cold: ColdConnection,
    // Held as long as the server runs; the operating system releases it when the process ends, however it ends.
    _lock: Option<Arc<File>>,
}

impl SqliteDatabase {
    /// Opens, checks and migrates. Blocks.
    pub(crate) fn open(path: &Path, options: &OpenOptions) -> Result<Self, StoreError> {
        check_library(rusqlite::version_number())?;
        let lock = match lock_for(path, options) {
            Err(StoreError::InUse { .. }) if options.beside_server => None,
            lock => lock?.map(Arc::new),
        };
        let file = Self {
            path: path.into(),
            options: options.clone(),
            gate: Arc::default(),
            readers: Arc::new(ReadPool::new(options.readers)),
            cold: ColdConnection::default(),
            _lock: lock.clone().filter(|_| !options.beside_server),
        };
        if lock.is_some() {
            migrate(&mut file.connect()?, path)?;
        } else {
            check_version(&mut file.connect_reader()?)?;
        }
        Ok(file)
    }

    pub(super) fn gate(&self) -> Arc<Mutex<()>> {
        Arc::clone(&self.gate)
    }

    pub(super) fn read_pool(&self) -> &Arc<ReadPool> {
        &self.readers
    }

    pub(super) fn cold_connection(&self) -> &ColdConnection {
        &self.cold
    }

    pub(crate) fn faults(&self) -> &Faults {
        &self.options.faults
    }

    /// The connection for batches: open one and keep it on its own thread.
    pub fn writer(&self) -> Result<SqliteWriter, StoreError> {
        if self.options.beside_server {
            return Err(StoreError::Unsupported("the database is open beside a server".to_owned()));
        }
        let connection = self.connect()?;
        connection
            .pragma_update(None, "cache_size", -i64::from(self.options.cache_mib) * 1024)
            .map_err(store_error)?;
        let checkpoints = Checkpoints::start(self.path.to_path_buf())?;
        Ok(SqliteWriter::new(connection, Arc::clone(&self.gate), self.options.faults.clone(), checkpoints))
    }

    /// A connection that can write, with the safe settings.
    pub(crate) fn connect(&self) -> Result<Connection, StoreError> {
        if self.options.read_only {
            return Err(StoreError::Unsupported("the database is open for reading only".to_owned()));
        }
        let connection = Connection::open(&*self.path).map_err(store_error)?;
        connection.busy_timeout(BUSY_TIMEOUT).map_err(store_error)?;
        let mode: String =
            connection.query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0)).map_err(store_error)?;
        if !mode.eq_ignore_ascii_case("wal") {
            let remedy =
                "put the file on a local disk that supports write-ahead logging (journal_mode = WAL)";
            return Err(unsafe_setting("journal_mode", &mode, remedy));
        }
        connection.pragma_update(None, "synchronous", "FULL").map_err(store_error)?;
        // The log is copied by a thread of its own, never in the middle of a commit.
        connection.pragma_update(None, "wal_autocheckpoint", 0).map_err(store_error)?;
        let level: i64 =
            connection.query_row("PRAGMA synchronous", [], |row| row.get(0)).map_err(store_error)?;
        if level < 2 {
            return Err(unsafe_setting("synchronous", &level.to_string(), "it must be FULL (2)"));
        }
        Ok(connection)
    }

    /// A connection that cannot write.
    pub(crate) fn connect_reader(&self) -> Result<Connection, StoreError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(&*self.path, flags).map_err(store_error)?;
        connection.busy_timeout(BUSY_TIMEOUT).map_err(store_error)?;
        connection.pragma_update(None, "query_only", true).map_err(store_error)?;
        Ok(connection)
    }
}

fn unsafe_setting(setting: &str, value: &str, remedy: &str) -> StoreError {
    UnsafeSetting { setting: setting.to_owned(), value: value.to_owned(), remedy: remedy.to_owned() }.into()
}

fn check_library(version: i32) -> Result<(), StoreError> {
    if version >= LIBRARY_VERSION_MIN {
        return Ok(());
    }
    let value = format!("{}.{}.{}", version / 1_000_000, version / 1_000 % 1_000, version % 1_000);
    let remedy = "link SQLite 3.51.3 or later: older ones can corrupt a file while it is checkpointed";
    Err(unsafe_setting("sqlite_version", &value, remedy))
}

/// Takes the lock unless the database is only read.
fn lock_for(path: &Path, options: &OpenOptions) -> Result<Option<File>, StoreError> {
    if options.read_only { Ok(None) } else { lock(path).map(Some) }
}

/// Takes the lock file beside the database.
fn lock(path: &Path) -> Result<File, StoreError> {
    let lock_path = with_suffix(path, ".lock");
    let open = FileOptions::new().create(true).truncate(false).write(true).open(&lock_path);
    let file = open.map_err(|cause| {
        StoreError::Unavailable(format!("{} cannot be opened: {cause}", lock_path.display()))
    })?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(std::fs::TryLockError::WouldBlock) => Err(StoreError::InUse { path: path.display().to_string() }),
        Err(std::fs::TryLockError::Error(cause)) => {
            Err(StoreError::Unavailable(format!("{} cannot be locked: {cause}", lock_path.display())))
        }
    }
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(suffix);
    PathBuf::from(name)
}

/// The newest version this build knows.
fn latest_version() -> i32 {
    migrations::migrations::runner()
        .get_migrations()
        .iter()
        .map(refinery::Migration::version)
        .max()
        .unwrap_or(0)
}

/// The version of a file; `None` for an empty one.
fn stored_version(connection: &mut Connection) -> Result<Option<i32>, StoreError> {
    let known: bool = connection
        .query_row(
            "SELECT count(*) > 0 FROM sqlite_schema WHERE name = 'refinery_schema_history'",
            [],
            |row| row.get(0),
        )
        .map_err(store_error)?;
    if !known {
        return Ok(None);
    }
    connection
        .query_row("SELECT max(version) FROM refinery_schema_history", [], |row| row.get(0))
        .map_err(store_error)
}

fn migrate(connection: &mut Connection, path: &Path) -> Result<(), StoreError> {
    let stored = stored_version(connection)?;
    refuse_newer(stored)?;
    if stored == Some(latest_version()) {
        return Ok(());
    }
    if let Some(stored) = stored {
        let copy = with_suffix(path, &format!(".v{stored}.backup"));
        super::backup::copy(connection, &copy)?;
        tracing::info!(copy = %copy.display(), "copied the database before migrating it");
    }
    migrations::migrations::runner()
        .run(connection)
        .map(|_| ())
        .map_err(|cause| StoreError::Unavailable(format!("the schema could not be migrated: {cause}")))
}

fn check_version(connection: &mut Connection) -> Result<(), StoreError> {
    let stored = stored_version(connection)?;
    refuse_newer(stored)?;
    if stored == Some(latest_version()) {
        return Ok(());
    }
    Err(StoreError::Unsupported(
        "the schema is older than this program: open it once for writing first".to_owned(),
    ))
}

fn refuse_newer(stored: Option<i32>) -> Result<(), StoreError> {
    match stored {
        Some(stored) if stored > latest_version() => Err(StoreError::Unsupported(format!(
            "the schema has version {stored}, this program knows {}: use a newer program",
            latest_version()
        ))),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use refinery::Target;
    use rusqlite::Connection;

    use super::{SqliteDatabase, check_library, latest_version, migrations, stored_version, with_suffix};
    use crate::testing::TemporaryFolder;
    use crate::{OpenOptions, StoreError};

    #[test]
    fn a_library_that_can_corrupt_files_is_refused() {
        assert!(check_library(3_051_003).is_ok());
        let refused = check_library(3_051_002);
        assert!(
            matches!(&refused, Err(StoreError::UnsafeSetting(setting)) if setting.value == "3.51.2"),
            "{refused:?}"
        );
    }

    #[test]
    fn an_older_file_is_copied_before_it_is_migrated() {
        let folder = TemporaryFolder::new().expect("a folder");
        let path = folder.path().join("a.db");
        let copy = with_suffix(&path, ".v2.backup");
        let version = |path| stored_version(&mut Connection::open(path).expect("a file")).expect("a version");
        let mut older = Connection::open(&path).expect("a file");
        migrations::migrations::runner()
            .set_target(Target::Version(2))
            .run(&mut older)
            .expect("two migrations");
        drop(older);
        let read_only = OpenOptions::default().read_only(true);
        assert!(SqliteDatabase::open(&path, &read_only).is_err(), "a reader cannot migrate");
        drop(SqliteDatabase::open(&path, &OpenOptions::default()).expect("a migrated file"));
        assert_eq!((version(&path), version(&copy)), (Some(latest_version()), Some(2)));
        std::fs::remove_file(&copy).expect("the copy");
        drop(SqliteDatabase::open(&path, &OpenOptions::default()).expect("the same file again"));
        assert!(!copy.exists(), "a file of this version is not copied");
    }

    #[test]
    fn a_file_of_a_newer_program_is_refused() {
        let folder = TemporaryFolder::new().expect("a folder");
        let path = folder.path().join("a.db");
        drop(SqliteDatabase::open(&path, &OpenOptions::default()).expect("a new file"));
        let newer = Connection::open(&path).expect("a file");
        newer
            .execute_batch("UPDATE refinery_schema_history SET version = 1000 WHERE version = 1")
            .expect("a row");
        drop(newer);
        for read_only in [false, true] {
            let opened = SqliteDatabase::open(&path, &OpenOptions::default().read_only(read_only));
            assert!(matches!(opened, Err(StoreError::Unsupported(_))), "{opened:?}");
        }
    }
}
