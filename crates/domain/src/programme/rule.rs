//! Earn rules and campaigns: when a rule applies, what it gives, how much at most, and who pays.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{Conditions, Exact, Names};
use crate::code::Code;
use crate::ledger::CapPeriod;

/// The funder of rules that name none: the programme itself.
pub const DEFAULT_FUNDER: &str = "programme";

/// One earn rule or campaign.
///
/// Rules are judged in stages: rates and steps, then multipliers with a channel condition, then multipliers with
/// a tier condition, then the other multipliers, then fixed bonuses; within a stage in the order of the
/// document. Each rule's points are rounded before the next rule sees them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Short identifier, unique in the programme and never used again for another rule.
    pub code: Code,
    /// What members read on the receipt.
    pub name: Names,
    /// The kind of document it looks at.
    #[serde(default)]
    pub trigger: Trigger,
    /// The unit it gives.
    pub unit: Code,
    /// First local day on which it applies; none: always has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Date>,
    /// Last local day on which it applies; none: for ever.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Date>,
    /// What must hold, all of it.
    #[serde(default)]
    pub conditions: Conditions,
    /// What it gives.
    pub effect: Effect,
    /// How fractions of a point are rounded.
    #[serde(default)]
    pub round: Rounding,
    /// Of the rules of one group only the one that gives most applies. A group keeps to one unit and one stage.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<Code>,
    /// How much it gives one member at most.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub caps: Vec<Cap>,
    /// How much it gives all members together at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub budget: Option<Budget>,
    /// Who pays, in per cent that add up to 100. None: the programme.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub funders: Vec<Funder>,
    /// When its points become spendable, if later than the unit says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub available: Option<Available>,
}

/// The kind of document a rule looks at.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Trigger {
    /// A purchase.
    #[default]
    Purchase,
    /// An activity of this kind, for instance `app_installed`.
    Activity(String),
    /// Joining the programme.
    Enrolment,
}

/// What a rule gives.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// Points in proportion to the amount.
    Rate(Rate),
    /// Points for every full step of the amount.
    Step(Step),
    /// The points earned so far, times a factor; the extra part is posted under this rule.
    Multiplier(Multiplier),
    /// A fixed number of points.
    Bonus(Bonus),
}

/// Points in proportion to the amount: `{ points = 1, per = "1.00" }`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Rate {
    /// How many points.
    pub points: Exact,
    /// For how much money, in major units.
    pub per: Exact,
}

/// Points for every full step: `{ points = 1, per = "5.00", minimum = "10.00" }`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// How many points for each step.
    pub points: i64,
    /// The size of a step, in major units.
    pub per: Exact,
    /// Below this amount nothing is earned, in major units.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub minimum: Option<Exact>,
}

/// The points earned so far, times a factor: `{ factor = 2 }` doubles them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Multiplier {
    /// More than 1.
    pub factor: Exact,
}

/// A fixed number of points: `{ points = 100 }`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Bonus {
    /// How many points.
    pub points: i64,
    /// For activities that report a count: so many points for each.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub each: bool,
}

/// How fractions of a point are rounded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Rounding {
    /// Down to the next whole point.
    #[default]
    Down,
    /// To the nearest whole point, halves up.
    HalfUp,
}

/// How much a rule gives one member in a span of time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Cap {
    /// The span of time, in local days and months.
    pub per: CapSpan,
    /// Points at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub points: Option<i64>,
    /// Documents at most that may earn by this rule.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub times: Option<u32>,
}

/// The span of time of a cap.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CapSpan {
    /// One purchase or activity.
    Purchase,
    /// One local day.
    Day,
    /// One local month.
    Month,
    /// As long as the member is one.
    Lifetime,
}

impl CapSpan {
    /// The period that counters keep; none for a single purchase.
    pub fn period(self) -> Option<CapPeriod> {
        match self {
            Self::Purchase => None,
            Self::Day => Some(CapPeriod::Day),
            Self::Month => Some(CapPeriod::Month),
            Self::Lifetime => Some(CapPeriod::Lifetime),
        }
    }
}

/// How much a rule gives all members together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Budget {
    /// Points at most.
    pub points: i64,
}

/// Who pays for a part of a rule's points.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Funder {
    /// Short identifier, for instance of a supplier.
    pub code: Code,
    /// Its part in per cent, with at most two decimals.
    pub percent: Exact,
}

/// When a rule's points become spendable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Available {
    /// On the first day of the next local month.
    NextMonth,
}
