//! What a triangle of cumulative amounts by origin and age will come to: the chain ladder with its standard errors.
//! Mack (1993), ASTIN Bulletin 23(2): errors by his theorem 3 and its corollary.

use crate::interval::Interval;
use crate::interval::two_sided;
use crate::unfit::{Unfit, at_least, finite, in_range};

/// A run-off triangle: `rows[i][k]` is what origin `i` had come to by the end of its age `k`. The first origin is
/// known to the last age; each later one to the same age or less.
#[derive(Debug, Clone, PartialEq)]
pub struct Triangle {
    rows: Vec<Vec<f64>>,
}

/// What the chain ladder makes of a triangle.
#[derive(Debug, Clone, PartialEq)]
pub struct Projection {
    /// Development factor from each age to the next.
    pub factors: Vec<f64>,
    /// What each origin will come to, oldest first.
    pub ultimates: Vec<Ultimate>,
    /// All origins together.
    pub total: Ultimate,
}

/// An expected final amount.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ultimate {
    /// Known so far.
    pub known: f64,
    /// Expected in the end.
    pub expected: f64,
    /// Standard error of the expected amount, process and estimation together. `None` where the triangle is too small
    /// to say: it takes two factors from two origins each.
    pub standard_error: Option<f64>,
}

impl Ultimate {
    /// What is still to come.
    pub fn outstanding(&self) -> f64 {
        self.expected - self.known
    }

    /// The log-normal interval of Mack's section 3 around the expected amount: what is still to come cannot turn
    /// negative. `None` without a standard error; a single point where nothing is outstanding.
    pub fn interval(&self, confidence: f64) -> Result<Option<Interval>, Unfit> {
        let z = two_sided(confidence)?;
        let Some(error) = self.standard_error else { return Ok(None) };
        let outstanding = self.outstanding();
        if outstanding <= 0.0 {
            return Ok(Some(Interval::around(self.expected, z * error)));
        }
        let variance = libm::log1p((error / outstanding).powi(2));
        let at = |z: f64| self.known + outstanding * libm::exp(z * variance.sqrt() - variance / 2.0);
        Ok(Some(Interval { low: at(-z), high: at(z) }))
    }
}

impl Triangle {
    /// Takes rows of cumulative amounts, oldest origin first. At least two origins, the first known to two ages or
    /// more, no origin known further than the one before; amounts finite and not negative, and each column that
    /// carries a factor above 0 in sum.
    pub fn new(rows: Vec<Vec<f64>>) -> Result<Self, Unfit> {
        at_least("the list of origins", rows.len(), 2)?;
        at_least("the first origin's list of ages", rows[0].len(), 2)?;
        for pair in rows.windows(2) {
            at_least("an origin's list of ages", pair[1].len(), 1)?;
            if pair[1].len() > pair[0].len() {
                let (found, needed) = (pair[1].len(), pair[0].len());
                return Err(Unfit::Length { what: "a later origin", found, needed });
            }
        }
        for row in &rows {
            finite("an amount", row)?;
            for &amount in row {
                in_range("an amount", amount, "of at least 0", |amount| amount >= 0.0)?;
            }
        }
        let triangle = Self { rows };
        for age in 0..triangle.ages() - 1 {
            let range = "above 0: drop ages at which nothing has happened yet";
            in_range("the sum of an age", triangle.sums(age).0, range, |sum| sum > 0.0)?;
        }
        Ok(triangle)
    }

    fn ages(&self) -> usize {
        self.rows[0].len()
    }

    /// Amounts at an age and at the next, of the origins known at both.
    fn steps(&self, age: usize) -> impl Iterator<Item = (f64, f64)> {
        self.rows.iter().filter_map(move |row| Some((row[age.min(row.len() - 1)], *row.get(age + 1)?)))
    }

    fn sums(&self, age: usize) -> (f64, f64) {
        self.steps(age).fold((0.0, 0.0), |(here, there), (now, next)| (here + now, there + next))
    }

