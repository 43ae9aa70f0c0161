//! BG/NBD and MBG/NBD: purchases at gamma distributed rates; after a purchase a customer leaves with a probability
//! that is beta distributed. Sources: Fader, Hardie and Lee (2005), Marketing Science 24(2), equations 6 to 10;
//! Batislam, Denizel and Filiztekin (2007), Int. J. Research in Marketing 24(3), whose customers may leave after the
//! first purchase too.

use super::error::{CustomerBaseError, not_negative, positive};
use super::fit::{Fit, fit_groups, weight};
use super::history::{Groups, History};
use super::lifetime_value::discounted;
use super::nbd::starting_rates;
use crate::optimise::Expansion;
use crate::special::{RisingFactorial, integrate_unit, ln_beta};

const NAMES: [&str; 4] = ["r", "alpha", "a", "b"];

/// When a customer may leave for the first time: the difference between the two models.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FirstDropout {
    /// After the first repeat purchase, so that a customer without one is certainly there: BG/NBD.
    AfterRepeat,
    /// After the very first purchase already: MBG/NBD.
    AfterFirst,
}

impl FirstDropout {
    /// How many times a customer with that many repeats, and still there, has decided to stay.
    fn stays(self, repeats: u32) -> u32 {
        match self {
            Self::AfterRepeat => repeats,
            Self::AfterFirst => repeats.saturating_add(1),
        }
    }
}

/// Purchase rates are gamma distributed with shape `r` and rate `alpha` (in units of time), probabilities of leaving
/// beta distributed with `a` and `b`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BetaGeometricNbd {
    dropout: FirstDropout,
    r: f64,
    alpha: f64,
    a: f64,
    b: f64,
}

impl BetaGeometricNbd {
    /// A model with these parameters.
    pub fn new(dropout: FirstDropout, r: f64, alpha: f64, a: f64, b: f64) -> Result<Self, CustomerBaseError> {
        positive(NAMES, [r, alpha, a, b])?;
        Ok(Self { dropout, r, alpha, a, b })
    }

    /// The parameters that make the histories most likely.
    pub fn fit(groups: &Groups<History>, dropout: FirstDropout) -> Result<Fit<Self, 4>, CustomerBaseError> {
        let [shape, scale] = starting_rates(groups)?;
        let start = [shape, scale, 1.0, 3.0];
        fit_groups(
            groups,
            NAMES,
            start,
            |groups, at| expand(groups, dropout, at),
            |[r, alpha, a, b]| Self { dropout, r, alpha, a, b },
        )
    }

    /// `r`, `alpha`, `a`, `b`.
    pub fn parameters(&self) -> [f64; 4] {
        [self.r, self.alpha, self.a, self.b]
    }

    /// ln L of the histories with its derivatives by the parameters.
    pub fn log_likelihood(&self, groups: &Groups<History>) -> Expansion<4> {
        expand(groups, self.dropout, &self.parameters())
    }

    /// The probability that the customer has not left by the end of observation.
    pub fn probability_alive(&self, history: &History) -> f64 {
        let stays = self.dropout.stays(history.repeats());
        if stays == 0 {
            return 1.0;
        }
        let purchases = self.r + f64::from(history.repeats());
        // ln((α + T)/(α + t_x)) by log1p: exactly 0 for a purchase at the very end.
        let silence = libm::log1p((history.age() - history.recency()) / (self.alpha + history.recency()));
        let odds = self.a / (self.b + f64::from(stays) - 1.0);
        1.0 / (1.0 + libm::exp(libm::log(odds) + purchases * silence))
    }

    /// Purchases expected of a new customer in the first `span` after the first purchase.
    pub fn expected(&self, span: f64) -> Result<f64, CustomerBaseError> {
        let newcomer = History::new(0, 0.0, 0.0).map_err(|fault| CustomerBaseError::Row { row: 0, fault })?;
        self.expected_given(&newcomer, span)
    }

    /// Purchases expected of this customer in the next `span`, weighed with the probability of having left.
    pub fn expected_given(&self, history: &History, span: f64) -> Result<f64, CustomerBaseError> {
        not_negative("span", span)?;
        Ok(self.probability_alive(history) * self.expected_if_alive(history, span))
    }

    /// Present value of this customer's purchases until `horizon` from now, each worth 1 and discounted by
    /// `e^(−rate · time)`; the horizon may be infinite if the rate is above 0.
    pub fn discounted_given(
        &self,
        history: &History,
        rate: f64,
        horizon: f64,
    ) -> Result<f64, CustomerBaseError> {
        let alive = self.probability_alive(history);
        discounted(rate, horizon, |span| alive * self.expected_if_alive(history, span))
    }

