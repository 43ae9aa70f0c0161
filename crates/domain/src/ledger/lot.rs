//! A lot: points issued together that become spendable together and expire together.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::code::Code;
use crate::ids::{AccountId, EntryId};
use crate::seeded::{Bug, planted};

/// What has happened to a lot since it was loaded; the store writes new and changed lots only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LotChange {
    /// As stored.
    #[default]
    None,
    /// Not stored before.
    New,
    /// Stored before, with other amounts.
    Changed,
}

/// Points of one unit issued to one member by one entry, with one funder, one release and one expiry.
///
/// At all times `issued = remaining + held + consumed + expired + clawed_back`, each term not negative.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lot {
    /// Number within the account, from 1.
    pub lot_no: u32,
    /// The unit of all amounts in this lot.
    pub unit: Code,
    /// The entry that issued it.
    pub entry_no: u32,
    /// The entry that first issued its points, where they came from another account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<EntryId>,
    /// Who bears its cost.
    pub funder: Code,
    /// Accounting cohort: the local month it was earned in ([`crate::calendar::month_number`]).
    pub cohort: i32,
    /// When it was earned (business time).
    pub earned_at: Timestamp,
    /// While set, the lot is pending until that instant; cleared by its release.
    pub pending_until: Option<Timestamp>,
    /// First instant at which it can no longer be spent; `None` never expires.
    pub expires_at: Option<Timestamp>,
    /// Points issued.
    pub issued: i64,
    /// Points left, pending or available.
    pub remaining: i64,
    /// Points reserved by holds.
    pub held: i64,
    /// Points spent, or passed on to another account.
    pub consumed: i64,
    /// Points that lapsed.
    pub expired: i64,
    /// Points taken back by returns, debt repayment or correction.
    pub clawed_back: i64,
    /// Change since it was loaded.
    #[serde(skip)]
    pub change: LotChange,
}

impl Lot {
    /// The entry that first issued its points; `account_id` is whose lot it is.
    pub fn issued_by(&self, account_id: AccountId) -> EntryId {
        self.origin.unwrap_or(EntryId { account_id, entry_no: self.entry_no })
    }

    /// Whether the lot can be spent at `now`: released, not expired, something left.
    pub fn spendable_at(&self, now: Timestamp) -> bool {
        let ended = |end: Timestamp| if planted(Bug::EndIncluded) { now > end } else { now >= end };
        self.remaining > 0 && self.pending_until.is_none() && !self.expires_at.is_some_and(ended)
    }

    /// Whether anything can still happen to the lot.
    pub fn open(&self) -> bool {
        self.remaining > 0 || self.held > 0
    }

    /// The instant of the next transition by time alone: release, else expiry.
    pub fn due_at(&self) -> Option<Timestamp> {
        if self.remaining == 0 {
            return None;
        }
        match (self.pending_until, self.expires_at) {
            (Some(release), Some(expiry)) => Some(release.min(expiry)),
            (release, expiry) => release.or(expiry),
        }
    }

    /// The order in which lots are spent: soonest expiry first, then earliest issue, then lowest number (INV-10).
    pub fn spending_order(&self) -> (Timestamp, Timestamp, u32) {
        (self.expires_at.unwrap_or(Timestamp::MAX), self.earned_at, self.lot_no)
    }

    /// Whether the parts add up and none is negative (INV-07).
    pub fn balanced(&self) -> bool {
        let parts = [self.remaining, self.held, self.consumed, self.expired, self.clawed_back];
        parts.iter().all(|part| *part >= 0)
            && parts.iter().try_fold(0_i64, |sum, part| sum.checked_add(*part)) == Some(self.issued)
    }

    /// Marks the lot for saving.
    pub fn touch(&mut self) {
        if self.change == LotChange::None {
            self.change = LotChange::Changed;
        }
    }
}
