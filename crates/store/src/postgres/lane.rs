//! A lane: one connection that saves batches, with its statements prepared. The statements of a step are sent
//! without waiting for each other's answers.

use std::sync::Arc;

use tokio_postgres::{Client, Config, IsolationLevel, Transaction};

use super::error::{commit_error, store_error};
use super::open::connect_application;
use super::statements::{SESSION, Statements};
use crate::faults::Faults;
use crate::{Changes, Conflict, Keys, Loaded, Loads, Resolved, StoreError};

/// One connection that saves batches. It connects again by itself when the connection was lost between batches.
pub struct PostgresLane {
    config: Arc<Config>,
    faults: Faults,
    session: Session,
}

struct Session {
    client: Client,
    statements: Statements,
}

/// One batch under way. Dropping it without [`PostgresTransaction::commit`] rolls it back.
pub struct PostgresTransaction<'l> {
    transaction: Transaction<'l>,
    statements: &'l Statements,
    faults: &'l Faults,
    failed: bool,
    may_park: bool,
}

impl PostgresLane {
    pub(super) async fn connect(config: Arc<Config>, faults: Faults) -> Result<Self, StoreError> {
        let session = Session::open(&config).await?;
        Ok(Self { config, faults, session })
    }

    /// Begins a batch.
    ///
    /// READ COMMITTED is meant: every row a decision depends on is locked before it is read or carried by a unique
    /// key or a conditional update, and each statement after the locks must see what the lock waited for. A
    /// snapshot of the whole transaction would only turn waiting for a lock or a budget into failures.
    pub async fn begin(&mut self) -> Result<PostgresTransaction<'_>, StoreError> {
        if self.session.client.is_closed() {
            self.session = Session::open(&self.config).await?;
        }
        let call = self.faults.before("begin")?;
        let begin = self.session.client.build_transaction().isolation_level(IsolationLevel::ReadCommitted);
        let transaction = begin.start().await.map_err(store_error)?;
        self.faults.after(call)?;
        Ok(PostgresTransaction {
            transaction,
            statements: &self.session.statements,
            faults: &self.faults,
            failed: false,
            may_park: false,
        })
    }
}

impl Session {
    async fn open(config: &Config) -> Result<Self, StoreError> {
        let client = connect_application(config).await?;
        client.batch_execute(SESSION).await.map_err(store_error)?;
        let statements = Statements::prepare(&client).await?;
        Ok(Self { client, statements })
    }
}

impl PostgresTransaction<'_> {
    /// Finds the rows under the keys of the batch.
    pub async fn resolve(&mut self, keys: &Keys) -> Result<Resolved, StoreError> {
        let run = Run { transaction: &self.transaction, statements: self.statements, faults: self.faults };
        let resolved = Box::pin(super::load::resolve(&run, keys)).await;
        self.failed |= resolved.is_err();
        let (resolved, may_park) = resolved?;
        self.may_park |= may_park;
        Ok(resolved)
    }

    /// Locks and loads what the decisions of the batch depend on.
    pub async fn load(&mut self, loads: &Loads) -> Result<Loaded, StoreError> {
        let run = Run { transaction: &self.transaction, statements: self.statements, faults: self.faults };
        let loaded = Box::pin(super::load::load(&run, loads)).await;
        self.failed |= loaded.is_err();
        loaded
    }

    /// Writes what the batch changes. After an error the transaction can only be dropped.
    ///
    /// A return whose purchase the batch was to record, and did not, is refused as a conflict: decided once more on
    /// its own, it is parked in its turn.
    pub async fn save(&mut self, changes: &Changes<'_>) -> Result<(), StoreError> {
        if !changes.parked.is_empty() && !self.may_park {
            self.failed = true;
            return Err(Conflict::ParkedReturn.into());
        }
        let run = Run { transaction: &self.transaction, statements: self.statements, faults: self.faults };
        let saved = Box::pin(super::save::save(&run, changes)).await;
        self.failed |= saved.is_err();
        saved
    }

    /// Makes the batch durable: when it returns, a power cut cannot undo it.
    pub async fn commit(self) -> Result<(), StoreError> {
        // The server would answer COMMIT after an error with a silent rollback.
        if self.failed {
            return Err(StoreError::Unsupported("a failed batch cannot be committed".to_owned()));
        }
        let call = self.faults.before("commit")?;
        self.transaction.commit().await.map_err(commit_error)?;
        self.faults.after(call)
    }

    /// Gives the batch up and waits until its locks are free.
    pub async fn rollback(self) -> Result<(), StoreError> {
        self.transaction.rollback().await.map_err(store_error)
    }
}

/// What the statements of a step need.
pub(super) struct Run<'r> {
    pub(super) transaction: &'r Transaction<'r>,
    pub(super) statements: &'r Statements,
    pub(super) faults: &'r Faults,
}

/// Parameters of a statement.
pub(super) type Params<'p> = &'p [&'p (dyn tokio_postgres::types::ToSql + Sync)];

impl Run<'_> {
    /// Reads rows.
    pub(super) async fn query(
        &self,
        name: &'static str,
        statement: &tokio_postgres::Statement,
        params: Params<'_>,
    ) -> Result<Vec<tokio_postgres::Row>, StoreError> {
        let call = self.faults.before(name)?;
        let rows = self.transaction.query(statement, params).await.map_err(store_error)?;
        self.faults.after(call)?;
        Ok(rows)
    }

    /// Writes rows and says how many.
    pub(super) async fn execute(
        &self,
        name: &'static str,
        statement: &tokio_postgres::Statement,
        params: Params<'_>,
    ) -> Result<u64, StoreError> {
        let call = self.faults.before(name)?;
        let touched = self.transaction.execute(statement, params).await.map_err(store_error)?;
        self.faults.after(call)?;
        Ok(touched)
    }
}
