//! What weights and a small population do to precision: weighted means with their errors, Kish's effective number
//! of answers and design effect, the finite population correction. Kish (1965), Survey Sampling, chapters 2 and 11.

use crate::interval::Estimate;
use crate::real::real;
use crate::unfit::{Unfit, at_least, finite, length};

/// Kish's effective number of answers `(Σw)²/Σw²`: how many unweighted answers would be as precise.
pub fn effective_answers(weights: &[f64]) -> Result<f64, Unfit> {
    let total = weight_total(weights)?;
    Ok(total * total / weights.iter().map(|weight| weight * weight).sum::<f64>())
}

/// Kish's design effect of weighting: how many times larger the variance is than without weights.
pub fn design_effect(weights: &[f64]) -> Result<f64, Unfit> {
    Ok(real(weights.len()) / effective_answers(weights)?)
}

/// What a standard error is multiplied by when `answers` were drawn without replacement from a population of this
/// size: `√((N − n)/(N − 1))` (Cochran 1977, Sampling Techniques, 2.6 with the divisor N − 1).
pub fn finite_population_factor(answers: usize, population: usize) -> Result<f64, Unfit> {
    at_least("the population", population, answers.max(1))?;
    if population == 1 {
        return Ok(0.0);
    }
    Ok((real(population - answers) / real(population - 1)).sqrt())
}

/// The weighted mean `Σwx/Σw` with the standard error of a ratio by linearisation:
/// `√(n/(n − 1) · Σw²(x − x̄)²)/Σw` (Cochran 1977, chapter 6). At least two values.
pub fn weighted_mean(values: &[f64], weights: &[f64]) -> Result<Estimate, Unfit> {
    at_least("the values", values.len(), 2)?;
    length("the weights", weights.len(), values.len())?;
    finite("a value", values)?;
    let total = weight_total(weights)?;
    let pairs = || values.iter().zip(weights);
    let mean = pairs().map(|(value, weight)| value * weight).sum::<f64>() / total;
    let squares: f64 = pairs().map(|(value, weight)| (weight * (value - mean)).powi(2)).sum();
    let count = real(values.len());
    Ok(Estimate {
        value: mean,
        standard_error: (squares * count / (count - 1.0)).sqrt() / total,
        degrees: count - 1.0,
    })
}

/// The sum of weights that are finite, not negative and not all zero.
fn weight_total(weights: &[f64]) -> Result<f64, Unfit> {
    let range = "of at least 0, and one of them above 0";
    if let Some(&value) = weights.iter().find(|weight| !(weight.is_finite() && **weight >= 0.0)) {
        return Err(Unfit::OutOfRange { what: "a weight", value, range });
    }
    let total = weights.iter().sum();
    if total > 0.0 {
        Ok(total)
    } else {
        Err(Unfit::OutOfRange { what: "the sum of weights", value: total, range })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use proptest::prelude::*;

    use super::{design_effect, effective_answers, finite_population_factor, weighted_mean};
    use crate::random::Random;

    fn close(found: f64, expected: f64, tolerance: f64) {
        assert!((found - expected).abs() <= tolerance, "{found} is not {expected}");
    }

    #[test]
    fn kish_numbers_match_the_golden_case() {
        // Case G-S6: 50 answers of weight 1, 30 of 2, 20 of 3.
        let weights = [vec![1.0; 50], vec![2.0; 30], vec![3.0; 20]].concat();
        close(effective_answers(&weights).expect("weights"), 82.571, 5e-4);
        close(design_effect(&weights).expect("weights"), 1.211_07, 5e-6);
    }

    #[test]
    fn a_whole_population_has_no_error() {
        close(finite_population_factor(2_000, 2_000).expect("fits"), 0.0, 1e-12);
        close(finite_population_factor(1, 2_000).expect("fits"), 1.0, 1e-12);
        close(finite_population_factor(1, 1).expect("fits"), 0.0, 1e-12);
        assert!(finite_population_factor(3, 2).is_err());
        assert!(finite_population_factor(0, 0).is_err());
    }

    #[test]
    fn equal_weights_give_the_plain_mean_and_error() {
        // 2, 4, 4, 6: mean 4, sample variance 8/3, standard error √(8/12).
        let found = weighted_mean(&[2.0, 4.0, 4.0, 6.0], &[0.5; 4]).expect("fits");
        close(found.value, 4.0, 1e-12);
        close(found.standard_error, (8.0_f64 / 12.0).sqrt(), 1e-12);
        assert!(weighted_mean(&[1.0, 2.0], &[1.0]).is_err());
        assert!(weighted_mean(&[1.0, 2.0], &[0.0, 0.0]).is_err());
        assert!(weighted_mean(&[1.0, 2.0], &[1.0, -1.0]).is_err());
    }

    #[test]
    fn the_weighted_interval_covers_a_population_that_was_sampled_unevenly() {
        // Two strata of equal size with means 0 and 10; the second is drawn three times as often, weight a third.
        let mut random = Random::new(31);
        let mut covered = 0_u32;
        for _ in 0..1_000 {
            let (mut values, mut weights) = (Vec::new(), Vec::new());
            for _ in 0..300 {
                let second = random.chance(0.75);
                values.push(random.normal() + if second { 10.0 } else { 0.0 });
                weights.push(if second { 1.0 } else { 3.0 });
            }
            let found = weighted_mean(&values, &weights).expect("fits").interval(0.95).expect("fits");
            covered += u32::from(found.covers(5.0));
        }
        // Four standard errors of 0.95 in 1,000 rounds are 0.0276.
        close(f64::from(covered) / 1_000.0, 0.95, 0.0276);
    }

    proptest! {
        #[test]
        fn weighting_never_adds_answers(weights in prop::collection::vec(0.01_f64..100.0, 1..50), scale in 0.1_f64..10.0) {
            let effective = effective_answers(&weights).unwrap();
            let count = f64::from(u32::try_from(weights.len()).unwrap());
            prop_assert!(effective <= count * (1.0 + 1e-12) && effective >= 1.0 - 1e-12);
            let scaled: Vec<f64> = weights.iter().map(|weight| weight * scale).collect();
            prop_assert!((effective_answers(&scaled).unwrap() - effective).abs() < 1e-9 * count);
        }
    }
}
