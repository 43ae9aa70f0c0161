//! How much nearer cases are to their own group than to the next: Rousseeuw (1987), Journal of Computational and
//! Applied Mathematics 20, on a sample of rows, because the cost is the square of their number.

use crate::cluster::distance_squared;
use crate::random::Random;
use crate::real::real;
use crate::rows::Rows;
use crate::unfit::{Unfit, at_least, length};

/// The mean silhouette of up to `sample_max` rows drawn with the seed, each compared with the others drawn: from −1
/// (wrong group) over 0 (between groups) to 1. A row alone in its group counts 0. At least two groups in the sample.
pub fn silhouette(rows: &Rows<'_>, labels: &[usize], sample_max: usize, seed: u64) -> Result<f64, Unfit> {
    length("the list of labels", labels.len(), rows.len())?;
    at_least("the sample", rows.len().min(sample_max), 2)?;
    let sample = sample(rows.len(), sample_max, seed);
    let groups = labels.iter().max().map_or(0, |label| label + 1);
    let mut sizes = vec![0_usize; groups];
    for row in &sample {
        sizes[labels[*row]] += 1;
    }
    at_least("the list of groups in the sample", sizes.iter().filter(|size| **size > 0).count(), 2)?;
    let mut sums = vec![0.0; groups];
    let mut total = 0.0;
    for row in &sample {
        sums.fill(0.0);
        for other in &sample {
            sums[labels[*other]] += distance_squared(rows.row(*row), rows.row(*other)).sqrt();
        }
        total += of_row(labels[*row], &sums, &sizes);
    }
    Ok(total / real(sample.len()))
}

fn of_row(own: usize, sums: &[f64], sizes: &[usize]) -> f64 {
    if sizes[own] < 2 {
        return 0.0;
    }
    // The distance to itself is 0 and not counted.
    let within = sums[own] / real(sizes[own] - 1);
    let next = (0..sums.len())
        .filter(|group| *group != own && sizes[*group] > 0)
        .map(|group| sums[group] / real(sizes[group]))
        .fold(f64::INFINITY, f64::min);
    let larger = within.max(next);
    if larger > 0.0 { (next - within) / larger } else { 0.0 }
}

/// Distinct indices below `count`, at most `size_max`, in the order drawn (Fisher and Yates, stopped early).
pub(super) fn sample(count: usize, size_max: usize, seed: u64) -> Vec<usize> {
    let mut random = Random::new(seed);
    let mut indices: Vec<usize> = (0..count).collect();
    let size = count.min(size_max);
    for place in 0..size {
        let offset = usize::try_from(random.below((count - place) as u64)).unwrap_or(0);
        indices.swap(place, place + offset);
    }
    indices.truncate(size);
    indices
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::{sample, silhouette};
    use crate::cluster::k_means::KMeans;
    use crate::random::Random;
    use crate::rows::Rows;

    #[test]
    fn the_silhouette_matches_a_count_by_hand() {
        // 0, 1 | 10: of 0: (10 − 1)/10, of 1: (9 − 1)/9, of 10, alone: 0.
        let values = [0.0, 1.0, 10.0];
        let found = silhouette(&Rows::new(&values, 1).expect("rows"), &[0, 0, 1], 10, 1).expect("groups");
        assert!((found - (0.9 + 8.0 / 9.0) / 3.0).abs() < 1e-12, "{found}");
        assert!(silhouette(&Rows::new(&values, 1).expect("rows"), &[0, 0, 0], 10, 1).is_err());
    }

    #[test]
    fn it_is_highest_at_the_number_of_groups_that_was_planted() {
        let mut random = Random::new(201);
        let values: Vec<f64> = (0..900).map(|row| f64::from(row % 3) * 8.0 + random.normal()).collect();
        let rows = Rows::new(&values, 1).expect("rows");
        let of = |groups| {
            let labels = KMeans::usual(groups, 1).fit(&rows).expect("a fit").labels;
            silhouette(&rows, &labels, 300, 2).expect("groups")
        };
        assert!(of(3) > of(2) + 0.05 && of(3) > of(4) + 0.05, "{} {} {}", of(2), of(3), of(4));
    }

    #[test]
    fn a_sample_has_no_case_twice() {
        let mut drawn = sample(100, 60, 7);
        assert_eq!(drawn, sample(100, 60, 7));
        drawn.sort_unstable();
        drawn.dedup();
        assert_eq!(drawn.len(), 60);
        assert_eq!(sample(5, 60, 7).len(), 5);
    }
}
