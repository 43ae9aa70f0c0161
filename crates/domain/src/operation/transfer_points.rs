//! Transfers between members: offered by one, accepted or declined by the other, taken back by the first. Each is one
//! change on two accounts: two entries that name each other. Each side decides from its own state and from what the
//! other side's entry says, so that either history repeats without the other.

#[cfg(test)]
mod tests;

use jiff::Timestamp;

use crate::calendar;
use crate::code::Code;
use crate::ids::{AccountId, EntryId};
use crate::ledger::{AccountState, Booking, Entry, Fact, MovedLot, OfferEnd, TransferCount, TransferOffer};
use crate::money::AMOUNT_MAX;
use crate::operation::{Context, Entries, Failure, advance, require_member, tiers};
use crate::programme::{CompiledProgramme, Transfers};
use crate::refusal::Refusal;
use crate::seeded::{Bug, planted};

/// Most offers that a member may have waiting, and most that may wait for a member.
pub const OFFERS_OPEN_MAX: usize = 20;

/// What a change on two accounts led to: the entries of the first, those of the second.
pub type PairEntries = (Entries, Entries);

/// Points of a unit that one member offers another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gift {
    /// The unit.
    pub unit: Code,
    /// Points.
    pub points: i64,
}

/// Offers points. Nothing moves before the receiver accepts.
pub fn transfer_points(
    from: &mut AccountState,
    to: &mut AccountState,
    gift: Gift,
    context: &Context<'_>,
) -> Result<PairEntries, Failure> {
    if from.account_id == to.account_id {
        let remedy = "name another member: points cannot be given to oneself";
        return Err(Refusal::field("to", to.account_id, remedy).into());
    }
    check_gift_points(gift)?;
    require_member(from)?;
    require_member(to)?;
    let (mut given, mut got) = settle_both(from, to, context)?;
    let at = context.now;
    let counterpart = next_entry(to)?;
    let (entries, offer) = offer_from(from, (to.account_id, gift), counterpart, at, context)?;
    given.extend(entries);
    let id = offer.id;
    got.extend(offer_to(to, &offer, id, at, context)?);
    Ok((given, got))
}

/// What a member may give of a unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GiftRoom {
    /// The unit.
    pub unit: Code,
    /// Points that are spendable and old enough.
    pub points: i64,
    /// What the local day has left of what may be given.
    pub left_today: i64,
}

/// What a member may give of a unit now, whoever it is for.
pub fn gift_room(from: &AccountState, unit: Code, context: &Context<'_>) -> Result<GiftRoom, Failure> {
    let mut state = from.clone();
    let side = Side::open(&mut state, unit, context.now, context)?;
    let points = side.givable(&state, unit).iter().map(|lot| lot.points).fold(0, i64::saturating_add);
    let left = side.rules.sent_per_day_max.saturating_sub(side.moved_today(&state, unit).sent);
    Ok(GiftRoom { unit, points, left_today: left.max(0) })
}

/// Whether a member may offer points at all, whoever they are for: what does not depend on the receiver can be said
/// before one is looked for, and then says nothing of them.
pub fn check_gift(from: &AccountState, gift: Gift, context: &Context<'_>) -> Result<(), Failure> {
    let mut state = from.clone();
    check_gift_points(gift)?;
    let nobody = next_entry(from)?;
    offer_from(&mut state, (from.account_id, gift), nobody, context.now, context).map(|_| ())
}

fn check_gift_points(gift: Gift) -> Result<(), Refusal> {
    if gift.points <= 0 || gift.points > AMOUNT_MAX {
        let remedy = format!("use a whole number from 1 to {AMOUNT_MAX}");
        return Err(Refusal::field("points", gift.points, remedy));
    }
    Ok(())
}

/// Moves what was offered: out of the sender's lots, soonest expiry first, into lots of the receiver that keep expiry,
/// cohort, funder and age. There is no way back.
pub fn accept_transfer(
    from: &mut AccountState,
    to: &mut AccountState,
    id: EntryId,
    context: &Context<'_>,
) -> Result<PairEntries, Failure> {
    require_member(from)?;
    require_member(to)?;
    let (mut given, mut got) = settle_both(from, to, context)?;
    let at = context.now;
    let offer = open_offer(from, to, id)?;
    let (sent, counterpart) = (next_entry(from)?, next_entry(to)?);
    let (entries, parts) = move_from(from, &offer, counterpart, at, context)?;
    given.extend(entries);
    got.extend(move_to(to, &offer, sent, parts, at, context)?);
    Ok((given, got))
}