    /// Purchases expected of a customer known to be there; `span` not negative.
    fn expected_if_alive(&self, history: &History, span: f64) -> f64 {
        let purchases = self.r + f64::from(history.repeats());
        let stays = self.b + f64::from(self.dropout.stays(history.repeats()));
        future_purchases(purchases, self.alpha + history.age(), self.a, stays, span)
    }
}

/// Beyond this the series would need thousands of terms.
const SERIES_MAX: f64 = 0.98;
/// Below this numerator its terms alternate for so long, and beyond this exponent its two parts are so far from 1, that
/// their difference loses more than a digit or two.
const NUMERATOR_MIN: f64 = -4.0;
const EXPONENT_MAX: f64 = 60.0;

/// Purchases within `span` of somebody there now, whose rate is gamma with shape `r` and rate `alpha` and whose
/// probability of leaving is beta with `a` and `b`.
///
/// Fader et al. (2005), equation 10, is `(a+b−1)/(a−1) · [1 − (1−z)^r · 2F1(r, b; a+b−1; z)]` with
/// `z = span/(alpha+span)`: 0/0 at `a = 1`. Euler's transformation of 2F1 (DLMF 15.8.1) has the factor `a − 1` in
/// every term but the first, so it is divided out by hand and the formula holds for every `a`.
#[expect(clippy::many_single_char_names, reason = "symbols as in the paper")]
fn future_purchases(r: f64, alpha: f64, a: f64, b: f64, span: f64) -> f64 {
    let ratio = span / alpha;
    let z = ratio / (1.0 + ratio);
    let ln_left = -libm::log1p(ratio);
    let steps = a - 1.0;
    let numerator = a + b - 1.0 - r;
    if z > SERIES_MAX || numerator < NUMERATOR_MIN || (steps * ln_left).abs() > EXPONENT_MAX {
        return future_purchases_by_quadrature(r, a, b, ratio);
    }
    let first = if steps == 0.0 { -ln_left } else { -libm::expm1(steps * ln_left) / steps };
    let (mut term, mut sum, mut n) = (numerator * z, 0.0, 1.0);
    while f64::abs(term) > 1e-17 * f64::abs(sum) {
        sum += term;
        term *= (numerator + n) * (a + n - 1.0) / ((a + b + n - 1.0) * (n + 1.0)) * z;
        n += 1.0;
    }
    // The two parts cancel for small spans: the difference is at least 0, whatever rounding says.
    ((a + b - 1.0) * first - libm::exp(steps * ln_left) * sum).max(0.0)
}

/// The same as the mean of `(1 − (1 + p·ratio)^−r) / p` over the probability of leaving `p`, for any span.
fn future_purchases_by_quadrature(r: f64, a: f64, b: f64, ratio: f64) -> f64 {
    let ln_b = ln_beta(a, b);
    integrate_unit(|ln_p, ln_q| {
        let p = libm::exp(ln_p);
        let growth = p * ratio;
        let purchases = if growth < 1e-200 { r * ratio } else { -libm::expm1(-r * libm::log1p(growth)) / p };
        libm::exp(a * ln_p + b * ln_q - ln_b) * purchases
    })
}

/// Sums over customers with equal repeats: what their likelihoods need of times.
#[derive(Debug, Clone, Copy, Default)]
struct TimeSums {
    customers: f64,
    /// ln (α + T), and its first two derivatives' magnitudes.
    ln_until: f64,
    inverse: f64,
    inverse_square: f64,
    /// ln (1 + e^u), where e^u are the odds of having left.
    softplus: f64,
    /// The probability of having left, times 1, `d = ∂u/∂r`, `q = ∂²u/∂r∂α` and `w = 1/(α+t_x)² − 1/(α+T)²`.
    left: f64,
    left_d: f64,
    left_q: f64,
    left_w: f64,
    /// Probability left · probability there, times the products of d and q.
    spread: f64,
    spread_d: f64,
    spread_q: f64,
    spread_dd: f64,
    spread_dq: f64,
    spread_qq: f64,
}

