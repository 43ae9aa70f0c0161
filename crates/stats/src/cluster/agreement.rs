//! How far two groupings of the same cases agree, whatever the groups are called.
//! Hubert and Arabie (1985), Journal of Classification 2(1), equation 5; Jaccard (1912), New Phytologist 11(2).

use std::collections::BTreeSet;

use crate::linkage::clusters::pairs_within;
use crate::real::real;
use crate::unfit::{Unfit, at_least, length};

/// The adjusted Rand index: 1 for the same groups, 0 on average for unrelated ones, below 0 for worse than chance.
pub fn adjusted_rand<L: Ord, R: Ord>(left: &[L], right: &[R]) -> Result<f64, Unfit> {
    length("the second list of labels", right.len(), left.len())?;
    at_least("the list of labels", left.len(), 2)?;
    let all = real(left.len()) * (real(left.len()) - 1.0) / 2.0;
    let both = pairs_within(left.iter().zip(right));
    let (of_left, of_right) = (pairs_within(left.iter()), pairs_within(right.iter()));
    let (chance, most) = (of_left * of_right / all, f64::midpoint(of_left, of_right));
    // Both groupings put all together, or all apart: they agree, and the formula says 0/0.
    Ok(if (most - chance).abs() < f64::EPSILON * all { 1.0 } else { (both - chance) / (most - chance) })
}

/// The share of what is in either set that is in both; 1 of two empty sets.
pub fn jaccard<T: Ord>(left: &BTreeSet<T>, right: &BTreeSet<T>) -> f64 {
    let both = left.intersection(right).count();
    let either = left.len() + right.len() - both;
    if either == 0 { 1.0 } else { real(both) / real(either) }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::{adjusted_rand, jaccard};
    use crate::random::Random;

    #[test]
    fn the_index_matches_the_published_example() {
        // Hubert and Arabie's contingency table as worked in Yeung and Ruzzo (2001), supplement: 10 objects,
        // rows (1,1,0), (1,2,1), (0,0,4): index 0.313.
        let left = [0, 0, 1, 1, 1, 1, 2, 2, 2, 2];
        let right = [0, 1, 0, 1, 1, 2, 2, 2, 2, 2];
        assert!((adjusted_rand(&left, &right).expect("labels") - 0.3126).abs() < 5e-4);
        assert!(adjusted_rand(&[1], &[1]).is_err());
        assert!(adjusted_rand(&[1, 2], &[1]).is_err());
    }

    #[test]
    fn unrelated_groupings_agree_by_chance_alone() {
        let mut random = Random::new(191);
        let mut labels = || -> Vec<u64> { (0..5_000).map(|_| random.below(4)).collect() };
        let (left, right) = (labels(), labels());
        assert!(adjusted_rand(&left, &right).expect("labels").abs() < 0.005);
    }

    #[test]
    fn sets_overlap_by_their_share_in_common() {
        let set = |items: &[u8]| items.iter().copied().collect::<BTreeSet<u8>>();
        assert!((jaccard(&set(&[1, 2, 3]), &set(&[2, 3, 4])) - 0.5).abs() < 1e-12);
        assert!((jaccard(&set(&[]), &set(&[])) - 1.0).abs() < 1e-12);
    }

    proptest! {
        #[test]
        fn names_of_groups_do_not_matter(labels in prop::collection::vec(0_usize..4, 2..40), shift in 1_usize..4) {
            let renamed: Vec<usize> = labels.iter().map(|label| (label + shift) % 4 + 10).collect();
            prop_assert!((adjusted_rand(&labels, &renamed).unwrap() - 1.0).abs() < 1e-9);
        }
    }
}
