//! BG/BB: opportunities at discrete times, each used with a beta distributed probability; before each a customer
//! leaves with another. Source: Fader, Hardie and Shang (2010), Marketing Science 29(6), equations 4, 7, 11, 13, 14.

use super::error::{CustomerBaseError, positive};
use super::fit::{Fit, fit_groups, weight};
use super::history::{Groups, OpportunityHistory};
use super::shifted_beta_geometric::{discount_factor, survival_sum};
use crate::optimise::Expansion;
use crate::special::RisingFactorial;

const NAMES: [&str; 4] = ["alpha", "beta", "gamma", "delta"];

/// An opportunity is used with a probability that is beta distributed with `alpha` and `beta`; a customer leaves before
/// an opportunity with one that is beta distributed with `gamma` and `delta`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BetaGeometricBetaBinomial {
    alpha: f64,
    beta: f64,
    gamma: f64,
    delta: f64,
}

impl BetaGeometricBetaBinomial {
    /// A model with these parameters.
    pub fn new(alpha: f64, beta: f64, gamma: f64, delta: f64) -> Result<Self, CustomerBaseError> {
        let [alpha, beta, gamma, delta] = positive(NAMES, [alpha, beta, gamma, delta])?;
        Ok(Self { alpha, beta, gamma, delta })
    }

    /// The parameters that make the histories most likely.
    pub fn fit(groups: &Groups<OpportunityHistory>) -> Result<Fit<Self, 4>, CustomerBaseError> {
        let customers = groups.customers();
        if customers == 0 {
            return Err(CustomerBaseError::NoCustomers);
        }
        if groups.as_slice().iter().all(|(history, _)| history.purchases() == 0) {
            return Err(CustomerBaseError::NothingHappened { customers, missing: "used an opportunity" });
        }
        let model = |[alpha, beta, gamma, delta]: [f64; 4]| Self { alpha, beta, gamma, delta };
        fit_groups(groups, NAMES, [1.0, 1.0, 1.0, 3.0], expand, model)
    }

    /// `alpha`, `beta`, `gamma`, `delta`.
    pub fn parameters(&self) -> [f64; 4] {
        [self.alpha, self.beta, self.gamma, self.delta]
    }

    /// ln L of the histories with its derivatives by the parameters.
    pub fn log_likelihood(&self, groups: &Groups<OpportunityHistory>) -> Expansion<4> {
        expand(groups, &self.parameters())
    }

    /// The probability that the customer is still there for the opportunity after the last observed one (equation 11).
    pub fn probability_alive(&self, history: &OpportunityHistory) -> f64 {
        self.there(history) * self.stays_once_more(history.opportunities())
    }

    /// Opportunities a new customer is expected to use of the first `opportunities` (equation 7).
    pub fn expected(&self, opportunities: u32) -> f64 {
        let used = self.alpha / (self.alpha + self.beta);
        used * self.stays(0, opportunities, 1.0)
    }

    /// Opportunities this customer is expected to use of the next `opportunities` (equation 13).
    pub fn expected_given(&self, history: &OpportunityHistory, opportunities: u32) -> f64 {
        self.uses(history) * self.stays(history.opportunities(), opportunities, 1.0)
    }

    /// Present value of the uses of all future opportunities, each worth 1 and discounted by `1/(1 + discount)` per
    /// opportunity, the next one once (equation 14).
    pub fn discounted_given(
        &self,
        history: &OpportunityHistory,
        discount: f64,
    ) -> Result<f64, CustomerBaseError> {
        let factor = discount_factor(discount)?;
        Ok(self.uses(history) * self.stays(history.opportunities(), u32::MAX, factor))
    }

    /// The probability of being there at the last observed opportunity.
    fn there(&self, history: &OpportunityHistory) -> f64 {
        let all = history.opportunities();
        if history.last() == all {
            return 1.0;
        }
        // Each way of having left, relative to having stayed: leaving after k opportunities.
        let [mut survived, mut unused] = [1.0, 1.0];
        let mut left = 0.0;
        let total = self.alpha + self.beta;
        for k in (history.last()..all).rev() {
            // From k + 1 opportunities seen alive to k: one stay fewer, one opportunity passed over fewer.
            let (k, missed) = (f64::from(k), f64::from(k - history.purchases()));
            survived *= (self.gamma + self.delta + k) / (self.delta + k);
            unused *= (total + k) / (self.beta + missed);
            left += survived * unused * self.gamma / (self.gamma + self.delta + k);
        }
        1.0 / (1.0 + left)
    }

    fn stays_once_more(&self, opportunities: u32) -> f64 {
        let before = self.delta + f64::from(opportunities);
        before / (self.gamma + before)
    }

    /// The probability of being there, times the mean probability of using an opportunity.
    fn uses(&self, history: &OpportunityHistory) -> f64 {
        let used = self.alpha + f64::from(history.purchases());
        self.there(history) * used / (self.alpha + self.beta + f64::from(history.opportunities()))
    }

