//! Tiers: what counts towards them, immediate upgrades, reviews at their date, and where a member stands.

use jiff::Timestamp;
use jiff::civil::Date;

use crate::calendar;
use crate::code::Code;
use crate::document::Purchase;
use crate::ledger::{
    AccountState, Award, Booking, CarriedTier, Entry, Fact, LedgerAccount, QualifyingAmount, ReturnProgress,
    ReturnedLine, Standing, TierChange, TierChangeReason, TierPosition, TierStanding,
};
use crate::operation::Failure;
use crate::operation::advance::SYSTEM;
use crate::operation::record_return::{cumulative, returned};
use crate::programme::{Basis, CompiledLadder, CompiledProgramme, Programmes, Window};
use crate::seeded::{Bug, planted};

/// Places a new member on the lowest tier of every ladder.
pub(super) fn begin(booking: &mut Booking<'_>, programme: &CompiledProgramme, at: Timestamp) {
    for ladder in programme.ladders() {
        set_tier(booking, programme, ladder, 0, at, TierChangeReason::Enrolment);
    }
}

/// Counts a purchase towards ladders on spend, visits and nights. The first purchase of a day is a visit.
pub(super) fn count_purchase(
    state: &mut AccountState,
    programme: &CompiledProgramme,
    purchase: &Purchase,
    on: Date,
) {
    let first_of_day = state.purchase_days.binary_search(&calendar::day_number(on)).is_err();
    for ladder in programme.ladders() {
        let amount = match &ladder.ladder.basis {
            Basis::Spend => purchase.lines.iter().map(|line| line.amount).sum(),
            Basis::Visits => i64::from(first_of_day),
            Basis::Nights(category) => purchase
                .lines
                .iter()
                .filter(|line| line.category == *category)
                .map(|line| line.quantity_milli / 1_000)
                .sum(),
            Basis::UnitBalance(_) | Basis::UnitEarned(_) => 0,
        };
        count(state, programme, ladder, amount, on);
    }
}

/// Counts the points of awards towards ladders on points earned.
pub(super) fn count_units(
    state: &mut AccountState,
    programme: &CompiledProgramme,
    awards: &[Award],
    on: Date,
) {
    for award in awards {
        count_points(state, programme, award.unit, award.points, on);
    }
}

/// Counts points of a unit (less than 0 takes back) towards ladders on points earned.
pub(super) fn count_points(
    state: &mut AccountState,
    programme: &CompiledProgramme,
    unit: Code,
    points: i64,
    on: Date,
) {
    for ladder in programme.ladders() {
        if matches!(&ladder.ladder.basis, Basis::UnitEarned(basis) if *basis == unit) {
            count(state, programme, ladder, points, on);
        }
    }
}

/// Takes returned lines out of ladders on spend and nights. A visit stays a visit: the member was there. A night
/// is gone once the parts returned so far make it up.
pub(super) fn count_returned_lines(
    state: &mut AccountState,
    programme: &CompiledProgramme,
    purchase: &Purchase,
    before: &ReturnProgress,
    lines: &[ReturnedLine],
    on: Date,
) {
    for ladder in programme.ladders() {
        let amount: i64 = match &ladder.ladder.basis {
            Basis::Spend => lines.iter().map(|line| line.amount).sum(),
            Basis::Nights(category) => lines
                .iter()
                .filter_map(|part| Some((part, purchase.lines.get(usize::try_from(part.line).ok()?)?)))
                .filter(|(_, line)| line.category == *category && line.amount != 0)
                .map(|(part, line)| {
                    let nights = |value: i64| cumulative(line.quantity_milli / 1_000, value, line.amount);
                    let earlier = if planted(Bug::NightsPerReturn) { 0 } else { returned(before, part.line) };
                    nights(earlier + part.amount) - nights(earlier)
                })
                .sum(),
            _ => 0,
        };
        count(state, programme, ladder, -amount, on);
    }
}

fn count(
    state: &mut AccountState,
    programme: &CompiledProgramme,
    ladder: &CompiledLadder,
    amount: i64,
    on: Date,
) {
    if amount == 0 || (amount < 0 && planted(Bug::ReturnedStillCounts)) {
        return;
    }
    let bucket = ladder.bucket(on, enrolled_on(state, programme));
    let same = |found: &QualifyingAmount| found.ladder == ladder.code() && found.bucket == bucket;
    match state.qualifying.iter_mut().find(|found| same(found)) {
        Some(found) => found.amount = found.amount.saturating_add(amount),
        None => state.qualifying.push(QualifyingAmount { ladder: ladder.code(), bucket, amount }),
    }
}

