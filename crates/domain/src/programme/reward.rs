//! The catalogue: rewards that points buy, with their prices, limits, stock and cost.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{Exact, Names};
use crate::code::Code;
use crate::ledger::{CapPeriod, Circumstances};
use crate::refusal::Refusal;

/// A reward.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Reward {
    /// Short identifier, unique among rewards and never used again for another one.
    pub code: Code,
    /// What members call it.
    pub name: Names,
    /// The shelf of the catalogue it stands on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    /// The unit it is paid in.
    pub unit: Code,
    /// What one of it costs a member.
    pub price: RewardPrice,
    /// Other prices by tier; the first that fits the member holds.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tier_prices: Vec<TierPrice>,
    /// First local day on which it is offered; none: always has been.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Date>,
    /// Last local day on which it is offered; none: for ever.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Date>,
    /// Tiers it is for; none: all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tier: Vec<Code>,
    /// Segments it is for; none: all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub segment: Vec<Code>,
    /// How often one member may have it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub limits: Vec<RewardLimit>,
    /// How many there are for all members together, over all versions; more are added by raising the number. None: no
    /// end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stock: Option<i64>,
    /// What one of it costs the house, in major units.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost: Option<Exact>,
    /// Who supplies it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub supplier: Option<Code>,
}

/// A price: points, or points and money.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RewardPrice {
    /// Points.
    pub points: i64,
    /// Money besides, in major units.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub money: Option<Exact>,
}

/// A price for a tier.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TierPrice {
    /// The tier.
    pub tier: Code,
    /// Points.
    pub points: i64,
    /// Money besides, in major units.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub money: Option<Exact>,
}

/// How often one member may have a reward.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RewardLimit {
    /// The span of time, in local days and months.
    pub per: CapPeriod,
    /// How many at most.
    pub times: u32,
}

impl Reward {
    /// Whether it is offered on a local day to a member in these circumstances.
    pub fn check_offer(&self, on: Date, circumstances: &Circumstances) -> Result<(), Refusal> {
        let reward = self.code;
        self.check_days(on)?;
        let held = |tier: &Code| circumstances.tiers.iter().any(|(_, held)| held == tier);
        if !self.tier.is_empty() && !self.tier.iter().any(held) {
            return Err(Refusal::RewardNotForMember { reward, whom: listed(&self.tier) });
        }
        let within = |segment: &Code| circumstances.segments.contains(segment);
        if !self.segment.is_empty() && !self.segment.iter().any(within) {
            return Err(Refusal::RewardNotForMember { reward, whom: listed(&self.segment) });
        }
        Ok(())
    }

    /// Whether it is offered on a local day.
    pub fn check_days(&self, on: Date) -> Result<(), Refusal> {
        let reward = self.code;
        if self.from.is_some_and(|from| on < from) || self.until.is_some_and(|until| on > until) {
            let day = |day: Option<Date>| day.map_or_else(|| "ever".to_owned(), |day| day.to_string());
            let (from, until) = (day(self.from), day(self.until));
            return Err(Refusal::RewardNotOffered { reward, on: on.to_string(), from, until });
        }
        Ok(())
    }

    /// What one of it costs a member who holds these tiers, as (ladder, tier): points, and money in minor units of a
    /// currency with so many decimals.
    pub fn price_for(&self, tiers: &[(Code, Code)], decimals: u32) -> (i64, i64) {
        let fits = |price: &&TierPrice| tiers.iter().any(|(_, held)| *held == price.tier);
        let (points, money) = match self.tier_prices.iter().find(fits) {
            Some(price) => (price.points, price.money),
            None => (self.price.points, self.price.money),
        };
        // The check has made sure that it is a whole number of minor units.
        (points, money.and_then(|money| money.scaled(decimals)).unwrap_or(0))
    }
}

fn listed(codes: &[Code]) -> String {
    codes.iter().map(Code::as_str).collect::<Vec<_>>().join(", ")
}
