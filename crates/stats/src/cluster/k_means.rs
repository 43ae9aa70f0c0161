//! k-means: Lloyd (1982), IEEE Trans. Information Theory 28(2), begun by k-means++ of Arthur and Vassilvitskii (2007),
//! SODA, and repeated from several beginnings. Columns should be on comparable scales.

use crate::cluster::distance_squared;
use crate::naive_bayes::shares_of_logs;
use crate::random::{Random, RandomKey};
use crate::real::real;
use crate::rows::Rows;
use crate::unfit::{Unfit, at_least};

/// Settings: the same ones give the same groups.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KMeans {
    /// Number of groups.
    pub groups: usize,
    /// How many beginnings to try; the tightest result is kept.
    pub restarts: usize,
    /// Most rounds from each.
    pub rounds_max: usize,
    /// Seed; beginning `i` uses stream `i`.
    pub seed: u64,
}

/// Groups around their means, the largest group first.
#[derive(Debug, Clone, PartialEq)]
pub struct Partition {
    /// The mean of each group.
    pub centres: Vec<Vec<f64>>,
    /// The group of each row.
    pub labels: Vec<usize>,
    /// Number of rows in each group.
    pub sizes: Vec<usize>,
    /// Sum of squared distances from rows to their centres.
    pub inertia: f64,
}

impl KMeans {
    /// The usual settings: ten beginnings, 300 rounds.
    pub fn usual(groups: usize, seed: u64) -> Self {
        Self { groups, restarts: 10, rounds_max: 300, seed }
    }

    /// Divides the rows; at least as many rows as groups.
    pub fn fit(&self, rows: &Rows<'_>) -> Result<Partition, Unfit> {
        at_least("the number of groups", self.groups, 1)?;
        at_least("the number of beginnings", self.restarts, 1)?;
        at_least("the table", rows.len(), self.groups)?;
        let key = RandomKey::new(self.seed);
        let mut best = self.run(rows, &mut key.stream(0));
        for restart in 1..self.restarts {
            let other = self.run(rows, &mut key.stream(restart as u64));
            if other.inertia < best.inertia {
                best = other;
            }
        }
        Ok(largest_first(&best))
    }

    fn run(&self, rows: &Rows<'_>, random: &mut Random) -> Partition {
        let mut partition = Partition {
            centres: plus_plus(rows, self.groups, random),
            labels: vec![usize::MAX; rows.len()],
            sizes: vec![0; self.groups],
            inertia: 0.0,
        };
        for _ in 0..self.rounds_max.max(1) {
            if !assign(rows, &mut partition) {
                break;
            }
            recentre(rows, &mut partition);
        }
        partition
    }
}

impl Partition {
    /// The group whose centre is nearest to a row.
    pub fn nearest(&self, row: &[f64]) -> usize {
        nearest(&self.centres, row).0
    }

    /// The chance of each group for a row, where the groups are spherical normal distributions of one variance, in
    /// proportion to their sizes: `π exp(−d²/2σ²)` over the sum of these, `σ²` being the mean squared distance to
    /// the centre in a column (Banfield and Raftery 1993, Biometrics 49(3), the model of equal spheres). Where no row
    /// is apart from its centre, the nearest group has all.
    pub fn chances(&self, row: &[f64]) -> Vec<f64> {
        let values = real(self.labels.len()) * real(self.centres.first().map_or(1, Vec::len));
        let variance = self.inertia / values;
        let nearest = nearest(&self.centres, row);
        let log = |(centre, size): (&Vec<f64>, &usize)| {
            let further = distance_squared(row, centre) - nearest.1;
            let ratio = if further > 0.0 { further / (2.0 * variance) } else { 0.0 };
            libm::log(real(*size)) - ratio
        };
        shares_of_logs(&self.centres.iter().zip(&self.sizes).map(log).collect::<Vec<_>>())
    }
}

