//! Which items are in which sets, as two arrays: eight bytes per set and four per membership.

/// Sets of items. Items are numbered from 0.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Incidence {
    /// Where each set begins in `items`; one more than there are sets.
    starts: Vec<usize>,
    /// The sets one after another, each ascending and without repeats.
    items: Vec<u32>,
    item_count: usize,
}

impl Incidence {
    /// Takes in sets one by one; an item twice in a set counts once.
    pub fn from_sets<S: IntoIterator<Item = u32>>(sets: impl IntoIterator<Item = S>) -> Self {
        let mut incidence = Self { starts: vec![0], ..Self::default() };
        for set in sets {
            let start = incidence.items.len();
            incidence.items.extend(set);
            incidence.items[start..].sort_unstable();
            let mut kept = start;
            for index in start..incidence.items.len() {
                if index == start || incidence.items[index] != incidence.items[kept - 1] {
                    incidence.items[kept] = incidence.items[index];
                    kept += 1;
                }
            }
            incidence.items.truncate(kept);
            incidence.starts.push(kept);
            let beyond = incidence.items[start..].last().map_or(0, |last| *last as usize + 1);
            incidence.item_count = incidence.item_count.max(beyond);
        }
        incidence
    }

    /// Number of sets.
    pub fn len(&self) -> usize {
        self.starts.len().saturating_sub(1)
    }

    /// Whether there are no sets.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// One more than the highest item.
    pub fn item_count(&self) -> usize {
        self.item_count
    }

    /// The items of a set, ascending; empty beyond the last.
    #[inline]
    pub fn set(&self, index: usize) -> &[u32] {
        match (self.starts.get(index), self.starts.get(index + 1)) {
            (Some(start), Some(end)) => &self.items[*start..*end],
            _ => &[],
        }
    }

    /// All sets in order.
    pub fn iter(&self) -> impl Iterator<Item = &[u32]> {
        self.starts.windows(2).map(|ends| &self.items[ends[0]..ends[1]])
    }

    /// In how many sets each item is.
    pub fn item_counts(&self) -> Vec<u32> {
        let mut counts = vec![0; self.item_count];
        self.items.iter().for_each(|item| counts[*item as usize] += 1);
        counts
    }

    /// The other way round: for each item the sets it is in, as items of a set. At most 2^32 sets.
    #[must_use]
    pub fn transposed(&self) -> Self {
        let mut starts = vec![0; self.item_count + 1];
        self.items.iter().for_each(|item| starts[*item as usize + 1] += 1);
        for item in 0..self.item_count {
            starts[item + 1] += starts[item];
        }
        let mut next = starts.clone();
        let mut items = vec![0; self.items.len()];
        for (number, set) in (0_u32..).zip(self.iter()) {
            for item in set {
                let place = &mut next[*item as usize];
                items[*place] = number;
                *place += 1;
            }
        }
        Self { starts, items, item_count: self.len() }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Incidence;

    #[test]
    fn sets_are_kept_in_order_without_repeats() {
        let sets = Incidence::from_sets([vec![3, 1, 3], vec![], vec![0, 1]]);
        assert_eq!(sets.iter().collect::<Vec<_>>(), [&[1, 3][..], &[], &[0, 1]]);
        assert_eq!((sets.len(), sets.item_count(), sets.item_counts()), (3, 4, vec![1, 2, 0, 1]));
        assert_eq!((sets.set(2), sets.set(9)), (&[0, 1][..], &[][..]));
        assert!(Incidence::default().is_empty());
    }

    proptest! {
        #[test]
        fn transposing_twice_gives_the_sets_back(sets in prop::collection::vec(prop::collection::vec(0_u32..8, 0..6), 0..12)) {
            let sets = Incidence::from_sets(sets);
            let twice = sets.transposed().transposed();
            prop_assert!(sets.iter().eq(twice.iter().chain(std::iter::repeat(&[][..])).take(sets.len())));
        }
    }
}
