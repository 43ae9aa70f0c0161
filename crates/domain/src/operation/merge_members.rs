//! Merging two members who turned out to be one person, and undoing it. Points move with their lots, so that expiry,
//! cohort, funder and origin stay; what counts towards tiers, caps and limits is added up; the higher tier is kept. The
//! absorbed account keeps its entries and documents: a return of its purchases is decided there, and what comes of it
//! goes on to the account that lives on. Nothing is granted for a merge.

#[cfg(test)]
mod tests;

use jiff::Timestamp;

use crate::calendar;
use crate::ids::{AccountId, EntryId};
use crate::ledger::{
    Absorbed, AccountState, AccountStatus, Booking, Carried, CarriedTier, Counted, Counter, Entry, Fact, Lot,
    Merge, Moved, MovedLot, QualifyingAmount, TierChange, TierChangeReason,
};
use crate::operation::join_household::require_no_household;
use crate::operation::transfer_points::{next_entry, settle_both};
use crate::operation::{
    Context, Entries, Failure, NOTE_LENGTH_MAX, PairEntries, advance, require_active, require_member, tiers,
};
use crate::refusal::Refusal;

/// Most accounts that may have been merged into one, directly or by way of others.
pub const ABSORBED_MAX: usize = 50;

/// Merges one member into another. It waits for holds and transfers: what was promised under the absorbed account is
/// settled there first.
pub fn merge_members(
    absorbed: &mut AccountState,
    into: &mut AccountState,
    reason: &str,
    context: &Context<'_>,
) -> Result<PairEntries, Failure> {
    check_reason(reason)?;
    if absorbed.account_id == into.account_id {
        let remedy = "name two members: these are one already";
        return Err(Refusal::field("into", into.account_id, remedy).into());
    }
    for state in [&*absorbed, &*into] {
        require_member(state)?;
        require_no_household(state)?;
    }
    let (mut left, mut came) = settle_both(absorbed, into, context)?;
    let at = context.now;
    let waiting = absorbed.offers.iter().filter(|offer| offer.lapses_at > at);
    let (holds, transfers) = (absorbed.holds.len(), waiting.count());
    if holds + transfers > 0 {
        return Err(Refusal::MergeWaits { account_id: absorbed.account_id, holds, transfers }.into());
    }
    if into.absorbed.len() + absorbed.absorbed.len() >= ABSORBED_MAX {
        return Err(Refusal::MergesExhausted { account_id: into.account_id, most: ABSORBED_MAX }.into());
    }
    let (of_absorbed, of_into) = (next_entry(absorbed)?, next_entry(into)?);
    let merge =
        |counterpart| Merge { absorbed: of_absorbed.account_id, into: of_into.account_id, counterpart };
    let moved = Moved::all_of(absorbed, None);
    let carried = carry_all(absorbed, into, at, context);
    let fact = |merge| Fact::MembersMerged {
        merge,
        reason: reason.to_owned(),
        moved: moved.clone(),
        carried: carried.clone(),
    };
    left.extend(apply(absorbed, fact(merge(of_into)), at, context)?);
    came.extend(apply(into, fact(merge(of_absorbed)), at, context)?);
    Ok((left, came))
}

/// Sends on what an operation on a merged account left there: `before` is its state before the operation, `of` the
/// entry whose points were taken back, if any were. Nothing if nothing changed.
pub fn forward_points(
    absorbed: &mut AccountState,
    into: &mut AccountState,
    (before, of): (&AccountState, Option<EntryId>),
    context: &Context<'_>,
) -> Result<Option<PairEntries>, Failure> {
    let (mut left, mut came) = settle_both(absorbed, into, context)?;
    let at = context.now;
    let moved = Moved::all_of(absorbed, of);
    let carried = carry_change(before, absorbed, into, at, context);
    if moved.is_nothing() && carried.is_nothing() && left.is_empty() {
        return Ok(None);
    }
    let (of_absorbed, of_into) = (next_entry(absorbed)?, next_entry(into)?);
    let fact = |counterpart| Fact::PointsForwarded {
        merge: Merge { absorbed: of_absorbed.account_id, into: of_into.account_id, counterpart },
        moved: moved.clone(),
        carried: carried.clone(),
    };
    left.extend(apply(absorbed, fact(of_into), at, context)?);
    came.extend(apply(into, fact(of_absorbed), at, context)?);
    Ok(Some((left, came)))
}

