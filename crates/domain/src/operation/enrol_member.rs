//! Enrolment: an account begins with its first entry, the lowest tier of each ladder and any welcome award.

use jiff::Timestamp;
use jiff::civil::Date;

use crate::calendar;
use crate::ids::AccountId;
use crate::ledger::{AccountState, Booking, Entry, Fact, Standing};
use crate::operation::record_purchase::{book_awards, count_awards};
use crate::operation::{BudgetLedger, Context, Entries, Failure, Person, advance, circumstances, tiers};

/// Opens an account. `enrolled_at` is the business time of joining.
pub fn enrol_member(
    account_id: AccountId,
    enrolled_at: Timestamp,
    person: &Person,
    context: &Context<'_>,
    budgets: &mut BudgetLedger,
) -> Result<(AccountState, Entries), Failure> {
    let mut state = AccountState::new(account_id, enrolled_at);
    let Some(programme) = context.programmes.at(enrolled_at) else {
        let booking = Booking::open(&mut state, enrolled_at, context.now, 0, context.actor)?;
        let circumstances = circumstances(booking.state, person, enrolled_at, Date::ZERO);
        let fact = Fact::MemberEnrolled { circumstances, awards: Vec::new(), outcomes: String::new() };
        let entry = booking.close(fact, Standing::default());
        return Ok((state, vec![entry]));
    };
    let local = calendar::local(enrolled_at, programme.zone());
    let facts = circumstances(&state, person, enrolled_at, local.date());
    let evaluation = programme.evaluate_enrolment(&facts, local, context.now, &state, budgets);
    let mut booking =
        Booking::open(&mut state, enrolled_at, context.now, programme.version(), context.actor)?;
    tiers::begin(&mut booking, programme, enrolled_at);
    book_awards(&mut booking, &evaluation.awards, local.date(), context.now)?;
    count_awards(booking.state, programme, &evaluation.awards, local.date());
    budgets.spend(&evaluation.awards);
    tiers::count_units(booking.state, programme, &evaluation.awards, local.date());
    tiers::upgrade(&mut booking, programme, enrolled_at);
    let standing = tiers::standing(booking.state, context.programmes, enrolled_at);
    let fact = Fact::MemberEnrolled {
        circumstances: facts,
        awards: evaluation.awards,
        outcomes: evaluation.outcomes,
    };
    let entry = booking.close(fact, standing);
    advance::schedule(&mut state, context.programmes);
    Ok((state, vec![entry]))
}

/// Records a fact that moves no points: a changed profile, a linked identifier.
pub fn note_fact(
    state: &mut AccountState,
    fact: Fact,
    occurred_at: Timestamp,
    context: &Context<'_>,
) -> Result<Entries, Failure> {
    let mut entries: Vec<Entry> = Vec::new();
    advance::advance(state, context.programmes, context.now, &mut entries)?;
    let version = context.programmes.version_at(occurred_at);
    let booking = Booking::open(state, occurred_at, context.now, version, context.actor)?;
    let standing = tiers::standing(booking.state, context.programmes, occurred_at);
    entries.push(booking.close(fact, standing));
    Ok(entries)
}
