//! Logistic regression by iteratively reweighted least squares, with an optional ridge.
//! `McCullagh` and Nelder (1989), Generalized Linear Models, 2.5; the ridge of le Cessie and van Houwelingen (1992),
//! Applied Statistics 41(1).

use crate::regression::cholesky::Cholesky;
use crate::regression::{Coefficients, accumulate};
use crate::rows::Rows;
use crate::unfit::{Unfit, at_least, in_range, length};

/// Rounds after which the outcome is taken to be separable, so that no finite coefficients fit best.
const ROUNDS_MAX: usize = 50;

/// A fitted chance.
#[derive(Debug, Clone, PartialEq)]
pub struct Logistic {
    /// Coefficients of the log odds with their errors, which hold in the limit of many rows.
    pub coefficients: Coefficients,
    /// Log-likelihood at the fit, without the ridge.
    pub log_likelihood: f64,
}

impl Logistic {
    /// Fits whether something happened on the rows. `ridge/2 · Σ coefficient²` is taken from the log-likelihood, the
    /// constant left free; 0 for none.
    pub fn fit(rows: &Rows<'_>, happened: &[bool], ridge: f64) -> Result<Self, Unfit> {
        length("the list of outcomes", happened.len(), rows.len())?;
        at_least("the table of predictors", rows.len(), rows.columns() + 2)?;
        in_range("the ridge", ridge, "of at least 0", |ridge| ridge >= 0.0)?;
        if happened.iter().all(|yes| *yes == happened[0]) {
            return Err(Unfit::Constant { what: "the outcome" });
        }
        let size = rows.columns() + 1;
        let mut fit = Self {
            coefficients: Coefficients {
                values: vec![0.0; size],
                standard_errors: Vec::new(),
                degrees: f64::INFINITY,
            },
            log_likelihood: f64::NEG_INFINITY,
        };
        let mut objective = fit.objective(rows, happened, ridge);
        for _ in 0..ROUNDS_MAX {
            let (solver, gradient) = fit.quadratic(rows, happened, ridge)?;
            let step = solver.solve(gradient);
            let gain = fit.advance(&step, objective, |fit| fit.objective(rows, happened, ridge));
            objective += gain;
            if gain < 1e-10 * (1.0 + objective.abs()) {
                let (solver, _) = fit.quadratic(rows, happened, ridge)?;
                fit.coefficients.standard_errors =
                    solver.inverse_diagonal().into_iter().map(f64::sqrt).collect();
                fit.log_likelihood = fit.objective(rows, happened, 0.0);
                // A likelihood of 1 is what coefficients on their way to infinity give.
                if fit.log_likelihood > -1e-6 {
                    break;
                }
                return Ok(fit);
            }
        }
        let remedy = "a predictor separates the outcomes; add a ridge above 0";
        Err(Unfit::Unsettled { what: "logistic regression", rounds: ROUNDS_MAX, remedy })
    }

    /// The chance of a row.
    pub fn predict(&self, row: &[f64]) -> f64 {
        1.0 / (1.0 + libm::exp(-self.coefficients.linear(row)))
    }

    /// Log-likelihood less the ridge.
    fn objective(&self, rows: &Rows<'_>, happened: &[bool], ridge: f64) -> f64 {
        let likelihood: f64 = rows
            .iter()
            .zip(happened)
            .map(|(row, yes)| {
                let odds = self.coefficients.linear(row);
                let signed = if *yes { odds } else { -odds };
                // ln(1/(1 + e^-x)) without overflow on either side.
                if signed > 0.0 {
                    -libm::log1p(libm::exp(-signed))
                } else {
                    signed - libm::log1p(libm::exp(signed))
                }
            })
            .sum();
        likelihood
            - ridge / 2.0 * self.coefficients.values[1..].iter().map(|value| value * value).sum::<f64>()
    }

    /// The negative Hessian, decomposed, and the gradient.
    fn quadratic(
        &self,
        rows: &Rows<'_>,
        happened: &[bool],
        ridge: f64,
    ) -> Result<(Cholesky, Vec<f64>), Unfit> {
        let size = rows.columns() + 1;
        let (mut matrix, mut gradient) = (vec![0.0; size * size], vec![0.0; size]);
        for (row, yes) in rows.iter().zip(happened) {
            let chance = self.predict(row);
            // A chance that rounds to 0 or 1 still has some weight.
            let weight = (chance * (1.0 - chance)).max(1e-12);
            accumulate(
                &mut matrix,
                &mut gradient,
                row,
                weight,
                (f64::from(u8::from(*yes)) - chance) / weight,
            );
        }
        for column in 1..size {
            matrix[column * size + column] += ridge;
            gradient[column] -= ridge * self.coefficients.values[column];
        }
        Ok((Cholesky::new(matrix, size)?, gradient))
    }

