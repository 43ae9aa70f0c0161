//! Groups that overlap and differ in spread: a mixture of Gaussians with diagonal covariances, fitted by EM.
//! Dempster, Laird and Rubin (1977), JRSS B 39(1); the number of groups by BIC, Schwarz (1978), Annals of Statistics
//! 6(2), as Fraley and Raftery (2002), JASA 97(458) use it.

use std::f64::consts::PI;

use crate::cluster::k_means::KMeans;
use crate::moments::Moments;
use crate::real::real;
use crate::rows::Rows;
use crate::unfit::{Unfit, at_least, in_range};

/// A group's variance in a column is at least this share of the column's own, so that a group cannot close in on a
/// single row, where the likelihood has no bound.
const VARIANCE_SHARE_MIN: f64 = 1e-4;

/// Settings: the same ones give the same mixture.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Settings {
    /// Most rounds of EM.
    pub rounds_max: usize,
    /// Ends when a row's mean log-likelihood rises by less.
    pub tolerance: f64,
    /// Seed of the k-means it begins with.
    pub seed: u64,
}

/// One group.
#[derive(Debug, Clone, PartialEq)]
pub struct Component {
    /// Share of the rows.
    pub weight: f64,
    /// Mean of each column.
    pub means: Vec<f64>,
    /// Variance of each column.
    pub variances: Vec<f64>,
}

/// A fitted mixture, the heaviest group first.
#[derive(Debug, Clone, PartialEq)]
pub struct Mixture {
    /// The groups.
    pub components: Vec<Component>,
    /// Log-likelihood of the rows.
    pub log_likelihood: f64,
    /// `−2 LL + p ln n` with p free parameters; the smaller the better.
    pub bic: f64,
}

impl Mixture {
    /// Fits so many groups; at least two rows for each.
    pub fn fit(rows: &Rows<'_>, groups: usize, settings: &Settings) -> Result<Self, Unfit> {
        at_least("the number of groups", groups, 1)?;
        at_least("the table", rows.len(), groups.saturating_mul(2))?;
        in_range("the tolerance", settings.tolerance, "above 0", |tolerance| tolerance > 0.0)?;
        let floors = floors(rows)?;
        let start = KMeans::usual(groups, settings.seed).fit(rows)?;
        let mut shares = vec![0.0; rows.len() * groups];
        for (row, label) in start.labels.iter().enumerate() {
            shares[row * groups + label] = 1.0;
        }
        let mut mixture =
            Self { components: Vec::new(), log_likelihood: f64::NEG_INFINITY, bic: f64::INFINITY };
        for _ in 0..settings.rounds_max.max(1) {
            mixture.components = maximise(rows, groups, &shares, &floors);
            let before = mixture.log_likelihood;
            mixture.log_likelihood = mixture.expect(rows, &mut shares);
            if mixture.log_likelihood - before < settings.tolerance * real(rows.len()) {
                break;
            }
        }
        let free = real(groups - 1 + 2 * groups * rows.columns());
        mixture.bic = -2.0 * mixture.log_likelihood + free * libm::log(real(rows.len()));
        mixture.components.sort_by(|left, right| right.weight.total_cmp(&left.weight));
        Ok(mixture)
    }

    /// The mixture with the smallest BIC from 1 to `groups_max` groups.
    pub fn choose(rows: &Rows<'_>, groups_max: usize, settings: &Settings) -> Result<Self, Unfit> {
        let mut best = Self::fit(rows, 1, settings)?;
        for groups in 2..=groups_max {
            let other = Self::fit(rows, groups, settings)?;
            if other.bic < best.bic {
                best = other;
            }
        }
        Ok(best)
    }

    /// The probability of each group for a row.
    pub fn probabilities(&self, row: &[f64]) -> Vec<f64> {
        let mut logs: Vec<f64> = self.components.iter().map(|component| component.log_density(row)).collect();
        normalise(&mut logs);
        logs
    }

