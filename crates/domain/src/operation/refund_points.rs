//! Giving points back: to the very lots they were spent from, last taken first. Points whose lot has ended come back in
//! a lot of their own that lasts for the stated grace.

use crate::calendar;
use crate::ledger::{Booking, Entry, LedgerAccount, OutOfRange, PointsRefund, PointsSpent, ReturnProgress};
use crate::operation::{Context, Failure};
use crate::programme::{CompiledProgramme, Redemption, ReturnSplit};
use crate::seeded::{Bug, planted};

/// What a return gives back of the points that paid for its purchase, for each payment in points, once `returned` of
/// `total` minor units have come back. Brings `progress` up to date.
pub(super) fn refund_return(
    booking: &mut Booking<'_>,
    purchase_entry: &Entry,
    spent: &[PointsSpent],
    progress: &mut ReturnProgress,
    (returned, total): (i64, i64),
    context: &Context<'_>,
) -> Result<Vec<PointsRefund>, Failure> {
    let all = spent.iter().fold(0, |sum: i64, spent| sum.saturating_add(spent.amount));
    progress.points_back.resize(spent.len(), 0);
    let mut refunds = Vec::new();
    let (mut points_before, mut money_before) = (0_i64, 0_i64);
    for (spent, back) in spent.iter().zip(&mut progress.points_back) {
        let version = context.programmes.version(spent.programme_version);
        let terms =
            version.and_then(|version| Some((version.as_ref(), version.programme().redemption(spent.unit)?)));
        let split = terms.map_or(ReturnSplit::default(), |(_, terms)| terms.return_split);
        let covered = Covered { returned: returned.clamp(0, total), total, all, before: money_before };
        // A coupon line that comes back lowers what has come back; nothing is taken away again for it.
        let target = if planted(Bug::RefundRoundedUp) {
            due(split, spent, &covered).saturating_add(1).min(spent.points)
        } else {
            due(split, spent, &covered)
        };
        if target > *back {
            let window = Window { first: points_before, points: spent.points, back: *back, target };
            let mut refund = give_back(booking, purchase_entry, spent.unit, &window, terms, context)?;
            refund.amount = worth(spent, target).saturating_sub(worth(spent, *back));
            refunds.push(refund);
            *back = target;
        }
        points_before = points_before.saturating_add(spent.points);
        money_before = money_before.saturating_add(spent.amount);
    }
    Ok(refunds)
}

/// How far a purchase has come back: of `total`, of which points paid `all`, `before` of it by earlier payments.
struct Covered {
    returned: i64,
    total: i64,
    all: i64,
    before: i64,
}

/// The points of one payment that are due back.
fn due(split: ReturnSplit, spent: &PointsSpent, covered: &Covered) -> i64 {
    let after = match split {
        ReturnSplit::Proportional => return share(spent.points, covered.returned, covered.total),
        ReturnSplit::PointsFirst => covered.returned,
        ReturnSplit::MoneyFirst => covered.returned.saturating_sub(covered.total.saturating_sub(covered.all)),
    };
    let money = after.saturating_sub(covered.before).clamp(0, spent.amount);
    share(spent.points, money, spent.amount)
}

/// The money that points of a payment are worth on their way back: with the last point, all of it.
fn worth(spent: &PointsSpent, back: i64) -> i64 {
    share(spent.amount, back, spent.points)
}

/// ⌊amount × part ÷ whole⌋ for `0 ≤ part ≤ whole`.
pub(super) fn share(amount: i64, part: i64, whole: i64) -> i64 {
    if whole <= 0 {
        return 0;
    }
    let quotient = i128::from(amount) * i128::from(part) / i128::from(whole);
    // At most the amount.
    i64::try_from(quotient).unwrap_or(amount)
}

/// Of the points an entry redeemed: those of one payment, `first` after the start, of which `back` have come back and
/// `target` are to have.
pub(super) struct Window {
    pub(super) first: i64,
    pub(super) points: i64,
    pub(super) back: i64,
    pub(super) target: i64,
}

/// Gives the points of a window back.
pub(super) fn give_back(
    booking: &mut Booking<'_>,
    spending: &Entry,
    unit: crate::code::Code,
    window: &Window,
    terms: Option<(&CompiledProgramme, &Redemption)>,
    context: &Context<'_>,
) -> Result<PointsRefund, Failure> {
    // Last taken first: what lasts longest is safe first.
    let end = window.first.saturating_add(window.points);
    let (from, to) = (end.saturating_sub(window.target), end.saturating_sub(window.back));
    let mut lots: Vec<(u32, i64)> = Vec::new();
    let mut position = 0_i64;
    for posting in spending.postings.iter().filter(|posting| posting.credit == LedgerAccount::Redeemed) {
        let next = position.saturating_add(posting.amount);
        let part = next.min(to).saturating_sub(position.max(from));
        if part > 0 {
            lots.push((posting.lot_no, part));
        }
        position = next;
    }
    lots.reverse();
    let mut refund = PointsRefund { unit, points: 0, amount: 0, graced: 0, graced_until: None };
    for (lot_no, part) in lots {
        let lot = booking.state.lots.iter().find(|lot| lot.lot_no == lot_no).ok_or(OutOfRange)?;
        let (funder, ended) = (lot.funder, lot.expires_at.is_some_and(|end| end <= context.now));
        let accounts = (LedgerAccount::Redeemed, LedgerAccount::MemberAvailable);
        let target = if ended && !planted(Bug::GraceForgotten) {
            let until = graced_until(terms, context)?;
            refund.graced = refund.graced.saturating_add(part);
            refund.graced_until = Some(until);
            booking.graced_lot(lot_no, until)?
        } else {
            lot_no
        };
        booking.post(accounts, part, target, unit, funder, None)?;
        refund.points = refund.points.saturating_add(part);
    }
    if !planted(Bug::RefundSparesDebt) {
        booking.repay_debt(unit)?;
    }
    Ok(refund)
}

/// The end of the local day so many days after the ledger's today.
fn graced_until(
    terms: Option<(&CompiledProgramme, &Redemption)>,
    context: &Context<'_>,
) -> Result<jiff::Timestamp, OutOfRange> {
    let latest = || context.programmes.at(context.now).map(AsRef::as_ref);
    let programme = terms.map(|(programme, _)| programme).or_else(latest).ok_or(OutOfRange)?;
    let days =
        terms.map_or_else(|| Redemption::default().return_grace_days, |(_, terms)| terms.return_grace_days);
    let today = calendar::local(context.now, programme.zone()).date();
    let last =
        calendar::add_days(today, i32::try_from(days).map_err(|_| OutOfRange)?).map_err(|_| OutOfRange)?;
    calendar::day_end(last, programme.zone()).map_err(|_| OutOfRange)
}
