//! Which combinations of features can be told so that no group of them is smaller than a least size. Small combinations
//! roll up to the next coarser one, which leaves out the last feature; where what is left over could still be found by
//! subtraction from a total, more rolls up (complementary suppression: Cox 1980, JASA 75(370)).

use std::collections::BTreeMap;

use crate::unfit::{Unfit, length};

/// The value of a feature, as a number.
pub type Place = u16;

/// Combinations that are told: the beginnings of keys, each standing for all keys that begin so and have no longer
/// beginning that is told. The empty beginning is the rest, and is always there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RollUp {
    cells: BTreeMap<Vec<Place>, u64>,
}

/// Cases that are too few and can be found by subtraction.
#[derive(Debug, Clone, Copy)]
enum Found {
    /// Those of the rest.
    Rest,
    /// Those with a value of a feature that no cell names.
    Unnamed(usize, Place),
}

impl Found {
    /// Whether they become more where the cell is taken away, or where what that adds to is.
    fn concerns(self, cell: &[Place]) -> bool {
        match self {
            Self::Rest => !cell.is_empty(),
            Self::Unnamed(feature, value) => cell.get(feature) == Some(&value),
        }
    }
}

impl RollUp {
    /// From the cases with each key; all keys have the same length, the most telling feature first. Of the first
    /// `margins` features the totals of each value are told elsewhere, and are `least` or more: what is missing of
    /// such a total in the cells that name the value is 0 or at least `least` as well.
    pub fn of(counts: &BTreeMap<Vec<Place>, u64>, least: u64, margins: usize) -> Result<Self, Unfit> {
        let depth = counts.keys().next().map_or(0, Vec::len);
        for key in counts.keys() {
            length("a key", key.len(), depth)?;
        }
        let mut found = Self { cells: large_enough(counts, depth, least) };
        while let Some(few) = found.told_by_subtraction(counts, least, margins) {
            // The coarsest goes first: it says least.
            let cells = found.cells.iter().filter(|(cell, _)| few.concerns(cell));
            let Some(cell) =
                cells.min_by_key(|(cell, size)| (cell.len(), **size)).map(|(cell, _)| cell.clone())
            else {
                break;
            };
            found.remove(&cell);
        }
        Ok(found)
    }

    /// The cell that a key belongs to: its longest beginning that is told. Keys that were not counted have one as well.
    pub fn cell<'k>(&self, key: &'k [Place]) -> &'k [Place] {
        let told = (1..=key.len()).rev().find(|length| self.cells.contains_key(&key[..*length]));
        &key[..told.unwrap_or(0)]
    }

    /// All cells with their cases, the rest first, which may be none.
    pub fn cells(&self) -> impl Iterator<Item = (&[Place], u64)> {
        self.cells.iter().map(|(cell, size)| (cell.as_slice(), *size))
    }

    /// The cases in no cell but the rest.
    pub fn rest(&self) -> u64 {
        self.cells.get(&[][..]).copied().unwrap_or(0)
    }

    /// Takes a cell away: its cases belong to the next coarser one that is told.
    fn remove(&mut self, cell: &[Place]) {
        let Some(size) = self.cells.remove(cell) else { return };
        let coarser = self.cell(cell).to_vec();
        *self.cells.entry(coarser).or_default() += size;
    }

    /// What can be found by subtraction although it is too small; nothing for which there is no cell to take away.
    fn told_by_subtraction(
        &self,
        counts: &BTreeMap<Vec<Place>, u64>,
        least: u64,
        margins: usize,
    ) -> Option<Found> {
        let is_small = |size: u64| size > 0 && size < least;
        if is_small(self.rest()) && self.cells.len() > 1 {
            return Some(Found::Rest);
        }
        (0..margins).find_map(|feature| {
            let sums = |cells: &BTreeMap<Vec<Place>, u64>| {
                let mut sums: BTreeMap<Place, u64> = BTreeMap::new();
                for (cell, size) in cells {
                    if let Some(value) = cell.get(feature) {
                        *sums.entry(*value).or_default() += size;
                    }
                }
                sums
            };
            let (totals, named) = (sums(counts), sums(&self.cells));
            let small = named.iter().find(|(value, size)| {
                is_small(totals.get(*value).copied().unwrap_or(0).saturating_sub(**size))
            });
            small.map(|(value, _)| Found::Unnamed(feature, *value))
        })
    }
}

