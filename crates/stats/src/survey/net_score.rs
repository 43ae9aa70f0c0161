//! The share of those in favour less the share of those against, with its variance: the net score of an
//! eleven-point recommendation question (Reichheld 2003, Harvard Business Review 81(12)).

use crate::interval::Estimate;
use crate::unfit::{Unfit, in_range};

/// Shares of answers for, against, and neither.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct NetScore {
    favourable: f64,
    adverse: f64,
}

impl NetScore {
    /// From numbers of answers, or sums of weights.
    pub fn new(favourable: f64, neutral: f64, adverse: f64) -> Result<Self, Unfit> {
        for count in [favourable, neutral, adverse] {
            in_range("a number of answers", count, "of at least 0", |count| count >= 0.0)?;
        }
        let total = in_range("the number of answers", favourable + neutral + adverse, "above 0", |total| {
            total > 0.0
        })?;
        Ok(Self { favourable: favourable / total, adverse: adverse / total })
    }

    /// From answers 0 to 10: 9 and 10 are favourable, 0 to 6 adverse.
    pub fn from_answers(answers: &[u8]) -> Result<Self, Unfit> {
        if let Some(&beyond) = answers.iter().find(|answer| **answer > 10) {
            let range = "from 0 to 10";
            return Err(Unfit::OutOfRange { what: "an answer", value: f64::from(beyond), range });
        }
        let count = |within: std::ops::RangeInclusive<u8>| {
            crate::real::real(answers.iter().filter(|answer| within.contains(answer)).count())
        };
        Self::new(count(9..=10), count(7..=8), count(0..=6))
    }

    /// The score, from −1 to 1; times 100 it is the number usually printed.
    pub fn score(&self) -> f64 {
        self.favourable - self.adverse
    }

    /// Variance of one answer coded +1, 0, −1: `p + d − (p − d)²`, the multinomial variance of the difference.
    pub fn variance(&self) -> f64 {
        self.favourable + self.adverse - self.score() * self.score()
    }

    /// The score with its standard error for this many answers: the real number, or the effective one of a
    /// weighted sample ([`crate::survey::design::effective_answers`]).
    pub fn estimate(&self, answers: f64) -> Result<Estimate, Unfit> {
        in_range("the number of answers", answers, "above 0", |answers| answers > 0.0)?;
        Ok(Estimate::normal(self.score(), (self.variance() / answers).sqrt()))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::NetScore;
    use crate::random::Random;

    fn close(found: f64, expected: f64, tolerance: f64) {
        assert!((found - expected).abs() <= tolerance, "{found} is not {expected}");
    }

    #[test]
    fn scores_and_errors_match_the_golden_cases() {
        // Case G-S1: 33.33, variance 0.555556; of 324 answers 4.14 and ±8.12 points.
        let population = NetScore::new(3.0, 2.0, 1.0).expect("answers");
        close(population.score() * 100.0, 33.33, 5e-3);
        close(population.variance(), 0.555_556, 5e-7);
        let estimate = population.estimate(324.0).expect("answers");
        close(estimate.standard_error * 100.0, 4.14, 5e-3);
        close(estimate.interval(0.95).expect("fits").width() * 50.0, 8.12, 5e-3);
        // Case G-S2: 50, 30, 20 of 100.
        let hundred = NetScore::new(50.0, 30.0, 20.0).expect("answers");
        close(hundred.score() * 100.0, 30.0, 1e-9);
        close(hundred.variance(), 0.61, 1e-12);
        let estimate = hundred.estimate(100.0).expect("answers");
        close(estimate.standard_error * 100.0, 7.81, 5e-3);
        close(estimate.interval(0.95).expect("fits").width() * 50.0, 15.31, 5e-3);
    }

    #[test]
    fn answers_from_0_to_10_fall_into_three_groups() {
        let answers: Vec<u8> = (0..=10).collect();
        let score = NetScore::from_answers(&answers).expect("answers");
        close(score.score(), (2.0 - 7.0) / 11.0, 1e-12);
        assert!(NetScore::from_answers(&[11]).is_err());
        assert!(NetScore::from_answers(&[]).is_err());
    }

    #[test]
    fn the_interval_covers_the_true_score_as_often_as_it_says() {
        let (rounds, answers) = (2_000_u32, 400_u32);
        let mut random = Random::new(21);
        let mut covered = 0_u32;
        for _ in 0..rounds {
            let (mut favourable, mut adverse) = (0.0, 0.0);
            for _ in 0..answers {
                let draw = random.uniform();
                favourable += f64::from(u8::from(draw < 0.45));
                adverse += f64::from(u8::from(draw > 0.8));
            }
            let found = NetScore::new(favourable, f64::from(answers) - favourable - adverse, adverse);
            let estimate = found.expect("answers").estimate(f64::from(answers)).expect("answers");
            covered += u32::from(estimate.interval(0.95).expect("fits").covers(0.25));
        }
        // Four standard errors of a share of 0.95 in 2,000 rounds are 0.0195.
        close(f64::from(covered) / f64::from(rounds), 0.95, 0.0195);
    }
}
