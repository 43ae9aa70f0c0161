//! Counts and sums of money as numbers to divide by.

/// A sum, or a difference of counts.
#[expect(clippy::cast_precision_loss, reason = "counts and sums of money are far below 2^53")]
pub(super) fn real(value: i64) -> f64 {
    value as f64
}

/// A count.
#[expect(clippy::cast_precision_loss, reason = "counts are far below 2^53")]
pub(super) fn count(value: u64) -> f64 {
    value as f64
}

/// A count that was kept as a number.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "counts are far below 2^53")]
pub(super) fn cases(count: f64) -> u64 {
    count as u64
}
