//! What an arm of an experiment did more than its control, in the three ways that answer it.

use stats::experiment::cuped::cuped_of;
use stats::experiment::difference::{difference_of, relative_difference};
use stats::experiment::differences::of_panel_moments;
use stats::interval::Estimate;
use stats::moments::PairMoments;
use stats::unfit::Unfit;

/// The effect per member on those treated, whether or not the treatment reached them (intention to treat).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Lift {
    /// Difference in means (Welch 1947).
    pub difference: Estimate,
    /// The same freed of what was known before (CUPED; Deng et al. 2013); none where that does not vary.
    pub cuped: Option<Estimate>,
    /// Correlation of outcome and what was known before: CUPED leaves `1 − ρ²` of the variance.
    pub correlation: Option<f64>,
    /// Difference in differences (Ashenfelter and Card 1985).
    pub differences: Estimate,
    /// The difference as a share of the control's mean; none where that is 0.
    pub relative: Option<Estimate>,
}

impl Lift {
    /// The estimate that counts: the adjusted one, which was chosen before anybody looked; the plain one without it.
    pub fn main(&self) -> Estimate {
        self.cuped.unwrap_or(self.difference)
    }
}

/// Compares two arms by the moments of what each member did before (first) and in the experiment (second), for at least
/// three members in each. Both are in the unit of the outcome; before and in must be equally long for the difference in
/// differences to mean anything.
pub fn lift(treated: &PairMoments, control: &PairMoments) -> Result<Lift, Unfit> {
    for (what, arm) in [("the treated arm", treated), ("the control", control)] {
        let members = arm.second().count();
        if members < 3.0 {
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0, 1 or 2")]
            return Err(Unfit::TooFew { what, found: members as usize, needed: 3 });
        }
    }
    let adjusted = cuped_of(treated, control).ok();
    Ok(Lift {
        difference: difference_of(treated.second(), control.second()),
        cuped: adjusted.map(|found| found.adjusted),
        correlation: adjusted.map(|found| found.correlation).filter(|rho| rho.is_finite()),
        differences: of_panel_moments(treated, control),
        relative: relative_difference(treated.second(), control.second()).ok(),
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use stats::moments::PairMoments;

    use super::lift;

    #[test]
    fn the_three_ways_match_a_count_by_hand() {
        // Treated 1, 2, 3 before and 3, 5, 5 in; control 2, 3, 4 and 3, 4, 5. Means in: 13/3 − 4 = 1/3. Within groups the
        // slope is 1, so CUPED adds 1 · (3 − 2) = 4/3. Changes 2, 3, 2 against 1, 1, 1: 7/3 − 1 = 4/3 as well.
        let treated = PairMoments::of(&[1.0, 2.0, 3.0], &[3.0, 5.0, 5.0]);
        let control = PairMoments::of(&[2.0, 3.0, 4.0], &[3.0, 4.0, 5.0]);
        let found = lift(&treated, &control).expect("arms");
        assert!((found.difference.value - 1.0 / 3.0).abs() < 1e-12, "{found:?}");
        assert!((found.main().value - 4.0 / 3.0).abs() < 1e-12, "{found:?}");
        assert!((found.differences.value - 4.0 / 3.0).abs() < 1e-12, "{found:?}");
        assert!((found.relative.expect("a base").value - 1.0 / 12.0).abs() < 1e-12, "{found:?}");
    }

    #[test]
    fn without_anything_known_before_the_plain_difference_counts() {
        let treated = PairMoments::of(&[1.0; 3], &[3.0, 5.0, 5.0]);
        let control = PairMoments::of(&[1.0; 3], &[0.0, 1.0, -1.0]);
        let found = lift(&treated, &control).expect("arms");
        assert_eq!((found.cuped, found.relative, found.correlation), (None, None, None));
        assert_eq!(found.main(), found.difference);
        let two = PairMoments::of(&[1.0; 2], &[3.0, 5.0]);
        assert_eq!(
            lift(&two, &control).expect_err("two members").to_string(),
            "the treated arm has 2: give at least 3"
        );
    }
}
