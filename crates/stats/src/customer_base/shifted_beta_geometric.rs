//! Shifted beta-geometric: contracts come up for renewal at discrete times, and a customer leaves at each with a
//! probability that is beta distributed. Sources: Fader and Hardie (2007), J. Interactive Marketing 21(1), equations
//! 5 to 7 and appendix B; Fader and Hardie (2010), Marketing Science 29(1), equation 6 (residual lifetimes).

use super::error::{CustomerBaseError, HistoryFault, positive};
use super::fit::{Fit, fit, weight};
use crate::optimise::Expansion;
use crate::special::RisingFactorial;

const NAMES: [&str; 2] = ["alpha", "beta"];

/// How many customers left at their first, second, … renewal, and how many were last seen after renewing 0, 1, 2, …
/// times: all that a fit needs, of any number of cohorts of different ages.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Renewals {
    left: Vec<u64>,
    remaining: Vec<u64>,
}

impl Renewals {
    /// Adds a cohort by its size at the start and after each renewal so far.
    pub fn add_cohort(&mut self, survivors: &[u64]) -> Result<(), CustomerBaseError> {
        if survivors.first().is_none_or(|customers| *customers == 0) {
            return Err(CustomerBaseError::NoCustomers);
        }
        for (row, pair) in survivors.windows(2).enumerate() {
            let (before, after) = (pair[0], pair[1]);
            if after > before {
                let fault = HistoryFault::SurvivorsIncrease { before, after };
                return Err(CustomerBaseError::Row { row: row + 1, fault });
            }
        }
        if self.remaining.len() < survivors.len() {
            self.remaining.resize(survivors.len(), 0);
            self.left.resize(survivors.len() - 1, 0);
        }
        for (left, pair) in self.left.iter_mut().zip(survivors.windows(2)) {
            *left += pair[0] - pair[1];
        }
        self.remaining[survivors.len() - 1] += survivors[survivors.len() - 1];
        Ok(())
    }

    /// Customers who left at their renewal number 1, 2, ….
    pub fn left(&self) -> &[u64] {
        &self.left
    }

    /// Customers who renewed 0, 1, 2, … times and have not been seen since.
    pub fn remaining(&self) -> &[u64] {
        &self.remaining
    }

    /// All customers.
    pub fn customers(&self) -> u64 {
        self.left.iter().chain(&self.remaining).sum()
    }
}

/// The probability of leaving at a renewal is beta distributed with `alpha` and `beta`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ShiftedBetaGeometric {
    alpha: f64,
    beta: f64,
}

impl ShiftedBetaGeometric {
    /// A model with these parameters.
    pub fn new(alpha: f64, beta: f64) -> Result<Self, CustomerBaseError> {
        let [alpha, beta] = positive(NAMES, [alpha, beta])?;
        Ok(Self { alpha, beta })
    }

    /// The parameters that make the renewals most likely.
    pub fn fit(renewals: &Renewals) -> Result<Fit<Self, 2>, CustomerBaseError> {
        let customers = renewals.customers();
        let missing = if customers == 0 {
            return Err(CustomerBaseError::NoCustomers);
        } else if renewals.left.iter().sum::<u64>() == 0 {
            "left"
        } else if renewals.remaining.iter().skip(1).chain(renewals.left.iter().skip(1)).sum::<u64>() == 0 {
            "renewed"
        } else {
            let model = |[alpha, beta]: [f64; 2]| Self { alpha, beta };
            return fit(NAMES, [1.0, 1.0], |at| expand(renewals, at), model);
        };
        Err(CustomerBaseError::NothingHappened { customers, missing })
    }

    /// `alpha`, `beta`.
    pub fn parameters(&self) -> [f64; 2] {
        [self.alpha, self.beta]
    }

    /// ln L of the renewals with its derivatives by the parameters.
    pub fn log_likelihood(&self, renewals: &Renewals) -> Expansion<2> {
        expand(renewals, &self.parameters())
    }

