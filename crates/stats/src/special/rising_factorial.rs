//! ln (r)_x = ln Γ(r + x) − ln Γ(r) with its derivatives by r, for whole x in ascending order.
//! The sum of ln(r + j) is exact where the difference of two large ln Γ cancels, and a step costs one logarithm.

use super::{digamma, ln_gamma, trigamma};

/// Gaps beyond this are crossed by ln Γ instead of a sum.
const SUM_MAX: u32 = 4_096;

/// ln (r)_x, its derivative and its second derivative by r, at the `x` last advanced to.
#[derive(Debug, Clone, Copy)]
pub struct RisingFactorial {
    base: f64,
    reached: u32,
    value: f64,
    first: f64,
    second: f64,
}

impl RisingFactorial {
    /// Stands at x = 0, where value and derivatives are 0. `base` is positive.
    pub fn new(base: f64) -> Self {
        Self { base, reached: 0, value: 0.0, first: 0.0, second: 0.0 }
    }

    /// Value, first and second derivative at `x`, which is not below that of the call before.
    pub fn advance(&mut self, x: u32) -> (f64, f64, f64) {
        debug_assert!(x >= self.reached, "x falls from {} to {x}", self.reached);
        if x - self.reached > SUM_MAX {
            let (from, to) = (self.base + f64::from(self.reached), self.base + f64::from(x));
            self.value += ln_gamma(to) - ln_gamma(from);
            self.first += digamma(to) - digamma(from);
            self.second += trigamma(to) - trigamma(from);
            self.reached = x;
        }
        while self.reached < x {
            let factor = self.base + f64::from(self.reached);
            let inverse = 1.0 / factor;
            self.value += libm::log(factor);
            self.first += inverse;
            self.second -= inverse * inverse;
            self.reached += 1;
        }
        (self.value, self.first, self.second)
    }
}

#[cfg(test)]
mod tests {
    use super::RisingFactorial;
    use crate::special::{digamma, ln_gamma, trigamma};

    #[test]
    fn it_equals_the_difference_of_gammas() {
        for base in [0.02, 0.7, 3.0, 40.0] {
            let mut rising = RisingFactorial::new(base);
            for x in [0, 1, 2, 7, 7, 100, 20_000] {
                let (value, first, second) = rising.advance(x);
                let top = base + f64::from(x);
                let close = |found: f64, expected: f64| {
                    assert!(
                        (found - expected).abs() < 1e-12 * (1.0 + expected.abs()),
                        "{base} {x}: {found}, not {expected}"
                    );
                };
                close(value, ln_gamma(top) - ln_gamma(base));
                close(first, digamma(top) - digamma(base));
                close(second, trigamma(top) - trigamma(base));
            }
        }
    }

    #[test]
    fn a_huge_base_keeps_its_digits() {
        // (r)_2 = r² + r; ln of it less 2 ln r is ln(1 + 1/r).
        let base = 1e9;
        let (value, _, _) = RisingFactorial::new(base).advance(2);
        assert!((value - 2.0 * libm::log(base) - 1e-9).abs() < 2e-14);
    }
}
