//! Points on their way between two accounts. A change that spans two accounts is two entries that name each other,
//! with postings through the house account `transfer`, which the pair leaves at zero. Lots keep all but their number.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::code::Code;
use crate::ids::{AccountId, EntryId};
use crate::ledger::{Booking, LedgerAccount, Lot, LotChange, OutOfRange};
use crate::seeded::{Bug, planted};

/// Points that one member offers another and that wait for an answer. Nothing is reserved: what counts is what the
/// sender can give when the receiver accepts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TransferOffer {
    /// The sender's entry that offered them: the name of the transfer.
    pub id: EntryId,
    /// Who is to get them.
    pub to: AccountId,
    /// The unit.
    pub unit: Code,
    /// Points.
    pub points: i64,
    /// First instant at which the offer can no longer be accepted.
    pub lapses_at: Timestamp,
}

/// How an offer ended without points being moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OfferEnd {
    /// The receiver does not want them.
    Declined,
    /// The sender took the offer back.
    Withdrawn,
}

/// What a member gave and got on one local day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct TransferCount {
    /// The unit.
    pub unit: Code,
    /// The day ([`crate::calendar::day_number`]).
    pub day: i32,
    /// Points given to others.
    pub sent: i64,
    /// Points got from others.
    pub received: i64,
}

/// Points of one lot that move to another account, with everything they keep there: a move neither refreshes an
/// expiry nor changes cohort, funder or age.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MovedLot {
    /// The lot in the account they leave.
    pub lot_no: u32,
    /// The entry that first issued them, in whichever account that was.
    pub origin: EntryId,
    /// The unit.
    pub unit: Code,
    /// Who bears their cost.
    pub funder: Code,
    /// Accounting cohort.
    pub cohort: i32,
    /// When they were earned (business time).
    pub earned_at: Timestamp,
    /// While set, they are pending until then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pending_until: Option<Timestamp>,
    /// First instant at which they can no longer be spent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
    /// Points.
    pub points: i64,
}

impl TransferOffer {
    /// Who gives them.
    pub fn from(&self) -> AccountId {
        self.id.account_id
    }

    /// The other side of the transfer.
    pub fn other(&self, account_id: AccountId) -> AccountId {
        if account_id == self.to { self.from() } else { self.to }
    }
}

impl MovedLot {
    /// Points of a lot of an account.
    pub fn of(lot: &Lot, account_id: AccountId, points: i64) -> Self {
        Self {
            lot_no: lot.lot_no,
            origin: lot.issued_by(account_id),
            unit: lot.unit,
            funder: lot.funder,
            cohort: lot.cohort,
            earned_at: lot.earned_at,
            pending_until: lot.pending_until,
            expires_at: lot.expires_at,
            points,
        }
    }

    /// Where they are: pending or available.
    pub(crate) fn account(&self) -> LedgerAccount {
        if self.pending_until.is_some() {
            LedgerAccount::MemberPending
        } else {
            LedgerAccount::MemberAvailable
        }
    }
}

impl Booking<'_> {
    /// Sends points of a lot on their way to the account of the other entry of the pair.
    pub fn send(&mut self, moved: &MovedLot) -> Result<(), OutOfRange> {
        let accounts = (moved.account(), LedgerAccount::Transfer);
        self.post(accounts, moved.points, moved.lot_no, moved.unit, moved.funder, None)
    }

    /// Takes points that the other entry of the pair sent into a new lot; returns its number.
    pub fn receive(&mut self, moved: &MovedLot) -> Result<u32, OutOfRange> {
        let lot_no = self.state.last_lot_no.checked_add(1).ok_or(OutOfRange)?;
        let entry_no = self.entry_no();
        self.state.last_lot_no = lot_no;
        self.state.lots.push(Lot {
            lot_no,
            unit: moved.unit,
            entry_no,
            origin: Some(moved.origin),
            funder: moved.funder,
            cohort: if planted(Bug::CohortRefreshed) { moved.cohort.saturating_add(1) } else { moved.cohort },
            earned_at: moved.earned_at,
            pending_until: moved.pending_until,
            expires_at: if planted(Bug::ExpiryRefreshed) { None } else { moved.expires_at },
            issued: 0,
            remaining: 0,
            held: 0,
            consumed: 0,
            expired: 0,
            clawed_back: 0,
            change: LotChange::New,
        });
        let accounts = (LedgerAccount::Transfer, moved.account());
        self.post(accounts, moved.points, lot_no, moved.unit, moved.funder, None)?;
        Ok(lot_no)
    }
}
