//! What a unit's points pay and how they are taken: the value of a point at a till, steps and bounds, how long a hold
//! lasts, and how a return of something paid with points is split.

use serde::{Deserialize, Serialize};

use super::Exact;
use super::exact::reduce;
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

/// The points that may pay a part of one purchase: any multiple of `step` from `least` to `most`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PointsRange {
    /// Fewest.
    pub least: i64,
    /// Most.
    pub most: i64,
    /// The distance from one choice to the next.
    pub step: i64,
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

    /// The points that may pay a part of a purchase of `total` minor units, of those a member can spend; none where the
    /// terms or the member's points allow none.
    pub fn range(&self, total: i64, available: i64, decimals: u32) -> Option<PointsRange> {
        let value = self.value.as_ref()?;
        let (money, per) = (i128::from(value.money.scaled(decimals)?), i128::from(value.points));
        if money <= 0 || per <= 0 {
            return None;
        }
        // Multiples of `grain` are worth whole minor units.
        let grain = reduce(per, money).0;
        let step = i128::from(self.step.max(1));
        let stride = step.checked_mul(reduce(grain, step).0)?;
        let paid = i128::from(self.share_of(total)) * per / money;
        let most =
            paid.min(available.into()).min(self.maximum.map_or(i128::MAX, i128::from)) / stride * stride;
        let least = (i128::from(self.minimum.max(1)) + stride - 1) / stride * stride;
        let points = |number: i128| i64::try_from(number).ok();
        (least <= most).then_some(PointsRange {
            least: points(least)?,
            most: points(most)?,
            step: points(stride)?,
        })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::{PointsRange, PointsValue, Redemption};
    use crate::code::Code;
    use crate::programme::Exact;

    fn terms(points: i64, money: &str, step: i64, minimum: i64, share_percent: u32) -> Redemption {
        let money: Exact = serde_json::from_str(&format!("\"{money}\"")).unwrap();
        let value = Some(PointsValue { points, money });
        Redemption { value, step, minimum, share_percent, ..Redemption::default() }
    }

    #[test]
    fn the_points_that_may_pay_keep_step_minimum_maximum_share_and_whole_minor_units() {
        let starter = terms(100, "1.00", 100, 500, 50);
        let capped = Redemption { maximum: Some(1_250), ..starter.clone() };
        let table = [
            // terms, total, available, (least, most, step)
            (&starter, 10_000, 100_000, Some((500, 5_000, 100))),
            (&starter, 10_000, 749, Some((500, 700, 100))),
            (&starter, 10_000, 499, None),
            (&starter, 999, 100_000, None),
            (&capped, 10_000, 100_000, Some((500, 1_200, 100))),
            // Three points pay 0.02: only multiples of three are whole fen; with a step of 2, of six.
            (&terms(3, "0.02", 1, 1, 100), 7, 100, Some((3, 9, 3))),
            (&terms(3, "0.02", 2, 4, 100), 20, 100, Some((6, 30, 6))),
            (&terms(100, "1.00", 100, 500, 0), 10_000, 100_000, None),
            (&Redemption::default(), 10_000, 100_000, None),
        ];
        for (terms, total, available, expected) in table {
            let found = terms.range(total, available, 2);
            let expected = expected.map(|(least, most, step)| PointsRange { least, most, step });
            assert_eq!(found, expected, "{total} {available}");
            // What it offers is what paying accepts.
            for points in found.iter().flat_map(|range| [range.least, range.most]) {
                let unit: Code = "points".parse().unwrap();
                assert_eq!(terms.check_points("points", unit, points), Ok(()));
                assert!(terms.worth(points, 2).is_some_and(|worth| worth <= terms.share_of(total)));
            }
        }
    }
}
