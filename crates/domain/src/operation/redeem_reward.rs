//! Redeeming a reward: the catalogue of the day says who may have it, how often, how many are left and at which
//! price; the points are spent at once, the reward is then handed out or cancelled.

use jiff::civil::Date;

use crate::burn::RewardOrder;
use crate::calendar;
use crate::code::Code;
use crate::ledger::{AccountState, Booking, CapPeriod, Counter, Fact, LedgerAccount, OutOfRange};
use crate::operation::hold_points::{check_available, check_quote};
use crate::operation::join_household::check_spender;
use crate::operation::record_purchase::forget;
use crate::operation::{
    BudgetLedger, Context, Entries, Failure, Person, advance, check_reward_order, circumstances,
    require_active, tiers,
};
use crate::programme::Reward;
use crate::refusal::Refusal;
use crate::seeded::{Bug, planted};

/// Spends points on a reward. Returns the entries that were due first, then the redemption's own.
pub fn redeem_reward(
    state: &mut AccountState,
    person: &Person,
    order: RewardOrder,
    context: &Context<'_>,
    budgets: &mut BudgetLedger,
) -> Result<Entries, Failure> {
    check_reward_order(&order)?;
    require_active(state)?;
    check_spender(state, order.spender)?;
    if !state.lots_loaded {
        return Err(Failure::LotsNeeded);
    }
    let mut entries = Vec::new();
    let context = &advance::settle(state, context, &mut entries)?;
    let occurred_at = order.occurred_at;
    let programme = context.programme_for(occurred_at)?;
    check_quote(order.programme_version, programme)?;
    let unknown = Refusal::RewardUnknown { reward: order.reward };
    let reward = programme.programme().reward(order.reward).ok_or(unknown)?;

    let on = calendar::local(occurred_at, programme.zone()).date();
    let facts = circumstances(state, person, occurred_at, on);
    reward.check_offer(on, &facts)?;
    check_limits(state, reward, on, order.quantity)?;
    let left = budgets.units_left(reward.code);
    if reward.stock.is_some() && i64::from(order.quantity) > left {
        return Err(Refusal::RewardOutOfStock { reward: reward.code, asked: order.quantity, left }.into());
    }
    let (points, money) = reward.price_for(&facts.tiers, programme.programme().decimals());
    let points = points.checked_mul(i64::from(order.quantity)).ok_or(OutOfRange)?;
    let money = money.checked_mul(i64::from(order.quantity)).ok_or(OutOfRange)?;
    check_available(state, reward.unit, points)?;

    let mut booking = Booking::open(state, occurred_at, context.now, programme.version(), context.actor)?;
    booking.take_spendable(reward.unit, points, LedgerAccount::Redeemed, None)?;
    count(booking.state, reward, on, order.quantity);
    // Units count while the version that decides has a stock.
    if reward.stock.is_some() {
        budgets.take_units(reward.code, i64::from(order.quantity));
    }
    forget(booking.state, context, programme);
    let standing = tiers::standing(booking.state, context.programmes, occurred_at);
    let fact = Fact::RewardRedeemed { order, circumstances: facts, unit: reward.unit, points, money };
    entries.push(booking.close(fact, standing));
    advance::schedule(state, context.programmes);
    Ok(entries)
}

/// A reward as one member finds it in the catalogue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// The reward.
    pub reward: Reward,
    /// Points that one of it costs this member.
    pub points: i64,
    /// Money besides, in minor units.
    pub money: i64,
    /// How many are left for anybody; none where there is no end.
    pub in_stock: Option<i64>,
    /// Why the member cannot have one now; none if they can.
    pub refusal: Option<Refusal>,
}

/// The catalogue of an instant as a member finds it; without a member, as anybody does.
pub fn offers(
    member: Option<(&AccountState, &Person)>,
    context: &Context<'_>,
    budgets: &BudgetLedger,
) -> Vec<Offer> {
    let Some(programme) = context.programmes.at(context.now) else { return Vec::new() };
    let on = calendar::local(context.now, programme.zone()).date();
    let facts = member.map(|(state, person)| circumstances(state, person, context.now, on));
    let offer = |reward: &Reward| {
        let in_stock = reward.stock.map(|_| budgets.units_left(reward.code));
        let tiers = facts.as_ref().map_or(&[][..], |facts| &facts.tiers);
        let (points, money) = reward.price_for(tiers, programme.programme().decimals());
        let check = || {
            match (member, &facts) {
                (Some((state, _)), Some(facts)) => {
                    reward.check_offer(on, facts)?;
                    check_limits(state, reward, on, 1)?;
                    check_available(state, reward.unit, points)?;
                }
                _ => reward.check_days(on)?,
            }
            match in_stock {
                Some(left) if left < 1 => {
                    Err(Refusal::RewardOutOfStock { reward: reward.code, asked: 1, left })
                }
                _ => Ok(()),
            }
        };
        Offer { reward: reward.clone(), points, money, in_stock, refusal: check().err() }
    };
    programme.programme().rewards.iter().map(offer).collect()
}

fn bucket(period: CapPeriod, on: Date) -> i32 {
    match period {
        CapPeriod::Day => calendar::day_number(on),
        CapPeriod::Month => calendar::month_number(on),
        CapPeriod::Lifetime => 0,
    }
}

fn check_limits(state: &AccountState, reward: &Reward, on: Date, asked: u32) -> Result<(), Refusal> {
    for limit in &reward.limits {
        let had = state.redeemed_times(reward.code, limit.per, bucket(limit.per, on));
        let left = limit.times.saturating_sub(had);
        if asked > left && !planted(Bug::RewardLimitIgnored) {
            let period = match limit.per {
                CapPeriod::Day => "day",
                CapPeriod::Month => "month",
                CapPeriod::Lifetime => "lifetime",
            };
            let (reward, period) = (reward.code, period.to_owned());
            return Err(Refusal::RewardLimitReached { reward, asked, left, period });
        }
    }
    Ok(())
}

fn count(state: &mut AccountState, reward: &Reward, on: Date, times: u32) {
    for limit in &reward.limits {
        let (period, bucket) = (limit.per, bucket(limit.per, on));
        let same = |counter: &Counter| {
            counter.rule == reward.code && counter.period == period && counter.bucket == bucket
        };
        match state.reward_counters.iter_mut().find(|counter| same(counter)) {
            Some(counter) => counter.times = counter.times.saturating_add(times),
            None => {
                state.reward_counters.push(Counter { rule: reward.code, period, bucket, times, points: 0 });
            }
        }
    }
}

/// Takes a cancelled redemption out of the counts of its day, month and lifetime.
pub(super) fn uncount(state: &mut AccountState, reward: Code, on: Date, times: u32) {
    for counter in &mut state.reward_counters {
        if counter.rule == reward && counter.bucket == bucket(counter.period, on) {
            counter.times = counter.times.saturating_sub(times);
        }
    }
    state.reward_counters.retain(|counter| counter.times > 0);
}
