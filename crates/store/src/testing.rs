//! For tests of this and other crates: temporary folders, and a throw-away PostgreSQL server started from the
//! installed binaries. Both clean up after themselves, even when the test process is killed.

mod postgres;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

pub use postgres::TemporaryPostgres;

/// A folder that is removed when it goes out of scope.
#[derive(Debug)]
pub struct TemporaryFolder(PathBuf);

impl TemporaryFolder {
    /// Makes an empty folder.
    pub fn new() -> std::io::Result<Self> {
        Self::below(&std::env::temp_dir())
    }

    /// Makes an empty folder in memory where the system has one: for what commits often and fears no power cut.
    pub fn in_memory() -> std::io::Result<Self> {
        let memory = Path::new("/dev/shm");
        if memory.is_dir() { Self::below(memory) } else { Self::new() }
    }

    fn below(folder: &Path) -> std::io::Result<Self> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("perennial-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let path = folder.join(name);
        std::fs::create_dir_all(&path)?;
        Ok(Self(path))
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for TemporaryFolder {
    fn drop(&mut self) {
        // A folder left behind harms nobody; a panic while another one unwinds would.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
