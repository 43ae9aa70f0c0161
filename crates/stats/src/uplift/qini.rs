//! How well predicted effects rank: the Qini curve of Radcliffe (2007), Direct Marketing Analytics Journal, its area
//! against random targeting, and the effect among the best.

use crate::bootstrap::Bootstrap;
use crate::experiment::difference::difference;
use crate::interval::{Estimate, Interval};
use crate::real::real;
use crate::unfit::{Unfit, at_least, finite, length, open_share};

/// A randomised trial with a score by which its cases are ranked.
#[derive(Debug, Clone, Copy)]
pub struct Ranked<'a> {
    /// The higher, the sooner treated.
    pub scores: &'a [f64],
    /// Whether each case was treated.
    pub treated: &'a [bool],
    /// Its outcome.
    pub outcomes: &'a [f64],
}

/// A point of the curve.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// Share of all cases that are targeted.
    pub targeted: f64,
    /// What treatment added among them: the treated's outcomes less the control's, scaled to as many cases. Divided by
    /// the number of all cases.
    pub gained: f64,
}

impl Ranked<'_> {
    fn check(&self) -> Result<(), Unfit> {
        length("the list of treatments", self.treated.len(), self.scores.len())?;
        length("the list of outcomes", self.outcomes.len(), self.scores.len())?;
        finite("a score", self.scores)?;
        finite("an outcome", self.outcomes)?;
        let treated = self.treated.iter().filter(|treated| **treated).count();
        at_least("the treated group", treated, 2)?;
        at_least("the control group", self.scores.len() - treated, 2)
    }

    /// The Qini curve from (0, 0), one point for each distinct score: `Yₜ − Y꜀·Nₜ/N꜀` over those targeted.
    pub fn curve(&self) -> Result<Vec<Point>, Unfit> {
        self.check()?;
        Ok(self.curve_by(self.scores, &order(self.scores), |_| 1.0))
    }

    /// The Qini coefficient: the area between the curve and the straight line of random targeting, over the same area of
    /// the best curve there could be, which targets the treated in order of their outcomes, and the control last in the
    /// reverse order. 0 for a random score, 1 for a perfect one. (As scikit-uplift's `qini_auc_score` defines it.)
    pub fn coefficient(&self) -> Result<f64, Unfit> {
        self.check()?;
        let ideal = self.ideal();
        let best = area(&self.curve_by(&ideal, &order(&ideal), |_| 1.0));
        if best.abs() < 1e-15 {
            return Err(Unfit::Constant { what: "the outcome" });
        }
        Ok(area(&self.curve_by(self.scores, &order(self.scores), |_| 1.0)) / best)
    }

    /// Where the coefficient lies, by drawing the cases again, each with its score: how another training would have scored
    /// them is not in it. A draw whose outcomes do not differ, or that lacks an arm, counts as 0.
    pub fn coefficient_interval(&self, bootstrap: &Bootstrap) -> Result<Interval, Unfit> {
        self.coefficient()?;
        let ideal = self.ideal();
        let (by_ideal, by_score) = (order(&ideal), order(self.scores));
        bootstrap.interval(self.scores.len(), |drawn| {
            let times = |case: usize| f64::from(drawn[case]);
            let best = area(&self.curve_by(&ideal, &by_ideal, times));
            if best.abs() < 1e-15 { 0.0 } else { area(&self.curve_by(self.scores, &by_score, times)) / best }
        })
    }

    /// The scores of the best curve there could be.
    fn ideal(&self) -> Vec<f64> {
        let cases = self.outcomes.iter().zip(self.treated);
        cases.map(|(outcome, treated)| if *treated { *outcome } else { -outcome }).collect()
    }

    /// The effect among the best `share` of the cases by score: difference in means with its error.
    pub fn effect_among_best(&self, share: f64) -> Result<Estimate, Unfit> {
        self.check()?;
        open_share("the share", share)?;
        let order = order(self.scores);
        let best = &order[..share_of(order.len(), share)];
        let arm = |arm: bool| -> Vec<f64> {
            best.iter().filter(|case| self.treated[**case] == arm).map(|case| self.outcomes[*case]).collect()
        };
        difference(&arm(true), &arm(false))
    }

    /// The curve over the cases in the order of their scores, each counted so many times.
    fn curve_by(&self, scores: &[f64], order: &[usize], times: impl Fn(usize) -> f64) -> Vec<Point> {
        let all = real(order.len());
        let mut points = vec![Point { targeted: 0.0, gained: 0.0 }];
        // Cases and outcomes of the control and of the treated so far.
        let (mut cases, mut sums) = ([0.0; 2], [0.0; 2]);
        for (place, case) in order.iter().enumerate() {
            let (arm, times) = (usize::from(self.treated[*case]), times(*case));
            cases[arm] += times;
            sums[arm] += times * self.outcomes[*case];
            // Cases of equal score come together, in no order of their own.
            let last = order.get(place + 1).is_none_or(|next| scores[*next] < scores[*case]);
            if last {
                let control = if cases[0] > 0.0 { sums[0] * cases[1] / cases[0] } else { 0.0 };
                points
                    .push(Point { targeted: (cases[0] + cases[1]) / all, gained: (sums[1] - control) / all });
            }
        }
        points
    }
}

fn order(scores: &[f64]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..scores.len()).collect();
    order.sort_by(|left, right| scores[*right].total_cmp(&scores[*left]));
    order
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share of a count is a count")]
fn share_of(count: usize, share: f64) -> usize {
    (real(count) * share).round() as usize
}

