//! Statements: at a date, points become vouchers by full steps and the rest is carried over (domain.md R6.1).

use serde::{Deserialize, Serialize};

use super::{Exact, Names, Programme};
use crate::code::Code;

/// How points become vouchers at a statement's date.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Statement {
    /// Short identifier, for instance `quarterly`.
    pub code: Code,
    /// What members call it.
    pub name: Names,
    /// The unit that is turned into vouchers.
    pub unit: Code,
    /// Points a member must have at least; with fewer, all are carried over.
    pub minimum: i64,
    /// Points become vouchers in multiples of this; the rest is carried over.
    pub step: i64,
    /// The template of the vouchers: an amount without a sum of its own.
    pub voucher: Code,
    /// What one point is worth in these vouchers, in minor units. None: what the unit says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub money_value_minor: Option<Exact>,
}

impl Statement {
    /// Of the points a member can spend, those that become a voucher and those carried over.
    pub fn split(&self, available: i64) -> (i64, i64) {
        if available < self.minimum.max(1) || self.step < 1 {
            return (0, available);
        }
        let carried = available % self.step;
        (available - carried, carried)
    }

    /// What points are worth in these vouchers, in minor units, rounded down; `None` if it does not fit.
    pub fn worth(&self, points: i64, programme: &Programme) -> Option<i64> {
        let unit = programme.unit(self.unit)?;
        let (numerator, denominator) = self.money_value_minor.unwrap_or(unit.money_value_minor).fraction();
        let minor = i128::from(points).checked_mul(numerator)?.checked_div(denominator)?;
        i64::try_from(minor).ok()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::Statement;
    use crate::programme::{examples, parse_toml};

    fn statement() -> (Statement, crate::programme::Programme) {
        let clubcard = examples().iter().find(|example| example.name == "clubcard").unwrap();
        let programme = parse_toml(clubcard.toml).unwrap();
        (programme.statements[0].clone(), programme)
    }

    /// domain.md G-T1: voucher step 50, minimum 150, 1 penny a point.
    #[test]
    fn points_become_vouchers_by_full_steps_and_the_rest_is_carried() {
        let (statement, programme) = statement();
        for (points, pence, carried) in
            [(0, 0, 0), (149, 0, 149), (150, 150, 0), (199, 150, 49), (265, 250, 15), (999, 950, 49)]
        {
            let (spent, rest) = statement.split(points);
            assert_eq!((statement.worth(spent, &programme), rest), (Some(pence), carried), "{points} points");
            assert_eq!(spent + rest, points);
        }
    }
}
