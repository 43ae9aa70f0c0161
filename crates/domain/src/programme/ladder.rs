//! Tier ladders: what counts towards a tier, over which window, and how a tier is reviewed. All of it pure
//! arithmetic on dates and amounts; the ledger supplies the amounts.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use super::{Exact, Names};
use crate::calendar::{self, month_number};
use crate::code::Code;
use crate::ledger::QualifyingAmount;
use crate::seeded::{Bug, planted};

/// A ladder of tiers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Ladder {
    /// Short identifier.
    pub code: Code,
    /// What members call it.
    pub name: Names,
    /// What counts.
    pub basis: Basis,
    /// Over which time it counts.
    #[serde(default)]
    pub window: Window,
    /// The tiers, lowest first; the first one has the threshold 0.
    pub tiers: Vec<Tier>,
    /// When a tier may be lost.
    #[serde(default)]
    pub review: Review,
}

/// What counts towards a tier.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// What the member has of a unit.
    UnitBalance(Code),
    /// What the member earns of a unit.
    UnitEarned(Code),
    /// What the member spends, less returns.
    Spend,
    /// Local days with a purchase.
    Visits,
    /// Items bought of a category, such as hotel nights.
    Nights(String),
}

/// Over which time a basis counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Window {
    /// January to December.
    CalendarYear,
    /// From one anniversary of joining to the next.
    Anniversary,
    /// The last so many local months, the current one included.
    RollingMonths(u32),
    /// Since joining.
    #[default]
    Lifetime,
}

/// One tier.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Tier {
    /// Short identifier, unique among all ladders.
    pub code: Code,
    /// What members call it.
    pub name: Names,
    /// What it takes: points, items, days, or an amount in major units.
    pub threshold: Exact,
    /// What a review takes from the unit's balance before the tier is judged again.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub deduction: i64,
}

/// When and how a tier may be lost. Reaching a threshold always lifts a member at once.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Review {
    /// When a tier is judged again.
    #[serde(default)]
    pub on: ReviewOn,
    /// Months of grace after that day before the judgement.
    #[serde(default, skip_serializing_if = "is_zero_months")]
    pub grace_months: u32,
    /// Whether a member loses at most one level at a time.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub soft_landing: bool,
}

/// When a tier is judged again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReviewOn {
    /// Never: a tier once reached is kept.
    #[default]
    Never,
    /// On each anniversary of joining.
    Anniversary,
    /// A year after the tier was reached or last kept.
    YearInTier,
    /// When the window ends in which the tier was reached or last kept.
    WindowEnd,
}

/// A ladder with thresholds in the integers the ledger counts.
#[derive(Debug, Clone)]
pub struct CompiledLadder {
    /// The ladder as published.
    pub ladder: Ladder,
    thresholds: Vec<i64>,
}

impl CompiledLadder {
    /// `decimals` of the currency; `None` where a threshold is not a whole number of what counts.
    pub(super) fn new(ladder: Ladder, decimals: u32) -> Option<Self> {
        let scale = if ladder.basis == Basis::Spend { decimals } else { 0 };
        let thresholds =
            ladder.tiers.iter().map(|tier| tier.threshold.scaled(scale)).collect::<Option<Vec<_>>>()?;
        Some(Self { ladder, thresholds })
    }

    /// The code of the ladder.
    pub fn code(&self) -> Code {
        self.ladder.code
    }

    /// The tiers, lowest first.
    pub fn tiers(&self) -> &[Tier] {
        &self.ladder.tiers
    }

    /// What each tier takes: points, items, days or minor units.
    pub fn thresholds(&self) -> &[i64] {
        &self.thresholds
    }

    /// The position of a tier.
    pub fn position(&self, tier: Code) -> Option<usize> {
        self.ladder.tiers.iter().position(|candidate| candidate.code == tier)
    }

    /// The period a day counts in: calendar year, year of membership (from 0), month number, or 0.
    pub fn bucket(&self, on: Date, enrolled_on: Date) -> i32 {
        match self.ladder.window {
            Window::CalendarYear => i32::from(on.year()),
            Window::Anniversary => membership_year(on, enrolled_on),
            Window::RollingMonths(_) => month_number(on),
            Window::Lifetime => 0,
        }
    }

