//! Units that members collect: what they are worth, when they become spendable, when they lapse.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use super::{Exact, Names, Redemption, TopUpBonus};
use crate::calendar;
use crate::code::Code;

/// Something members have, in whole numbers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Unit {
    /// Short identifier, for instance `points`.
    pub code: Code,
    /// What members call it.
    pub name: Names,
    /// What it is: points, money, or something that only counts.
    #[serde(default)]
    pub kind: UnitKind,
    /// What one of it is worth, in minor units of the currency; 0 for every kind but points.
    #[serde(default = "nothing", skip_serializing_if = "is_nothing")]
    pub money_value_minor: Exact,
    /// When what is earned becomes spendable.
    #[serde(default)]
    pub pending: Pending,
    /// When it lapses.
    #[serde(default)]
    pub expiry: Expiry,
    /// How it is spent; none: it is not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub redemption: Option<Redemption>,
    /// What a top-up of stored value earns; none: nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub top_up_bonus: Option<TopUpBonus>,
}

/// What a unit is. Balances of different kinds are never added up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum UnitKind {
    /// Earned by rules and spent.
    #[default]
    Points,
    /// Money in the programme's currency, in minor units: paid in, spent, paid back.
    StoredValue,
    /// Only decides tiers.
    GrowthValue,
    /// A partner's: earned and spent like points, worth nothing in our books.
    Miles,
}

impl UnitKind {
    /// Its name, as in documents and the API.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Points => "points",
            Self::StoredValue => "stored_value",
            Self::GrowthValue => "growth_value",
            Self::Miles => "miles",
        }
    }
}

/// When what is earned becomes spendable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Pending {
    /// At once.
    #[default]
    None,
    /// At the start of the local day that many days after the day it was earned.
    Days(u32),
    /// At the start of the next local month.
    UntilNextMonth,
}

/// When a unit lapses: always at the end of a local day.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Expiry {
    /// Never.
    #[default]
    None,
    /// A time after it was earned.
    Rolling(Rolling),
    /// On a fixed day of the year.
    FixedDay(FixedDay),
    /// All of it together, after that many months without a purchase, return or activity.
    InactivityMonths(u32),
}

/// A time after the day of earning: give months or days.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Rolling {
    /// Months after the day of earning, clamped to the end of the month.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub months: Option<u32>,
    /// Days after the day of earning.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub days: Option<u32>,
    /// Whether it then stays valid to the end of that month.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub end_of_month: bool,
}

/// A day of the year, `years` after the year of earning. Where that day is already past (`years = 0`), the next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FixedDay {
    /// Month, 1 to 12.
    pub month: u8,
    /// Day of the month; clamped to its end (29 February).
    pub day: u8,
    /// Years after the year of earning.
    #[serde(default)]
    pub years: u32,
}

/// A unit with what its days need: the programme's zone.
#[derive(Debug, Clone)]
pub struct CompiledUnit {
    /// The unit as published.
    pub unit: Unit,
    zone: TimeZone,
}

impl CompiledUnit {
    pub(super) fn new(unit: Unit, zone: TimeZone) -> Self {
        Self { unit, zone }
    }

    /// The code of the unit.
    pub fn code(&self) -> Code {
        self.unit.code
    }

    /// When something earned at a local time becomes spendable; `None` at once.
    pub fn release_at(&self, earned: DateTime) -> Option<Timestamp> {
        match self.unit.pending {
            Pending::None => None,
            Pending::Days(days) => {
                let day = calendar::add_days(earned.date(), i32::try_from(days).ok()?).ok()?;
                calendar::day_start(day, &self.zone).ok()
            }
            Pending::UntilNextMonth => next_month(earned.date(), &self.zone),
        }
    }

    /// The first instant at which something earned on a local day can no longer be spent; `None` if it has no
    /// end of its own.
    pub fn expires_at(&self, earned_on: Date) -> Option<Timestamp> {
        calendar::day_end(self.last_day(earned_on)?, &self.zone).ok()
    }

    /// The last local day on which something earned on a local day can be spent.
    fn last_day(&self, earned_on: Date) -> Option<Date> {
        match &self.unit.expiry {
            Expiry::None | Expiry::InactivityMonths(_) => None,
            Expiry::Rolling(rolling) => rolling.last_day(earned_on),
            Expiry::FixedDay(fixed) => {
                let years = i16::try_from(fixed.years).ok()?;
                let day = fixed.in_year(earned_on.year().checked_add(years)?)?;
                if day >= earned_on { Some(day) } else { fixed.in_year(day.year().checked_add(1)?) }
            }
        }
    }

    /// Months without activity after which all of the unit lapses, if that is its policy.
    pub fn inactivity_months(&self) -> Option<u32> {
        match self.unit.expiry {
            Expiry::InactivityMonths(months) => Some(months),
            _ => None,
        }
    }

    /// The first instant at which all of the unit has lapsed for want of activity since a local day, if that is
    /// its policy.
    pub fn inactive_at(&self, last_active_on: Date) -> Option<Timestamp> {
        let months = i32::try_from(self.inactivity_months()?).ok()?;
        calendar::day_end(calendar::add_months(last_active_on, months).ok()?, &self.zone).ok()
    }
}

/// The start of the local month after a day.
pub(super) fn next_month(day: Date, zone: &TimeZone) -> Option<Timestamp> {
    calendar::day_end(day.last_of_month(), zone).ok()
}

impl Rolling {
    /// The last local day of the time that begins on a local day; `None` beyond the calendar.
    pub(super) fn last_day(&self, first: Date) -> Option<Date> {
        let day = match (self.months, self.days) {
            (Some(months), _) => calendar::add_months(first, i32::try_from(months).ok()?),
            (None, days) => calendar::add_days(first, i32::try_from(days.unwrap_or(0)).ok()?),
        };
        let day = day.ok()?;
        Some(if self.end_of_month { day.last_of_month() } else { day })
    }
}

impl FixedDay {
    fn in_year(&self, year: i16) -> Option<Date> {
        let first = Date::new(year, i8::try_from(self.month).ok()?, 1).ok()?;
        let day = i8::try_from(self.day).ok()?.min(first.days_in_month());
        Date::new(year, first.month(), day).ok()
    }
}

fn nothing() -> Exact {
    Exact::whole(0)
}

fn is_nothing(value: &Exact) -> bool {
    value.0.is_zero()
}
