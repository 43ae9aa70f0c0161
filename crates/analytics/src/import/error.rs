//! What stops an import as a whole. A single bad row never does: it goes to the reject file.

use std::io;
use std::path::PathBuf;

use super::moment::ClockProblem;

/// Why an import cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The map does not hold together; maps that were read from text never get here.
    #[error("the map is wrong: {message}")]
    Map {
        /// Field, value and remedy.
        message: String,
    },
    /// No file was given.
    #[error("no file to import: name at least one")]
    NoFile,
    /// A folder was given and the map does not say which file in it.
    #[error("{} is a folder: name a file, or set file.name in the map", path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
    },
    /// A file cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A file is not what the map or its name says.
    #[error("{} is not readable as {format}: {message}", path.display())]
    Format {
        /// The file.
        path: PathBuf,
        /// What it should be.
        format: &'static str,
        /// What is wrong, and what to do.
        message: String,
    },
    /// Columns that the map names are not there.
    #[error("{} lacks {}; it has the columns {}", path.display(), missing.join(", "), available.join(", "))]
    Columns {
        /// The file.
        path: PathBuf,
        /// Each as `column “x” (map field y)`.
        missing: Vec<String>,
        /// The columns that are there.
        available: Vec<String>,
    },
    /// A joined file does not fit the memory set aside for it.
    #[error("{} has more than {limit_bytes} bytes of looked-up text: name fewer columns in the join, or join the file beforehand", path.display())]
    JoinTooLarge {
        /// The joined file.
        path: PathBuf,
        /// The limit.
        limit_bytes: usize,
    },
    /// A joined file has a key twice.
    #[error("{} has the key “{key}” twice: the join needs each key once", path.display())]
    JoinKeyTwice {
        /// The joined file.
        path: PathBuf,
        /// The key.
        key: String,
    },
    /// Temporary files cannot be written or read.
    #[error("cannot sort in {}: {source}: free space there, or choose another folder for temporary files", folder.display())]
    Spill {
        /// The folder of temporary files.
        folder: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The reject file cannot be created.
    #[error("cannot create the reject file {}: {source}", path.display())]
    RejectFile {
        /// The reject file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The reject file cannot be written.
    #[error("cannot write the reject file: {message}")]
    RejectWrite {
        /// What the system says.
        message: String,
    },
}

impl ImportError {
    pub(super) fn from_clock((field, value, remedy): ClockProblem) -> Self {
        Self::Map { message: format!("{field} = {value}: {remedy}") }
    }

    pub(super) fn from_reject(error: &impl std::fmt::Display) -> Self {
        Self::RejectWrite { message: error.to_string() }
    }
}
