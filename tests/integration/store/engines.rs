//! Runs a test on both engines: a new SQLite file, and a new database of a throw-away PostgreSQL server.

use std::path::PathBuf;

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
    pub(crate) writer: Writer,
    place: Place,
}

/// Where its rows are, for tests that go behind the store's back.
enum Place {
    File(TemporaryFolder),
    Database(&'static TemporaryPostgres, String),
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
    let url = DatabaseUrl::Sqlite(folder.path().join(FILE));
    Store::open(&url, Place::File(folder), options)
}

pub(crate) fn postgres(options: &OpenOptions) -> Option<Store> {
    let server = TemporaryPostgres::shared()?;
    let name = server.database().unwrap();
    Some(Store::open(&server.url(&name), Place::Database(server, name), options))
}

const FILE: &str = "perennial.db";

impl Store {
    fn open(url: &DatabaseUrl, place: Place, options: &OpenOptions) -> Self {
        let runtime = Runtime::new().unwrap();
        let database = runtime.block_on(Database::open(url, options)).unwrap();
        let writer = writer(&runtime, &database);
        Self { runtime, database, writer, place }
    }

    /// One more connection that saves batches.
    pub(crate) fn another_writer(&self) -> Writer {
        writer(&self.runtime, &self.database)
    }

    /// Where the SQLite file is.
    pub(crate) fn file(&self) -> Option<PathBuf> {
        match &self.place {
            Place::File(folder) => Some(folder.path().join(FILE)),
            Place::Database(..) => None,
        }
    }

    /// Runs SQL as the owner of the tables, on PostgreSQL.
    pub(crate) fn sql_as_owner(&self, sql: &str) {
        if let Place::Database(server, name) = &self.place {
            server.psql(name, sql).unwrap();
        }
    }

    /// The same database, opened again after the owner of its tables ran some SQL.
    pub(crate) fn migrated_again(self, sql: &str) -> Self {
        let Self { runtime, database, writer, place } = self;
        drop((writer, database, runtime));
        match place {
            Place::File(folder) => {
                let file = folder.path().join(FILE);
                rusqlite::Connection::open(&file).unwrap().execute_batch(sql).unwrap();
                Self::open(&DatabaseUrl::Sqlite(file), Place::File(folder), &OpenOptions::default())
            }
            Place::Database(server, name) => {
                server.psql(&name, sql).unwrap();
                Self::open(&server.url(&name), Place::Database(server, name), &OpenOptions::default())
            }
        }
    }

    /// The same PostgreSQL database, opened again.
    pub(crate) fn reopened(self) -> Self {
        let Place::Database(server, name) = self.place else { panic!("a file is locked while it is open") };
        Self::open(&server.url(&name), Place::Database(server, name), &OpenOptions::default())
    }

    /// Runs SQL behind the store's back, with no more rights than the application has.
    pub(crate) fn sql(&self, sql: &str) -> Result<(), String> {
        match &self.place {
            Place::File(folder) => {
                let connection = rusqlite::Connection::open(folder.path().join(FILE)).unwrap();
                connection.execute_batch(sql).map_err(|error| error.to_string())
            }
            Place::Database(server, name) => server
                .psql(name, &format!("SET ROLE perennial_application; {sql}"))
                .map(drop)
                .map_err(|error| error.to_string()),
        }
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
            let purchases_returned: Vec<_> =
                changes.parked.iter().map(|parked| parked.document.purchase.clone()).collect();
            if !purchases_returned.is_empty() {
                batch.resolve(&Keys { purchases_returned, ..Keys::default() }).await?;
            }
            batch.save(changes).await?;
            batch.commit().await
        }),
    }
}
