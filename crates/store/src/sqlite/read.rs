//! Readers of a SQLite file: a few read-only connections, used on threads made for blocking.

use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::{Connection, params_from_iter};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::error::store_error;
use super::open::SqliteDatabase;
use crate::StoreError;
use crate::database::blocking;
use crate::reader::for_sqlite;
use crate::value::{Row, Value};

/// Connections that are not in use, and the right to open more.
#[derive(Debug)]
pub(crate) struct ReadPool {
    idle: Mutex<Vec<Connection>>,
    permits: Arc<Semaphore>,
}

/// A connection that reads, on loan.
pub(crate) struct ReadConnection {
    // Away while a query runs.
    connection: Option<Connection>,
    pool: Arc<ReadPool>,
    _permit: OwnedSemaphorePermit,
}

impl ReadPool {
    pub(crate) fn new(size: usize) -> Self {
        Self { idle: Mutex::default(), permits: Arc::new(Semaphore::new(size)) }
    }

    fn take(&self) -> Option<Connection> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop()
    }

    fn give_back(&self, connection: Connection) {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
    }
}

impl SqliteDatabase {
    pub(crate) async fn read_connection(&self) -> Result<ReadConnection, StoreError> {
        let pool = Arc::clone(self.read_pool());
        let permit = Arc::clone(&pool.permits).acquire_owned().await;
        let permit =
            permit.map_err(|_| StoreError::Unavailable("the database is being closed".to_owned()))?;
        let connection = if let Some(connection) = pool.take() {
            connection
        } else {
            let database = self.clone();
            blocking(move || database.connect_reader()).await?
        };
        Ok(ReadConnection { connection: Some(connection), pool, _permit: permit })
    }
}

impl ReadConnection {
    /// From now on every query sees the same instant: that of the first one.
    pub(crate) async fn begin(&mut self) -> Result<(), StoreError> {
        self.run(|connection| connection.execute_batch("BEGIN").map_err(store_error)).await
    }

    pub(crate) async fn query(&mut self, sql: &str, params: Vec<Value>) -> Result<Vec<Row>, StoreError> {
        let sql = for_sqlite(sql);
        self.run(move |connection| read(connection, &sql, &params)).await
    }

    async fn run<T: Send + 'static>(
        &mut self,
        work: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let lost = || StoreError::Unavailable("a query of this reader was abandoned".to_owned());
        let connection = self.connection.take().ok_or_else(lost)?;
        let (connection, result) = blocking(move || {
            let result = work(&connection);
            Ok((connection, result))
        })
        .await?;
        self.connection = Some(connection);
        result
    }
}

impl Drop for ReadConnection {
    fn drop(&mut self) {
        let Some(connection) = self.connection.take() else { return };
        if connection.is_autocommit() || connection.execute_batch("ROLLBACK").is_ok() {
            self.pool.give_back(connection);
        }
    }
}

fn read(connection: &Connection, sql: &str, params: &[Value]) -> Result<Vec<Row>, StoreError> {
    let mut statement = connection.prepare_cached(sql).map_err(store_error)?;
    let width = statement.column_count();
    let mut found = Vec::new();
    let mut rows = statement.query(params_from_iter(params)).map_err(store_error)?;
    while let Some(row) = rows.next().map_err(store_error)? {
        let cells = (0..width).map(|column| row.get(column)).collect::<Result<Vec<_>, _>>();
        found.push(Row::Sqlite(cells.map_err(store_error)?));
    }
    Ok(found)
}
