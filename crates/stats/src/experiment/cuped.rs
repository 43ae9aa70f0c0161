//! A difference in means freed of what was known before the experiment began (CUPED).
//! Deng, Xu, Kohavi and Walker (2013), WSDM: `Y − θ(X − X̄)` with `θ = cov(Y, X)/var(X)` which
//! shrinks the variance by `1 − ρ²` (their section 3.2).

use crate::experiment::difference::difference_of;
use crate::interval::Estimate;
use crate::moments::PairMoments;
use crate::unfit::{Unfit, at_least, finite, in_range, length};

/// An effect before and after the adjustment.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Adjusted {
    /// The plain difference in means.
    pub plain: Estimate,
    /// The adjusted difference.
    pub adjusted: Estimate,
    /// The coefficient θ of the covariate, common to both groups.
    pub theta: f64,
    /// Correlation of outcome and covariate within the groups: the variance shrinks by about `1 − ρ²`.
    pub correlation: f64,
}

/// The outcomes of a group, and for each case the same covariate, measured before the experiment.
#[derive(Debug, Clone, Copy)]
pub struct Group<'a> {
    /// Outcome per case.
    pub outcomes: &'a [f64],
    /// Covariate per case: typically the outcome of an earlier period.
    pub before: &'a [f64],
}

/// Adjusts the difference between two groups of at least three cases each. The covariate must not be touched by the
/// treatment; θ comes from the variation within both groups, so that a true effect is left in place.
pub fn cuped(treated: &Group<'_>, control: &Group<'_>) -> Result<Adjusted, Unfit> {
    for group in [treated, control] {
        at_least("a group", group.outcomes.len(), 3)?;
        length("the covariate", group.before.len(), group.outcomes.len())?;
        finite("an outcome", group.outcomes)?;
        finite("a covariate", group.before)?;
    }
    let [treated, control] = [treated, control].map(|group| PairMoments::of(group.before, group.outcomes));
    cuped_of(&treated, &control)
}

/// The same from moments of what was before and of the outcome, which can be kept without the cases.
pub fn cuped_of(treated: &PairMoments, control: &PairMoments) -> Result<Adjusted, Unfit> {
    let pairs = [*treated, *control];
    for group in &pairs {
        in_range("the number of cases in a group", group.first().count(), "of at least 3", |count| {
            count >= 3.0
        })?;
    }
    let within = |of: fn(&PairMoments) -> f64| -> f64 {
        pairs.iter().map(|pair| of(pair) * (pair.first().count() - 1.0)).sum()
    };
    let products = within(PairMoments::covariance);
    let spread = within(|pair| pair.first().variance());
    let outcome_spread = within(|pair| pair.second().variance());
    if spread <= 0.0 {
        return Err(Unfit::Constant { what: "the covariate" });
    }
    let theta = products / spread;
    // A constant taken from every outcome alike cancels in the difference, so X̄ need not appear.
    let [treated, control] = pairs;
    let residual = |pair: &PairMoments| {
        pair.second().variance() - 2.0 * theta * pair.covariance() + theta * theta * pair.first().variance()
    };
    let plain = difference_of(treated.second(), control.second());
    let shift = theta * (treated.first().mean() - control.first().mean());
    let error = (residual(&treated).max(0.0) / treated.first().count()
        + residual(&control).max(0.0) / control.first().count())
    .sqrt();
    // The coefficient costs one degree of freedom.
    let degrees = plain.degrees - 1.0;
    let adjusted = Estimate { value: plain.value - shift, standard_error: error, degrees };
    Ok(Adjusted { plain, adjusted, theta, correlation: products / (spread * outcome_spread).sqrt() })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::{Group, cuped};
    use crate::random::Random;

    /// Outcomes `effect + 0.7·before + noise`, of variance 1 and correlation 0.7 with what was before.
    fn group(random: &mut Random, cases: usize, effect: f64) -> (Vec<f64>, Vec<f64>) {
        let before: Vec<f64> = (0..cases).map(|_| random.normal()).collect();
        let noise = (1.0_f64 - 0.49).sqrt();
        (before.iter().map(|x| effect + 0.7 * x + noise * random.normal()).collect(), before)
    }

    #[test]
    fn the_variance_shrinks_by_one_less_the_squared_correlation() {
        let mut random = Random::new(71);
        let treated = group(&mut random, 20_000, 0.1);
        let control = group(&mut random, 20_000, 0.0);
        let found = cuped(
            &Group { outcomes: &treated.0, before: &treated.1 },
            &Group { outcomes: &control.0, before: &control.1 },
        )
        .expect("groups");
        let shrink = (found.adjusted.standard_error / found.plain.standard_error).powi(2);
        assert!((shrink - 0.51).abs() < 0.01, "{shrink}");
        assert!((shrink - (1.0 - found.correlation * found.correlation)).abs() < 0.002, "{found:?}");
        assert!((found.theta - 0.7).abs() < 0.02, "{found:?}");
    }

    #[test]
    fn the_adjusted_effect_is_unbiased_and_covered_as_often_as_stated() {
        let (mut random, rounds) = (Random::new(72), 2_000_u32);
        let (mut covered, mut sum) = (0_u32, 0.0);
        for _ in 0..rounds {
            let treated = group(&mut random, 60, 0.3);
            let control = group(&mut random, 40, 0.0);
            let found = cuped(
                &Group { outcomes: &treated.0, before: &treated.1 },
                &Group { outcomes: &control.0, before: &control.1 },
            )
            .expect("groups");
            covered += u32::from(found.adjusted.interval(0.95).expect("fits").covers(0.3));
            sum += found.adjusted.value;
        }
        // Four standard errors: of 0.95 in 2,000 rounds 0.0195; of the mean effect 4·√(0.51/24)/√2,000 = 0.013.
        assert!((f64::from(covered) / f64::from(rounds) - 0.95).abs() < 0.0195, "{covered}");
        assert!((sum / f64::from(rounds) - 0.3).abs() < 0.013, "{sum}");
    }

    #[test]
    fn the_adjustment_matches_a_regression_by_hand() {
        // Within groups Σ(x − x̄)(y − ȳ) = 2 + 2 and Σ(x − x̄)² = 2 + 2, so θ = 1; means of x 2 and 3, of y 13/3 and 4:
        // adjusted difference 1/3 − 1·(2 − 3) = 4/3.
        let found = cuped(
            &Group { outcomes: &[3.0, 5.0, 5.0], before: &[1.0, 2.0, 3.0] },
            &Group { outcomes: &[3.0, 4.0, 5.0], before: &[2.0, 3.0, 4.0] },
        )
        .expect("groups");
        assert!((found.theta - 1.0).abs() < 1e-12, "{found:?}");
        assert!((found.adjusted.value - 4.0 / 3.0).abs() < 1e-12, "{found:?}");
    }

    #[test]
    fn a_covariate_without_variation_is_refused() {
        let flat = Group { outcomes: &[1.0, 2.0, 3.0], before: &[5.0; 3] };
        assert_eq!(
            cuped(&flat, &flat).expect_err("flat").to_string(),
            "the covariate does not vary: give values that differ"
        );
        let short = Group { outcomes: &[1.0, 2.0, 3.0], before: &[5.0; 2] };
        assert!(cuped(&short, &flat).is_err());
    }
}
