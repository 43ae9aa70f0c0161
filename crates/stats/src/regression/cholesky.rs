//! Solves symmetric positive definite systems by Cholesky's decomposition (Golub and Van Loan 2013, algorithm 4.2.1).

use crate::unfit::Unfit;

/// The lower factor of a matrix.
pub(super) struct Cholesky {
    lower: Vec<f64>,
    size: usize,
}

impl Cholesky {
    /// Decomposes a matrix given by its lower triangle, row by row. Refuses one that is not positive definite, which
    /// for a table of predictors means that a column follows from those before it.
    pub(super) fn new(mut matrix: Vec<f64>, size: usize) -> Result<Self, Unfit> {
        for i in 0..size {
            let diagonal = matrix[i * size + i];
            for j in 0..=i {
                let before: f64 = (0..j).map(|k| matrix[i * size + k] * matrix[j * size + k]).sum();
                let left = matrix[i * size + j] - before;
                if i == j {
                    // What is left of a repeated column is rounding, relative to what it was.
                    if left.is_nan() || left <= diagonal * 1e-12 {
                        return Err(Unfit::Collinear { column: i });
                    }
                    matrix[i * size + i] = left.sqrt();
                } else {
                    matrix[i * size + j] = left / matrix[j * size + j];
                }
            }
        }
        Ok(Self { lower: matrix, size })
    }

    /// Solves for a right side.
    pub(super) fn solve(&self, mut vector: Vec<f64>) -> Vec<f64> {
        for i in 0..self.size {
            let before: f64 = (0..i).map(|k| self.at(i, k) * vector[k]).sum();
            vector[i] = (vector[i] - before) / self.at(i, i);
        }
        for i in (0..self.size).rev() {
            let after: f64 = (i + 1..self.size).map(|k| self.at(k, i) * vector[k]).sum();
            vector[i] = (vector[i] - after) / self.at(i, i);
        }
        vector
    }

    /// The diagonal of the inverse.
    pub(super) fn inverse_diagonal(&self) -> Vec<f64> {
        (0..self.size)
            .map(|column| {
                let mut unit = vec![0.0; self.size];
                unit[column] = 1.0;
                self.solve(unit)[column]
            })
            .collect()
    }

    fn at(&self, row: usize, column: usize) -> f64 {
        self.lower[row * self.size + column]
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::Cholesky;

    #[test]
    fn a_system_by_hand_is_solved() {
        // [[4, 2], [2, 3]] x = [10, 9] has x = [1.5, 2]; the inverse is [[3, −2], [−2, 4]]/8.
        let solver = Cholesky::new(vec![4.0, f64::NAN, 2.0, 3.0], 2).expect("positive definite");
        let found = solver.solve(vec![10.0, 9.0]);
        assert!((found[0] - 1.5).abs() < 1e-12 && (found[1] - 2.0).abs() < 1e-12, "{found:?}");
        let diagonal = solver.inverse_diagonal();
        assert!((diagonal[0] - 0.375).abs() < 1e-12 && (diagonal[1] - 0.5).abs() < 1e-12, "{diagonal:?}");
    }

    #[test]
    fn a_repeated_column_is_refused() {
        assert!(Cholesky::new(vec![1.0, 0.0, 2.0, 4.0], 2).is_err());
    }
}
