//! Stored value: money that members pay in ahead and spend at the till. What a top-up earns on top is a bonus in a unit
//! and lots of its own; here stands how much that is and which of the two is spent first.

use serde::{Deserialize, Serialize};

use super::limits::{
    STORED_VALUE_ANONYMOUS_YUAN_MAX, STORED_VALUE_REAL_NAME_YUAN_MIN, STORED_VALUE_REGISTERED_YUAN_MAX,
};
use super::{Exact, Profile, Programme, Unit, UnitKind};
use crate::code::Code;
use crate::stored_value::Holder;

/// What a top-up earns: a bonus by the amount paid in, in another unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TopUpBonus {
    /// The unit of the bonus: points, or a balance of its own that pays like money.
    pub unit: Code,
    /// Whether money or bonus is spent first.
    pub spending_order: SpendingOrder,
    /// How much; the highest step that a top-up reaches counts.
    pub steps: Vec<TopUpStep>,
}

/// A bonus from an amount on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TopUpStep {
    /// From this amount paid in at once, in major units.
    pub from: Exact,
    /// So much of the bonus unit.
    pub points: i64,
}

/// Which is spent first where a member has money and bonus.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SpendingOrder {
    /// Money, then bonus.
    PaidFirst,
    /// Bonus, then money: what can be refunded lasts longest.
    BonusFirst,
    /// A payment in stored value takes money only; the bonus is spent by itself, as points are.
    Apart,
}

impl TopUpBonus {
    /// The bonus of an amount paid in, in minor units of a currency with so many decimals.
    pub fn points(&self, amount: i64, decimals: u32) -> i64 {
        let reached = |step: &&TopUpStep| step.from.scaled(decimals).is_some_and(|from| from <= amount);
        let highest = self.steps.iter().filter(reached).max_by_key(|step| step.from);
        highest.map_or(0, |step| step.points)
    }
}

impl Unit {
    /// Whether one of it pays exactly one minor unit, in any number.
    pub(super) fn pays_like_money(&self, decimals: u32) -> bool {
        let terms = self.redemption.as_ref();
        terms.is_some_and(|terms| {
            terms.worth(1, decimals) == Some(1) && terms.step == 1 && terms.share_percent == 100
        })
    }
}

impl Programme {
    /// The unit of stored value with a code; without one, the first.
    pub fn stored_value(&self, code: Option<Code>) -> Option<&Unit> {
        let stored = |unit: &&Unit| unit.kind == UnitKind::StoredValue;
        self.units.iter().filter(stored).find(|unit| code.is_none_or(|code| unit.code == code))
    }

    /// Whether a unit is counted in minor units of the currency: stored value, and a bonus that is spent with it.
    pub fn counts_money(&self, code: Code) -> bool {
        let together =
            |bonus: &TopUpBonus| bonus.unit == code && bonus.spending_order != SpendingOrder::Apart;
        self.units.iter().any(|unit| {
            unit.kind == UnitKind::StoredValue
                && (unit.code == code || unit.top_up_bonus.as_ref().is_some_and(together))
        })
    }

    /// Most stored value that a member known so well may have, in minor units; none where the law sets no limit.
    pub fn stored_value_max(&self, holder: Holder) -> Option<i64> {
        let yuan = match (self.guard_rails.profile, holder) {
            (Profile::Prc, Holder::Anonymous) => STORED_VALUE_ANONYMOUS_YUAN_MAX,
            (Profile::Prc, Holder::Registered | Holder::RealName) => STORED_VALUE_REGISTERED_YUAN_MAX,
            (Profile::International | Profile::Hk | Profile::Eu, _) => return None,
        };
        Exact::whole(yuan).scaled(self.decimals())
    }

    /// What a member has topped up in all, from which on the real name must be known; none where the law asks for none.
    pub fn real_name_from(&self) -> Option<i64> {
        let asked = self.guard_rails.profile == Profile::Prc;
        asked.then(|| Exact::whole(STORED_VALUE_REAL_NAME_YUAN_MIN).scaled(self.decimals()))?
    }
}
