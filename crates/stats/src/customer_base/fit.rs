//! Maximum likelihood for every model of this folder: Newton's method on the logarithms of the parameters, with exact
//! derivatives, and standard errors from the observed information.

use super::error::CustomerBaseError;
use super::history::Groups;
use crate::optimise::{Expansion, NoOptimum, maximise};

/// A model with the parameters under which the data are most likely.
#[derive(Debug, Clone, PartialEq)]
pub struct Fit<M, const N: usize> {
    /// The model.
    pub model: M,
    /// ln L at the maximum, without terms that no parameter changes (as the papers print it).
    pub log_likelihood: f64,
    /// Standard errors of the parameters themselves, in the order of the model's `new`: of the logarithm, times the
    /// parameter (the same as from the information by the parameters, since the gradient vanishes here).
    pub standard_errors: [f64; N],
    /// Covariance of the parameters' logarithms: the inverse of the observed information on that scale, on which
    /// the likelihood is closer to a parabola. An interval is `parameter · exp(±1.96 √variance)`.
    pub covariance_of_logarithms: [[f64; N]; N],
    /// How often the whole likelihood was evaluated.
    pub evaluations: u32,
}

/// Parameters are sought between e^−LIMIT and e^LIMIT, some 10^±8.
const LIMIT: f64 = 18.5;
/// With more groups than this the search starts from the fit of a part of them.
const PART: usize = 5_000;

/// Fits to groups. `expand` gives the log-likelihood of groups at given parameters, by the parameters themselves.
pub(super) fn fit_groups<H: Ord + Copy, M, const N: usize>(
    groups: &Groups<H>,
    names: [&'static str; N],
    start: [f64; N],
    expand: impl Fn(&Groups<H>, &[f64; N]) -> Expansion<N>,
    model: impl FnOnce([f64; N]) -> M,
) -> Result<Fit<M, N>, CustomerBaseError> {
    let mut start = start;
    // Most steps of the search are far from the maximum of a large data set, and need no more than a part of it.
    let step = groups.as_slice().len() / PART;
    if step >= 4 {
        let part = groups.thinned(step);
        if let Ok(found) = fit(names, start, |at| expand(&part, at), |at| at) {
            start = found.model;
        }
    }
    fit(names, start, |at| expand(groups, at), model)
}

/// Fits one log-likelihood.
pub(super) fn fit<M, const N: usize>(
    names: [&'static str; N],
    start: [f64; N],
    expand: impl Fn(&[f64; N]) -> Expansion<N>,
    model: impl FnOnce([f64; N]) -> M,
) -> Result<Fit<M, N>, CustomerBaseError> {
    let found = maximise(start.map(libm::log), LIMIT, |logs| {
        let at = logs.map(libm::exp);
        expand(&at).by_logarithms(&at)
    });
    let top = found.map_err(|fault| match fault {
        NoOptimum::RanOff { variable, value, .. } => {
            CustomerBaseError::ParameterRanOff { name: names[variable], value: libm::exp(value) }
        }
        other => CustomerBaseError::Search(other),
    })?;
    let at = top.at.map(libm::exp);
    Ok(Fit {
        model: model(at),
        log_likelihood: top.expansion.value,
        standard_errors: std::array::from_fn(|i| at[i] * top.covariance[i][i].sqrt()),
        covariance_of_logarithms: top.covariance,
        evaluations: top.evaluations,
    })
}

/// Customers as a weight.
#[expect(clippy::cast_precision_loss, reason = "far fewer than 2^53 customers")]
pub(super) fn weight(customers: u64) -> f64 {
    customers as f64
}
