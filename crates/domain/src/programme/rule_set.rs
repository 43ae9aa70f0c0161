//! A set of rules as bits, the currency of the index: intersecting conditions costs a few machine words.

use super::limits::RULES_MAX;

const WORDS: usize = RULES_MAX / 64;

/// A set of rules, by their position in the programme.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub(super) struct RuleSet([u64; WORDS]);

impl RuleSet {
    pub(super) const EMPTY: Self = Self([0; WORDS]);

    pub(super) fn insert(&mut self, rule: usize) {
        self.0[rule / 64] |= 1 << (rule % 64);
    }

    pub(super) fn remove(&mut self, rule: usize) {
        self.0[rule / 64] &= !(1 << (rule % 64));
    }

    pub(super) fn contains(&self, rule: usize) -> bool {
        self.0[rule / 64] & (1 << (rule % 64)) != 0
    }

    pub(super) fn with(mut self, rule: usize) -> Self {
        self.insert(rule);
        self
    }

    /// Keeps what is in both.
    pub(super) fn retain(&mut self, other: &Self) {
        for (word, with) in self.0.iter_mut().zip(&other.0) {
            *word &= with;
        }
    }

    pub(super) fn and(mut self, other: &Self) -> Self {
        for (word, with) in self.0.iter_mut().zip(&other.0) {
            *word &= with;
        }
        self
    }

    pub(super) fn or(mut self, other: &Self) -> Self {
        for (word, with) in self.0.iter_mut().zip(&other.0) {
            *word |= with;
        }
        self
    }

    pub(super) fn and_not(mut self, other: &Self) -> Self {
        for (word, without) in self.0.iter_mut().zip(&other.0) {
            *word &= !without;
        }
        self
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.iter().all(|word| *word == 0)
    }

    /// Whether every rule of `other` is in this set.
    pub(super) fn contains_all(&self, other: &Self) -> bool {
        self.0.iter().zip(&other.0).all(|(word, needed)| word & needed == *needed)
    }

    /// Does something for each position, ascending; faster than the iterator on the evaluator's hottest loop.
    #[inline]
    pub(super) fn for_each(&self, mut act: impl FnMut(usize)) {
        for (number, word) in self.0.iter().enumerate() {
            let mut bits = *word;
            while bits != 0 {
                act(number * 64 + bits.trailing_zeros() as usize);
                bits &= bits - 1;
            }
        }
    }

    /// The positions in the set, ascending.
    pub(super) fn iter(&self) -> Positions {
        Positions { words: self.0, word: 0 }
    }
}

impl FromIterator<usize> for RuleSet {
    fn from_iter<I: IntoIterator<Item = usize>>(rules: I) -> Self {
        rules.into_iter().fold(Self::EMPTY, Self::with)
    }
}

/// The positions in a set, ascending.
pub(super) struct Positions {
    words: [u64; WORDS],
    word: usize,
}

impl Iterator for Positions {
    type Item = usize;

    #[inline]
    fn next(&mut self) -> Option<usize> {
        while let Some(bits) = self.words.get_mut(self.word) {
            if *bits != 0 {
                let bit = bits.trailing_zeros() as usize;
                *bits &= *bits - 1;
                return Some(self.word * 64 + bit);
            }
            self.word += 1;
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::{RULES_MAX, RuleSet};

    #[test]
    fn a_set_holds_what_was_put_in() {
        let even: RuleSet = (0..RULES_MAX).step_by(2).collect();
        let third: RuleSet = (0..RULES_MAX).step_by(3).collect();
        let expected: Vec<usize> = (0..RULES_MAX).step_by(6).collect();
        assert_eq!(even.and(&third).iter().collect::<Vec<_>>(), expected);
        assert!(even.contains(254) && !even.contains(255));
        assert!(even.contains_all(&even.and(&third)) && !even.contains_all(&third));
        assert_eq!(even.and_not(&even), RuleSet::EMPTY);
        assert!(even.and_not(&even).is_empty() && !even.or(&third).is_empty());
    }
}
