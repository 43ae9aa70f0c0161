//! Every model finds the parameters its simulated customers were made with, within the errors it states itself.

use stats::customer_base::{
    BetaGeometricBetaBinomial, BetaGeometricNbd, FirstDropout, Fit, GammaGamma, Groups, Nbd, ParetoNbd,
    Renewals, ShiftedBetaGeometric,
};
use stats::random::Random;

use crate::simulate;

/// The truth lies within 3.5 standard errors of every parameter on the logarithmic scale, and the stated errors are
/// small enough for that to mean something.
fn check<M, const N: usize>(name: &str, fit: &Fit<M, N>, found: [f64; N], truth: [f64; N], error_max: f64) {
    for i in 0..N {
        let error = fit.covariance_of_logarithms[i][i].sqrt();
        let off = (found[i] / truth[i]).ln();
        assert!(
            off.abs() < 3.5 * error,
            "{name}, parameter {i}: {found:?}, not {truth:?}; off by {} errors",
            off / error
        );
        assert!(error < error_max, "{name}, parameter {i}: error {error}");
        assert!(
            (fit.standard_errors[i] / found[i] - error).abs() < 1e-12 * error,
            "{name}: errors of parameter {i} disagree"
        );
    }
}

#[test]
fn the_nbd_is_recovered() {
    let truth = [0.4, 12.0];
    let drawn = simulate::customers(20_000, None, 11, |age, random| simulate::nbd(truth, age, random));
    let fit = Nbd::fit(&Groups::of(drawn)).expect("a fit");
    check("NBD", &fit, fit.model.parameters(), truth, 0.05);
}

#[test]
fn both_beta_geometric_models_are_recovered() {
    for (dropout, truth) in
        [(FirstDropout::AfterRepeat, [0.25, 4.4, 0.8, 2.4]), (FirstDropout::AfterFirst, [0.6, 6.0, 1.5, 3.0])]
    {
        let draw = |age, random: &mut Random| simulate::beta_geometric(dropout, truth, age, random);
        let drawn = simulate::customers(40_000, None, 12, draw);
        let fit = BetaGeometricNbd::fit(&Groups::of(drawn), dropout).expect("a fit");
        check("BG/NBD", &fit, fit.model.parameters(), truth, 0.12);
    }
}

#[test]
fn the_pareto_nbd_is_recovered_on_both_branches() {
    for truth in [[0.55, 10.5, 0.6, 11.7], [0.8, 30.0, 0.7, 5.0]] {
        let draw = |age, random: &mut Random| simulate::pareto_nbd(truth, age, random);
        let drawn = simulate::customers(20_000, Some(7.0), 13, draw);
        let fit = ParetoNbd::fit(&Groups::of(drawn)).expect("a fit");
        check("Pareto/NBD", &fit, fit.model.parameters(), truth, 0.25);
    }
}

#[test]
fn the_beta_geometric_beta_binomial_is_recovered() {
    let truth = [1.2, 0.75, 0.66, 2.8];
    let mut random = Random::new(14);
    let histories = (0..40_000).map(|_| simulate::beta_binomial(truth, 12, &mut random)).collect();
    let fit = BetaGeometricBetaBinomial::fit(&Groups::of(histories)).expect("a fit");
    check("BG/BB", &fit, fit.model.parameters(), truth, 0.05);
}

#[test]
fn the_gamma_gamma_is_recovered() {
    let truth = [6.0, 3.7, 15.0];
    let mut random = Random::new(15);
    let means = (0..20_000).map(|number| simulate::spend(truth, 1 + number % 9, &mut random)).collect();
    let fit = GammaGamma::fit(&Groups::of(means)).expect("a fit");
    check("Gamma-Gamma", &fit, fit.model.parameters(), truth, 0.08);
}

#[test]
fn the_shifted_beta_geometric_is_recovered_from_cohorts_of_different_ages() {
    let truth = [0.7, 1.2];
    let mut random = Random::new(16);
    let mut renewals = Renewals::default();
    for age in [3, 5, 8] {
        let mut survivors = vec![0; age + 1];
        for _ in 0..20_000 {
            let renewed = simulate::renewals(truth, age, &mut random);
            survivors[..=renewed].iter_mut().for_each(|customers| *customers += 1);
        }
        renewals.add_cohort(&survivors).expect("a cohort");
    }
    assert_eq!(renewals.customers(), 60_000);
    let fit = ShiftedBetaGeometric::fit(&renewals).expect("a fit");
    check("sBG", &fit, fit.model.parameters(), truth, 0.05);
}

#[test]
fn stated_errors_are_as_large_as_the_scatter_of_estimates() {
    const SAMPLES: u32 = 120;
    let truth = [0.6, 6.0, 1.5, 3.0];
    let mut squares = [0.0; 4];
    for sample in 0..SAMPLES {
        let draw =
            |age, random: &mut Random| simulate::beta_geometric(FirstDropout::AfterFirst, truth, age, random);
        let drawn = simulate::customers(4_000, Some(7.0), u64::from(sample), draw);
        let fit = BetaGeometricNbd::fit(&Groups::of(drawn), FirstDropout::AfterFirst).expect("a fit");
        for (i, square) in squares.iter_mut().enumerate() {
            let off = (fit.model.parameters()[i] / truth[i]).ln();
            *square += off * off / fit.covariance_of_logarithms[i][i] / f64::from(SAMPLES);
        }
    }
    // A mean of 120 squared standard normals has a standard deviation of √(2/120) = 0.13.
    assert!(squares.iter().all(|mean| (mean - 1.0).abs() < 0.45), "{squares:?}");
}
