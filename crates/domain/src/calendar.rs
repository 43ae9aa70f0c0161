//! Dates and instants in a programme's time zone: when a lot expires, which day a purchase belongs to.
//! Instants are UTC; every rule about days names a zone. Nothing here reads the clock.

use jiff::civil::{Date, DateTime};
use jiff::tz::{AmbiguousOffset, TimeZone};
use jiff::{Span, Timestamp, ToSpan};

use crate::seeded::{Bug, planted};

/// Seconds of a civil day without a clock change.
pub const DAY_SECONDS: i64 = 86_400;
/// Days of the shortest month.
pub const MONTH_DAYS_MIN: i32 = 28;
/// Days of the longest month.
pub const MONTH_DAYS_MAX: i32 = 31;

/// An instant or date left the range the calendar can express (years −9999 to 9999).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the date leaves the calendar's range")]
pub struct CalendarError;

/// The civil date and time of an instant in a zone.
pub fn local(instant: Timestamp, zone: &TimeZone) -> DateTime {
    if planted(Bug::DaysOfGreenwich) {
        return TimeZone::UTC.to_datetime(instant);
    }
    zone.to_datetime(instant)
}

/// The first instant of a local day. Where local midnight does not exist (a daylight-saving gap), the first
/// instant after it; where the whole day was skipped, the first instant of the next existing day.
pub fn day_start(date: Date, zone: &TimeZone) -> Result<Timestamp, CalendarError> {
    let midnight = zone.to_ambiguous_timestamp(date.at(0, 0, 0, 0));
    if !midnight.is_ambiguous() {
        return midnight.compatible().map_err(|_| CalendarError);
    }
    if matches!(midnight.offset(), AmbiguousOffset::Fold { .. }) {
        return midnight.earlier().map_err(|_| CalendarError);
    }
    // Midnight falls into a gap: the day starts at the transition that made it.
    let after_gap = midnight.later().map_err(|_| CalendarError)?;
    let just_after = after_gap.checked_add(1.second()).map_err(|_| CalendarError)?;
    zone.preceding(just_after).next().map_or(Ok(after_gap), |transition| Ok(transition.timestamp()))
}

/// The instant at which something valid through `last_day` ends: the first instant of the next local day.
pub fn day_end(last_day: Date, zone: &TimeZone) -> Result<Timestamp, CalendarError> {
    day_start(last_day.tomorrow().map_err(|_| CalendarError)?, zone)
}

/// Adds months in one step, clamped to the end of the month: 31 January + 1 month = 28 or 29 February.
pub fn add_months(date: Date, months: i32) -> Result<Date, CalendarError> {
    date.checked_add(Span::new().try_months(months).map_err(|_| CalendarError)?).map_err(|_| CalendarError)
}

/// Adds days.
pub fn add_days(date: Date, days: i32) -> Result<Date, CalendarError> {
    date.checked_add(Span::new().try_days(days).map_err(|_| CalendarError)?).map_err(|_| CalendarError)
}

/// Months since year 0: the bucket of a date in monthly counters and the accounting cohort of a lot.
pub fn month_number(date: Date) -> i32 {
    i32::from(date.year()) * 12 + i32::from(date.month()) - 1
}

/// Days since 1970-01-01: the bucket of a date in daily counters.
pub fn day_number(date: Date) -> i32 {
    let epoch = jiff::civil::date(1970, 1, 1);
    // Dates span about 7.3 million days, well within i32; `until` in days cannot fail for two dates.
    epoch.until((jiff::Unit::Day, date)).map_or(0, |span| span.get_days())
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use jiff::tz::TimeZone;

    use super::{add_months, day_end, day_number, day_start, month_number};

    fn zone(name: &str) -> TimeZone {
        TimeZone::get(name).expect("a zone of the tz database")
    }

    #[test]
    fn months_are_added_in_one_step_and_clamped() {
        // reliability.md TS-10.
        assert_eq!(add_months(date(2026, 1, 31), 1), Ok(date(2026, 2, 28)));
        assert_eq!(add_months(date(2028, 1, 31), 1), Ok(date(2028, 2, 29)));
        assert_eq!(add_months(date(2028, 2, 29), 12), Ok(date(2029, 2, 28)));
    }

    #[test]
    fn a_day_starts_at_local_midnight() {
        let start = day_start(date(2026, 6, 13), &zone("Asia/Shanghai")).expect("in range");
        assert_eq!(start.to_string(), "2026-06-12T16:00:00Z");
    }

    #[test]
    fn a_day_without_midnight_starts_when_the_gap_ends() {
        // Cairo's clocks went from 00:00 to 01:00 on 28 April 2023.
        let start = day_start(date(2023, 4, 28), &zone("Africa/Cairo")).expect("in range");
        assert_eq!(start.to_string(), "2023-04-27T22:00:00Z");
    }

    #[test]
    fn a_skipped_day_starts_with_the_next_one() {
        // Apia skipped 30 December 2011.
        let apia = zone("Pacific/Apia");
        let skipped = day_start(date(2011, 12, 30), &apia).expect("in range");
        assert_eq!(skipped, day_start(date(2011, 12, 31), &apia).expect("in range"));
        assert_eq!(skipped.to_string(), "2011-12-30T10:00:00Z");
    }

    #[test]
    fn a_day_that_repeats_midnight_starts_at_the_first() {
        // Havana's clocks went from 01:00 back to 00:00 on 5 November 2023.
        let start = day_start(date(2023, 11, 5), &zone("America/Havana")).expect("in range");
        assert_eq!(start.to_string(), "2023-11-05T04:00:00Z");
    }

    #[test]
    fn the_end_of_a_day_is_the_start_of_the_next() {
        let end = day_end(date(2026, 12, 31), &zone("Asia/Shanghai")).expect("in range");
        assert_eq!(end.to_string(), "2026-12-31T16:00:00Z");
    }

    #[test]
    fn buckets_count_from_fixed_points() {
        assert_eq!(day_number(date(1970, 1, 2)), 1);
        assert_eq!(day_number(date(1969, 12, 31)), -1);
        assert_eq!(month_number(date(2026, 1, 1)), 2026 * 12);
    }
}
