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
    /// No engine is called so.
    #[error(
        "“{engine}” is no engine: write ballista://host:port for a cluster, or nothing to ask in this process"
    )]
    Engine {
        /// As it was given.
        engine: String,
    },
    /// Asking a cluster is not part of this program.
    #[error(
        "this program was built without Ballista: build one that asks clusters with \
         `cargo install --path crates/perennial --features ballista`"
    )]
    WithoutBallista,
    /// Nobody listens where the scheduler of a cluster should.
    #[error(
        "the Ballista scheduler at {scheduler} cannot be reached ({cause}): start it, name another with --engine, \
         or ask in this process without --engine"
    )]
    Unreachable {
        /// Host and port.
        scheduler: String,
        /// What went wrong.
        cause: String,
    },
    /// The scheduler of a cluster does not see the lake as it is here.
    #[error(
        "the Ballista scheduler at {scheduler} finds {found} rows of {table} where the lake has {rows}: let the scheduler \
         and every executor reach the lake by the address it has here"
    )]
    Unseen {
        /// Host and port.
        scheduler: String,
        /// The table.
        table: String,
        /// Rows it finds.
        found: u64,
        /// Rows by the manifest.
        rows: u64,
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

impl LakeError {
    /// Whether a question needed more memory than it may have.
    pub(crate) fn is_out_of_memory(&self) -> bool {
        let Self::Query(error) = self else { return false };
        matches!(error.find_root(), DataFusionError::ResourcesExhausted(_))
    }
}

impl From<DataFusionError> for LakeError {
    fn from(error: DataFusionError) -> Self {
        match error {
            // What we said ourselves in the midst of a query.
            DataFusionError::External(cause) => match cause.downcast::<Self>() {
                Ok(own) => *own,
                Err(cause) => Self::Query(Box::new(DataFusionError::External(cause))),
            },
            error => Self::Query(Box::new(error)),
        }
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
