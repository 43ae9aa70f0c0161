//! Two quadratures: ten-point Gauss-Legendre for pieces that are known to be smooth, and the double-exponential rule
//! for integrals over (0, 1) whose integrand may be singular at either end.
//! Sources: Abramowitz and Stegun (1964), table 25.4; Takahasi and Mori (1974), Publ. RIMS 9(3), formula 3-10.

/// Positive nodes on (−1, 1) and their weights; each node stands for its mirror image as well.
#[expect(clippy::unreadable_literal, clippy::excessive_precision, reason = "digits as the table prints them")]
pub const GAUSS_LEGENDRE_10: [(f64, f64); 5] = [
    (0.148874338981631211, 0.295524224714752870),
    (0.433395394129247191, 0.269266719309996355),
    (0.679409568299024406, 0.219086362515982044),
    (0.865063366688984511, 0.149451349150580593),
    (0.973906528517171720, 0.066671344308688138),
];

/// Halvings of the step after the first sum; the last has 128 nodes per unit of the transformed variable.
const HALVINGS_MAX: u32 = 6;
/// Relative change between two steps at which the finer is taken.
const TOLERANCE: f64 = 1e-12;
/// Beyond this the transformed variable has no node: there ln p is below −10^13.
const REACH: f64 = 31.0;

/// ∫₀¹ f(p) dp, where `weighted(ln p, ln (1 − p))` is `f(p) · p · (1 − p)`: in logarithms neither end loses its
/// digits, and a density like `p^(a−1)` needs no case of its own. `f` should not change sign.
pub fn integrate_unit(mut weighted: impl FnMut(f64, f64) -> f64) -> f64 {
    // p = 1 / (1 + e^(−π sinh u)), so dp = p (1 − p) π cosh u du; the trapezoidal rule converges exponentially.
    let mut node = |u: f64| {
        let logit = std::f64::consts::PI * libm::sinh(u);
        let shared = libm::log1p(libm::exp(-logit.abs()));
        let (ln_p, ln_q) = (logit.min(0.0) - shared, (-logit).min(0.0) - shared);
        weighted(ln_p, ln_q) * std::f64::consts::PI * libm::cosh(u)
    };
    let mut step = 0.5;
    let mut sum = node(0.0) + side(&mut node, step, step) + side(&mut node, -step, -step);
    let mut last = sum * step;
    for _ in 0..HALVINGS_MAX {
        let half = 0.5 * step;
        sum += side(&mut node, half, step) + side(&mut node, -half, -step);
        step = half;
        let value = sum * step;
        if (value - last).abs() <= TOLERANCE * value.abs() {
            return value;
        }
        last = value;
    }
    last
}

/// Sum of nodes from `first` outwards, until they no longer count.
fn side(node: &mut impl FnMut(f64) -> f64, first: f64, step: f64) -> f64 {
    let (mut u, mut sum, mut largest) = (first, 0.0_f64, 0.0_f64);
    while u.abs() < REACH {
        let value = node(u);
        sum += value;
        largest = largest.max(value.abs());
        // Integrands rise to one hump and fall again; far out they fall at least exponentially.
        if u.abs() > 2.0 && value.abs() <= 1e-17 * largest {
            break;
        }
        u += step;
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::{GAUSS_LEGENDRE_10, integrate_unit};
    use crate::special::ln_beta;

    #[test]
    fn beta_integrals_come_out_however_singular() {
        for (a, b) in [(1.0, 1.0), (0.5, 0.5), (0.001, 3.0), (0.8, 2_000.0), (40.0, 0.02)] {
            let ln_b = ln_beta(a, b);
            let whole = integrate_unit(|ln_p, ln_q| libm::exp(a * ln_p + b * ln_q - ln_b));
            assert!((whole - 1.0).abs() < 1e-11, "B({a}, {b}) by {whole}");
        }
        // ∫ −ln p dp = 1.
        let log = integrate_unit(|ln_p, ln_q| -ln_p * libm::exp(ln_p + ln_q));
        assert!((log - 1.0).abs() < 1e-12, "{log}");
    }

    #[test]
    fn ten_points_are_exact_for_polynomials_up_to_degree_19() {
        for degree in [0, 2, 8, 18] {
            let sum: f64 = GAUSS_LEGENDRE_10.iter().map(|(x, w)| 2.0 * w * x.powi(degree)).sum();
            assert!((sum - 2.0 / f64::from(degree + 1)).abs() < 1e-15, "degree {degree}: {sum}");
        }
    }
}
