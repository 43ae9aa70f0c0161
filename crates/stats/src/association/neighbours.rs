//! The items most like an item, by the sets they share: exact, one item at a time, with memory for one row of counts.
//! Cosine as in Sarwar et al. (2001), WWW, on yes-or-no memberships; Jaccard (1912), New Phytologist 11(2).

use std::cmp::Ordering;

use crate::association::incidence::Incidence;

/// How likeness is measured, from counts of sets with each item and with both.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Likeness {
    /// `both/√(first · second)`.
    Cosine,
    /// `both/(first + second − both)`.
    Jaccard,
    /// `both/first`: the share of the asked item's sets that hold the other. Unlike the others it favours common items.
    Confidence,
}

/// An item and how like it is, from 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Neighbour {
    /// The item.
    pub item: u32,
    /// Its likeness.
    pub likeness: f64,
}

/// Finds neighbours among the items of sets; built once, asked for any item.
#[derive(Debug)]
pub struct NeighbourFinder<'a> {
    sets: &'a Incidence,
    sets_of_item: Incidence,
    /// Sets shared with the asked item, 0 between two questions.
    counts: Vec<u32>,
    /// Items whose count is not 0, at the front.
    touched: Vec<u32>,
}

impl<'a> NeighbourFinder<'a> {
    /// Turns the sets round once.
    pub fn new(sets: &'a Incidence) -> Self {
        let [counts, touched] = [0, 1].map(|room| vec![0; sets.item_count() + room]);
        Self { sets, sets_of_item: sets.transposed(), counts, touched }
    }

    /// Up to `neighbours_max` items that share a set with this one, likest first, ties by item. `both_min` leaves out
    /// items with fewer sets in common, whose likeness is mostly chance.
    pub fn nearest(
        &mut self,
        item: u32,
        likeness: Likeness,
        both_min: u32,
        neighbours_max: usize,
    ) -> Vec<Neighbour> {
        let size = |sets: &Incidence, item: u32| crate::real::real(sets.set(item as usize).len());
        let own = size(&self.sets_of_item, item);
        let sharing = self.sharing(item, both_min);
        let neighbour = |(item, both): (u32, u32)| {
            let (both, other) = (f64::from(both), size(&self.sets_of_item, item));
            let likeness = match likeness {
                Likeness::Cosine => both / (own * other).sqrt(),
                Likeness::Jaccard => both / (own + other - both),
                Likeness::Confidence => both / own,
            };
            Neighbour { item, likeness }
        };
        let mut found: Vec<Neighbour> = sharing.into_iter().map(neighbour).collect();
        let order =
            |a: &Neighbour, b: &Neighbour| b.likeness.total_cmp(&a.likeness).then(a.item.cmp(&b.item));
        keep_first(&mut found, neighbours_max, order);
        found.sort_unstable_by(order);
        found
    }

    /// The items that share at least `both_min` sets with this one, and how many, in no order.
    pub fn sharing(&mut self, item: u32, both_min: u32) -> Vec<(u32, u32)> {
        let (counts, touched) = (self.counts.as_mut_slice(), self.touched.as_mut_slice());
        // In both loops each item is written down and kept if it belongs there: the processor cannot foresee whether.
        let mut met = 0;
        for set in self.sets_of_item.set(item as usize) {
            for other in self.sets.set(*set as usize) {
                let count = &mut counts[*other as usize];
                touched[met] = *other;
                met += usize::from(*count == 0);
                *count += 1;
            }
        }
        let mut found = vec![(0, 0); met + 1];
        let mut kept = 0;
        for other in &touched[..met] {
            let both = std::mem::take(&mut counts[*other as usize]);
            found[kept] = (*other, both);
            kept += usize::from(*other != item && both >= both_min);
        }
        found.truncate(kept);
        found
    }
}

/// Cuts a list down to those that come first; they are in no order.
pub(crate) fn keep_first<T>(list: &mut Vec<T>, max: usize, order: impl FnMut(&T, &T) -> Ordering) {
    if list.len() > max && max > 0 {
        list.select_nth_unstable_by(max - 1, order);
    }
    list.truncate(max);
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use proptest::prelude::*;

    use super::{Likeness, NeighbourFinder};
    use crate::association::incidence::Incidence;
    use crate::random::Random;

    #[test]
    fn likeness_matches_a_count_by_hand() {
        // Item 0 is in sets 0, 1, 2; item 1 in 0, 1; item 2 in 2, 3; item 3 in 3.
        let sets = Incidence::from_sets([vec![0, 1], vec![0, 1], vec![0, 2], vec![2, 3]]);
        let mut finder = NeighbourFinder::new(&sets);
        let found = finder.nearest(0, Likeness::Cosine, 1, 5);
        assert_eq!(found.iter().map(|neighbour| neighbour.item).collect::<Vec<_>>(), [1, 2]);
        assert!((found[0].likeness - 2.0 / 6.0_f64.sqrt()).abs() < 1e-12);
        let found = finder.nearest(0, Likeness::Jaccard, 1, 5);
        assert!((found[0].likeness - 2.0 / 3.0).abs() < 1e-12 && (found[1].likeness - 0.25).abs() < 1e-12);
        assert!((finder.nearest(0, Likeness::Confidence, 1, 5)[0].likeness - 2.0 / 3.0).abs() < 1e-12);
        assert!((finder.nearest(1, Likeness::Confidence, 1, 5)[0].likeness - 1.0).abs() < 1e-12);
        assert_eq!(finder.nearest(0, Likeness::Jaccard, 2, 5).len(), 1);
        assert_eq!(finder.nearest(0, Likeness::Jaccard, 1, 1).len(), 1);
        assert!(finder.nearest(9, Likeness::Cosine, 1, 5).is_empty());
    }

    #[test]
    fn items_planted_in_families_find_their_own() {
        // Ten families of ten items; a set takes 4 items of one family and 2 of any.
        let mut random = Random::new(231);
        let sets = Incidence::from_sets((0..4_000).map(|_| {
            let family = random.below(10);
            let own: Vec<u64> = (0..4).map(|_| family * 10 + random.below(10)).collect();
            let any: Vec<u64> = (0..2).map(|_| random.below(100)).collect();
            own.into_iter().chain(any).map(|item| u32::try_from(item).expect("small")).collect::<Vec<u32>>()
        }));
        let mut finder = NeighbourFinder::new(&sets);
        let own = (0..100_u32)
            .flat_map(|item| {
                finder
                    .nearest(item, Likeness::Cosine, 5, 9)
                    .into_iter()
                    .map(move |n| n.item / 10 == item / 10)
            })
            .filter(|own| *own)
            .count();
        assert_eq!(own, 900);
    }

    proptest! {
        #[test]
        fn likeness_is_the_same_both_ways(sets in prop::collection::vec(prop::collection::vec(0_u32..6, 0..5), 1..20)) {
            let sets = Incidence::from_sets(sets);
            let mut finder = NeighbourFinder::new(&sets);
            for likeness in [Likeness::Cosine, Likeness::Jaccard] {
                for item in 0..6 {
                    for there in finder.nearest(item, likeness, 1, 10) {
                        let back = finder.nearest(there.item, likeness, 1, 10);
                        let back = back.iter().find(|back| back.item == item).unwrap();
                        prop_assert!((back.likeness - there.likeness).abs() < 1e-12 && there.likeness <= 1.0 + 1e-12);
                    }
                }
            }
        }
    }
}
