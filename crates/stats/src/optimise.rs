//! The maximum of a smooth function of a few variables, by Newton's method with damping: the step solves
//! (λI − H) p = g, and λ follows how well the quadratic model foretold the gain.
//! Sources: Levenberg (1944), Marquardt (1963); Nocedal and Wright (2006), Numerical Optimization, algorithm 4.1.

/// A function's value, gradient and matrix of second derivatives at one point.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Expansion<const N: usize> {
    /// The value.
    pub value: f64,
    /// First derivatives.
    pub gradient: [f64; N],
    /// Second derivatives, symmetric.
    pub hessian: [[f64; N]; N],
}

impl<const N: usize> Expansion<N> {
    /// Zero everywhere.
    pub const ZERO: Self = Self { value: 0.0, gradient: [0.0; N], hessian: [[0.0; N]; N] };

    /// Adds `weight` times another function.
    pub fn add(&mut self, weight: f64, other: &Self) {
        self.value += weight * other.value;
        for i in 0..N {
            self.gradient[i] += weight * other.gradient[i];
            for j in 0..N {
                self.hessian[i][j] += weight * other.hessian[i][j];
            }
        }
    }

    /// The same function of the logarithms of its (positive) variables, which are `at`.
    #[must_use]
    pub fn by_logarithms(&self, at: &[f64; N]) -> Self {
        let mut logs = *self;
        for i in 0..N {
            logs.gradient[i] *= at[i];
            for j in 0..N {
                logs.hessian[i][j] *= at[i] * at[j];
            }
            logs.hessian[i][i] += logs.gradient[i];
        }
        logs
    }

    /// With the upper triangle of the second derivatives copied to the lower.
    #[must_use]
    pub fn symmetric(mut self) -> Self {
        let upper = self.hessian;
        for (i, row) in self.hessian.iter_mut().enumerate() {
            for (j, entry) in row.iter_mut().enumerate().take(i) {
                *entry = upper[j][i];
            }
        }
        self
    }

    fn is_finite(&self) -> bool {
        self.value.is_finite()
            && self.gradient.iter().all(|slope| slope.is_finite())
            && self.hessian.iter().flatten().all(|curvature| curvature.is_finite())
    }
}

/// Where the maximum is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Optimum<const N: usize> {
    /// The variables.
    pub at: [f64; N],
    /// The function there; its matrix of second derivatives is negative definite.
    pub expansion: Expansion<N>,
    /// The inverse of minus the second derivatives: for a log-likelihood, the covariance of the variables by the
    /// observed information.
    pub covariance: [[f64; N]; N],
    /// How often the function was evaluated.
    pub evaluations: u32,
}

/// Why no maximum was found.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
pub enum NoOptimum {
    /// The starting point is no number, or the function is none there.
    #[error("the function is not a finite number at its starting point")]
    StartNotFinite,
    /// The function rises, or stays flat, towards the border of the box.
    #[error("variable {variable} ran to {value}, beyond {limit}: the function has no maximum inside")]
    RanOff {
        /// Index of the variable.
        variable: usize,
        /// Where it got to.
        value: f64,
        /// The largest magnitude allowed.
        limit: f64,
    },
    /// Evaluations ran out.
    #[error("no maximum after {evaluations} evaluations; the gradient's largest entry is still {gradient}")]
    NotConverged {
        /// How many there were.
        evaluations: u32,
        /// Largest entry of the gradient, in magnitude.
        gradient: f64,
    },
}

/// Most evaluations; a well-posed likelihood takes five to twenty.
const EVALUATIONS_MAX: u32 = 300;
/// No variable moves further in one step.
const STEP_MAX: f64 = 1.5;
/// Gain still in sight, ½ gᵀ(−H)⁻¹g, at which the search ends: for a log-likelihood, parameters are then within
/// 10⁻⁵ of their standard errors.
const GAIN_MIN: f64 = 5e-11;

