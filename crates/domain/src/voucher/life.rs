//! The life of one voucher: issued, registered, reserved, redeemed; expired by time alone; void by hand. A use
//! belongs to the document that took it, so that repeating a call changes nothing, and giving it back works once.

use jiff::{Timestamp, ToSpan};
use serde::{Deserialize, Serialize};

use super::{VoucherId, VoucherOutcome};
use crate::code::Code;
use crate::document::DocumentKey;
use crate::ids::AccountId;
use crate::ledger::Absorbed;
use crate::programme::Holder;
use crate::seeded::{Bug, planted};

/// Longest reservation in minutes.
pub const RESERVATION_MINUTES_MAX: u32 = 24 * 60;

/// Where a voucher stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VoucherStatus {
    /// Can be used; belongs to nobody.
    Issued,
    /// Can be used by its member.
    Registered,
    /// Orders hold all uses that are left.
    Reserved,
    /// All uses were redeemed.
    Redeemed,
    /// Its time is over.
    Expired,
    /// Declared void.
    Void,
}

/// What became of a use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UseState {
    /// Held for an order until an instant.
    Reserved,
    /// Spent.
    Redeemed,
    /// Given back before it was spent.
    Released,
    /// Given back by time.
    TimedOut,
    /// Given back after it was spent: the purchase came back whole or was cancelled.
    Restored,
}

/// Whether the store has to write a use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum UseChange {
    /// As stored.
    #[default]
    None,
    /// Not stored before.
    New,
    /// Stored before, in another state.
    Changed,
}

/// One use of a voucher, by one document. Uses are never deleted: they are the voucher's history.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct VoucherUse {
    /// Number within the voucher, from 1.
    pub use_no: u32,
    /// Which of the voucher's uses it takes, from 1; open uses never share one.
    pub slot: u32,
    /// What became of it.
    pub state: UseState,
    /// The purchase or order that took it.
    pub document: DocumentKey,
    /// The member who used it, if one was named.
    pub member: Option<AccountId>,
    /// When a reservation ends by itself.
    pub reserved_until: Option<Timestamp>,
    /// Minor units it took off; 0 while reserved.
    pub discount: i64,
    /// When it was taken.
    pub taken_at: Timestamp,
    /// When it last changed.
    pub changed_at: Timestamp,
    /// Who asked for the last change.
    pub actor: String,
    /// Change since it was loaded.
    pub change: UseChange,
}

/// One voucher as loaded and changed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Voucher {
    /// Which one.
    pub id: VoucherId,
    /// The batch it was issued in.
    pub batch_no: i64,
    /// Its template.
    pub template: Code,
    /// The programme version whose terms it keeps.
    pub programme_version: u32,
    /// First instant at which it can be used; none: at once.
    pub valid_from: Option<Timestamp>,
    /// First instant at which it can no longer be used.
    pub expires_at: Timestamp,
    /// Whether its batch was declared void, or was never completed.
    pub batch_void: bool,
    /// Whether it was declared void itself.
    pub void: bool,
    /// The member it belongs to, if it belongs to one.
    pub member: Option<AccountId>,
    /// Its code, kept only while it belongs to a member: it is of no use to anybody else.
    pub code: Option<String>,
    /// Its face value in minor units, where each voucher has its own.
    pub value: Option<i64>,
    /// How often it can be used.
    pub uses_max: u32,
    /// All its uses so far, in order of their numbers.
    pub uses: Vec<VoucherUse>,
    /// Counts changes: a save expects the number that was loaded.
    pub version: i64,
    /// Whether it changed since it was loaded.
    pub changed: bool,
}

/// Who wants what of a voucher, and when.
#[derive(Debug, Clone, Copy)]
pub struct VoucherCall<'a> {
    /// The purchase or order; none while only asking.
    pub document: Option<&'a DocumentKey>,
    /// The member, if one was named.
    pub member: Option<AccountId>,
    /// Accounts that were merged into the member's: their vouchers are the member's.
    pub absorbed: &'a [Absorbed],
    /// The platform's clock.
    pub now: Timestamp,
    /// Who asks.
    pub actor: &'a str,
}

impl VoucherCall<'_> {
    fn absorbs(&self, owner: AccountId) -> bool {
        self.absorbed.iter().any(|one| one.account_id == owner)
    }
}

impl VoucherUse {
    /// Whether it takes a use away from others at an instant.
    pub fn open(&self, now: Timestamp) -> bool {
        match self.state {
            UseState::Redeemed => true,
            UseState::Reserved => !self.timed_out(now),
            UseState::Released | UseState::TimedOut | UseState::Restored => false,
        }
    }