/// Beginnings: a row at random, then rows in proportion to their squared distance from what was chosen before.
fn plus_plus(rows: &Rows<'_>, groups: usize, random: &mut Random) -> Vec<Vec<f64>> {
    let pick = |random: &mut Random| usize::try_from(random.below(rows.len() as u64)).unwrap_or(0);
    let mut centres = vec![rows.row(pick(random)).to_vec()];
    let mut distances: Vec<f64> = rows.iter().map(|row| distance_squared(row, &centres[0])).collect();
    while centres.len() < groups {
        let mut left = random.uniform() * distances.iter().sum::<f64>();
        // Where all rows lie on chosen centres, any row will do.
        let drawn = distances.iter().position(|distance| {
            left -= distance;
            left < 0.0
        });
        let centre = rows.row(drawn.unwrap_or_else(|| pick(random))).to_vec();
        for (distance, row) in distances.iter_mut().zip(rows.iter()) {
            *distance = distance.min(distance_squared(row, &centre));
        }
        centres.push(centre);
    }
    centres
}

/// Gives every row to its nearest centre; false if nothing changed.
fn assign(rows: &Rows<'_>, partition: &mut Partition) -> bool {
    let mut changed = false;
    partition.inertia = 0.0;
    partition.sizes.fill(0);
    for (row, label) in rows.iter().zip(&mut partition.labels) {
        let (group, distance) = nearest(&partition.centres, row);
        changed |= *label != group;
        *label = group;
        partition.inertia += distance;
        partition.sizes[group] += 1;
    }
    changed
}

/// Moves every centre to the mean of its rows; a group without rows begins again at the row furthest from its centre.
fn recentre(rows: &Rows<'_>, partition: &mut Partition) {
    let mut sums = vec![vec![0.0; rows.columns()]; partition.centres.len()];
    for (row, label) in rows.iter().zip(&partition.labels) {
        sums[*label].iter_mut().zip(row).for_each(|(sum, value)| *sum += value);
    }
    for (group, sum) in sums.into_iter().enumerate() {
        if partition.sizes[group] > 0 {
            let size = real(partition.sizes[group]);
            partition.centres[group] = sum.into_iter().map(|sum| sum / size).collect();
        }
    }
    for group in 0..partition.centres.len() {
        if partition.sizes[group] == 0 {
            let distance = |row: &[f64]| nearest(&partition.centres, row).1;
            let furthest = rows.iter().max_by(|left, right| distance(left).total_cmp(&distance(right)));
            partition.centres[group] = furthest.unwrap_or(&[]).to_vec();
        }
    }
}

fn nearest(centres: &[Vec<f64>], row: &[f64]) -> (usize, f64) {
    let mut best = (0, f64::INFINITY);
    for (group, centre) in centres.iter().enumerate() {
        let distance = distance_squared(row, centre);
        if distance < best.1 {
            best = (group, distance);
        }
    }
    best
}

