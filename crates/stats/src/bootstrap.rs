//! Intervals by drawing the sample again from itself, for numbers without a formula for their error.
//! The percentile interval of Efron (1979), Annals of Statistics 7(1); Efron and Tibshirani (1993), chapter 13.

use crate::interval::Interval;
use crate::random::RandomKey;
use crate::real::real;
use crate::unfit::{Unfit, at_least, open_share};

/// The settings of a bootstrap: a result repeats exactly under the same ones.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bootstrap {
    /// How often the sample is drawn again: some 1,000 for an interval of 95 %.
    pub resamples: usize,
    /// Share of the statistic's distribution inside the interval.
    pub confidence: f64,
    /// Seed of the draws; resample `i` uses stream `i`.
    pub seed: u64,
}

impl Bootstrap {
    /// The percentile interval of a statistic of `cases` cases. The statistic is given how often each case was drawn
    /// (the numbers add up to `cases`), so that sorting and the like need be done only once.
    pub fn interval(&self, cases: usize, statistic: impl Fn(&[u32]) -> f64) -> Result<Interval, Unfit> {
        at_least("the sample", cases, 2)?;
        at_least("the number of resamples", self.resamples, 2)?;
        open_share("confidence", self.confidence)?;
        let key = RandomKey::new(self.seed);
        let mut drawn = vec![0; cases];
        let mut values = Vec::with_capacity(self.resamples);
        for resample in 0..self.resamples {
            drawn.fill(0);
            let mut random = key.stream(resample as u64);
            for _ in 0..cases {
                let case = usize::try_from(random.below(cases as u64)).unwrap_or(0);
                drawn[case] += 1;
            }
            values.push(statistic(&drawn));
        }
        values.sort_unstable_by(f64::total_cmp);
        let tail = (1.0 - self.confidence) / 2.0;
        Ok(Interval { low: quantile_of_sorted(&values, tail), high: quantile_of_sorted(&values, 1.0 - tail) })
    }
}

/// The quantile of ascending values, linear between them (type 7 of Hyndman and Fan 1996, American Statistician
/// 50(4)); not a number of none.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to an index first")]
pub fn quantile_of_sorted(values: &[f64], probability: f64) -> f64 {
    let Some(last) = values.len().checked_sub(1) else { return f64::NAN };
    let position = probability.clamp(0.0, 1.0) * real(last);
    let below = (position.floor() as usize).min(last);
    let above = (below + 1).min(last);
    values[below] + (values[above] - values[below]) * (position - real(below))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::{Bootstrap, quantile_of_sorted};
    use crate::random::Random;

    const SETTINGS: Bootstrap = Bootstrap { resamples: 1_000, confidence: 0.95, seed: 5 };

    fn mean(values: &[f64], drawn: &[u32]) -> f64 {
        let sum: f64 = values.iter().zip(drawn).map(|(value, times)| value * f64::from(*times)).sum();
        sum / f64::from(drawn.iter().sum::<u32>())
    }

    #[test]
    fn the_interval_of_a_mean_is_the_normal_one() {
        let mut random = Random::new(111);
        let values: Vec<f64> = (0..400).map(|_| random.normal()).collect();
        let found = SETTINGS.interval(400, |drawn| mean(&values, drawn)).expect("fits");
        // 2 · 1.96/√400 = 0.196, within 15 % for one sample and 1,000 resamples.
        assert!((found.width() / 0.196 - 1.0).abs() < 0.15, "{found:?}");
    }

    #[test]
    fn the_same_seed_repeats_and_another_differs() {
        let values: Vec<f64> = (0..50).map(f64::from).collect();
        let run =
            |seed| Bootstrap { seed, ..SETTINGS }.interval(50, |drawn| mean(&values, drawn)).expect("fits");
        assert_eq!(run(1), run(1));
        assert_ne!(run(1), run(2));
    }

    #[test]
    fn quantiles_lie_between_the_values() {
        let values = [1.0, 2.0, 4.0, 8.0];
        for (probability, expected) in [(0.0, 1.0), (0.5, 3.0), (0.25, 1.75), (1.0, 8.0), (2.0, 8.0)] {
            assert!((quantile_of_sorted(&values, probability) - expected).abs() < 1e-12);
        }
        assert!(quantile_of_sorted(&[], 0.5).is_nan());
        assert!(SETTINGS.interval(1, |_| 0.0).is_err());
    }
}