/// Ends an offer without moving points.
pub fn end_transfer(
    from: &mut AccountState,
    to: &mut AccountState,
    (id, end): (EntryId, OfferEnd),
    context: &Context<'_>,
) -> Result<PairEntries, Failure> {
    require_member(from)?;
    require_member(to)?;
    let (mut given, mut got) = settle_both(from, to, context)?;
    let at = context.now;
    let offer = open_offer(from, to, id)?;
    let (sent, counterpart) = (next_entry(from)?, next_entry(to)?);
    given.extend(end_side(from, &offer, (counterpart, end), at, context)?);
    got.extend(end_side(to, &offer, (sent, end), at, context)?);
    Ok((given, got))
}

/// Decides one side of a pair again, from its own state and what its entry recorded of the other.
pub(crate) fn repeat_transfer(
    state: &mut AccountState,
    recorded: &Entry,
    context: &Context<'_>,
) -> Result<Entries, Failure> {
    let at = recorded.occurred_at;
    let sends = |offer: &TransferOffer| offer.to != recorded.id.account_id;
    match &recorded.fact {
        Fact::TransferOffered { offer, counterpart } if sends(offer) => {
            let gift = Gift { unit: offer.unit, points: offer.points };
            Ok(offer_from(state, (offer.to, gift), *counterpart, at, context)?.0)
        }
        Fact::TransferOffered { offer, counterpart } => offer_to(state, offer, *counterpart, at, context),
        Fact::PointsTransferred { offer, counterpart, .. } if sends(offer) => {
            Ok(move_from(state, offer, *counterpart, at, context)?.0)
        }
        Fact::PointsTransferred { offer, counterpart, parts } => {
            move_to(state, offer, *counterpart, parts.clone(), at, context)
        }
        Fact::TransferEnded { offer, counterpart, end } => {
            end_side(state, offer, (*counterpart, *end), at, context)
        }
        _ => Ok(Entries::new()),
    }
}

/// Lets time pass on both accounts first, so that the numbers of the pair's entries are known before either is made.
pub(super) fn settle_both(
    from: &mut AccountState,
    to: &mut AccountState,
    context: &Context<'_>,
) -> Result<PairEntries, Failure> {
    if !(from.lots_loaded && to.lots_loaded) {
        return Err(Failure::LotsNeeded);
    }
    let (mut given, mut got) = (Entries::new(), Entries::new());
    advance::settle(from, context, &mut given)?;
    advance::settle(to, context, &mut got)?;
    Ok((given, got))
}

pub(super) fn next_entry(state: &AccountState) -> Result<EntryId, Failure> {
    let entry_no = state.last_entry_no.checked_add(1).ok_or(crate::ledger::OutOfRange)?;
    Ok(EntryId { account_id: state.account_id, entry_no })
}

/// An offer of one account to the other. Nobody answers for somebody else, nor the sender for the receiver.
fn open_offer(from: &AccountState, to: &AccountState, id: EntryId) -> Result<TransferOffer, Refusal> {
    let theirs = |offer: &&TransferOffer| {
        offer.id == id && offer.from() == from.account_id && offer.to == to.account_id
    };
    from.offers.iter().find(theirs).cloned().ok_or(Refusal::TransferNotOpen { transfer: id })
}

/// One side of a pair in the making: settled, with the programme that decides and its rules for transfers.
struct Side<'a> {
    context: Context<'a>,
    programme: &'a CompiledProgramme,
    rules: &'a Transfers,
    today: i32,
    entries: Entries,
}

impl<'a> Side<'a> {
    fn open(
        state: &mut AccountState,
        unit: Code,
        at: Timestamp,
        context: &Context<'a>,
    ) -> Result<Self, Failure> {
        require_member(state)?;
        let mut entries = Entries::new();
        let context = advance::settle(state, context, &mut entries)?;
        state.offers.retain(|offer| offer.lapses_at > context.now);
        let programme = context.programme_for(at)?;
        let rules = programme.programme().transfers.as_ref().filter(|rules| rules.units.contains(&unit));
        let rules = rules.ok_or(Refusal::TransfersOff { unit })?;
        let today = day_of(at, programme);
        Ok(Self { context, programme, rules, today, entries })
    }

    fn check_age(&self, state: &AccountState) -> Result<(), Refusal> {
        let days = self.rules.account_age_days_min;
        let young = !held_for(day_of(state.enrolled_at, self.programme), days, self.today);
        if young { Err(Refusal::AccountTooYoung { account_id: state.account_id, days }) } else { Ok(()) }
    }

