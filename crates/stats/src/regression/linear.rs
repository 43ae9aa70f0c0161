//! Least squares with the usual errors or with errors that hold when the spread differs from row to row.
//! Normal equations; robust errors HC1 of `MacKinnon` and White (1985), Journal of Econometrics 29(3).

use crate::real::real;
use crate::regression::cholesky::Cholesky;
use crate::regression::{Coefficients, accumulate};
use crate::rows::Rows;
use crate::unfit::{Unfit, at_least, finite, in_range, length};

/// A fitted plane.
#[derive(Debug, Clone, PartialEq)]
pub struct Linear {
    /// Coefficients with their errors.
    pub coefficients: Coefficients,
    /// Share of the outcome's variance that the plane explains.
    pub explained: f64,
    /// Standard deviation of what it does not.
    pub residual_deviation: f64,
}

impl Linear {
    /// Fits `outcomes` on the rows. `ridge` is added to the square of every column but the constant's; 0 for plain
    /// least squares. More rows than coefficients.
    pub fn fit(rows: &Rows<'_>, outcomes: &[f64], ridge: f64) -> Result<Self, Unfit> {
        length("the list of outcomes", outcomes.len(), rows.len())?;
        at_least("the table of predictors", rows.len(), rows.columns() + 2)?;
        finite("an outcome", outcomes)?;
        in_range("the ridge", ridge, "of at least 0", |ridge| ridge >= 0.0)?;
        let size = rows.columns() + 1;
        let (mut matrix, mut vector) = (vec![0.0; size * size], vec![0.0; size]);
        for (row, outcome) in rows.iter().zip(outcomes) {
            accumulate(&mut matrix, &mut vector, row, 1.0, *outcome);
        }
        (1..size).for_each(|column| matrix[column * size + column] += ridge);
        let solver = Cholesky::new(matrix, size)?;
        let degrees = real(rows.len() - size);
        let mut coefficients =
            Coefficients { values: solver.solve(vector), standard_errors: Vec::new(), degrees };
        let mean = outcomes.iter().sum::<f64>() / real(outcomes.len());
        let total: f64 = outcomes.iter().map(|outcome| (outcome - mean).powi(2)).sum();
        let residual: f64 = rows
            .iter()
            .zip(outcomes)
            .map(|(row, outcome)| (outcome - coefficients.linear(row)).powi(2))
            .sum();
        let variance = residual / degrees;
        coefficients.standard_errors =
            solver.inverse_diagonal().into_iter().map(|diagonal| (variance * diagonal).sqrt()).collect();
        let explained = if total > 0.0 { 1.0 - residual / total } else { 0.0 };
        Ok(Self { coefficients, explained, residual_deviation: variance.sqrt() })
    }

    /// The same coefficients with robust (HC1) errors, from the rows and outcomes they were fitted on.
    pub fn robust(&self, rows: &Rows<'_>, outcomes: &[f64]) -> Result<Coefficients, Unfit> {
        length("the list of outcomes", outcomes.len(), rows.len())?;
        let size = rows.columns() + 1;
        let (mut bread, mut meat) = (vec![0.0; size * size], vec![0.0; size * size]);
        let mut unused = vec![0.0; size];
        for (row, outcome) in rows.iter().zip(outcomes) {
            let residual = outcome - self.predict(row);
            accumulate(&mut bread, &mut unused, row, 1.0, 0.0);
            accumulate(&mut meat, &mut unused, row, residual * residual, 0.0);
        }
        let solver = Cholesky::new(bread, size)?;
        let scale = real(rows.len()) / self.coefficients.degrees;
        let standard_errors = (0..size)
            .map(|column| {
                let mut unit = vec![0.0; size];
                unit[column] = 1.0;
                let weights = solver.solve(unit);
                let at = |i: usize, j: usize| meat[i.max(j) * size + i.min(j)];
                let variance: f64 = (0..size)
                    .map(|i| (0..size).map(|j| weights[i] * at(i, j) * weights[j]).sum::<f64>())
                    .sum();
                (variance * scale).sqrt()
            })
            .collect();
        Ok(Coefficients { standard_errors, ..self.coefficients.clone() })
    }

