//! Voucher templates: what a voucher takes off, off which lines, from which basket on, how long, how often, beside
//! which others, for whom, and who pays. Typed and closed like rules, so that they can be checked and explained.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use super::{Exact, Names, Rolling};
use crate::calendar;
use crate::code::Code;
use crate::document::PurchaseLine;
use crate::voucher::CodeForm;

/// The tag of lines that charge for delivery, unless a template names another.
pub const DELIVERY_TAG: &str = "delivery";

/// What vouchers of one kind are worth. A voucher keeps the terms of the programme version it was issued under.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct VoucherTemplate {
    /// Short identifier, unique in the programme and never used again for another template.
    pub code: Code,
    /// What members read on the voucher.
    pub name: Names,
    /// What it takes off.
    pub effect: VoucherEffect,
    /// Where it can be used, and which lines count.
    #[serde(default)]
    pub scope: VoucherScope,
    /// What the lines that count must come to before vouchers, at least, in major units.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub minimum: Option<Exact>,
    /// First local day on which it can be used; none: the day of issue.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Date>,
    /// Last local day on which it can be used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Date>,
    /// How long after the day of issue it can be used, to the end of the local day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid: Option<Rolling>,
    /// Beside which other vouchers it can be used.
    #[serde(default)]
    pub stacking: Stacking,
    /// How often it can be used.
    #[serde(default = "once", skip_serializing_if = "is_once")]
    pub uses: u32,
    /// Who can use it.
    #[serde(default)]
    pub holder: Holder,
    /// How its code is entered.
    #[serde(default)]
    pub form: CodeForm,
    /// How many may be issued in all. Needed for every template that staff can issue; a statement's vouchers are
    /// bounded by the points they cost.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issue_max: Option<u32>,
    /// Who bears the cost. None: the programme.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub funder: Option<Code>,
    /// What one use costs the funder, in major units. None: what it took off.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost: Option<Exact>,
}

/// What a voucher takes off.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum VoucherEffect {
    /// A sum of money.
    Amount(AmountOff),
    /// A part of the price.
    Percent(PercentOff),
    /// The price of the cheapest items.
    Item(FreeItem),
    /// A sum for every full step of the basket (满减).
    SpendAndSave(SpendAndSave),
    /// The charge for delivery.
    FreeDelivery(FreeDelivery),
}

/// A sum of money: `{ amount = "10.00" }`. What is left of it after one purchase is lost.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AmountOff {
    /// In major units. None: each voucher has a face value of its own, stated at its issue.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<Exact>,
}

/// A part of the price: `{ percent = "20", maximum = "50.00" }`, rounded down to the minor unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PercentOff {
    /// Per cent, with at most two decimals.
    pub percent: Exact,
    /// At most this much, in major units.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub maximum: Option<Exact>,
}

/// Items for nothing, the cheapest first: `{ quantity = 1 }`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FreeItem {
    /// How many items.
    pub quantity: u32,
}

/// A sum for every full step: `{ every = "200.00", save = "30.00", times = 3 }`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SpendAndSave {
    /// The size of a step, in major units.
    pub every: Exact,
    /// What each full step saves, in major units.
    pub save: Exact,
    /// Steps at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub times: Option<u32>,
}

/// Delivery for nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct FreeDelivery {
    /// The tag of lines that charge for delivery. They do not count towards the minimum.
    pub tag: String,
    /// At most this much, in major units.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub maximum: Option<Exact>,
}

impl Default for FreeDelivery {
    fn default() -> Self {
        Self { tag: DELIVERY_TAG.to_owned(), maximum: None }
    }
}

/// Where a voucher can be used and which lines count; an empty list asks for nothing.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct VoucherScope {
    /// Channels in which it can be used.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub channel: Vec<String>,
    /// Stores in which it can be used.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub store: Vec<String>,
    /// Product categories that count.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub category: Vec<String>,
    /// Product categories that do not count.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub except_category: Vec<String>,
    /// Brands that count.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub brand: Vec<String>,
    /// Brands that do not count.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub except_brand: Vec<String>,
    /// Stock-keeping units that count.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sku: Vec<String>,
    /// Stock-keeping units that do not count.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub except_sku: Vec<String>,
    /// Tags of lines that count.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tag: Vec<String>,
    /// Tags of lines that do not count, for instance `gift_card`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub except_tag: Vec<String>,
}

/// Beside which other vouchers a voucher can be used in one purchase.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Stacking {
    /// Beside none.
    #[default]
    Alone,
    /// Beside others, but of this group only the one that gives most.
    Group(Code),
    /// Beside all but those that are used alone.
    Free,
}

/// Who can use a voucher.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Holder {
    /// Whoever brings it, until a member registers it.
    #[default]
    Bearer,
    /// The member who has registered it, and nobody before that.
    Registered,
    /// The member it was issued to.
    Personal,
}

