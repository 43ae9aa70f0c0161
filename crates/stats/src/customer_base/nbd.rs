//! NBD: purchases at a steady rate that differs between customers by a gamma distribution; nobody ever leaves.
//! Source: Ehrenberg (1959), Applied Statistics 8(1); the likelihood of purchase times in the form of Fader, Hardie
//! and Lee (2005), Marketing Science 24(2), without dropout.

use super::error::{CustomerBaseError, not_negative, positive};
use super::fit::{Fit, fit_groups, weight};
use super::history::{Groups, History};
use super::lifetime_value::discounted;
use crate::optimise::Expansion;
use crate::special::RisingFactorial;

const NAMES: [&str; 2] = ["r", "alpha"];

/// Purchase rates are gamma distributed with shape `r` and rate `alpha` (in units of time).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Nbd {
    r: f64,
    alpha: f64,
}

impl Nbd {
    /// A model with these parameters.
    pub fn new(r: f64, alpha: f64) -> Result<Self, CustomerBaseError> {
        let [r, alpha] = positive(NAMES, [r, alpha])?;
        Ok(Self { r, alpha })
    }

    /// The parameters that make the histories most likely.
    pub fn fit(groups: &Groups<History>) -> Result<Fit<Self, 2>, CustomerBaseError> {
        let [shape, scale] = starting_rates(groups)?;
        fit_groups(groups, NAMES, [shape, scale], expand, |[r, alpha]| Self { r, alpha })
    }

    /// The parameters, in the order of `new`.
    pub fn parameters(&self) -> [f64; 2] {
        [self.r, self.alpha]
    }

    /// ln L of the histories with its derivatives by the parameters.
    pub fn log_likelihood(&self, groups: &Groups<History>) -> Expansion<2> {
        expand(groups, &self.parameters())
    }

    /// 1: in this model every customer stays.
    pub fn probability_alive(&self, _history: &History) -> f64 {
        1.0
    }

    /// Purchases expected of a new customer in the first `span` after the first purchase.
    pub fn expected(&self, span: f64) -> Result<f64, CustomerBaseError> {
        Ok(self.r / self.alpha * not_negative("span", span)?)
    }

    /// Purchases expected of this customer in the next `span`.
    pub fn expected_given(&self, history: &History, span: f64) -> Result<f64, CustomerBaseError> {
        let rate = (self.r + f64::from(history.repeats())) / (self.alpha + history.age());
        Ok(rate * not_negative("span", span)?)
    }

    /// Present value of this customer's purchases until `horizon` from now, each worth 1 and discounted by
    /// `e^(−rate · time)`; the horizon may be infinite if the rate is above 0.
    pub fn discounted_given(
        &self,
        history: &History,
        rate: f64,
        horizon: f64,
    ) -> Result<f64, CustomerBaseError> {
        let purchases = (self.r + f64::from(history.repeats())) / (self.alpha + history.age());
        discounted(rate, horizon, |span| purchases * span)
    }
}

/// A starting point for gamma distributed rates: of the right mean, and as varied as an exponential.
pub(super) fn starting_rates(groups: &Groups<History>) -> Result<[f64; 2], CustomerBaseError> {
    let (mut repeats, mut time) = (0.0, 0.0);
    for (history, customers) in groups.as_slice() {
        repeats += weight(*customers) * f64::from(history.repeats());
        time += weight(*customers) * history.age();
    }
    let customers = groups.customers();
    let missing = match (customers, repeats > 0.0, time > 0.0) {
        (0, _, _) => return Err(CustomerBaseError::NoCustomers),
        (_, false, _) => "bought again",
        (_, _, false) => "was observed for longer than 0",
        _ => return Ok([1.0, time / repeats]),
    };
    Err(CustomerBaseError::NothingHappened { customers, missing })
}

/// Sum of ln (r)_x + r ln α − (r + x) ln (α + T).
fn expand(groups: &Groups<History>, &[r, alpha]: &[f64; 2]) -> Expansion<2> {
    let mut total = Expansion::ZERO;
    let mut rising = RisingFactorial::new(r);
    let ln_alpha = libm::log(alpha);
    for (history, customers) in groups.as_slice() {
        let (value, first, second) = rising.advance(history.repeats());
        let purchases = r + f64::from(history.repeats());
        let until = alpha + history.age();
        let (ln_until, inverse) = (libm::log(until), 1.0 / until);
        let mixed = 1.0 / alpha - inverse;
        let one = Expansion {
            value: value + r * ln_alpha - purchases * ln_until,
            gradient: [first + ln_alpha - ln_until, r / alpha - purchases * inverse],
            hessian: [[second, mixed], [mixed, purchases * inverse * inverse - r / (alpha * alpha)]],
        };
        total.add(weight(*customers), &one);
    }
    total
}