    /// The most probable group of a row, with its probability.
    pub fn most_probable(&self, row: &[f64]) -> (usize, f64) {
        let probabilities = self.probabilities(row).into_iter().enumerate();
        probabilities.max_by(|left, right| left.1.total_cmp(&right.1)).unwrap_or((0, 0.0))
    }

    /// Fills in each row's share in each group; returns the log-likelihood.
    fn expect(&self, rows: &Rows<'_>, shares: &mut [f64]) -> f64 {
        let groups = self.components.len();
        let mut sum = 0.0;
        for (row, shares) in rows.iter().zip(shares.chunks_exact_mut(groups)) {
            for (share, component) in shares.iter_mut().zip(&self.components) {
                *share = component.log_density(row);
            }
            sum += normalise(shares);
        }
        sum
    }
}

impl Component {
    /// Log of weight times density.
    fn log_density(&self, row: &[f64]) -> f64 {
        let parts = row.iter().zip(&self.means).zip(&self.variances).map(|((value, mean), variance)| {
            let distance = value - mean;
            libm::log(2.0 * PI * variance) + distance * distance / variance
        });
        libm::log(self.weight) - parts.sum::<f64>() / 2.0
    }
}

/// Turns logs into shares that add up to 1, without underflow; returns the log of their sum.
fn normalise(logs: &mut [f64]) -> f64 {
    let top = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let mut sum = 0.0;
    for log in logs.iter_mut() {
        *log = libm::exp(*log - top);
        sum += *log;
    }
    for share in logs.iter_mut() {
        *share /= sum;
    }
    top + libm::log(sum)
}

/// The least variance of each column; refuses a column that does not vary.
fn floors(rows: &Rows<'_>) -> Result<Vec<f64>, Unfit> {
    let mut moments = vec![Moments::default(); rows.columns()];
    for row in rows.iter() {
        moments.iter_mut().zip(row).for_each(|(moments, value)| moments.add(*value));
    }
    moments
        .iter()
        .map(|moments| {
            if moments.variance() > 0.0 {
                Ok(moments.variance() * VARIANCE_SHARE_MIN)
            } else {
                Err(Unfit::Constant { what: "a column of the table" })
            }
        })
        .collect()
}

