//! SQLite's errors, sorted by what the caller should do about them.

use rusqlite::{Error, ErrorCode, ffi};

use crate::{Conflict, StoreError};

/// An error outside COMMIT: whatever was done before it is rolled back.
#[expect(clippy::needless_pass_by_value, reason = "it is called from `map_err`")]
pub(crate) fn store_error(error: Error) -> StoreError {
    let Error::SqliteFailure(cause, _) = &error else { return StoreError::Corrupt(error.to_string()) };
    match cause.code {
        ErrorCode::DiskFull => StoreError::DiskFull(error.to_string()),
        ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => StoreError::Retry(error.to_string()),
        ErrorCode::ConstraintViolation => StoreError::Refused(error.to_string()),
        ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase => StoreError::Corrupt(error.to_string()),
        ErrorCode::Unknown | ErrorCode::TypeMismatch | ErrorCode::ApiMisuse => {
            StoreError::Unsupported(error.to_string())
        }
        _ => StoreError::Unavailable(error.to_string()),
    }
}

/// An error of an insert whose unique key may be taken.
pub(crate) fn insert_error(error: Error, conflict: Conflict) -> StoreError {
    match &error {
        Error::SqliteFailure(cause, _)
            if matches!(
                cause.extended_code,
                ffi::SQLITE_CONSTRAINT_PRIMARYKEY
                    | ffi::SQLITE_CONSTRAINT_UNIQUE
                    | ffi::SQLITE_CONSTRAINT_ROWID
            ) =>
        {
            conflict.into()
        }
        _ => store_error(error),
    }
}

/// An error of COMMIT. When writing or syncing the log failed, only a fresh look at the file tells the outcome.
pub(crate) fn commit_error(error: Error) -> StoreError {
    match store_error(error) {
        StoreError::Unavailable(cause) => StoreError::Ambiguous(cause),
        other => other,
    }
}
