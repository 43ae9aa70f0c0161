//! What a unit's points pay and how they are taken: the value of a point at a till, steps and bounds, how long a hold
//! lasts, and how a return of something paid with points is split.

use serde::{Deserialize, Serialize};

use super::Exact;
use crate::code::Code;
use crate::refusal::Refusal;

/// How points of a unit are spent. A unit without these terms can be neither held nor spent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Redemption {
    /// What points pay at a till; none: they pay for rewards and for what other systems price in points only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<PointsValue>,
    /// Points are held and paid in whole steps of so many.
    pub step: i64,
    /// Fewest points held or paid at a time.
    pub minimum: i64,
    /// Most points held or paid at a time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub maximum: Option<i64>,
    /// Most of a purchase that points may pay, in per cent.
    pub share_percent: u32,
    /// How long a hold lasts, at the most and unless a shorter time is asked for.
    pub hold_minutes: u32,
    /// What a return of something paid partly with points gives back first.
    pub return_split: ReturnSplit,
    /// Points that come back after they lapsed stay valid through the local day so many days later.
    pub return_grace_days: u32,
}

/// What points pay: `{ points = 100, money = "1.00" }`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PointsValue {
    /// So many points …
    pub points: i64,
    /// … pay so much, in major units.
    pub money: Exact,
}

/// What a return of something paid partly with points gives back first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReturnSplit {
    /// Both in proportion to what they paid; fractions of a point come back with the last part.
    #[default]
    Proportional,
    /// Points until all are back, then money.
    PointsFirst,
    /// Money until all is back, then points.
    MoneyFirst,
}

impl Default for Redemption {
    fn default() -> Self {
        Self {
            value: None,
            step: 1,
            minimum: 1,
            maximum: None,
            share_percent: 100,
            hold_minutes: 30,
            return_split: ReturnSplit::Proportional,
            return_grace_days: 30,
        }
    }
}

impl Redemption {
    /// What points pay in minor units of a currency with so many decimals; none where a till takes none, or where it
    /// would be a fraction of a minor unit.
    pub fn worth(&self, points: i64, decimals: u32) -> Option<i64> {
        let value = self.value.as_ref()?;
        let product = i128::from(points).checked_mul(i128::from(value.money.scaled(decimals)?))?;
        let per = i128::from(value.points);
        if per <= 0 || product % per != 0 {
            return None;
        }
        i64::try_from(product / per).ok()
    }

    /// Whether so many points may be taken at a time.
    pub fn check_points(&self, field: &str, unit: Code, points: i64) -> Result<(), Refusal> {
        let field = field.to_owned();
        if points < self.minimum {
            return Err(Refusal::PointsBelowMinimum { field, unit, points, minimum: self.minimum });
        }
        if let Some(maximum) = self.maximum.filter(|maximum| points > *maximum) {
            return Err(Refusal::PointsAboveMaximum { field, unit, points, maximum });
        }
        if self.step > 0 && points % self.step != 0 {
            return Err(Refusal::PointsNotInSteps { field, unit, points, step: self.step });
        }
        Ok(())
    }

    /// The most that points may pay of a purchase of so many minor units.
    pub fn share_of(&self, total: i64) -> i64 {
        let share = i128::from(total.max(0)) * i128::from(self.share_percent) / 100;
        i64::try_from(share).unwrap_or(i64::MAX)
    }
}