    /// What counts towards a tier on a day.
    pub fn qualifying(&self, amounts: &[QualifyingAmount], on: Date, enrolled_on: Date) -> i64 {
        let last = self.bucket(on, enrolled_on);
        let first = match self.ladder.window {
            Window::RollingMonths(months) => {
                last.saturating_sub(i32::try_from(months).unwrap_or(i32::MAX))
                    + i32::from(!planted(Bug::WindowOff))
            }
            _ => last,
        };
        amounts
            .iter()
            .filter(|amount| amount.ladder == self.ladder.code && (first..=last).contains(&amount.bucket))
            .fold(0, |sum: i64, amount| sum.saturating_add(amount.amount))
    }

    /// What a review on a day judges: the better of the window that ended and, if there is grace, the one that
    /// runs.
    pub fn qualifying_at_review(
        &self,
        amounts: &[QualifyingAmount],
        review_on: Date,
        enrolled_on: Date,
    ) -> i64 {
        let yesterday = review_on.yesterday().unwrap_or(review_on);
        let grace = i32::try_from(self.ladder.review.grace_months).unwrap_or(0);
        let ended = calendar::add_months(review_on, -grace).ok().and_then(|day| day.yesterday().ok());
        let now = self.qualifying(amounts, yesterday, enrolled_on);
        ended.map_or(now, |day| now.max(self.qualifying(amounts, day, enrolled_on)))
    }

    /// The position of the highest tier an amount reaches.
    pub fn tier_for(&self, amount: i64) -> usize {
        self.thresholds.iter().rposition(|threshold| amount >= *threshold).unwrap_or(0)
    }

    /// The next tier up and its threshold.
    pub fn next(&self, position: usize) -> Option<(Code, i64)> {
        let above = position + 1;
        Some((self.ladder.tiers.get(above)?.code, *self.thresholds.get(above)?))
    }

    /// When a tier held or kept since an instant is judged again; `None` never.
    pub fn review_at(&self, since: Timestamp, enrolled_on: Date, zone: &TimeZone) -> Option<Timestamp> {
        let since = zone.to_datetime(since).date();
        let due = match self.ladder.review.on {
            ReviewOn::Never => return None,
            ReviewOn::Anniversary => next_anniversary(since, enrolled_on)?,
            ReviewOn::YearInTier => calendar::add_months(since, 12).ok()?,
            ReviewOn::WindowEnd => self.window_end(since, enrolled_on)?,
        };
        let grace = i32::try_from(self.ladder.review.grace_months).ok()?;
        let grace = if planted(Bug::GraceIgnored) { 0 } else { grace };
        calendar::day_start(calendar::add_months(due, grace).ok()?, zone).ok()
    }

    /// The first day after the window that a day counts in.
    fn window_end(&self, on: Date, enrolled_on: Date) -> Option<Date> {
        match self.ladder.window {
            Window::CalendarYear => Date::new(on.year().checked_add(1)?, 1, 1).ok(),
            Window::Anniversary => next_anniversary(on, enrolled_on),
            Window::RollingMonths(months) => {
                calendar::add_months(on.first_of_month(), i32::try_from(months).ok()?).ok()
            }
            Window::Lifetime => None,
        }
    }

    /// What a review takes from the balance of a member in a tier.
    pub fn deduction(&self, position: usize) -> i64 {
        self.ladder.tiers.get(position).map_or(0, |tier| tier.deduction)
    }

    /// The tier after a review, given what counts (after a deduction).
    pub fn after_review(&self, position: usize, amount: i64) -> usize {
        let reached = self.tier_for(amount);
        if self.ladder.review.soft_landing && !planted(Bug::SoftLandingIgnored) {
            reached.max(position.saturating_sub(1))
        } else {
            reached
        }
    }
}

/// Full years of membership on a day; the anniversary of 29 February is 28 February in other years.
fn membership_year(on: Date, enrolled_on: Date) -> i32 {
    let years = i32::from(on.year()) - i32::from(enrolled_on.year());
    match calendar::add_months(enrolled_on, years.saturating_mul(12)) {
        Ok(anniversary) if on < anniversary => years - 1,
        _ => years,
    }
}

/// The first anniversary of joining after a day.
fn next_anniversary(on: Date, enrolled_on: Date) -> Option<Date> {
    calendar::add_months(enrolled_on, (membership_year(on, enrolled_on) + 1).checked_mul(12)?).ok()
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature serde asks for")]
fn is_zero(number: &i64) -> bool {
    *number == 0
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature serde asks for")]
fn is_zero_months(number: &u32) -> bool {
    *number == 0
}
