//! How sure a proportion is: Wilson's interval and the margin that polls print.

use crate::interval::{Interval, two_sided};
use crate::unfit::{Unfit, in_range};

/// Wilson's score interval for `successes` out of `answers`, without continuity correction: Wilson (1927), JASA
/// 22(158), as in section 3.1.1 of Brown, Cai and `DasGupta` (2001), Statistical Science 16(2). Counts may be fractions,
/// so that an effective number of answers can stand in for a real one (see [`crate::survey::design`]).
pub fn wilson(successes: f64, answers: f64, confidence: f64) -> Result<Interval, Unfit> {
    in_range("the number of answers", answers, "above 0", |n| n > 0.0)?;
    in_range("the number of successes", successes, "from 0 to the number of answers", |x| {
        x >= 0.0 && x <= answers
    })?;
    let z = two_sided(confidence)?;
    let square = z * z;
    let share = successes / answers;
    let centre = (successes + square / 2.0) / (answers + square);
    let spread =
        z * answers.sqrt() / (answers + square) * (share * (1.0 - share) + square / (4.0 * answers)).sqrt();
    // At none or all of the answers the end is exactly 0 or 1; rounding must not carry it beyond.
    Ok(Interval { low: (centre - spread).max(0.0), high: (centre + spread).min(1.0) })
}

/// Half the width of the normal (Wald) interval of a share, as polls print it: `z √(p(1 − p)/n)`. For deciding, use
/// [`wilson`], which holds its level at small numbers and at the ends.
pub fn margin(share: f64, answers: f64, confidence: f64) -> Result<f64, Unfit> {
    in_range("the number of answers", answers, "above 0", |n| n > 0.0)?;
    in_range("the share", share, "from 0 to 1", |p| (0.0..=1.0).contains(&p))?;
    Ok(two_sided(confidence)? * (share * (1.0 - share) / answers).sqrt())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use proptest::prelude::*;

    use super::{margin, wilson};
    use crate::random::Random;
    use crate::survey::design::finite_population_factor;

    #[test]
    fn wilson_intervals_match_the_golden_cases() {
        // Case G-S4, to the four digits given.
        for (successes, answers, low, high) in
            [(48.0, 100.0, 0.3846, 0.5768), (20.0, 100.0, 0.1334, 0.2888), (0.0, 50.0, 0.0, 0.0713)]
        {
            let found = wilson(successes, answers, 0.95).expect("an interval");
            assert!((found.low - low).abs() < 5e-5 && (found.high - high).abs() < 6e-5, "{found:?}");
        }
    }

    #[test]
    fn poll_margins_match_the_golden_cases() {
        // Cases G-S3 and G-S5, in points.
        for (answers, points) in [(1_200.0, 2.83), (1_067.0, 3.00), (400.0, 4.90), (100.0, 9.80)] {
            let found = margin(0.5, answers, 0.95).expect("a margin");
            assert!((found * 100.0 - points).abs() < 5e-3, "{answers}: {found}");
        }
        let of_two_thousand =
            margin(0.5, 400.0, 0.95).expect("a margin") * finite_population_factor(400, 2_000).expect("fits");
        assert!((of_two_thousand * 100.0 - 4.38).abs() < 5e-3, "{of_two_thousand}");
    }

    #[test]
    fn wilson_covers_rare_answers_where_the_poll_margin_does_not() {
        let (share, answers, rounds) = (0.02, 60_u32, 4_000_u32);
        let mut random = Random::new(11);
        let (mut wilson_covers, mut margin_covers) = (0, 0);
        for _ in 0..rounds {
            let successes = (0..answers).filter(|_| random.chance(share)).count();
            let successes = f64::from(u32::try_from(successes).expect("small"));
            let found = successes / f64::from(answers);
            wilson_covers += u32::from(wilson(successes, 60.0, 0.95).expect("fits").covers(share));
            margin_covers += u32::from((found - share).abs() <= margin(found, 60.0, 0.95).expect("fits"));
        }
        // The exact coverage at p = 0.02, n = 60 is 0.968 for Wilson and 0.70 for Wald (sum of binomial terms).
        assert!(f64::from(wilson_covers) / f64::from(rounds) > 0.95, "{wilson_covers}");
        assert!(f64::from(margin_covers) / f64::from(rounds) < 0.75, "{margin_covers}");
    }

    #[test]
    fn impossible_counts_are_refused() {
        assert!(wilson(5.0, 0.0, 0.95).is_err());
        assert!(wilson(6.0, 5.0, 0.95).is_err());
        assert!(wilson(1.0, 5.0, 1.0).is_err());
        assert!(margin(1.5, 10.0, 0.95).is_err());
    }

    proptest! {
        #[test]
        fn wilson_stays_within_0_and_1_and_covers_the_share(answers in 1_u32..10_000, part in 0.0_f64..=1.0) {
            let (answers, successes) = (f64::from(answers), (f64::from(answers) * part).floor());
            let found = wilson(successes, answers, 0.95).unwrap();
            prop_assert!(found.low >= 0.0 && found.high <= 1.0);
            prop_assert!(found.low <= successes / answers + 1e-12 && successes / answers <= found.high + 1e-12);
        }

        #[test]
        fn wilson_treats_yes_and_no_alike(answers in 1_u32..1_000, part in 0.0_f64..=1.0) {
            let (answers, successes) = (f64::from(answers), (f64::from(answers) * part).floor());
            let (yes, no) = (wilson(successes, answers, 0.9).unwrap(), wilson(answers - successes, answers, 0.9).unwrap());
            prop_assert!((yes.low + no.high - 1.0).abs() < 1e-12);
        }
    }
}
