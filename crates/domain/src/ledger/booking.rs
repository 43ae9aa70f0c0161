//! Booking an entry: every movement of points goes through [`Booking::post`], which moves the posting's amount
//! between the accounts, the balance and the lot at once, so that the three cannot drift apart.

use jiff::Timestamp;

use crate::code::Code;
use crate::ids::EntryId;
use crate::ledger::{
    AccountState, Actor, Entry, Fact, LedgerAccount, Lot, LotChange, Posting, Standing, TierChange,
};
use crate::seeded::{Bug, planted};

/// An amount left the range of a 64-bit integer, or a lot would have given more than it had.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an amount of points leaves the range the ledger can hold")]
pub struct OutOfRange;

/// Room for the postings of a usual purchase, so that the list seldom grows.
const POSTINGS_USUAL: usize = 8;

/// An entry in the making.
pub struct Booking<'a> {
    /// The account it belongs to, changed as postings are made.
    pub state: &'a mut AccountState,
    entry_no: u32,
    occurred_at: Timestamp,
    recorded_at: Timestamp,
    decided_at: Timestamp,
    programme_version: u32,
    actor: Actor,
    corrects: Option<u32>,
    postings: Vec<Posting>,
    /// Tiers changed by this entry.
    pub tier_changes: Vec<TierChange>,
}

/// What distinguishes a new lot from the others of its entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LotTerms {
    /// The unit.
    pub unit: Code,
    /// Who bears the cost.
    pub funder: Code,
    /// Accounting cohort.
    pub cohort: i32,
    /// Pending until, if not spendable at once.
    pub pending_until: Option<Timestamp>,
    /// First instant at which it can no longer be spent.
    pub expires_at: Option<Timestamp>,
}

impl<'a> Booking<'a> {
    /// Opens the next entry of an account. It is recorded at `now`, or just after the entry before it when the
    /// clock has not moved on or went backwards (INV-04).
    pub fn open(
        state: &'a mut AccountState,
        occurred_at: Timestamp,
        now: Timestamp,
        programme_version: u32,
        actor: &str,
    ) -> Result<Self, OutOfRange> {
        let entry_no = state.last_entry_no.checked_add(1).ok_or(OutOfRange)?;
        let recorded_at = state.clock(now)?;
        Ok(Self {
            state,
            entry_no,
            occurred_at,
            recorded_at,
            decided_at: recorded_at,
            programme_version,
            actor: actor.to_owned(),
            corrects: None,
            postings: Vec::with_capacity(POSTINGS_USUAL),
            tier_changes: Vec::new(),
        })
    }

    /// Decides which lots can be spent as of an earlier instant: what is posted late because it was due by time
    /// alone moves the points that it would have moved on time.
    pub fn as_of(&mut self, due_at: Timestamp) {
        if !planted(Bug::SweptByClock) {
            self.decided_at = due_at;
        }
    }

    /// The postings made so far, in order.
    pub fn postings(&self) -> &[Posting] {
        &self.postings
    }

    /// A lot of this entry for points that come back after their own lot ended. It belongs to the entry that issued
    /// that lot, so that a return of what earned them finds it.
    pub fn graced_lot(&mut self, ended_lot_no: u32, expires_at: Timestamp) -> Result<u32, OutOfRange> {
        let ended = self.state.lots.iter().find(|lot| lot.lot_no == ended_lot_no).ok_or(OutOfRange)?.clone();
        let lot_no = self.state.last_lot_no.checked_add(1).ok_or(OutOfRange)?;
        self.state.last_lot_no = lot_no;
        self.state.lots.push(Lot {
            lot_no,
            expires_at: Some(expires_at),
            issued: 0,
            remaining: 0,
            held: 0,
            consumed: 0,
            expired: 0,
            clawed_back: 0,
            change: LotChange::New,
            ..ended
        });
        Ok(lot_no)
    }