    /// The probability that a customer who has renewed `renewed` times renews once more (equation 8).
    pub fn retention_rate(&self, renewed: u32) -> f64 {
        let before = self.beta + f64::from(renewed);
        before / (self.alpha + before)
    }

    /// The probability of still being there after `more` renewals, for a customer who has renewed `renewed` times;
    /// of a new customer with `renewed` 0 this is the survival function.
    pub fn survival(&self, renewed: u32, more: u32) -> f64 {
        let passed = f64::from(renewed);
        let (ln_stay, _, _) = RisingFactorial::new(self.beta + passed).advance(more);
        let (ln_all, _, _) = RisingFactorial::new(self.alpha + self.beta + passed).advance(more);
        libm::exp(ln_stay - ln_all)
    }

    /// Renewals expected of the next `periods`.
    pub fn expected_renewals(&self, renewed: u32, periods: u32) -> f64 {
        survival_sum(self.alpha, self.beta + f64::from(renewed), periods, 1.0)
    }

    /// Present value of all future renewals, each worth 1, as seen just before the next one is due, which is not
    /// discounted (equation 6 of 2010). `discount` is per period.
    pub fn discounted_renewals(&self, renewed: u32, discount: f64) -> Result<f64, CustomerBaseError> {
        let factor = discount_factor(discount)?;
        Ok(survival_sum(self.alpha, self.beta + f64::from(renewed), u32::MAX, factor) / factor)
    }
}

/// Sum over k = 1, 2, … `periods` of the probability of staying k more times, times `factor^k`, where the probability
/// of leaving is beta distributed with `leave` and `stay`.
pub(super) fn survival_sum(leave: f64, stay: f64, periods: u32, factor: f64) -> f64 {
    let (mut sum, mut term, mut stay) = (0.0, 1.0, stay);
    for _ in 0..periods {
        term *= factor * stay / (leave + stay);
        stay += 1.0;
        sum += term;
        // What follows is below a geometric series.
        if factor < 1.0 && term * factor < 1e-16 * (1.0 - factor) * sum {
            break;
        }
    }
    sum
}

/// The factor of a discount per period that makes an endless sum finite, and short enough to be summed.
pub(super) fn discount_factor(discount: f64) -> Result<f64, CustomerBaseError> {
    if discount >= 1e-6 && discount.is_finite() {
        Ok(1.0 / (1.0 + discount))
    } else {
        let wanted = "a rate per period of at least 0.000001; without discount the sum may be infinite";
        Err(CustomerBaseError::Argument { name: "discount", value: discount, wanted })
    }
}

/// Σ left · ln [α (β)_(t−1) / (α+β)_t] + Σ remaining · ln [(β)_t / (α+β)_t].
fn expand(renewals: &Renewals, &[alpha, beta]: &[f64; 2]) -> Expansion<2> {
    let mut total = Expansion::<2>::ZERO;
    let [mut stays, mut all] = [beta, alpha + beta].map(RisingFactorial::new);
    let (ln_alpha, inverse) = (libm::log(alpha), 1.0 / alpha);
    for (renewed, remaining) in (0_u32..).zip(&renewals.remaining) {
        // Those who left at this renewal had stayed through one fewer, where `stays` still stands.
        let mut add = |customers: u64, left: f64, (stay, stay1, stay2): (f64, f64, f64)| {
            let n = weight(customers);
            let (every, every1, every2) = all.advance(renewed);
            total.value += n * (left * ln_alpha + stay - every);
            total.gradient[0] += n * (left * inverse - every1);
            total.gradient[1] += n * (stay1 - every1);
            total.hessian[0][0] -= n * (left * inverse * inverse + every2);
            total.hessian[0][1] -= n * every2;
            total.hessian[1][1] += n * (stay2 - every2);
        };
        if let Some(before) = renewed.checked_sub(1) {
            add(renewals.left[before as usize], 1.0, stays.advance(before));
        }
        add(*remaining, 0.0, stays.advance(renewed));
    }
    total.symmetric()
}
