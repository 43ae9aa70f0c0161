//! Cancelling a redemption: a reward not handed out yet, or points captured from a hold. The points go back to the lots
//! they came from, the reward to the stock, and the member may have it again.

use crate::burn::Cancellation;
use crate::calendar;
use crate::ledger::{AccountState, Booking, Entry, Fact, RedemptionState, ReturnProgress};
use crate::operation::redeem_reward::uncount;
use crate::operation::refund_points::{Window, give_back};
use crate::operation::tiers;
use crate::operation::{
    BudgetLedger, Context, Entries, Failure, advance, check_cancellation, require_active_or_merged,
};
use crate::refusal::Refusal;
use crate::seeded::{Bug, planted};

/// Takes back the redemption in `redemption`, which stands at `stands` and of which `progress` has come back; brings
/// `progress` up to date. Needs the account's open lots and those the redemption took from.
pub fn cancel_redemption(
    state: &mut AccountState,
    redemption: &Entry,
    stands: RedemptionState,
    progress: &mut ReturnProgress,
    cancellation: Cancellation,
    context: &Context<'_>,
    budgets: &mut BudgetLedger,
) -> Result<Entries, Failure> {
    check_cancellation(&cancellation)?;
    require_active_or_merged(state)?;
    if !state.lots_loaded {
        return Err(Failure::LotsNeeded);
    }
    let (unit, points, reward) = match &redemption.fact {
        Fact::RewardRedeemed { order, unit, points, .. } => {
            (*unit, *points, Some((order.reward, order.quantity)))
        }
        Fact::HoldCaptured { unit, points, .. } => (*unit, *points, None),
        _ => return Err(not_a_redemption(&cancellation.redemption, "cancelled").into()),
    };
    let cancelled = !progress.points_back.is_empty() && !planted(Bug::CancelledTwice);
    let stands = if cancelled { RedemptionState::Cancelled } else { stands };
    check_requested(&cancellation.redemption, stands)?;
    let mut entries = Vec::new();
    let context = &advance::settle(state, context, &mut entries)?;
    let occurred_at = cancellation.occurred_at;
    let programme = context.programme_for_return(occurred_at, redemption)?;
    let spent_under = context.programmes.version(redemption.programme_version);
    let terms = spent_under.and_then(|spent| Some((spent.as_ref(), spent.programme().redemption(unit)?)));

    let mut booking = Booking::open(state, occurred_at, context.now, programme.version(), context.actor)?;
    booking.corrects(redemption.id.entry_no);
    let window = Window { first: 0, points, back: 0, target: points };
    let refund = give_back(&mut booking, redemption, unit, &window, terms, context)?;
    progress.points_back = vec![points];
    if let Some((reward, quantity)) = reward {
        let offered = spent_under.and_then(|spent_under| spent_under.programme().reward(reward));
        if offered.is_some_and(|offered| offered.stock.is_some()) && !planted(Bug::StockNotPutBack) {
            budgets.take_units(reward, -i64::from(quantity));
        }
        if let Some(spent_under) = spent_under {
            let on = calendar::local(redemption.occurred_at, spent_under.zone()).date();
            uncount(booking.state, reward, on, quantity);
        }
    }
    booking.state.last_activity_at = booking.state.last_activity_at.max(occurred_at);
    let standing = tiers::standing(booking.state, context.programmes, occurred_at);
    let redemption_no = redemption.id.entry_no;
    let fact = Fact::RedemptionCancelled { cancellation, redemption_no, reward, refund };
    entries.push(booking.close(fact, standing));
    advance::schedule(state, context.programmes);
    Ok(entries)
}

pub(super) fn not_a_redemption(key: &crate::document::DocumentKey, what: &str) -> Refusal {
    let (source_name, reference) = (key.source.clone(), key.reference.clone());
    Refusal::NotARedemption { source_name, reference, what: what.to_owned() }
}

/// Refuses a redemption that was fulfilled or cancelled.
pub(super) fn check_requested(
    key: &crate::document::DocumentKey,
    stands: RedemptionState,
) -> Result<(), Refusal> {
    if stands == RedemptionState::Requested {
        return Ok(());
    }
    let (source_name, reference) = (key.source.clone(), key.reference.clone());
    Err(Refusal::RedemptionEnded { source_name, reference, how: stands.name().to_owned() })
}
