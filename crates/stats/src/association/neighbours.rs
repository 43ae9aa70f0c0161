//! The items most like an item, by the sets they share: exact, one item at a time, with memory for one row of counts.
//! Cosine as in Sarwar et al. (2001), WWW, on yes-or-no memberships; Jaccard (1912), New Phytologist 11(2).

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
    counts: Vec<u32>,
    touched: Vec<u32>,
}

impl<'a> NeighbourFinder<'a> {
    /// Turns the sets round once.
    pub fn new(sets: &'a Incidence) -> Self {
        let counts = vec![0; sets.item_count()];
        Self { sets, sets_of_item: sets.transposed(), counts, touched: Vec::new() }
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
        for set in self.sets_of_item.set(item as usize) {
            for other in self.sets.set(*set as usize) {
                let count = &mut self.counts[*other as usize];
                if *count == 0 {
                    self.touched.push(*other);
                }
                *count += 1;
            }
        }
        let size = |item: u32| crate::real::real(self.sets_of_item.set(item as usize).len());
        let own = size(item);
        let mut found = Vec::new();
        for other in self.touched.drain(..) {
            let count = std::mem::take(&mut self.counts[other as usize]);
            if other != item && count >= both_min.max(1) {
                let both = f64::from(count);
                let likeness = match likeness {
                    Likeness::Cosine => both / (own * size(other)).sqrt(),
                    Likeness::Jaccard => both / (own + size(other) - both),
                    Likeness::Confidence => both / own,
                };
                found.push(Neighbour { item: other, likeness });
            }
        }
        let order =
            |a: &Neighbour, b: &Neighbour| b.likeness.total_cmp(&a.likeness).then(a.item.cmp(&b.item));
        if found.len() > neighbours_max && neighbours_max > 0 {
            found.select_nth_unstable_by(neighbours_max - 1, order);
        }
        found.truncate(neighbours_max);
        found.sort_unstable_by(order);
        found
    }
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
