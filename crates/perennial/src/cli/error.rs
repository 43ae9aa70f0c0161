//! How a subcommand ends: the exit codes, and errors with the code each leads to.

use std::path::Path;
use std::process::ExitCode;

use operations::OperationError;

/// How a subcommand ended without an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ended {
    /// As it should.
    Well,
    /// The rules said no to some of it, and what they said was printed.
    Refused,
    /// Verification found differences, and they were printed.
    Differences,
}

/// Why a subcommand did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CliError {
    /// The operation has no result.
    #[error(transparent)]
    Operation(#[from] OperationError),
    /// The arguments do not fit together.
    #[error("{0}")]
    Usage(String),
    /// A file, a socket, or anything else of the machine.
    #[error("{what}: {cause}")]
    Failed {
        /// What it was about, for instance a path.
        what: String,
        /// What the system says.
        cause: String,
    },
}

impl Ended {
    /// The exit code.
    pub(crate) fn code(self) -> ExitCode {
        ExitCode::from(match self {
            Self::Well => 0,
            Self::Refused => 3,
            Self::Differences => 4,
        })
    }
}

impl CliError {
    /// Something of the machine that went wrong.
    pub(crate) fn failed(what: impl Into<String>, cause: &impl std::fmt::Display) -> Self {
        Self::Failed { what: what.into(), cause: cause.to_string() }
    }

    /// A file that could not be read or written.
    pub(crate) fn file(path: &Path, cause: &impl std::fmt::Display) -> Self {
        Self::failed(path.display().to_string(), cause)
    }

    /// The exit code; see `perennial --help`.
    pub(crate) fn code(&self) -> u8 {
        match self {
            Self::Usage(_) => 2,
            Self::Operation(
                OperationError::Refused(_) | OperationError::Changed | OperationError::NoAnswer { .. },
            ) => 3,
            Self::Operation(
                OperationError::Busy | OperationError::Unavailable(_) | OperationError::TooManyTries { .. },
            ) => 5,
            Self::Operation(_) | Self::Failed { .. } => 1,
        }
    }

    /// A stable name, as in the API.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Usage(_) => "usage",
            Self::Failed { .. } => "failed",
            Self::Operation(error) => match error {
                OperationError::Refused(refusal) => refusal.code(),
                OperationError::Busy => "busy",
                OperationError::Unavailable(_) => "unavailable",
                OperationError::Changed => "changed",
                OperationError::TooManyTries { .. } => "voucher_tries_exceeded",
                OperationError::File { .. } => "file",
                OperationError::Lake(_) => "lake",
                OperationError::NoAnswer { .. } => "no_answer",
                OperationError::Internal(_) => "internal",
            },
        }
    }

    /// What to tell whoever typed the command: at a shell, unlike over the network, causes may be named.
    pub(crate) fn sentence(&self) -> String {
        match self {
            Self::Operation(OperationError::Unavailable(cause)) => format!("no database: {cause}"),
            Self::Operation(OperationError::Internal(cause)) => format!("{self}: {cause}"),
            _ => self.to_string(),
        }
    }
}
