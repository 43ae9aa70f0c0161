//! How many cases an experiment needs to see an effect, and what effect it can see with the cases it has.
//! Two-sided test of two means with normal quantiles: Chow, Shao and Wang (2008), Sample Size Calculations in
//! Clinical Research, 3.2.1; a covariate of correlation ρ shrinks it by `1 − ρ²` (see [`crate::experiment::cuped`]).

use crate::interval::two_sided;
use crate::normal;
use crate::unfit::{Unfit, in_range, open_share};

/// What an experiment is planned for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Plan {
    /// Standard deviation of the outcome, in the unit of the effect: a coefficient of variation with an effect that
    /// is a share of the mean; `√(p(1 − p))` for a proportion.
    pub deviation: f64,
    /// One less the chance to see an effect where there is none: 0.95 for a test at 5 %.
    pub confidence: f64,
    /// Chance to see the effect if it is there.
    pub power: f64,
    /// Share of all cases that are left untreated.
    pub control_share: f64,
    /// Correlation of the outcome with a covariate known before; 0 without one.
    pub correlation: f64,
}

impl Plan {
    /// Half and half, at 5 % with power 80 %, without a covariate.
    pub fn usual(deviation: f64) -> Self {
        Self { deviation, confidence: 0.95, power: 0.8, control_share: 0.5, correlation: 0.0 }
    }

    /// Cases in both groups together, not yet rounded up: `(z₁ + z₂)² σ² (1 − ρ²)/(effect² s(1 − s))`.
    fn cases(&self, effect: f64) -> Result<f64, Unfit> {
        in_range("the effect", effect, "other than 0", |effect| effect != 0.0)?;
        Ok(self.spread()?.powi(2) / (effect * effect))
    }

    /// Cases treated and untreated, each rounded up, for this effect to be seen.
    pub fn group_sizes(&self, effect: f64) -> Result<(f64, f64), Unfit> {
        let cases = self.cases(effect)?;
        Ok(((cases * (1.0 - self.control_share)).ceil(), (cases * self.control_share).ceil()))
    }

    /// The smallest effect that so many cases, treated and untreated together, can be expected to show.
    pub fn detectable(&self, cases: f64) -> Result<f64, Unfit> {
        in_range("the number of cases", cases, "above 0", |cases| cases > 0.0)?;
        Ok(self.spread()? / cases.sqrt())
    }

    /// The detectable effect times the root of the number of cases.
    fn spread(&self) -> Result<f64, Unfit> {
        in_range("the standard deviation", self.deviation, "above 0", |deviation| deviation > 0.0)?;
        in_range("the correlation", self.correlation, "strictly between -1 and 1", |rho| rho.abs() < 1.0)?;
        let control = open_share("the control share", self.control_share)?;
        let quantiles = two_sided(self.confidence)? + normal::quantile(open_share("the power", self.power)?);
        let left = 1.0 - self.correlation * self.correlation;
        Ok(quantiles * self.deviation * (left / (control * (1.0 - control))).sqrt())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use proptest::prelude::*;

    use super::Plan;
    use crate::experiment::difference::difference;
    use crate::random::Random;

    #[test]
    fn group_sizes_match_the_golden_case() {
        // Case G-E6: coefficient of variation 1, lift 3 %, 5 %, power 80 %: 17,442; with ρ = 0.7 8,896.
        let plan = Plan::usual(1.0);
        assert_eq!(plan.group_sizes(0.03).expect("a plan"), (17_442.0, 17_442.0));
        let adjusted = Plan { correlation: 0.7, ..plan };
        assert_eq!(adjusted.group_sizes(0.03).expect("a plan"), (8_896.0, 8_896.0));
        assert!((adjusted.cases(0.03).expect("a plan") / 2.0 - 8_895.4).abs() < 0.05);
    }

    #[test]
    fn a_small_control_costs_more_cases_in_all() {
        let plan = Plan { control_share: 0.05, ..Plan::usual(1.0) };
        let (treated, control) = plan.group_sizes(0.03).expect("a plan");
        // 1/(0.05·0.95) against 1/(0.5·0.5): 5.263 times as many.
        assert!(((treated + control) / 34_884.0 - 5.263).abs() < 1e-3);
        assert!((control / (treated + control) - 0.05).abs() < 1e-5);
    }

    #[test]
    fn the_planned_experiment_finds_its_effect_as_often_as_planned() {
        let (sizes, mut random) = (Plan::usual(1.0).group_sizes(0.5).expect("a plan"), Random::new(91));
        assert_eq!(sizes, (63.0, 63.0));
        let found = (0..2_000)
            .filter(|_| {
                let mut draw = |mean: f64| -> Vec<f64> { (0..63).map(|_| mean + random.normal()).collect() };
                let (treated, control) = (draw(0.5), draw(0.0));
                !difference(&treated, &control).expect("groups").interval(0.95).expect("fits").covers(0.0)
            })
            .count();
        // Four standard errors of 0.8 in 2,000 rounds are 0.036; t instead of z at 124 degrees costs 0.005.
        assert!(found.abs_diff(1_595) < 75, "{found}");
    }

    #[test]
    fn plans_that_cannot_be_are_refused() {
        assert!(Plan::usual(1.0).group_sizes(0.0).is_err());
        assert!(Plan::usual(0.0).group_sizes(0.1).is_err());
        assert!(Plan { correlation: 1.0, ..Plan::usual(1.0) }.detectable(10.0).is_err());
        assert!(Plan { control_share: 0.0, ..Plan::usual(1.0) }.detectable(10.0).is_err());
        assert!(Plan { power: 80.0, ..Plan::usual(1.0) }.detectable(10.0).is_err());
    }

    proptest! {
        #[test]
        fn the_detectable_effect_is_the_inverse_of_the_size(effect in 0.001_f64..2.0, rho in -0.9_f64..0.9, control in 0.05_f64..0.95) {
            let plan = Plan { correlation: rho, control_share: control, ..Plan::usual(1.5) };
            let back = plan.detectable(plan.cases(effect).unwrap()).unwrap();
            prop_assert!((back / effect - 1.0).abs() < 1e-9);
        }
    }
}
