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
pub(super) struct TierView {
    pub(super) ladder: String,
    pub(super) name: String,
    pub(super) rank: usize,
    pub(super) next: Option<NextTier>,
    pub(super) review: Option<String>,
}

/// What is missing to the next tier.
pub(super) struct NextTier {
    pub(super) sentence: String,
    pub(super) so_far: String,
    pub(super) permille: i64,
}

/// The member's place on each ladder.
pub(super) fn tier_views(
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
        let last = ladder.and_then(|ladder| last_day(ladder, day(now), day(member.enrolled_at)));
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

/// The last day that counts in the present window, where the window has an end.
fn last_day(ladder: &CompiledLadder, today: Date, enrolled_on: Date) -> Option<Date> {
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
        Window::RollingMonths(_) | Window::Lifetime => None,
    }
}
