//! The directions in which the rows of a table differ most, so that many columns can be drawn in two.
//! Principal components: Pearson (1901), Philosophical Magazine 2(11); Hotelling (1933), Journal of Educational
//! Psychology 24, who also gives the power method with deflation used here.

use crate::real::real;
use crate::rows::Rows;
use crate::unfit::{Unfit, at_least};

/// Rounds of the power method for an axis: two axes of almost equal spread are hard to tell apart, and need not be.
const ROUNDS_MAX: usize = 1_000;
/// When an axis has settled: the largest change of a part of the unit vector.
const CHANGE_MAX: f64 = 1e-10;

/// Rows seen along their principal axes.
#[derive(Debug, Clone, PartialEq)]
pub struct PrincipalAxes {
    /// Unit vectors, the one of most spread first; the part of largest size is positive.
    pub axes: Vec<Vec<f64>>,
    /// Share of the whole variance along each.
    pub shares: Vec<f64>,
    /// Where each row lies on each axis, from the mean of all rows, in the unit of the table.
    pub coordinates: Vec<Vec<f64>>,
}

impl PrincipalAxes {
    /// Finds so many axes, at most as many as there are columns; at least two rows.
    pub fn of(rows: &Rows<'_>, count: usize) -> Result<Self, Unfit> {
        at_least("the table", rows.len(), 2)?;
        let mean: Vec<f64> = (0..rows.columns())
            .map(|column| rows.iter().map(|row| row[column]).sum::<f64>() / real(rows.len()))
            .collect();
        let mut left = covariance(rows, &mean);
        let whole: f64 = (0..left.len()).map(|column| left[column][column]).sum();
        let mut found = Self { axes: Vec::new(), shares: Vec::new(), coordinates: Vec::new() };
        for _ in 0..count.min(rows.columns()) {
            let (axis, variance) = strongest(&left);
            for (row, part) in left.iter_mut().zip(&axis) {
                row.iter_mut().zip(&axis).for_each(|(cell, other)| *cell -= variance * part * other);
            }
            found.shares.push(if whole > 0.0 { variance / whole } else { 0.0 });
            found.axes.push(axis);
        }
        let along = |row: &[f64], axis: &[f64]| {
            row.iter().zip(&mean).zip(axis).map(|((value, mean), part)| (value - mean) * part).sum::<f64>()
        };
        found.coordinates =
            rows.iter().map(|row| found.axes.iter().map(|axis| along(row, axis)).collect()).collect();
        Ok(found)
    }
}

fn covariance(rows: &Rows<'_>, mean: &[f64]) -> Vec<Vec<f64>> {
    let mut sums = vec![vec![0.0; mean.len()]; mean.len()];
    for row in rows.iter() {
        let from_mean: Vec<f64> = row.iter().zip(mean).map(|(value, mean)| value - mean).collect();
        for (line, left) in sums.iter_mut().zip(&from_mean) {
            line.iter_mut().zip(&from_mean).for_each(|(sum, right)| *sum += left * right);
        }
    }
    let divisor = real(rows.len() - 1);
    sums.iter_mut().flatten().for_each(|sum| *sum /= divisor);
    sums
}

/// The axis of most variance of a covariance table, and that variance. Where nothing varies, the first column's.
fn strongest(covariance: &[Vec<f64>]) -> (Vec<f64>, f64) {
    // The column with the largest variance is never at right angles to the axis in any way that lasts.
    let start = (0..covariance.len())
        .max_by(|a, b| covariance[*a][*a].total_cmp(&covariance[*b][*b]).then(b.cmp(a)))
        .unwrap_or(0);
    let mut axis: Vec<f64> =
        (0..covariance.len()).map(|part| if part == start { 1.0 } else { 0.0 }).collect();
    let mut variance = 0.0;
    for _ in 0..ROUNDS_MAX {
        let turned: Vec<f64> = covariance
            .iter()
            .map(|row| row.iter().zip(&axis).map(|(cell, part)| cell * part).sum())
            .collect();
        variance = turned.iter().map(|part| part * part).sum::<f64>().sqrt();
        if variance <= f64::EPSILON {
            return (axis, 0.0);
        }
        let next: Vec<f64> = turned.iter().map(|part| part / variance).collect();
        let change = next.iter().zip(&axis).map(|(new, old)| (new - old).abs()).fold(0.0, f64::max);
        axis = next;
        if change < CHANGE_MAX {
            break;
        }
    }
    let largest =
        axis.iter().copied().fold(0.0, |most: f64, part| if part.abs() > most.abs() { part } else { most });
    if largest < 0.0 {
        for part in &mut axis {
            *part = -*part;
        }
    }
    (axis, variance)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::PrincipalAxes;
    use crate::rows::Rows;

    #[test]
    fn points_on_a_line_have_one_axis() {
        // (1, 2), (2, 4), (3, 6): all variance along (1, 2)/√5; the outer points lie √5 from the middle.
        let values = [1.0, 2.0, 2.0, 4.0, 3.0, 6.0];
        let found = PrincipalAxes::of(&Rows::new(&values, 2).expect("rows"), 2).expect("axes");
        let root = 5.0_f64.sqrt();
        assert!((found.axes[0][0] - 1.0 / root).abs() < 1e-9 && (found.axes[0][1] - 2.0 / root).abs() < 1e-9);
        assert!((found.shares[0] - 1.0).abs() < 1e-9 && found.shares[1].abs() < 1e-9);
        assert!((found.coordinates[0][0] + root).abs() < 1e-9 && found.coordinates[1][0].abs() < 1e-9);
    }

    #[test]
    fn the_axes_of_a_cross_are_its_arms() {
        // Variances 6 and 2/3 along the columns, no covariance: shares 0.9 and 0.1.
        let values = [3.0, 0.0, -3.0, 0.0, 0.0, 1.0, 0.0, -1.0];
        let found = PrincipalAxes::of(&Rows::new(&values, 2).expect("rows"), 5).expect("axes");
        assert_eq!(found.axes.len(), 2);
        assert!((found.shares[0] - 0.9).abs() < 1e-9 && (found.shares[1] - 0.1).abs() < 1e-9, "{found:?}");
        assert!((found.coordinates[2][1] - 1.0).abs() < 1e-9);
        assert!(PrincipalAxes::of(&Rows::new(&[1.0], 1).expect("rows"), 1).is_err());
    }

    #[test]
    fn what_does_not_vary_has_no_spread() {
        let found = PrincipalAxes::of(&Rows::new(&[1.0; 6], 2).expect("rows"), 2).expect("axes");
        assert_eq!(found.shares, [0.0, 0.0]);
    }
}