fn maximise(rows: &Rows<'_>, groups: usize, shares: &[f64], floors: &[f64]) -> Vec<Component> {
    let zero = || vec![0.0; rows.columns()];
    let mut components: Vec<Component> =
        (0..groups).map(|_| Component { weight: 0.0, means: zero(), variances: zero() }).collect();
    for (row, shares) in rows.iter().zip(shares.chunks_exact(groups)) {
        for (component, share) in components.iter_mut().zip(shares) {
            component.weight += share;
            component.means.iter_mut().zip(row).for_each(|(mean, value)| *mean += share * value);
        }
    }
    for component in &mut components {
        // A group that lost all its rows keeps a trace, so that nothing divides by 0.
        component.weight = component.weight.max(1e-10);
        let weight = component.weight;
        component.means.iter_mut().for_each(|mean| *mean /= weight);
    }
    for (row, shares) in rows.iter().zip(shares.chunks_exact(groups)) {
        for (component, share) in components.iter_mut().zip(shares) {
            let pairs = row.iter().zip(&component.means);
            component.variances.iter_mut().zip(pairs).for_each(|(variance, (value, mean))| {
                *variance += share * (value - mean) * (value - mean);
            });
        }
    }
    for component in &mut components {
        let weight = component.weight;
        let pairs = component.variances.iter_mut().zip(floors);
        pairs.for_each(|(variance, floor)| *variance = (*variance / weight).max(*floor));
        component.weight /= real(rows.len());
    }
    components
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::{Mixture, Settings};
    use crate::cluster::agreement::adjusted_rand;
    use crate::cluster::k_means::KMeans;
    use crate::random::Random;
    use crate::rows::Rows;

    const SETTINGS: Settings = Settings { rounds_max: 500, tolerance: 1e-8, seed: 1 };

    /// A wide group of 1,400 around 0 and a narrow one of 600 at (3, 0), which k-means cannot tell apart well.
    fn wide_and_narrow() -> (Vec<f64>, Vec<usize>) {
        let mut random = Random::new(181);
        let mut values = Vec::new();
        let truth: Vec<usize> = (0..2_000).map(|row| usize::from(row >= 1_400)).collect();
        for group in &truth {
            let (centre, spread) = [(0.0, 2.0), (3.0, 0.3)][*group];
            values.extend([centre + spread * random.normal(), spread * random.normal()]);
        }
        (values, truth)
    }

    #[test]
    fn planted_weights_means_and_variances_are_recovered() {
        let (values, truth) = wide_and_narrow();
        let rows = Rows::new(&values, 2).expect("rows");
        let found = Mixture::fit(&rows, 2, &SETTINGS).expect("a fit");
        let [wide, narrow] = &found.components[..] else { panic!("two groups") };
        assert!((wide.weight - 0.7).abs() < 0.03, "{}", wide.weight);
        assert!(
            (wide.variances[0] - 4.0).abs() < 0.4 && (narrow.variances[1] - 0.09).abs() < 0.02,
            "{found:?}"
        );
        assert!((narrow.means[0] - 3.0).abs() < 0.05 && wide.means[0].abs() < 0.2, "{found:?}");
        let labels: Vec<usize> = rows.iter().map(|row| found.most_probable(row).0).collect();
        let means = KMeans::usual(2, 1).fit(&rows).expect("a fit");
        let agreement = |labels: &[usize]| adjusted_rand(labels, &truth).expect("labels");
        assert!(agreement(&labels) > agreement(&means.labels) + 0.2, "{}", agreement(&means.labels));
    }

    #[test]
    fn bic_finds_how_many_groups_were_planted() {
        let (values, _) = wide_and_narrow();
        assert_eq!(
            Mixture::choose(&Rows::new(&values, 2).expect("rows"), 4, &SETTINGS)
                .expect("a fit")
                .components
                .len(),
            2
        );
        let mut random = Random::new(182);
        let one: Vec<f64> = (0..2_000).map(|_| random.normal()).collect();
        assert_eq!(
            Mixture::choose(&Rows::new(&one, 2).expect("rows"), 4, &SETTINGS)
                .expect("a fit")
                .components
                .len(),
            1
        );
    }

    #[test]
    fn one_group_is_the_normal_likelihood() {
        // −1, 1 and 0, 0 doubled: mean 0, variance (2 · 1)/4 = 0.5; LL = −n/2 (ln 2πσ² + 1).
        let values = [-1.0, 1.0, 0.0, 0.0];
        let found = Mixture::fit(&Rows::new(&values, 1).expect("rows"), 1, &SETTINGS).expect("a fit");
        let expected = -2.0 * ((std::f64::consts::PI).ln() + 1.0);
        assert!((found.log_likelihood - expected).abs() < 1e-9, "{found:?}");
        assert!((found.bic - (2.0 * 4.0_f64.ln() - 2.0 * expected)).abs() < 1e-9);
    }

    #[test]
    fn probabilities_add_up_even_far_from_every_group() {
        let (values, _) = wide_and_narrow();
        let found = Mixture::fit(&Rows::new(&values, 2).expect("rows"), 2, &SETTINGS).expect("a fit");
        for row in [[0.0, 0.0], [1e6, -1e6]] {
            let sum: f64 = found.probabilities(&row).iter().sum();
            assert!((sum - 1.0).abs() < 1e-12, "{row:?}");
        }
        let flat = [1.0; 8];
        assert!(Mixture::fit(&Rows::new(&flat, 2).expect("rows"), 2, &SETTINGS).is_err());
        assert!(Mixture::fit(&Rows::new(&values[..6], 2).expect("rows"), 2, &SETTINGS).is_err());
    }
}
