//! Recording an activity: what a member did besides buying, judged by the rules for its kind.

use crate::calendar;
use crate::document::Activity;
use crate::ledger::{AccountState, Booking, Fact};
use crate::operation::record_purchase::{book_awards, count_awards};
use crate::operation::{
    BudgetLedger, Context, Entries, Failure, Person, advance, check_activity, circumstances, require_member,
    tiers,
};

/// Records an activity of the account's member. Returns the entries that were due first, then the activity's own.
pub fn record_activity(
    state: &mut AccountState,
    person: &Person,
    activity: Activity,
    context: &Context<'_>,
    budgets: &mut BudgetLedger,
) -> Result<Entries, Failure> {
    check_activity(&activity)?;
    require_member(state)?;
    let mut entries = Vec::new();
    let context = &advance::settle(state, context, &mut entries)?;
    let occurred_at = activity.occurred_at;
    let programme = context.programme_for(occurred_at)?;

    let local = calendar::local(occurred_at, programme.zone());
    let facts = circumstances(state, person, occurred_at, local.date());
    let evaluation = programme.evaluate_activity(&activity, &facts, local, context.now, state, budgets);
    let mut booking = Booking::open(state, occurred_at, context.now, programme.version(), context.actor)?;
    book_awards(&mut booking, &evaluation.awards, local.date(), context.now)?;
    count_awards(booking.state, programme, &evaluation.awards, local.date());
    budgets.spend(&evaluation.awards);
    booking.state.last_activity_at = booking.state.last_activity_at.max(occurred_at);
    tiers::count_units(booking.state, programme, &evaluation.awards, local.date());
    tiers::upgrade(&mut booking, programme, occurred_at);
    let standing = tiers::standing(booking.state, context.programmes, occurred_at);
    let fact = Fact::ActivityRecorded {
        activity,
        circumstances: facts,
        awards: evaluation.awards,
        outcomes: evaluation.outcomes,
    };
    entries.push(booking.close(fact, standing));
    advance::schedule(state, context.programmes);
    Ok(entries)
}
