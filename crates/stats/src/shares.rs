//! Shares of a total that several holders divide: by rank of preference, from sums or person by person, and how a
//! change in `size × share` divides between the two.

use crate::real::real;
use crate::unfit::{Unfit, at_least, finite, length};

/// The share each of N alternatives is expected to take by its rank: `(1 − rank/(N + 1)) · 2/N`. Keiningham, Aksoy,
/// Buoye and Cooil (2011), Harvard Business Review 89(10). Higher scores rank first; equal scores share the average
/// of their ranks, so that the shares always add up to 1.
pub fn shares_by_rank(scores: &[f64]) -> Result<Vec<f64>, Unfit> {
    at_least("the list of scores", scores.len(), 1)?;
    finite("a score", scores)?;
    let count = real(scores.len());
    let share = |score: &f64| {
        let better = real(scores.iter().filter(|other| *other > score).count());
        let equal = real(scores.iter().filter(|other| other.total_cmp(score).is_eq()).count());
        let rank = better + f64::midpoint(equal, 1.0);
        (1.0 - rank / (count + 1.0)) * 2.0 / count
    };
    Ok(scores.iter().map(share).collect())
}

/// A share of several people's totals, in the two ways that differ.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct GroupShare {
    /// Sum of the parts over sum of the totals: large totals count for more.
    pub of_sums: f64,
    /// Mean of each person's own share: people count the same.
    pub mean_of_shares: f64,
}

/// The share that `parts` are of `totals`, person by person; totals above 0.
pub fn group_share(parts: &[f64], totals: &[f64]) -> Result<GroupShare, Unfit> {
    at_least("the list of parts", parts.len(), 1)?;
    length("the list of totals", totals.len(), parts.len())?;
    finite("a part", parts)?;
    if let Some(&value) = totals.iter().find(|total| !(total.is_finite() && **total > 0.0)) {
        return Err(Unfit::OutOfRange { what: "a total", value, range: "above 0" });
    }
    let shares: f64 = parts.iter().zip(totals).map(|(part, total)| part / total).sum();
    Ok(GroupShare {
        of_sums: parts.iter().sum::<f64>() / totals.iter().sum::<f64>(),
        mean_of_shares: shares / real(parts.len()),
    })
}

/// A size and the share of it that one holder has.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Holding {
    /// The whole.
    pub size: f64,
    /// The holder's share of it, from 0 to 1.
    pub share: f64,
}

/// What of a change in `size × share` came from the size and what from the share.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ChangeParts {
    /// `s̄ · ΔW`: what the size did at the mean share.
    pub from_size: f64,
    /// `W̄ · Δs`: what the share did at the mean size.
    pub from_share: f64,
}

/// Divides the change exactly, without a remainder and without favouring either period: the midpoint form of Bennet
/// (1920), Journal of the Royal Statistical Society 83(3).
pub fn change_parts(before: Holding, after: Holding) -> ChangeParts {
    ChangeParts {
        from_size: f64::midpoint(before.share, after.share) * (after.size - before.size),
        from_share: f64::midpoint(before.size, after.size) * (after.share - before.share),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use proptest::prelude::*;

    use super::{Holding, change_parts, group_share, shares_by_rank};

    fn close(found: f64, expected: f64, tolerance: f64) {
        assert!((found - expected).abs() <= tolerance, "{found} is not {expected}");
    }

    #[test]
    fn shares_by_rank_match_the_golden_cases() {
        // Cases G-W1 to G-W4, six digits.
        for (scores, expected) in [
            (vec![7.0], vec![1.0]),
            (vec![9.0, 4.0], vec![0.666_667, 0.333_333]),
            (vec![9.0, 4.0, 2.0], vec![0.5, 0.333_333, 0.166_667]),
            (vec![9.0, 8.0, 4.0, 2.0], vec![0.4, 0.3, 0.2, 0.1]),
            (vec![9.0, 8.0, 4.0, 2.0, 1.0], vec![0.333_333, 0.266_667, 0.2, 0.133_333, 0.066_667]),
            (vec![9.0, 9.0, 4.0], vec![0.416_667, 0.416_667, 0.166_667]),
        ] {
            let found = shares_by_rank(&scores).expect("scores");
            found.into_iter().zip(expected).for_each(|(share, expected)| close(share, expected, 5e-7));
        }
        assert!(shares_by_rank(&[]).is_err());
    }

    #[test]
    fn the_share_of_sums_is_not_the_mean_of_shares() {
        // Case G-W5: 80 of 100 and 10 of 50.
        let found = group_share(&[80.0, 10.0], &[100.0, 50.0]).expect("totals");
        close(found.of_sums, 0.6, 1e-12);
        close(found.mean_of_shares, 0.5, 1e-12);
        assert!(group_share(&[1.0], &[0.0]).is_err());
        assert!(group_share(&[1.0], &[1.0, 2.0]).is_err());
    }

    #[test]
    fn the_golden_change_divides_into_size_and_share() {
        // Case G-M2: 1,000 at 0.5 to 800 at 0.375.
        let found =
            change_parts(Holding { size: 1_000.0, share: 0.5 }, Holding { size: 800.0, share: 0.375 });
        close(found.from_size, -87.5, 1e-9);
        close(found.from_share, -112.5, 1e-9);
    }

    proptest! {
        #[test]
        fn shares_by_rank_add_up_to_1_and_keep_the_order(scores in prop::collection::vec(0_u8..=10, 1..12)) {
            let scores: Vec<f64> = scores.into_iter().map(f64::from).collect();
            let shares = shares_by_rank(&scores).unwrap();
            prop_assert!((shares.iter().sum::<f64>() - 1.0).abs() < 1e-12);
            for (left, a) in scores.iter().zip(&shares) {
                for (right, b) in scores.iter().zip(&shares) {
                    prop_assert!(left.total_cmp(right) == a.total_cmp(b) || (left - right).abs() < 1e-12);
                }
            }
        }

        #[test]
        fn the_parts_of_a_change_add_up_to_it(w0 in 0.0_f64..1e4, w1 in 0.0_f64..1e4, s0 in 0.0_f64..=1.0, s1 in 0.0_f64..=1.0) {
            let (before, after) = (Holding { size: w0, share: s0 }, Holding { size: w1, share: s1 });
            let (there, back) = (change_parts(before, after), change_parts(after, before));
            prop_assert!((there.from_size + there.from_share - (w1 * s1 - w0 * s0)).abs() < 1e-8);
            prop_assert!((there.from_size + back.from_size).abs() < 1e-9);
        }
    }
}
