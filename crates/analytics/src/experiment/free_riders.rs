//! How many members are rewarded without spending more for it, told from how changes of spend are spread among members
//! and among those held out; never from one member's own before and after.
//! The bounds are those of Makarov (1981), Theory of Probability and its Applications 26(4), sharp for experiments by Fan
//! and Park (2010), Econometric Theory 26(3); errors by Dvoretzky, Kiefer and Wolfowitz with Massart's (1990) constant.

/// Between which shares free riders lie.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FreeRiders {
    /// At least so many: where some spend less because of the programme, whoever else spends more.
    pub least: f64,
    /// At most so many: if those who spend more do so by more than spending changes anyway, exactly so many.
    pub most: f64,
    /// How far chance can have moved either end, with the confidence asked for.
    pub margin: f64,
}

/// Members by steps of the change of their spend, from the lowest: how many were held out, how many treated. With the share
/// of the treated who were rewarded: who was not, bought nothing and did not spend more.
///
/// With F the distribution of changes, the share of effects at or below 0 lies between `sup(F₁ − F₀)` and
/// `1 − sup(F₀ − F₁)`, whatever ties a member's two outcomes together. Free riders are those of them who were rewarded:
/// `(share − (1 − r))/r` of the rewarded.
pub fn free_riders(steps: &[(f64, f64)], rewarded: f64, confidence: f64) -> Option<FreeRiders> {
    let (held_out, treated) = steps.iter().fold((0.0, 0.0), |sum, step| (sum.0 + step.0, sum.1 + step.1));
    if held_out < 2.0 || treated < 2.0 || rewarded <= 0.0 {
        return None;
    }
    let (mut held_out_below, mut treated_below) = (0.0, 0.0);
    let (mut below, mut above) = (0.0_f64, 0.0_f64);
    for step in steps {
        held_out_below += step.0 / held_out;
        treated_below += step.1 / treated;
        below = below.max(treated_below - held_out_below);
        above = above.max(held_out_below - treated_below);
    }
    let of_rewarded = |share: f64| ((share - (1.0 - rewarded)) / rewarded).clamp(0.0, 1.0);
    // Each of the two distributions is within its own band with half of what is left of the confidence.
    let band = |cases: f64| ((4.0 / (1.0 - confidence)).ln() / (2.0 * cases)).sqrt();
    let margin = ((band(held_out) + band(treated)) / rewarded).min(1.0);
    Some(FreeRiders { least: of_rewarded(below), most: of_rewarded(1.0 - above), margin })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use stats::random::Random;

    use super::free_riders;

    #[test]
    fn of_a_programme_that_moves_48_per_cent_the_rest_are_free_riders() {
        // 48 % spend more (Reichheld): of 100 treated 52 change as those held out do, by 0, and 48 by more.
        let found = free_riders(&[(100.0, 52.0), (0.0, 48.0)], 1.0, 0.95).expect("members");
        assert!((found.most - 0.52).abs() < 1e-12 && found.least.abs() < 1e-12, "{found:?}");
        // A fifth of the treated bought nothing and got no reward: 32 of the 80 who did are free riders.
        let found = free_riders(&[(100.0, 52.0), (0.0, 48.0)], 0.8, 0.95).expect("members");
        assert!((found.most - 0.4).abs() < 1e-12, "{found:?}");
        assert!(free_riders(&[(1.0, 52.0)], 1.0, 0.95).is_none());
    }

    #[test]
    fn planted_free_riders_are_found_within_the_margin() {
        // Changes of deviation 1; 30 % of the treated spend 6 more. Deviations of the two suprema: below 0.02 here.
        let mut random = Random::new(52);
        let mut steps = vec![(0.0, 0.0); 400];
        for member in 0..40_000 {
            let treated = member % 10 > 0;
            let more = if treated && random.chance(0.3) { 6.0 } else { 0.0 };
            let step = ((random.normal() + more + 8.0) * 20.0).clamp(0.0, 399.0);
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped")]
            let step = &mut steps[step as usize];
            if treated { step.1 += 1.0 } else { step.0 += 1.0 }
        }
        let found = free_riders(&steps, 1.0, 0.95).expect("members");
        assert!((found.most - 0.7).abs() < 0.03 && found.least < 0.03, "{found:?}");
        assert!(found.margin < 0.04 && (found.most - 0.7).abs() < found.margin, "{found:?}");
    }

    #[test]
    fn without_any_effect_all_may_be_free_riders() {
        let found = free_riders(&[(5.0, 95.0), (5.0, 95.0)], 1.0, 0.95).expect("members");
        assert_eq!((found.least, found.most), (0.0, 1.0));
    }
}
