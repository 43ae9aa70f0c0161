//! What extra sales must be won for a cost that falls on all sales, won or not, to pay for itself.
//! Arithmetic of contribution margins; every amount is a share of the sales there would have been anyway.

use crate::unfit::{Unfit, in_range};

/// A cost that rises with sales beside a fixed one, against a margin.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Outlay {
    /// Contribution margin: what of one unit of sales is left after the costs of the goods, from 0 to 1.
    pub margin: f64,
    /// Cost per unit of all sales, at what it costs rather than at face value.
    pub cost: f64,
    /// Fixed cost of the period over the sales there would have been anyway.
    pub fixed: f64,
}

impl Outlay {
    /// Profit at a lift `g` in sales: `g·m − c·(1 + g) − F/S₀`.
    pub fn net(&self, lift: f64) -> f64 {
        lift * self.margin - self.cost * (1.0 + lift) - self.fixed
    }

    /// The lift at which [`Self::net`] is 0: `(c + F/S₀)/(m − c)`. Refused where the margin does not exceed the cost,
    /// because then each further sale loses money and no lift is enough.
    pub fn break_even_lift(&self) -> Result<f64, Unfit> {
        in_range("the cost", self.cost, "of at least 0", |cost| cost >= 0.0)?;
        in_range("the fixed cost", self.fixed, "of at least 0", |fixed| fixed >= 0.0)?;
        in_range(
            "the margin",
            self.margin,
            "above the cost per unit of sales, no lift pays otherwise",
            |margin| margin > self.cost,
        )?;
        Ok((self.cost + self.fixed) / (self.margin - self.cost))
    }

    /// The lift needed among those who respond when only this share of the sales comes from them: the break-even lift
    /// over the share.
    pub fn break_even_lift_of_responders(&self, responding: f64) -> Result<f64, Unfit> {
        in_range("the responding share", responding, "above 0, at most 1", |share| {
            share > 0.0 && share <= 1.0
        })?;
        Ok(self.break_even_lift()? / responding)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use proptest::prelude::*;

    use super::Outlay;

    fn outlay(margin: f64, cost: f64, fixed: f64) -> Outlay {
        Outlay { margin, cost, fixed }
    }

    #[test]
    fn break_even_lifts_match_the_golden_cases() {
        // Cases G-E1 (no fixed cost) and G-E2.
        for (margin, cost, fixed, per_cent) in [
            (0.21, 0.01, 0.0, 5.0),
            (0.25, 0.01, 0.0, 4.1667),
            (0.20, 0.01, 0.0, 5.2632),
            (0.35, 0.02, 0.0, 6.0606),
            (0.40, 0.03, 0.0, 8.1081),
            (0.03, 0.01, 0.0, 50.0),
            (0.25, 0.01, 0.005, 6.25),
        ] {
            let found = outlay(margin, cost, fixed).break_even_lift().expect("a margin");
            assert!((found * 100.0 - per_cent).abs() < 5e-5, "{margin}, {cost}: {found}");
        }
    }

    #[test]
    fn fewer_responders_must_lift_more() {
        // Case G-E3.
        for (responding, per_cent) in [(0.48, 10.4167), (0.18, 27.7778)] {
            let found = outlay(0.21, 0.01, 0.0).break_even_lift_of_responders(responding).expect("a margin");
            assert!((found * 100.0 - per_cent).abs() < 5e-5, "{responding}: {found}");
        }
        assert!(outlay(0.21, 0.01, 0.0).break_even_lift_of_responders(0.0).is_err());
    }

    #[test]
    fn net_results_match_the_golden_cases() {
        // Case G-E4, per cent of the sales there would have been anyway.
        for (margin, cost, lift, per_cent) in [
            (0.21, 0.01, 0.01, -0.80),
            (0.21, 0.01, 0.02, -0.60),
            (0.21, 0.01, 0.03, -0.40),
            (0.21, 0.01, 0.05, 0.00),
            (0.35, 0.02, 0.05, -0.35),
            (0.35, 0.02, 0.06, -0.02),
            (0.35, 0.02, 0.08, 0.64),
        ] {
            let found = outlay(margin, cost, 0.0).net(lift);
            assert!((found * 100.0 - per_cent).abs() < 1e-9, "{margin}, {lift}: {found}");
        }
    }

    #[test]
    fn a_margin_below_the_cost_never_breaks_even() {
        assert!(outlay(0.01, 0.01, 0.0).break_even_lift().is_err());
        assert!(outlay(0.2, -0.01, 0.0).break_even_lift().is_err());
    }

    proptest! {
        #[test]
        fn at_the_break_even_lift_nothing_is_won_or_lost(margin in 0.1_f64..0.9, cost in 0.0_f64..0.09, fixed in 0.0_f64..0.1) {
            let outlay = outlay(margin, cost, fixed);
            prop_assert!(outlay.net(outlay.break_even_lift().unwrap()).abs() < 1e-12);
        }
    }
}
