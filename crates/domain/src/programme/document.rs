//! The programme document: one text (TOML in files, JSON in the API) that says what members earn and reach.
//! Every part has its own file; this one holds the whole and what applies to all of it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{
    Households, Ladder, Names, Redemption, Reward, Rule, Statement, Transfers, Unit, VoucherTemplate,
};
use crate::code::Code;
use crate::money::Currency;

/// A loyalty programme.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Programme {
    /// Short identifier of the programme.
    pub code: Code,
    /// What members call it.
    pub name: Names,
    /// The currency of all amounts, for instance `CNY`. Purchases in another currency are refused.
    pub currency: Currency,
    /// The time zone of all days and months, an IANA name such as `Asia/Shanghai`.
    pub time_zone: String,
    /// Country of phone numbers written without a country code, for instance `CN`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_region: Option<String>,
    /// What members collect. The first one is the main unit.
    pub units: Vec<Unit>,
    /// Groups of members that rules may name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub segments: Vec<Segment>,
    /// What earns nothing under any rule.
    #[serde(default)]
    pub earning: Earning,
    /// What happens when several multipliers apply to one purchase.
    #[serde(default)]
    pub multiplier_stacking: MultiplierStacking,
    /// Earn rules and campaigns, in order.
    #[serde(default)]
    pub rules: Vec<Rule>,
    /// Tier ladders. The first one is the main ladder.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ladders: Vec<Ladder>,
    /// The catalogue: what points buy.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rewards: Vec<Reward>,
    /// Kinds of vouchers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub vouchers: Vec<VoucherTemplate>,
    /// Statements that turn points into vouchers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub statements: Vec<Statement>,
    /// Whether members may give points to each other, and how many. Absent: they may not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transfers: Option<Transfers>,
    /// Whether members may pool points in households, and which. Absent: they may not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub households: Option<Households>,
    /// How late documents, returns and adjustments are treated.
    #[serde(default)]
    pub policies: Policies,
    /// Which law the programme is held to.
    #[serde(default)]
    pub guard_rails: GuardRails,
}

/// A group of members.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Segment {
    /// Short identifier.
    pub code: Code,
    /// What staff call it.
    pub name: Names,
    /// Whether a model puts members into it without their choice.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub automated: bool,
    /// Whether it tells of religion, health, whereabouts, finances or children under 14.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub sensitive: bool,
    /// What makes it an interest club: members see it, join it and leave it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interest_club: Option<InterestClub>,
}

/// What members are told of a segment that is an interest club.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct InterestClub {
    /// Whom it is for, and what of their purchases puts members into it who did not join themselves.
    pub reason: Names,
}

/// What earns nothing under any rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Earning {
    /// Lines with one of these tags earn nothing and count for nothing, for instance `tobacco`.
    pub excluded_tags: Vec<String>,
    /// Whether the tax contained in a line's amount earns.
    pub tax_earns: bool,
    /// The part of a purchase paid by these methods earns nothing, for instance `points`: every line counts in
    /// proportion to what was paid otherwise, rounded down to the minor unit.
    pub excluded_payments: Vec<String>,
}

impl Default for Earning {
    fn default() -> Self {
        Self { excluded_tags: Vec::new(), tax_earns: true, excluded_payments: Vec::new() }
    }
}

/// What happens when several multipliers apply to one purchase.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum MultiplierStacking {
    /// Each applies to the points of those before it: ×2 and ×3 give ×6.
    #[default]
    Multiply,
    /// Each applies to the base points: ×2 and ×3 give ×4.
    Add,
    /// Only the one that gives the most applies: ×2 and ×3 give ×3.
    Best,
}

/// How late documents, returns and adjustments are treated.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Policies {
    /// Purchases and activities reported later than this many days are refused.
    pub lateness_days: u32,
    /// Points of a document reported late stay valid at least this many days after it is recorded, though never
    /// longer than if they had been earned on that day.
    pub expiry_floor_days: u32,
    /// What happens when a return takes back more than the member has.
    pub return_shortfall: Shortfall,
    /// Largest debt by unit; what exceeds it is written off. A unit that is not named has no limit.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub debt_limits: BTreeMap<Code, i64>,
    /// Adjustments of more points than this need a second person.
    pub adjustment_approval_above: i64,
}

impl Default for Policies {
    fn default() -> Self {
        Self {
            lateness_days: 30,
            expiry_floor_days: 30,
            return_shortfall: Shortfall::Debt,
            debt_limits: BTreeMap::new(),
            adjustment_approval_above: 1_000,
        }
    }
}

/// What happens when a return takes back more than the member has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Shortfall {
    /// The member owes the rest; points earned later repay it first.
    #[default]
    Debt,
    /// The rest is written off.
    Forgive,
}

/// Which law the programme is held to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct GuardRails {
    /// The jurisdiction.
    pub profile: Profile,
    /// Days between publishing a change and its taking effect.
    pub notice_days: u32,
}

impl Default for GuardRails {
    fn default() -> Self {
        Self { profile: Profile::International, notice_days: super::limits::NOTICE_DAYS_MIN }
    }
}

/// A jurisdiction whose limits are checked. Not legal advice: every profile needs counsel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Profile {
    /// No particular jurisdiction.
    #[default]
    International,
    /// Mainland China.
    Prc,
    /// Hong Kong.
    Hk,
    /// European Union.
    Eu,
}

impl Programme {
    /// Digits after the decimal point of an amount in the programme's currency.
    pub fn decimals(&self) -> u32 {
        self.currency.decimals()
    }

    /// The unit with a code.
    pub fn unit(&self, code: Code) -> Option<&Unit> {
        self.units.iter().find(|unit| unit.code == code)
    }

    /// The rule with a code.
    pub fn rule(&self, code: Code) -> Option<&Rule> {
        self.rules.iter().find(|rule| rule.code == code)
    }

    /// The segment with a code.
    pub fn segment(&self, code: Code) -> Option<&Segment> {
        self.segments.iter().find(|segment| segment.code == code)
    }

    /// The reward with a code.
    pub fn reward(&self, code: Code) -> Option<&Reward> {
        self.rewards.iter().find(|reward| reward.code == code)
    }

    /// How points of a unit are spent, if they can be.
    pub fn redemption(&self, unit: Code) -> Option<&Redemption> {
        self.unit(unit)?.redemption.as_ref()
    }

    /// The voucher template with a code.
    pub fn voucher(&self, code: Code) -> Option<&VoucherTemplate> {
        self.vouchers.iter().find(|template| template.code == code)
    }

    /// The statement with a code.
    pub fn statement(&self, code: Code) -> Option<&Statement> {
        self.statements.iter().find(|statement| statement.code == code)
    }

    /// The tier with a code, and its ladder: tier codes are unique in a programme.
    pub fn tier(&self, code: Code) -> Option<(&Ladder, &super::Tier)> {
        self.ladders
            .iter()
            .find_map(|ladder| ladder.tiers.iter().find(|tier| tier.code == code).map(|tier| (ladder, tier)))
    }
}