    /// The expected outcome of a row.
    pub fn predict(&self, row: &[f64]) -> f64 {
        self.coefficients.linear(row)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::Linear;
    use crate::random::Random;
    use crate::rows::Rows;

    /// Longley's data: implicit deflator, GNP, unemployed, armed forces, population, year; employment.
    /// J. W. Longley (1967), JASA 62(319).
    const LONGLEY: [[f64; 7]; 16] = [
        [83.0, 234_289.0, 2_356.0, 1_590.0, 107_608.0, 1_947.0, 60_323.0],
        [88.5, 259_426.0, 2_325.0, 1_456.0, 108_632.0, 1_948.0, 61_122.0],
        [88.2, 258_054.0, 3_682.0, 1_616.0, 109_773.0, 1_949.0, 60_171.0],
        [89.5, 284_599.0, 3_351.0, 1_650.0, 110_929.0, 1_950.0, 61_187.0],
        [96.2, 328_975.0, 2_099.0, 3_099.0, 112_075.0, 1_951.0, 63_221.0],
        [98.1, 346_999.0, 1_932.0, 3_594.0, 113_270.0, 1_952.0, 63_639.0],
        [99.0, 365_385.0, 1_870.0, 3_547.0, 115_094.0, 1_953.0, 64_989.0],
        [100.0, 363_112.0, 3_578.0, 3_350.0, 116_219.0, 1_954.0, 63_761.0],
        [101.2, 397_469.0, 2_904.0, 3_048.0, 117_388.0, 1_955.0, 66_019.0],
        [104.6, 419_180.0, 2_822.0, 2_857.0, 118_734.0, 1_956.0, 67_857.0],
        [108.4, 442_769.0, 2_936.0, 2_798.0, 120_445.0, 1_957.0, 68_169.0],
        [110.8, 444_546.0, 4_681.0, 2_637.0, 121_950.0, 1_958.0, 66_513.0],
        [112.6, 482_704.0, 3_813.0, 2_552.0, 123_366.0, 1_959.0, 68_655.0],
        [114.2, 502_601.0, 3_931.0, 2_514.0, 125_368.0, 1_960.0, 69_564.0],
        [115.7, 518_173.0, 4_806.0, 2_572.0, 127_852.0, 1_961.0, 69_331.0],
        [116.9, 554_894.0, 4_007.0, 2_827.0, 130_081.0, 1_962.0, 70_551.0],
    ];

    #[test]
    fn longleys_coefficients_are_those_certified() {
        // NIST StRD, Longley: certified values. The columns are nearly collinear, so they are taken from their means
        // (which changes the constant alone) and the rest compared to six digits.
        let mean = |column: usize| LONGLEY.iter().map(|row| row[column]).sum::<f64>() / 16.0;
        let means: Vec<f64> = (0..6).map(mean).collect();
        let values: Vec<f64> = LONGLEY
            .iter()
            .flat_map(|row| {
                row[..6].iter().zip(&means).map(|(value, mean)| value - mean).collect::<Vec<f64>>()
            })
            .collect();
        let outcomes: Vec<f64> = LONGLEY.iter().map(|row| row[6]).collect();
        let fit = Linear::fit(&Rows::new(&values, 6).expect("rows"), &outcomes, 0.0).expect("a fit");
        let certified = [
            (15.061_872_271_373_3, 84.914_925_774_766_9),
            (-0.358_191_792_925_910e-1, 0.334_910_077_722_432e-1),
            (-2.020_229_803_816_83, 0.488_399_681_651_699),
            (-1.033_226_867_173_59, 0.214_274_163_161_675),
            (-0.511_041_056_535_807e-1, 0.226_073_200_069_370),
            (1_829.151_464_613_55, 455.478_499_142_212),
        ];
        for (column, (value, error)) in certified.into_iter().enumerate() {
            let found = fit.coefficients.estimate(column + 1).expect("a column");
            assert!((found.value / value - 1.0).abs() < 1e-6, "{column}: {}", found.value);
            assert!((found.standard_error / error - 1.0).abs() < 1e-6, "{column}: {}", found.standard_error);
        }
        assert!((fit.explained - 0.995_479_004_577_296).abs() < 1e-9, "{}", fit.explained);
        assert!((fit.residual_deviation / 304.854_073_561_965 - 1.0).abs() < 1e-6);
    }

    #[test]
    fn robust_errors_cover_where_the_spread_depends_on_the_row() {
        let (mut random, rounds) = (Random::new(151), 1_000_u32);
        let (mut robust_covers, mut usual_covers) = (0_u32, 0_u32);
        for _ in 0..rounds {
            let values: Vec<f64> = (0..200).map(|_| random.normal()).collect();
            let outcomes: Vec<f64> =
                values.iter().map(|x| 1.0 + 2.0 * x + x.abs() * random.normal()).collect();
            let rows = Rows::new(&values, 1).expect("rows");
            let fit = Linear::fit(&rows, &outcomes, 0.0).expect("a fit");
            let covers = |estimate: Option<crate::interval::Estimate>| {
                u32::from(estimate.expect("a column").interval(0.95).expect("fits").covers(2.0))
            };
            usual_covers += covers(fit.coefficients.estimate(1));
            robust_covers += covers(fit.robust(&rows, &outcomes).expect("fits").estimate(1));
        }
        // HC1 falls short of its level a little at 200 rows; the usual error is too small by √3.
        assert!(f64::from(robust_covers) / f64::from(rounds) > 0.91, "{robust_covers}");
        assert!(f64::from(usual_covers) / f64::from(rounds) < 0.80, "{usual_covers}");
    }

    #[test]
    fn a_column_twice_is_refused_unless_there_is_a_ridge() {
        let values = [1.0, 1.0, 2.0, 2.0, 3.0, 3.0, 5.0, 5.0];
        let rows = Rows::new(&values, 2).expect("rows");
        let outcomes = [1.0, 2.0, 3.0, 5.0];
        assert_eq!(
            Linear::fit(&rows, &outcomes, 0.0).expect_err("collinear").to_string(),
            "column 2 follows from the others: leave it out or add a ridge above 0"
        );
        let fit = Linear::fit(&rows, &outcomes, 0.01).expect("a fit");
        assert!((fit.coefficients.values[1] - fit.coefficients.values[2]).abs() < 1e-9);
        assert!(Linear::fit(&rows, &outcomes[..3], 0.0).is_err());
        assert!(Rows::new(&values, 3).is_err());
    }
}
