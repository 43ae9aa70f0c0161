//! Where a demo is put: a database that the caller names and that is empty, or the demo's own file, made anew.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use operations::{DatabaseUrl, Engine, EngineOptions};

use super::occupied;
use crate::cli::database::{self, parse_url};
use crate::cli::error::CliError;

/// The demo's own file; nothing else is ever kept there.
const DEMO_FILE: &str = "perennial-data/demo.db";
/// Files that belong to a SQLite database, by what follows its name.
const SQLITE_FILES: [&str; 4] = ["", "-wal", "-shm", ".lock"];

/// What follows the name of a database file in the name of its lake.
const LAKE_EXTENSION: &str = "lake";

/// Opens the named database, or the demo's own file without what an earlier demo left in it.
pub(super) async fn open(named: Option<&str>) -> Result<(Engine, DatabaseUrl), CliError> {
    let Some(named) = named else {
        let url = DatabaseUrl::Sqlite(PathBuf::from(DEMO_FILE));
        let engine = open_new(&url).await?;
        if engine.programmes().latest().is_none() {
            return Ok((engine, url));
        }
        // Opened first, because a demo that still runs holds the lock.
        engine.shut_down().await;
        drop(engine);
        remove(Path::new(DEMO_FILE))?;
        remove_lake(&lake_folder(&url))?;
        return Ok((open_new(&url).await?, url));
    };
    let url = parse_url(named)?;
    let engine = open_new(&url).await?;
    if engine.programmes().latest().is_some() {
        engine.shut_down().await;
        return Err(occupied(&url));
    }
    let lake = lake_folder(&url);
    if lake.exists() {
        engine.shut_down().await;
        let sentence =
            format!("{} is left of another demo: remove it, or name another database", lake.display());
        return Err(CliError::Usage(sentence));
    }
    Ok((engine, url))
}

/// Where the lake of a demo is: beside its database.
pub(super) fn lake_folder(url: &DatabaseUrl) -> PathBuf {
    match url {
        DatabaseUrl::Sqlite(path) => path.with_extension(LAKE_EXTENSION),
        DatabaseUrl::Postgres(_) => Path::new(DEMO_FILE).with_extension(LAKE_EXTENSION),
    }
}

fn remove_lake(folder: &Path) -> Result<(), CliError> {
    if folder.exists() {
        std::fs::remove_dir_all(folder).map_err(|cause| CliError::file(folder, &cause))?;
    }
    Ok(())
}

/// The same history gets the same ids.
async fn open_new(url: &DatabaseUrl) -> Result<Engine, CliError> {
    database::open(url, EngineOptions { ids_start: Some(1), ..EngineOptions::default() }).await
}

fn remove(path: &Path) -> Result<(), CliError> {
    for suffix in SQLITE_FILES {
        let mut name = OsString::from(path);
        name.push(suffix);
        let file = PathBuf::from(name);
        if file.exists() {
            std::fs::remove_file(&file).map_err(|cause| CliError::file(&file, &cause))?;
        }
    }
    Ok(())
}
