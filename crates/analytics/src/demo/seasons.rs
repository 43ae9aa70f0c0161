//! When people shop: the weights of days (week, year, festivals) and hours.
//! Histories are drawn in shopping time, in which business is even, and mapped to instants here.

use jiff::civil::{Date, DateTime, Weekday};
use jiff::{Timestamp, ToSpan};

/// Seconds that clocks in China are ahead of UTC; without change since 1991.
pub(super) const ZONE_SECONDS: i64 = 8 * 3_600;
const DAY_SECONDS: i64 = 86_400;

/// Relative business of each hour of a day.
const HOURS: [f64; 24] = [
    0.25, 0.1, 0.05, 0.05, 0.05, 0.08, 0.2, 0.6, 1.0, 1.6, 2.2, 2.4, 2.2, 1.7, 1.6, 1.7, 2.0, 2.6, 2.9, 2.8,
    2.6, 1.9, 1.0, 0.5,
];

/// Month and day of the Chinese New Year from 2017 to 2035. The calendar repeats, nearly, after 19 years.
const NEW_YEARS: [(i8, i8); 19] = [
    (1, 28),
    (2, 16),
    (2, 5),
    (1, 25),
    (2, 12),
    (2, 1),
    (1, 22),
    (2, 10),
    (1, 29),
    (2, 17),
    (2, 6),
    (1, 26),
    (2, 13),
    (2, 3),
    (1, 23),
    (2, 11),
    (1, 31),
    (2, 19),
    (2, 8),
];

/// The shopping calendar of one history.
#[derive(Debug, Clone)]
pub(super) struct Seasons {
    /// Seconds since 1970 at which the first day starts in China.
    start: i64,
    /// `days[i]` is the shopping time at the start of day `i`; the last is the total.
    days: Vec<f64>,
    /// The same for the hours of a day, up to 1.
    hours: [f64; 25],
}

impl Seasons {
    /// The calendar from the first to the last day, both included.
    pub(super) fn new(first: Date, last: Date) -> Self {
        let mut days = vec![0.0];
        let mut total = 0.0;
        let mut date = first;
        while date <= last {
            total += day_weight(date);
            days.push(total);
            let Ok(next) = date.tomorrow() else { break };
            date = next;
        }
        let mut hours = [0.0; 25];
        for (hour, weight) in HOURS.iter().enumerate() {
            hours[hour + 1] = hours[hour] + weight / HOURS.iter().sum::<f64>();
        }
        let start = i64::from(domain::calendar::day_number(first)) * DAY_SECONDS - ZONE_SECONDS;
        Self { start, days, hours }
    }

    /// All shopping time there is.
    pub(super) fn length(&self) -> f64 {
        self.days.last().copied().unwrap_or(0.0)
    }

    /// Seconds since 1970 of the first instant after the last day.
    pub(super) fn end(&self) -> i64 {
        self.start + as_seconds(self.days.len() - 1) * DAY_SECONDS
    }

    /// Seconds since 1970 of the first instant.
    pub(super) fn start(&self) -> i64 {
        self.start
    }

    /// The instant (seconds since 1970) of a moment in shopping time; `None` after the end.
    pub(super) fn instant(&self, moment: f64) -> Option<i64> {
        let (day, within_day) = position(&self.days, moment)?;
        let (hour, within_hour) = position(&self.hours, within_day)?;
        Some(
            self.start
                + as_seconds(day) * DAY_SECONDS
                + as_seconds(hour) * 3_600
                + fraction_seconds(within_hour),
        )
    }
}

/// The interval of a rising table that holds a value, and how far into the interval it lies (0 to 1).
fn position(table: &[f64], value: f64) -> Option<(usize, f64)> {
    let after = table.partition_point(|start| *start <= value);
    let (before, after) = (after.checked_sub(1)?, table.get(after)?);
    let start = table[before];
    Some((before, ((value - start) / (after - start)).min(0.999_999_9)))
}

fn as_seconds(count: usize) -> i64 {
    // Days and hours of a history are small numbers.
    i64::try_from(count).unwrap_or(0)
}