/// Area under the curve less that under the straight line to its end.
fn area(curve: &[Point]) -> f64 {
    let under: f64 = curve
        .windows(2)
        .map(|pair| (pair[1].targeted - pair[0].targeted) * f64::midpoint(pair[0].gained, pair[1].gained))
        .sum();
    under - curve.last().map_or(0.0, |end| end.targeted * end.gained / 2.0)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::{Point, Ranked};
    use crate::bootstrap::Bootstrap;
    use crate::random::Random;

    #[test]
    fn the_curve_matches_a_count_by_hand() {
        // In order of score: treated 1, control 0, then a tie of treated 0 and control 1.
        let ranked = Ranked {
            scores: &[0.9, 0.8, 0.3, 0.3],
            treated: &[true, false, true, false],
            outcomes: &[1.0, 0.0, 0.0, 1.0],
        };
        let point = |targeted, gained| Point { targeted, gained };
        // 1; 1 − 0·1/1; 1 − 1·2/2: quarters of four cases.
        assert_eq!(
            ranked.curve().expect("a trial"),
            [point(0.0, 0.0), point(0.25, 0.25), point(0.5, 0.25), point(1.0, 0.0)]
        );
        // Area 0.25·0.125 + 0.25·0.25 + 0.5·0.125 = 0.15625, the line ends at 0. Best: treated 1; then the two zeros
        // together, 1 of 2 treated and 0 of 1 control; then control 1: 0.25·0.125 + 0.5·0.25 + 0.25·0.125 = 0.1875.
        assert!((ranked.coefficient().expect("a trial") - 0.15625 / 0.1875).abs() < 1e-12);
    }

    /// 20,000 cases in two arms; treatment raises the chance from 0.2 to 0.5 for those whose score is above 0.
    fn trial() -> (Vec<f64>, Vec<bool>, Vec<f64>) {
        let mut random = Random::new(281);
        let scores: Vec<f64> = (0..20_000).map(|_| random.normal()).collect();
        let treated: Vec<bool> = scores.iter().map(|_| random.chance(0.5)).collect();
        let outcomes = scores
            .iter()
            .zip(&treated)
            .map(|(score, treated)| {
                let chance = if *treated && *score > 0.0 { 0.5 } else { 0.2 };
                f64::from(u8::from(random.chance(chance)))
            })
            .collect();
        (scores, treated, outcomes)
    }

    #[test]
    fn a_score_that_knows_the_effect_has_a_high_coefficient_and_a_random_one_none() {
        let (scores, treated, outcomes) = trial();
        let of = |scores: &[f64]| {
            Ranked { scores, treated: &treated, outcomes: &outcomes }.coefficient().expect("a trial")
        };
        let mut random = Random::new(282);
        let noise: Vec<f64> = scores.iter().map(|_| random.normal()).collect();
        let reversed: Vec<f64> = scores.iter().map(|score| -score).collect();
        assert!(of(&scores) > 0.15, "{}", of(&scores));
        assert!(of(&noise).abs() < 0.03, "{}", of(&noise));
        assert!((of(&scores) + of(&reversed)).abs() < 0.02, "{} {}", of(&scores), of(&reversed));
        let perfect: Vec<f64> =
            outcomes.iter().zip(&treated).map(|(y, t)| if *t { *y } else { -y }).collect();
        assert!((of(&perfect) - 1.0).abs() < 1e-12);
    }

    #[test]
    fn the_interval_of_the_coefficient_covers_what_other_trials_give() {
        let (scores, treated, outcomes) = trial();
        let bootstrap = Bootstrap { resamples: 200, confidence: 0.95, seed: 3 };
        let of = |from: usize, scores: &[f64]| {
            let cases = from..from + 4_000;
            let (treated, outcomes) = (&treated[cases.clone()], &outcomes[cases.clone()]);
            let ranked = Ranked { scores: &scores[cases], treated, outcomes };
            (
                ranked.coefficient().expect("a trial"),
                ranked.coefficient_interval(&bootstrap).expect("a trial"),
            )
        };
        let (first, interval) = of(0, &scores);
        assert!(interval.covers(first) && interval.low > 0.0, "{first} {interval:?}");
        // Of four more trials of the same kind, at least three lie within.
        let others = [4_000, 8_000, 12_000, 16_000].map(|from| of(from, &scores).0);
        assert!(
            others.iter().filter(|other| interval.covers(**other)).count() >= 3,
            "{others:?} {interval:?}"
        );
        let mut random = Random::new(283);
        let noise: Vec<f64> = scores.iter().map(|_| random.normal()).collect();
        let (none, interval) = of(0, &noise);
        assert!(interval.covers(0.0) && interval.covers(none), "{none} {interval:?}");
    }

    #[test]
    fn the_effect_among_the_best_is_the_one_planted() {
        let (scores, treated, outcomes) = trial();
        let ranked = Ranked { scores: &scores, treated: &treated, outcomes: &outcomes };
        let best = ranked.effect_among_best(0.3).expect("a trial");
        assert!(best.interval(0.999).expect("fits").covers(0.3), "{best:?}");
        assert!(best.interval(0.999).expect("fits").low > 0.2, "{best:?}");
        assert!(ranked.effect_among_best(30.0).is_err());
    }

    #[test]
    fn trials_that_say_nothing_are_refused() {
        let flat = Ranked { scores: &[1.0; 4], treated: &[true, true, false, false], outcomes: &[0.0; 4] };
        assert!(flat.coefficient().is_err());
        assert!(Ranked { treated: &[true; 4], ..flat }.curve().is_err());
        assert!(Ranked { outcomes: &[0.0; 3], ..flat }.curve().is_err());
    }
}
