//! How unevenly a total is spread over its holders: Lorenz curve, Gini coefficient, share of the top x %.
//! Sources: Lorenz (1905), Publications of the ASA 9(70); Gini (1914), in the form of Dixon et al. (1987),
//! Ecology 68(5), equation 2, without their small-sample correction.

use crate::bootstrap::Bootstrap;
use crate::interval::Interval;
use crate::unfit::Unfit;

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
    pub fn top_share(&self, population_share: f64) -> f64 {
        let holders = self.holders();
        1.0 - self.cumulative[holders - self.best_count(population_share)] / self.cumulative[holders]
    }

    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to a count first")]
    fn best_count(&self, population_share: f64) -> usize {
        // A share such as 0.1 is not exact in binary: what is above a whole number by rounding is whole.
        (population_share.clamp(0.0, 1.0) * self.holders() as f64 - 1e-9).ceil() as usize
    }

    /// An interval for [`Self::top_share`] when the holders are a sample, by drawing them again.
    pub fn top_share_interval(
        &self,
        population_share: f64,
        bootstrap: &Bootstrap,
    ) -> Result<Interval, Unfit> {
        let best = self.best_count(population_share);
        bootstrap.interval(self.holders(), |drawn| {
            let (mut left, mut top, mut total) = (best, 0.0, 0.0);
            // The values ascend, so the richest come first from the end.
            for (pair, times) in self.cumulative.windows(2).zip(drawn).rev() {
                let (value, times) = (pair[1] - pair[0], *times as usize);
                top += value * times.min(left) as f64;
                left = left.saturating_sub(times);
                total += value * times as f64;
            }
            // A resample of holders of nothing alone has no concentration to speak of.
            if total > 0.0 { top / total } else { 0.0 }
        })
    }

    /// The share of the total that each of `groups` equally large groups holds, richest first: ten for deciles.
    /// Straight lines between holders, so that the groups are equal whatever the number of holders.
    pub fn group_shares(&self, groups: u32) -> Vec<f64> {
        let groups = groups.max(1);
        let below = |group: u32| self.lorenz(f64::from(groups - group) / f64::from(groups));
        (0..groups).map(|group| below(group) - below(group + 1)).collect()
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

/// How many times as much as the average a head of the best `population_share` holds when together they hold
/// `value_share` of the total. The population's share is above 0.
pub fn index(population_share: f64, value_share: f64) -> f64 {
    value_share / population_share
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
    use super::{Concentration, NoTotal, index, share_at_ratio, spend_ratio};
    use crate::bootstrap::Bootstrap;
    use crate::random::Random;

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
        // Case G-C1: the best 2.5 % with 33 % of the total hold 13.2 times the average, 19.209 times the rest.
        close(index(0.025, 0.33), 13.2, 1e-9);
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
    fn groups_of_equal_size_share_the_total_richest_first() {
        // 1, 2, 3, 6 in two halves: 9/12 and 3/12; in four: 6, 3, 2, 1 twelfths.
        let four = Concentration::new(vec![6.0, 1.0, 3.0, 2.0]).expect("a total");
        for (groups, expected) in [(2, vec![9.0, 3.0]), (4, vec![6.0, 3.0, 2.0, 1.0]), (0, vec![12.0])] {
            let found = four.group_shares(groups);
            assert_eq!(found.len(), expected.len());
            found
                .into_iter()
                .zip(expected)
                .for_each(|(share, twelfths)| close(share, twelfths / 12.0, 1e-12));
        }
    }

    #[test]
    fn the_interval_of_a_top_share_covers_the_share_of_the_population() {
        // Exponential values: the best q hold q(1 − ln q) of the total, 0.2 · (1 + ln 5) = 0.52189.
        let truth = 0.2 * (1.0 + 5.0_f64.ln());
        let mut random = Random::new(121);
        let covered = (0..300)
            .filter(|round| {
                let values = (0..400).map(|_| random.exponential(7.0)).collect();
                let bootstrap = Bootstrap { resamples: 200, confidence: 0.9, seed: *round };
                let sample = Concentration::new(values).expect("a total");
                let found = sample.top_share_interval(0.2, &bootstrap).expect("fits");
                assert!(
                    found.low <= sample.top_share(0.2) + 0.02 && sample.top_share(0.2) - 0.02 <= found.high
                );
                found.covers(truth)
            })
            .count();
        // Four standard errors of 0.9 in 300 rounds are 0.069.
        close(f64::from(u32::try_from(covered).expect("small")) / 300.0, 0.9, 0.069);
    }

    #[test]
    fn values_without_a_total_are_refused() {
        for bad in [vec![], vec![0.0], vec![2.0, -1.0], vec![f64::NAN]] {
            assert_eq!(Concentration::new(bad).err(), Some(NoTotal));
        }
    }
}