/// From the longest beginnings to the empty one: what is large enough is told, the others go to the next coarser.
fn large_enough(counts: &BTreeMap<Vec<Place>, u64>, depth: usize, least: u64) -> BTreeMap<Vec<Place>, u64> {
    let mut cells = BTreeMap::from([(Vec::new(), 0)]);
    let mut pools = counts.clone();
    for length in (0..=depth).rev() {
        let mut coarser: BTreeMap<Vec<Place>, u64> = BTreeMap::new();
        for (cell, size) in pools {
            if length == 0 || size >= least {
                cells.insert(cell, size);
            } else {
                *coarser.entry(cell[..length - 1].to_vec()).or_default() += size;
            }
        }
        pools = coarser;
    }
    cells
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::{Place, RollUp};

    fn counts(keys: &[(&[Place], u64)]) -> BTreeMap<Vec<Place>, u64> {
        keys.iter().map(|(key, size)| (key.to_vec(), *size)).collect()
    }

    fn cells(found: &RollUp) -> Vec<(Vec<Place>, u64)> {
        found.cells().map(|(cell, size)| (cell.to_vec(), size)).collect()
    }

    #[test]
    fn small_combinations_roll_up_to_the_next_coarser_one() {
        // 0: 60 and 30 and 25; the last two make 55 together. 1: 70 and 10, which goes up to the rest with 2's 45.
        let given = counts(&[
            (&[0, 0], 60),
            (&[0, 1], 30),
            (&[0, 2], 25),
            (&[1, 0], 70),
            (&[1, 1], 10),
            (&[2, 0], 45),
        ]);
        let found = RollUp::of(&given, 50, 0).expect("keys");
        let expected = [(vec![], 55), (vec![0], 55), (vec![0, 0], 60), (vec![1, 0], 70)];
        assert_eq!(cells(&found), expected);
        assert_eq!((found.cell(&[0, 2]), found.cell(&[1, 1]), found.rest()), (&[0][..], &[][..], 55));
        assert_eq!(found.cell(&[7, 7]), &[] as &[Place], "a key that nobody had belongs to the rest");
    }

    #[test]
    fn a_small_rest_takes_the_smallest_cell_along() {
        let given = counts(&[(&[0], 80), (&[1], 60), (&[2], 9)]);
        let found = RollUp::of(&given, 50, 0).expect("keys");
        assert_eq!(cells(&found), [(vec![], 69), (vec![0], 80)]);
        let few = RollUp::of(&counts(&[(&[0], 20), (&[1], 9)]), 50, 0).expect("keys");
        assert_eq!(cells(&few), [(vec![], 29)], "too few for any cell");
    }

    #[test]
    fn nothing_small_is_left_between_a_total_and_its_cells() {
        // Of 0 are 60 + 10: where its total of 70 is told, the 10 who are in the rest are known.
        let given = counts(&[(&[0, 0], 60), (&[0, 1], 10), (&[1, 0], 90), (&[2, 0], 45)]);
        let apart = RollUp::of(&given, 50, 0).expect("keys");
        assert_eq!(cells(&apart), [(vec![], 55), (vec![0, 0], 60), (vec![1, 0], 90)]);
        let totals_told = RollUp::of(&given, 50, 1).expect("keys");
        assert_eq!(cells(&totals_told), [(vec![], 115), (vec![1, 0], 90)]);
    }

    proptest! {
        #[test]
        fn every_case_is_in_one_cell_and_no_subtraction_tells_of_few(
            cases in prop::collection::vec((0_u16..4, 0_u16..3, 0_u16..4, 0_u16..3), 1..600), least in 2_u64..40,
        ) {
            let keys: Vec<Vec<Place>> = cases.iter().map(|(a, b, c, d)| vec![*a, *b, *c, *d]).collect();
            let total = |feature: usize, value: Place| {
                keys.iter().filter(|key| key[feature] == value).count() as u64
            };
            // Values with small totals are told together by whoever tells the totals.
            let coarse = |feature: usize, value: Place| if total(feature, value) < least { 99 } else { value };
            let keys: Vec<Vec<Place>> =
                keys.iter().map(|key| vec![coarse(0, key[0]), coarse(1, key[1]), key[2], key[3]]).collect();
            let mut counts: BTreeMap<Vec<Place>, u64> = BTreeMap::new();
            for key in &keys { *counts.entry(key.clone()).or_default() += 1; }
            let found = RollUp::of(&counts, least, 2).unwrap();
            let mut sizes: BTreeMap<Vec<Place>, u64> = BTreeMap::from([(Vec::new(), 0)]);
            for key in &keys { *sizes.entry(found.cell(key).to_vec()).or_default() += 1; }
            let told: BTreeMap<Vec<Place>, u64> = found.cells().map(|(cell, size)| (cell.to_vec(), size)).collect();
            prop_assert_eq!(&sizes, &told);
            let all = keys.len() as u64;
            for (cell, size) in &told {
                prop_assert!(cell.is_empty() || *size >= least, "{:?} has {}", cell, size);
            }
            let rest = found.rest();
            prop_assert!(rest == 0 || rest >= least || all < least, "a rest of {}", rest);
            for feature in 0..2 {
                let mut left: BTreeMap<Place, u64> = BTreeMap::new();
                for key in &keys { *left.entry(key[feature]).or_default() += 1; }
                let totals = left.clone();
                for (cell, size) in told.iter().filter(|(cell, _)| cell.len() > feature) {
                    *left.get_mut(&cell[feature]).unwrap() -= size;
                }
                for (value, size) in left.into_iter().filter(|(value, _)| totals[value] >= least) {
                    prop_assert!(size == 0 || size >= least, "{} of feature {}: {}", value, feature, size);
                }
            }
        }
    }
}
