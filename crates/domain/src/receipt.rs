//! The receipt of a recorded document: a pure function of its entry, so that a repeated request gets the same
//! answer byte for byte however often it asks.

use jiff::Timestamp;
use serde::Serialize;

use crate::code::Code;
use crate::document::DocumentKey;
use crate::ids::{AccountId, EntryId};
use crate::ledger::{
    Award, Balance, ClawbackPart, Entry, Fact, PointsRefund, PointsSpent, Released, TierChange, TierPosition,
};
use crate::programme::{CompiledProgramme, Outcome};
use crate::stored_value::{BonusGiven, BonusTaken};
use crate::voucher::PurchaseVoucher;

/// Points of one unit that a document earned, with their dates.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EarnedPoints {
    /// The unit.
    pub unit: Code,
    /// Points.
    pub points: i64,
    /// When they become spendable; absent if they are already.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pending_until: Option<Timestamp>,
    /// First instant at which they can no longer be spent; absent if never.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
}

/// What one rule did, or why it did nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RuleResult {
    /// The rule.
    pub rule: Code,
    /// What came of it.
    pub outcome: Outcome,
    /// Points it gave.
    pub points: i64,
}

/// A hold, as the entry that made or changed it left it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct HoldReceipt {
    /// The hold's natural key.
    #[serde(flatten)]
    pub key: DocumentKey,
    /// The unit.
    pub unit: Code,
    /// Points it keeps now.
    pub held: i64,
    /// Points spent from it by this entry.
    pub captured: i64,
    /// What it gave back by this entry.
    pub released: Released,
    /// First instant at which it has timed out; absent where this entry does not tell.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ends_at: Option<Timestamp>,
}

/// A redeemed reward.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RedemptionReceipt {
    /// The reward.
    pub reward: Code,
    /// How many of it.
    pub quantity: u32,
    /// The unit.
    pub unit: Code,
    /// Points spent.
    pub points: i64,
    /// Money to pay besides, in minor units.
    pub money: i64,
}

/// Stored value that was paid in or paid back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StoredValueReceipt {
    /// The unit.
    pub unit: Code,
    /// Minor units paid in; 0 for a refund.
    pub paid_in: i64,
    /// Minor units paid back; 0 for a top-up.
    pub paid_back: i64,
    /// How they were paid.
    pub method: String,
    /// Bonus that went with a refund.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub bonus_taken: Vec<BonusTaken>,
}

/// What the ledger answers to a document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Receipt {
    /// The entry that records it.
    pub entry_id: EntryId,
    /// The member's account.
    pub member_id: AccountId,
    /// The event, for instance `purchase_recorded`.
    pub event: &'static str,
    /// Business time.
    pub occurred_at: Timestamp,
    /// System time.
    pub recorded_at: Timestamp,
    /// The programme version that decided.
    pub programme_version: u32,
    /// What was earned, by unit and dates.
    pub earned: Vec<EarnedPoints>,
    /// What was taken back, by unit.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub clawback: Vec<ClawbackPart>,
    /// Points that paid a part, for each such payment in order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub spent: Vec<PointsSpent>,
    /// Points given back that had paid.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub refunds: Vec<PointsRefund>,
    /// The hold that was made or changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hold: Option<HoldReceipt>,
    /// Stored value that was paid in or paid back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stored_value: Option<StoredValueReceipt>,
    /// The reward that was redeemed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub redemption: Option<RedemptionReceipt>,
    /// Each rule that was live: what it gave, or why it gave nothing.
    pub rules: Vec<RuleResult>,
    /// Each voucher that was presented: what it took off, or why nothing.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub vouchers: Vec<PurchaseVoucher>,
    /// Balances right after.
    pub balances: Vec<Balance>,
    /// Tiers right after, with what counts towards them and the next threshold.
    pub tiers: Vec<TierPosition>,
    /// Tiers that changed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tier_changes: Vec<TierChange>,
}