    /// Opportunities for which the customer stays, of the next after `passed`, each times `factor` per opportunity.
    fn stays(&self, passed: u32, opportunities: u32, factor: f64) -> f64 {
        survival_sum(self.gamma, self.delta + f64::from(passed), opportunities, factor)
    }
}

/// ln (base)_k and its derivatives for every k up to the largest.
struct Table(Vec<(f64, f64, f64)>);

impl Table {
    fn new(base: f64, largest: u32) -> Self {
        let mut rising = RisingFactorial::new(base);
        Self((0..=largest).map(|k| rising.advance(k)).collect())
    }

    fn at(&self, k: u32) -> (f64, f64, f64) {
        self.0[k as usize]
    }
}

struct Tables {
    alpha: Table,
    beta: Table,
    both: Table,
    delta: Table,
    dropout: Table,
}

/// Sum of ln L, equation 4: the customer stayed through all n opportunities, or left after k of them,
/// `t_x ≤ k < n`.
fn expand(groups: &Groups<OpportunityHistory>, at: &[f64; 4]) -> Expansion<4> {
    let &[alpha, beta, gamma, delta] = at;
    let largest = groups.as_slice().iter().map(|(one, _)| one.opportunities()).max().unwrap_or(0);
    let tables = Tables {
        alpha: Table::new(alpha, largest),
        beta: Table::new(beta, largest),
        both: Table::new(alpha + beta, largest),
        delta: Table::new(delta, largest),
        dropout: Table::new(gamma + delta, largest + 1),
    };
    let mut total = Expansion::ZERO;
    for (history, customers) in groups.as_slice() {
        let mut sum = LogSum::default();
        sum.add(&tables.stayed(history.opportunities(), history.purchases()));
        for k in history.last()..history.opportunities() {
            sum.add(&tables.left_after(k, history.purchases(), gamma));
        }
        total.add(weight(*customers), &sum.ln());
    }
    total.symmetric()
}

impl Tables {
    /// ln of one way: `purchases` of `seen` opportunities used, and as many dropouts survived.
    fn stayed(&self, seen: u32, purchases: u32) -> Expansion<4> {
        let (used, used1, used2) = self.alpha.at(purchases);
        let (unused, unused1, unused2) = self.beta.at(seen - purchases);
        let (both, both1, both2) = self.both.at(seen);
        let (stay, stay1, stay2) = self.delta.at(seen);
        let (all, all1, all2) = self.dropout.at(seen);
        Expansion {
            value: used + unused - both + stay - all,
            gradient: [used1 - both1, unused1 - both1, -all1, stay1 - all1],
            hessian: [
                [used2 - both2, -both2, 0.0, 0.0],
                [0.0, unused2 - both2, 0.0, 0.0],
                [0.0, 0.0, -all2, -all2],
                [0.0, 0.0, 0.0, stay2 - all2],
            ],
        }
    }

    /// The same, and then left: one factor γ/(γ + δ + seen) more.
    fn left_after(&self, seen: u32, purchases: u32, gamma: f64) -> Expansion<4> {
        let mut way = self.stayed(seen, purchases);
        let (all, all1, all2) = self.dropout.at(seen);
        let (next, next1, next2) = self.dropout.at(seen + 1);
        way.value += libm::log(gamma) + all - next;
        way.gradient[2] += 1.0 / gamma + all1 - next1;
        way.gradient[3] += all1 - next1;
        way.hessian[2][2] += all2 - next2 - 1.0 / (gamma * gamma);
        way.hessian[2][3] += all2 - next2;
        way.hessian[3][3] += all2 - next2;
        way
    }
}

/// The logarithm of a sum of positive terms given by their logarithms, with derivatives (upper triangle).
#[derive(Default)]
struct LogSum {
    largest: Option<f64>,
    sum: f64,
    gradient: [f64; 4],
    /// Sum of `g gᵀ + H`.
    second: [[f64; 4]; 4],
}

impl LogSum {
    fn add(&mut self, term: &Expansion<4>) {
        let largest = self.largest.unwrap_or(term.value).max(term.value);
        let shrink = self.largest.map_or(1.0, |before| libm::exp(before - largest));
        let share = libm::exp(term.value - largest);
        self.largest = Some(largest);
        self.sum = self.sum * shrink + share;
        for i in 0..4 {
            self.gradient[i] = self.gradient[i] * shrink + share * term.gradient[i];
            for j in i..4 {
                let both = term.gradient[i] * term.gradient[j] + term.hessian[i][j];
                self.second[i][j] = self.second[i][j] * shrink + share * both;
            }
        }
    }

    fn ln(&self) -> Expansion<4> {
        let gradient = self.gradient.map(|slope| slope / self.sum);
        let mut hessian = [[0.0; 4]; 4];
        for i in 0..4 {
            for j in i..4 {
                hessian[i][j] = self.second[i][j] / self.sum - gradient[i] * gradient[j];
            }
        }
        Expansion { value: self.largest.unwrap_or(0.0) + libm::log(self.sum), gradient, hessian }
    }
}