/// Searches upwards from `start` for the point where the gradient vanishes and the function is concave. Variables
/// stay within `±limit`. `expand` may return numbers that are not finite: such a point is stepped back from.
pub fn maximise<const N: usize>(
    start: [f64; N],
    limit: f64,
    mut expand: impl FnMut(&[f64; N]) -> Expansion<N>,
) -> Result<Optimum<N>, NoOptimum> {
    let (mut at, mut here, mut evaluations) = (start, expand(&start), 1);
    if !here.is_finite() {
        return Err(NoOptimum::StartNotFinite);
    }
    let mut damping = 0.0;
    while evaluations < EVALUATIONS_MAX {
        let Some(factor) = cholesky(&here.hessian, damping) else {
            damping = stronger(damping, &here);
            continue;
        };
        let mut step = solve(&factor, &here.gradient);
        let gain_in_sight = 0.5 * dot(&here.gradient, &step);
        // Differences of sums are lost in rounding below some 10⁻¹⁵ of their size.
        if damping == 0.0 && gain_in_sight <= GAIN_MIN + 1e-15 * here.value.abs() {
            return Ok(Optimum { at, expansion: here, covariance: inverse(&factor), evaluations });
        }
        let longest = largest(&step);
        if longest > STEP_MAX {
            step = step.map(|part| part * STEP_MAX / longest);
        }
        let there: [f64; N] = std::array::from_fn(|i| at[i] + step[i]);
        if let Some(variable) = (0..N).find(|i| there[*i].abs() > limit) {
            return Err(NoOptimum::RanOff { variable, value: there[variable], limit });
        }
        let expansion = expand(&there);
        evaluations += 1;
        let foretold = foretold_gain(&here, &step);
        let found = if expansion.is_finite() { expansion.value - here.value } else { f64::NEG_INFINITY };
        if found > 0.1 * foretold {
            (at, here) = (there, expansion);
        }
        if found < 0.25 * foretold {
            damping = stronger(damping, &here);
        } else if found > 0.7 * foretold {
            damping = weaker(damping, &here);
        }
    }
    Err(NoOptimum::NotConverged { evaluations, gradient: largest(&here.gradient) })
}

/// The lower triangle L of `λI − H = L Lᵀ`, if that is positive definite.
fn cholesky<const N: usize>(hessian: &[[f64; N]; N], damping: f64) -> Option<[[f64; N]; N]> {
    let mut lower = [[0.0; N]; N];
    for i in 0..N {
        for j in 0..=i {
            let known: f64 = (0..j).map(|k| lower[i][k] * lower[j][k]).sum();
            let entry = if i == j { damping - hessian[i][i] } else { -hessian[i][j] };
            let rest = entry - known;
            if i != j {
                lower[i][j] = rest / lower[j][j];
            } else if rest > 1e-14 * entry.abs() && rest.is_finite() {
                lower[i][i] = rest.sqrt();
            } else {
                return None;
            }
        }
    }
    Some(lower)
}

fn solve<const N: usize>(lower: &[[f64; N]; N], right: &[f64; N]) -> [f64; N] {
    let mut x = *right;
    for i in 0..N {
        let known: f64 = (0..i).map(|k| lower[i][k] * x[k]).sum();
        x[i] = (x[i] - known) / lower[i][i];
    }
    for i in (0..N).rev() {
        let known: f64 = (i + 1..N).map(|k| lower[k][i] * x[k]).sum();
        x[i] = (x[i] - known) / lower[i][i];
    }
    x
}

fn inverse<const N: usize>(lower: &[[f64; N]; N]) -> [[f64; N]; N] {
    std::array::from_fn(|i| solve(lower, &std::array::from_fn(|j| f64::from(u8::from(i == j)))))
}

fn foretold_gain<const N: usize>(expansion: &Expansion<N>, step: &[f64; N]) -> f64 {
    let curved: f64 = (0..N).map(|i| step[i] * dot(&expansion.hessian[i], step)).sum();
    dot(&expansion.gradient, step) + 0.5 * curved
}

fn stronger<const N: usize>(damping: f64, expansion: &Expansion<N>) -> f64 {
    (damping * 4.0).max(1e-3 * curvature(expansion))
}

/// Small damping is dropped altogether, so that the last steps are Newton's.
fn weaker<const N: usize>(damping: f64, expansion: &Expansion<N>) -> f64 {
    let less = damping / 5.0;
    if less < 1e-4 * curvature(expansion) { 0.0 } else { less }
}

