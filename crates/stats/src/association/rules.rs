//! How strongly one item goes with another: support and confidence of Agrawal, Imielinski and Swami (1993), SIGMOD;
//! lift of Brin, Motwani, Ullman and Tsur (1997), SIGMOD; and whether it may be chance, by the likelihood ratio of
//! Dunning (1993), Computational Linguistics 19(1).

use crate::unfit::{Unfit, in_range};

/// Counts of sets: all, with the first item, with the second, with both.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Together {
    /// All sets.
    pub sets: u64,
    /// Sets with the first item.
    pub first: u64,
    /// Sets with the second item.
    pub second: u64,
    /// Sets with both.
    pub both: u64,
}

/// What the counts say of the rule "first, then second".
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rule {
    /// Share of all sets that hold both.
    pub support: f64,
    /// Share of the sets with the first that hold the second too.
    pub confidence: f64,
    /// Confidence over the second's own share: above 1 they go together, below 1 they avoid each other.
    pub lift: f64,
    /// Dunning's G²: 3.84 or more is unlikely (5 %) if the items are independent. Unlike lift it does not prefer rare
    /// items.
    pub likelihood_ratio: f64,
}

impl Together {
    /// The measures. Refuses counts that no sets can have.
    #[expect(clippy::cast_precision_loss, reason = "counts of sets are below 2^53")]
    pub fn rule(&self) -> Result<Rule, Unfit> {
        let [sets, first, second, both] =
            [self.sets, self.first, self.second, self.both].map(|count| count as f64);
        in_range("the count of the first item", first, "above 0 and up to the number of sets", |n| {
            n > 0.0 && n <= sets
        })?;
        in_range("the count of the second item", second, "above 0 and up to the number of sets", |n| {
            n > 0.0 && n <= sets
        })?;
        in_range("the count of both items", both, "that the counts of each allow", |n| {
            n <= first && n <= second && first + second - n <= sets
        })?;
        let confidence = both / first;
        let cell = |found: f64, row: f64, column: f64| {
            if found > 0.0 { found * libm::log(found * sets / (row * column)) } else { 0.0 }
        };
        let cells = cell(both, first, second)
            + cell(first - both, first, sets - second)
            + cell(second - both, sets - first, second)
            + cell(sets - first - second + both, sets - first, sets - second);
        let likelihood_ratio = (2.0 * cells).max(0.0);
        Ok(Rule { support: both / sets, confidence, lift: confidence / (second / sets), likelihood_ratio })
    }

    /// The correlation of having the one with having the other, from −1 to 1: phi of Yule (1912), Journal of the Royal
    /// Statistical Society 75(6), page 596. 0 where either item is in all sets or in none, because nothing varies.
    #[expect(clippy::cast_precision_loss, reason = "counts of sets are below 2^53")]
    pub fn correlation(&self) -> f64 {
        let [sets, first, second, both] =
            [self.sets, self.first, self.second, self.both].map(|count| count as f64);
        let spread = first * (sets - first) * second * (sets - second);
        if spread > 0.0 { (sets * both - first * second) / spread.sqrt() } else { 0.0 }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use proptest::prelude::*;

    use super::Together;

    #[test]
    fn measures_match_a_count_by_hand() {
        // Brin et al.'s tea and coffee: of 100 baskets 25 with tea, 90 with coffee, 20 with both. Confidence 0.8 looks
        // high, lift 0.889 says that tea keeps people from coffee.
        let found = Together { sets: 100, first: 25, second: 90, both: 20 }.rule().expect("counts");
        assert!((found.support - 0.2).abs() < 1e-12 && (found.confidence - 0.8).abs() < 1e-12);
        assert!((found.lift - 0.8 / 0.9).abs() < 1e-12);
        // 2 Σ O ln(O/E) with O 20, 5, 70, 5 and E 22.5, 2.5, 67.5, 7.5.
        let expected: f64 = [(20.0, 22.5), (5.0, 2.5), (70.0, 67.5), (5.0, 7.5)]
            .iter()
            .map(|(o, e): &(f64, f64)| 2.0 * o * (o / e).ln())
            .sum();
        assert!((found.likelihood_ratio - expected).abs() < 1e-9, "{found:?}");
    }

    #[test]
    fn correlation_is_1_for_the_same_sets_and_0_for_independent_ones() {
        let of = |first, second, both| Together { sets: 100, first, second, both }.correlation();
        assert!((of(25, 25, 25) - 1.0).abs() < 1e-12 && of(20, 50, 10).abs() < 1e-12);
        // Tea and coffee: (100·20 − 25·90)/√(25·75·90·10).
        assert!((of(25, 90, 20) + 250.0 / 1_687_500.0_f64.sqrt()).abs() < 1e-12);
        assert!(of(100, 50, 50).abs() < 1e-12);
    }

    #[test]
    fn counts_that_cannot_be_are_refused() {
        for (sets, first, second, both) in [(10, 0, 5, 0), (10, 5, 11, 3), (10, 5, 5, 6), (10, 8, 8, 5)] {
            assert!(Together { sets, first, second, both }.rule().is_err(), "{sets} {first} {second} {both}");
        }
    }

    proptest! {
        #[test]
        fn independent_items_have_lift_1_and_no_evidence(a in 1_u64..40, b in 1_u64..40) {
            let found = Together { sets: 1_600, first: a * 40, second: b * 40, both: a * b }.rule().unwrap();
            prop_assert!((found.lift - 1.0).abs() < 1e-12 && found.likelihood_ratio < 1e-6);
        }

        #[test]
        fn lift_is_the_same_both_ways(first in 1_u64..50, second in 1_u64..50, both in 0_u64..50) {
            let both = both.min(first).min(second);
            let there = Together { sets: 100, first, second, both }.rule().unwrap();
            let back = Together { sets: 100, first: second, second: first, both }.rule().unwrap();
            prop_assert!((there.lift - back.lift).abs() < 1e-9);
            prop_assert!((there.likelihood_ratio - back.likelihood_ratio).abs() < 1e-9);
        }
    }
}
