//! What a customer is worth today: discounted purchases times spend for the models of this folder, and the simple sum
//! of margins, each reached with a constant probability and discounted.
//! Sources: Fader, Hardie and Lee (2005), J. Marketing Research 42(4), equation 3; Gupta and Lehmann (2003),
//! J. Interactive Marketing 17(1).

use super::error::{CustomerBaseError, not_negative};
use crate::special::integrate_unit;

/// Present value of a customer: `discounted_purchases` (from a model's `discounted_given`), each of `expected_spend`
/// (from [`super::GammaGamma::expected_spend`]), of which the share `margin` is kept.
pub fn lifetime_value(discounted_purchases: f64, expected_spend: f64, margin: f64) -> f64 {
    discounted_purchases * expected_spend * margin
}

/// Σ `margins[t−1] · retention^t / (1 + discount)^t` for t = 1, 2, …: the first margin is due after one period, in
/// which some have left already. `retention` and `discount` are per period.
pub fn retained_margins(margins: &[f64], retention: f64, discount: f64) -> Result<f64, CustomerBaseError> {
    let factor = retained_factor(retention, discount)?;
    // Horner's rule from the last margin backwards.
    Ok(margins.iter().rev().fold(0.0, |later, margin| (later + margin) * factor))
}

/// The same for one margin for ever: `margin · retention / (1 + discount − retention)`.
pub fn retained_margin_for_ever(
    margin: f64,
    retention: f64,
    discount: f64,
) -> Result<f64, CustomerBaseError> {
    let factor = retained_factor(retention, discount)?;
    if factor >= 1.0 {
        let wanted = "a retention below 1, or a discount above 0, for a finite sum";
        return Err(CustomerBaseError::Argument { name: "retention", value: retention, wanted });
    }
    Ok(margin * retention / (1.0 + discount - retention))
}

fn retained_factor(retention: f64, discount: f64) -> Result<f64, CustomerBaseError> {
    if !(0.0..=1.0).contains(&retention) {
        let wanted = "a probability between 0 and 1";
        return Err(CustomerBaseError::Argument { name: "retention", value: retention, wanted });
    }
    Ok(retention / (1.0 + not_negative("discount", discount)?))
}

/// ∫₀^horizon e^(−rate·t) dE(t) of cumulative expected purchases E. By parts, and with `w = e^(−rate·t)`, this is
/// `w(horizon) · E(horizon) + ∫ E(−ln w / rate) dw` from `w(horizon)` to 1.
pub(super) fn discounted(
    rate: f64,
    horizon: f64,
    expected: impl Fn(f64) -> f64,
) -> Result<f64, CustomerBaseError> {
    not_negative("rate", rate)?;
    let endless = horizon == f64::INFINITY;
    if endless && rate == 0.0 {
        let wanted = "a rate above 0 with an infinite horizon; without discount the sum may be infinite";
        return Err(CustomerBaseError::Argument { name: "rate", value: rate, wanted });
    }
    if !endless {
        not_negative("horizon", horizon)?;
    }
    if rate == 0.0 || horizon == 0.0 {
        return Ok(expected(horizon));
    }
    let width = -libm::expm1(-rate * horizon);
    // Beyond 53 bits of discount a horizon is as good as none.
    let endless = width >= 1.0;
    let at_horizon = if endless { 0.0 } else { (1.0 - width) * expected(horizon) };
    let before = integrate_unit(|ln_p, ln_q| {
        // w = (1 − width) + width · p, from whichever end keeps its digits.
        let ln_w = if ln_p > ln_q {
            libm::log1p(-width * libm::exp(ln_q))
        } else if endless {
            ln_p
        } else {
            libm::log1p(-width) + libm::log1p(width * libm::exp(ln_p) / (1.0 - width))
        };
        width * libm::exp(ln_p + ln_q) * expected(-ln_w / rate)
    });
    Ok(at_horizon + before)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::{discounted, retained_margin_for_ever, retained_margins};

    #[test]
    fn margins_from_year_one_on_are_worth_what_the_worked_examples_say() {
        // Margin 100, discount 10 %: retention 0.80 → 100 · 0.8/0.3 = 266.667; 0.85 → 100 · 0.85/0.25 = 340, 27.5 % more.
        let worth = |retention| retained_margin_for_ever(100.0, retention, 0.1).expect("finite");
        assert!((worth(0.8) - 800.0 / 3.0).abs() < 1e-9);
        assert!((worth(0.85) - 340.0).abs() < 1e-9);
        assert!((worth(0.85) / worth(0.8) - 1.275).abs() < 1e-12);
        let long = retained_margins(&[100.0; 400], 0.8, 0.1).expect("finite");
        assert!((long - worth(0.8)).abs() < 1e-9);
        // 10 · 0.5/1.25 + 20 · (0.5/1.25)² = 4 + 3.2.
        assert!((retained_margins(&[10.0, 20.0], 0.5, 0.25).expect("finite") - 7.2).abs() < 1e-12);
    }

    #[test]
    fn sums_that_have_no_end_are_refused() {
        let refused = retained_margin_for_ever(1.0, 1.0, 0.0).unwrap_err().to_string();
        assert!(refused.starts_with("retention is 1; give a retention below 1"), "{refused}");
        assert!(retained_margins(&[1.0], 1.2, 0.1).is_err());
        assert!(retained_margins(&[1.0], 0.5, -0.1).is_err());
        let refused = discounted(0.0, f64::INFINITY, |span| span).unwrap_err().to_string();
        assert!(refused.starts_with("rate is 0; give a rate above 0"), "{refused}");
        assert!(
            discounted(0.1, -1.0, |span| span).is_err() && discounted(0.1, f64::NAN, |span| span).is_err()
        );
    }

    #[test]
    fn discounting_a_steady_stream_gives_the_annuity() {
        for (rate, horizon) in [(0.1, 10.0), (0.003, 52.0), (2.0, 400.0), (1e-9, 5.0), (0.05, f64::INFINITY)]
        {
            let found = discounted(rate, horizon, |span| 3.0 * span).expect("finite");
            let annuity = -3.0 * libm::expm1(-rate * horizon) / rate;
            assert!((found / annuity - 1.0).abs() < 1e-10, "{rate} {horizon}: {found}, not {annuity}");
        }
        assert_eq!(discounted(0.0, 7.0, |span| 3.0 * span), Ok(21.0));
    }
}