/// Undoes a merge: what is left of the points that came with it goes back, and with it what counts for the absorbed
/// account now. A tier that was kept stays until its review; what was spent stays spent.
pub fn undo_merge(
    absorbed: &mut AccountState,
    into: &mut AccountState,
    reason: &str,
    context: &Context<'_>,
) -> Result<PairEntries, Failure> {
    check_reason(reason)?;
    if absorbed.merged_into != Some(into.account_id) {
        return Err(Refusal::NotMerged { account_id: absorbed.account_id }.into());
    }
    require_active(into)?;
    require_no_household(into)?;
    let (mut left, mut came) = settle_both(absorbed, into, context)?;
    let at = context.now;
    let moved = Moved { parts: left_of(into, absorbed.account_id)?, debts: Vec::new() };
    let carried = reversed(carry_all(absorbed, into, at, context));
    let (of_absorbed, of_into) = (next_entry(absorbed)?, next_entry(into)?);
    let fact = |counterpart| Fact::MergeUndone {
        merge: Merge { absorbed: of_absorbed.account_id, into: of_into.account_id, counterpart },
        reason: reason.to_owned(),
        moved: moved.clone(),
        carried: carried.clone(),
    };
    left.extend(apply(absorbed, fact(of_into), at, context)?);
    came.extend(apply(into, fact(of_absorbed), at, context)?);
    Ok((left, came))
}

/// Decides one side of a pair again, from its own state and what its entry recorded of the other.
pub(crate) fn repeat_merge(
    state: &mut AccountState,
    recorded: &Entry,
    context: &Context<'_>,
) -> Result<Entries, Failure> {
    let mut entries = Entries::new();
    let fact = match &recorded.fact {
        // The points that leave follow from the account's own lots, whatever was recorded of them.
        Fact::MembersMerged { merge, reason, moved, carried } if merge.absorbed == state.account_id => {
            advance::settle(state, context, &mut entries)?;
            let moved = Moved { debts: moved.debts.clone(), ..Moved::all_of(state, None) };
            Fact::MembersMerged { merge: *merge, reason: reason.clone(), moved, carried: carried.clone() }
        }
        Fact::MergeUndone { merge, reason, carried, .. } if merge.into == state.account_id => {
            advance::settle(state, context, &mut entries)?;
            let moved = Moved { parts: left_of(state, merge.absorbed)?, debts: Vec::new() };
            Fact::MergeUndone { merge: *merge, reason: reason.clone(), moved, carried: carried.clone() }
        }
        other => other.clone(),
    };
    entries.extend(apply(state, fact, recorded.occurred_at, context)?);
    Ok(entries)
}

fn check_reason(reason: &str) -> Result<(), Refusal> {
    if reason.trim().is_empty() || reason.len() > NOTE_LENGTH_MAX {
        let remedy = format!("say why in 1 to {NOTE_LENGTH_MAX} bytes");
        return Err(Refusal::field("reason", reason, remedy));
    }
    Ok(())
}