    /// Projects every origin to the last age.
    pub fn project(&self) -> Projection {
        let factors: Vec<f64> = (0..self.ages() - 1)
            .map(|age| {
                let (here, there) = self.sums(age);
                there / here
            })
            .collect();
        let spreads = self.spreads(&factors);
        let expected: Vec<f64> =
            self.rows.iter().map(|row| last(row) * product(&factors[row.len() - 1..])).collect();
        let squares = spreads.as_ref().map(|spreads| self.squared_errors(&factors, spreads, &expected));
        let ultimates = (0..self.rows.len())
            .map(|origin| Ultimate {
                known: last(&self.rows[origin]),
                expected: expected[origin],
                standard_error: squares.as_ref().map(|squares| squares.0[origin].sqrt()),
            })
            .collect();
        let total = Ultimate {
            known: self.rows.iter().map(|row| last(row)).sum(),
            expected: expected.iter().sum(),
            standard_error: squares.as_ref().map(|squares| squares.1.sqrt()),
        };
        Projection { factors, ultimates, total }
    }

    /// Mack's σ² for each factor. The last factor of a full triangle rests on one origin and has none of its own: he
    /// extrapolates it as the least of `σ⁴₋₁/σ²₋₂`, `σ²₋₂` and `σ²₋₁`.
    fn spreads(&self, factors: &[f64]) -> Option<Vec<f64>> {
        let mut spreads: Vec<f64> = Vec::with_capacity(factors.len());
        for (age, factor) in factors.iter().enumerate() {
            let steps: Vec<(f64, f64)> = self.steps(age).filter(|(now, _)| *now > 0.0).collect();
            let spread = if let Some(freedom) = steps.len().checked_sub(1).filter(|freedom| *freedom > 0) {
                let squares: f64 = steps.iter().map(|(now, next)| now * (next / now - factor).powi(2)).sum();
                squares / crate::real::real(freedom)
            } else {
                match spreads[..] {
                    [] => return None,
                    [only] => only,
                    [.., earlier, later] if earlier > 0.0 => {
                        (later * later / earlier).min(earlier).min(later)
                    }
                    [..] => 0.0,
                }
            };
            spreads.push(spread);
        }
        Some(spreads)
    }

    /// Squared standard errors of each origin (theorem 3) and of their total (its corollary).
    fn squared_errors(&self, factors: &[f64], spreads: &[f64], expected: &[f64]) -> (Vec<f64>, f64) {
        let relative: Vec<f64> = (0..factors.len())
            .map(|age| if factors[age] > 0.0 { spreads[age] / (factors[age] * factors[age]) } else { 0.0 })
            .collect();
        let known_sums: Vec<f64> = (0..factors.len()).map(|age| self.sums(age).0).collect();
        let mut each = Vec::with_capacity(self.rows.len());
        let mut all = 0.0;
        for (origin, row) in self.rows.iter().enumerate() {
            let (mut process_and_factor, mut factor_alone) = (0.0, 0.0);
            let mut amount = last(row);
            for age in row.len() - 1..factors.len() {
                // An origin that has nothing yet is expected to stay at nothing, without error.
                if amount > 0.0 {
                    process_and_factor += relative[age] * (1.0 / amount + 1.0 / known_sums[age]);
                }
                factor_alone += relative[age] / known_sums[age];
                amount *= factors[age];
            }
            let square = expected[origin] * expected[origin] * process_and_factor;
            let younger: f64 = expected[origin + 1..].iter().sum();
            all += square + 2.0 * expected[origin] * younger * factor_alone;
            each.push(square);
        }
        (each, all)
    }
}

fn last(row: &[f64]) -> f64 {
    row.last().copied().unwrap_or(0.0)
}

fn product(factors: &[f64]) -> f64 {
    factors.iter().product()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests;
