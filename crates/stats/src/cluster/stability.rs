//! Whether groups come back when some cases are left out. A grouping that does not is a picture of chance.
//! Hennig (2007), Computational Statistics and Data Analysis 52(1): subsets, and each group's best Jaccard match.

use std::collections::BTreeSet;

use crate::cluster::agreement::{adjusted_rand, jaccard};
use crate::cluster::silhouette::sample;
use crate::real::real;
use crate::rows::Rows;
use crate::unfit::{Unfit, at_least, length, open_share};

/// How to draw subsets.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Subsets {
    /// How many.
    pub count: u32,
    /// What share of the rows each has.
    pub share: f64,
    /// Seed; subset `i` uses `seed + i`.
    pub seed: u64,
}

/// What came back.
#[derive(Debug, Clone, PartialEq)]
pub struct Stability {
    /// Mean adjusted Rand index of a subset's groups with the whole's.
    pub adjusted_rand: f64,
    /// For each group of the whole, the mean Jaccard index of its best match. Hennig calls a group stable from 0.75,
    /// and dissolved at 0.5 or below.
    pub jaccard: Vec<f64>,
}

/// Groups each subset again by `group` (rows and a seed in, labels out) and compares with `labels`.
pub fn stability(
    rows: &Rows<'_>,
    labels: &[usize],
    subsets: &Subsets,
    group: impl Fn(&Rows<'_>, u64) -> Result<Vec<usize>, Unfit>,
) -> Result<Stability, Unfit> {
    length("the list of labels", labels.len(), rows.len())?;
    at_least("the number of subsets", subsets.count as usize, 1)?;
    let share = open_share("the subset's share", subsets.share)?;
    let size = subset_size(rows.len(), share);
    let groups = labels.iter().max().map_or(0, |label| label + 1);
    let (mut agreement, mut matches) = (0.0, vec![0.0; groups]);
    for number in 0..u64::from(subsets.count) {
        let seed = subsets.seed.wrapping_add(number);
        let chosen = sample(rows.len(), size, seed);
        let values: Vec<f64> = chosen.iter().flat_map(|row| rows.row(*row)).copied().collect();
        let found = group(&Rows::new(&values, rows.columns())?, seed)?;
        length("the list of labels of a subset", found.len(), chosen.len())?;
        let before: Vec<usize> = chosen.iter().map(|row| labels[*row]).collect();
        agreement += adjusted_rand(&before, &found)?;
        let (old, new) =
            (members(&before, groups), members(&found, found.iter().max().map_or(0, |label| label + 1)));
        for (sum, old) in matches.iter_mut().zip(&old) {
            *sum += new.iter().map(|new| jaccard(old, new)).fold(0.0, f64::max);
        }
    }
    let count = f64::from(subsets.count);
    Ok(Stability {
        adjusted_rand: agreement / count,
        jaccard: matches.into_iter().map(|sum| sum / count).collect(),
    })
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share of a count is a count")]
fn subset_size(rows: usize, share: f64) -> usize {
    (real(rows) * share).round() as usize
}

fn members(labels: &[usize], groups: usize) -> Vec<BTreeSet<usize>> {
    let mut members = vec![BTreeSet::new(); groups];
    labels.iter().enumerate().for_each(|(row, label)| {
        members[*label].insert(row);
    });
    members
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::{Subsets, stability};
    use crate::cluster::k_means::KMeans;
    use crate::random::Random;
    use crate::rows::Rows;

    const SUBSETS: Subsets = Subsets { count: 12, share: 0.7, seed: 4 };

    fn of(values: &[f64], groups: usize) -> super::Stability {
        let rows = Rows::new(values, 2).expect("rows");
        let cluster = |rows: &Rows<'_>, seed| Ok(KMeans::usual(groups, seed).fit(rows)?.labels);
        let labels = cluster(&rows, 1).expect("a fit");
        stability(&rows, &labels, &SUBSETS, cluster).expect("fits")
    }

    #[test]
    fn planted_groups_come_back_and_groups_cut_from_one_cloud_do_not() {
        let mut random = Random::new(211);
        let three: Vec<f64> =
            (0..600).flat_map(|row| [f64::from(row % 3) * 10.0 + random.normal(), random.normal()]).collect();
        let planted = of(&three, 3);
        assert!(
            planted.adjusted_rand > 0.98 && planted.jaccard.iter().all(|index| *index > 0.98),
            "{planted:?}"
        );
        let cloud: Vec<f64> = (0..1_200).map(|_| random.normal()).collect();
        let cut = of(&cloud, 5);
        assert!(cut.adjusted_rand < 0.9 && cut.jaccard.iter().any(|index| *index < 0.85), "{cut:?}");
    }

    #[test]
    fn settings_that_compare_nothing_are_refused() {
        let values = [1.0, 2.0, 3.0, 4.0];
        let rows = Rows::new(&values, 1).expect("rows");
        let one = |rows: &Rows<'_>, _| Ok(vec![0; rows.len()]);
        assert!(stability(&rows, &[0; 4], &Subsets { share: 1.0, ..SUBSETS }, one).is_err());
        assert!(stability(&rows, &[0; 4], &Subsets { count: 0, ..SUBSETS }, one).is_err());
        assert!(stability(&rows, &[0; 3], &SUBSETS, one).is_err());
    }
}