    /// Names the entry that this one corrects.
    pub fn corrects(&mut self, entry_no: u32) {
        self.corrects = Some(entry_no);
    }

    /// The number of the entry in the making.
    pub fn entry_no(&self) -> u32 {
        self.entry_no
    }

    /// The lot of this entry with these terms, new if there is none yet.
    pub fn lot(&mut self, terms: &LotTerms) -> Result<u32, OutOfRange> {
        let entry_no = self.entry_no;
        let same = |lot: &&Lot| {
            lot.entry_no == entry_no
                && lot.unit == terms.unit
                && lot.funder == terms.funder
                && lot.pending_until == terms.pending_until
                && lot.expires_at == terms.expires_at
        };
        if let Some(lot) = self.state.lots.iter().rev().find(same) {
            return Ok(lot.lot_no);
        }
        let lot_no = self.state.last_lot_no.checked_add(1).ok_or(OutOfRange)?;
        self.state.last_lot_no = lot_no;
        self.state.lots.push(Lot {
            lot_no,
            unit: terms.unit,
            entry_no,
            origin: None,
            funder: terms.funder,
            cohort: terms.cohort,
            earned_at: self.occurred_at,
            pending_until: terms.pending_until,
            expires_at: terms.expires_at,
            issued: 0,
            remaining: 0,
            held: 0,
            consumed: 0,
            expired: 0,
            clawed_back: 0,
            change: LotChange::New,
        });
        Ok(lot_no)
    }

    /// Moves points. A zero amount moves nothing.
    pub fn post(
        &mut self,
        (debit, credit): (LedgerAccount, LedgerAccount),
        amount: i64,
        lot_no: u32,
        unit: Code,
        funder: Code,
        rule: Option<Code>,
    ) -> Result<(), OutOfRange> {
        if amount == 0 {
            return Ok(());
        }
        if amount < 0 {
            return Err(OutOfRange);
        }
        self.move_balance(unit, debit, credit, amount)?;
        if lot_no != 0 {
            self.move_lot(lot_no, debit, credit, amount)?;
        }
        self.postings.push(Posting { unit, debit, credit, amount, lot_no, rule, funder });
        Ok(())
    }

    fn move_balance(
        &mut self,
        unit: Code,
        debit: LedgerAccount,
        credit: LedgerAccount,
        amount: i64,
    ) -> Result<(), OutOfRange> {
        use LedgerAccount::{
            Expired, Issuer, MemberAvailable, MemberDebt, MemberHeld, MemberPending, PaidIn, Redeemed,
        };
        let balance = self.state.balance_mut(unit);
        match debit {
            MemberAvailable => take(&mut balance.available, amount)?,
            MemberPending => take(&mut balance.pending, amount)?,
            MemberHeld => take(&mut balance.held, amount)?,
            MemberDebt => give(&mut balance.debt, amount)?,
            Issuer | PaidIn if matches!(credit, MemberAvailable | MemberPending) => {
                give(&mut balance.earned, amount)?;
            }
            Redeemed => take(&mut balance.redeemed, amount)?,
            _ => {}
        }
        match credit {
            MemberAvailable => give(&mut balance.available, amount),
            MemberPending => give(&mut balance.pending, amount),
            MemberHeld => give(&mut balance.held, amount),
            MemberDebt => take(&mut balance.debt, amount),
            Redeemed => give(&mut balance.redeemed, amount),
            Expired => give(&mut balance.expired, amount),
            _ => Ok(()),
        }
    }