/// The scale of useful damping; on a plain slope, what makes a step of a thousand.
fn curvature<const N: usize>(expansion: &Expansion<N>) -> f64 {
    let least = 1e-3 * largest(&expansion.gradient);
    (0..N).map(|i| expansion.hessian[i][i].abs()).fold(least.max(1e-100), f64::max)
}

fn dot<const N: usize>(a: &[f64; N], b: &[f64; N]) -> f64 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}

fn largest<const N: usize>(values: &[f64; N]) -> f64 {
    values.iter().fold(0.0, |most, value| most.max(value.abs()))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::{Expansion, NoOptimum, maximise};

    /// Minus Rosenbrock's valley (1960, Comput. J. 3), whose top is 0 at (1, 1); not concave everywhere.
    fn valley(at: &[f64; 2]) -> Expansion<2> {
        let [x, y] = *at;
        let side = y - x * x;
        Expansion {
            value: -(100.0 * side * side + (1.0 - x) * (1.0 - x)),
            gradient: [400.0 * x * side + 2.0 * (1.0 - x), -200.0 * side],
            hessian: [[400.0 * (y - 3.0 * x * x) - 2.0, 400.0 * x], [400.0 * x, -200.0]],
        }
    }

    #[test]
    fn it_follows_a_curved_valley_to_the_top() {
        for start in [[-1.2, 1.0], [0.0, 3.0], [5.0, -5.0]] {
            let top = maximise(start, 100.0, valley).expect("a top");
            assert!((top.at[0] - 1.0).abs() < 1e-5 && (top.at[1] - 1.0).abs() < 1e-5, "{top:?}");
        }
    }

    #[test]
    fn the_covariance_is_the_inverse_of_minus_the_curvature() {
        let bowl = |at: &[f64; 2]| Expansion {
            value: -(2.0 * at[0] * at[0] + at[0] * at[1] + 1.5 * at[1] * at[1]),
            gradient: [-4.0 * at[0] - at[1], -at[0] - 3.0 * at[1]],
            hessian: [[-4.0, -1.0], [-1.0, -3.0]],
        };
        let found = maximise([0.3, -0.7], 10.0, bowl).expect("a top");
        let expected = [[3.0 / 11.0, -1.0 / 11.0], [-1.0 / 11.0, 4.0 / 11.0]];
        for (entry, wanted) in found.covariance.iter().flatten().zip(expected.iter().flatten()) {
            assert!((entry - wanted).abs() < 1e-15, "{found:?}");
        }
        assert_eq!(found.evaluations, 2);
    }

    #[test]
    fn a_function_without_a_top_is_reported() {
        let slope = |at: &[f64; 1]| Expansion { value: at[0], gradient: [1.0], hessian: [[0.0]] };
        assert!(matches!(maximise([0.0], 10.0, slope), Err(NoOptimum::RanOff { variable: 0, .. })));
        let hole = |at: &[f64; 1]| Expansion { value: at[0].ln(), ..Expansion::ZERO };
        assert_eq!(maximise([-1.0], 10.0, hole), Err(NoOptimum::StartNotFinite));
        // Steps into the hole are taken back until the evaluations run out.
        let edge = |at: &[f64; 1]| Expansion {
            value: if at[0] > 1.0 { f64::NAN } else { at[0] },
            gradient: [1.0],
            hessian: [[-1e-3]],
        };
        assert!(matches!(maximise([0.0], 10.0, edge), Err(NoOptimum::NotConverged { .. })));
    }

    #[test]
    fn derivatives_by_logarithms_follow_the_chain_rule() {
        // f = x² y: in u = ln x, v = ln y it is e^(2u + v).
        let (x, y) = (1.5_f64, 0.4_f64);
        let plain = Expansion {
            value: x * x * y,
            gradient: [2.0 * x * y, x * x],
            hessian: [[2.0 * y, 2.0 * x], [2.0 * x, 0.0]],
        };
        let logs = plain.by_logarithms(&[x, y]);
        let f = x * x * y;
        for (found, expected) in
            logs.gradient.iter().chain(logs.hessian.iter().flatten()).zip([2.0, 1.0, 4.0, 2.0, 2.0, 1.0])
        {
            assert!((found - expected * f).abs() < 1e-14, "{logs:?}");
        }
    }
}
