//! Whether the groups of an experiment are as large as they were meant to be: if they are not, cases were lost or
//! moved on the way, and no effect can be trusted (sample ratio mismatch).
//! Pearson's chi-square (1900); its use by Fabijan et al. (2019), KDD, who alarm below 0.0005.

use crate::special::upper_gamma;
use crate::unfit::{Unfit, at_least, in_range, length};

/// How far the sizes of groups are from those intended.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SampleRatio {
    /// `Σ (found − expected)²/expected`.
    pub chi_square: f64,
    /// Chance of sizes at least as far off, if all went as intended.
    pub chance: f64,
}

/// Compares the cases found in each group with the share intended for it; shares above 0 that add up to 1.
pub fn sample_ratio(found: &[f64], shares: &[f64]) -> Result<SampleRatio, Unfit> {
    at_least("the list of groups", found.len(), 2)?;
    length("the list of shares", shares.len(), found.len())?;
    let total: f64 = found.iter().sum();
    in_range("the number of cases", total, "above 0", |total| total > 0.0)?;
    let shares_total: f64 = shares.iter().sum();
    in_range("the sum of the shares", shares_total, "of 1", |sum| (sum - 1.0).abs() < 1e-9)?;
    for share in shares {
        in_range("a share", *share, "above 0", |share| share > 0.0)?;
    }
    let parts = found.iter().zip(shares).map(|(found, share)| {
        let expected = total * share;
        (found - expected) * (found - expected) / expected
    });
    let chi_square: f64 = parts.sum();
    let freedom = crate::real::real(found.len() - 1);
    Ok(SampleRatio { chi_square, chance: upper_gamma(freedom / 2.0, chi_square / 2.0) })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::sample_ratio;
    use crate::random::Random;

    #[test]
    fn a_mismatch_matches_a_count_by_hand() {
        // 60 and 40 where 50 and 50 were meant: 100/50 twice = 4; beyond 4 lie 4.55 % of chi-square with one degree.
        let found = sample_ratio(&[60.0, 40.0], &[0.5, 0.5]).expect("groups");
        assert!((found.chi_square - 4.0).abs() < 1e-12, "{found:?}");
        assert!((found.chance - 0.045_500_263_896_358).abs() < 1e-12, "{found:?}");
        assert!((sample_ratio(&[5.0, 95.0], &[0.05, 0.95]).expect("groups").chance - 1.0).abs() < 1e-12);
        assert!(sample_ratio(&[5.0], &[1.0]).is_err());
        assert!(sample_ratio(&[5.0, 5.0], &[0.5, 0.6]).is_err());
    }

    #[test]
    fn groups_as_intended_alarm_as_rarely_as_stated() {
        let (mut random, rounds) = (Random::new(83), 2_000_u32);
        let alarms = (0..rounds).filter(|_| {
            let mut found = [0.0; 3];
            for _ in 0..400 {
                let draw = random.uniform();
                found[if draw < 0.1 {
                    0
                } else if draw < 0.4 {
                    1
                } else {
                    2
                }] += 1.0;
            }
            sample_ratio(&found, &[0.1, 0.3, 0.6]).expect("groups").chance < 0.05
        });
        // Four standard errors of 0.05 in 2,000 rounds are 0.0195.
        assert!(
            (f64::from(u32::try_from(alarms.count()).unwrap()) / f64::from(rounds) - 0.05).abs() < 0.0195
        );
    }
}
