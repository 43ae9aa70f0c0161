//! How alike two short texts such as names are, forgiving of typing.
//! Jaro (1989), JASA 84(406); the bonus for a common beginning by Winkler (1990), Proceedings of the Section on
//! Survey Research Methods, 354–359.

use crate::real::real;

/// Weight of each common character at the beginning, and how many count (Winkler 1990).
const PREFIX_WEIGHT: f64 = 0.1;
const PREFIX_MAX: usize = 4;

/// Jaro's likeness from 0 to 1: common characters within half the longer length, and how many of them are out of order.
/// 1 of two empty texts, 0 of one.
pub fn jaro(left: &str, right: &str) -> f64 {
    let (left, right): (Vec<char>, Vec<char>) = (left.chars().collect(), right.chars().collect());
    if left.is_empty() || right.is_empty() {
        return if left.len() == right.len() { 1.0 } else { 0.0 };
    }
    let window = (left.len().max(right.len()) / 2).saturating_sub(1);
    let mut taken = vec![false; right.len()];
    let mut common = Vec::with_capacity(left.len());
    for (i, a) in left.iter().enumerate() {
        let range = i.saturating_sub(window)..(i + window + 1).min(right.len());
        // Beyond the end of a shorter text the range is empty.
        for j in range {
            if !taken[j] && right[j] == *a {
                taken[j] = true;
                common.push(*a);
                break;
            }
        }
    }
    if common.is_empty() {
        return 0.0;
    }
    let other = right.iter().zip(&taken).filter(|(_, taken)| **taken).map(|(b, _)| b);
    let displaced = common.iter().zip(other).filter(|(a, b)| a != b).count();
    let count = real(common.len());
    (count / real(left.len()) + count / real(right.len()) + (count - real(displaced) / 2.0) / count) / 3.0
}

/// Jaro's likeness, raised by a tenth of what is missing for each of the first four characters in common.
pub fn jaro_winkler(left: &str, right: &str) -> f64 {
    let likeness = jaro(left, right);
    let prefix = left.chars().zip(right.chars()).take(PREFIX_MAX).take_while(|(a, b)| a == b).count();
    likeness + real(prefix) * PREFIX_WEIGHT * (1.0 - likeness)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use proptest::prelude::*;

    use super::{jaro, jaro_winkler};

    #[test]
    fn likenesses_match_the_published_table() {
        // Winkler (1990) and the U.S. Census Bureau's table of name pairs, three digits.
        for (left, right, plain, with_prefix) in [
            ("SHACKLEFORD", "SHACKELFORD", 0.970, 0.982),
            ("DUNNINGHAM", "CUNNIGHAM", 0.896, 0.896),
            ("NICHLESON", "NICHULSON", 0.926, 0.956),
            ("JONES", "JOHNSON", 0.790, 0.832),
            ("MASSEY", "MASSIE", 0.889, 0.933),
            ("ABROMS", "ABRAMS", 0.889, 0.922),
            ("MARTHA", "MARHTA", 0.944, 0.961),
            ("DWAYNE", "DUANE", 0.822, 0.840),
            ("DIXON", "DICKSONX", 0.767, 0.813),
            ("", "", 1.0, 1.0),
            ("", "A", 0.0, 0.0),
            ("AB", "CD", 0.0, 0.0),
        ] {
            assert!((jaro(left, right) - plain).abs() < 5.1e-4, "{left}, {right}: {}", jaro(left, right));
            let found = jaro_winkler(left, right);
            assert!((found - with_prefix).abs() < 5.1e-4, "{left}, {right}: {found}");
        }
    }

    proptest! {
        #[test]
        fn a_likeness_lies_between_0_and_1_and_is_1_of_the_same(a in "[abcd]{0,9}", b in "[abcd]{0,9}") {
            for found in [jaro(&a, &b), jaro_winkler(&a, &b)] {
                prop_assert!((0.0..=1.0 + 1e-12).contains(&found), "{}", found);
            }
            prop_assert!((jaro(&a, &a) - 1.0).abs() < 1e-12);
            prop_assert!(jaro_winkler(&a, &b) >= jaro(&a, &b) - 1e-12);
        }
    }
}
