//! Gamma-Gamma: what a customer spends per purchase varies by a gamma distribution around the customer's own mean, and
//! that mean between customers. Source: Fader and Hardie (2013), "The Gamma-Gamma model of monetary value",
//! equations 1a, 3 and 5 (brucehardie.com/notes/025), after Colombo and Jiang (1999).

use super::error::{CustomerBaseError, positive};
use super::fit::{Fit, fit_groups, weight};
use super::history::{Groups, Spend};
use crate::optimise::Expansion;
use crate::special::{digamma, ln_gamma, trigamma};

const NAMES: [&str; 3] = ["p", "q", "gamma"];

/// A purchase is gamma distributed with shape `p` and a rate that is itself gamma distributed with shape `q` and rate
/// `gamma` (in units of money).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct GammaGamma {
    p: f64,
    q: f64,
    gamma: f64,
}

impl GammaGamma {
    /// A model with these parameters.
    pub fn new(p: f64, q: f64, gamma: f64) -> Result<Self, CustomerBaseError> {
        let [p, q, gamma] = positive(NAMES, [p, q, gamma])?;
        Ok(Self { p, q, gamma })
    }

    /// The parameters that make the means most likely.
    pub fn fit(groups: &Groups<Spend>) -> Result<Fit<Self, 3>, CustomerBaseError> {
        if groups.customers() == 0 {
            return Err(CustomerBaseError::NoCustomers);
        }
        let sum: f64 = groups.as_slice().iter().map(|(one, count)| weight(*count) * one.mean()).sum();
        // Of the right mean, p γ/(q − 1), and moderately varied.
        let start = [2.0, 3.0, sum / weight(groups.customers())];
        fit_groups(groups, NAMES, start, expand, |[p, q, gamma]| Self { p, q, gamma })
    }

    /// `p`, `q`, `gamma`.
    pub fn parameters(&self) -> [f64; 3] {
        [self.p, self.q, self.gamma]
    }

    /// ln L of the means with its derivatives by the parameters.
    pub fn log_likelihood(&self, groups: &Groups<Spend>) -> Expansion<3> {
        expand(groups, &self.parameters())
    }

    /// The mean over all customers of what each spends per purchase.
    pub fn population_mean(&self) -> Result<f64, CustomerBaseError> {
        if self.q <= 1.0 {
            return Err(CustomerBaseError::MeanInfinite { q: self.q });
        }
        Ok(self.p * self.gamma / (self.q - 1.0))
    }

    /// What this customer is expected to spend per purchase (equation 5): the population's mean and the customer's own,
    /// weighed by how much is known.
    pub fn expected_spend(&self, spend: &Spend) -> Result<f64, CustomerBaseError> {
        let purchases = f64::from(spend.purchases());
        let certainty = self.p * purchases + self.q - 1.0;
        if certainty <= 0.0 {
            return Err(CustomerBaseError::MeanInfinite { q: self.q });
        }
        Ok(self.p * (self.gamma + purchases * spend.mean()) / certainty)
    }
}

/// Sum of `ln Γ(px+q) − ln Γ(px) − ln Γ(q) + q ln γ + (px−1) ln m + px ln x − (px+q) ln (γ+mx)`.
#[expect(clippy::many_single_char_names, reason = "symbols as in the paper")]
fn expand(groups: &Groups<Spend>, &[p, q, gamma]: &[f64; 3]) -> Expansion<3> {
    let mut total = Expansion::ZERO;
    let (ln_gamma_q, digamma_q, trigamma_q) = (ln_gamma(q), digamma(q), trigamma(q));
    let ln_rate = libm::log(gamma);
    for equal in groups.as_slice().chunk_by(|(one, _), (other, _)| one.purchases() == other.purchases()) {
        let x = f64::from(equal[0].0.purchases());
        let shape = p * x;
        let all = shape + q;
        let (mut n, mut logs, mut ln_all, mut inverse, mut inverse_square) = (0.0, 0.0, 0.0, 0.0, 0.0);
        let mut ln_means = 0.0;
        for (spend, customers) in equal {
            let count = weight(*customers);
            let sum = gamma + spend.mean() * x;
            let (ln_mean, ln_sum) = (libm::log(spend.mean()), libm::log(sum));
            n += count;
            ln_means += count * ln_mean;
            logs += count * (ln_mean + libm::log(x) - ln_sum);
            ln_all += count * ln_sum;
            inverse += count / sum;
            inverse_square += count / (sum * sum);
        }
        let (digamma_all, trigamma_all) = (digamma(all), trigamma(all));
        total.value += n * (ln_gamma(all) - ln_gamma(shape) - ln_gamma_q + q * ln_rate) + shape * logs
            - ln_means
            - q * ln_all;
        total.gradient[0] += x * (n * (digamma_all - digamma(shape)) + logs);
        total.gradient[1] += n * (digamma_all - digamma_q + ln_rate) - ln_all;
        total.gradient[2] += n * q / gamma - all * inverse;
        let h = &mut total.hessian;
        h[0][0] += n * x * x * (trigamma_all - trigamma(shape));
        h[0][1] += n * x * trigamma_all;
        h[0][2] -= x * inverse;
        h[1][1] += n * (trigamma_all - trigamma_q);
        h[1][2] += n / gamma - inverse;
        h[2][2] += all * inverse_square - n * q / (gamma * gamma);
    }
    total.symmetric()
}
