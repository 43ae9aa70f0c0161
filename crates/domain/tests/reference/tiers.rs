//! The reference model's tiers: what counts is added up from all events, every time it is asked for.

use domain::code::Code;
use domain::programme::{Basis, Exact, Ladder, ReviewOn, Window};
use jiff::Timestamp;

use super::days::{self, Day, Zone};
use super::member::Member;
use super::rules::{fraction, minor};

/// A member's tiers on one ladder, oldest first, and when the last is judged again.
#[derive(Debug, Clone)]
pub struct Climb {
    pub ladder: Code,
    pub steps: Vec<(Timestamp, Code)>,
    pub review_at: Option<Timestamp>,
}

impl Climb {
    pub fn tier(&self) -> Code {
        self.steps.last().expect("a tier").1
    }

    /// The tier at an instant; before the first, the first.
    pub fn tier_at(&self, instant: Timestamp) -> Code {
        let mut tier = self.steps[0].1;
        for (since, reached) in &self.steps {
            if *since <= instant {
                tier = *reached;
            }
        }
        tier
    }
}

fn threshold(ladder: &Ladder, value: Exact) -> i64 {
    if ladder.basis == Basis::Spend {
        return minor(value);
    }
    let (numerator, denominator) = fraction(value);
    i64::try_from(numerator / denominator).expect("a threshold")
}

/// The position of the highest tier an amount reaches.
pub fn reached(ladder: &Ladder, amount: i64) -> usize {
    let mut position = 0;
    for (above, tier) in ladder.tiers.iter().enumerate() {
        if amount >= threshold(ladder, tier.threshold) {
            position = above;
        }
    }
    position
}

pub fn next(ladder: &Ladder, position: usize) -> Option<(Code, i64)> {
    let tier = ladder.tiers.get(position + 1)?;
    Some((tier.code, threshold(ladder, tier.threshold)))
}

pub fn position(ladder: &Ladder, tier: Code) -> usize {
    ladder.tiers.iter().position(|candidate| candidate.code == tier).expect("tiers are never removed")
}

/// The first day of the window a day lies in, and of the window after it.
fn window(ladder: &Ladder, on: Day, joined_on: Day) -> (Day, Day) {
    match ladder.window {
        Window::CalendarYear => ((on.0, 1, 1), (on.0 + 1, 1, 1)),
        Window::Lifetime => ((0, 1, 1), (9_999, 1, 1)),
        Window::RollingMonths(months) => {
            let months = i32::try_from(months).expect("months");
            let this_month = (on.0, on.1, 1);
            (days::add_months(this_month, 1 - months), days::add_months(this_month, 1))
        }
        Window::Anniversary => {
            let mut years = 0;
            while days::add_months(joined_on, 12 * (years + 1)) <= on {
                years += 1;
            }
            while days::add_months(joined_on, 12 * years) > on {
                years -= 1;
            }
            (days::add_months(joined_on, 12 * years), days::add_months(joined_on, 12 * (years + 1)))
        }
    }
}

/// What counts towards a ladder on a day: everything that happened in the window of that day.
pub fn qualifying(member: &Member, zone: &Zone, ladder: &Ladder, on: Day) -> i64 {
    let (first, after) = window(ladder, on, zone.day_of(member.enrolled_at));
    let within = |day: Day| first <= day && day < after;
    let bought = member.bought.iter().filter(|bought| within(bought.day));
    match &ladder.basis {
        Basis::UnitBalance(unit) => {
            let [available, pending, debt, .., held] = member.balance(*unit);
            available + pending + held - debt
        }
        Basis::UnitEarned(unit) => member
            .counted
            .iter()
            .filter(|(code, day, _)| code == unit && within(*day))
            .map(|(_, _, points)| points)
            .sum(),
        Basis::Spend => bought
            .map(|bought| {
                let total: i64 = bought.purchase.lines.iter().map(|line| line.amount).sum();
                total - bought.returned.iter().sum::<i64>()
            })
            .sum(),
        Basis::Visits => {
            let mut visited: Vec<Day> = bought.map(|bought| bought.day).collect();
            visited.sort_unstable();
            visited.dedup();
            i64::try_from(visited.len()).expect("days")
        }
        Basis::Nights(category) => bought
            .map(|bought| {
                let lines = bought.purchase.lines.iter().zip(&bought.returned);
                lines
                    .filter(|(line, _)| line.category == *category)
                    .map(|(line, returned)| {
                        let nights = line.quantity_milli / 1_000;
                        if line.amount == 0 { nights } else { nights - nights * returned / line.amount }
                    })
                    .sum::<i64>()
            })
            .sum(),
    }
}

/// When a tier reached or kept on a day is judged again.
pub fn review_at(ladder: &Ladder, zone: &Zone, since: Timestamp, joined_on: Day) -> Option<Timestamp> {
    let since = zone.day_of(since);
    let due = match ladder.review.on {
        ReviewOn::Never => return None,
        ReviewOn::YearInTier => days::add_months(since, 12),
        ReviewOn::Anniversary => {
            let by_year = Ladder { window: Window::Anniversary, ..ladder.clone() };
            window(&by_year, since, joined_on).1
        }
        ReviewOn::WindowEnd => match ladder.window {
            Window::RollingMonths(months) => {
                days::add_months((since.0, since.1, 1), i32::try_from(months).expect("months"))
            }
            _ => window(ladder, since, joined_on).1,
        },
    };
    let grace = i32::try_from(ladder.review.grace_months).expect("months");
    Some(zone.start_of(days::add_months(due, grace)))
}

/// What a review on a day judges: the better of the window that ended before the grace and the one before the day.
pub fn qualifying_at_review(member: &Member, zone: &Zone, ladder: &Ladder, on: Day) -> i64 {
    let grace = i32::try_from(ladder.review.grace_months).expect("months");
    let running = qualifying(member, zone, ladder, days::previous(on));
    let ended = days::previous(days::add_months(on, -grace));
    running.max(qualifying(member, zone, ladder, ended))
}
