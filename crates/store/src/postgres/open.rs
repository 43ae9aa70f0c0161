//! Opening a PostgreSQL database: safe settings or none, migrations under a lock, the application's role.

use std::sync::Arc;
use std::time::Duration;

use deadpool_postgres::{Hook, HookError, Manager, ManagerConfig, Pool, RecyclingMethod, Runtime};
use tokio_postgres::{Client, Config, NoTls};

use super::PostgresLane;
use super::error::store_error;
use crate::options::OpenOptions;
use crate::{StoreError, UnsafeSetting};

/// The oldest server the schema and the feed were written for.
const SERVER_VERSION_MIN: i64 = 150_000;
/// Two servers starting at once must not migrate at once; the number names the lock and means nothing else.
const MIGRATION_LOCK: i64 = 0x7065_7265_6e6e;
/// How long a caller waits for a reading connection.
const POOL_WAIT: Duration = Duration::from_secs(10);
/// Becoming the application: from here on ledger rows cannot be updated or deleted.
const BECOME_APPLICATION: &str = "SET ROLE perennial_application";
/// Rights of the application's role.
const GRANTS: &str = include_str!("grants.sql");

/// A database restored from a dump holds transaction numbers of another server, which this one may not have
/// reached: the feed would wait for them. They become the oldest number there is; the sequence keeps their order.
const SETTLE_FEED: &str = "UPDATE entry SET transaction_id = '3' WHERE EXISTS (SELECT FROM (SELECT transaction_id \
     FROM entry ORDER BY transaction_id DESC, sequence DESC LIMIT 1) AS latest \
     WHERE latest.transaction_id >= pg_snapshot_xmax(pg_current_snapshot())); \
     UPDATE voucher_step SET transaction_id = '3' WHERE EXISTS (SELECT FROM (SELECT transaction_id \
     FROM voucher_step ORDER BY transaction_id DESC, sequence DESC LIMIT 1) AS latest \
     WHERE latest.transaction_id >= pg_snapshot_xmax(pg_current_snapshot()))";

mod migrations {
    refinery::embed_migrations!("migrations/postgres");
}

/// An open PostgreSQL database; clones share its pool.
#[derive(Debug, Clone)]
pub struct PostgresDatabase {
    config: Arc<Config>,
    options: OpenOptions,
    pool: Pool,
}

impl PostgresDatabase {
    /// Opens, checks and migrates.
    pub(crate) async fn open(url: &str, options: &OpenOptions) -> Result<Self, StoreError> {
        let mut config: Config = url
            .parse()
            .map_err(|cause| StoreError::Unsupported(format!("the address is not understood: {cause}")))?;
        if config.get_application_name().is_none() {
            config.application_name("perennial");
        }
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(POOL_WAIT);
        }
        let mut client = connect(&config).await?;
        check_settings(&client, options.read_only).await?;
        if options.read_only {
            check_version(&client).await?;
        } else {
            migrate(&mut client).await?;
        }
        let pool = pool(&config, options)?;
        Ok(Self { config: Arc::new(config), options: options.clone(), pool })
    }

    pub(super) fn pool(&self) -> &Pool {
        &self.pool
    }

    pub(super) fn options(&self) -> &OpenOptions {
        &self.options
    }

    /// A connection for batches. Open several; a command goes to the lane of its account.
    pub async fn lane(&self) -> Result<PostgresLane, StoreError> {
        if self.options.read_only {
            return Err(StoreError::Unsupported("the database is open for reading only".to_owned()));
        }
        PostgresLane::connect(Arc::clone(&self.config), self.options.faults.clone()).await
    }
}

/// Connects as the user of the address and keeps the connection served.
pub(super) async fn connect(config: &Config) -> Result<Client, StoreError> {
    let (client, connection) = config.connect(NoTls).await.map_err(store_error)?;
    tokio::spawn(async move {
        if let Err(error) = connection.await {
            tracing::warn!(%error, "a database connection ended");
        }
    });
    Ok(client)
}

/// Connects as the application.
pub(super) async fn connect_application(config: &Config) -> Result<Client, StoreError> {
    let client = connect(config).await?;
    client.batch_execute(BECOME_APPLICATION).await.map_err(store_error)?;
    Ok(client)
}

fn pool(config: &Config, options: &OpenOptions) -> Result<Pool, StoreError> {
    let manager = Manager::from_config(
        config.clone(),
        NoTls,
        ManagerConfig { recycling_method: RecyclingMethod::Fast },
    );
    Pool::builder(manager)
        .max_size(options.readers)
        .wait_timeout(Some(POOL_WAIT))
        .create_timeout(Some(POOL_WAIT))
        .runtime(Runtime::Tokio1)
        .post_create(Hook::async_fn(|client, _| {
            Box::pin(
                async move { client.batch_execute(BECOME_APPLICATION).await.map_err(HookError::Backend) },
            )
        }))
        .build()
        .map_err(|cause| StoreError::Unavailable(format!("the pool of connections cannot be built: {cause}")))
}

