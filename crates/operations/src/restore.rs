//! Restoring a database from a backup: checked first, copied beside, and put in place only where nothing is.

use std::path::{Path, PathBuf};

use store::DatabaseUrl;

use crate::backup::{BackupReport, check};
use crate::error::OperationError;

/// What SQLite keeps beside a database: never to be mixed with another one.
const LEFTOVERS: [&str; 3] = ["-wal", "-shm", "-journal"];

/// Puts a backup in the place of a SQLite database that does not exist yet. A database is never overwritten.
pub async fn restore(backup: &Path, url: &DatabaseUrl) -> Result<BackupReport, OperationError> {
    let DatabaseUrl::Sqlite(target) = url else {
        let reason = "PostgreSQL is restored by its own tools: pg_restore --create --dbname=postgres FILE";
        return Err(failed(backup, &reason));
    };
    if target.exists() {
        return Err(failed(target, &"exists already: move it away first, nothing is overwritten"));
    }
    // What an earlier database of this name left: SQLite would play it into the backup.
    for leftover in LEFTOVERS.map(|suffix| beside(target, suffix)) {
        if leftover.exists() {
            let reason = "belongs to an earlier database of this name, and would change the restored one: move it away first";
            return Err(failed(&leftover, &reason));
        }
    }
    if !backup.exists() {
        return Err(failed(backup, &"does not exist"));
    }
    if let Some(log) =
        ["-wal", "-journal"].map(|suffix| beside(backup, suffix)).iter().find(|log| has_content(log))
    {
        let reason = "holds changes that the backup itself lacks: make the copy with `backup`, not by hand";
        return Err(failed(log, &reason));
    }
    // A copy that was cut short, or that does not pass, never bears the database's name.
    let part = beside(target, ".part");
    let checked = copy_and_check(backup, &part).await;
    let placed = match checked {
        Ok(report) => {
            let (from, to) = (part.clone(), target.clone());
            blocking(target, move || put_in_place(&from, &to)).await.map(|()| report)
        }
        Err(error) => Err(error),
    };
    clear(&part);
    placed
}

/// What is checked is the copy: what was read well once may have been written badly.
async fn copy_and_check(backup: &Path, part: &Path) -> Result<BackupReport, OperationError> {
    let (from, to) = (backup.to_owned(), part.to_owned());
    blocking(part, move || copy(&from, &to)).await?;
    check(part).await
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

fn has_content(path: &Path) -> bool {
    std::fs::metadata(path).is_ok_and(|file| file.len() > 0)
}

/// Removes a copy that is not wanted, with what reading it left.
fn clear(part: &Path) {
    for suffix in ["", "-wal", "-shm"] {
        let _ = std::fs::remove_file(beside(part, suffix));
    }
}

fn copy(from: &Path, part: &Path) -> std::io::Result<()> {
    if let Some(folder) = folder_of(part) {
        std::fs::create_dir_all(folder)?;
    }
    clear(part);
    std::fs::copy(from, part)?;
    std::fs::File::open(part)?.sync_all()
}

fn put_in_place(part: &Path, to: &Path) -> std::io::Result<()> {
    std::fs::rename(part, to)?;
    // The name is durable only once its folder is.
    std::fs::File::open(folder_of(to).unwrap_or(Path::new(".")))?.sync_all()
}

fn folder_of(path: &Path) -> Option<&Path> {
    path.parent().filter(|folder| *folder != Path::new(""))
}

async fn blocking<F>(about: &Path, work: F) -> Result<(), OperationError>
where
    F: FnOnce() -> std::io::Result<()> + Send + 'static,
{
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|cause| OperationError::Internal(cause.to_string()))?.map_err(|cause| failed(about, &cause))
}

fn failed(path: &Path, cause: &impl std::fmt::Display) -> OperationError {
    OperationError::File { path: path.display().to_string(), reason: cause.to_string() }
}
