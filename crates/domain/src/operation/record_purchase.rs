//! Recording a purchase: points that pay are taken, the rules of its business time decide, points earned are booked
//! into lots, tiers move up.

use jiff::Timestamp;
use jiff::civil::Date;

use crate::calendar;
use crate::document::Purchase;
use crate::ledger::{
    AccountState, Award, Booking, CapPeriod, Counter, Fact, LedgerAccount, LotTerms, OutOfRange,
};
use crate::operation::pay_with_points::{holds_named, plan, take};
use crate::operation::{
    BudgetLedger, Context, Entries, Failure, Person, advance, check_purchase, circumstances, require_member,
    tiers,
};
use crate::programme::CompiledProgramme;
use crate::refusal::Refusal;
use crate::seeded::{Bug, planted};

/// Records a purchase of the account's member. Returns the entries that were due first, then the purchase's own.
pub fn record_purchase(
    state: &mut AccountState,
    person: &Person,
    purchase: Purchase,
    context: &Context<'_>,
    budgets: &mut BudgetLedger,
) -> Result<Entries, Failure> {
    check_purchase(&purchase)?;
    require_member(state)?;
    if purchase.pays_from_balances() && !state.lots_loaded {
        return Err(Failure::LotsNeeded);
    }
    let holds = holds_named(state, &purchase);
    let mut entries = Vec::new();
    let context = &advance::settle(state, context, &mut entries)?;
    let occurred_at = purchase.occurred_at;
    let programme = context.programme_for(occurred_at)?;
    let expected = programme.programme().currency;
    if purchase.currency != expected {
        return Err(Refusal::CurrencyDiffers { found: purchase.currency, expected }.into());
    }
    let mut spent = plan(state, &purchase, programme, context, &holds)?;

    let local = calendar::local(occurred_at, programme.zone());
    let mut facts = circumstances(state, person, occurred_at, local.date());
    facts.purchase_no = state.purchase_count.saturating_add(1);
    let evaluation = programme.evaluate_purchase(&purchase, &facts, local, context.now, state, budgets);

    let mut booking = Booking::open(state, occurred_at, context.now, programme.version(), context.actor)?;
    // Paid before anything is earned: a purchase cannot pay itself.
    take(&mut booking, &mut spent, context)?;
    book_awards(&mut booking, &evaluation.awards, local.date(), context.now)?;
    count_awards(booking.state, programme, &evaluation.awards, local.date());
    budgets.spend(&evaluation.awards);
    tiers::count_purchase(booking.state, programme, &purchase, local.date());
    count_purchase(booking.state, &purchase, local.date())?;
    forget(booking.state, context, programme);
    tiers::count_units(booking.state, programme, &evaluation.awards, local.date());
    tiers::upgrade(&mut booking, programme, occurred_at);
    let standing = tiers::standing(booking.state, context.programmes, occurred_at);
    let fact = Fact::PurchaseRecorded {
        purchase,
        circumstances: facts,
        awards: evaluation.awards,
        outcomes: evaluation.outcomes,
        spent,
    };
    entries.push(booking.close(fact, standing));
    advance::schedule(state, context.programmes);
    Ok(entries)
}

/// Books awards into lots: one posting for each rule and funder, one lot for each funder, release and expiry.
pub(super) fn book_awards(
    booking: &mut Booking<'_>,
    awards: &[Award],
    earned_on: Date,
    now: Timestamp,
) -> Result<(), OutOfRange> {
    let cohort = calendar::month_number(earned_on);
    for award in awards {
        let pending_until = award.pending_until.filter(|until| *until > now);
        let to = match pending_until {
            Some(_) => LedgerAccount::MemberPending,
            None => LedgerAccount::MemberAvailable,
        };
        for (funder, points) in award.funding.iter().copied().filter(|(_, points)| *points > 0) {
            let terms =
                LotTerms { unit: award.unit, funder, cohort, pending_until, expires_at: award.expires_at };
            let lot_no = booking.lot(&terms)?;
            booking.post(
                (LedgerAccount::Issuer, to),
                points,
                lot_no,
                award.unit,
                funder,
                Some(award.rule),
            )?;
        }
        booking.repay_debt(award.unit)?;
    }
    Ok(())
}

/// Counts what capped rules granted, for the caps they have.
pub(super) fn count_awards(
    state: &mut AccountState,
    programme: &CompiledProgramme,
    awards: &[Award],
    on: Date,
) {
    for award in awards {
        let Some(rule) = programme.rule(award.rule) else { continue };
        for period in rule.counted_periods() {
            let bucket = match period {
                CapPeriod::Day => calendar::day_number(on),
                CapPeriod::Month => calendar::month_number(on) + i32::from(planted(Bug::MonthOff)),
                CapPeriod::Lifetime => 0,
            };
            count(state, award, period, bucket);
        }
    }
}

fn count(state: &mut AccountState, award: &Award, period: CapPeriod, bucket: i32) {
    let same = |counter: &Counter| {
        counter.rule == award.rule && counter.period == period && counter.bucket == bucket
    };
    let position = state.counters.iter().position(same).unwrap_or_else(|| {
        state.counters.push(Counter { rule: award.rule, period, bucket, times: 0, points: 0 });
        state.counters.len() - 1
    });
    let counter = &mut state.counters[position];
    counter.times = counter.times.saturating_add(1);
    counter.points = counter.points.saturating_add(award.points);
}

/// Counts the purchase itself.
fn count_purchase(state: &mut AccountState, purchase: &Purchase, on: Date) -> Result<(), Failure> {
    let too_large = || Refusal::AmountTooLarge { field: "lines".to_owned() };
    let total = purchase.total().ok_or_else(too_large)?;
    state.purchase_count = state.purchase_count.saturating_add(1);
    state.spend = state.spend.checked_add(total).ok_or_else(too_large)?;
    state.last_purchase_at = state.last_purchase_at.max(Some(purchase.occurred_at));
    state.last_activity_at = state.last_activity_at.max(purchase.occurred_at);
    let today = calendar::day_number(on);
    if let Err(position) = state.purchase_days.binary_search(&today) {
        state.purchase_days.insert(position, today);
    }
    Ok(())
}

/// Forgets days, months and tiers that late documents can no longer reach, under whichever version they fall.
pub(super) fn forget(state: &mut AccountState, context: &Context<'_>, programme: &CompiledProgramme) {
    let lateness_days =
        i32::try_from(context.programmes.lateness_days_at(context.now)).unwrap_or(i32::MAX).saturating_add(1);
    let today = calendar::local(context.now, programme.zone()).date();
    // Days of the oldest month that a late document may still fall into.
    let oldest_day = calendar::day_number(today).saturating_sub(lateness_days);
    let oldest_month_day = oldest_day.saturating_sub(calendar::MONTH_DAYS_MAX);
    state.purchase_days.retain(|day| *day >= oldest_month_day);
    let oldest_month =
        calendar::month_number(today).saturating_sub(lateness_days / calendar::MONTH_DAYS_MIN + 1);
    let reachable = |counter: &Counter| match counter.period {
        CapPeriod::Day => counter.bucket >= oldest_day,
        CapPeriod::Month => counter.bucket >= oldest_month,
        CapPeriod::Lifetime => true,
    };
    state.counters.retain(reachable);
    state.reward_counters.retain(reachable);
    let oldest_seconds =
        context.now.as_second().saturating_sub(i64::from(lateness_days) * calendar::DAY_SECONDS);
    if let Ok(oldest) = Timestamp::from_second(oldest_seconds) {
        tiers::forget_before(state, oldest);
    }
}
