//! How far a member is from the next tier, in a sentence: so much more, by such a day.

use domain::ledger::TierPosition;
use domain::money::Money;
use domain::programme::{Basis, CompiledLadder, CompiledProgramme, Window};
use jiff::Timestamp;
use jiff::civil::{Date, date};
use operations::MemberView;

use super::format::number;
use super::member::unit_name;
use super::page::Frame;

/// A member's place on a ladder.
pub(crate) struct TierView {
    pub(crate) ladder: String,
    pub(crate) name: String,
    pub(crate) rank: usize,
    pub(crate) next: Option<NextTier>,
    pub(crate) review: Option<String>,
}

/// What is missing to the next tier.
pub(crate) struct NextTier {
    pub(crate) sentence: String,
    pub(crate) so_far: String,
    pub(crate) permille: i64,
}

/// The member's place on each ladder.
pub(crate) fn tier_views(
    f: &Frame,
    programme: Option<&CompiledProgramme>,
    member: &MemberView,
    now: Timestamp,
) -> Vec<TierView> {
    let day = |instant| f.formats.zone.to_datetime(instant).date();
    let view = |position: &TierPosition| {
        let ladder = programme.and_then(|programme| programme.ladder(position.ladder));
        let name = |tier| {
            let named = ladder.and_then(|ladder| ladder.tiers().get(ladder.position(tier)?));
            named.map_or_else(|| tier.to_string(), |tier| tier.name.get(f.language).to_owned())
        };
        let last = ladder.and_then(|ladder| last_day(ladder, member, day(now), day(member.enrolled_at)));
        TierView {
            ladder: ladder.map_or_else(
                || position.ladder.to_string(),
                |ladder| ladder.ladder.name.get(f.language).to_owned(),
            ),
            name: name(position.tier),
            rank: ladder.and_then(|ladder| ladder.position(position.tier)).unwrap_or(0),
            next: position.next.map(|(tier, threshold)| {
                next_tier(f, programme, ladder, position.qualifying, (name(tier), threshold), last)
            }),
            review: position.review_at.map(|at| f.v("tier-kept-until", f.formats.day(at))),
        }
    };
    member.standing.tiers.iter().map(view).collect()
}

fn next_tier(
    f: &Frame,
    programme: Option<&CompiledProgramme>,
    ladder: Option<&CompiledLadder>,
    qualifying: i64,
    (name, threshold): (String, i64),
    last: Option<Date>,
) -> NextTier {
    let amount = |value| amount(f, programme, ladder, value);
    let missing = amount(threshold.saturating_sub(qualifying).max(0));
    let sentence = match last {
        Some(day) => {
            let day = f.formats.date(day);
            f.with("progress-to-by", &[("amount", &missing), ("tier", &name), ("day", &day)])
        }
        None => f.with("progress-to", &[("amount", &missing), ("tier", &name)]),
    };
    let (so_far, whole) = (amount(qualifying), amount(threshold));
    let part = i128::from(qualifying.clamp(0, threshold)) * 1000 / i128::from(threshold.max(1));
    NextTier {
        sentence,
        so_far: f.with("progress-so-far", &[("amount", &so_far), ("threshold", &whole)]),
        permille: i64::try_from(part).unwrap_or(0),
    }
}

/// So much of what the ladder counts.
fn amount(
    f: &Frame,
    programme: Option<&CompiledProgramme>,
    ladder: Option<&CompiledLadder>,
    value: i64,
) -> String {
    match ladder.map(|ladder| &ladder.ladder.basis) {
        Some(Basis::UnitBalance(unit) | Basis::UnitEarned(unit)) => {
            let unit = unit_name(f, programme, *unit);
            f.with("progress-points", &[("amount", &number(value)), ("unit", &unit)])
        }
        Some(Basis::Spend) => {
            let currency = programme.map(|programme| programme.programme().currency);
            let shown = currency
                .map_or_else(|| number(value), |currency| f.formats.money(Money { amount: value, currency }));
            f.v("progress-spend", shown)
        }
        Some(Basis::Visits) => f.v("progress-visits", number(value)),
        Some(Basis::Nights(_)) => f.v("progress-nights", number(value)),
        None => number(value),
    }
}

/// The last day on which all that counts now still does, where that ends.
pub(crate) fn last_day(
    ladder: &CompiledLadder,
    member: &MemberView,
    today: Date,
    enrolled_on: Date,
) -> Option<Date> {
    match ladder.ladder.window {
        Window::CalendarYear => Some(date(today.year(), 12, 31)),
        Window::Anniversary => {
            let this_year = i32::from(today.year()) - i32::from(enrolled_on.year());
            let anniversary =
                |years: i32| domain::calendar::add_months(enrolled_on, years.checked_mul(12)?).ok();
            let next =
                anniversary(this_year).filter(|day| *day > today).or_else(|| anniversary(this_year + 1));
            next?.yesterday().ok()
        }
        Window::RollingMonths(months) => {
            let months = i32::try_from(months).ok()?;
            let counted = member.state.qualifying.iter().filter(|amount| amount.ladder == ladder.code());
            leaves_on(counted.map(|amount| (amount.bucket, amount.amount)), months, today)
        }
        Window::Lifetime => None,
    }
}

/// The last day before the oldest month that counts leaves a window of so many months.
fn leaves_on(counted: impl Iterator<Item = (i32, i64)>, months: i32, today: Date) -> Option<Date> {
    let this_month = domain::calendar::month_number(today);
    let within = |bucket: i32| bucket > this_month.saturating_sub(months) && bucket <= this_month;
    let oldest = counted.filter(|(bucket, amount)| *amount != 0 && within(*bucket)).map(|(bucket, _)| bucket);
    let ahead = oldest.min()?.checked_add(months)?.checked_sub(this_month)?;
    domain::calendar::add_months(today.first_of_month(), ahead).ok()?.yesterday().ok()
}

#[cfg(test)]
mod tests {
    use domain::calendar::month_number;
    use jiff::civil::date;

    use super::leaves_on;

    #[test]
    fn what_counts_leaves_a_rolling_window_with_its_oldest_month() {
        let month = |year, month| month_number(date(year, month, 1));
        let today = date(2026, 11, 25);
        let cases = [
            (vec![(month(2025, 12), 500), (month(2026, 11), 5)], Some(date(2026, 11, 30))),
            (vec![(month(2025, 12), 0), (month(2026, 2), 5)], Some(date(2027, 1, 31))),
            (vec![(month(2025, 11), 500), (month(2026, 11), 5)], Some(date(2027, 10, 31))),
            (vec![(month(2025, 11), 500)], None),
            (Vec::new(), None),
        ];
        for (counted, expected) in cases {
            assert_eq!(leaves_on(counted.iter().copied(), 12, today), expected, "{counted:?}");
        }
    }
}
