//! A connection that reads. Everything a page or a report asks goes through one; with [`Database::snapshot`] all
//! its questions see the same instant.

use deadpool_postgres::Object;
use tokio_postgres::types::ToSql;

use crate::faults::Faults;
use crate::sqlite::ReadConnection;
use crate::value::{Row, Value};
use crate::{Database, StoreError, postgres};

/// A connection that reads. Dropping it gives it back.
pub struct Reader {
    source: Source,
    pub(crate) dialect: Dialect,
    faults: Faults,
}

enum Source {
    Sqlite(ReadConnection),
    Postgres(PostgresReader),
}

struct PostgresReader {
    // Taken out when the reader is dropped.
    client: Option<Object>,
    in_snapshot: bool,
}

/// Where the two engines need different words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialect {
    Sqlite,
    Postgres,
}

impl Dialect {
    /// The condition that joins postings `p` to their entry `e`, along the primary key of postings.
    pub(crate) const fn posting_of_entry(self) -> &'static str {
        match self {
            Self::Sqlite => "p.sequence = e.sequence",
            Self::Postgres => "p.account_id = e.account_id AND p.entry_no = e.entry_no",
        }
    }
}

impl Database {
    /// A connection whose every question sees the latest commits.
    pub async fn reader(&self) -> Result<Reader, StoreError> {
        match self {
            Self::Sqlite(database) => Ok(Reader {
                source: Source::Sqlite(database.read_connection().await?),
                dialect: Dialect::Sqlite,
                faults: database.faults().clone(),
            }),
            Self::Postgres(database) => Ok(Reader {
                source: Source::Postgres(PostgresReader {
                    client: Some(database.pooled().await?),
                    in_snapshot: false,
                }),
                dialect: Dialect::Postgres,
                faults: database.faults().clone(),
            }),
        }
    }

    /// A connection whose questions all see the same instant, however long they take.
    pub async fn snapshot(&self) -> Result<Reader, StoreError> {
        let mut reader = self.reader().await?;
        match &mut reader.source {
            Source::Sqlite(connection) => connection.begin().await?,
            Source::Postgres(source) => {
                let begin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
                source.client()?.batch_execute(begin).await.map_err(postgres::store_error)?;
                source.in_snapshot = true;
            }
        }
        Ok(reader)
    }
}

impl Reader {
    /// Ends a snapshot at once and gives the connection back to the pool. Without it, a connection of PostgreSQL
    /// that held a snapshot is closed when it is dropped.
    pub async fn finish(mut self) -> Result<(), StoreError> {
        if let Source::Postgres(source) = &mut self.source
            && source.in_snapshot
        {
            source.client()?.batch_execute("COMMIT").await.map_err(postgres::store_error)?;
            source.in_snapshot = false;
        }
        Ok(())
    }

    /// Whether all questions of this connection to PostgreSQL see the same instant.
    pub(crate) fn in_snapshot(&self) -> bool {
        matches!(&self.source, Source::Postgres(source) if source.in_snapshot)
    }

    /// Runs a read whose text suits both engines.
    pub(crate) async fn query(&mut self, sql: &str, params: Vec<Value>) -> Result<Vec<Row>, StoreError> {
        let call = self.faults.before("read")?;
        let rows = match &mut self.source {
            Source::Sqlite(connection) => connection.query(sql, params).await?,
            Source::Postgres(source) => {
                let client = source.client()?;
                let statement = client.prepare_cached(sql).await.map_err(postgres::store_error)?;
                let params: Vec<&(dyn ToSql + Sync)> = params.iter().map(Value::for_postgres).collect();
                let rows = client.query(&statement, &params).await.map_err(postgres::store_error)?;
                rows.into_iter().map(Row::Postgres).collect()
            }
        };
        self.faults.after(call)?;
        Ok(rows)
    }

    /// Runs a read that finds at most one row.
    pub(crate) async fn query_one(
        &mut self,
        sql: &str,
        params: Vec<Value>,
    ) -> Result<Option<Row>, StoreError> {
        Ok(self.query(sql, params).await?.pop())
    }
}

impl PostgresReader {
    fn client(&self) -> Result<&Object, StoreError> {
        self.client
            .as_ref()
            .ok_or_else(|| StoreError::Unavailable("the connection was given back".to_owned()))
    }
}

impl Drop for PostgresReader {
    fn drop(&mut self) {
        // A transaction cannot be ended without waiting, so its connection must not go back to the pool.
        if self.in_snapshot
            && let Some(client) = self.client.take()
        {
            drop(Object::take(client));
        }
    }
}

/// A text with `$1` parameters for SQLite, which numbers those by first appearance and `?1` by number.
pub(crate) fn for_sqlite(sql: &str) -> String {
    sql.replace('$', "?")
}

/// Statements that change rows outside a batch: sessions, keys, imports. They take turns with the batches.
pub(crate) type Statement = (&'static str, Vec<Value>);

impl Database {
    /// Runs statements in one transaction and says how many rows each touched.
    pub(crate) async fn write(&self, statements: Vec<Statement>) -> Result<Vec<u64>, StoreError> {
        match self {
            Self::Sqlite(database) => database.write(statements).await,
            Self::Postgres(database) => database.write(statements).await,
        }
    }

    /// Runs one statement and says how many rows it touched.
    pub(crate) async fn write_one(&self, sql: &'static str, params: Vec<Value>) -> Result<u64, StoreError> {
        Ok(self.write(vec![(sql, params)]).await?.into_iter().sum())
    }
}
