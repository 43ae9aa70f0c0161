//! Paying stored value back: only money that was paid in, from the oldest top-up on, and never its bonus. What is left of
//! the bonus of these top-ups goes back to the house in the same proportion: it was given for money that stays.

use crate::code::Code;
use crate::ledger::{AccountState, Booking, Fact, LedgerAccount, Lot, OutOfRange};
use crate::operation::check_burn::check_points;
use crate::operation::check_document::{check_key, check_name};
use crate::operation::hold_points::check_available;
use crate::operation::pay_with_stored_value::stored_value_unit;
use crate::operation::refund_points::share;
use crate::operation::top_up::check_currency;
use crate::operation::{Context, Entries, Failure, advance, require_active, tiers};
use crate::refusal::Refusal;
use crate::seeded::{Bug, planted};
use crate::stored_value::{BonusTaken, StoredValueRefund};

/// Checks a refund of stored value against the bounds.
pub fn check_stored_value_refund(refund: &StoredValueRefund) -> Result<(), Refusal> {
    check_key("", &refund.key)?;
    check_points("amount", refund.amount)?;
    check_name("method", &refund.method)
}

/// Pays money back. Returns the entries that were due first, then the refund's own.
pub fn refund_stored_value(
    state: &mut AccountState,
    refund: StoredValueRefund,
    context: &Context<'_>,
) -> Result<Entries, Failure> {
    check_stored_value_refund(&refund)?;
    require_active(state)?;
    if !state.lots_loaded {
        return Err(Failure::LotsNeeded);
    }
    let mut entries = Vec::new();
    let context = &advance::settle(state, context, &mut entries)?;
    let programme = context.programme_for(refund.occurred_at)?;
    check_currency(refund.currency, programme)?;
    let unit = stored_value_unit(programme, refund.unit)?.code;
    check_available(state, unit, refund.amount)?;

    let version = programme.version();
    let mut booking = Booking::open(state, refund.occurred_at, context.now, version, context.actor)?;
    let first = booking.postings().len();
    booking.take_spendable(unit, refund.amount, LedgerAccount::PaidIn, None)?;
    let paid: Vec<(u32, i64)> =
        booking.postings()[first..].iter().map(|posting| (posting.lot_no, posting.amount)).collect();
    let mut bonus = Vec::new();
    for (lot_no, part) in paid {
        take_bonus(&mut booking, lot_no, part, context, &mut bonus)?;
    }
    let standing = tiers::standing(booking.state, context.programmes, refund.occurred_at);
    entries.push(booking.close(Fact::StoredValueRefunded { refund, unit, bonus }, standing));
    advance::schedule(state, context.programmes);
    Ok(entries)
}

/// Takes what is left of the bonus of a top-up, as much of it as `part` is of what was left of its money.
fn take_bonus(
    booking: &mut Booking<'_>,
    lot_no: u32,
    part: i64,
    context: &Context<'_>,
    taken: &mut Vec<BonusTaken>,
) -> Result<(), Failure> {
    if planted(Bug::BonusKeptOnRefund) {
        return Ok(());
    }
    let account_id = booking.state.account_id;
    let money = booking.state.lots.iter().find(|lot| lot.lot_no == lot_no).ok_or(OutOfRange)?;
    let (unit, origin) = (money.unit, money.issued_by(account_id));
    let before = money.remaining.checked_add(part).ok_or(OutOfRange)?;
    let ended = |lot: &Lot| lot.expires_at.is_some_and(|end| end <= context.now);
    let lots = booking.state.lots.iter().filter(|lot| {
        lot.unit != unit && lot.issued_by(account_id) == origin && lot.remaining > 0 && !ended(lot)
    });
    let lots: Vec<Lot> = lots.cloned().collect();
    for lot in lots {
        let points = share(lot.remaining, part, before);
        let from = match lot.pending_until {
            Some(_) => LedgerAccount::MemberPending,
            None => LedgerAccount::MemberAvailable,
        };
        booking.post((from, LedgerAccount::Issuer), points, lot.lot_no, lot.unit, lot.funder, None)?;
        note(taken, lot.unit, points);
    }
    Ok(())
}

fn note(taken: &mut Vec<BonusTaken>, unit: Code, points: i64) {
    match taken.iter_mut().find(|taken| taken.unit == unit) {
        Some(before) => before.points = before.points.saturating_add(points),
        None if points > 0 => taken.push(BonusTaken { unit, points }),
        None => {}
    }
}
