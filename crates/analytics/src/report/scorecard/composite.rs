//! What the four factors come to together, by weights that whoever asks may choose.

use stats::interval::Estimate;

use crate::report::error::ReportError;

const FACTORS: usize = 4;
const WHOLE: f64 = 100.0;
/// How far written shares may be from 100 together: the error of adding decimals.
const ROUNDING: f64 = 1e-9;

/// The weight of each factor, in per cent.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Weights([f64; FACTORS]);

impl Weights {
    const EVEN: Self = Self([25.0; FACTORS]);

    /// Reads `40,20,20,20`; all alike if nothing was said.
    pub(super) fn of(text: Option<&str>) -> Result<Self, ReportError> {
        let Some(text) = text else { return Ok(Self::EVEN) };
        Self::parse(text).ok_or_else(|| ReportError::Asked {
            field: "factor_weights",
            value: text.to_owned(),
            remedy: "give each of the four factors a per cent, 100 together: 25,25,25,25".to_owned(),
        })
    }

    fn parse(text: &str) -> Option<Self> {
        let weight =
            |part: &str| part.trim().parse::<f64>().ok().filter(|weight| (0.0..=WHOLE).contains(weight));
        let weights: Vec<f64> = text.split(',').map(weight).collect::<Option<_>>()?;
        let weights: [f64; FACTORS] = weights.try_into().ok()?;
        ((weights.iter().sum::<f64>() - WHOLE).abs() < ROUNDING).then_some(Self(weights))
    }

    /// The weight of a factor, as a share of 1.
    pub(super) fn share(&self, factor: usize) -> f64 {
        self.0.get(factor).map_or(0.0, |weight| weight / WHOLE)
    }

    /// The weighted mean of the factors; none where one that counts is not told. The errors of the first three add up, as if
    /// the same members' answers to them always moved together: the interval is rather too wide. The fourth is of other
    /// numbers.
    pub(super) fn composite(&self, scores: &[Option<Estimate>; FACTORS]) -> Option<Estimate> {
        let (mut value, mut answered, mut measured) = (0.0, 0.0, 0.0);
        for (factor, score) in scores.iter().enumerate() {
            let share = self.share(factor);
            if share > 0.0 {
                let score = (*score)?;
                value += share * score.value;
                *(if factor + 1 < FACTORS { &mut answered } else { &mut measured }) +=
                    share * score.standard_error;
            }
        }
        Some(Estimate::normal(value, f64::hypot(answered, measured)))
    }
}

#[cfg(test)]
mod tests {
    use stats::interval::Estimate;

    use super::Weights;

    #[test]
    fn weights_are_four_and_100_together() {
        assert_eq!(Weights::of(None).expect("even"), Weights([25.0; 4]));
        assert_eq!(Weights::of(Some("40, 20,20,20")).expect("fine"), Weights([40.0, 20.0, 20.0, 20.0]));
        assert_eq!(Weights::of(Some("33.4,33.3,33.3,0")).expect("fine"), Weights([33.4, 33.3, 33.3, 0.0]));
        for text in
            ["", "25", "25,25,25", "25,25,25,25,0", "50,50,50,-50", "25,25,25,24", "a,b,c,d", "NaN,0,0,100"]
        {
            let refused = Weights::of(Some(text)).expect_err(text).to_string();
            assert!(refused.contains("factor_weights") && refused.contains("100 together"), "{refused}");
        }
    }

    #[test]
    fn together_they_are_the_weighted_mean_with_errors_that_are_not_too_small() {
        let score = |value, error| Some(Estimate::normal(value, error));
        let scores = [score(80.0, 1.0), score(60.0, 1.0), score(40.0, 1.0), score(50.0, 4.0)];
        let even = Weights::of(None).expect("even").composite(&scores).expect("all are told");
        assert!((even.value - 57.5).abs() < 1e-12, "{even:?}");
        // 0.75 of the answers together, and 1.0 beside it.
        assert!((even.standard_error - 1.25).abs() < 1e-12, "{even:?}");
        let first = [scores[0], None, None, None];
        assert_eq!(Weights::of(None).expect("even").composite(&first), None);
        let only_first = Weights::of(Some("100,0,0,0")).expect("fine").composite(&first).expect("it is told");
        assert!((only_first.value - 80.0).abs() < 1e-12);
    }
}
