//! PostgreSQL servers: settings that can lose a commit are refused, a crash loses nothing that was acknowledged, and
//! a lane finds its way back.

use store::testing::TemporaryPostgres;
use store::{Changes, Database, DatabaseUrl, OpenOptions, StoreError};
use tokio::runtime::Runtime;

use crate::samples::{everything, member};

fn open(runtime: &Runtime, url: &DatabaseUrl) -> Result<Database, StoreError> {
    runtime.block_on(Database::open(url, &OpenOptions::default()))
}

/// Which setting is refused, if one is.
fn refused(opened: Result<Database, StoreError>) -> Option<(String, String)> {
    match opened {
        Ok(_) => None,
        Err(StoreError::UnsafeSetting(setting)) => Some((setting.setting, setting.value)),
        Err(other) => panic!("{other:?}"),
    }
}

#[test]
fn a_role_or_database_that_does_not_wait_for_the_disk_is_refused() {
    let Some(server) = TemporaryPostgres::shared() else { return };
    let runtime = Runtime::new().unwrap();
    let name = server.database().unwrap();
    for (value, allowed) in [("off", false), ("local", false), ("remote_apply", true), ("on", true)] {
        server.psql("postgres", &format!("ALTER DATABASE {name} SET synchronous_commit = {value}")).unwrap();
        let expected = (!allowed).then(|| ("synchronous_commit".to_owned(), value.to_owned()));
        assert_eq!(refused(open(&runtime, &server.url(&name))), expected);
    }
}

#[test]
fn a_server_that_can_lose_commits_is_refused_and_a_crash_loses_none() {
    let Some(server) = TemporaryPostgres::start().unwrap() else { return };
    let runtime = Runtime::new().unwrap();
    let name = server.database().unwrap();
    let url = server.url(&name);
    for setting in ["fsync", "full_page_writes"] {
        set(&server, setting, "off");
        assert_eq!(refused(open(&runtime, &url)), Some((setting.to_owned(), "off".to_owned())));
        set(&server, setting, "on");
    }

    let Ok(Database::Postgres(database)) = open(&runtime, &url) else { panic!("the server is safe now") };
    let mut lane = runtime.block_on(database.lane()).unwrap();
    let mut save = |changes: &Changes<'_>| {
        runtime.block_on(async {
            let mut batch = lane.begin().await?;
            batch.save(changes).await?;
            batch.commit().await
        })
    };
    save(&everything(&[member(7, "张伟")])).unwrap();
    server.crash().unwrap();
    let told = save(&everything(&[member(8, "李娜")]));
    assert!(matches!(told, Err(StoreError::Unavailable(_))), "{told:?}");
    server.restart().unwrap();
    save(&everything(&[member(8, "李娜")])).unwrap();
    let database = open(&runtime, &url).unwrap();
    let totals = runtime.block_on(async { database.reader().await?.account_totals().await }).unwrap();
    assert_eq!(totals.accounts, 2);
}

/// Changes a setting of the running server and waits until it is in force.
fn set(server: &TemporaryPostgres, setting: &str, value: &str) {
    server.psql("postgres", &format!("ALTER SYSTEM SET {setting} = {value}")).unwrap();
    server.psql("postgres", "SELECT pg_reload_conf()").unwrap();
    while server.psql("postgres", &format!("SHOW {setting}")).unwrap().trim() != value {
        std::thread::yield_now();
    }
}
