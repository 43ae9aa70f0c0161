//! Topping up: money that a member pays in becomes stored value, and its bonus a lot of its own. The law limits how much
//! a member may have who is not known well enough.

use jiff::Timestamp;

use crate::calendar;
use crate::code::Code;
use crate::ledger::{AccountState, Booking, Fact, LedgerAccount, LotTerms};
use crate::money::Currency;
use crate::operation::check_burn::check_points;
use crate::operation::check_document::{check_key, check_name};
use crate::operation::pay_with_stored_value::stored_value_unit;
use crate::operation::{Context, Entries, Failure, OWN_FUNDER, advance, require_member, tiers};
use crate::programme::{CompiledProgramme, Unit};
use crate::refusal::Refusal;
use crate::seeded::{Bug, planted};
use crate::stored_value::{BonusGiven, TopUp};

/// Who bears money that was paid in: the member did.
const MEMBER_FUNDER: Code = Code::constant("member");

/// Checks a top-up against the bounds.
pub fn check_top_up(top_up: &TopUp) -> Result<(), Refusal> {
    check_key("", &top_up.key)?;
    check_points("amount", top_up.amount)?;
    check_name("method", &top_up.method)
}

/// Pays money in. Returns the entries that were due first, then the top-up's own.
pub fn top_up(state: &mut AccountState, top_up: TopUp, context: &Context<'_>) -> Result<Entries, Failure> {
    check_top_up(&top_up)?;
    require_member(state)?;
    let mut entries = Vec::new();
    let context = &advance::settle(state, context, &mut entries)?;
    let programme = context.programme_for(top_up.occurred_at)?;
    check_currency(top_up.currency, programme)?;
    let unit = stored_value_unit(programme, top_up.unit)?;
    check_law(state, &top_up, unit, programme)?;

    let version = programme.version();
    let mut booking = Booking::open(state, top_up.occurred_at, context.now, version, context.actor)?;
    pay_in(&mut booking, &top_up, unit.code, programme, context.now)?;
    let bonus = give_bonus(&mut booking, &top_up, unit, programme, context.now)?;
    let standing = tiers::standing(booking.state, context.programmes, top_up.occurred_at);
    entries.push(booking.close(Fact::ToppedUp { top_up, unit: unit.code, bonus }, standing));
    advance::schedule(state, context.programmes);
    Ok(entries)
}

pub(super) fn check_currency(found: Currency, programme: &CompiledProgramme) -> Result<(), Refusal> {
    let expected = programme.programme().currency;
    if found == expected { Ok(()) } else { Err(Refusal::CurrencyDiffers { found, expected }) }
}

/// What the law of the programme's profile says of this much from somebody known so well. Held money counts: it is still
/// the member's.
fn check_law(
    state: &AccountState,
    top_up: &TopUp,
    unit: &Unit,
    programme: &CompiledProgramme,
) -> Result<(), Refusal> {
    let (before, amount, holder) = (state.balance(unit.code), top_up.amount, top_up.holder);
    let has = before.available.saturating_add(before.held);
    let balance = has.saturating_add(amount);
    if let Some(limit) = programme.programme().stored_value_max(holder).filter(|limit| balance > *limit) {
        let (unit, holder, room) = (unit.code, holder.name().to_owned(), limit.saturating_sub(has).max(0));
        return Err(Refusal::StoredValueLimit { unit, amount, balance, holder, limit, room });
    }
    let total = before.earned.saturating_add(amount);
    match programme.programme().real_name_from() {
        Some(limit) if total >= limit && holder != crate::stored_value::Holder::RealName => {
            Err(Refusal::RealNameNeeded { total, limit })
        }
        _ => Ok(()),
    }
}

fn pay_in(
    booking: &mut Booking<'_>,
    top_up: &TopUp,
    unit: Code,
    programme: &CompiledProgramme,
    now: Timestamp,
) -> Result<(), Failure> {
    let on = calendar::local(top_up.occurred_at, programme.zone()).date();
    let expires_at = programme.unit(unit).and_then(|found| programme.lapses_at(found, on, now));
    let (funder, cohort) = (MEMBER_FUNDER, calendar::month_number(on));
    let lot_no = booking.lot(&LotTerms { unit, funder, cohort, pending_until: None, expires_at })?;
    let accounts = (LedgerAccount::PaidIn, LedgerAccount::MemberAvailable);
    Ok(booking.post(accounts, top_up.amount, lot_no, unit, funder, None)?)
}

fn give_bonus(
    booking: &mut Booking<'_>,
    top_up: &TopUp,
    unit: &Unit,
    programme: &CompiledProgramme,
    now: Timestamp,
) -> Result<Option<BonusGiven>, Failure> {
    let Some(terms) = &unit.top_up_bonus else { return Ok(None) };
    let mut points = terms.points(top_up.amount, programme.programme().decimals());
    if planted(Bug::LowestBonusStep) && points > 0 {
        points = terms.steps.first().map_or(0, |step| step.points);
    }
    let Some(bonus_unit) = programme.unit(terms.unit).filter(|_| points > 0) else { return Ok(None) };
    let local = calendar::local(top_up.occurred_at, programme.zone());
    let pending_until = bonus_unit.release_at(local).filter(|until| *until > now);
    let expires_at = programme.lapses_at(bonus_unit, local.date(), now);
    let (unit, funder, cohort) = (terms.unit, OWN_FUNDER, calendar::month_number(local.date()));
    let lot_no = booking.lot(&LotTerms { unit, funder, cohort, pending_until, expires_at })?;
    let to = match pending_until {
        Some(_) => LedgerAccount::MemberPending,
        None => LedgerAccount::MemberAvailable,
    };
    booking.post((LedgerAccount::Issuer, to), points, lot_no, unit, funder, None)?;
    booking.repay_debt(unit)?;
    Ok(Some(BonusGiven { unit, points, pending_until, expires_at }))
}
