//! The effect of a treatment on each case, from a randomised trial: two models, one model, or crossed.
//! T, S and X of Künzel, Sekhon, Bickel and Yu (2019), PNAS 116(10); S with interactions as Lo (2002), SIGKDD
//! Explorations 4(2), has it.

use crate::random::Random;
use crate::real::real;
use crate::rows::Rows;
use crate::unfit::{Unfit, at_least, length};
use crate::uplift::base::{Base, Fitted};

/// A randomised trial: what was known before, who was treated, what came of it.
#[derive(Debug, Clone, Copy)]
pub struct Trial<'a> {
    /// What was known of each case before.
    pub rows: Rows<'a>,
    /// Whether it was treated, by chance.
    pub treated: &'a [bool],
    /// The outcome.
    pub outcomes: &'a [f64],
}

/// How effects are learnt.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Learner {
    /// A model for each arm; the effect is their difference.
    Two(Base),
    /// One model, with the treatment and its products with every column as further columns.
    Single(Base),
    /// Each arm's outcomes less the other arm's model are effects, which are fitted in turn. Good when one arm is small.
    Crossed {
        /// For outcomes.
        outcome: Base,
        /// For effects, which are amounts whatever the outcome is.
        effect: Base,
    },
}

/// Fitted effects.
#[derive(Debug, Clone, PartialEq)]
pub enum Uplift {
    /// Models of the treated and of the control.
    Two(Fitted, Fitted),
    /// One model over both.
    Single(Fitted),
    /// Effects seen in the treated and in the control, and the share treated.
    Crossed(Fitted, Fitted, f64),
}

impl Trial<'_> {
    fn check(&self) -> Result<(), Unfit> {
        length("the list of treatments", self.treated.len(), self.rows.len())?;
        length("the list of outcomes", self.outcomes.len(), self.rows.len())?;
        let treated = self.treated.iter().filter(|treated| **treated).count();
        at_least("the treated group", treated, 2)?;
        at_least("the control group", self.rows.len() - treated, 2)
    }

    /// Predictors and outcomes of some cases.
    fn part(&self, chosen: impl Fn(usize) -> bool) -> (Vec<f64>, Vec<f64>) {
        let cases: Vec<usize> = (0..self.rows.len()).filter(|case| chosen(*case)).collect();
        let values = cases.iter().flat_map(|case| self.rows.row(*case)).copied().collect();
        (values, cases.iter().map(|case| self.outcomes[*case]).collect())
    }

    /// Effects for every case by a model that has not seen it: the cases are dealt into `folds` at random, and each fold
    /// is predicted from the others. What a curve of its own making would flatter.
    pub fn cross_fitted(&self, learner: &Learner, folds: usize, seed: u64) -> Result<Vec<f64>, Unfit> {
        self.check()?;
        at_least("the number of folds", folds, 2)?;
        let mut random = Random::new(seed);
        let fold: Vec<usize> =
            self.rows.iter().map(|_| usize::try_from(random.below(folds as u64)).unwrap_or(0)).collect();
        let mut effects = vec![0.0; self.rows.len()];
        for left_out in 0..folds {
            let kept = |case: usize| fold[case] != left_out;
            let (values, outcomes) = self.part(kept);
            let treated: Vec<bool> =
                (0..self.rows.len()).filter(|case| kept(*case)).map(|case| self.treated[case]).collect();
            let rows = Rows::new(&values, self.rows.columns())?;
            let uplift = Uplift::fit(&Trial { rows, treated: &treated, outcomes: &outcomes }, learner)?;
            for case in (0..self.rows.len()).filter(|case| !kept(*case)) {
                effects[case] = uplift.predict(self.rows.row(case));
            }
        }
        Ok(effects)
    }
}

impl Uplift {
    /// Learns effects from a trial with at least two cases in each arm (and what the base asks for).
    pub fn fit(trial: &Trial<'_>, learner: &Learner) -> Result<Self, Unfit> {
        trial.check()?;
        match learner {
            Learner::Two(base) => {
                let (treated, control) = fit_arms(trial, base)?;
                Ok(Self::Two(treated, control))
            }
            Learner::Single(base) => {
                let values: Vec<f64> = trial
                    .rows
                    .iter()
                    .zip(trial.treated)
                    .flat_map(|(row, treated)| with_treatment(row, *treated))
                    .collect();
                let rows = Rows::new(&values, 2 * trial.rows.columns() + 1)?;
                Ok(Self::Single(base.fit(&rows, trial.outcomes)?))
            }
            Learner::Crossed { outcome, effect } => {
                let (treated, control) = fit_arms(trial, outcome)?;
                let effects = |arm: bool| {
                    let (values, outcomes) = trial.part(|case| trial.treated[case] == arm);
                    let rows = Rows::new(&values, trial.rows.columns())?;
                    let effects: Vec<f64> = rows
                        .iter()
                        .zip(outcomes)
                        .map(
                            |(row, seen)| {
                                if arm { seen - control.predict(row) } else { treated.predict(row) - seen }
                            },
                        )
                        .collect();
                    effect.fit(&rows, &effects)
                };
                let share = real(trial.treated.iter().filter(|treated| **treated).count())
                    / real(trial.treated.len());
                Ok(Self::Crossed(effects(true)?, effects(false)?, share))
            }
        }
    }

