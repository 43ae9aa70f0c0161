//! Recording a return: it takes back exactly what the returned lines earned, in any number of parts.
//! Points that paid for it go back first; what was earned comes from the purchase's own lots, then from others, then
//! becomes debt or is written off.

use crate::calendar;
use crate::code::Code;
use crate::document::{Purchase, Return};
use crate::ledger::{
    AccountState, Award, Booking, ClawbackPart, Entry, Fact, LedgerAccount, PointsRefund, PointsSpent,
    ReturnProgress, ReturnedLine,
};
use crate::operation::join_household::is_pooled;
use crate::operation::refund_points::refund_return;
use crate::operation::{
    Context, Entries, Failure, OWN_FUNDER, advance, check_return, require_active_or_merged, tiers,
};
use crate::programme::{CompiledProgramme, Shortfall};
use crate::refusal::Refusal;
use crate::seeded::{Bug, planted};

/// Records a return of (part of) the purchase in `purchase_entry`. `progress` is what has come back before and is
/// brought up to date. Needs the account's open lots and all lots of the purchase.
pub fn record_return(
    state: &mut AccountState,
    purchase_entry: &Entry,
    progress: &mut ReturnProgress,
    document: Return,
    context: &Context<'_>,
) -> Result<Entries, Failure> {
    check_return(&document)?;
    require_active_or_merged(state)?;
    if !state.lots_loaded {
        return Err(Failure::LotsNeeded);
    }
    let Fact::PurchaseRecorded { purchase, awards, spent, .. } = &purchase_entry.fact else {
        let key = document.purchase;
        return Err(Refusal::NotAPurchase { source_name: key.source, reference: key.reference }.into());
    };
    let mut entries = Vec::new();
    let context = &advance::settle(state, context, &mut entries)?;
    let programme = context.programme_for_return(document.occurred_at, purchase_entry)?;
    let lines = resolve_lines(&document, purchase, progress)?;

    let occurred_at = document.occurred_at;
    let mut booking = Booking::open(state, occurred_at, context.now, programme.version(), context.actor)?;
    booking.corrects(purchase_entry.id.entry_no);
    let refunds = refund(&mut booking, purchase_entry, purchase, spent, progress, &lines, context)?;
    let mut clawback: Vec<ClawbackPart> = Vec::new();
    for award in awards {
        let due = points_due(award, purchase, progress, &lines);
        if due > 0 {
            claw_back(&mut booking, programme, purchase_entry, award, due, progress, &mut clawback)?;
        }
    }
    take_back_counts(&mut booking, programme, purchase_entry, purchase, awards, progress, &lines);
    for line in &lines {
        add_returned(progress, *line);
    }
    if !planted(Bug::ReturnIsIdle) {
        booking.state.last_activity_at = booking.state.last_activity_at.max(occurred_at);
    }
    let standing = tiers::standing(booking.state, context.programmes, occurred_at);
    let purchase_entry_no = purchase_entry.id.entry_no;
    let fact = Fact::ReturnRecorded { document, purchase_entry_no, lines, clawback, refunds };
    entries.push(booking.close(fact, standing));
    advance::schedule(state, context.programmes);
    Ok(entries)
}

impl<'a> Context<'a> {
    /// The programme whose policy settles a return: the one in force when it takes place. Returns have no
    /// lateness limit, but they cannot precede their purchase or lie in the future.
    pub(super) fn programme_for_return(
        &self,
        occurred_at: jiff::Timestamp,
        purchase_entry: &Entry,
    ) -> Result<&'a CompiledProgramme, Refusal> {
        let latest = self.now.as_second().saturating_add(super::CLOCK_SKEW_SECONDS_MAX);
        if occurred_at.as_second() > latest {
            return Err(Refusal::InFuture { occurred_at });
        }
        let at = occurred_at.max(purchase_entry.occurred_at);
        self.programmes.at(at).map(AsRef::as_ref).ok_or(Refusal::NoProgrammeInForce { occurred_at })
    }
}

/// Gives back the points that paid for what comes back, before anything earned is taken back from what the member has.
fn refund(
    booking: &mut Booking<'_>,
    purchase_entry: &Entry,
    purchase: &Purchase,
    spent: &[PointsSpent],
    progress: &mut ReturnProgress,
    lines: &[ReturnedLine],
    context: &Context<'_>,
) -> Result<Vec<PointsRefund>, Failure> {
    if spent.is_empty() {
        return Ok(Vec::new());
    }
    let parts = progress.lines.iter().chain(lines).map(|line| line.amount);
    let returned = parts.fold(0, |sum: i64, amount| sum.saturating_add(amount));
    let total = purchase.total().unwrap_or(0);
    refund_return(booking, purchase_entry, spent, progress, (returned, total), context)
}

