//! Pareto/NBD: purchases at gamma distributed rates until an unseen departure, whose rate is gamma distributed too.
//! Sources: Schmittlein, Morrison and Colombo (1987), Management Science 33(1); Fader and Hardie (2005), "A note on
//! deriving the Pareto/NBD model", equations 13 to 15, before the integral is written as a difference of two 2F1.

use super::error::{CustomerBaseError, not_negative, positive};
use super::fit::{Fit, fit_groups, weight};
use super::history::{Groups, History};
use super::lifetime_value::discounted;
use super::nbd::starting_rates;
use crate::optimise::Expansion;
use crate::special::{GAUSS_LEGENDRE_10, RisingFactorial};

const NAMES: [&str; 4] = ["r", "alpha", "s", "beta"];

/// Purchase rates are gamma distributed with shape `r` and rate `alpha`, departure rates with shape `s` and rate `beta`
/// (both rates in units of time).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ParetoNbd {
    r: f64,
    alpha: f64,
    s: f64,
    beta: f64,
}

impl ParetoNbd {
    /// A model with these parameters.
    pub fn new(r: f64, alpha: f64, s: f64, beta: f64) -> Result<Self, CustomerBaseError> {
        let [r, alpha, s, beta] = positive(NAMES, [r, alpha, s, beta])?;
        Ok(Self { r, alpha, s, beta })
    }

    /// The parameters that make the histories most likely.
    pub fn fit(groups: &Groups<History>) -> Result<Fit<Self, 4>, CustomerBaseError> {
        let [shape, scale] = starting_rates(groups)?;
        let ages: f64 = groups.as_slice().iter().map(|(one, count)| weight(*count) * one.age()).sum();
        let start = [shape, scale, 1.0, ages / weight(groups.customers())];
        fit_groups(groups, NAMES, start, expand, |[r, alpha, s, beta]| Self { r, alpha, s, beta })
    }

    /// `r`, `alpha`, `s`, `beta`.
    pub fn parameters(&self) -> [f64; 4] {
        [self.r, self.alpha, self.s, self.beta]
    }

    /// ln L of the histories with its derivatives by the parameters.
    pub fn log_likelihood(&self, groups: &Groups<History>) -> Expansion<4> {
        expand(groups, &self.parameters())
    }

    /// The probability that the customer has not left by the end of observation.
    pub fn probability_alive(&self, history: &History) -> f64 {
        let fates = Fates::of(history, &self.parameters());
        fates.there / (fates.there + fates.left.value)
    }

    /// Purchases expected of a new customer in the first `span` after the first purchase.
    pub fn expected(&self, span: f64) -> Result<f64, CustomerBaseError> {
        not_negative("span", span)?;
        Ok(self.r / self.alpha * time_there(self.beta, self.s, span))
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
        let rate = (self.r + f64::from(history.repeats())) / (self.alpha + history.age());
        rate * time_there(self.beta + history.age(), self.s, span)
    }
}

/// Mean time, of the next `span`, until somebody there now leaves: `beta/(s−1) · [1 − (beta/(beta+span))^(s−1)]`,
/// which at `s = 1` is `beta · ln(1 + span/beta)`.
fn time_there(beta: f64, s: f64, span: f64) -> f64 {
    let growth = libm::log1p(span / beta);
    let steps = s - 1.0;
    if steps == 0.0 { beta * growth } else { -beta * libm::expm1(-steps * growth) / steps }
}

/// Longest piece of the integration variable, and most decay over one, at which ten points give full precision.
const PIECE_MAX: f64 = 2.0;
const DECAY_MAX: f64 = 4.0;

/// The two ways a history can have come about, as factors of its likelihood relative to
/// `(α+t_x)^−(r+x) · (β+t_x)^−s`.
struct Fates {
    /// Still there: `(α+T)^−(r+x) (β+T)^−s`.
    there: f64,
    /// Left between `t_x` and T: `s ∫ (α+y)^−(r+x) (β+y)^−(s+1) dy`, and its moments.
    left: Integral,
    /// ln of what both are relative to.
    ln_scale: f64,
}

