//! Joining and leaving a household. What a member can spend goes into the pool with its lots, now and whenever points
//! become spendable later; what is pending stays with whoever bought. Who leaves takes along what is left of the points
//! they brought. Each is one change on two accounts, decided on each side from its own state and the fact.

#[cfg(test)]
mod tests;

use jiff::Timestamp;

use crate::code::Code;
use crate::ids::{AccountId, EntryId};
use crate::ledger::{AccountState, Booking, Entry, Fact, Membership, Moved, Pool, PoolMember};
use crate::operation::transfer_points::{next_entry, settle_both};
use crate::operation::{
    Context, Entries, Failure, PairEntries, advance, change_household_member, create_household,
    require_member, tiers,
};
use crate::programme::{Households, Programme};
use crate::refusal::Refusal;
use crate::seeded::{Bug, planted};

/// Lets a member join a household. Who belongs to one already leaves it first.
pub fn join_household(
    member: &mut AccountState,
    household: &mut AccountState,
    may_spend: bool,
    context: &Context<'_>,
) -> Result<PairEntries, Failure> {
    let rules = rules(context)?;
    require_member(member)?;
    require_no_household(member)?;
    let (account_id, most) = (household.account_id, rules.members_max);
    let pool = household.pool.as_ref().ok_or(Refusal::NotAHousehold { account_id })?;
    if u32::try_from(pool.members.len()).unwrap_or(u32::MAX) >= most {
        return Err(Refusal::HouseholdFull { household: account_id, most }.into());
    }
    let settled = settle_both(member, household, context)?;
    // The programme at the entry's own time says what is pooled, so that its history repeats.
    let context = &Context { now: member.clock(context.now)?, ..*context };
    let moved = member.to_pool(&self::rules(context)?.units, None);
    let fact = |membership| Fact::HouseholdJoined { membership, may_spend, moved: moved.clone() };
    both((member, household), settled, fact, context)
}

/// Lets a member leave a household. It waits for holds of the pool: until they end, nobody knows whose points they take.
pub fn leave_household(
    member: &mut AccountState,
    household: &mut AccountState,
    context: &Context<'_>,
) -> Result<PairEntries, Failure> {
    let (account_id, pool_id) = (member.account_id, household.account_id);
    household.pool.as_ref().ok_or(Refusal::NotAHousehold { account_id: pool_id })?;
    if member.household != Some(pool_id) {
        return Err(Refusal::NotInHousehold { account_id, household: pool_id }.into());
    }
    let settled = settle_both(member, household, context)?;
    let holds = household.holds.len();
    if holds > 0 && !planted(Bug::HoldOutlivesMember) {
        return Err(Refusal::HouseholdWaits { household: pool_id, holds }.into());
    }
    let moved = household.share_of(account_id);
    let fact = |membership| Fact::HouseholdLeft { membership, moved: moved.clone() };
    both((member, household), settled, fact, context)
}

/// Sends what became spendable on a member's account into the pool, and what was taken back too much; `of` is the entry
/// whose points were taken back, if any were. Nothing if there is nothing.
pub fn pool_points(
    member: &mut AccountState,
    household: &mut AccountState,
    of: Option<EntryId>,
    context: &Context<'_>,
) -> Result<Option<PairEntries>, Failure> {
    // Without the part, points stay where they are: households of before can still be left.
    let Ok(rules) = rules(context) else { return Ok(None) };
    let theirs = |balance: &crate::ledger::Balance| {
        rules.units.contains(&balance.unit)
            && (balance.available > 0 || balance.debt > 0 || planted(Bug::PendingPooled))
    };
    if !member.balances.iter().any(theirs) {
        return Ok(None);
    }
    let (left, came) = settle_both(member, household, context)?;
    let moved = member.to_pool(&rules.units, of);
    if moved.is_nothing() && left.is_empty() {
        return Ok(None);
    }
    let fact = |membership| Fact::PointsPooled { membership, moved: moved.clone() };
    both((member, household), (left, came), fact, context).map(Some)
}

/// A household and its members as whoever spends or leaves finds them: what time has made spendable on the members'
/// accounts is in the pool, whether or not anybody has posted it yet.
pub fn gather_household(
    household: &mut AccountState,
    members: &mut [AccountState],
    context: &Context<'_>,
) -> Result<(), Failure> {
    let mut posted = Entries::new();
    advance::advance(household, context.programmes, context.now, &mut posted)?;
    for member in members {
        advance::advance(member, context.programmes, context.now, &mut posted)?;
        pool_points(member, household, None, context)?;
    }
    Ok(())
}

