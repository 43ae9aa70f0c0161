//! Groups of records that links hold together, with memory for the records alone; and how right a grouping is.
//! Union by size with path halving: Tarjan and van Leeuwen (1984), JACM 31(2).

use std::collections::BTreeMap;

use crate::unfit::{Unfit, length};

/// Records in groups, at first each in its own.
#[derive(Debug, Clone)]
pub struct Clusters {
    parents: Vec<usize>,
    sizes: Vec<usize>,
    size_max: usize,
}

impl Clusters {
    /// So many records, in groups of no more than `size_max`: a group that grows beyond what can be true is mostly held
    /// together by one wrong link. Offer the strongest links first if the bound may bite.
    pub fn new(records: usize, size_max: usize) -> Self {
        Self { parents: (0..records).collect(), sizes: vec![1; records], size_max: size_max.max(1) }
    }

    /// Puts two records into one group; false, and nothing changes, if it would grow too large. Records below the
    /// number given at the start.
    pub fn join(&mut self, left: usize, right: usize) -> bool {
        let (left, right) = (self.root(left), self.root(right));
        if left == right {
            return true;
        }
        if self.sizes[left] + self.sizes[right] > self.size_max {
            return false;
        }
        let (small, large) = if self.sizes[left] < self.sizes[right] { (left, right) } else { (right, left) };
        self.parents[small] = large;
        self.sizes[large] += self.sizes[small];
        true
    }

    /// Whether two records are in one group.
    pub fn together(&mut self, left: usize, right: usize) -> bool {
        self.root(left) == self.root(right)
    }

    /// For each record the smallest record of its group, a name that does not depend on the order of the links.
    pub fn labels(&mut self) -> Vec<usize> {
        let mut first = vec![usize::MAX; self.parents.len()];
        (0..self.parents.len())
            .map(|record| {
                let root = self.root(record);
                // Records ascend, so the first to come is the smallest.
                first[root] = first[root].min(record);
                first[root]
            })
            .collect()
    }

    fn root(&mut self, mut record: usize) -> usize {
        while self.parents[record] != record {
            self.parents[record] = self.parents[self.parents[record]];
            record = self.parents[record];
        }
        record
    }
}

/// How well pairs within groups agree with pairs that truly belong together.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PairQuality {
    /// Of the pairs put together, the share that belong together; 1 if none was put together.
    pub precision: f64,
    /// Of the pairs that belong together, the share that was put together; 1 if there are none.
    pub recall: f64,
}

impl PairQuality {
    /// Compares two labellings of the same records by counting, without listing pairs.
    pub fn of<L: Ord, T: Ord>(labels: &[L], truth: &[T]) -> Result<Self, Unfit> {
        length("the list of true labels", truth.len(), labels.len())?;
        let both = pairs_within(labels.iter().zip(truth));
        let share = |of: f64| if of > 0.0 { both / of } else { 1.0 };
        Ok(Self { precision: share(pairs_within(labels.iter())), recall: share(pairs_within(truth.iter())) })
    }

    /// The harmonic mean of both (van Rijsbergen 1979, Information Retrieval, chapter 7).
    pub fn f1(&self) -> f64 {
        if self.precision + self.recall > 0.0 {
            2.0 * self.precision * self.recall / (self.precision + self.recall)
        } else {
            0.0
        }
    }
}

/// Number of pairs that carry the same label.
pub(crate) fn pairs_within<L: Ord>(labels: impl Iterator<Item = L>) -> f64 {
    let mut counts: BTreeMap<L, f64> = BTreeMap::new();
    labels.for_each(|label| *counts.entry(label).or_default() += 1.0);
    counts.values().map(|count| count * (count - 1.0) / 2.0).sum()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use proptest::prelude::*;

    use super::{Clusters, PairQuality};

    #[test]
    fn links_hold_groups_together() {
        let mut clusters = Clusters::new(6, 10);
        for (left, right) in [(4, 2), (5, 4), (0, 1)] {
            assert!(clusters.join(left, right));
        }
        assert_eq!(clusters.labels(), [0, 0, 2, 3, 2, 2]);
        assert!(clusters.together(2, 5) && !clusters.together(0, 5));
    }

    #[test]
    fn a_group_does_not_grow_beyond_its_bound() {
        let mut clusters = Clusters::new(5, 3);
        assert!(clusters.join(0, 1) && clusters.join(2, 3));
        assert!(!clusters.join(1, 2), "four would be too many");
        assert!(clusters.join(4, 0) && clusters.join(0, 4));
        assert_eq!(clusters.labels(), [0, 0, 2, 2, 0]);
    }

    #[test]
    fn quality_matches_a_count_by_hand() {
        // Together 0–1, 0–2, 1–2, 3–4; in truth 0–1, 3–4, 3–5, 4–5: two of four right, two of four found.
        let found = PairQuality::of(&[0, 0, 0, 3, 3, 5], &["a", "a", "b", "c", "c", "c"]).expect("labels");
        assert_eq!((found.precision, found.recall, found.f1()), (0.5, 0.5, 0.5));
        let nothing = PairQuality::of(&[0, 1], &[0, 1]).expect("labels");
        assert!((nothing.f1() - 1.0).abs() < 1e-12);
        assert!(PairQuality::of(&[0], &[0, 1]).is_err());
    }

    proptest! {
        #[test]
        fn groups_do_not_depend_on_the_order_of_links(links in prop::collection::vec((0_usize..20, 0_usize..20), 0..30)) {
            let labels = |links: &mut dyn Iterator<Item = &(usize, usize)>| {
                let mut clusters = Clusters::new(20, 20);
                links.for_each(|(left, right)| { clusters.join(*left, *right); });
                clusters.labels()
            };
            prop_assert_eq!(labels(&mut links.iter()), labels(&mut links.iter().rev()));
        }
    }
}
