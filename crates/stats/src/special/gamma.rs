//! The logarithm of the gamma function and its first two derivatives, for positive arguments.
//! Sources: libm's `lgamma` (Sun's, FreeBSD msun `e_lgamma_r.c`); Abramowitz and Stegun (1964), 6.3.5 and 6.4.6
//! (recurrence), 6.3.18 and 6.4.12 (asymptotic series).

/// Arguments are raised to at least this by the recurrence; there eight terms of the series give full precision.
const ASYMPTOTIC_MIN: f64 = 10.0;
/// Bernoulli numbers B2, B4, … B16.
const BERNOULLI: [f64; 8] = [
    1.0 / 6.0,
    -1.0 / 30.0,
    1.0 / 42.0,
    -1.0 / 30.0,
    5.0 / 66.0,
    -691.0 / 2730.0,
    7.0 / 6.0,
    -3617.0 / 510.0,
];

/// ln Γ(x) for `x > 0`; infinite at 0, NaN below it.
pub fn ln_gamma(x: f64) -> f64 {
    if x < 0.0 { f64::NAN } else { libm::lgamma(x) }
}

/// ln B(a, b) = ln Γ(a) + ln Γ(b) − ln Γ(a + b), for positive arguments.
pub fn ln_beta(a: f64, b: f64) -> f64 {
    ln_gamma(a) + ln_gamma(b) - ln_gamma(a + b)
}

/// ψ(x) = d ln Γ(x) / dx for `x > 0`; NaN elsewhere.
pub fn digamma(x: f64) -> f64 {
    if x <= 0.0 || x.is_nan() {
        return f64::NAN;
    }
    let (mut shifted, mut below) = (x, 0.0);
    while shifted < ASYMPTOTIC_MIN {
        below += 1.0 / shifted;
        shifted += 1.0;
    }
    let square = 1.0 / (shifted * shifted);
    let mut series = 0.0;
    for (bernoulli, twice) in BERNOULLI.iter().zip([2.0, 4.0, 6.0, 8.0, 10.0, 12.0, 14.0, 16.0]).rev() {
        series = square * (bernoulli / twice + series);
    }
    libm::log(shifted) - 0.5 / shifted - series - below
}

/// ψ′(x) = d² ln Γ(x) / dx² for `x > 0`; NaN elsewhere.
pub fn trigamma(x: f64) -> f64 {
    if x <= 0.0 || x.is_nan() {
        return f64::NAN;
    }
    let (mut shifted, mut below) = (x, 0.0);
    while shifted < ASYMPTOTIC_MIN {
        below += 1.0 / (shifted * shifted);
        shifted += 1.0;
    }
    let inverse = 1.0 / shifted;
    let square = inverse * inverse;
    let mut series = 0.0;
    for bernoulli in BERNOULLI.iter().rev() {
        series = square * (bernoulli + series);
    }
    inverse + 0.5 * square + inverse * series + below
}

#[cfg(test)]
mod tests {
    use super::{digamma, ln_beta, ln_gamma, trigamma};

    /// Euler's constant (OEIS A001620).
    const EULER: f64 = 0.577_215_664_901_532_9;

    fn close(name: &str, found: f64, expected: f64) {
        assert!(
            (found - expected).abs() <= 4e-15 * expected.abs().max(1.0),
            "{name}: {found}, not {expected}"
        );
    }

    #[test]
    fn the_logarithm_of_gamma_meets_factorials_and_one_half() {
        let mut factorial = 1.0_f64;
        for n in 1..=20 {
            let x = f64::from(n);
            close("ln Γ", ln_gamma(x), libm::log(factorial));
            factorial *= x;
        }
        close("ln Γ(1/2)", ln_gamma(0.5), 0.5 * libm::log(std::f64::consts::PI));
        // B(1/2, 1/2) = π.
        close("ln B", ln_beta(0.5, 0.5), libm::log(std::f64::consts::PI));
        assert!(ln_gamma(-0.5).is_nan() && ln_gamma(0.0).is_infinite());
    }

    #[test]
    fn digamma_and_trigamma_meet_their_known_values() {
        let two = std::f64::consts::LN_2;
        let pi = std::f64::consts::PI;
        // Abramowitz and Stegun 6.3.2, 6.3.3, 6.4.2, 6.4.4; the values at 1/4 from their 6.3.8 and 6.4.8.
        close("ψ(1)", digamma(1.0), -EULER);
        close("ψ(1/2)", digamma(0.5), -EULER - 2.0 * two);
        close("ψ(1/4)", digamma(0.25), -EULER - pi / 2.0 - 3.0 * two);
        close("ψ(2)", digamma(2.0), 1.0 - EULER);
        close("ψ′(1)", trigamma(1.0), pi * pi / 6.0);
        close("ψ′(1/2)", trigamma(0.5), pi * pi / 2.0);
        close("ψ′(2)", trigamma(2.0), pi * pi / 6.0 - 1.0);
        assert!(digamma(0.0).is_nan() && trigamma(-1.0).is_nan());
    }

    #[test]
    fn derivatives_agree_with_differences() {
        for x in [0.01, 0.3, 1.7, 9.99, 10.01, 250.0, 1e6] {
            let step = 1e-4 * x;
            let slope = (ln_gamma(x + step) - ln_gamma(x - step)) / (2.0 * step);
            assert!((digamma(x) - slope).abs() < 2e-7 * slope.abs().max(1.0), "ψ({x})");
            let slope = (digamma(x + step) - digamma(x - step)) / (2.0 * step);
            assert!((trigamma(x) / slope - 1.0).abs() < 2e-7, "ψ′({x})");
        }
    }
}