/// Refuses servers that can lose an acknowledged commit.
async fn check_settings(client: &Client, read_only: bool) -> Result<(), StoreError> {
    let sql = "SELECT name::text, setting::text FROM pg_settings WHERE name IN \
               ('server_version_num', 'fsync', 'full_page_writes', 'synchronous_commit')";
    for row in client.query(sql, &[]).await.map_err(store_error)? {
        check_setting(row.get(0), row.get(1))?;
    }
    let replica: bool =
        client.query_one("SELECT pg_is_in_recovery()", &[]).await.map_err(store_error)?.get(0);
    if replica && !read_only {
        let remedy = "connect to the primary: nothing is ever decided on a replica";
        return Err(unsafe_setting("pg_is_in_recovery", "true", remedy));
    }
    Ok(())
}

fn check_setting(name: &str, value: &str) -> Result<(), StoreError> {
    let remedy = match (name, value) {
        ("server_version_num", _)
            if value.parse::<i64>().is_ok_and(|number| number >= SERVER_VERSION_MIN) =>
        {
            return Ok(());
        }
        ("server_version_num", _) => "use PostgreSQL 15 or later",
        ("fsync" | "full_page_writes", "on") | ("synchronous_commit", "on" | "remote_apply") => return Ok(()),
        ("synchronous_commit", _) => {
            "set it to on or remote_apply for this role and database: an acknowledged commit must be on disk"
        }
        _ => "set it to on in postgresql.conf and reload: a crash could lose or tear acknowledged commits",
    };
    Err(unsafe_setting(name, value, remedy))
}

fn unsafe_setting(setting: &str, value: &str, remedy: &str) -> StoreError {
    UnsafeSetting { setting: setting.to_owned(), value: value.to_owned(), remedy: remedy.to_owned() }.into()
}

async fn migrate(client: &mut Client) -> Result<(), StoreError> {
    client.execute("SELECT pg_advisory_lock($1)", &[&MIGRATION_LOCK]).await.map_err(store_error)?;
    refuse_newer(stored_version(client).await?)?;
    migrations::migrations::runner()
        .run_async(client)
        .await
        .map_err(|cause| StoreError::Unavailable(format!("the schema could not be migrated: {cause}")))?;
    client.batch_execute(GRANTS).await.map_err(|cause| {
        let cause = store_error(cause);
        StoreError::Unsupported(format!(
            "the role perennial_application cannot be set up: {cause}; \
             let an administrator create it and grant it to the user of this address"
        ))
    })?;
    client.batch_execute(SETTLE_FEED).await.map_err(store_error)?;
    client.execute("SELECT pg_advisory_unlock($1)", &[&MIGRATION_LOCK]).await.map_err(store_error)?;
    Ok(())
}

async fn check_version(client: &Client) -> Result<(), StoreError> {
    let stored = stored_version(client).await?;
    refuse_newer(stored)?;
    if stored == Some(latest_version()) {
        return Ok(());
    }
    Err(StoreError::Unsupported(
        "the schema is older than this program: open it once for writing first".to_owned(),
    ))
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

/// The version of a database; `None` for an empty one.
async fn stored_version(client: &Client) -> Result<Option<i32>, StoreError> {
    let known = client
        .query_one("SELECT to_regclass('refinery_schema_history') IS NOT NULL", &[])
        .await
        .map_err(store_error)?;
    if !known.get::<_, bool>(0) {
        return Ok(None);
    }
    let row = client
        .query_one("SELECT max(version)::int4 FROM refinery_schema_history", &[])
        .await
        .map_err(store_error)?;
    Ok(row.get(0))
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
    use super::check_setting;

    fn check(name: &str, value: &str, safe: bool) {
        assert_eq!(check_setting(name, value).is_ok(), safe, "{name} = {value}");
    }

    #[test]
    fn settings_that_can_lose_a_commit_are_refused() {
        check("server_version_num", "150018", true);
        check("server_version_num", "140012", false);
        check("fsync", "on", true);
        check("fsync", "off", false);
        check("full_page_writes", "off", false);
        check("synchronous_commit", "on", true);
        check("synchronous_commit", "remote_apply", true);
        for weak in ["off", "local", "remote_write"] {
            check("synchronous_commit", weak, false);
        }
    }
}