    fn moved_today(&self, state: &AccountState, unit: Code) -> TransferCount {
        let zero = TransferCount { unit, day: self.today, sent: 0, received: 0 };
        let same = |count: &&TransferCount| count.unit == unit && count.day == self.today;
        state.transfers.iter().find(same).copied().unwrap_or(zero)
    }

    fn count(&self, state: &mut AccountState, count: TransferCount) {
        if planted(Bug::TransfersUncounted) {
            return;
        }
        state.transfers.retain(|other| other.day == self.today && other.unit != count.unit);
        state.transfers.push(count);
    }

    /// Lots whose points may be given away, in the order in which they are spent.
    fn givable(&self, state: &AccountState, unit: Code) -> Vec<MovedLot> {
        let days = self.rules.points_age_days_min;
        let old = |earned_at| {
            planted(Bug::YoungPointsGiven) || held_for(day_of(earned_at, self.programme), days, self.today)
        };
        let mut lots: Vec<_> = state
            .lots
            .iter()
            .filter(|lot| lot.unit == unit && lot.spendable_at(self.context.now) && old(lot.earned_at))
            .collect();
        lots.sort_unstable_by_key(|lot| lot.spending_order());
        lots.into_iter().map(|lot| MovedLot::of(lot, state.account_id, lot.remaining)).collect()
    }

    fn check_points(&self, state: &AccountState, gift: Gift) -> Result<(), Failure> {
        if !state.lots_loaded {
            return Err(Failure::LotsNeeded);
        }
        let points = self.givable(state, gift.unit).iter().map(|lot| lot.points).fold(0, i64::saturating_add);
        if gift.points > points {
            let days = self.rules.points_age_days_min;
            return Err(
                Refusal::TooFewTransferable { unit: gift.unit, asked: gift.points, points, days }.into()
            );
        }
        Ok(())
    }

    fn booking<'s>(&self, state: &'s mut AccountState, at: Timestamp) -> Result<Booking<'s>, Failure> {
        let version = self.programme.version();
        Ok(Booking::open(state, at, self.context.now, version, self.context.actor)?)
    }

    fn close(mut self, booking: Booking<'_>, at: Timestamp, fact: Fact) -> Entries {
        let programmes = self.context.programmes;
        let standing = tiers::standing(booking.state, programmes, at);
        self.entries.push(booking.close(fact, standing));
        self.entries
    }
}

fn check_day(gift: Gift, moved: i64, limit: i64) -> Result<(), Refusal> {
    let left = limit.saturating_sub(moved).max(0);
    if gift.points > left { Err(Refusal::TransferLimit { points: gift.points, left, limit }) } else { Ok(()) }
}

fn day_of(instant: Timestamp, programme: &CompiledProgramme) -> i32 {
    calendar::day_number(calendar::local(instant, programme.zone()).date())
}

/// Whether `days` whole local days lie between two days.
fn held_for(since: i32, days: u32, today: i32) -> bool {
    i64::from(today) - i64::from(since) >= i64::from(days)
}

fn offer_from(
    state: &mut AccountState,
    (to, gift): (AccountId, Gift),
    counterpart: EntryId,
    at: Timestamp,
    context: &Context<'_>,
) -> Result<(Entries, TransferOffer), Failure> {
    let side = Side::open(state, gift.unit, at, context)?;
    if gift.points < side.rules.points_min {
        return Err(Refusal::TransferTooSmall { points: gift.points, least: side.rules.points_min }.into());
    }
    side.check_age(state)?;
    let today = side.moved_today(state, gift.unit);
    check_day(gift, today.sent, side.rules.sent_per_day_max)?;
    side.check_points(state, gift)?;
    let account_id = state.account_id;
    if state.offers.iter().filter(|offer| offer.from() == account_id).count() >= OFFERS_OPEN_MAX {
        return Err(Refusal::OffersWaiting { account_id, most: OFFERS_OPEN_MAX }.into());
    }
    let seconds = i64::from(side.rules.acceptance_days).saturating_mul(calendar::DAY_SECONDS);
    let lapses_at = at.checked_add(jiff::SignedDuration::from_secs(seconds)).unwrap_or(Timestamp::MAX);
    let offer = TransferOffer { id: next_entry(state)?, to, unit: gift.unit, points: gift.points, lapses_at };
    state.offers.push(offer.clone());
    let booking = side.booking(state, at)?;
    let entries = side.close(booking, at, Fact::TransferOffered { offer: offer.clone(), counterpart });
    advance::schedule(state, context.programmes);
    Ok((entries, offer))
}

