//! Special functions of real arguments, and quadrature where a positive integral is the sturdier form.
//! All rest on libm, so that a value has the same bits on every platform. Outside their domain they give NaN;
//! callers check their arguments and name what is wrong.

mod gamma;
mod incomplete_beta;
mod incomplete_gamma;
mod quadrature;
mod rising_factorial;

pub use gamma::{digamma, ln_beta, ln_gamma, trigamma};
pub use incomplete_beta::incomplete_beta;
pub use incomplete_gamma::upper_gamma;
pub use quadrature::{GAUSS_LEGENDRE_10, integrate_unit};
pub use rising_factorial::RisingFactorial;
