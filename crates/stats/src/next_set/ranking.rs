//! The best items of a list of scores, popular ones first where nothing else is known, and how good a list was.

use std::collections::HashSet;

use crate::association::neighbours::keep_first;
use crate::real::real;

/// Candidates that are kept before they are cut down to the best, at least.
const CANDIDATES_MIN: usize = 64;
/// Scores that are passed over at once where none of them is among the best: a few of the processor's widest registers.
const BLOCK: usize = 32;

/// A score for each place in the order of popularity, over one array that is used again for the next holder. Most holders
/// touch so many that looking at all of them once is cheaper than asking at each addition whether it is the first. In 24
/// bits, so that twice as many are near to the processor: what is counted is known to fewer.
#[derive(Debug, Clone)]
pub(super) struct Scores {
    values: Vec<f32>,
}

impl Scores {
    pub(super) fn new(item_count: usize) -> Self {
        Self { values: vec![0.0; item_count] }
    }

    /// Adds to scores; of places below the count given at the start.
    #[inline]
    pub(super) fn add_all(&mut self, scores: impl Iterator<Item = (u32, f32)>) {
        let values = self.values.as_mut_slice();
        scores.for_each(|(place, value)| values[place as usize] += value);
    }

    /// The score of a place.
    pub(super) fn of(&self, place: u32) -> f64 {
        f64::from(self.values.get(place as usize).copied().unwrap_or(0.0))
    }

    /// Lets all scores begin again at 0.
    pub(super) fn clear(&mut self) {
        self.values.fill(0.0);
    }

    /// The `count` best places, best first: by score, then by popularity. What no score fills goes to the most popular
    /// of the rest. The scores are 0 again afterwards.
    pub(super) fn take_best(&mut self, count: usize) -> Vec<u32> {
        let order = |a: &(f32, u32), b: &(f32, u32)| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1));
        let room = count.saturating_mul(2).max(CANDIDATES_MIN).min(self.values.len());
        let mut best: Vec<(f32, u32)> = Vec::with_capacity(room + BLOCK);
        // What is not above the least of the best so far is none of them: what equals it is less popular.
        let mut least = 0.0;
        for (first, block) in (0_u32..).step_by(BLOCK).zip(self.values.chunks_mut(BLOCK)) {
            // Without a way out in the middle, so that many are compared at once.
            if block.iter().fold(0, |better, value| better | u8::from(*value > least)) != 0 {
                let better = (first..).zip(block.iter()).filter(|(_, value)| **value > least);
                best.extend(better.map(|(place, value)| (*value, place)));
                if best.len() >= room && count > 0 {
                    keep_first(&mut best, count, order);
                    least = best.iter().map(|(value, _)| *value).fold(f32::INFINITY, f32::min);
                }
            }
            block.fill(0.0);
        }
        best.sort_unstable_by(order);
        best.truncate(count);
        let mut ranked: Vec<u32> = best.into_iter().map(|(_, place)| place).collect();
        if ranked.len() < count {
            // Then every place with a score is among them.
            let scored: HashSet<u32> = ranked.iter().copied().collect();
            let rest =
                (0_u32..).zip(&self.values).map(|(place, _)| place).filter(|place| !scored.contains(place));
            ranked.extend(rest.take(count - scored.len()));
        }
        ranked
    }
}

/// Items by how often they were chosen, most often first, ties by number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Popularity {
    order: Vec<u32>,
    places: Vec<u32>,
}

impl Popularity {
    /// From counts per item; at most 2^32 items.
    pub fn new(counts: &[u32]) -> Self {
        let mut order: Vec<u32> = (0_u32..).zip(counts).map(|(item, _)| item).collect();
        order.sort_by_key(|item| std::cmp::Reverse(counts[*item as usize]));
        let mut places = vec![0; counts.len()];
        for (place, item) in (0_u32..).zip(&order) {
            places[*item as usize] = place;
        }
        Self { order, places }
    }

    /// The most popular items.
    pub fn best(&self, count: usize) -> &[u32] {
        &self.order[..count.min(self.order.len())]
    }

    /// Where an item stands; one that was counted.
    #[inline]
    pub(super) fn place(&self, item: u32) -> u32 {
        self.places[item as usize]
    }

    /// Where an item stands, if it was counted.
    #[inline]
    pub(super) fn place_if_known(&self, item: u32) -> Option<u32> {
        self.places.get(item as usize).copied()
    }

    /// The item at a place.
    #[inline]
    pub(super) fn item(&self, place: u32) -> u32 {
        self.order[place as usize]
    }
}

/// The share of the items really chosen that are among those foreseen; `None` if nothing was chosen.
pub fn recall(foreseen: &[u32], chosen: &[u32]) -> Option<f64> {
    let found = chosen.iter().filter(|item| foreseen.contains(item)).count();
    (!chosen.is_empty()).then(|| real(found) / real(chosen.len()))
}

#[cfg(test)]
#[allow(clippy::expect_used)]
mod tests {
    use super::{Popularity, Scores, recall};
    use crate::random::Random;

    #[test]
    fn items_stand_in_the_order_of_popularity_and_ties_in_that_of_numbers() {
        let popularity = Popularity::new(&[5, 9, 5, 0, 7]);
        assert_eq!(popularity.best(9), [1, 4, 0, 2, 3]);
        assert_eq!([0, 1, 4].map(|item| popularity.place(item)), [2, 0, 1]);
        assert_eq!((popularity.item(2), popularity.place_if_known(5)), (0, None));
    }

    #[test]
    fn the_best_come_by_score_then_place_and_the_first_places_fill_up() {
        let mut scores = Scores::new(5);
        scores.add_all([(3, 1.0), (2, 0.5), (0, 0.25), (0, 0.25)].into_iter());
        for (place, score) in [(0, 0.5), (1, 0.0), (2, 0.5), (3, 1.0), (9, 0.0)] {
            assert!((scores.of(place) - score).abs() < 1e-12, "{place}");
        }
        assert_eq!(scores.clone().take_best(2), [3, 0]);
        assert_eq!(scores.take_best(4), [3, 0, 2, 1]);
        assert_eq!(scores.take_best(2), [0, 1], "the scores begin again at 0");
        assert_eq!(scores.take_best(0), [0_u32; 0]);
    }

    #[test]
    fn of_many_the_best_are_those_of_a_full_sort() {
        let mut random = Random::new(7);
        for count in [0, 1, 10, 70, 600] {
            let mut scores = Scores::new(500);
            // Few different scores, so that places decide often; some have none.
            let drawn: Vec<f32> =
                (0..500).map(|_| f32::from(u8::try_from(random.below(6)).expect("small"))).collect();
            scores.add_all((0_u32..).zip(drawn.iter().copied()));
            let mut expected: Vec<u32> = (0..500).collect();
            expected.sort_by(|a, b| drawn[*b as usize].total_cmp(&drawn[*a as usize]).then(a.cmp(b)));
            expected.truncate(count);
            assert_eq!(scores.take_best(count), expected, "{count}");
        }
    }

    #[test]
    fn recall_is_the_share_of_what_was_chosen() {
        assert_eq!(recall(&[1, 2, 3], &[3, 4, 1, 9]), Some(0.5));
        assert_eq!(recall(&[1], &[]), None);
    }
}