    fn timed_out(&self, now: Timestamp) -> bool {
        self.state == UseState::Reserved && self.reserved_until.is_none_or(|until| until <= now)
    }

    fn enter(&mut self, state: UseState, at: Timestamp, actor: &str) {
        self.state = state;
        self.changed_at = at;
        actor.clone_into(&mut self.actor);
        if self.change == UseChange::None {
            self.change = UseChange::Changed;
        }
    }
}

impl Voucher {
    /// Where it stands at an instant. Time alone expires it: no sweep has to have run.
    pub fn status(&self, now: Timestamp) -> VoucherStatus {
        let redeemed = self.count(UseState::Redeemed, now);
        if self.void || self.batch_void {
            VoucherStatus::Void
        } else if redeemed >= self.uses_max {
            VoucherStatus::Redeemed
        } else if self.open_uses(now) >= self.uses_max {
            VoucherStatus::Reserved
        } else if now >= self.expires_at {
            VoucherStatus::Expired
        } else if self.member.is_some() {
            VoucherStatus::Registered
        } else {
            VoucherStatus::Issued
        }
    }

    /// Uses that were redeemed.
    pub fn redeemed(&self) -> u32 {
        self.count(UseState::Redeemed, Timestamp::MIN)
    }

    /// Uses redeemed or held at an instant.
    pub fn open_uses(&self, now: Timestamp) -> u32 {
        u32::try_from(self.uses.iter().filter(|each| each.open(now)).count()).unwrap_or(u32::MAX)
    }

    fn count(&self, state: UseState, now: Timestamp) -> u32 {
        let found = self.uses.iter().filter(|each| each.state == state && each.open(now)).count();
        u32::try_from(found).unwrap_or(u32::MAX)
    }

    /// Whether a call may use it now, or why not. What its document holds already it may use until the reservation
    /// ends, whatever has happened to the voucher's window since.
    pub fn usable(
        &self,
        call: &VoucherCall<'_>,
        holder: Holder,
        valid_at: Timestamp,
    ) -> Result<(), VoucherOutcome> {
        if self.void || self.batch_void {
            return Err(VoucherOutcome::Void);
        }
        match (self.member, call.member) {
            (Some(owner), Some(member)) if owner != member && !call.absorbs(owner) => {
                return Err(VoucherOutcome::OtherMember);
            }
            (Some(_), None) => return Err(VoucherOutcome::MemberNeeded),
            (None, _) if holder != Holder::Bearer => return Err(VoucherOutcome::NotRegistered),
            _ => {}
        }
        if let Some(own) = self.latest_of(call.document) {
            if own.open(call.now) {
                return Ok(());
            }
            if matches!(own.state, UseState::Released | UseState::Restored) {
                return Err(VoucherOutcome::UseEnded);
            }
        }
        self.check_window(valid_at)?;
        self.check_free(call.now)
    }

    fn check_window(&self, at: Timestamp) -> Result<(), VoucherOutcome> {
        match self.valid_from {
            Some(from) if at < from => Err(VoucherOutcome::NotYetValid { from }),
            _ if at >= self.expires_at && !planted(Bug::VoucherNeverExpires) => {
                Err(VoucherOutcome::Expired { at: self.expires_at })
            }
            _ => Ok(()),
        }
    }

    fn check_free(&self, now: Timestamp) -> Result<(), VoucherOutcome> {
        if self.open_uses(now) < self.uses_max || planted(Bug::VoucherUsedTwice) {
            return Ok(());
        }
        let held = self.uses.iter().filter(|each| each.state == UseState::Reserved && each.open(now));
        match held.filter_map(|each| each.reserved_until).min() {
            Some(until) => Err(VoucherOutcome::ReservedElsewhere { until }),
            None => Err(VoucherOutcome::UsedUp),
        }
    }

    fn latest_of(&self, document: Option<&DocumentKey>) -> Option<&VoucherUse> {
        self.uses.iter().rev().find(|each| Some(&each.document) == document)
    }

    /// Binds it to a member. Repeated by the same member, nothing changes.
    pub fn register(&mut self, member: AccountId, code: &str, now: Timestamp) -> Result<(), VoucherOutcome> {
        match self.member {
            Some(owner) if owner == member => return Ok(()),
            Some(_) => return Err(VoucherOutcome::OtherMember),
            None => {}
        }
        if self.void || self.batch_void {
            return Err(VoucherOutcome::Void);
        }
        if now >= self.expires_at {
            return Err(VoucherOutcome::Expired { at: self.expires_at });
        }
        self.check_free(now)?;
        self.member = Some(member);
        self.code = Some(code.to_owned());
        self.changed = true;
        Ok(())
    }

