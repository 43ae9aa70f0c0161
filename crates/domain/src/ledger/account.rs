//! The state of one account: all that a decision about a member needs to know, and nothing personal.

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};
use serde::{Deserialize, Serialize};

use crate::code::Code;
use crate::document::DocumentKey;
use crate::ids::AccountId;
use crate::ledger::{Absorbed, Hold, Lot, OutOfRange, Pool, TransferCount, TransferOffer};
use crate::seeded::{Bug, planted};

/// Whether an account takes part in the programme.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccountStatus {
    /// Earns and spends.
    #[default]
    Active,
    /// Neither earns nor spends; kept for its history and, where it was merged into another, for its documents.
    Closed,
}

/// A member's points in one unit. What the member owns is `available − debt`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Balance {
    /// The unit.
    pub unit: Code,
    /// Spendable: Σ remaining of released lots.
    pub available: i64,
    /// Earned but not yet spendable: Σ remaining of pending lots.
    pub pending: i64,
    /// Reserved by holds: Σ held of lots.
    pub held: i64,
    /// Owed after a clawback that found too little; above 0 only while nothing is available.
    pub debt: i64,
    /// Ever earned or, of stored value, paid in (clawbacks and refunds not deducted).
    pub earned: i64,
    /// Ever spent.
    pub redeemed: i64,
    /// Ever lapsed.
    pub expired: i64,
}

/// The span of time over which a cap counts.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum CapPeriod {
    /// One local day.
    Day,
    /// One local calendar month.
    Month,
    /// As long as the member is one.
    Lifetime,
}

/// What a rule has granted a member in a period.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counter {
    /// The rule that counts.
    pub rule: Code,
    /// The span of the cap.
    pub period: CapPeriod,
    /// Which day ([`crate::calendar::day_number`]) or month ([`crate::calendar::month_number`]); 0 for a lifetime.
    pub bucket: i32,
    /// How often the rule granted something.
    pub times: u32,
    /// Points it granted.
    pub points: i64,
}

/// What counts towards the tiers of a ladder, by period.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct QualifyingAmount {
    /// The ladder.
    pub ladder: Code,
    /// The period: calendar year, membership year, month or 0, as the ladder's window says.
    pub bucket: i32,
    /// Points, minor units, visits or nights.
    pub amount: i64,
}

/// A member's place on a ladder, now and before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TierStanding {
    /// The ladder.
    pub ladder: Code,
    /// The tier held now.
    pub tier: Code,
    /// Since when (business time).
    pub since: Timestamp,
    /// When it is next reviewed; `None` if it is never taken away.
    pub review_at: Option<Timestamp>,
    /// Earlier tiers and when each began, oldest first, as far back as late purchases may reach.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub earlier: Vec<(Timestamp, Code)>,
}

/// How much of a purchase line has come back so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReturnedLine {
    /// Position of the line in the purchase.
    pub line: u32,
    /// Value returned so far, in minor units.
    pub amount: i64,
}

/// What has come back of a purchase so far.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ReturnProgress {
    /// Value returned, by line.
    pub lines: Vec<ReturnedLine>,
    /// Clawed-back points that had already lapsed, by unit: they are counted once.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lapsed: Vec<(Code, i64)>,
    /// Points given back that had paid, for each payment in points in order; for a redemption, one number.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub points_back: Vec<i64>,
}

/// The last statement of a kind that turned points of a member into a voucher.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatementMark {
    /// The statement.
    pub statement: Code,
    /// Its date.
    pub made_on: Date,
    /// Points that became a voucher.
    pub points: i64,
    /// Points carried over.
    pub carried: i64,
    /// The voucher's face value in minor units.
    pub value: i64,
}

/// All that decisions about one member depend on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountState {
    /// Whose state it is.
    pub account_id: AccountId,
    /// Whether it takes part.
    pub status: AccountStatus,
    /// When the member joined (business time).
    pub enrolled_at: Timestamp,
    /// Number of the last entry; 0 before the first.
    pub last_entry_no: u32,
    /// Number of the last lot; 0 before the first.
    pub last_lot_no: u32,
    /// When the last entry was recorded; the next is recorded later (INV-04).
    pub last_recorded_at: Timestamp,
    /// One balance for each unit the member ever had.
    pub balances: Vec<Balance>,
    /// One standing for each ladder.
    pub tiers: Vec<TierStanding>,
    /// What counts towards tiers.
    pub qualifying: Vec<QualifyingAmount>,
    /// What caps have counted; past days and months are dropped once late purchases can no longer reach them.
    pub counters: Vec<Counter>,
    /// How often each limited reward was redeemed; `rule` is the reward's code.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reward_counters: Vec<Counter>,
    /// Holds that have not ended.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub holds: Vec<Hold>,
    /// Transfers offered by or to this member that wait for an answer.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub offers: Vec<TransferOffer>,
    /// What was given and got on the last day with a transfer, by unit.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub transfers: Vec<TransferCount>,
    /// The account this one was merged into: whatever comes back to it goes there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub merged_into: Option<AccountId>,
    /// The accounts merged into this one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub absorbed: Vec<Absorbed>,
    /// The household this member belongs to: what becomes spendable of the pooled units goes there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub household: Option<AccountId>,
    /// Who belongs to this household, if the account is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pool: Option<Pool>,
    /// The audiences that the feed has told this member to be in, in order. Rules read the sets themselves.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub audiences: Vec<Code>,
    /// Purchases recorded.
    pub purchase_count: u32,
    /// Σ of purchases less returns, in minor units.
    pub spend: i64,
    /// When the latest purchase took place.
    pub last_purchase_at: Option<Timestamp>,
    /// Latest purchase, return or activity: what inactivity is measured from.
    pub last_activity_at: Timestamp,
    /// Local days with a purchase ([`crate::calendar::day_number`]), as far back as late purchases may reach.
    pub purchase_days: Vec<i32>,
    /// The last statement of each kind: at most one of a kind and date turns points into a voucher.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub statements: Vec<StatementMark>,
    /// The earliest instant at which a lot is released or expires.
    pub lots_due_at: Option<Timestamp>,
    /// The earliest instant at which anything happens by time alone: a lot, inactivity, a tier review.
    pub next_due_at: Option<Timestamp>,
    /// Lots that are still open, and those changed since loading. Stored in rows of their own.
    #[serde(skip)]
    pub lots: Vec<Lot>,
    /// Whether `lots` holds every open lot. A purchase with nothing due needs none, so the store leaves them out.
    #[serde(skip)]
    pub lots_loaded: bool,
}

