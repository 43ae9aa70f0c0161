//! PostgreSQL's errors, sorted by what the caller should do about them.

use tokio_postgres::Error;
use tokio_postgres::error::SqlState;

use crate::{Conflict, StoreError};

/// An error outside COMMIT: whatever was done before it is rolled back.
#[expect(clippy::needless_pass_by_value, reason = "it is called from `map_err`")]
pub(crate) fn store_error(error: Error) -> StoreError {
    let Some(cause) = error.as_db_error() else { return StoreError::Unavailable(sentence(&error)) };
    let state = cause.code();
    if *state == SqlState::UNIQUE_VIOLATION {
        return match cause.constraint().and_then(conflict) {
            Some(conflict) => conflict.into(),
            None => Conflict::Taken.into(),
        };
    }
    let retry =
        [SqlState::T_R_SERIALIZATION_FAILURE, SqlState::T_R_DEADLOCK_DETECTED, SqlState::LOCK_NOT_AVAILABLE];
    if retry.contains(state) {
        return StoreError::Retry(sentence(&error));
    }
    match (state.code(), &state.code()[..2]) {
        ("53100", _) => StoreError::DiskFull(sentence(&error)),
        // Connections, resources, an operator's hand, the machine below.
        (_, "08" | "53" | "57" | "58") => StoreError::Unavailable(sentence(&error)),
        // Constraints and privileges.
        (_, "23") | ("42501", _) => StoreError::Refused(sentence(&error)),
        (_, "XX") => StoreError::Corrupt(sentence(&error)),
        _ => StoreError::Unsupported(sentence(&error)),
    }
}

/// An error of COMMIT: when the connection broke, only the same key tells the outcome.
pub(crate) fn commit_error(error: Error) -> StoreError {
    match store_error(error) {
        StoreError::Unavailable(cause) => StoreError::Ambiguous(cause),
        other => other,
    }
}

/// The statements of a transaction are sent without waiting for each other; after the first has failed, the
/// others fail because of it and say nothing new.
pub(crate) fn first_cause(
    results: impl IntoIterator<Item = Result<(), StoreError>>,
) -> Result<(), StoreError> {
    let mut first: Option<StoreError> = None;
    for error in results.into_iter().filter_map(Result::err) {
        let aftermath =
            matches!(&error, StoreError::Unsupported(text) if text.contains(IN_FAILED_TRANSACTION));
        if first.is_none() || !aftermath {
            if !aftermath {
                return Err(error);
            }
            first = Some(error);
        }
    }
    first.map_or(Ok(()), Err)
}

/// SQLSTATE of a statement that follows a failed one.
const IN_FAILED_TRANSACTION: &str = "25P02";

/// Which unique key stood in the way, by the name of its index.
fn conflict(constraint: &str) -> Option<Conflict> {
    Some(match constraint {
        "account_pkey" | "member_pkey" => Conflict::Account,
        "identifier_pkey" => Conflict::Identifier,
        "document_pkey" => Conflict::Document,
        "idempotency_pkey" => Conflict::Idempotency,
        "parked_return_pkey" => Conflict::ParkedReturn,
        "entry_pkey" | "posting_pkey" | "tier_change_pkey" => Conflict::Entry,
        "lot_pkey" => Conflict::Lot,
        "hold_pkey" => Conflict::Hold,
        "redemption_pkey" => Conflict::Redemption,
        "voucher_pkey" | "voucher_use_pkey" | "voucher_use_once" | "voucher_use_of_document" => {
            Conflict::Voucher
        }
        "voucher_batch_pkey" | "voucher_batch_reference" => Conflict::VoucherBatch,
        "programme_version_pkey" => Conflict::ProgrammeVersion,
        _ => return None,
    })
}

/// The message without the row: details name keys, and keys may be personal.
fn sentence(error: &Error) -> String {
    if let Some(cause) = error.as_db_error() {
        return format!("{} (SQLSTATE {})", cause.message(), cause.code().code());
    }
    let mut text = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}