fn offer_to(
    state: &mut AccountState,
    offer: &TransferOffer,
    counterpart: EntryId,
    at: Timestamp,
    context: &Context<'_>,
) -> Result<Entries, Failure> {
    let side = Side::open(state, offer.unit, at, context)?;
    side.check_age(state)?;
    let account_id = state.account_id;
    if state.offers.iter().filter(|other| other.to == account_id).count() >= OFFERS_OPEN_MAX {
        return Err(Refusal::OffersWaiting { account_id, most: OFFERS_OPEN_MAX }.into());
    }
    state.offers.push(offer.clone());
    let booking = side.booking(state, at)?;
    let entries = side.close(booking, at, Fact::TransferOffered { offer: offer.clone(), counterpart });
    advance::schedule(state, context.programmes);
    Ok(entries)
}

/// Takes an offer out of those that wait; it must be there.
fn take_offer(state: &mut AccountState, id: EntryId) -> Result<(), Refusal> {
    let position = state.offers.iter().position(|offer| offer.id == id);
    state.offers.remove(position.ok_or(Refusal::TransferNotOpen { transfer: id })?);
    Ok(())
}

fn move_from(
    state: &mut AccountState,
    offer: &TransferOffer,
    counterpart: EntryId,
    at: Timestamp,
    context: &Context<'_>,
) -> Result<(Entries, Vec<MovedLot>), Failure> {
    let side = Side::open(state, offer.unit, at, context)?;
    take_offer(state, offer.id)?;
    let gift = Gift { unit: offer.unit, points: offer.points };
    let mut today = side.moved_today(state, gift.unit);
    check_day(gift, today.sent, side.rules.sent_per_day_max)?;
    side.check_points(state, gift)?;
    today.sent = today.sent.saturating_add(gift.points);
    side.count(state, today);
    let mut parts = Vec::new();
    let mut left = gift.points;
    for lot in side.givable(state, gift.unit) {
        let points = lot.points.min(left);
        if points > 0 {
            parts.push(MovedLot { points, ..lot });
        }
        left -= points;
    }
    let mut booking = side.booking(state, at)?;
    for part in &parts {
        booking.send(part)?;
    }
    let fact = Fact::PointsTransferred { offer: offer.clone(), counterpart, parts: parts.clone() };
    let entries = side.close(booking, at, fact);
    advance::schedule(state, context.programmes);
    Ok((entries, parts))
}

fn move_to(
    state: &mut AccountState,
    offer: &TransferOffer,
    counterpart: EntryId,
    parts: Vec<MovedLot>,
    at: Timestamp,
    context: &Context<'_>,
) -> Result<Entries, Failure> {
    let side = Side::open(state, offer.unit, at, context)?;
    take_offer(state, offer.id)?;
    let gift = Gift { unit: offer.unit, points: offer.points };
    let mut today = side.moved_today(state, gift.unit);
    check_day(gift, today.received, side.rules.received_per_day_max)?;
    today.received = today.received.saturating_add(gift.points);
    side.count(state, today);
    let mut booking = side.booking(state, at)?;
    for part in &parts {
        booking.receive(part)?;
    }
    booking.repay_debt(gift.unit)?;
    let entries =
        side.close(booking, at, Fact::PointsTransferred { offer: offer.clone(), counterpart, parts });
    advance::schedule(state, context.programmes);
    Ok(entries)
}

/// Ends an offer on one side. It asks for no rule: an offer can be ended under a programme that has no transfers any
/// more, and by one side when the other has forgotten it already.
fn end_side(
    state: &mut AccountState,
    offer: &TransferOffer,
    (counterpart, end): (EntryId, OfferEnd),
    at: Timestamp,
    context: &Context<'_>,
) -> Result<Entries, Failure> {
    let mut entries = Entries::new();
    let context = &advance::settle(state, context, &mut entries)?;
    state.offers.retain(|other| other.id != offer.id);
    let version = context.programmes.version_at(at);
    let booking = Booking::open(state, at, context.now, version, context.actor)?;
    let standing = tiers::standing(booking.state, context.programmes, at);
    entries.push(booking.close(Fact::TransferEnded { offer: offer.clone(), counterpart, end }, standing));
    advance::schedule(state, context.programmes);
    Ok(entries)
}