/// Numbers the groups by size, ties by centre, so that the same groups have the same numbers from any beginning.
fn largest_first(partition: &Partition) -> Partition {
    let mut order: Vec<usize> = (0..partition.centres.len()).collect();
    order.sort_by(|left, right| {
        let by_size = partition.sizes[*right].cmp(&partition.sizes[*left]);
        by_size.then_with(|| {
            partition.centres[*left].iter().partial_cmp(&partition.centres[*right]).unwrap_or(by_size)
        })
    });
    let mut place = vec![0; order.len()];
    order.iter().enumerate().for_each(|(new, old)| place[*old] = new);
    Partition {
        centres: order.iter().map(|old| partition.centres[*old].clone()).collect(),
        labels: partition.labels.iter().map(|old| place[*old]).collect(),
        sizes: order.iter().map(|old| partition.sizes[*old]).collect(),
        inertia: partition.inertia,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use proptest::prelude::*;

    use super::KMeans;
    use crate::cluster::agreement::adjusted_rand;
    use crate::random::Random;
    use crate::rows::Rows;

    /// Four groups of different size around the corners of a square of side 10, spread 1.
    pub(in crate::cluster) fn corners(seed: u64) -> (Vec<f64>, Vec<usize>) {
        let mut random = Random::new(seed);
        let (mut values, mut truth) = (Vec::new(), Vec::new());
        for (group, (count, x, y)) in
            [(400, 0.0, 0.0), (300, 10.0, 0.0), (200, 0.0, 10.0), (100, 10.0, 10.0)].into_iter().enumerate()
        {
            for _ in 0..count {
                values.extend([x + random.normal(), y + random.normal()]);
                truth.push(group);
            }
        }
        (values, truth)
    }

    #[test]
    fn planted_groups_are_recovered_with_their_centres() {
        let (values, truth) = corners(171);
        let found = KMeans::usual(4, 1).fit(&Rows::new(&values, 2).expect("rows")).expect("a fit");
        assert!(adjusted_rand(&found.labels, &truth).expect("labels") > 0.999);
        assert_eq!(found.sizes, [400, 300, 200, 100]);
        assert!(
            found.centres[1].iter().zip([10.0, 0.0]).all(|(a, b)| (a - b).abs() < 0.2),
            "{:?}",
            found.centres
        );
        assert_eq!(found.nearest(&[9.0, 11.0]), 3);
    }

    #[test]
    fn chances_follow_distance_and_size() {
        // Two groups of two and one, 4 apart; inertia 2 of three values: variance 2/3.
        let values = [-1.0, 1.0, 4.0];
        let rows = Rows::new(&values, 1).expect("rows");
        let found = KMeans::usual(2, 1).fit(&rows).expect("a fit");
        assert_eq!(found.sizes, [2, 1]);
        // Midway the sizes decide.
        assert!((found.chances(&[2.0])[0] - 2.0 / 3.0).abs() < 1e-12, "{:?}", found.chances(&[2.0]));
        // At 1: 1 against 9 squared, 8/(4/3) = 6 in the exponent.
        let odds = 2.0 / (-6.0_f64).exp();
        assert!((found.chances(&[1.0])[0] - odds / (1.0 + odds)).abs() < 1e-12);
        let apart = KMeans::usual(3, 1).fit(&rows).expect("a fit");
        let nearest = apart.chances(&[3.9])[apart.nearest(&[3.9])];
        assert!((nearest - 1.0).abs() < 1e-12, "no spread: the nearest has all, {nearest}");
    }

    #[test]
    fn the_same_seed_gives_the_same_groups_and_more_beginnings_are_never_worse() {
        let (values, _) = corners(172);
        let rows = Rows::new(&values, 2).expect("rows");
        let run = |restarts, seed| KMeans { restarts, ..KMeans::usual(6, seed) }.fit(&rows).expect("a fit");
        assert_eq!(run(3, 9), run(3, 9));
        assert!(run(10, 9).inertia <= run(1, 9).inertia);
    }

    #[test]
    fn as_many_groups_as_distinct_rows_leave_nothing_over() {
        let values = [1.0, 1.0, 4.0, 9.0];
        let rows = Rows::new(&values, 1).expect("rows");
        let found = KMeans::usual(3, 1).fit(&rows).expect("a fit");
        assert!(found.inertia < 1e-12);
        assert_eq!((found.labels[0], found.sizes.clone()), (0, vec![2, 1, 1]));
        let same = [2.0; 5];
        assert!(KMeans::usual(2, 1).fit(&Rows::new(&same, 1).expect("rows")).expect("a fit").inertia < 1e-12);
        assert!(KMeans::usual(5, 1).fit(&rows).is_err());
    }

    proptest! {
        #[test]
        fn every_row_is_with_its_nearest_centre(values in prop::collection::vec(-100.0_f64..100.0, 10..80), groups in 1_usize..5) {
            let rows = Rows::new(&values, 1).unwrap();
            let found = KMeans::usual(groups, 3).fit(&rows).unwrap();
            for (row, label) in rows.iter().zip(&found.labels) {
                let to = |group: usize| (row[0] - found.centres[group][0]).abs();
                prop_assert!((0..groups).all(|group| to(*label) <= to(group) + 1e-9));
            }
            prop_assert_eq!(found.sizes.iter().sum::<usize>(), values.len());
        }
    }
}
