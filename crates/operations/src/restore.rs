//! Restoring a database from a backup: checked first, copied beside, and put in place only where nothing is.

use std::path::{Path, PathBuf};

use store::DatabaseUrl;

use crate::backup::{BackupReport, check};
use crate::error::OperationError;

/// Puts a backup in the place of a SQLite database that does not exist yet. A database is never overwritten.
pub async fn restore(backup: &Path, url: &DatabaseUrl) -> Result<BackupReport, OperationError> {
    let DatabaseUrl::Sqlite(target) = url else {
        let reason = "PostgreSQL is restored by its own tools: pg_restore --create --dbname=postgres FILE";
        return Err(failed(backup, &reason));
    };
    if target.exists() {
        return Err(failed(target, &"exists already: move it away first, nothing is overwritten"));
    }
    if !backup.exists() {
        return Err(failed(backup, &"does not exist"));
    }
    let report = check(backup).await?;
    // A copy that was cut short never bears the database's name.
    let beside = part_of(target);
    let (from, part, to) = (backup.to_owned(), beside.clone(), target.clone());
    let copied = tokio::task::spawn_blocking(move || copy(&from, &part, &to)).await;
    copied
        .map_err(|cause| OperationError::Internal(cause.to_string()))?
        .map_err(|cause| failed(target, &cause))?;
    Ok(report)
}

fn part_of(target: &Path) -> PathBuf {
    let mut name = target.as_os_str().to_owned();
    name.push(".part");
    PathBuf::from(name)
}

fn copy(from: &Path, part: &Path, to: &Path) -> std::io::Result<()> {
    if let Some(folder) = to.parent().filter(|folder| *folder != Path::new("")) {
        std::fs::create_dir_all(folder)?;
    }
    std::fs::copy(from, part)?;
    std::fs::File::open(part)?.sync_all()?;
    std::fs::rename(part, to)
}

fn failed(path: &Path, cause: &impl std::fmt::Display) -> OperationError {
    OperationError::File { path: path.display().to_string(), reason: cause.to_string() }
}