impl TimeSums {
    /// `ln_odds` is ln a/(b + y − 1), `None` where leaving was not possible.
    fn of(groups: &[(History, u64)], purchases: f64, alpha: f64, ln_odds: Option<f64>) -> Self {
        let mut sums = Self::default();
        for (history, customers) in groups {
            let count = weight(*customers);
            let until = 1.0 / (alpha + history.age());
            sums.customers += count;
            sums.ln_until -= count * libm::log(until);
            sums.inverse += count * until;
            sums.inverse_square += count * until * until;
            if let Some(ln_odds) = ln_odds {
                sums.add_dropout(
                    count,
                    purchases,
                    ln_odds,
                    until,
                    1.0 / (alpha + history.recency()),
                    history,
                );
            }
        }
        sums
    }

    #[inline]
    fn add_dropout(
        &mut self,
        count: f64,
        purchases: f64,
        ln_odds: f64,
        until: f64,
        since: f64,
        history: &History,
    ) {
        let d = libm::log1p((history.age() - history.recency()) * since);
        let q = until - since;
        let u = ln_odds + purchases * d;
        let small = libm::exp(-u.abs());
        let share = 1.0 / (1.0 + small);
        let left = if u > 0.0 { share } else { small * share };
        let spread = count * small * share * share;
        let left = count * left;
        self.softplus += count * (u.max(0.0) + libm::log1p(small));
        self.left += left;
        self.left_d += left * d;
        self.left_q += left * q;
        self.left_w += left * (since * since - until * until);
        self.spread += spread;
        self.spread_d += spread * d;
        self.spread_q += spread * q;
        self.spread_dd += spread * d * d;
        self.spread_dq += spread * d * q;
        self.spread_qq += spread * q * q;
    }
}

/// Sum of `ln (r)_x + r ln α + ln (b)_y/(a+b)_y − (r+x) ln (α+T) + ln (1 + e^u)`, where y counts the times a customer
/// stayed and `u = ln a/(b+y−1) + (r+x) ln (α+T)/(α+t_x)` is the logarithm of the odds of having left; without
/// the last term where y = 0.
#[expect(clippy::many_single_char_names, reason = "symbols as in the paper")]
fn expand(groups: &Groups<History>, dropout: FirstDropout, &[r, alpha, a, b]: &[f64; 4]) -> Expansion<4> {
    let mut total = Expansion::ZERO;
    let [mut rising_r, mut rising_b, mut rising_all] = [r, b, a + b].map(RisingFactorial::new);
    let ln_alpha = libm::log(alpha);
    for equal in groups.as_slice().chunk_by(|(one, _), (other, _)| one.repeats() == other.repeats()) {
        let repeats = equal[0].0.repeats();
        let stays = dropout.stays(repeats);
        let purchases = r + f64::from(repeats);
        let before = b + f64::from(stays) - 1.0;
        let ln_odds = (stays > 0).then(|| libm::log(a / before));
        let s = TimeSums::of(equal, purchases, alpha, ln_odds);
        let n = s.customers;
        let (value_r, first_r, second_r) = rising_r.advance(repeats);
        let (value_b, first_b, second_b) = rising_b.advance(stays);
        let (value_all, first_all, second_all) = rising_all.advance(stays);

        total.value +=
            n * (value_r + r * ln_alpha + value_b - value_all) - purchases * s.ln_until + s.softplus;
        // u's derivatives by r, α, a, b are d, (r+x) q, 1/a and −1/before.
        let (by_a, by_b) = if stays > 0 { (1.0 / a, -1.0 / before) } else { (0.0, 0.0) };
        let g = &mut total.gradient;
        g[0] += n * (first_r + ln_alpha) - s.ln_until + s.left_d;
        g[1] += n * r / alpha - purchases * s.inverse + purchases * s.left_q;
        g[2] += s.left * by_a - n * first_all;
        g[3] += n * (first_b - first_all) + s.left * by_b;
        let h = &mut total.hessian;
        h[0][0] += n * second_r + s.spread_dd;
        h[0][1] += n / alpha - s.inverse + s.left_q + purchases * s.spread_dq;
        h[0][2] += s.spread_d * by_a;
        h[0][3] += s.spread_d * by_b;
        h[1][1] +=
            -n * r / (alpha * alpha) + purchases * (s.inverse_square + s.left_w + purchases * s.spread_qq);
        h[1][2] += purchases * s.spread_q * by_a;
        h[1][3] += purchases * s.spread_q * by_b;
        h[2][2] += (s.spread - s.left) * by_a * by_a - n * second_all;
        h[2][3] += s.spread * by_a * by_b - n * second_all;
        h[3][3] += n * (second_b - second_all) + (s.spread + s.left) * by_b * by_b;
    }
    total.symmetric()
}