/// One side of a pair: the entry of an account, decided from its state and the fact alone.
fn apply(
    state: &mut AccountState,
    fact: Fact,
    at: Timestamp,
    context: &Context<'_>,
) -> Result<Entries, Failure> {
    let mut entries = Entries::new();
    let context = advance::settle(state, context, &mut entries)?;
    let version = context.programmes.version_at(at);
    let mut booking = Booking::open(state, at, context.now, version, context.actor)?;
    match &fact {
        Fact::MembersMerged { merge, moved, .. } if merge.absorbed == booking.state.account_id => {
            booking.send_all(moved)?;
            close(&mut booking, merge.into);
            // None waits any more: a merge would have waited for it.
            booking.state.offers.clear();
        }
        Fact::MembersMerged { merge, moved, carried, .. }
        | Fact::PointsForwarded { merge, moved, carried }
            if merge.into == booking.state.account_id =>
        {
            booking.receive_all(moved)?;
            carried.count_in(booking.state);
            let entry_no = booking.entry_no();
            Absorbed::note(&mut booking.state.absorbed, merge.absorbed, entry_no);
            booking.state.absorbed.extend(carried.absorbed.iter().copied().map(Absorbed::through));
            if let Some(programme) = context.programmes.at(at) {
                tiers::upgrade(&mut booking, programme, at);
                tiers::take_over(&mut booking, programme, &carried.tiers, at);
            }
        }
        Fact::PointsForwarded { moved, .. } => booking.send_all(moved)?,
        Fact::MergeUndone { merge, moved, carried, .. } if merge.into == booking.state.account_id => {
            booking.send_all(moved)?;
            carried.count_in(booking.state);
            let gone = |id: AccountId| id == merge.absorbed || carried.absorbed.contains(&id);
            booking.state.absorbed.retain(|one| !gone(one.account_id));
        }
        Fact::MergeUndone { moved, .. } => {
            booking.receive_all(moved)?;
            booking.state.status = AccountStatus::Active;
            booking.state.merged_into = None;
            for standing in &booking.state.tiers {
                let (ladder, to) = (standing.ladder, standing.tier);
                let reason = TierChangeReason::Rejoined;
                booking.tier_changes.push(TierChange { ladder, from: None, to, reason });
            }
            if let Some(programme) = context.programmes.at(at) {
                tiers::review_anew(booking.state, programme, at);
            }
        }
        _ => return Ok(Entries::new()),
    }
    let standing = tiers::standing(booking.state, context.programmes, at);
    entries.push(booking.close(fact, standing));
    advance::schedule(state, context.programmes);
    Ok(entries)
}

/// An account that was given up takes part no more; its tiers are not reviewed.
fn close(booking: &mut Booking<'_>, into: AccountId) {
    booking.state.status = AccountStatus::Closed;
    booking.state.merged_into = Some(into);
    for standing in &mut booking.state.tiers {
        standing.review_at = None;
        let (ladder, to) = (standing.ladder, standing.tier);
        booking.tier_changes.push(TierChange { ladder, from: Some(to), to, reason: TierChangeReason::Left });
    }
}

/// What is left of the lots that came from an account. Those of which a hold keeps points cannot go back.
fn left_of(into: &AccountState, absorbed: AccountId) -> Result<Vec<MovedLot>, Refusal> {
    let came = into.absorbed.iter().find(|one| one.account_id == absorbed);
    let entry_nos = came.map_or(&[][..], |one| &one.entry_nos);
    let mut lots: Vec<&Lot> = into.lots.iter().filter(|lot| entry_nos.contains(&lot.entry_no)).collect();
    let account_id = into.account_id;
    if lots.iter().any(|lot| lot.held > 0) {
        return Err(Refusal::MergeWaits { account_id, holds: into.holds.len(), transfers: 0 });
    }
    lots.retain(|lot| lot.remaining > 0);
    lots.sort_unstable_by_key(|lot| lot.spending_order());
    Ok(lots.into_iter().map(|lot| MovedLot::of(lot, account_id, lot.remaining)).collect())
}