/// What comes back in this return, line by line; an empty list means everything left.
fn resolve_lines(
    document: &Return,
    purchase: &Purchase,
    progress: &ReturnProgress,
) -> Result<Vec<ReturnedLine>, Refusal> {
    if document.lines.is_empty() {
        let everything: Vec<_> = purchase
            .lines
            .iter()
            .zip(0_u32..)
            .filter(|(line, number)| line.amount != returned(progress, *number) || !named(progress, *number))
            .map(|(line, number)| ReturnedLine {
                line: number,
                amount: line.amount - returned(progress, number),
            })
            .collect();
        return if everything.is_empty() { Err(Refusal::NothingToReturn) } else { Ok(everything) };
    }
    let last = purchase.lines.len().saturating_sub(1);
    document
        .lines
        .iter()
        .enumerate()
        .map(|(position, part)| {
            let bought = usize::try_from(part.line).ok().and_then(|line| purchase.lines.get(line));
            let bought = bought.ok_or(Refusal::ReturnLineUnknown { position, line: part.line, last })?.amount;
            let left = bought - returned(progress, part.line);
            // What cost nothing comes back once, for nothing.
            let free = bought == 0 && part.amount == 0 && !named(progress, part.line);
            let fits = free
                || (part.amount != 0
                    && part.amount.signum() == left.signum()
                    && part.amount.abs() <= left.abs());
            if fits {
                Ok(ReturnedLine { line: part.line, amount: part.amount })
            } else {
                Err(Refusal::ReturnExceedsPurchase { position, line: part.line, amount: part.amount, left })
            }
        })
        .collect()
}

pub(super) fn returned(progress: &ReturnProgress, line: u32) -> i64 {
    progress.lines.iter().find(|part| part.line == line).map_or(0, |part| part.amount)
}

/// Whether anything of a line has come back so far.
fn named(progress: &ReturnProgress, line: u32) -> bool {
    progress.lines.iter().any(|part| part.line == line)
}

fn add_returned(progress: &mut ReturnProgress, part: ReturnedLine) {
    match progress.lines.iter_mut().find(|line| line.line == part.line) {
        Some(line) => line.amount += part.amount,
        None => progress.lines.push(part),
    }
}

/// The points of one award that this return takes back: for each line, what its cumulative return is worth less
/// what earlier returns took (INV-15). The last part of a line takes exactly what is left of its share.
fn points_due(award: &Award, purchase: &Purchase, progress: &ReturnProgress, lines: &[ReturnedLine]) -> i64 {
    lines
        .iter()
        .map(|part| {
            let line = usize::try_from(part.line).unwrap_or(usize::MAX);
            let (Some(share), Some(bought)) = (award.shares.get(line), purchase.lines.get(line)) else {
                return 0;
            };
            let before = if planted(Bug::RoundedPerReturn) { 0 } else { returned(progress, part.line) };
            cumulative(*share, before + part.amount, bought.amount)
                - cumulative(*share, before, bought.amount)
        })
        .sum()
}

/// ⌊share × returned ÷ bought⌋ for a line whose whole value is `bought`.
pub(super) fn cumulative(share: i64, returned: i64, bought: i64) -> i64 {
    if bought == 0 {
        return 0;
    }
    let due = i128::from(share) * i128::from(returned) / i128::from(bought);
    // |returned| ≤ |bought|, so the quotient is at most the share.
    i64::try_from(due).unwrap_or(share)
}

/// Takes points back in the stated order: the purchase's own lots of this award (pending or spendable), what of
/// them has lapsed (nothing to take, nothing owed), other lots by expiry, debt up to the limit, write-off.
fn claw_back(
    booking: &mut Booking<'_>,
    programme: &CompiledProgramme,
    purchase_entry: &Entry,
    award: &Award,
    due: i64,
    progress: &mut ReturnProgress,
    parts: &mut Vec<ClawbackPart>,
) -> Result<(), Failure> {
    let unit = award.unit;
    let rule = Some(award.rule);
    let own = take_own_lots(booking, purchase_entry, award, due)?;
    let lapsed = count_lapsed(booking.state, purchase_entry, unit, due - own, progress);
    let wanted = due - own - lapsed;
    let other = booking.take_spendable(unit, wanted, LedgerAccount::Issuer, rule)?;
    let debt = (wanted - other).min(debt_room(programme, unit, booking.state));
    let written_off = wanted - other - debt;
    let funder = award.funding.first().map_or(OWN_FUNDER, |(funder, _)| *funder);
    booking.post((LedgerAccount::MemberDebt, LedgerAccount::Issuer), debt, 0, unit, funder, rule)?;
    booking.post((LedgerAccount::WrittenOff, LedgerAccount::Issuer), written_off, 0, unit, funder, rule)?;
    let position = parts.iter().position(|part| part.unit == unit).unwrap_or_else(|| {
        parts.push(ClawbackPart::none(unit));
        parts.len() - 1
    });
    let part = &mut parts[position];
    part.due += due;
    part.own_lots += own;
    part.lapsed += lapsed;
    part.other_lots += other;
    part.debt += debt;
    part.written_off += written_off;
    Ok(())
}

