//! Why the lake cannot be read or written.

use datafusion::error::DataFusionError;

/// What is wrong with a lake, or with a question asked of it.
#[derive(Debug, thiserror::Error)]
pub enum LakeError {
    /// The place is neither a folder nor an address that is understood.
    #[error("“{location}” is not a place for a lake: {message}")]
    Location {
        /// As it was given.
        location: String,
        /// What is wrong with it.
        message: String,
    },
    /// There is no lake there.
    #[error("there is no lake at {location}: write one with `perennial write-lake`, or import into one")]
    Missing {
        /// Where it was looked for.
        location: String,
    },
    /// A manifest cannot be understood.
    #[error("{path} is not a manifest of a lake: {message}")]
    Manifest {
        /// The manifest.
        path: String,
        /// What is wrong with it.
        message: String,
    },
    /// The lake holds the history of something else.
    #[error("the lake at {location} was written from {found}, not from {wanted}: choose another place")]
    OtherOrigin {
        /// The lake.
        location: String,
        /// What it was written from.
        found: String,
        /// What was to be written.
        wanted: String,
    },
    /// Another writer was faster; what it wrote counts.
    #[error("the lake at {location} is being written by somebody else: nothing was changed, try again later")]
    Overtaken {
        /// The lake.
        location: String,
    },
    /// The store of the files failed.
    #[error("the lake's files: {0}")]
    Store(#[from] object_store::Error),
    /// A file is not what it should be.
    #[error("a file of the lake: {0}")]
    Parquet(#[from] parquet::errors::ParquetError),
    /// A file is damaged.
    #[error(
        "{path} is damaged: {message}; bring it back from a copy, or write the lake anew at another place"
    )]
    Damaged {
        /// The file.
        path: String,
        /// What is wrong with it.
        message: String,
    },
    /// Rows do not fit their table.
    #[error("rows of the lake: {0}")]
    Arrow(#[from] arrow::error::ArrowError),
    /// A question cannot be answered.
    #[error("{}", in_words(.0))]
    Query(Box<DataFusionError>),
}

impl From<DataFusionError> for LakeError {
    fn from(error: DataFusionError) -> Self {
        Self::Query(Box::new(error))
    }
}

/// The cause without the layers around it; what to do where memory ran out.
fn in_words(error: &DataFusionError) -> String {
    let root = error.find_root();
    let words = root.strip_backtrace();
    if matches!(root, DataFusionError::ResourcesExhausted(_)) {
        return format!("the question needs more memory than it may have; allow more with --memory: {words}");
    }
    words
}