/// All that counts for an account, as changes of the one that gets it.
fn carry_all(from: &AccountState, to: &AccountState, at: Timestamp, context: &Context<'_>) -> Carried {
    let all = |counters: &[Counter]| counters.iter().map(|counter| Counted::since(counter, None)).collect();
    let tier = |standing: &crate::ledger::TierStanding| CarriedTier {
        ladder: standing.ladder,
        tier: standing.tier,
        review_at: standing.review_at,
    };
    Carried {
        qualifying: in_periods(from.qualifying.clone(), (from, to), at, context),
        counters: all(&from.counters),
        reward_counters: all(&from.reward_counters),
        purchase_count: i64::from(from.purchase_count),
        spend: from.spend,
        last_purchase_at: from.last_purchase_at,
        last_activity_at: Some(from.last_activity_at),
        purchase_days: from.purchase_days.clone(),
        tiers: from.tiers.iter().map(tier).collect(),
        absorbed: from.absorbed.iter().map(|one| one.account_id).collect(),
    }
}

/// The same to be taken back: days with a purchase and latest dates stay.
fn reversed(carried: Carried) -> Carried {
    let back = |counters: Vec<Counted>| counters.into_iter().map(Counted::reversed).collect();
    let negative =
        |amount: QualifyingAmount| QualifyingAmount { amount: amount.amount.saturating_neg(), ..amount };
    Carried {
        qualifying: carried.qualifying.into_iter().map(negative).collect(),
        counters: back(carried.counters),
        reward_counters: back(carried.reward_counters),
        purchase_count: carried.purchase_count.saturating_neg(),
        spend: carried.spend.saturating_neg(),
        absorbed: carried.absorbed,
        ..Carried::default()
    }
}

/// What an operation on a merged account changed of what counts. What it forgot as too old is no change.
fn carry_change(
    before: &AccountState,
    now: &AccountState,
    to: &AccountState,
    at: Timestamp,
    context: &Context<'_>,
) -> Carried {
    let amounts = now.qualifying.iter().map(|amount| {
        let same = |old: &&QualifyingAmount| old.ladder == amount.ladder && old.bucket == amount.bucket;
        let old = before.qualifying.iter().find(same).map_or(0, |old| old.amount);
        QualifyingAmount { amount: amount.amount.saturating_sub(old), ..amount.clone() }
    });
    let changed = |counters: &[Counter], before: &[Counter]| -> Vec<Counted> {
        let since = |counter: &Counter| {
            let same = |old: &&Counter| {
                old.rule == counter.rule && old.period == counter.period && old.bucket == counter.bucket
            };
            Counted::since(counter, before.iter().find(same))
        };
        counters.iter().map(since).filter(|change| change.times != 0 || change.points != 0).collect()
    };
    let active = now.last_activity_at;
    Carried {
        qualifying: in_periods(amounts.collect(), (now, to), at, context),
        counters: changed(&now.counters, &before.counters),
        reward_counters: changed(&now.reward_counters, &before.reward_counters),
        spend: now.spend.saturating_sub(before.spend),
        last_activity_at: Some(active).filter(|active| *active != before.last_activity_at),
        ..Carried::default()
    }
}

fn in_periods(
    amounts: Vec<QualifyingAmount>,
    accounts: (&AccountState, &AccountState),
    at: Timestamp,
    context: &Context<'_>,
) -> Vec<QualifyingAmount> {
    let Some(programme) = context.programmes.at(at) else { return amounts };
    let on = calendar::local(at, programme.zone()).date();
    tiers::in_periods_of(amounts, accounts, programme, on)
}

impl Absorbed {
    /// An account that had been merged into an absorbed one before.
    fn through(account_id: AccountId) -> Self {
        Self { account_id, entry_nos: Vec::new() }
    }

    /// Notes an entry by which points came from an account.
    fn note(absorbed: &mut Vec<Self>, account_id: AccountId, entry_no: u32) {
        match absorbed.iter_mut().find(|one| one.account_id == account_id) {
            Some(one) => one.entry_nos.push(entry_no),
            None => absorbed.push(Self { account_id, entry_nos: vec![entry_no] }),
        }
    }
}
