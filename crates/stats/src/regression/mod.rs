//! Regressions on a handful of columns: least squares for amounts, logistic for chances, both with the errors of their
//! coefficients and an optional ridge. Rows are dense, the constant is column 0 and added here.

mod cholesky;
pub mod linear;
pub mod logistic;

use crate::interval::Estimate;

/// Coefficients with what is needed for their errors.
#[derive(Debug, Clone, PartialEq)]
pub struct Coefficients {
    /// The constant first, then one per column.
    pub values: Vec<f64>,
    /// Standard errors in the same order.
    pub standard_errors: Vec<f64>,
    /// Degrees of freedom of the errors; infinite where they hold in the limit only.
    pub degrees: f64,
}

impl Coefficients {
    /// One coefficient with its error; column 0 is the constant.
    pub fn estimate(&self, column: usize) -> Option<Estimate> {
        let (value, standard_error) = (*self.values.get(column)?, *self.standard_errors.get(column)?);
        Some(Estimate { value, standard_error, degrees: self.degrees })
    }

    /// The constant plus the weighted sum of a row.
    pub fn linear(&self, row: &[f64]) -> f64 {
        self.values[0]
            + self.values[1..].iter().zip(row).map(|(coefficient, value)| coefficient * value).sum::<f64>()
    }
}

/// Adds `weight · (1, row)(1, row)ᵀ` to the lower triangle of a matrix, and `weight · target · (1, row)` to a vector.
fn accumulate(matrix: &mut [f64], vector: &mut [f64], row: &[f64], weight: f64, target: f64) {
    let size = row.len() + 1;
    let value = |index: usize| if index == 0 { 1.0 } else { row[index - 1] };
    for i in 0..size {
        let scaled = weight * value(i);
        vector[i] += scaled * target;
        for j in 0..=i {
            matrix[i * size + j] += scaled * value(j);
        }
    }
}
