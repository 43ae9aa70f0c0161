//! What changed in one group beyond what changed in another: difference in differences.
//! Ashenfelter and Card (1985), Review of Economics and Statistics 67(4); Angrist and Pischke (2009), Mostly Harmless
//! Econometrics, 5.2.

use crate::experiment::difference::{difference, difference_of};
use crate::interval::Estimate;
use crate::moments::{Moments, PairMoments};
use crate::unfit::{Unfit, length};

/// One group's outcomes in two periods.
#[derive(Debug, Clone, Copy)]
pub struct Periods<'a> {
    /// Outcomes in the first period.
    pub before: &'a [f64],
    /// Outcomes in the second period.
    pub after: &'a [f64],
}

/// `(treated after − treated before) − (control after − control before)` of four means.
pub fn of_means(treated: (f64, f64), control: (f64, f64)) -> f64 {
    (treated.1 - treated.0) - (control.1 - control.0)
}

/// Of the same cases in both periods: Welch's comparison of their changes, so that what is constant about a case
/// drops out of the error and cases may be correlated with themselves.
pub fn of_panel(treated: &Periods<'_>, control: &Periods<'_>) -> Result<Estimate, Unfit> {
    length("the treated in the second period", treated.after.len(), treated.before.len())?;
    length("the control in the second period", control.after.len(), control.before.len())?;
    let changes = |group: &Periods<'_>| -> Vec<f64> {
        group.before.iter().zip(group.after).map(|(before, after)| after - before).collect()
    };
    difference(&changes(treated), &changes(control))
}

/// The same from moments of both periods, which can be kept without the cases. Not a number below two cases in a group.
pub fn of_panel_moments(treated: &PairMoments, control: &PairMoments) -> Estimate {
    difference_of(&treated.change(), &control.change())
}

/// Of different cases in each period (repeated cross-sections): the variances of all four means add up.
pub fn of_cross_sections(treated: &Periods<'_>, control: &Periods<'_>) -> Result<Estimate, Unfit> {
    let treated_change = difference(treated.after, treated.before)?;
    let control_change = difference(control.after, control.before)?;
    let cells = [treated.before, treated.after, control.before, control.after].map(Moments::of);
    let variance: f64 = cells.iter().map(Moments::mean_variance).sum();
    let parts: f64 = cells.iter().map(|cell| cell.mean_variance().powi(2) / (cell.count() - 1.0)).sum();
    let degrees = if variance > 0.0 { variance * variance / parts } else { f64::INFINITY };
    let value = treated_change.value - control_change.value;
    Ok(Estimate { value, standard_error: variance.sqrt(), degrees })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::{Periods, of_cross_sections, of_means, of_panel, of_panel_moments};
    use crate::moments::PairMoments;
    use crate::random::Random;

    #[test]
    fn the_golden_means_differ_by_14() {
        // Case G-E5: 100 → 120 against 102 → 108.
        assert!((of_means((100.0, 120.0), (102.0, 108.0)) - 14.0).abs() < 1e-12);
        let treated = Periods { before: &[90.0, 110.0], after: &[115.0, 125.0] };
        let control = Periods { before: &[100.0, 104.0], after: &[107.0, 109.0] };
        let pairs = [&treated, &control].map(|group| PairMoments::of(group.before, group.after));
        let (by_cases, by_moments) =
            (of_panel(&treated, &control).expect("groups"), of_panel_moments(&pairs[0], &pairs[1]));
        assert!((by_cases.standard_error - by_moments.standard_error).abs() < 1e-12);
        assert!((by_cases.value - by_moments.value).abs() < 1e-12);
        for found in [of_panel(&treated, &control), of_cross_sections(&treated, &control)] {
            assert!((found.expect("groups").value - 14.0).abs() < 1e-12);
        }
        // Changes 25, 15 and 7, 5: variances of the means 25 and 1. Cells: 100, 25, 4, 1.
        let errors = [of_panel(&treated, &control), of_cross_sections(&treated, &control)];
        for (found, expected) in errors.into_iter().zip([26.0_f64, 130.0]) {
            assert!((found.expect("groups").standard_error - expected.sqrt()).abs() < 1e-12);
        }
    }

    /// A group whose cases differ by 3, drift by 1.5 between periods, and have an effect in the second.
    fn panel(random: &mut Random, cases: usize, start: f64, effect: f64) -> (Vec<f64>, Vec<f64>) {
        (0..cases)
            .map(|_| {
                let level = start + 3.0 * random.normal();
                (level + random.normal(), level + 1.5 + effect + random.normal())
            })
            .unzip()
    }

    #[test]
    fn a_planted_effect_is_covered_as_often_as_stated_whatever_the_groups_began_with() {
        let (mut random, rounds) = (Random::new(81), 2_000_u32);
        let (mut panel_covers, mut cross_covers) = (0_u32, 0_u32);
        for _ in 0..rounds {
            let treated = panel(&mut random, 30, 10.0, 0.8);
            let control = panel(&mut random, 50, 4.0, 0.0);
            let treated = Periods { before: &treated.0, after: &treated.1 };
            let control = Periods { before: &control.0, after: &control.1 };
            let found = of_panel(&treated, &control).expect("groups").interval(0.95).expect("fits");
            panel_covers += u32::from(found.covers(0.8));
            let (fresh, other) = (panel(&mut random, 30, 10.0, 0.8), panel(&mut random, 50, 4.0, 0.0));
            let treated = Periods { before: treated.before, after: &fresh.1 };
            let control = Periods { before: control.before, after: &other.1 };
            let found = of_cross_sections(&treated, &control).expect("groups").interval(0.95).expect("fits");
            cross_covers += u32::from(found.covers(0.8));
        }
        // Four standard errors of 0.95 in 2,000 rounds are 0.0195.
        for covered in [panel_covers, cross_covers] {
            assert!((f64::from(covered) / f64::from(rounds) - 0.95).abs() < 0.0195, "{covered}");
        }
    }

    #[test]
    fn cases_missing_in_one_period_are_refused() {
        let gap = Periods { before: &[1.0, 2.0], after: &[1.0] };
        let whole = Periods { before: &[1.0, 2.0], after: &[1.0, 3.0] };
        assert!(of_panel(&gap, &whole).is_err());
    }
}
