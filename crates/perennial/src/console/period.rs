//! The period a page speaks of: from the address, else the last 90 days for which there is anything.

use jiff::ToSpan;
use jiff::civil::Date;
use operations::{Engine, MemberSearch, MemberSort, OperationError};
use serde::Deserialize;

use super::page::Frame;
use super::query::address;

/// Days shown unless the address says otherwise.
const DAYS_DEFAULT: i32 = 90;

/// What the address says.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct PeriodQuery {
    #[serde(default)]
    from: String,
    #[serde(default)]
    until: String,
    #[serde(default)]
    compare: String,
}

/// Days from the first to the last, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Period {
    /// First day.
    pub(crate) from: Date,
    /// Last day.
    pub(crate) until: Date,
}

/// A period one can choose with one click.
pub(crate) struct Preset {
    pub(crate) label: String,
    pub(crate) address: String,
    pub(crate) current: bool,
}

impl Period {
    /// The days up to and including `until`.
    fn days_until(until: Date, days: i32) -> Self {
        Self { from: until.saturating_sub((days - 1).days()), until }
    }

    /// The period of the same length right before.
    pub(crate) fn previous(self) -> Self {
        let days = self.from.until(self.until).map_or(0, |span| span.get_days());
        let until = self.from.saturating_sub(1.day());
        Self { from: until.saturating_sub(days.days()), until }
    }

    /// In words.
    pub(crate) fn shown(self, f: &Frame) -> String {
        let (from, until) = (f.formats.date(self.from), f.formats.date(self.until));
        f.with("period-of", &[("from", &from), ("until", &until)])
    }

    fn address(self, compare: bool) -> String {
        let (from, until) = (self.from.to_string(), self.until.to_string());
        let compare = if compare { "yes" } else { "no" };
        address("/console", &[("from", &from), ("until", &until), ("compare", compare)])
    }
}

impl PeriodQuery {
    /// Whether to compare with the period before; yes unless switched off.
    pub(crate) fn compare(&self) -> bool {
        // A form with the box unticked sends the dates alone.
        if self.from.is_empty() { self.compare != "no" } else { self.compare == "yes" }
    }

    /// The period; `Err` with the default if the address is wrong.
    pub(crate) fn period(&self, history: Period) -> Result<Period, Period> {
        let default = Period::days_until(history.until, DAYS_DEFAULT);
        if self.from.is_empty() && self.until.is_empty() {
            return Ok(default);
        }
        match (self.from.parse::<Date>(), self.until.parse::<Date>()) {
            (Ok(from), Ok(until)) if from <= until => Ok(Period { from, until }),
            _ => Err(default),
        }
    }
}

/// The periods one can choose with one click.
pub(crate) fn presets(f: &Frame, history: Period, chosen: Period, compare: bool) -> Vec<Preset> {
    let choices = [("preset-30", 30), ("preset-90", 90), ("preset-365", 365)];
    let mut presets: Vec<(String, Period)> =
        choices.into_iter().map(|(key, days)| (f.t(key), Period::days_until(history.until, days))).collect();
    presets.push((f.t("preset-all"), history));
    presets
        .into_iter()
        .map(|(label, period)| Preset { label, address: period.address(compare), current: period == chosen })
        .collect()
}

/// From the first enrolment to the last purchase, or to today where that is recent: imported history may have ended
/// years ago.
pub(crate) async fn history(engine: &Engine, f: &Frame) -> Result<Period, OperationError> {
    let day = |instant| f.formats.zone.to_datetime(instant).date();
    let today = day(engine.clock().now());
    let one = |sort, descending| MemberSearch { sort, descending, limit: 1, ..MemberSearch::default() };
    let first = engine.search_members(&one(MemberSort::EnrolledAt, false)).await?.members;
    let last = engine.search_members(&one(MemberSort::LastPurchaseAt, true)).await?.members;
    let from = first.first().map_or(today, |member| day(member.enrolled_at));
    let bought = last.first().and_then(|member| member.last_purchase_at).map_or(today, day);
    let recent = bought >= today.saturating_sub(30.days());
    let until = if recent { today } else { bought };
    Ok(Period { from: from.min(until), until })
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::{Period, PeriodQuery};

    const HISTORY: Period = Period { from: date(2024, 1, 1), until: date(2026, 3, 31) };

    fn query(from: &str, until: &str, compare: &str) -> PeriodQuery {
        PeriodQuery { from: from.to_owned(), until: until.to_owned(), compare: compare.to_owned() }
    }

    #[test]
    fn the_period_is_the_addresss_or_the_last_90_days() {
        let default = Period { from: date(2026, 1, 1), until: date(2026, 3, 31) };
        assert_eq!(query("", "", "").period(HISTORY), Ok(default));
        let chosen = Period { from: date(2026, 2, 1), until: date(2026, 2, 1) };
        assert_eq!(query("2026-02-01", "2026-02-01", "").period(HISTORY), Ok(chosen));
        assert_eq!(query("2026-02-02", "2026-02-01", "").period(HISTORY), Err(default));
        assert_eq!(query("x", "2026-02-01", "").period(HISTORY), Err(default));
    }

    #[test]
    fn the_period_before_has_the_same_length() {
        let period = Period { from: date(2026, 3, 1), until: date(2026, 3, 31) };
        assert_eq!(period.previous(), Period { from: date(2026, 1, 29), until: date(2026, 2, 28) });
    }

    #[test]
    fn comparing_is_on_until_it_is_switched_off() {
        assert!(query("", "", "").compare());
        assert!(!query("2026-02-01", "2026-02-01", "").compare());
        assert!(query("2026-02-01", "2026-02-01", "yes").compare());
    }
}