/// Decides an entry of a household or of its member again: one side of a pair from its own state and what its entry
/// recorded of the other.
pub(crate) fn repeat_household(
    state: &mut AccountState,
    recorded: &Entry,
    context: &Context<'_>,
) -> Result<Entries, Failure> {
    let mut entries = Entries::new();
    let fact = match &recorded.fact {
        Fact::HouseholdCreated => {
            let (opened, decided) = create_household(recorded.id.account_id, context)?;
            *state = opened;
            return Ok(decided);
        }
        Fact::HouseholdMemberChanged { member, may_spend } => {
            return change_household_member(state, (*member, *may_spend), recorded.occurred_at, context);
        }
        // What leaves an account follows from its own lots, whatever was recorded of them.
        Fact::HouseholdJoined { membership, may_spend, moved } if membership.member == state.account_id => {
            advance::settle(state, context, &mut entries)?;
            let debts = moved.debts.clone();
            let moved = Moved { debts, ..state.to_pool(&rules(context)?.units, None) };
            Fact::HouseholdJoined { membership: *membership, may_spend: *may_spend, moved }
        }
        Fact::HouseholdLeft { membership, .. } if membership.household == state.account_id => {
            advance::settle(state, context, &mut entries)?;
            Fact::HouseholdLeft { membership: *membership, moved: state.share_of(membership.member) }
        }
        other => other.clone(),
    };
    entries.extend(apply(state, fact, recorded.occurred_at, context)?);
    Ok(entries)
}

/// What the programme in force says of households.
pub(super) fn rules<'a>(context: &Context<'a>) -> Result<&'a Households, Refusal> {
    let programme = context.programmes.at(context.now).ok_or(Refusal::HouseholdsOff)?;
    programme.programme().households.as_ref().ok_or(Refusal::HouseholdsOff)
}

/// Whether what a member has of a unit is in the pool of their household.
pub(super) fn is_pooled(state: &AccountState, programme: &Programme, unit: Code) -> bool {
    let pooled = programme.households.as_ref().is_some_and(|households| households.units.contains(&unit));
    state.household.is_some() && pooled
}

/// Members of a household leave it before they become somebody else.
pub(super) fn require_no_household(state: &AccountState) -> Result<(), Refusal> {
    let account_id = state.account_id;
    state.household.map_or(Ok(()), |household| Err(Refusal::InHousehold { account_id, household }))
}

/// Whoever spends from a household says who they are; for a member's own points nobody does.
pub(super) fn check_spender(state: &AccountState, spender: Option<AccountId>) -> Result<(), Refusal> {
    let account_id = state.account_id;
    match (&state.pool, spender) {
        (None, None) => Ok(()),
        (None, Some(_)) => Err(Refusal::NotAHousehold { account_id }),
        (Some(_), None) => Err(Refusal::SpenderNeeded { household: account_id }),
        (Some(pool), Some(spender)) => {
            let may = |member: &PoolMember| member.may_spend || planted(Bug::AnyoneSpends);
            let found = pool.member(spender).filter(|member| may(member));
            found.map(|_| ()).ok_or(Refusal::SpenderNotAllowed { household: account_id, spender })
        }
    }
}

/// Both entries of a pair, once time has passed on both accounts.
fn both(
    (member, household): (&mut AccountState, &mut AccountState),
    (mut left, mut came): PairEntries,
    fact: impl Fn(Membership) -> Fact,
    context: &Context<'_>,
) -> Result<PairEntries, Failure> {
    let (of_member, of_household) = (next_entry(member)?, next_entry(household)?);
    let membership = |counterpart| Membership {
        member: of_member.account_id,
        household: of_household.account_id,
        counterpart,
    };
    left.extend(apply(member, fact(membership(of_household)), context.now, context)?);
    came.extend(apply(household, fact(membership(of_member)), context.now, context)?);
    Ok((left, came))
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
        Fact::HouseholdJoined { membership, may_spend, moved } => {
            if membership.member == booking.state.account_id {
                booking.send_all(moved)?;
                booking.state.household = Some(membership.household);
            } else {
                let (account_id, entry_nos) = (membership.member, Vec::new());
                let joined = PoolMember { account_id, may_spend: *may_spend, since: at, entry_nos };
                booking.state.pool.get_or_insert_with(Pool::default).members.push(joined);
                take_in(&mut booking, membership.member, moved)?;
            }
        }
        Fact::PointsPooled { membership, moved } => {
            if membership.member == booking.state.account_id {
                booking.send_all(moved)?;
            } else {
                take_in(&mut booking, membership.member, moved)?;
            }
        }
        Fact::HouseholdLeft { membership, moved } => {
            if membership.member == booking.state.account_id {
                booking.receive_all(moved)?;
                booking.state.household = None;
            } else {
                booking.send_all(moved)?;
                let pool = booking.state.pool.get_or_insert_with(Pool::default);
                pool.members.retain(|member| member.account_id != membership.member);
            }
        }
        _ => return Ok(Entries::new()),
    }
    let standing = tiers::standing(booking.state, context.programmes, at);
    entries.push(booking.close(fact, standing));
    advance::schedule(state, context.programmes);
    Ok(entries)
}

/// The pool's side of points that a member brings.
fn take_in(booking: &mut Booking<'_>, member: AccountId, moved: &Moved) -> Result<(), Failure> {
    booking.receive_all(moved)?;
    let entry_no = booking.entry_no();
    if let Some(pool) = &mut booking.state.pool {
        pool.note(member, entry_no, moved);
    }
    Ok(())
}
