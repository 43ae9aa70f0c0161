//! Which pairs of records are worth comparing: those that agree on the key of at least one rule, each pair once.
//! Pairs are handed out as they are found and never kept, so memory grows with the records and not with the pairs.

use std::collections::BTreeMap;

use crate::unfit::{Unfit, at_least, length};

/// Numbers for distinct values, the same for equal ones: keys and value counts without keeping texts twice.
/// `None` stays `None`: a missing value equals nothing.
pub fn codes<T: Ord>(values: impl IntoIterator<Item = Option<T>>) -> Vec<Option<u32>> {
    let mut known = BTreeMap::new();
    values
        .into_iter()
        .map(|value| {
            let value = value?;
            let next = u32::try_from(known.len()).ok()?;
            Some(*known.entry(value).or_insert(next))
        })
        .collect()
}

/// Blocking rules over the same records.
#[derive(Debug, Clone)]
pub struct Blocking {
    /// For each rule the key of each record; `None` where it has none or its block is too large.
    rules: Vec<Vec<Option<u32>>>,
    oversized: usize,
    pairs_left_out: u64,
}

impl Blocking {
    /// Takes for each rule the key of every record. Blocks of more than `block_max` records are left out, because a
    /// value that many share (an empty default, a shop's own phone) says little and costs the square of its size.
    pub fn new(mut rules: Vec<Vec<Option<u32>>>, block_max: usize) -> Result<Self, Unfit> {
        at_least("the list of blocking rules", rules.len(), 1)?;
        at_least("the largest block", block_max, 2)?;
        let records = rules[0].len();
        let (mut oversized, mut pairs_left_out) = (0, 0_u64);
        for rule in &mut rules {
            length("a rule's list of keys", rule.len(), records)?;
            let mut sizes: BTreeMap<u32, usize> = BTreeMap::new();
            rule.iter().flatten().for_each(|key| *sizes.entry(*key).or_default() += 1);
            sizes.retain(|_, size| *size > block_max);
            oversized += sizes.len();
            for size in sizes.values().map(|size| *size as u64) {
                pairs_left_out = pairs_left_out.saturating_add(size * (size - 1) / 2);
            }
            for key in rule.iter_mut() {
                *key = key.filter(|key| !sizes.contains_key(key));
            }
        }
        Ok(Self { rules, oversized, pairs_left_out })
    }

    /// Number of rules.
    pub fn rules(&self) -> usize {
        self.rules.len()
    }

    /// Number of records.
    pub fn records(&self) -> usize {
        self.rules[0].len()
    }

    /// How many blocks were left out for their size: a reader should hear of them.
    pub fn oversized(&self) -> usize {
        self.oversized
    }

    /// How many pairs those blocks would have given, rule by rule; another rule may have given some of them.
    pub fn pairs_left_out(&self) -> u64 {
        self.pairs_left_out
    }

    /// Calls `visit` with every pair that agrees under some rule, once, the smaller index first.
    pub fn for_each_pair(&self, mut visit: impl FnMut(usize, usize)) {
        for rule in 0..self.rules.len() {
            self.for_each_new_pair_of(rule, &mut visit);
        }
    }

    /// Calls `visit` with every pair that agrees under one rule and under none before it. A pair belongs to the first
    /// rule it agrees under; later rules meet it again and pass.
    pub fn for_each_new_pair_of(&self, rule: usize, mut visit: impl FnMut(usize, usize)) {
        self.for_each_pair_of(rule, |left, right| {
            if !(0..rule).any(|earlier| self.agree(earlier, left, right)) {
                visit(left, right);
            }
        });
    }

    /// Calls `visit` with every pair that agrees under one rule, whatever the others say.
    pub fn for_each_pair_of(&self, rule: usize, mut visit: impl FnMut(usize, usize)) {
        let mut keyed: Vec<(u32, usize)> =
            self.rules[rule].iter().enumerate().filter_map(|(record, key)| Some(((*key)?, record))).collect();
        keyed.sort_unstable();
        for block in keyed.chunk_by(|left, right| left.0 == right.0) {
            for (position, (_, left)) in block.iter().enumerate() {
                for (_, right) in &block[position + 1..] {
                    visit(*left, *right);
                }
            }
        }
    }

    fn agree(&self, rule: usize, left: usize, right: usize) -> bool {
        let keys = &self.rules[rule];
        keys[left].is_some() && keys[left] == keys[right]
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::{Blocking, codes};

    fn pairs(blocking: &Blocking) -> Vec<(usize, usize)> {
        let mut found = Vec::new();
        blocking.for_each_pair(|left, right| found.push((left, right)));
        found
    }

    #[test]
    fn equal_values_have_one_code_and_missing_ones_none() {
        assert_eq!(codes([Some("b"), Some("a"), None, Some("b")]), [Some(0), Some(1), None, Some(0)]);
    }

    #[test]
    fn a_value_that_too_many_share_makes_no_block() {
        let blocking = Blocking::new(vec![vec![Some(1); 4]], 3).expect("a rule");
        assert_eq!((pairs(&blocking), blocking.oversized(), blocking.pairs_left_out()), (vec![], 1, 6));
        // The pair 0–1 agrees under the second rule, though the first one's block was left out.
        let second = vec![Some(7), Some(7), None, None];
        let blocking = Blocking::new(vec![vec![Some(1); 4], second], 3).expect("rules");
        assert_eq!(pairs(&blocking), [(0, 1)]);
        assert!(Blocking::new(vec![vec![None], vec![]], 3).is_err());
    }

    proptest! {
        #[test]
        fn every_agreeing_pair_is_visited_once(
            keys in prop::collection::vec((prop::option::of(0_u32..5), prop::option::of(0_u32..5)), 0..25),
        ) {
            let (first, second): (Vec<_>, Vec<_>) = keys.iter().copied().unzip();
            let found = pairs(&Blocking::new(vec![first, second], 100).unwrap());
            let mut expected = BTreeSet::new();
            for right in 0..keys.len() {
                for left in 0..right {
                    let same = |a: Option<u32>, b: Option<u32>| a.is_some() && a == b;
                    if same(keys[left].0, keys[right].0) || same(keys[left].1, keys[right].1) {
                        expected.insert((left, right));
                    }
                }
            }
            prop_assert_eq!(found.len(), expected.len());
            prop_assert_eq!(found.into_iter().collect::<BTreeSet<_>>(), expected);
        }
    }
}
