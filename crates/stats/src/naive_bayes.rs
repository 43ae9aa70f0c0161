//! Which of several classes a case belongs to, by signs that are there or not and that are independent of each other
//! within a class: Maron (1961), Journal of the ACM 8(3). A sign of which one is only half sure counts as half a sign, its
//! likelihood to that power: Bissiri, Holmes and Walker (2016), JRSS B 78(5).

use crate::unfit::{Unfit, at_least, in_range, length, open_share};

/// How far it is seen that a case has a sign, and how far that it has not: each from 0, nothing is known, to 1, it is
/// certain.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Evidence {
    /// That it has the sign.
    pub present: f64,
    /// That it has not.
    pub absent: f64,
}

/// How often cases of each class have each sign.
#[derive(Debug, Clone, PartialEq)]
pub struct NaiveBayes {
    chances: Vec<Vec<f64>>,
    classes: usize,
}

impl NaiveBayes {
    /// From the chance of each sign in each class, sign by sign, each strictly between 0 and 1.
    pub fn new(chances: Vec<Vec<f64>>, classes: usize) -> Result<Self, Unfit> {
        at_least("the list of classes", classes, 1)?;
        for of_sign in &chances {
            length("the list of chances", of_sign.len(), classes)?;
            of_sign.iter().try_for_each(|chance| open_share("the chance of a sign", *chance).map(|_| ()))?;
        }
        Ok(Self { chances, classes })
    }

    /// The chance of each class for a case, by its evidence on each sign, where the classes are as likely before as
    /// their weights, which are above 0.
    pub fn posterior(&self, weights: &[f64], evidence: &[Evidence]) -> Result<Vec<f64>, Unfit> {
        length("the list of weights", weights.len(), self.classes)?;
        length("the list of evidence", evidence.len(), self.chances.len())?;
        let mut logs = Vec::with_capacity(self.classes);
        for weight in weights {
            logs.push(libm::log(in_range("a weight", *weight, "above 0", |weight| weight > 0.0)?));
        }
        for (of_sign, seen) in self.chances.iter().zip(evidence) {
            for (log, chance) in logs.iter_mut().zip(of_sign) {
                *log += seen.present * libm::log(*chance) + seen.absent * libm::log1p(-chance);
            }
        }
        Ok(shares_of_logs(&logs))
    }
}

/// Shares in proportion to what these are the logarithms of; equal ones where there is nothing finite.
pub(crate) fn shares_of_logs(logs: &[f64]) -> Vec<f64> {
    let most = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let weights: Vec<f64> =
        logs.iter().map(|log| if *log >= most { 1.0 } else { libm::exp(log - most) }).collect();
    let sum: f64 = weights.iter().sum();
    weights.into_iter().map(|weight| weight / sum).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use proptest::prelude::*;

    use super::{Evidence, NaiveBayes};

    const SEEN: Evidence = Evidence { present: 1.0, absent: 0.0 };
    const NOT: Evidence = Evidence { present: 0.0, absent: 1.0 };

    #[test]
    fn the_posterior_matches_a_sum_by_hand() {
        // Two classes, one three times as frequent; signs of 0.8 against 0.1 and 0.5 against 0.25.
        let rule = NaiveBayes::new(vec![vec![0.8, 0.1], vec![0.5, 0.25]], 2).expect("chances");
        let of = |evidence: [Evidence; 2]| rule.posterior(&[1.0, 3.0], &evidence).expect("evidence");
        // 1 · 0.8 · 0.5 = 0.4 against 3 · 0.1 · 0.75 = 0.225 where the second is missing.
        assert!((of([SEEN, NOT])[0] - 0.4 / 0.625).abs() < 1e-12);
        assert!((of([SEEN, SEEN])[0] - 0.4 / 0.475).abs() < 1e-12);
        assert!((of([Evidence::default(); 2])[0] - 0.25).abs() < 1e-12, "nothing seen, nothing learnt");
        // Half a sign counts as the root of its likelihood.
        let half = Evidence { present: 0.5, absent: 0.0 };
        let roots = (0.8_f64.sqrt(), 3.0 * 0.1_f64.sqrt());
        assert!((of([half, Evidence::default()])[0] - roots.0 / (roots.0 + roots.1)).abs() < 1e-12);
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        assert!(NaiveBayes::new(vec![vec![1.0, 0.5]], 2).is_err(), "a certain sign decides everything");
        assert!(NaiveBayes::new(vec![vec![0.5]], 2).is_err());
        let rule = NaiveBayes::new(vec![vec![0.5, 0.4]], 2).expect("chances");
        assert!(rule.posterior(&[1.0, 0.0], &[SEEN]).is_err());
        assert!(rule.posterior(&[1.0, 1.0], &[]).is_err());
    }

    proptest! {
        #[test]
        fn chances_add_up_to_one_and_a_sign_speaks_for_whoever_has_it_oftener(
            chances in prop::collection::vec(0.01_f64..0.99, 4), present in 0.1_f64..1.0,
        ) {
            let rule = NaiveBayes::new(vec![chances.clone()], 4).unwrap();
            let found = rule.posterior(&[1.0; 4], &[Evidence { present, absent: 0.0 }]).unwrap();
            prop_assert!((found.iter().sum::<f64>() - 1.0).abs() < 1e-9);
            for (one, other) in [(0, 1), (1, 2), (2, 3)] {
                prop_assert!((chances[one] >= chances[other]) == (found[one] >= found[other]));
            }
        }
    }
}
