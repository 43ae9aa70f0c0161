//! The best items of a list of scores, popular ones first where nothing else is known, and how good a list was.

use crate::real::real;

/// Candidates that are kept before they are cut down to the best, at least.
const CANDIDATES_MIN: usize = 64;

/// A score for each item, over one array that is used again for the next holder. Most holders touch so many items that
/// looking at all of them once is cheaper than asking at each addition whether it is the first.
#[derive(Debug, Clone)]
pub(super) struct Scores {
    values: Vec<f64>,
}

impl Scores {
    pub(super) fn new(item_count: usize) -> Self {
        Self { values: vec![0.0; item_count] }
    }

    /// Adds to an item's score; items below the count given at the start.
    #[inline]
    pub(super) fn add(&mut self, item: u32, value: f64) {
        self.values[item as usize] += value;
    }

    /// An item's score.
    pub(super) fn of(&self, item: u32) -> f64 {
        self.values.get(item as usize).copied().unwrap_or(0.0)
    }

    /// Lets all scores begin again at 0.
    pub(super) fn clear(&mut self) {
        self.values.fill(0.0);
    }

    /// The `count` best items, best first: by score, then by popularity, then by number. Places that no score fills go
    /// to the most popular of the rest. The scores are 0 again afterwards.
    pub(super) fn take_best(&mut self, count: usize, popularity: &Popularity) -> Vec<u32> {
        let order = |a: &(f64, u32), b: &(f64, u32)| {
            b.0.total_cmp(&a.0).then_with(|| popularity.place(a.1).cmp(&popularity.place(b.1)))
        };
        let room = count.saturating_mul(2).max(CANDIDATES_MIN);
        let mut best: Vec<(f64, u32)> = Vec::with_capacity(room.min(self.values.len()));
        // What is below the least of the best so far is none of them; what equals it may be more popular.
        let mut least = f64::MIN_POSITIVE;
        for (item, value) in (0_u32..).zip(&self.values) {
            if *value >= least {
                best.push((*value, item));
                if best.len() >= room && count > 0 {
                    let (_, worst, _) = best.select_nth_unstable_by(count - 1, order);
                    least = worst.0;
                    best.truncate(count);
                }
            }
        }
        best.sort_unstable_by(order);
        best.truncate(count);
        let mut ranked: Vec<u32> = best.into_iter().map(|(_, item)| item).collect();
        let rest = popularity.order.iter().filter(|item| self.values[**item as usize] <= 0.0);
        ranked.extend(rest.take(count - ranked.len()));
        self.clear();
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

    fn place(&self, item: u32) -> u32 {
        self.places[item as usize]
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
    fn the_best_come_by_score_then_popularity_and_the_popular_fill_up() {
        let popularity = Popularity::new(&[5, 9, 5, 0, 7]);
        assert_eq!(popularity.best(9), [1, 4, 0, 2, 3]);
        let mut scores = Scores::new(5);
        for (item, value) in [(3, 1.0), (2, 0.5), (0, 0.25), (0, 0.25)] {
            scores.add(item, value);
        }
        for (item, score) in [(0, 0.5), (1, 0.0), (2, 0.5), (3, 1.0), (9, 0.0)] {
            assert!((scores.of(item) - score).abs() < 1e-12, "{item}");
        }
        assert_eq!(scores.clone().take_best(2, &popularity), [3, 0]);
        assert_eq!(scores.take_best(4, &popularity), [3, 0, 2, 1]);
        assert_eq!(scores.take_best(2, &popularity), [1, 4], "the scores begin again at 0");
        assert_eq!(scores.take_best(0, &popularity), [0_u32; 0]);
    }

    #[test]
    fn of_many_the_best_are_those_of_a_full_sort() {
        let mut random = Random::new(7);
        let counts: Vec<u32> = (0..500).map(|_| u32::try_from(random.below(40)).expect("small")).collect();
        let popularity = Popularity::new(&counts);
        for count in [0, 1, 10, 70, 600] {
            let mut scores = Scores::new(500);
            // Few different scores, so that popularity decides often; some items have none.
            let drawn: Vec<f64> =
                (0..500).map(|_| f64::from(u32::try_from(random.below(6)).expect("small"))).collect();
            for (item, value) in (0_u32..).zip(&drawn).filter(|(_, value)| **value > 0.0) {
                scores.add(item, *value);
            }
            let mut expected: Vec<u32> = (0..500).collect();
            expected.sort_by(|a, b| {
                let score = |item: &u32| drawn[*item as usize];
                score(b).total_cmp(&score(a)).then_with(|| popularity.place(*a).cmp(&popularity.place(*b)))
            });
            expected.truncate(count);
            assert_eq!(scores.take_best(count, &popularity), expected, "{count}");
        }
    }

    #[test]
    fn recall_is_the_share_of_what_was_chosen() {
        assert_eq!(recall(&[1, 2, 3], &[3, 4, 1, 9]), Some(0.5));
        assert_eq!(recall(&[1], &[]), None);
    }
}
