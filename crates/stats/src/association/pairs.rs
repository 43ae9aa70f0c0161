//! How often two items come together, in memory with a stated bound however many pairs there are.
//! Misra and Gries (1982), Science of Computer Programming 2(2), with counters dropped in batches as in Anderson et al.
//! (2017), IMC, so that a step costs constant time on average and the error is known.

use std::collections::HashMap;

/// Counts of unordered pairs.
#[derive(Debug, Clone)]
pub struct PairCounts {
    counts: HashMap<(u32, u32), u64>,
    pairs_max: usize,
    error_max: u64,
}

impl PairCounts {
    /// Keeps the commonest pairs: `pairs_max` after each drop, never more than twice that and one set's pairs.
    pub fn new(pairs_max: usize) -> Self {
        Self { counts: HashMap::new(), pairs_max: pairs_max.max(1), error_max: 0 }
    }

    /// Counts every pair of a set; items that come twice make a pair with themselves, so hand over distinct ones.
    pub fn add(&mut self, set: &[u32]) {
        for (position, left) in set.iter().enumerate() {
            for right in &set[position + 1..] {
                *self.counts.entry(ordered(*left, *right)).or_default() += 1;
            }
        }
        if self.counts.len() > self.pairs_max.saturating_mul(2) {
            self.drop_rare();
        }
    }

    /// How often two items came together: at most [`Self::error_max`] less than the truth, never more.
    pub fn count(&self, left: u32, right: u32) -> u64 {
        self.counts.get(&ordered(left, right)).copied().unwrap_or(0)
    }

    /// By how much a count may be too small; 0 as long as all pairs had room.
    pub fn error_max(&self) -> u64 {
        self.error_max
    }

    /// The pairs counted at least so often, commonest first, ties by item.
    pub fn at_least(&self, count_min: u64) -> Vec<(u32, u32, u64)> {
        let kept = self.counts.iter().filter(|(_, count)| **count >= count_min);
        let mut pairs: Vec<(u32, u32, u64)> =
            kept.map(|((left, right), count)| (*left, *right, *count)).collect();
        pairs.sort_unstable_by(|a, b| b.2.cmp(&a.2).then((a.0, a.1).cmp(&(b.0, b.1))));
        pairs
    }

    /// Takes from every counter what the first one without a place has, and drops those that come to nothing.
    fn drop_rare(&mut self) {
        let mut values: Vec<u64> = self.counts.values().copied().collect();
        let place = self.pairs_max;
        let (_, cut, _) = values.select_nth_unstable_by(place, |a, b| b.cmp(a));
        let cut = *cut;
        self.error_max += cut;
        self.counts.retain(|_, count| {
            *count = count.saturating_sub(cut);
            *count > 0
        });
    }
}

fn ordered(left: u32, right: u32) -> (u32, u32) {
    (left.min(right), left.max(right))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use std::collections::HashMap;

    use proptest::prelude::*;

    use super::{PairCounts, ordered};
    use crate::alias::{AliasTable, zipf_weights};
    use crate::random::Random;

    #[test]
    fn pairs_are_counted_exactly_while_there_is_room() {
        let mut pairs = PairCounts::new(100);
        for set in [&[1, 2, 3][..], &[2, 1], &[4]] {
            pairs.add(set);
        }
        assert_eq!(
            (pairs.count(2, 1), pairs.count(3, 2), pairs.count(1, 4), pairs.error_max()),
            (2, 1, 0, 0)
        );
        assert_eq!(pairs.at_least(2), [(1, 2, 2)]);
    }

    #[test]
    fn common_pairs_survive_among_more_pairs_than_there_is_room_for() {
        let table = AliasTable::new(&zipf_weights(2_000, 1.1)).expect("weights");
        let mut random = Random::new(221);
        let mut pairs = PairCounts::new(2_000);
        let mut exact: HashMap<(u32, u32), u64> = HashMap::new();
        for _ in 0..20_000 {
            let mut set: Vec<u32> =
                (0..8).map(|_| u32::try_from(table.draw(&mut random)).expect("small")).collect();
            set.sort_unstable();
            set.dedup();
            pairs.add(&set);
            for (position, left) in set.iter().enumerate() {
                set[position + 1..].iter().for_each(|right| *exact.entry((*left, *right)).or_default() += 1);
            }
        }
        assert!(exact.len() > 50_000, "{} pairs are no squeeze", exact.len());
        assert!(pairs.counts.len() <= 4_000 + 28);
        let (&commonest, &count) = exact.iter().max_by_key(|(_, count)| **count).expect("pairs");
        assert!(pairs.error_max() * 10 < count, "error {} of {count}", pairs.error_max());
        assert_eq!(ordered(pairs.at_least(1)[0].0, pairs.at_least(1)[0].1), commonest);
    }

    proptest! {
        #[test]
        fn a_count_is_never_above_the_truth_and_no_further_below_than_stated(
            sets in prop::collection::vec(prop::collection::btree_set(0_u32..7, 0..5), 0..60), room in 1_usize..8,
        ) {
            let mut pairs = PairCounts::new(room);
            let mut exact: HashMap<(u32, u32), u64> = HashMap::new();
            for set in &sets {
                let set: Vec<u32> = set.iter().copied().collect();
                pairs.add(&set);
                for (position, left) in set.iter().enumerate() {
                    set[position + 1..].iter().for_each(|right| *exact.entry((*left, *right)).or_default() += 1);
                }
            }
            for ((left, right), truth) in exact {
                let found = pairs.count(right, left);
                prop_assert!(found <= truth && truth - found <= pairs.error_max());
            }
        }
    }
}