    /// Goes along the step, or half of it and so on, to where the objective is higher; returns by how much.
    fn advance(&mut self, step: &[f64], objective: f64, value: impl Fn(&Self) -> f64) -> f64 {
        let start = self.coefficients.values.clone();
        let mut scale = 1.0;
        for _ in 0..30 {
            let moved = start.iter().zip(step).map(|(from, step)| from + scale * step).collect();
            self.coefficients.values = moved;
            let gain = value(self) - objective;
            if gain >= 0.0 {
                return gain;
            }
            scale /= 2.0;
        }
        self.coefficients.values = start;
        0.0
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::Logistic;
    use crate::random::Random;
    use crate::rows::Rows;

    #[test]
    fn one_binary_predictor_gives_the_log_odds_of_the_table() {
        // 30 of 40 without, 10 of 40 with: constant ln 3, coefficient −2 ln 3; variance of the coefficient is the sum
        // of the reciprocals of the four counts, 1/30 + 1/10 + 1/10 + 1/30.
        let (mut values, mut happened) = (Vec::new(), Vec::new());
        for (value, yes, count) in [(0.0, true, 30), (0.0, false, 10), (1.0, true, 10), (1.0, false, 30)] {
            for _ in 0..count {
                values.push(value);
                happened.push(yes);
            }
        }
        let fit = Logistic::fit(&Rows::new(&values, 1).expect("rows"), &happened, 0.0).expect("a fit");
        let found = &fit.coefficients;
        assert!((found.values[0] - 3.0_f64.ln()).abs() < 1e-6, "{found:?}");
        assert!((found.values[1] + 2.0 * 3.0_f64.ln()).abs() < 1e-6, "{found:?}");
        assert!((found.standard_errors[1] - (8.0_f64 / 30.0).sqrt()).abs() < 1e-6, "{found:?}");
        assert!((fit.log_likelihood - 2.0 * (30.0 * 0.75_f64.ln() + 10.0 * 0.25_f64.ln())).abs() < 1e-8);
        assert!((fit.predict(&[1.0]) - 0.25).abs() < 1e-7);
    }

    #[test]
    fn planted_coefficients_are_covered_as_often_as_stated() {
        let (mut random, rounds, truth) = (Random::new(161), 400_u32, [-1.0, 0.8, -0.5]);
        let mut covered = 0_u32;
        for _ in 0..rounds {
            let values: Vec<f64> = (0..1_200).map(|_| random.normal()).collect();
            let rows = Rows::new(&values, 2).expect("rows");
            let happened: Vec<bool> = rows
                .iter()
                .map(|row| {
                    let odds = truth[0] + truth[1] * row[0] + truth[2] * row[1];
                    random.chance(1.0 / (1.0 + (-odds).exp()))
                })
                .collect();
            let fit = Logistic::fit(&rows, &happened, 0.0).expect("a fit");
            let interval = fit.coefficients.estimate(2).expect("a column").interval(0.95).expect("fits");
            covered += u32::from(interval.covers(truth[2]));
        }
        // Four standard errors of 0.95 in 400 rounds are 0.044.
        assert!((f64::from(covered) / f64::from(rounds) - 0.95).abs() < 0.044, "{covered}");
    }

    #[test]
    fn separable_outcomes_need_a_ridge() {
        let values = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
        let (rows, happened) =
            (Rows::new(&values, 1).expect("rows"), [false, false, false, true, true, true]);
        let fit = Logistic::fit(&rows, &happened, 0.1).expect("a fit");
        assert!(fit.predict(&[6.0]) > 0.8 && fit.predict(&[1.0]) < 0.2);
        let refusal = Logistic::fit(&rows, &happened, 0.0).expect_err("separable").to_string();
        assert!(refusal.ends_with("a predictor separates the outcomes; add a ridge above 0"), "{refusal}");
        assert!(Logistic::fit(&rows, &[true; 6], 0.0).is_err());
    }
}
