//! Conditions of a rule: typed and closed, so that they can be checked, indexed, explained and drawn in a form.

use jiff::civil::{Date, Time};
use serde::{Deserialize, Serialize};

use super::Exact;
use crate::code::Code;

/// What must hold for a rule to apply: all fields that are present, each list meaning “any of these”.
///
/// `category`, `brand`, `sku` and `tag` with their `except_` twins choose lines: only the chosen lines count, and
/// without any the rule does not apply.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Conditions {
    /// Channel of the purchase.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub channel: Vec<String>,
    /// Channels in which the rule does not apply.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub except_channel: Vec<String>,
    /// Store of the purchase.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub store: Vec<String>,
    /// Stores in which the rule does not apply.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub except_store: Vec<String>,
    /// Tier the member holds at the time of the document.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tier: Vec<Code>,
    /// Tiers for which the rule does not apply.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub except_tier: Vec<Code>,
    /// Segment the member is in.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub segment: Vec<Code>,
    /// Segments for which the rule does not apply.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub except_segment: Vec<Code>,
    /// Local day of the week.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub weekday: Vec<Weekday>,
    /// Local day of the month, 1 to 31.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub day_of_month: Vec<u8>,
    /// Windows of local days, for instance a campaign's three weekends.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub dates: Vec<DateWindow>,
    /// Windows of local days in which the rule does not apply.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub except_dates: Vec<DateWindow>,
    /// Local time of day; a window may pass midnight.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time: Option<TimeWindow>,
    /// The member's birthday or the month of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub birthday: Option<Birthday>,
    /// Which purchase of the member it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub purchase_number: Option<PurchaseNumber>,
    /// A way in which at least a part was paid.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub payment: Vec<String>,
    /// Ways of paying with which the rule does not apply.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub except_payment: Vec<String>,
    /// Days with a purchase in the local month, this day included, at least.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shopping_days_min: Option<u32>,
    /// Total of the receipt at least, in major units.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub amount_min: Option<Exact>,
    /// Total of the receipt at most, in major units.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub amount_max: Option<Exact>,
    /// Product category of the lines that count.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub category: Vec<String>,
    /// Product categories of lines that do not count.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub except_category: Vec<String>,
    /// Brand of the lines that count.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub brand: Vec<String>,
    /// Brands of lines that do not count.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub except_brand: Vec<String>,
    /// Stock-keeping unit of the lines that count.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sku: Vec<String>,
    /// Stock-keeping units of lines that do not count.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub except_sku: Vec<String>,
    /// Tag of the lines that count.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tag: Vec<String>,
    /// Tags of lines that do not count.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub except_tag: Vec<String>,
    /// Items on the lines that count, at least.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quantity_min: Option<Exact>,
    /// Amount of the lines that count, at least, in major units.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lines_amount_min: Option<Exact>,
}

impl Conditions {
    /// Whether only some lines of a purchase count.
    pub fn chooses_lines(&self) -> bool {
        [
            &self.category,
            &self.except_category,
            &self.brand,
            &self.except_brand,
            &self.sku,
            &self.except_sku,
            &self.tag,
            &self.except_tag,
        ]
        .iter()
        .any(|list| !list.is_empty())
    }
}

/// A day of the week.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the days of the week explain themselves")]
pub enum Weekday {
    Monday,
    Tuesday,
    Wednesday,
    Thursday,
    Friday,
    Saturday,
    Sunday,
}

impl Weekday {
    /// All days, Monday first.
    pub const ALL: [Self; 7] = [
        Self::Monday,
        Self::Tuesday,
        Self::Wednesday,
        Self::Thursday,
        Self::Friday,
        Self::Saturday,
        Self::Sunday,
    ];

    /// Days after Monday.
    pub fn offset(self) -> usize {
        self as usize
    }
}

/// A window of local days, both ends included.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DateWindow {
    /// First day.
    pub from: Date,
    /// Last day.
    pub until: Date,
}

/// A window of local time; the end is not included. `from` after `until` means across midnight.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TimeWindow {
    /// Start.
    pub from: Time,
    /// End, not included.
    pub until: Time,
}

impl TimeWindow {
    /// Whether a time lies in the window.
    pub fn contains(&self, time: Time) -> bool {
        if self.from <= self.until {
            self.from <= time && time < self.until
        } else {
            time >= self.from || time < self.until
        }
    }
}

/// The member's birthday or the month of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Birthday {
    /// The day itself.
    Day,
    /// The whole month.
    Month,
}

/// Which purchase of the member it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PurchaseNumber {
    /// The first one.
    First,
    /// The n-th one.
    Exactly(u32),
    /// Every n-th one: n, 2n, 3n …
    Every(u32),
}

impl PurchaseNumber {
    /// Whether the n-th purchase (from 1) is meant.
    pub fn matches(self, purchase_no: u32) -> bool {
        match self {
            Self::First => purchase_no == 1,
            Self::Exactly(number) => purchase_no == number,
            Self::Every(step) => purchase_no > 0 && step > 0 && purchase_no.is_multiple_of(step),
        }
    }
}