/// How many more points a member may owe. What a merged account owes goes on to the other, where the points are, and
/// what a member of a household owes to the pool.
fn debt_room(programme: &CompiledProgramme, unit: Code, state: &AccountState) -> i64 {
    if state.merged_into.is_some() || is_pooled(state, programme.programme(), unit) {
        return i64::MAX;
    }
    let owed = state.balance(unit).debt;
    match programme.programme().policies.return_shortfall {
        Shortfall::Forgive => 0,
        Shortfall::Debt if planted(Bug::DebtUnlimited) => i64::MAX,
        Shortfall::Debt => {
            programme.debt_limit(unit).map_or(i64::MAX, |limit| limit.saturating_sub(owed).max(0))
        }
    }
}

fn take_own_lots(
    booking: &mut Booking<'_>,
    purchase_entry: &Entry,
    award: &Award,
    due: i64,
) -> Result<i64, Failure> {
    let account_id = booking.state.account_id;
    let mut lots: Vec<_> = booking
        .state
        .lots
        .iter()
        .filter(|lot| {
            lot.issued_by(account_id) == purchase_entry.id && lot.unit == award.unit && lot.remaining > 0
        })
        .filter(|lot| lot.pending_until.is_none() || !planted(Bug::PendingSpared))
        // Lots of this award's own funders before those of other awards of the purchase.
        .map(|lot| {
            let foreign = !award.funding.iter().any(|(funder, _)| *funder == lot.funder);
            (foreign, lot.lot_no, lot.remaining, lot.funder, lot.pending_until.is_some())
        })
        .collect();
    lots.sort_unstable();
    let mut left = due;
    for (_, lot_no, remaining, funder, pending) in lots {
        let part = remaining.min(left);
        let from = if pending { LedgerAccount::MemberPending } else { LedgerAccount::MemberAvailable };
        booking.post((from, LedgerAccount::Issuer), part, lot_no, award.unit, funder, Some(award.rule))?;
        left -= part;
    }
    Ok(due - left)
}

/// How much of what is due had already lapsed in the purchase's own lots; each lapsed point counts once.
fn count_lapsed(
    state: &AccountState,
    purchase_entry: &Entry,
    unit: Code,
    due: i64,
    progress: &mut ReturnProgress,
) -> i64 {
    let expired: i64 = state
        .lots
        .iter()
        .filter(|lot| lot.issued_by(state.account_id) == purchase_entry.id && lot.unit == unit)
        .map(|lot| lot.expired)
        .sum();
    let position = progress.lapsed.iter().position(|(code, _)| *code == unit);
    let counted = position.map_or(0, |position| progress.lapsed[position].1);
    let lapsed = due.min(expired - counted).max(0);
    if lapsed > 0 && !planted(Bug::LapsedTwice) {
        match position {
            Some(position) => progress.lapsed[position].1 += lapsed,
            None => progress.lapsed.push((unit, lapsed)),
        }
    }
    lapsed
}

/// Takes the returned value out of what counts towards tiers, in the period of the purchase.
fn take_back_counts(
    booking: &mut Booking<'_>,
    programme: &CompiledProgramme,
    purchase_entry: &Entry,
    purchase: &Purchase,
    awards: &[Award],
    progress: &ReturnProgress,
    lines: &[ReturnedLine],
) {
    let returned_at = booking.state.last_recorded_at;
    let at = if planted(Bug::ReturnedToday) { returned_at } else { purchase_entry.occurred_at };
    let on = calendar::local(at, programme.zone()).date();
    let value: i64 = lines.iter().map(|line| line.amount).sum();
    booking.state.spend -= value;
    tiers::count_returned_lines(booking.state, programme, purchase, progress, lines, on);
    for award in awards {
        let due = points_due(award, purchase, progress, lines);
        tiers::count_points(booking.state, programme, award.unit, -due, on);
    }
}
