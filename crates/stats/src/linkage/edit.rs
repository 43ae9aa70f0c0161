//! How many single-character edits turn one text into another.
//! Levenshtein (1966), Soviet Physics Doklady 10(8), by the dynamic programme of Wagner and Fischer (1974), JACM
//! 21(1); with swaps of neighbours as in Damerau (1964), Communications of the ACM 7(3).

/// Insertions, deletions and replacements of characters.
pub fn levenshtein(left: &str, right: &str) -> usize {
    distance(left, right, false)
}

/// The same, and a swap of two neighbours counts once. No part of the text is edited twice ("optimal string
/// alignment").
pub fn damerau(left: &str, right: &str) -> usize {
    distance(left, right, true)
}

/// A distance as a likeness: `1 − distance/length of the longer text`; 1 of two empty texts.
pub fn likeness(distance: usize, left: &str, right: &str) -> f64 {
    let longer = left.chars().count().max(right.chars().count());
    if longer == 0 { 1.0 } else { 1.0 - crate::real::real(distance) / crate::real::real(longer) }
}

/// Keeps three rows of the table: the one being filled, the one before, and the one before that for swaps.
fn distance(left: &str, right: &str, swaps: bool) -> usize {
    let (left, right): (Vec<char>, Vec<char>) = (left.chars().collect(), right.chars().collect());
    let mut before: Vec<usize> = vec![0; right.len() + 1];
    let mut last: Vec<usize> = (0..=right.len()).collect();
    let mut now = vec![0; right.len() + 1];
    for (i, a) in left.iter().enumerate() {
        now[0] = i + 1;
        for (j, b) in right.iter().enumerate() {
            let kept_or_replaced = last[j] + usize::from(a != b);
            let mut fewest = kept_or_replaced.min(last[j + 1] + 1).min(now[j] + 1);
            if swaps && i > 0 && j > 0 && *a == right[j - 1] && left[i - 1] == *b {
                fewest = fewest.min(before[j - 1] + 1);
            }
            now[j + 1] = fewest;
        }
        std::mem::swap(&mut before, &mut last);
        std::mem::swap(&mut last, &mut now);
    }
    last[right.len()]
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use proptest::prelude::*;

    use super::{damerau, levenshtein, likeness};

    #[test]
    fn distances_match_counts_by_hand() {
        for (left, right, plain, with_swaps) in [
            ("kitten", "sitting", 3, 3),
            ("", "abc", 3, 3),
            ("same", "same", 0, 0),
            ("martha", "marhta", 2, 1),
            ("ca", "abc", 3, 3),
            ("张小明", "张晓明", 1, 1),
            ("19560409", "19564009", 2, 1),
        ] {
            assert_eq!(levenshtein(left, right), plain, "{left}, {right}");
            assert_eq!(damerau(left, right), with_swaps, "{left}, {right}");
        }
        assert!((likeness(3, "kitten", "sitting") - 4.0 / 7.0).abs() < 1e-12);
        assert!((likeness(0, "", "") - 1.0).abs() < 1e-12);
    }

    proptest! {
        #[test]
        fn the_distance_is_a_metric(a in "[abc]{0,8}", b in "[abc]{0,8}", c in "[abc]{0,8}") {
            prop_assert_eq!(levenshtein(&a, &b), levenshtein(&b, &a));
            prop_assert_eq!(levenshtein(&a, &b) == 0, a == b);
            prop_assert!(levenshtein(&a, &c) <= levenshtein(&a, &b) + levenshtein(&b, &c));
            prop_assert!(damerau(&a, &b) <= levenshtein(&a, &b));
            prop_assert!(levenshtein(&a, &b) <= a.len().max(b.len()) && levenshtein(&a, &b) >= a.len().abs_diff(b.len()));
        }
    }
}