/// A template with its amounts in minor units.
#[derive(Debug, Clone)]
pub struct CompiledVoucher {
    /// The template as published.
    pub template: VoucherTemplate,
    pub(crate) minimum: i64,
    pub(crate) effect: CompiledVoucherEffect,
    /// What one use costs the funder; none: what it took off.
    pub(crate) cost: Option<i64>,
}

/// An effect in minor units.
#[derive(Debug, Clone, Copy)]
pub(crate) enum CompiledVoucherEffect {
    /// The amount; none: the voucher's own face value.
    Amount(Option<i64>),
    /// Hundredths of a per cent, and the maximum.
    Percent {
        hundredths: i64,
        maximum: i64,
    },
    Item {
        quantity: i64,
    },
    SpendAndSave {
        every: i64,
        save: i64,
        times: i64,
    },
    FreeDelivery {
        maximum: i64,
    },
}

impl CompiledVoucher {
    /// `None` where a number does not fit, which the check has excluded.
    pub(super) fn new(template: &VoucherTemplate, decimals: u32) -> Option<Self> {
        let minor = |amount: Option<Exact>, absent: i64| match amount {
            None => Some(absent),
            Some(amount) => amount.scaled(decimals),
        };
        let effect = match &template.effect {
            VoucherEffect::Amount(off) => CompiledVoucherEffect::Amount(match off.amount {
                None => None,
                Some(amount) => Some(amount.scaled(decimals)?),
            }),
            VoucherEffect::Percent(off) => CompiledVoucherEffect::Percent {
                hundredths: off.percent.scaled(2)?,
                maximum: minor(off.maximum, i64::MAX)?,
            },
            VoucherEffect::Item(item) => CompiledVoucherEffect::Item { quantity: i64::from(item.quantity) },
            VoucherEffect::SpendAndSave(step) => CompiledVoucherEffect::SpendAndSave {
                every: step.every.scaled(decimals)?,
                save: step.save.scaled(decimals)?,
                times: step.times.map_or(i64::MAX, i64::from),
            },
            VoucherEffect::FreeDelivery(delivery) => {
                CompiledVoucherEffect::FreeDelivery { maximum: minor(delivery.maximum, i64::MAX)? }
            }
        };
        let cost = match template.cost {
            None => None,
            Some(cost) => Some(cost.scaled(decimals)?),
        };
        Some(Self { template: template.clone(), minimum: minor(template.minimum, 0)?, effect, cost })
    }

    /// The code of the template.
    pub fn code(&self) -> Code {
        self.template.code
    }

    /// Whether each voucher states a face value of its own.
    pub fn needs_value(&self) -> bool {
        matches!(self.effect, CompiledVoucherEffect::Amount(None))
    }

    /// What one use costs the funder, in minor units, when it took `discount` off.
    pub fn cost_of(&self, discount: i64) -> i64 {
        self.cost.unwrap_or(discount)
    }

    /// From when a voucher issued on a local day can be used (none: at once), and the first instant at which it no
    /// longer can. `None` if it would have no end, which the check has excluded.
    pub fn validity(&self, issued_on: Date, zone: &TimeZone) -> Option<(Option<Timestamp>, Timestamp)> {
        let from = match self.template.from {
            None => None,
            Some(day) => Some(calendar::day_start(day, zone).ok()?),
        };
        let rolled = match &self.template.valid {
            None => None,
            Some(rolling) => Some(rolling.last_day(issued_on)?),
        };
        let last_day = match (self.template.until, rolled) {
            (Some(until), Some(rolled)) => until.min(rolled),
            (until, rolled) => until.or(rolled)?,
        };
        Some((from, calendar::day_end(last_day, zone).ok()?))
    }

    /// Whether a line counts towards the minimum and bears the discount. Lines that charge for delivery never count
    /// for a voucher that pays the delivery.
    pub(crate) fn counts(&self, line: &PurchaseLine) -> bool {
        let scope = &self.template.scope;
        let chosen = |asked: &[String], refused: &[String], value: &String| {
            (asked.is_empty() || asked.contains(value)) && !refused.contains(value)
        };
        chosen(&scope.category, &scope.except_category, &line.category)
            && chosen(&scope.brand, &scope.except_brand, &line.brand)
            && chosen(&scope.sku, &scope.except_sku, &line.sku)
            && (scope.tag.is_empty() || line.tags.iter().any(|tag| scope.tag.contains(tag)))
            && !line.tags.iter().any(|tag| scope.except_tag.contains(tag))
            && !self.delivers(line)
    }

    /// Whether a line charges for the delivery that this voucher pays.
    pub(crate) fn delivers(&self, line: &PurchaseLine) -> bool {
        match &self.template.effect {
            VoucherEffect::FreeDelivery(delivery) => line.tags.contains(&delivery.tag),
            _ => false,
        }
    }
}

fn once() -> u32 {
    1
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature serde asks for")]
fn is_once(uses: &u32) -> bool {
    *uses == 1
}
