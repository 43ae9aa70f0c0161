//! An estimate with its standard error, and the interval around it.

use crate::unfit::{Unfit, in_range, open_share};
use crate::{normal, student};

/// A range that covers the true value with a stated confidence.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

impl Interval {
    /// The range `margin` to either side of a value.
    pub fn around(value: f64, margin: f64) -> Self {
        Self { low: value - margin, high: value + margin }
    }

    /// Whether the value lies inside, ends included.
    pub fn covers(&self, value: f64) -> bool {
        self.low <= value && value <= self.high
    }

    /// Distance between the ends.
    pub fn width(&self) -> f64 {
        self.high - self.low
    }
}

/// A number computed from a sample, with how far chance moves it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// The estimate itself, in the unit of the data.
    pub value: f64,
    /// Standard error, in the same unit.
    pub standard_error: f64,
    /// Degrees of freedom of the standard error; infinite where the normal distribution is meant.
    pub degrees: f64,
}

impl Estimate {
    /// An estimate whose error is taken as normal.
    pub fn normal(value: f64, standard_error: f64) -> Self {
        Self { value, standard_error, degrees: f64::INFINITY }
    }

    /// The interval `value ± q · standard error`, q from Student's distribution with the estimate's degrees of
    /// freedom, from the normal one where they are infinite. Confidence strictly between 0 and 1.
    pub fn interval(&self, confidence: f64) -> Result<Interval, Unfit> {
        let tail = 1.0 - (1.0 - open_share("confidence", confidence)?) / 2.0;
        let quantile = if self.degrees.is_infinite() {
            normal::quantile(tail)
        } else {
            let at_least_one = |degrees: f64| degrees >= 1.0;
            student::quantile(
                tail,
                in_range("degrees of freedom", self.degrees, "of at least 1", at_least_one)?,
            )
        };
        Ok(Interval::around(self.value, quantile * self.standard_error))
    }
}

/// The two-sided normal quantile of a confidence: 1.96 for 0.95.
pub(crate) fn two_sided(confidence: f64) -> Result<f64, Unfit> {
    Ok(normal::quantile(1.0 - (1.0 - open_share("confidence", confidence)?) / 2.0))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::{Estimate, Interval};

    #[test]
    fn the_interval_is_the_quantile_times_the_error() {
        let normal = Estimate::normal(10.0, 2.0).interval(0.95).expect("a confidence");
        assert!((normal.low - 6.080_072).abs() < 1e-6 && (normal.high - 13.919_928).abs() < 1e-6);
        assert!(normal.covers(10.0) && !normal.covers(14.0));
        // Student's 97.5 % point of 10 degrees is 2.228139 (tables).
        let student = Estimate { degrees: 10.0, ..Estimate::normal(0.0, 1.0) }.interval(0.95).expect("fits");
        assert!((student.width() / 2.0 - 2.228_139).abs() < 1e-5);
        assert_eq!(Interval::around(1.0, 0.5), Interval { low: 0.5, high: 1.5 });
    }

    #[test]
    fn a_confidence_in_per_cent_is_refused() {
        assert!(Estimate::normal(0.0, 1.0).interval(95.0).is_err());
        assert!(Estimate { degrees: 0.2, ..Estimate::normal(0.0, 1.0) }.interval(0.9).is_err());
    }
}
