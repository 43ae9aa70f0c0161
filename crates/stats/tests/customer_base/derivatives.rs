//! Every gradient against differences of the likelihood, and every matrix of second derivatives against differences of
//! the gradient, at ordinary and at awkward parameters.

use stats::customer_base::{
    BetaGeometricBetaBinomial, BetaGeometricNbd, FirstDropout, GammaGamma, Groups, History, Nbd,
    OpportunityHistory, ParetoNbd, Renewals, ShiftedBetaGeometric, Spend,
};
use stats::optimise::Expansion;

fn check<const N: usize>(name: &str, at: [f64; N], expand: impl Fn([f64; N]) -> Expansion<N>) {
    let here = expand(at);
    assert!(here.value.is_finite(), "{name} at {at:?}: {here:?}");
    for i in 0..N {
        // Fourth-order differences: steps of 10⁻³ leave some 10⁻¹¹ of truncation.
        let step = 1e-3 * at[i];
        let moved = |steps: f64| {
            let mut there = at;
            there[i] += steps * step;
            expand(there)
        };
        let [far_below, below, above, far_above] = [-2.0, -1.0, 1.0, 2.0].map(moved);
        let slope = |of: &dyn Fn(&Expansion<N>) -> f64| {
            (of(&far_below) - 8.0 * of(&below) + 8.0 * of(&above) - of(&far_above)) / (12.0 * step)
        };
        // What rounding of the value, or of the gradient, makes of a difference.
        let noise = |size: f64| 1e-14 * size.abs() / step;
        let close = |found: f64, expected: f64, size: f64| {
            let allowed = 1e-8 * (expected.abs() + found.abs()) + noise(size) + 1e-9;
            assert!(
                (found - expected).abs() <= allowed,
                "{name} at {at:?}, parameter {i}: {found}, by differences {expected}"
            );
        };
        close(here.gradient[i], slope(&|e| e.value), here.value);
        for (j, at_j) in at.iter().enumerate() {
            let size = here.gradient[j].abs() + here.hessian[j][j].abs() * at_j;
            close(here.hessian[i][j], slope(&|e| e.gradient[j]), size);
        }
    }
}

/// Histories of every kind: none bought, bought at once, at the end, long ago, often.
fn histories() -> Groups<History> {
    let rows = [
        (0, 0.0, 0.0),
        (0, 0.0, 38.86),
        (1, 0.0, 30.0),
        (1, 1.71, 38.86),
        (2, 30.43, 38.86),
        (2, 30.43, 38.86),
        (7, 29.0, 29.0),
        (12, 3.0, 35.14),
        (40, 20.0, 35.14),
    ];
    Groups::from_rows(rows.map(|(x, recency, age)| History::new(x, recency, age))).expect("histories")
}

#[test]
fn of_the_nbd() {
    for at in [[0.38, 12.0], [5.0, 0.1], [1e-3, 400.0]] {
        check("NBD", at, |[r, alpha]| Nbd::new(r, alpha).expect("a model").log_likelihood(&histories()));
    }
}

#[test]
fn of_both_beta_geometric_models() {
    for dropout in [FirstDropout::AfterRepeat, FirstDropout::AfterFirst] {
        for at in
            [[0.24, 4.41, 0.79, 2.43], [3.0, 0.2, 1.0, 1.0], [0.01, 80.0, 20.0, 0.05], [1.0, 5.0, 1e-3, 30.0]]
        {
            check("BG/NBD", at, |[r, alpha, a, b]| {
                let model = BetaGeometricNbd::new(dropout, r, alpha, a, b).expect("a model");
                model.log_likelihood(&histories())
            });
        }
    }
}

#[test]
fn of_the_pareto_nbd_on_both_branches_and_between() {
    for at in [
        [0.553, 10.578, 0.606, 11.669],
        [0.553, 11.669, 0.606, 10.578],
        [0.553, 11.0, 0.606, 11.0],
        [0.553, 11.0, 0.606, 11.000_001],
        [4.0, 0.01, 0.02, 300.0],
        [0.02, 300.0, 4.0, 0.01],
        [2.0, 5.0, 60.0, 900.0],
    ] {
        check("Pareto/NBD", at, |[r, alpha, s, beta]| {
            ParetoNbd::new(r, alpha, s, beta).expect("a model").log_likelihood(&histories())
        });
    }
}

#[test]
fn of_the_beta_geometric_beta_binomial() {
    let rows = [(0, 0, 6), (6, 6, 6), (4, 5, 6), (1, 1, 6), (1, 6, 6), (2, 4, 9), (0, 0, 0), (3, 3, 40)];
    let groups =
        Groups::from_rows(rows.map(|(x, last, n)| OpportunityHistory::new(x, last, n))).expect("rows");
    for at in [[1.2, 0.75, 0.66, 2.78], [0.1, 9.0, 3.0, 0.2], [50.0, 40.0, 1.0, 1.0]] {
        check("BG/BB", at, |[alpha, beta, gamma, delta]| {
            BetaGeometricBetaBinomial::new(alpha, beta, gamma, delta)
                .expect("a model")
                .log_likelihood(&groups)
        });
    }
}

#[test]
fn of_the_gamma_gamma() {
    let rows = [(1, 35.0), (1, 2.5), (2, 80.0), (7, 19.9), (40, 12.0), (40, 140.0)];
    let groups = Groups::from_rows(rows.map(|(x, mean)| Spend::new(x, mean))).expect("rows");
    for at in [[6.25, 3.74, 15.45], [0.3, 0.5, 900.0], [40.0, 25.0, 1.0]] {
        check("Gamma-Gamma", at, |[p, q, gamma]| {
            GammaGamma::new(p, q, gamma).expect("a model").log_likelihood(&groups)
        });
    }
}

#[test]
fn of_the_shifted_beta_geometric() {
    let mut renewals = Renewals::default();
    renewals.add_cohort(&[1000, 631, 468, 382, 326]).expect("a cohort");
    renewals.add_cohort(&[400, 300]).expect("a cohort");
    for at in [[0.7, 1.2], [0.05, 8.0], [30.0, 0.4]] {
        check("sBG", at, |[alpha, beta]| {
            ShiftedBetaGeometric::new(alpha, beta).expect("a model").log_likelihood(&renewals)
        });
    }
}
