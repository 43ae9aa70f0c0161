//! Changes outside batches on SQLite: they wait for their turn and use a connection of their own.

use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::{Connection, TransactionBehavior, params_from_iter};

use super::error::{commit_error, insert_error, store_error};
use super::open::SqliteDatabase;
use crate::database::blocking;
use crate::reader::{Statement, for_sqlite};
use crate::{Conflict, StoreError};

/// The connection for changes outside batches, opened when first needed.
pub(crate) type ColdConnection = Arc<Mutex<Option<Connection>>>;

impl SqliteDatabase {
    pub(crate) async fn write(&self, statements: Vec<Statement>) -> Result<Vec<u64>, StoreError> {
        let turn = self.gate().lock_owned().await;
        let database = self.clone();
        blocking(move || {
            let touched = database.write_now(&statements);
            drop(turn);
            touched
        })
        .await
    }

    fn write_now(&self, statements: &[Statement]) -> Result<Vec<u64>, StoreError> {
        let mut slot = self.cold_connection().lock().unwrap_or_else(PoisonError::into_inner);
        let mut connection = match slot.take() {
            Some(connection) => connection,
            None => self.connect()?,
        };
        // A connection that met an error is not used again.
        let touched = run(&mut connection, statements)?;
        *slot = Some(connection);
        Ok(touched)
    }
}

fn run(connection: &mut Connection, statements: &[Statement]) -> Result<Vec<u64>, StoreError> {
    let transaction =
        connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(store_error)?;
    let mut touched = Vec::with_capacity(statements.len());
    for (sql, params) in statements {
        let mut statement = transaction.prepare_cached(&for_sqlite(sql)).map_err(store_error)?;
        let rows = statement.execute(params_from_iter(params));
        touched.push(rows.map_err(|error| insert_error(error, Conflict::Taken))? as u64);
    }
    transaction.commit().map_err(commit_error)?;
    Ok(touched)
}