/// Renders the receipt of an entry decided by a programme version.
pub fn receipt(entry: &Entry, programme: Option<&CompiledProgramme>) -> Receipt {
    let (awards, outcomes, clawback): (&[Award], &str, &[ClawbackPart]) = match &entry.fact {
        Fact::PurchaseRecorded { awards, outcomes, .. } | Fact::ActivityRecorded { awards, outcomes, .. } => {
            (awards, outcomes, &[])
        }
        Fact::ReturnRecorded { clawback, .. } => (&[], "", clawback),
        _ => (&[], "", &[]),
    };
    Receipt {
        entry_id: entry.id,
        member_id: entry.id.account_id,
        event: entry.fact.event(),
        occurred_at: entry.occurred_at,
        recorded_at: entry.recorded_at,
        programme_version: entry.programme_version,
        earned: earned(awards, &entry.fact),
        clawback: clawback.to_vec(),
        spent: match &entry.fact {
            Fact::PurchaseRecorded { spent, .. } => spent.clone(),
            _ => Vec::new(),
        },
        refunds: match &entry.fact {
            Fact::ReturnRecorded { refunds, .. } => refunds.clone(),
            Fact::RedemptionCancelled { refund, .. } => vec![refund.clone()],
            _ => Vec::new(),
        },
        hold: hold(&entry.fact),
        stored_value: stored_value(&entry.fact),
        redemption: redemption(&entry.fact),
        rules: programme.map_or_else(Vec::new, |programme| rule_results(programme, outcomes, awards)),
        vouchers: match &entry.fact {
            Fact::PurchaseRecorded { purchase, .. } => purchase.vouchers.clone(),
            _ => Vec::new(),
        },
        balances: entry.standing.balances.clone(),
        tiers: entry.standing.tiers.clone(),
        tier_changes: entry.tier_changes.clone(),
    }
}

fn hold(fact: &Fact) -> Option<HoldReceipt> {
    let (key, unit, held, captured, released, ends_at) = match fact {
        Fact::PointsHeld { hold, unit, ends_at } => {
            (&hold.key, *unit, hold.points, 0, Released::default(), Some(*ends_at))
        }
        Fact::HoldCaptured { capture, unit, points, left, released, .. } => {
            (&capture.hold, *unit, *left, *points, *released, None)
        }
        Fact::HoldVoided { void, unit, released, .. } => (&void.hold, *unit, 0, 0, *released, None),
        _ => return None,
    };
    Some(HoldReceipt { key: key.clone(), unit, held, captured, released, ends_at })
}

fn stored_value(fact: &Fact) -> Option<StoredValueReceipt> {
    let (unit, paid_in, paid_back, method, bonus_taken) = match fact {
        Fact::ToppedUp { top_up, unit, .. } => (*unit, top_up.amount, 0, &top_up.method, Vec::new()),
        Fact::StoredValueRefunded { refund, unit, bonus } => {
            (*unit, 0, refund.amount, &refund.method, bonus.clone())
        }
        _ => return None,
    };
    Some(StoredValueReceipt { unit, paid_in, paid_back, method: method.clone(), bonus_taken })
}

fn redemption(fact: &Fact) -> Option<RedemptionReceipt> {
    let Fact::RewardRedeemed { order, unit, points, money, .. } = fact else { return None };
    let (reward, quantity) = (order.reward, order.quantity);
    Some(RedemptionReceipt { reward, quantity, unit: *unit, points: *points, money: *money })
}

fn earned(awards: &[Award], fact: &Fact) -> Vec<EarnedPoints> {
    if let Fact::ToppedUp { bonus: Some(bonus), .. } = fact {
        let BonusGiven { unit, points, pending_until, expires_at } = *bonus;
        return vec![EarnedPoints { unit, points, pending_until, expires_at }];
    }
    let mut groups: Vec<EarnedPoints> = Vec::new();
    for award in awards {
        let same = |group: &&mut EarnedPoints| {
            group.unit == award.unit
                && group.pending_until == award.pending_until
                && group.expires_at == award.expires_at
        };
        match groups.iter_mut().find(same) {
            Some(group) => group.points = group.points.saturating_add(award.points),
            None => groups.push(EarnedPoints {
                unit: award.unit,
                points: award.points,
                pending_until: award.pending_until,
                expires_at: award.expires_at,
            }),
        }
    }
    groups
}

fn rule_results(programme: &CompiledProgramme, outcomes: &str, awards: &[Award]) -> Vec<RuleResult> {
    programme
        .rules()
        .iter()
        .zip(outcomes.chars())
        .filter_map(|(rule, letter)| Some((rule, Outcome::from_letter(letter)?)))
        .filter(|(_, outcome)| *outcome != Outcome::NotLive && *outcome != Outcome::OtherTrigger)
        .map(|(rule, outcome)| RuleResult {
            rule: rule.code(),
            outcome,
            points: awards.iter().filter(|award| award.rule == rule.code()).map(|award| award.points).sum(),
        })
        .collect()
}
