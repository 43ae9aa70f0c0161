//! Intervals that hold at every look: an experiment may be read daily and stopped when its effect is clear.
//! The normal mixture of Robbins (1970), Annals of Mathematical Statistics 41(5), used on a difference of means as in
//! the mixture sequential test of Johari, Koomen, Pekelis and Walsh (2022), Operations Research 70(3).

use crate::interval::{Estimate, Interval};
use crate::unfit::{Unfit, in_range, open_share};

/// The normal mixture with its two settings, both fixed before the first look.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AlwaysValid {
    /// 1 − confidence.
    alpha: f64,
    /// Variance of the mixture over effects.
    mixture: f64,
}

impl AlwaysValid {
    /// Chooses the mixture for which the interval is narrowest when the standard error has come down to
    /// `planned_error`; the interval holds at every other error as well.
    ///
    /// With `k = τ²/s²` its squared half-width is `s²(1 + 1/k)(ln(1 + k) − 2 ln α)`; setting the derivative to 0 gives
    /// `k = ln(1 + k) − 2 ln α`, which iteration solves. (Waudby-Smith et al. 2024, Annals of Statistics 52(6),
    /// give its first step, `k ≈ −2 ln α + ln(−2 ln α) + 1`.)
    pub fn new(confidence: f64, planned_error: f64) -> Result<Self, Unfit> {
        let alpha = 1.0 - open_share("confidence", confidence)?;
        in_range("the planned standard error", planned_error, "above 0", |error| error > 0.0)?;
        let constant = -2.0 * libm::log(alpha);
        // The slope of the iteration is 1/(1 + k) < 1/3 for any confidence above 1 − e^-1, smaller near the root.
        let ratio = (0..60).fold(constant + 1.0, |ratio, _| constant + libm::log1p(ratio));
        Ok(Self { alpha, mixture: ratio * planned_error * planned_error })
    }

    /// The interval at this look. All of them together, however many, cover the true value with the confidence; the
    /// error is estimated, so this holds in the limit of many cases, and the first look should not come before about
    /// a hundred cases in each group.
    ///
    /// The likelihood ratio mixed over `N(0, τ²)` is `√(s²/(s² + τ²)) · exp(d² τ²/(2 s²(s² + τ²)))` for an estimate
    /// `d` from the true value with standard error `s`; by Ville's inequality it ever reaches 1/α with probability
    /// at most α, and solving for `d` gives the half-width.
    pub fn interval(&self, estimate: &Estimate) -> Interval {
        let variance = estimate.standard_error * estimate.standard_error;
        // No variation seen, so nothing is known of the error: anything is possible.
        if variance <= 0.0 || !variance.is_finite() {
            return Interval { low: f64::NEG_INFINITY, high: f64::INFINITY };
        }
        let ratio = self.mixture / variance;
        let square = variance * (1.0 + 1.0 / ratio) * (libm::log1p(ratio) - 2.0 * libm::log(self.alpha));
        Interval::around(estimate.value, square.sqrt())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::AlwaysValid;
    use crate::experiment::difference::difference_of;
    use crate::interval::Estimate;
    use crate::moments::Moments;
    use crate::random::Random;

    #[test]
    fn the_half_width_solves_the_mixture_equation() {
        let always = AlwaysValid::new(0.95, 0.1).expect("settings");
        for error in [0.5, 0.1, 0.02] {
            let half = always.interval(&Estimate::normal(0.0, error)).high;
            let (s2, t2) = (error * error, always.mixture);
            let ratio = (s2 / (s2 + t2)).sqrt() * (half * half * t2 / (2.0 * s2 * (s2 + t2))).exp();
            assert!((ratio - 20.0).abs() < 1e-9, "{error}: {ratio}");
        }
    }

    #[test]
    fn the_mixture_is_narrowest_where_it_was_planned_to_be() {
        let width = |planned: f64| {
            AlwaysValid::new(0.95, planned).expect("settings").interval(&Estimate::normal(0.0, 0.1)).width()
        };
        let best = width(0.1);
        assert!([0.05, 0.09, 0.11, 0.2].iter().all(|planned| width(*planned) > best));
        // The price of looking at any time: 3.035 standard errors instead of 1.960. (k = 8.21 solves the equation; the
        // root of (1 + 1/8.21)(ln 9.21 + 2 ln 20) is 3.035.)
        assert!((best / (2.0 * 0.1) - 3.035).abs() < 5e-4, "{best}");
    }

    #[test]
    fn it_covers_at_every_look_where_a_fixed_interval_does_not() {
        // 1,000 experiments of skewed outcomes, looked at 99 times between 100 and 5,000 cases per group.
        let (mut random, rounds) = (Random::new(101), 1_000_u32);
        let always = AlwaysValid::new(0.95, (2.0_f64 / 2_500.0).sqrt()).expect("settings");
        let (mut always_covers, mut fixed_covers) = (0_u32, 0_u32);
        for _ in 0..rounds {
            let (mut treated, mut control) = (Moments::default(), Moments::default());
            let (mut always_held, mut fixed_held) = (true, true);
            for case in 1..=5_000 {
                treated.add(random.exponential(1.0) + 0.1);
                control.add(random.exponential(1.0));
                if case >= 100 && case % 50 == 0 {
                    let estimate = difference_of(&treated, &control);
                    always_held &= always.interval(&estimate).covers(0.1);
                    fixed_held &= estimate.interval(0.95).expect("fits").covers(0.1);
                }
            }
            always_covers += u32::from(always_held);
            fixed_covers += u32::from(fixed_held);
        }
        assert!(always_covers >= 950, "{always_covers} of {rounds}");
        assert!(fixed_covers < 750, "{fixed_covers} of {rounds}");
    }

    #[test]
    fn without_any_variation_nothing_is_claimed() {
        let always = AlwaysValid::new(0.95, 0.1).expect("settings");
        assert!(always.interval(&Estimate::normal(1.0, 0.0)).width().is_infinite());
        assert!(AlwaysValid::new(0.95, 0.0).is_err());
    }
}
