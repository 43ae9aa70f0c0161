//! Three kinds of pairs instead of two: one person, two of one household, and two who have nothing to do with one another.
//! What a household shares agrees among its members as it does in one person's records, so that it cannot make them one:
//! Larsen and Rubin (2001), Iterative automated record linkage using mixture models, JASA 96(453).

/// Bits that the possibility of a household takes away from the weight of a pair; never above 0.
///
/// With the odds `w` of one person against a random pair, and `h` of a household against a random pair, the odds of one
/// person against both are `w / (1 + h)`. Here `h = odds · 2^shared_bits · own_ratio`: `odds` are pairs of a household for
/// each random pair, `shared_bits` the weight of what a household shares, and `own_ratio` how much more often than by chance
/// what is a person's own agrees as it does within a household (twins have one date of birth).
pub fn household_bits(odds: f64, shared_bits: f64, own_ratio: f64) -> f64 {
    -libm::log2(1.0 + odds * libm::exp2(shared_bits) * own_ratio)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::household_bits;
    use crate::linkage::model::probability;

    #[test]
    fn the_odds_are_those_of_bayes_over_three_kinds() {
        // One person 0.001, household 0.02, else 0.979 beforehand; likelihoods 0.5, 0.4 and 0.000 1 of what is shared, and
        // of what is a person's own 0.8, 0.03 and 0.001: 0.000 4 / (0.000 4 + 0.000 24 + 0.000 000 097 9).
        let (person, household, rest) = (0.001 * 0.5 * 0.8, 0.02 * 0.4 * 0.03, 0.979 * 0.000_1 * 0.001);
        let weight = libm::log2(person / rest);
        let shared = libm::log2(0.4 / 0.000_1);
        let found = probability(weight + household_bits(0.02 / 0.979, shared, 0.03 / 0.001));
        assert!((found - person / (person + household + rest)).abs() < 1e-12, "{found}");
        assert!((found - 0.624_9).abs() < 5e-5, "{found}");
    }

    proptest! {
        #[test]
        fn a_household_never_speaks_for_one_person(odds in 0.0..1.0_f64, shared in -20.0..40.0_f64, own in 0.0..500.0_f64) {
            prop_assert!(household_bits(odds, shared, own) <= 0.0);
            prop_assert!(household_bits(odds, shared + 1.0, own) <= household_bits(odds, shared, own));
        }
    }
}