    /// Holds a use for the call's document until an instant. Repeated, the first reservation stands.
    pub fn reserve(
        &mut self,
        call: &VoucherCall<'_>,
        holder: Holder,
        until: Timestamp,
    ) -> Result<(), VoucherOutcome> {
        self.usable(call, holder, call.now)?;
        self.time_out(call.now);
        let Some(document) = call.document else { return Err(VoucherOutcome::NotHeld) };
        if self.latest_of(Some(document)).is_some_and(|own| own.open(call.now)) {
            return Ok(());
        }
        self.take(call, document, UseState::Reserved, Some(until), 0);
        Ok(())
    }

    /// Spends a use for the call's document: the one it holds, else a free one. Repeated, nothing changes.
    pub fn redeem(
        &mut self,
        call: &VoucherCall<'_>,
        holder: Holder,
        valid_at: Timestamp,
        discount: i64,
    ) -> Result<(), VoucherOutcome> {
        self.usable(call, holder, valid_at)?;
        self.time_out(call.now);
        let Some(document) = call.document else { return Err(VoucherOutcome::NotHeld) };
        let own = self.uses.iter_mut().rev().find(|each| each.document == *document);
        match own.filter(|own| own.open(call.now)) {
            Some(own) if own.state == UseState::Redeemed => {}
            Some(own) => {
                own.discount = discount;
                own.member = call.member.or(own.member);
                own.enter(UseState::Redeemed, call.now, call.actor);
                self.changed = true;
            }
            None => self.take(call, document, UseState::Redeemed, None, discount),
        }
        Ok(())
    }

    /// Gives back the use of the call's document, held or spent. Repeated, nothing changes: it is restored once.
    pub fn release(&mut self, call: &VoucherCall<'_>) -> Result<(), VoucherOutcome> {
        self.time_out(call.now);
        let own = self.uses.iter_mut().rev().find(|each| Some(&each.document) == call.document);
        let own = own.ok_or(VoucherOutcome::NotHeld)?;
        let ended = match own.state {
            UseState::Reserved => UseState::Released,
            UseState::Redeemed => UseState::Restored,
            UseState::Released | UseState::TimedOut | UseState::Restored => return Ok(()),
        };
        own.enter(ended, call.now, call.actor);
        self.changed = true;
        Ok(())
    }

    /// Declares it void for ever; reservations end. What was redeemed stays redeemed.
    pub fn declare_void(&mut self, call: &VoucherCall<'_>) {
        self.time_out(call.now);
        for each in self.uses.iter_mut().filter(|each| each.state == UseState::Reserved) {
            each.enter(UseState::Released, call.now, call.actor);
        }
        self.changed |= !self.void;
        self.void = true;
    }

    /// Ends the reservations whose time is over.
    fn time_out(&mut self, now: Timestamp) {
        let due: Vec<usize> =
            self.uses.iter().enumerate().filter(|(_, each)| each.timed_out(now)).map(|(at, _)| at).collect();
        for position in due {
            let each = &mut self.uses[position];
            let at = each.reserved_until.unwrap_or(now);
            each.enter(UseState::TimedOut, at, crate::operation::SYSTEM);
            self.changed = true;
        }
    }

    fn take(
        &mut self,
        call: &VoucherCall<'_>,
        document: &DocumentKey,
        state: UseState,
        reserved_until: Option<Timestamp>,
        discount: i64,
    ) {
        let taken = |slot: &u32| self.uses.iter().any(|each| each.slot == *slot && each.open(call.now));
        let slot = (1..=self.uses_max).find(|slot| !taken(slot)).unwrap_or(self.uses_max);
        let last = self.uses.last().map_or(0, |each| each.use_no);
        self.uses.push(VoucherUse {
            use_no: last.saturating_add(1),
            slot,
            state,
            document: document.clone(),
            member: call.member,
            reserved_until,
            discount,
            taken_at: call.now,
            changed_at: call.now,
            actor: call.actor.to_owned(),
            change: UseChange::New,
        });
        self.changed = true;
    }

    /// When a reservation of so many minutes ends.
    pub fn reservation_end(now: Timestamp, minutes: u32) -> Timestamp {
        let minutes = minutes.clamp(1, RESERVATION_MINUTES_MAX);
        now.checked_add(i64::from(minutes).minutes()).unwrap_or(Timestamp::MAX)
    }
}
