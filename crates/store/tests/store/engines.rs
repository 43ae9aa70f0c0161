//! Runs a test on both engines: a new SQLite file, and a new database of a throw-away PostgreSQL server.

use store::testing::{TemporaryFolder, TemporaryPostgres};
use store::{
    Changes, Database, DatabaseUrl, Keys, Loaded, Loads, OpenOptions, PostgresLane, Reader, Resolved,
    SqliteWriter, StoreError,
};
use tokio::runtime::Runtime;

/// An open, empty database and a connection that saves batches.
pub(crate) struct Store {
    pub(crate) runtime: Runtime,
    pub(crate) database: Database,
    writer: Writer,
    _folder: TemporaryFolder,
}

pub(crate) enum Writer {
    Sqlite(Box<SqliteWriter>),
    Postgres(Box<PostgresLane>),
}

/// Runs the test on SQLite, and on PostgreSQL where a server is installed.
pub(crate) fn on_both(test: impl Fn(&mut Store)) {
    on_both_with(&OpenOptions::default(), test);
}

pub(crate) fn on_both_with(options: &OpenOptions, test: impl Fn(&mut Store)) {
    test(&mut sqlite(options));
    if let Some(mut store) = postgres(options) {
        test(&mut store);
    }
}

pub(crate) fn sqlite(options: &OpenOptions) -> Store {
    let folder = TemporaryFolder::new().unwrap();
    let url = DatabaseUrl::Sqlite(folder.path().join("perennial.db"));
    Store::open(&url, folder, options)
}

pub(crate) fn postgres(options: &OpenOptions) -> Option<Store> {
    let url = TemporaryPostgres::shared()?.database().unwrap();
    Some(Store::open(&url, TemporaryFolder::new().unwrap(), options))
}

impl Store {
    fn open(url: &DatabaseUrl, folder: TemporaryFolder, options: &OpenOptions) -> Self {
        let runtime = Runtime::new().unwrap();
        let database = runtime.block_on(Database::open(url, options)).unwrap();
        let writer = writer(&runtime, &database);
        Self { runtime, database, writer, _folder: folder }
    }

    pub(crate) fn save(&mut self, changes: &Changes<'_>) -> Result<(), StoreError> {
        save_with(&self.runtime, &mut self.writer, changes)
    }

    pub(crate) fn resolve(&mut self, keys: &Keys) -> Result<Resolved, StoreError> {
        match &mut self.writer {
            Writer::Sqlite(writer) => writer.begin()?.resolve(keys),
            Writer::Postgres(lane) => {
                self.runtime.block_on(async { lane.begin().await?.resolve(keys).await })
            }
        }
    }

    pub(crate) fn load(&mut self, loads: &Loads) -> Result<Loaded, StoreError> {
        match &mut self.writer {
            Writer::Sqlite(writer) => writer.begin()?.load(loads),
            Writer::Postgres(lane) => self.runtime.block_on(async { lane.begin().await?.load(loads).await }),
        }
    }

    /// Asks one question.
    pub(crate) fn read<T>(&self, question: impl AsyncFnOnce(&mut Reader) -> Result<T, StoreError>) -> T {
        self.runtime
            .block_on(async {
                let mut reader = self.database.reader().await?;
                question(&mut reader).await
            })
            .unwrap()
    }
}

fn writer(runtime: &Runtime, database: &Database) -> Writer {
    match database {
        Database::Sqlite(database) => Writer::Sqlite(Box::new(database.writer().unwrap())),
        Database::Postgres(database) => {
            Writer::Postgres(Box::new(runtime.block_on(database.lane()).unwrap()))
        }
    }
}

/// Saves and commits on any connection.
pub(crate) fn save_with(
    runtime: &Runtime,
    writer: &mut Writer,
    changes: &Changes<'_>,
) -> Result<(), StoreError> {
    match writer {
        Writer::Sqlite(writer) => {
            let mut batch = writer.begin()?;
            batch.save(changes)?;
            batch.commit()
        }
        Writer::Postgres(lane) => runtime.block_on(async {
            let mut batch = lane.begin().await?;
            batch.save(changes).await?;
            batch.commit().await
        }),
    }
}
