//! Counts as real numbers: the one place where that cast is argued for.

/// The count as a double; exact below 2^53, which no count of things in memory reaches.
#[expect(clippy::cast_precision_loss, reason = "counts of things in memory are below 2^53")]
pub(crate) fn real(count: usize) -> f64 {
    count as f64
}
