//! Draws from a table of weights in constant time, and the weights of a Zipf distribution.
//! Source: Walker (1977), ACM TOMS 3(3), built as by Vose (1991), IEEE Trans. Software Eng. 17(9).

use crate::random::Random;

/// A categorical distribution: index `i` is drawn in proportion to weight `i`.
#[derive(Debug, Clone)]
pub struct AliasTable {
    /// How often an index keeps its own column, and which index has the rest of it.
    columns: Vec<(f64, u32)>,
}

/// Weights from which nothing can be drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoWeight;

impl std::fmt::Display for NoWeight {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("weights must be finite, not negative, and not all zero")
    }
}

impl std::error::Error for NoWeight {}

impl AliasTable {
    /// Builds the table; at most 2^32 weights.
    #[expect(clippy::cast_precision_loss, reason = "a table has far fewer than 2^53 columns")]
    pub fn new(weights: &[f64]) -> Result<Self, NoWeight> {
        let total: f64 = weights.iter().sum();
        let count = u32::try_from(weights.len()).map_err(|_| NoWeight)?;
        if weights.iter().any(|weight| *weight < 0.0) || !total.is_finite() || total <= 0.0 {
            return Err(NoWeight);
        }
        let scale = weights.len() as f64 / total;
        let mut left: Vec<f64> = weights.iter().map(|weight| weight * scale).collect();
        let mut columns: Vec<(f64, u32)> = (0..count).map(|index| (1.0, index)).collect();
        let (mut small, mut large): (Vec<usize>, Vec<usize>) =
            (0..weights.len()).partition(|index| left[*index] < 1.0);
        // Whatever remains in either list when the other is empty is 1 up to rounding, and keeps its column.
        while let (Some(less), Some(&more)) = (small.pop(), large.last()) {
            columns[less] = (left[less], columns[more].1);
            left[more] -= 1.0 - left[less];
            if left[more] < 1.0 {
                large.pop();
                small.push(more);
            }
        }
        Ok(Self { columns })
    }

    /// Draws an index.
    pub fn draw(&self, random: &mut Random) -> usize {
        // The bound is the length of a vector, so the number below it is an index.
        let column = usize::try_from(random.below(self.columns.len() as u64)).unwrap_or(0);
        let (keep, other) = self.columns[column];
        if random.uniform() < keep { column } else { other as usize }
    }
}

/// Weights proportional to `rank^-exponent` for ranks from 1 (Zipf 1949).
pub fn zipf_weights(count: u32, exponent: f64) -> Vec<f64> {
    (1..=count).map(|rank| libm::pow(f64::from(rank), -exponent)).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::{AliasTable, NoWeight, zipf_weights};
    use crate::random::Random;

    #[test]
    fn indices_come_in_proportion_to_their_weights() {
        let weights = [1.0, 0.0, 5.0, 2.0, 2.0];
        let table = AliasTable::new(&weights).expect("weights");
        let mut random = Random::new(3);
        let mut counts = [0_u32; 5];
        for _ in 0..100_000 {
            counts[table.draw(&mut random)] += 1;
        }
        for (count, weight) in counts.iter().zip(weights) {
            // Five standard errors of a binomial of 100,000 trials are at most 800.
            assert!((f64::from(*count) - weight * 10_000.0).abs() < 800.0, "{counts:?}");
        }
        assert_eq!(counts[1], 0);
    }

    #[test]
    fn weights_that_say_nothing_are_refused() {
        for bad in [vec![], vec![0.0, 0.0], vec![1.0, -1.0], vec![f64::NAN], vec![f64::INFINITY]] {
            assert_eq!(AliasTable::new(&bad).err(), Some(NoWeight), "{bad:?}");
        }
    }

    #[test]
    fn zipf_weights_fall_with_rank() {
        let weights = zipf_weights(4, 1.0);
        for (rank, weight) in [1.0, 2.0, 3.0, 4.0].iter().zip(weights) {
            assert!((weight * rank - 1.0_f64).abs() < 1e-12);
        }
    }
}