fn enrolled_on(state: &AccountState, programme: &CompiledProgramme) -> Date {
    calendar::local(state.enrolled_at, programme.zone()).date()
}

/// What counts towards a ladder's tiers on a day.
fn qualifying(state: &AccountState, programme: &CompiledProgramme, ladder: &CompiledLadder, on: Date) -> i64 {
    match &ladder.ladder.basis {
        Basis::UnitBalance(unit) => {
            let balance = state.balance(*unit);
            balance.available + balance.pending + balance.held - balance.debt
        }
        _ => ladder.qualifying(&state.qualifying, on, enrolled_on(state, programme)),
    }
}

fn tier_index(state: &AccountState, ladder: &CompiledLadder) -> Option<usize> {
    let standing = state.tiers.iter().find(|standing| standing.ladder == ladder.code())?;
    ladder.tiers().iter().position(|tier| tier.code == standing.tier)
}

/// Moves a member up at once wherever a threshold is reached.
pub(super) fn upgrade(booking: &mut Booking<'_>, programme: &CompiledProgramme, at: Timestamp) {
    // Tiers are a member's own: a household holds none.
    if booking.state.is_household() {
        return;
    }
    let on = calendar::local(at, programme.zone()).date();
    for ladder in programme.ladders() {
        let reached = ladder.tier_for(qualifying(booking.state, programme, ladder, on));
        // A ladder that is new to the member, or whose tier was renamed, starts where the member qualifies.
        if tier_index(booking.state, ladder).is_none_or(|held| reached > held) {
            set_tier(booking, programme, ladder, reached, at, TierChangeReason::Upgrade);
        }
    }
}

/// Keeps the higher tier of two accounts that become one, with its date of review.
pub(super) fn take_over(
    booking: &mut Booking<'_>,
    programme: &CompiledProgramme,
    tiers: &[CarriedTier],
    at: Timestamp,
) {
    for ladder in programme.ladders() {
        let Some(carried) = tiers.iter().find(|tier| tier.ladder == ladder.code()) else { continue };
        let index = ladder.tiers().iter().position(|tier| tier.code == carried.tier);
        let Some(index) =
            index.filter(|index| tier_index(booking.state, ladder).is_none_or(|held| *index > held))
        else {
            continue;
        };
        set_tier(booking, programme, ladder, index, at, TierChangeReason::Merged);
        if let Some(standing) = booking.state.tiers.iter_mut().find(|found| found.ladder == ladder.code()) {
            standing.review_at = carried.review_at;
        }
    }
}

/// Gives every tier a new date of review: an account that was closed takes part again.
pub(super) fn review_anew(state: &mut AccountState, programme: &CompiledProgramme, at: Timestamp) {
    let enrolled_on = enrolled_on(state, programme);
    for standing in &mut state.tiers {
        let ladder = programme.ladder(standing.ladder);
        standing.review_at = ladder.and_then(|ladder| ladder.review_at(at, enrolled_on, programme.zone()));
    }
}

/// What counts towards ladders, moved from the periods of one account to those of another: calendar periods are the
/// same for both, of years of membership only the running one has its like.
pub(super) fn in_periods_of(
    amounts: Vec<QualifyingAmount>,
    (from, to): (&AccountState, &AccountState),
    programme: &CompiledProgramme,
    on: Date,
) -> Vec<QualifyingAmount> {
    let moved = |mut amount: QualifyingAmount| {
        let Some(ladder) = programme.ladder(amount.ladder) else { return Some(amount) };
        let (theirs, ours) =
            (ladder.bucket(on, enrolled_on(from, programme)), ladder.bucket(on, enrolled_on(to, programme)));
        if ladder.ladder.window == Window::Anniversary {
            if amount.bucket != theirs {
                return None;
            }
            amount.bucket = ours;
        }
        Some(amount)
    };
    amounts.into_iter().filter(|amount| amount.amount != 0).filter_map(moved).collect()
}

fn set_tier(
    booking: &mut Booking<'_>,
    programme: &CompiledProgramme,
    ladder: &CompiledLadder,
    index: usize,
    at: Timestamp,
    reason: TierChangeReason,
) {
    let Some(tier) = ladder.tiers().get(index).map(|tier| tier.code) else { return };
    let enrolled_on = enrolled_on(booking.state, programme);
    let review_at = ladder.review_at(at, enrolled_on, programme.zone());
    let position = booking.state.tiers.iter().position(|standing| standing.ladder == ladder.code());
    let from = position.map(|position| booking.state.tiers[position].tier);
    match position {
        Some(position) => {
            let standing = &mut booking.state.tiers[position];
            standing.review_at = review_at;
            if standing.tier != tier {
                standing.earlier.push((standing.since, standing.tier));
                standing.tier = tier;
                standing.since = at.max(standing.since);
            }
        }
        None => booking.state.tiers.push(TierStanding {
            ladder: ladder.code(),
            tier,
            since: at,
            review_at,
            earlier: Vec::new(),
        }),
    }
    booking.tier_changes.push(TierChange { ladder: ladder.code(), from, to: tier, reason });
}