#[expect(clippy::cast_possible_truncation, reason = "a fraction of an hour is at most 3,599 seconds")]
fn fraction_seconds(within_hour: f64) -> i64 {
    (within_hour * 3_600.0) as i64
}

/// Hour of the day in China.
pub(super) fn hour(instant: i64) -> i64 {
    (instant + ZONE_SECONDS).rem_euclid(DAY_SECONDS) / 3_600
}

/// The date in China.
pub(super) fn date(instant: i64) -> Date {
    local(instant).date()
}

/// Date and time in China.
pub(super) fn local(instant: i64) -> DateTime {
    // Instants come from a calendar of dates, so the way back exists.
    jiff::tz::TimeZone::UTC.to_datetime(Timestamp::from_second(instant + ZONE_SECONDS).unwrap_or_default())
}

/// How busy a day is; 1 is an ordinary one.
fn day_weight(date: Date) -> f64 {
    week(date.weekday()) * festival(date) * spring_festival(date)
}

fn week(day: Weekday) -> f64 {
    match day {
        Weekday::Monday => 0.88,
        Weekday::Tuesday => 0.86,
        Weekday::Wednesday => 0.9,
        Weekday::Thursday => 0.93,
        Weekday::Friday => 1.05,
        Weekday::Saturday => 1.25,
        Weekday::Sunday => 1.17,
    }
}

fn festival(date: Date) -> f64 {
    match (date.month(), date.day()) {
        (6, 18) => 3.0,
        (6, 1..=17) => 1.15,
        (11, 11) => 3.4,
        (11, 1..=10) => 1.2,
        (12, 12) => 1.6,
        (12, 20..=25) => 1.45,
        (10, 1..=7) => 1.25,
        (6, 19..=25) | (11, 12..=20) => 0.85,
        (7 | 8, _) => 0.95,
        _ => 1.0,
    }
}

/// Two weeks of stocking up, then quiet days at home.
fn spring_festival(date: Date) -> f64 {
    let index = usize::from((date.year() - 2_017).rem_euclid(19).unsigned_abs());
    let (month, day) = NEW_YEARS[index];
    let Ok(new_year) = Date::new(date.year(), month, day) else { return 1.0 };
    let days = domain::calendar::day_number(date) - domain::calendar::day_number(new_year);
    match days {
        -16..=-2 => 1.6,
        -1..=4 => 0.45,
        5..=12 => 0.8,
        _ => 1.0,
    }
}

/// The first day of a history of so many months that ends on a day.
pub(super) fn first_day(last: Date, months: u32) -> Option<Date> {
    let months = i64::from(months.min(1_200));
    last.tomorrow().ok()?.checked_sub(months.months()).ok()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use jiff::civil::date as day;

    use super::{Seasons, date, day_weight, first_day, hour};

    #[test]
    fn festivals_stand_out() {
        let ordinary = day_weight(day(2026, 4, 14));
        assert!(day_weight(day(2025, 11, 11)) > 2.5 * ordinary);
        assert!(day_weight(day(2026, 6, 18)) > 2.5 * ordinary);
        assert!(day_weight(day(2026, 2, 10)) > 1.4 * ordinary, "before the Spring Festival");
        assert!(day_weight(day(2026, 2, 17)) < 0.6 * ordinary, "on New Year's Day");
    }

    #[test]
    fn shopping_time_maps_to_instants_in_order() {
        let first = first_day(day(2026, 6, 30), 24).expect("in range");
        assert_eq!(first, day(2024, 7, 1));
        let seasons = Seasons::new(first, day(2026, 6, 30));
        let steps = 10_000;
        let instants: Vec<i64> = (0..steps)
            .map(|step| seasons.length() * f64::from(step) / f64::from(steps))
            .map(|moment| seasons.instant(moment).expect("before the end"))
            .collect();
        assert!(instants.is_sorted());
        assert_eq!(instants[0], seasons.start());
        assert_eq!((date(instants[0]), hour(instants[0])), (first, 0));
        assert_eq!(seasons.instant(seasons.length()), None);
        assert_eq!(date(seasons.end() - 1), day(2026, 6, 30));
    }
}
