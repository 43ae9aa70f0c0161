//! Holds: points reserved in named lots until they are captured, given up or timed out, and what became of a
//! redemption. A hold has exactly one end (INV-13).

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::code::Code;
use crate::document::DocumentKey;
use crate::ledger::{Booking, LedgerAccount, OutOfRange};

/// A hold that has not ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hold {
    /// The number of the entry that opened it.
    pub hold_no: u32,
    /// Its natural key.
    #[serde(flatten)]
    pub key: DocumentKey,
    /// The unit.
    pub unit: Code,
    /// The lots it keeps points of and how many of each, in the order in which they are captured.
    pub lots: Vec<(u32, i64)>,
    /// First instant at which it has timed out.
    pub ends_at: Timestamp,
    /// The programme version it was made under: its terms hold until it ends.
    pub programme_version: u32,
    /// What for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purpose: Option<String>,
}

/// How a hold stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HoldState {
    /// Points are reserved.
    Open,
    /// All of it was captured, or the rest was released by the last capture.
    Captured,
    /// It was given up.
    Voided,
    /// It timed out.
    Expired,
}

/// How a redeemed reward stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RedemptionState {
    /// Paid and not handed out yet.
    Requested,
    /// Handed out.
    Fulfilled,
    /// Taken back: points and stock are where they were.
    Cancelled,
}

/// Points that paid a part of a purchase.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PointsSpent {
    /// The unit.
    pub unit: Code,
    /// Points.
    pub points: i64,
    /// What they paid, in minor units.
    pub amount: i64,
    /// The version whose terms they were spent under: that of the hold, else that of the purchase.
    pub programme_version: u32,
    /// The hold they came from, by the number of its entry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hold_no: Option<u32>,
    /// What that hold kept beyond and gave back.
    #[serde(default, skip_serializing_if = "Released::is_nothing")]
    pub released: Released,
}

/// Points a hold gave back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Released {
    /// Points.
    pub points: i64,
    /// Of these, points whose lot had ended meanwhile: they lapsed at once.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub lapsed: i64,
}

/// Points given back because what they paid for came back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PointsRefund {
    /// The unit.
    pub unit: Code,
    /// Points given back to the lots they came from.
    pub points: i64,
    /// What they had paid, in minor units: so much less money is to be given back.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub amount: i64,
    /// Of these, points whose lot had ended: they came back in a lot of their own.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub graced: i64,
    /// First instant at which points that came back so can no longer be spent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub graced_until: Option<Timestamp>,
}

impl Hold {
    /// Points it still keeps.
    pub fn points(&self) -> i64 {
        self.lots.iter().fold(0, |sum: i64, (_, points)| sum.saturating_add(*points))
    }
}

impl HoldState {
    /// Its name, as in the API and in columns.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Captured => "captured",
            Self::Voided => "voided",
            Self::Expired => "expired",
        }
    }

    /// The state of a name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Open, Self::Captured, Self::Voided, Self::Expired]
            .into_iter()
            .find(|state| state.name() == name)
    }
}

impl RedemptionState {
    /// All states.
    pub const ALL: [Self; 3] = [Self::Requested, Self::Fulfilled, Self::Cancelled];

    /// Its name, as in the API and in columns.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Requested => "requested",
            Self::Fulfilled => "fulfilled",
            Self::Cancelled => "cancelled",
        }
    }

    /// The state of a name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }
}

impl Released {
    /// Whether nothing was given back.
    pub fn is_nothing(&self) -> bool {
        self.points == 0
    }
}

impl Booking<'_> {
    /// Reserves points in spending order; which of which lot.
    pub fn hold(&mut self, unit: Code, points: i64) -> Result<Vec<(u32, i64)>, OutOfRange> {
        let first = self.postings().len();
        self.take_spendable(unit, points, LedgerAccount::MemberHeld, None)?;
        Ok(self.postings()[first..].iter().map(|posting| (posting.lot_no, posting.amount)).collect())
    }

    /// Moves up to `points` of a hold elsewhere, in the order of its lots; which of which lot.
    pub fn take_held(
        &mut self,
        hold: &mut Hold,
        points: i64,
        to: LedgerAccount,
    ) -> Result<Vec<(u32, i64)>, OutOfRange> {
        let mut left = points;
        let mut taken = Vec::new();
        for (lot_no, kept) in &mut hold.lots {
            let part = left.min(*kept);
            if part > 0 {
                let lot = self.state.lots.iter().find(|lot| lot.lot_no == *lot_no).ok_or(OutOfRange)?;
                let funder = lot.funder;
                self.post((LedgerAccount::MemberHeld, to), part, *lot_no, hold.unit, funder, None)?;
                *kept = kept.checked_sub(part).ok_or(OutOfRange)?;
                left = left.checked_sub(part).ok_or(OutOfRange)?;
                taken.push((*lot_no, part));
            }
        }
        hold.lots.retain(|(_, kept)| *kept > 0);
        Ok(taken)
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature serde asks for")]
fn is_zero(points: &i64) -> bool {
    *points == 0
}
