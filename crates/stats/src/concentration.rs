//! How unevenly a total is spread over its holders: Lorenz curve, Gini coefficient, share of the top x %.
//! Sources: Lorenz (1905), Publications of the ASA 9(70); Gini (1914), in the form of Dixon et al. (1987),
//! Ecology 68(5), equation 2, without their small-sample correction.

/// Values from which no concentration follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoTotal;

impl std::fmt::Display for NoTotal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("values must be finite, not negative, and not all zero")
    }
}

impl std::error::Error for NoTotal {}

/// Values in ascending order with their running total.
#[derive(Debug, Clone)]
pub struct Concentration {
    /// `cumulative[i]` is the sum of the `i` smallest values; the first is 0.
    cumulative: Vec<f64>,
    gini: f64,
}

#[expect(clippy::cast_precision_loss, reason = "counts of holders are far below 2^53")]
impl Concentration {
    /// Sorts and sums the values, one per holder; holders of nothing count.
    pub fn new(mut values: Vec<f64>) -> Result<Self, NoTotal> {
        let total: f64 = values.iter().sum();
        if !total.is_finite() || total <= 0.0 || values.iter().any(|value| *value < 0.0) {
            return Err(NoTotal);
        }
        values.sort_unstable_by(f64::total_cmp);
        let count = values.len() as f64;
        let mut cumulative = Vec::with_capacity(values.len() + 1);
        cumulative.push(0.0);
        let (mut sum, mut ranked) = (0.0, 0.0);
        for (index, value) in values.iter().enumerate() {
            sum += value;
            ranked += (2.0 * (index + 1) as f64 - count - 1.0) * value;
            cumulative.push(sum);
        }
        Ok(Self { cumulative, gini: ranked / (count * sum) })
    }

    /// Number of holders.
    pub fn holders(&self) -> usize {
        self.cumulative.len() - 1
    }

    /// The Gini coefficient: 0 when all hold the same, 1 − 1/n when one of n holds everything.
    pub fn gini(&self) -> f64 {
        self.gini
    }

    /// The share of the total that the poorest `population_share` hold; straight lines between holders.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to an index first")]
    pub fn lorenz(&self, population_share: f64) -> f64 {
        let holders = self.holders();
        let position = population_share.clamp(0.0, 1.0) * holders as f64;
        let whole = (position.floor() as usize).min(holders - 1);
        let (below, above) = (self.cumulative[whole], self.cumulative[whole + 1]);
        (below + (above - below) * (position - whole as f64)) / self.cumulative[holders]
    }

    /// The share of the total that the richest `population_share` hold: `top_share(0.2)` of 0.8 is 80 : 20.
    /// Holders are counted whole and upwards, so that the group can be listed by name.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to a count first")]
    pub fn top_share(&self, population_share: f64) -> f64 {
        let holders = self.holders();
        // A share such as 0.1 is not exact in binary: what is above a whole number by rounding is whole.
        let best = (population_share.clamp(0.0, 1.0) * holders as f64 - 1e-9).ceil() as usize;
        1.0 - self.cumulative[holders - best] / self.cumulative[holders]
    }

    /// The Lorenz curve at `steps + 1` even points from (0, 0) to (1, 1), for a chart.
    pub fn lorenz_curve(&self, steps: u32) -> Vec<(f64, f64)> {
        let steps = steps.max(1);
        (0..=steps)
            .map(|step| f64::from(step) / f64::from(steps))
            .map(|share| (share, self.lorenz(share)))
            .collect()
    }
}

/// How many times as much a head of the best `population_share` holds as a head of the rest, when together
/// they hold `value_share` of the total. Shares strictly between 0 and 1.
pub fn spend_ratio(population_share: f64, value_share: f64) -> f64 {
    (value_share / population_share) / ((1.0 - value_share) / (1.0 - population_share))
}

/// The inverse of [`spend_ratio`]: the share of the total that the best `population_share` hold.
pub fn share_at_ratio(population_share: f64, ratio: f64) -> f64 {
    let best = ratio * population_share;
    best / (best + 1.0 - population_share)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::{Concentration, NoTotal, share_at_ratio, spend_ratio};

    fn close(found: f64, expected: f64, tolerance: f64) {
        assert!((found - expected).abs() <= tolerance, "{found} is not {expected}");
    }

    #[test]
    fn the_best_fifth_at_a_ratio_holds_the_published_share() {
        // Case G-C2: 16, 13, 12, 5 times the rest is 80 %, 76.47 %, 75 %, 55.56 %.
        for (ratio, share) in [(16.0, 0.80), (13.0, 0.7647), (12.0, 0.75), (5.0, 0.5556)] {
            close(share_at_ratio(0.2, ratio), share, 5e-5);
            close(spend_ratio(0.2, share_at_ratio(0.2, ratio)), ratio, 1e-12);
        }
        // Case G-C1: 2.5 % of customers with 33 % of sales stand 19.209 to 1.
        close(spend_ratio(0.025, 0.33), 19.209, 5e-4);
    }

    #[test]
    fn equal_holders_have_no_concentration_and_a_single_one_has_all() {
        let equal = Concentration::new(vec![3.0; 10]).expect("a total");
        close(equal.gini(), 0.0, 1e-12);
        close(equal.top_share(0.3), 0.3, 1e-12);
        close(equal.top_share(0.25), 0.3, 1e-12);
        let mut values = vec![0.0; 9];
        values.push(7.0);
        let single = Concentration::new(values).expect("a total");
        close(single.gini(), 0.9, 1e-12);
        close(single.top_share(0.1), 1.0, 1e-12);
        close(single.top_share(0.05), 1.0, 1e-12);
        close(single.top_share(0.0), 0.0, 1e-12);
        close(single.lorenz(0.95), 0.5, 1e-12);
    }

    #[test]
    fn gini_is_half_the_relative_mean_difference() {
        // By hand for 1, 2, 3, 6: Σ|xi − xj| over all 16 pairs is 32; divided by 2 n² mean = 96, a third.
        let four = Concentration::new(vec![6.0, 1.0, 3.0, 2.0]).expect("a total");
        close(four.gini(), 1.0 / 3.0, 1e-12);
        let curve = four.lorenz_curve(4);
        let expected = [(0.0, 0.0), (0.25, 1.0 / 12.0), (0.5, 0.25), (0.75, 0.5), (1.0, 1.0)];
        for ((x, y), (expected_x, expected_y)) in curve.into_iter().zip(expected) {
            close(x, expected_x, 1e-12);
            close(y, expected_y, 1e-12);
        }
    }

    #[test]
    fn values_without_a_total_are_refused() {
        for bad in [vec![], vec![0.0], vec![2.0, -1.0], vec![f64::NAN]] {
            assert_eq!(Concentration::new(bad).err(), Some(NoTotal));
        }
    }
}