    /// The expected effect of treating a case.
    pub fn predict(&self, row: &[f64]) -> f64 {
        match self {
            Self::Two(treated, control) => treated.predict(row) - control.predict(row),
            Self::Single(model) => {
                model.predict(&with_treatment(row, true)) - model.predict(&with_treatment(row, false))
            }
            // Equation 9: weighted by the propensity, which a randomised trial knows.
            Self::Crossed(treated, control, share) => {
                share * control.predict(row) + (1.0 - share) * treated.predict(row)
            }
        }
    }
}

fn fit_arms(trial: &Trial<'_>, base: &Base) -> Result<(Fitted, Fitted), Unfit> {
    let arm = |arm: bool| {
        let (values, outcomes) = trial.part(|case| trial.treated[case] == arm);
        base.fit(&Rows::new(&values, trial.rows.columns())?, &outcomes)
    };
    Ok((arm(true)?, arm(false)?))
}

/// The row, the treatment, and the row again if treated.
fn with_treatment(row: &[f64], treated: bool) -> Vec<f64> {
    let treated = f64::from(u8::from(treated));
    row.iter().copied().chain([treated]).chain(row.iter().map(|value| value * treated)).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::{Learner, Trial, Uplift};
    use crate::boosting::{Settings, Target};
    use crate::moments::PairMoments;
    use crate::random::Random;
    use crate::rows::Rows;
    use crate::uplift::base::Base;

    const LINEAR: Base = Base::Linear { ridge: 0.0 };

    /// Cases with three columns; the outcome grows with the second, the effect is what `effect` says of the row.
    fn trial(
        seed: u64,
        cases: usize,
        treated: f64,
        effect: fn(&[f64]) -> f64,
    ) -> (Vec<f64>, Vec<bool>, Vec<f64>) {
        let mut random = Random::new(seed);
        let values: Vec<f64> = (0..cases * 3).map(|_| random.normal()).collect();
        let arms: Vec<bool> = (0..cases).map(|_| random.chance(treated)).collect();
        let outcomes = values
            .chunks_exact(3)
            .zip(&arms)
            .map(|(row, arm)| 2.0 * row[1] + if *arm { effect(row) } else { 0.0 } + random.normal())
            .collect();
        (values, arms, outcomes)
    }

    /// Correlation of predicted with true effects on the cases, and the mean prediction.
    fn recovered(learner: &Learner, effect: fn(&[f64]) -> f64, share: f64) -> (f64, f64) {
        let (values, treated, outcomes) = trial(271, 6_000, share, effect);
        let rows = Rows::new(&values, 3).expect("rows");
        let found = Trial { rows, treated: &treated, outcomes: &outcomes }
            .cross_fitted(learner, 3, 1)
            .expect("a fit");
        let truth: Vec<f64> = rows.iter().map(effect).collect();
        let moments = PairMoments::of(&found, &truth);
        (moments.correlation(), moments.first().mean())
    }

    #[test]
    fn linear_effects_are_recovered_by_every_learner() {
        let effect = |row: &[f64]| 0.5 + 0.4 * row[0];
        for learner in [
            Learner::Two(LINEAR),
            Learner::Single(LINEAR),
            Learner::Crossed { outcome: LINEAR, effect: LINEAR },
        ] {
            let (correlation, mean) = recovered(&learner, effect, 0.5);
            // The standard error of the mean effect is 2/√6,000 = 0.026, of the slope the same.
            assert!(correlation > 0.97 && (mean - 0.5).abs() < 0.1, "{learner:?}: {correlation}, {mean}");
        }
    }

    #[test]
    fn an_effect_on_some_only_is_found_by_trees_where_lines_see_none() {
        // An effect of 1.5 in the middle, none outside: its slope in every column is 0.
        let effect = |row: &[f64]| if row[0].abs() < 0.6 { 1.5 } else { 0.0 };
        let trees = Base::Boosted(Settings::usual(Target::Amount, 1));
        for learner in
            [Learner::Two(trees), Learner::Single(trees), Learner::Crossed { outcome: trees, effect: trees }]
        {
            let (correlation, _) = recovered(&learner, effect, 0.5);
            assert!(correlation > 0.6, "{learner:?}: {correlation}");
        }
        let (correlation, _) = recovered(&Learner::Two(LINEAR), effect, 0.5);
        assert!(correlation < 0.3, "{correlation}");
    }

    #[test]
    fn crossing_helps_when_one_arm_is_small() {
        let effect = |row: &[f64]| 0.3 * row[0];
        let trees = Base::Boosted(Settings { leaf_min: 20, ..Settings::usual(Target::Amount, 1) });
        let (two, _) = recovered(&Learner::Two(trees), effect, 0.05);
        let (crossed, _) = recovered(&Learner::Crossed { outcome: trees, effect: LINEAR }, effect, 0.05);
        assert!(crossed > two + 0.1, "{crossed} against {two}");
    }

    #[test]
    fn a_trial_without_a_control_is_refused() {
        let values = [1.0, 2.0, 3.0, 4.0];
        let rows = Rows::new(&values, 1).expect("rows");
        let trial = Trial { rows, treated: &[true; 4], outcomes: &[1.0; 4] };
        assert_eq!(
            Uplift::fit(&trial, &Learner::Two(LINEAR)).expect_err("no control").to_string(),
            "the control group has 0: give at least 2"
        );
        assert!(Uplift::fit(&Trial { treated: &[true; 3], ..trial }, &Learner::Two(LINEAR)).is_err());
    }
}
