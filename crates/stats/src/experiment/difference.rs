//! The difference between the means of two groups whose variances need not be equal.
//! Welch (1947), Biometrika 34(1–2), with the degrees of freedom of Satterthwaite (1946), Biometrics Bulletin 2(6).

use crate::interval::Estimate;
use crate::moments::Moments;
use crate::unfit::{Unfit, at_least, finite};

/// Mean of `treated` less mean of `control`, one value per case, at least two in each.
pub fn difference(treated: &[f64], control: &[f64]) -> Result<Estimate, Unfit> {
    finite("a treated value", treated)?;
    finite("a control value", control)?;
    at_least("the treated group", treated.len(), 2)?;
    at_least("the control group", control.len(), 2)?;
    Ok(difference_of(&Moments::of(treated), &Moments::of(control)))
}

/// The same from moments, which can be kept without the cases. Not a number below two cases in a group.
pub fn difference_of(treated: &Moments, control: &Moments) -> Estimate {
    let (treated_variance, control_variance) = (treated.mean_variance(), control.mean_variance());
    let variance = treated_variance + control_variance;
    let parts = treated_variance * treated_variance / (treated.count() - 1.0)
        + control_variance * control_variance / (control.count() - 1.0);
    // Two groups without any spread leave nothing to estimate freedom from; their error is 0 either way.
    let degrees = if variance > 0.0 { variance * variance / parts } else { f64::INFINITY };
    Estimate { value: treated.mean() - control.mean(), standard_error: variance.sqrt(), degrees }
}

/// An effect relative to the control's mean, `treated/control − 1`, its error by the delta method (Deng, Knoblich and
/// Lu 2018, KDD, on ratios of means). Refused where the control's mean is 0.
pub fn relative_difference(treated: &Moments, control: &Moments) -> Result<Estimate, Unfit> {
    let base = control.mean();
    if base == 0.0 || treated.count() < 2.0 || control.count() < 2.0 {
        let range = "other than 0, from two cases or more in each group";
        return Err(Unfit::OutOfRange { what: "the control's mean", value: base, range });
    }
    let ratio = treated.mean() / base;
    let variance = (treated.mean_variance() + ratio * ratio * control.mean_variance()) / (base * base);
    Ok(Estimate::normal(ratio - 1.0, variance.sqrt()))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use proptest::prelude::*;

    use super::{difference, difference_of, relative_difference};
    use crate::moments::Moments;
    use crate::random::Random;
    use crate::real::real;

    #[test]
    fn welch_matches_a_count_by_hand() {
        // 1, 2, 3, 4, 5 against 2, 4, 6: variances of the means 2.5/5 = 0.5 and 4/3; difference −1;
        // freedom (0.5 + 4/3)² / (0.5²/4 + (4/3)²/2) = (121/36)/(1/16 + 8/9) = 3.5328.
        let found = difference(&[1.0, 2.0, 3.0, 4.0, 5.0], &[2.0, 4.0, 6.0]).expect("groups");
        assert!((found.value + 1.0).abs() < 1e-12);
        assert!((found.standard_error - (0.5_f64 + 4.0 / 3.0).sqrt()).abs() < 1e-12);
        assert!((found.degrees - (121.0 / 36.0) / (1.0 / 16.0 + 8.0 / 9.0)).abs() < 1e-9);
    }

    #[test]
    fn small_uneven_groups_are_covered_as_often_as_stated() {
        // 8 cases of deviation 3 against 15 of deviation 1: the normal quantile would cover too rarely.
        let (mut random, rounds) = (Random::new(61), 4_000_u32);
        let (mut covered, mut covered_by_normal) = (0_u32, 0_u32);
        for _ in 0..rounds {
            let treated: Vec<f64> = (0..8).map(|_| 2.0 + 3.0 * random.normal()).collect();
            let control: Vec<f64> = (0..15).map(|_| random.normal()).collect();
            let found = difference(&treated, &control).expect("groups");
            covered += u32::from(found.interval(0.95).expect("fits").covers(2.0));
            covered_by_normal += u32::from((found.value - 2.0).abs() <= 1.96 * found.standard_error);
        }
        // Four standard errors of 0.95 in 4,000 rounds are 0.0138.
        let share = |count: u32| f64::from(count) / f64::from(rounds);
        assert!((share(covered) - 0.95).abs() < 0.0138, "{}", share(covered));
        assert!(share(covered_by_normal) < 0.935, "{}", share(covered_by_normal));
    }

    #[test]
    fn a_relative_effect_is_covered_as_often_as_stated() {
        let (mut random, rounds) = (Random::new(62), 2_000_u32);
        let mut covered = 0_u32;
        for _ in 0..rounds {
            let (mut treated, mut control) = (Moments::default(), Moments::default());
            for _ in 0..300 {
                treated.add(random.gamma(2.0, 5.5));
                control.add(random.gamma(2.0, 5.0));
            }
            let found = relative_difference(&treated, &control).expect("groups");
            covered += u32::from(found.interval(0.95).expect("fits").covers(0.1));
        }
        // Four standard errors of 0.95 in 2,000 rounds are 0.0195.
        assert!((f64::from(covered) / f64::from(rounds) - 0.95).abs() < 0.0195, "{covered}");
        assert!(relative_difference(&Moments::default(), &Moments::default()).is_err());
    }

    #[test]
    fn groups_too_small_to_vary_are_refused() {
        assert_eq!(
            difference(&[1.0], &[1.0, 2.0]).expect_err("one case").to_string(),
            "the treated group has 1: give at least 2"
        );
        assert!(difference(&[1.0, f64::NAN], &[1.0, 2.0]).is_err());
        let same = difference(&[3.0, 3.0], &[1.0, 1.0]).expect("groups").interval(0.95).expect("fits");
        assert_eq!((same.low, same.high), (2.0, 2.0));
    }

    proptest! {
        #[test]
        fn swapping_the_groups_turns_the_sign(
            treated in prop::collection::vec(-1e3_f64..1e3, 2..30),
            control in prop::collection::vec(-1e3_f64..1e3, 2..30),
        ) {
            let (there, back) = (difference(&treated, &control).unwrap(), difference(&control, &treated).unwrap());
            prop_assert!((there.value + back.value).abs() < 1e-9);
            prop_assert!((there.standard_error - back.standard_error).abs() < 1e-9);
            // Satterthwaite's freedom lies between the smaller group's and both together.
            let (small, all) = (treated.len().min(control.len()) - 1, treated.len() + control.len() - 2);
            let found = difference_of(&Moments::of(&treated), &Moments::of(&control)).degrees;
            prop_assert!(found.is_infinite() || (found >= real(small) - 1e-9 && found <= real(all) + 1e-9));
        }
    }
}
