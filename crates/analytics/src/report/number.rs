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