impl AccountState {
    /// The state of an account before its first entry.
    pub fn new(account_id: AccountId, enrolled_at: Timestamp) -> Self {
        Self {
            account_id,
            status: AccountStatus::Active,
            enrolled_at,
            last_entry_no: 0,
            last_lot_no: 0,
            last_recorded_at: Timestamp::MIN,
            balances: Vec::new(),
            tiers: Vec::new(),
            qualifying: Vec::new(),
            counters: Vec::new(),
            reward_counters: Vec::new(),
            holds: Vec::new(),
            offers: Vec::new(),
            transfers: Vec::new(),
            merged_into: None,
            absorbed: Vec::new(),
            household: None,
            pool: None,
            audiences: Vec::new(),
            purchase_count: 0,
            spend: 0,
            last_purchase_at: None,
            last_activity_at: enrolled_at,
            purchase_days: Vec::new(),
            statements: Vec::new(),
            lots_due_at: None,
            next_due_at: None,
            lots: Vec::new(),
            lots_loaded: true,
        }
    }

    /// The ledger's time for the next entry of this account: the clock's, or just after the entry before it when
    /// the clock has not moved on or went backwards (INV-04). Decisions use this time and no other, so that
    /// repeating them from their entries gives the same.
    pub fn clock(&self, now: Timestamp) -> Result<Timestamp, OutOfRange> {
        if now > self.last_recorded_at || planted(Bug::SameInstant) {
            return Ok(now);
        }
        self.last_recorded_at.checked_add(1.microsecond()).map_err(|_| OutOfRange)
    }

    /// The balance in a unit; zero if the member never had any.
    pub fn balance(&self, unit: Code) -> Balance {
        self.balances.iter().find(|balance| balance.unit == unit).copied().unwrap_or(Balance::zero(unit))
    }

    /// The balance in a unit, to change it.
    pub fn balance_mut(&mut self, unit: Code) -> &mut Balance {
        let position = self.balances.iter().position(|balance| balance.unit == unit).unwrap_or_else(|| {
            self.balances.push(Balance::zero(unit));
            self.balances.len() - 1
        });
        &mut self.balances[position]
    }

    /// What a rule has granted in a period: times and points.
    pub fn granted(&self, rule: Code, period: CapPeriod, bucket: i32) -> (u32, i64) {
        self.counters
            .iter()
            .find(|counter| counter.rule == rule && counter.period == period && counter.bucket == bucket)
            .map_or((0, 0), |counter| (counter.times, counter.points))
    }

    /// The open hold with a natural key.
    pub fn hold(&self, key: &DocumentKey) -> Option<&Hold> {
        self.holds.iter().find(|hold| hold.key == *key)
    }

    /// Whether an account is this one or was merged into it.
    pub fn is_or_absorbed(&self, account_id: AccountId) -> bool {
        self.account_id == account_id || self.absorbed.iter().any(|one| one.account_id == account_id)
    }

    /// How often a reward was redeemed in a period, cancelled ones not counted.
    pub fn redeemed_times(&self, reward: Code, period: CapPeriod, bucket: i32) -> u32 {
        self.reward_counters
            .iter()
            .find(|counter| counter.rule == reward && counter.period == period && counter.bucket == bucket)
            .map_or(0, |counter| counter.times)
    }

    /// Whether holds keep exactly what their lots have held: true as well while lots are left out.
    pub fn holds_match_lots(&self) -> bool {
        let kept = |lot: &Lot| {
            let parts =
                self.holds.iter().flat_map(|hold| &hold.lots).filter(|(lot_no, _)| *lot_no == lot.lot_no);
            parts.fold(0, |sum: i64, (_, points)| sum.saturating_add(*points))
        };
        self.lots.iter().all(|lot| lot.held == kept(lot))
    }

    /// The tier held on a ladder at an instant, if the standing reaches that far back.
    pub fn tier_at(&self, ladder: Code, instant: Timestamp) -> Option<Code> {
        let standing = self.tiers.iter().find(|standing| standing.ladder == ladder)?;
        if instant >= standing.since || standing.earlier.is_empty() {
            return Some(standing.tier);
        }
        let before = standing.earlier.iter().rev().find(|(since, _)| *since <= instant);
        before.or(standing.earlier.first()).map(|(_, tier)| *tier)
    }
}

impl Balance {
    /// No points of a unit.
    pub const fn zero(unit: Code) -> Self {
        Self { unit, available: 0, pending: 0, held: 0, debt: 0, earned: 0, redeemed: 0, expired: 0 }
    }
}
