//! Why an operation has no result: a named refusal, or a platform that cannot serve right now.

use analytics::lake::LakeError;
use domain::operation::Failure;
use domain::refusal::Refusal;
use store::StoreError;

/// Seconds after which a caller may try again when queues are full or the database is away.
pub const RETRY_AFTER_SECONDS: u32 = 1;

/// Why there is no result.
#[derive(Debug, Clone, thiserror::Error)]
pub enum OperationError {
    /// The rules or the request's own form say no.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// All queues are full: nothing was done, try again.
    #[error("the platform is busy: try again in {RETRY_AFTER_SECONDS} s")]
    Busy,
    /// Too many wrong voucher codes: nothing was looked up.
    #[error("too many wrong voucher codes: try again in {retry_after_seconds} s")]
    TooManyTries {
        /// When another try is allowed.
        retry_after_seconds: i64,
    },
    /// The database is away or full: nothing was done, or the same key tells whether it was.
    #[error("the database cannot serve right now: try again with the same key")]
    Unavailable(String),
    /// The resource changed since it was read.
    #[error("it was changed by somebody else in between: read it again")]
    Changed,
    /// A file could not be read or written.
    #[error("{path}: {reason}")]
    File {
        /// The file.
        path: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The lake is not there, is written by somebody else, or cannot be read.
    #[error("{0}")]
    Lake(String),
    /// A question that what is there does not answer.
    #[error("{sentence}")]
    NoAnswer {
        /// A name for the reason, which the catalogues translate.
        code: &'static str,
        /// What is missing, and what to do.
        sentence: String,
    },
    /// A defect: the cause is logged, never sent.
    #[error("internal error")]
    Internal(String),
}

impl From<Failure> for OperationError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Refused(refusal) => Self::Refused(refusal),
            Failure::LotsNeeded => Self::Internal(failure.to_string()),
        }
    }
}

impl From<LakeError> for OperationError {
    fn from(error: LakeError) -> Self {
        Self::Lake(error.to_string())
    }
}

impl From<StoreError> for OperationError {
    fn from(error: StoreError) -> Self {
        use StoreError as S;
        match &error {
            S::Conflict(store::Conflict::MemberVersion) => Self::Changed,
            S::Retry(_) | S::Ambiguous(_) | S::Unavailable(_) | S::DiskFull(_) | S::Conflict(_) => {
                Self::Unavailable(error.to_string())
            }
            S::UnsafeSetting(_) | S::InUse { .. } | S::Unsupported(_) => Self::Unavailable(error.to_string()),
            _ => Self::Internal(error.to_string()),
        }
    }
}