/// An integral with the means, under its integrand, of A = ln (α+y), B = ln (β+y), p = 1/(α+y), q = 1/(β+y) and of
/// their products; before division by the value they are sums.
#[derive(Default)]
struct Integral {
    value: f64,
    a: f64,
    b: f64,
    p: f64,
    q: f64,
    aa: f64,
    ab: f64,
    ap: f64,
    aq: f64,
    bb: f64,
    bp: f64,
    bq: f64,
    pp: f64,
    pq: f64,
    qq: f64,
}

impl Integral {
    #[inline]
    fn add(&mut self, weight: f64, a: f64, b: f64, p: f64, q: f64) {
        let (wa, wb, wp, wq) = (weight * a, weight * b, weight * p, weight * q);
        self.value += weight;
        self.a += wa;
        self.b += wb;
        self.p += wp;
        self.q += wq;
        self.aa += wa * a;
        self.ab += wa * b;
        self.ap += wa * p;
        self.aq += wa * q;
        self.bb += wb * b;
        self.bp += wb * p;
        self.bq += wb * q;
        self.pp += wp * p;
        self.pq += wp * q;
        self.qq += wq * q;
    }
}

impl Fates {
    /// The integral is positive and smooth, so it is summed as it stands, in pieces: neither branch of the closed
    /// form (α above or below β), nor its cancellation when they are close or x is large, comes up.
    #[expect(clippy::many_single_char_names, reason = "symbols as in the paper")]
    fn of(history: &History, &[r, alpha, s, beta]: &[f64; 4]) -> Self {
        let purchases = r + f64::from(history.repeats());
        let (since, until) = (history.recency(), history.age());
        let silence = until - since;
        let ln_a = libm::log(alpha + since);
        let ln_b = libm::log(beta + since);
        let fall_a = libm::log1p(silence / (alpha + since));
        let fall_b = libm::log1p(silence / (beta + since));
        let there = libm::exp(-purchases * fall_a - s * fall_b);
        let mut fates = Self { there, left: Integral::default(), ln_scale: -purchases * ln_a - s * ln_b };
        // With v = ln (m + y), m the smaller of α and β, one factor is a pure exponential in v and the other has its
        // nearest pole at distance π.
        let smaller = alpha.min(beta);
        let (start, length) = if alpha <= beta { (ln_a, fall_a) } else { (ln_b, fall_b) };
        let steepest = [since, until]
            .map(|y| {
                (1.0 - (purchases * (smaller + y) / (alpha + y) + (s + 1.0) * (smaller + y) / (beta + y)))
                    .abs()
            })
            .into_iter()
            .fold(0.0, f64::max);
        let pieces = (length * (1.0 / PIECE_MAX).max(steepest / DECAY_MAX)).ceil();
        let half = 0.5 * length / pieces;
        let mut middle = start + half;
        let end = start + length;
        while middle < end {
            let before = fates.left.value;
            for (node, mass) in GAUSS_LEGENDRE_10 {
                for v in [middle - half * node, middle + half * node] {
                    let shifted = libm::exp(v);
                    let (by_a, by_b) = (shifted + (alpha - smaller), shifted + (beta - smaller));
                    let (a, b) = if alpha <= beta { (v, libm::log(by_b)) } else { (libm::log(by_a), v) };
                    let (p, q) = (1.0 / by_a, 1.0 / by_b);
                    let height = libm::exp(-purchases * (a - ln_a) - s * (b - ln_b));
                    // dy = (m + y) dv; one more 1/(β+y) of the integrand, and its factor s.
                    fates.left.add(mass * half * height * shifted * q * s, a, b, p, q);
                }
            }
            // Once it falls it falls ever faster; what lies beyond no longer counts.
            if fates.left.value - before < 1e-18 * before {
                break;
            }
            middle += 2.0 * half;
        }
        fates
    }
}