/// Keeps only the earlier tiers that a late document can still ask for: the one held on the oldest day and later
/// ones.
pub(super) fn forget_before(state: &mut AccountState, oldest: Timestamp) {
    for standing in &mut state.tiers {
        while standing.earlier.get(1).is_some_and(|(since, _)| *since <= oldest) {
            standing.earlier.remove(0);
        }
    }
}

/// Reviews every ladder whose review is due: deducts what the programme deducts, then keeps or lowers the tier.
pub(super) fn review(
    state: &mut AccountState,
    programmes: &Programmes,
    due_at: Timestamp,
    now: Timestamp,
    entries: &mut Vec<Entry>,
) -> Result<(), Failure> {
    let due: Vec<Code> = state
        .tiers
        .iter()
        .filter(|standing| standing.review_at.is_some_and(|at| at <= due_at))
        .map(|standing| standing.ladder)
        .collect();
    for code in due {
        let programme = programmes.at(due_at);
        let Some((programme, ladder)) = programme.and_then(|found| Some((found, found.ladder(code)?))) else {
            end_reviews(state, programmes, code, (due_at, now), entries)?;
            continue;
        };
        review_ladder(state, programmes, programme, ladder, (due_at, now), entries)?;
    }
    Ok(())
}

/// The last review of a ladder that is no longer part of the programme: nothing changes and no other follows. It is an
/// entry all the same, so that the state follows from the entries.
fn end_reviews(
    state: &mut AccountState,
    programmes: &Programmes,
    code: Code,
    (due_at, now): (Timestamp, Timestamp),
    entries: &mut Vec<Entry>,
) -> Result<(), Failure> {
    let booking = Booking::open(state, due_at, now, programmes.version_at(due_at), SYSTEM)?;
    for standing in booking.state.tiers.iter_mut().filter(|standing| standing.ladder == code) {
        standing.review_at = None;
    }
    let standing = standing(booking.state, programmes, due_at);
    entries.push(booking.close(Fact::TiersReviewed { ladder: code }, standing));
    Ok(())
}

fn review_ladder(
    state: &mut AccountState,
    programmes: &Programmes,
    programme: &CompiledProgramme,
    ladder: &CompiledLadder,
    (due_at, now): (Timestamp, Timestamp),
    entries: &mut Vec<Entry>,
) -> Result<(), Failure> {
    let mut booking = Booking::open(state, due_at, now, programme.version(), SYSTEM)?;
    booking.as_of(due_at);
    let held = tier_index(booking.state, ladder).unwrap_or(0);
    if let Basis::UnitBalance(unit) = &ladder.ladder.basis {
        let deduction = ladder.deduction(held).min(booking.state.balance(*unit).available);
        booking.take_spendable(*unit, deduction, LedgerAccount::TierDeduction, None)?;
    }
    let on = calendar::local(due_at, programme.zone()).date();
    let amount = match &ladder.ladder.basis {
        Basis::UnitBalance(_) => qualifying(booking.state, programme, ladder, on),
        _ => {
            ladder.qualifying_at_review(&booking.state.qualifying, on, enrolled_on(booking.state, programme))
        }
    };
    let reached = ladder.after_review(held, amount);
    let reason = if reached < held { TierChangeReason::Downgrade } else { TierChangeReason::Requalified };
    set_tier(&mut booking, programme, ladder, reached, due_at, reason);
    let standing = standing(booking.state, programmes, due_at);
    entries.push(booking.close(Fact::TiersReviewed { ladder: ladder.code() }, standing));
    Ok(())
}

/// Balances and tiers of a member at an instant.
pub fn standing(state: &AccountState, programmes: &Programmes, at: Timestamp) -> Standing {
    let tiers = programmes.at(at).map_or_else(Vec::new, |programme| {
        let on = calendar::local(at, programme.zone()).date();
        programme
            .ladders()
            .iter()
            .filter_map(|ladder| {
                let held = state.tiers.iter().find(|standing| standing.ladder == ladder.code())?;
                Some(TierPosition {
                    ladder: ladder.code(),
                    tier: held.tier,
                    qualifying: qualifying(state, programme, ladder, on),
                    next: tier_index(state, ladder).and_then(|index| ladder.next(index)),
                    review_at: held.review_at,
                })
            })
            .collect()
    });
    Standing { balances: state.balances.clone(), tiers }
}
