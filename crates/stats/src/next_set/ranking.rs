//! The best items of a list of scores, popular ones first where nothing else is known, and how good a list was.

use crate::real::real;

/// A score for some items, all others being 0, over one array that is used again for the next holder.
#[derive(Debug, Clone)]
pub(super) struct Scores {
    values: Vec<f64>,
    touched: Vec<u32>,
}

impl Scores {
    pub(super) fn new(item_count: usize) -> Self {
        Self { values: vec![0.0; item_count], touched: Vec::new() }
    }

    /// Adds to an item's score; items below the count given at the start.
    pub(super) fn add(&mut self, item: u32, value: f64) {
        let score = &mut self.values[item as usize];
        if *score <= 0.0 {
            self.touched.push(item);
        }
        *score += value;
    }

    /// The items with a score above 0.
    pub(super) fn touched(&self) -> Vec<(u32, f64)> {
        self.touched.iter().map(|item| (*item, self.values[*item as usize])).collect()
    }

    /// The `count` best items, best first: by score, then by popularity, then by number. Places that no score fills go
    /// to the most popular of the rest. The scores are 0 again afterwards.
    pub(super) fn take_best(&mut self, count: usize, popularity: &Popularity) -> Vec<u32> {
        let mut best: Vec<(f64, u32)> =
            self.touched.iter().map(|item| (self.values[*item as usize], *item)).collect();
        let order = |a: &(f64, u32), b: &(f64, u32)| {
            b.0.total_cmp(&a.0).then_with(|| popularity.place(a.1).cmp(&popularity.place(b.1)))
        };
        if best.len() > count && count > 0 {
            best.select_nth_unstable_by(count - 1, order);
        }
        best.truncate(count);
        best.sort_unstable_by(order);
        let mut ranked: Vec<u32> = best.into_iter().map(|(_, item)| item).collect();
        let rest = popularity.order.iter().filter(|item| self.values[**item as usize] <= 0.0);
        ranked.extend(rest.take(count - ranked.len()));
        for item in self.touched.drain(..) {
            self.values[item as usize] = 0.0;
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
mod tests {
    use super::{Popularity, Scores, recall};

    #[test]
    fn the_best_come_by_score_then_popularity_and_the_popular_fill_up() {
        let popularity = Popularity::new(&[5, 9, 5, 0, 7]);
        assert_eq!(popularity.best(9), [1, 4, 0, 2, 3]);
        let mut scores = Scores::new(5);
        for (item, value) in [(3, 1.0), (2, 0.5), (0, 0.25), (0, 0.25)] {
            scores.add(item, value);
        }
        assert_eq!(scores.touched(), [(3, 1.0), (2, 0.5), (0, 0.5)]);
        assert_eq!(scores.clone().take_best(2, &popularity), [3, 0]);
        assert_eq!(scores.take_best(4, &popularity), [3, 0, 2, 1]);
        assert_eq!(scores.take_best(2, &popularity), [1, 4], "the scores begin again at 0");
        assert_eq!(scores.take_best(0, &popularity), [0_u32; 0]);
    }

    #[test]
    fn recall_is_the_share_of_what_was_chosen() {
        assert_eq!(recall(&[1, 2, 3], &[3, 4, 1, 9]), Some(0.5));
        assert_eq!(recall(&[1], &[]), None);
    }
}