/// Sum of `ln (r)_x + r ln α + s ln β + ln (there + left)`.
fn expand(groups: &Groups<History>, at: &[f64; 4]) -> Expansion<4> {
    let &[r, alpha, s, beta] = at;
    let mut total = Expansion::ZERO;
    let mut rising = RisingFactorial::new(r);
    let (ln_alpha, ln_beta) = (libm::log(alpha), libm::log(beta));
    for (history, customers) in groups.as_slice() {
        let (value, first, second) = rising.advance(history.repeats());
        let mut one = either_fate(history, at);
        one.value += value + r * ln_alpha + s * ln_beta;
        one.gradient[0] += first + ln_alpha;
        one.gradient[1] += r / alpha;
        one.gradient[2] += ln_beta;
        one.gradient[3] += s / beta;
        one.hessian[0][0] += second;
        one.hessian[0][1] += 1.0 / alpha;
        one.hessian[1][1] -= r / (alpha * alpha);
        one.hessian[2][3] += 1.0 / beta;
        one.hessian[3][3] -= s / (beta * beta);
        total.add(weight(*customers), &one);
    }
    total.symmetric()
}

/// ln (there + left) with its derivatives, in the upper triangle. The derivatives of a logarithm of a sum are means
/// over its parts: `∇ = E[g]` and `∇² = E[g gᵀ + H] − E[g] E[g]ᵀ`, with each part's own g and H.
#[expect(clippy::many_single_char_names, reason = "symbols as in the paper")]
fn either_fate(history: &History, &[r, alpha, s, beta]: &[f64; 4]) -> Expansion<4> {
    let fates = Fates::of(history, &[r, alpha, s, beta]);
    let purchases = r + f64::from(history.repeats());
    let sum = fates.there + fates.left.value;
    let (w, m) = (fates.there / sum, &fates.left);
    let scale = 1.0 / sum;
    let (by_a, by_b) = (alpha + history.age(), beta + history.age());
    let (p, q) = (1.0 / by_a, 1.0 / by_b);
    let there = [-libm::log(by_a), -purchases * p, -libm::log(by_b), -s * q];
    let k = s + 1.0;
    let left_share = m.value * scale;
    // The gradient of s · integrand is (−A, −(r+x) p, 1/s − B, −(s+1) q).
    let u = 1.0 / s;
    let left = [-m.a * scale, -purchases * m.p * scale, u * left_share - m.b * scale, -k * m.q * scale];
    let g: [f64; 4] = std::array::from_fn(|i| w * there[i] + left[i]);
    let mut h = [[0.0; 4]; 4];
    // g gᵀ of those who left.
    h[0][0] = m.aa * scale;
    h[0][1] = purchases * m.ap * scale;
    h[0][2] = (m.ab - u * m.a) * scale;
    h[0][3] = k * m.aq * scale;
    h[1][1] = purchases * purchases * m.pp * scale;
    h[1][2] = purchases * (m.bp - u * m.p) * scale;
    h[1][3] = purchases * k * m.pq * scale;
    h[2][2] = (m.bb - 2.0 * u * m.b + u * u * m.value) * scale;
    h[2][3] = k * (m.bq - u * m.q) * scale;
    h[3][3] = k * k * m.qq * scale;
    // H of those who left, and of those who are there.
    h[0][1] -= m.p * scale + w * p;
    h[1][1] += purchases * (m.pp * scale + w * p * p);
    h[2][2] -= u * u * left_share;
    h[2][3] -= m.q * scale + w * q;
    h[3][3] += k * m.qq * scale + w * s * q * q;
    for i in 0..4 {
        for j in i..4 {
            h[i][j] += w * there[i] * there[j] - g[i] * g[j];
        }
    }
    Expansion { value: fates.ln_scale + libm::log(sum), gradient: g, hessian: h }
}