    fn move_lot(
        &mut self,
        lot_no: u32,
        debit: LedgerAccount,
        credit: LedgerAccount,
        amount: i64,
    ) -> Result<(), OutOfRange> {
        use LedgerAccount::{
            Adjustment, Expired, Issuer, MemberAvailable, MemberDebt, MemberHeld, MemberPending, PaidIn,
            Redeemed, TierDeduction, Transfer, WrittenOff,
        };
        let lot = self.state.lots.iter_mut().rev().find(|lot| lot.lot_no == lot_no).ok_or(OutOfRange)?;
        match debit {
            MemberAvailable | MemberPending => take(&mut lot.remaining, amount)?,
            MemberHeld => take(&mut lot.held, amount)?,
            // Points come back to the lot they were spent from. A lot that nothing was issued into yet is new: it
            // takes up what comes back after its own lot ended.
            Redeemed if lot.issued > 0 => take(&mut lot.consumed, amount)?,
            _ => give(&mut lot.issued, amount)?,
        }
        match credit {
            MemberAvailable | MemberPending => give(&mut lot.remaining, amount)?,
            MemberHeld => give(&mut lot.held, amount)?,
            Expired => give(&mut lot.expired, amount)?,
            Redeemed | Adjustment | TierDeduction | Transfer => give(&mut lot.consumed, amount)?,
            Issuer | PaidIn | MemberDebt | WrittenOff => give(&mut lot.clawed_back, amount)?,
        }
        if debit == MemberPending && credit == MemberAvailable {
            lot.pending_until = None;
        }
        lot.touch();
        Ok(())
    }

    /// Takes up to `amount` from the member's spendable lots of a unit in spending order; returns what was taken.
    pub fn take_spendable(
        &mut self,
        unit: Code,
        amount: i64,
        to: LedgerAccount,
        rule: Option<Code>,
    ) -> Result<i64, OutOfRange> {
        let now = self.decided_at;
        let mut lots: Vec<_> = self
            .state
            .lots
            .iter()
            .filter(|lot| lot.unit == unit && lot.spendable_at(now))
            .map(|lot| (lot.spending_order(), lot.lot_no, lot.remaining, lot.funder))
            .collect();
        lots.sort_unstable_by_key(|(order, ..)| *order);
        if planted(Bug::LotOrder) {
            lots.reverse();
        }
        let mut left = amount;
        for (_, lot_no, remaining, funder) in lots {
            let part = remaining.min(left);
            self.post((LedgerAccount::MemberAvailable, to), part, lot_no, unit, funder, rule)?;
            left = left.checked_sub(part).ok_or(OutOfRange)?;
        }
        amount.checked_sub(left).ok_or(OutOfRange)
    }

    /// Repays debt from what is spendable now, before the member can spend it (INV-18).
    pub fn repay_debt(&mut self, unit: Code) -> Result<(), OutOfRange> {
        let balance = self.state.balance(unit);
        if balance.debt > 0 && balance.available > 0 && !planted(Bug::DebtNotRepaid) {
            self.take_spendable(unit, balance.debt.min(balance.available), LedgerAccount::MemberDebt, None)?;
        }
        Ok(())
    }

    /// Closes the entry. The caller adds the standing once tiers are settled.
    pub fn close(self, fact: Fact, standing: Standing) -> Entry {
        debug_assert!(
            self.state.lots.iter().all(Lot::balanced),
            "a lot's parts must add up to what was issued"
        );
        debug_assert!(self.state.holds_match_lots(), "holds keep what their lots have held");
        self.state.last_entry_no = self.entry_no;
        self.state.last_recorded_at = self.recorded_at;
        Entry {
            id: EntryId { account_id: self.state.account_id, entry_no: self.entry_no },
            occurred_at: self.occurred_at,
            recorded_at: self.recorded_at,
            programme_version: self.programme_version,
            actor: self.actor,
            corrects: self.corrects,
            fact,
            postings: self.postings,
            tier_changes: self.tier_changes,
            standing,
        }
    }
}

fn give(amount: &mut i64, more: i64) -> Result<(), OutOfRange> {
    *amount = amount.checked_add(more).ok_or(OutOfRange)?;
    Ok(())
}

fn take(amount: &mut i64, less: i64) -> Result<(), OutOfRange> {
    *amount = amount.checked_sub(less).filter(|left| *left >= 0).ok_or(OutOfRange)?;
    Ok(())
}
