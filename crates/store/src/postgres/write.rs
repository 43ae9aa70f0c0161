//! Changes outside batches on PostgreSQL: a transaction on a pooled connection.

use deadpool_postgres::Object;
use tokio_postgres::types::ToSql;

use super::error::{commit_error, store_error};
use super::open::PostgresDatabase;
use crate::StoreError;
use crate::faults::Faults;
use crate::reader::Statement;
use crate::value::Value;

impl PostgresDatabase {
    pub(crate) async fn write(&self, statements: Vec<Statement>) -> Result<Vec<u64>, StoreError> {
        let mut client = self.pooled().await?;
        let transaction = client.transaction().await.map_err(store_error)?;
        let mut touched = Vec::with_capacity(statements.len());
        for (sql, params) in &statements {
            let statement = transaction.prepare_cached(sql).await.map_err(store_error)?;
            let params: Vec<&(dyn ToSql + Sync)> = params.iter().map(Value::for_postgres).collect();
            touched.push(transaction.execute(&statement, &params).await.map_err(store_error)?);
        }
        transaction.commit().await.map_err(commit_error)?;
        Ok(touched)
    }

    /// A connection of the pool, as the application's role.
    pub(crate) async fn pooled(&self) -> Result<Object, StoreError> {
        self.pool().get().await.map_err(|cause| match cause {
            deadpool_postgres::PoolError::Backend(error) => store_error(error),
            other => StoreError::Unavailable(other.to_string()),
        })
    }

    pub(crate) fn faults(&self) -> &Faults {
        &self.options().faults
    }
}
