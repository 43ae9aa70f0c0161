//! Dates and times of a file as instants, in the map's zone. A time that a zone's clock shows twice is the
//! first of the two; one that it skips is moved on by the gap.

use domain::calendar;
use jiff::Timestamp;
use jiff::civil::{DateTime, Time};
use jiff::fmt::strtime;
use jiff::tz::TimeZone;

use super::cell::{Cell, day};
use super::map::MomentMap;

/// Reads the moments of a file.
#[derive(Debug, Clone)]
pub(super) struct Clock {
    zone: TimeZone,
    format: Format,
    time_of_day: Option<Time>,
    last: Option<(String, i64)>,
}

#[derive(Debug, Clone, PartialEq)]
enum Format {
    Iso,
    EpochSeconds,
    EpochMilliseconds,
    Pattern(String),
}

/// A field of the map, its value, and what to write instead.
pub(super) type ClockProblem = (String, String, &'static str);

impl Clock {
    /// The clock that a map describes under the name of a field.
    pub(super) fn new(field: &str, time_zone: &str, map: &MomentMap) -> Result<Self, ClockProblem> {
        let zone = TimeZone::get(time_zone).map_err(|_| {
            (
                "time_zone".to_owned(),
                time_zone.to_owned(),
                "use a name of the IANA time zone database, for instance \"Europe/London\"",
            )
        })?;
        let format = match map.format.as_deref() {
            None | Some("iso") => Format::Iso,
            Some("epoch_seconds") => Format::EpochSeconds,
            Some("epoch_milliseconds") => Format::EpochMilliseconds,
            Some(pattern) => pattern_format(pattern).ok_or_else(|| {
                (
                    format!("{field}.format"),
                    pattern.to_owned(),
                    "use \"iso\", \"epoch_seconds\", \"epoch_milliseconds\", or a pattern with year, month and day such as \"%Y-%m-%d %H:%M\"",
                )
            })?,
        };
        let time_of_day = match map.time_of_day.as_deref() {
            None => None,
            Some(text) => Some(text.parse().map_err(|_| {
                (
                    format!("{field}.time_of_day"),
                    text.to_owned(),
                    "write hours and minutes, for instance \"12:00\"",
                )
            })?),
        };
        Ok(Self { zone, format, time_of_day, last: None })
    }

    /// Microseconds since 1970 of a value, or nothing if it is no moment.
    pub(super) fn read(&mut self, cell: Cell<'_>) -> Option<i64> {
        match cell {
            Cell::Instant(micros) => Some(micros),
            Cell::Local(micros) => {
                let local = TimeZone::UTC.to_datetime(Timestamp::from_microsecond(micros).ok()?);
                self.instant(local)
            }
            Cell::Day(days) => self.date(day(days)?),
            Cell::Integer(value) if self.format == Format::EpochSeconds => value.checked_mul(1_000_000),
            Cell::Integer(value) if self.format == Format::EpochMilliseconds => value.checked_mul(1_000),
            Cell::Missing | Cell::Undecodable(_) => None,
            other => self.read_text(&other.text()),
        }
    }

    /// A date in one column and a time in another.
    pub(super) fn read_pair(&mut self, date: Cell<'_>, time: Cell<'_>) -> Option<i64> {
        let (date, mut time) = (date.text(), time.text());
        // A column of numbers has lost the leading zeros of 09:31 written 0931.
        if !time.is_empty() && time.len() < 4 && time.bytes().all(|b| b.is_ascii_digit()) {
            time = format!("{time:0>4}").into();
        } else if time.len() == 5 && time.bytes().all(|b| b.is_ascii_digit()) {
            time = format!("{time:0>6}").into();
        }
        self.read_text(&format!("{date} {time}"))
    }

    /// Text; rows of one receipt follow each other with the same text, so the last one is remembered.
    fn read_text(&mut self, text: &str) -> Option<i64> {
        if let Some((last, micros)) = &self.last
            && last == text
        {
            return Some(*micros);
        }
        let micros = self.parse(text)?;
        let (last, value) = self.last.get_or_insert_default();
        last.clear();
        last.push_str(text);
        *value = micros;
        Some(micros)
    }

    fn parse(&self, text: &str) -> Option<i64> {
        match &self.format {
            Format::EpochSeconds => text.parse::<i64>().ok()?.checked_mul(1_000_000),
            Format::EpochMilliseconds => text.parse::<i64>().ok()?.checked_mul(1_000),
            Format::Iso => {
                if let Ok(instant) = text.parse::<Timestamp>() {
                    return Some(instant.as_microsecond());
                }
                // A date alone also reads as a date-time at midnight: tell them apart by length.
                if text.len() <= 10 {
                    return self.date(text.parse().ok()?);
                }
                self.instant(text.parse().ok()?)
            }
            Format::Pattern(pattern) => {
                let parts = strtime::parse(pattern, text).ok()?;
                if parts.offset().is_some() {
                    return Some(parts.to_timestamp().ok()?.as_microsecond());
                }
                match parts.to_time() {
                    Ok(time) if parts.hour().is_some() => {
                        self.instant(parts.to_date().ok()?.to_datetime(time))
                    }
                    _ => self.date(parts.to_date().ok()?),
                }
            }
        }
    }

    fn date(&self, date: jiff::civil::Date) -> Option<i64> {
        match self.time_of_day {
            Some(time) => self.instant(date.to_datetime(time)),
            None => Some(calendar::day_start(date, &self.zone).ok()?.as_microsecond()),
        }
    }

    fn instant(&self, local: DateTime) -> Option<i64> {
        Some(self.zone.to_ambiguous_timestamp(local).compatible().ok()?.as_microsecond())
    }
}

/// A pattern is good if a moment written with it reads back with its date.
fn pattern_format(pattern: &str) -> Option<Format> {
    let sample = jiff::civil::date(2001, 12, 23).at(22, 33, 44, 0).to_zoned(TimeZone::UTC).ok()?;
    let text = strtime::format(pattern, &sample).ok()?;
    let read = strtime::parse(pattern, &text).ok()?;
    (read.to_date().ok()? == sample.date()).then(|| Format::Pattern(pattern.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::{Clock, Format, pattern_format};
    use crate::import::cell::Cell;
    use jiff::Timestamp;
    use jiff::tz::TimeZone;

    fn clock(format: Format, zone: &str) -> Clock {
        Clock { zone: TimeZone::get(zone).expect("a zone"), format, time_of_day: None, last: None }
    }

    fn check(format: &str, zone: &str, text: &str, expected: Option<&str>) {
        let format = match format {
            "iso" => Format::Iso,
            "seconds" => Format::EpochSeconds,
            pattern => pattern_format(pattern).expect("a pattern"),
        };
        let found = clock(format, zone).read(Cell::from_text(text));
        let found =
            found.and_then(|micros| Timestamp::from_microsecond(micros).ok()).map(|at| at.to_string());
        assert_eq!(found.as_deref(), expected, "{text}");
    }

    #[test]
    fn texts_become_instants_in_the_zone_of_the_map() {
        check("%d/%m/%Y %H:%M", "Europe/London", "01/07/2011 09:30", Some("2011-07-01T08:30:00Z"));
        check("%Y%m%d", "Asia/Shanghai", "20260613", Some("2026-06-12T16:00:00Z"));
        check("%m/%d/%Y %I:%M %p", "UTC", "6/13/2026 1:05 PM", Some("2026-06-13T13:05:00Z"));
        check(
            "%Y-%m-%dT%H:%M:%S%z",
            "Asia/Shanghai",
            "2026-06-13T00:00:00+0200",
            Some("2026-06-12T22:00:00Z"),
        );
        check("iso", "Asia/Shanghai", "2026-06-13", Some("2026-06-12T16:00:00Z"));
        check("iso", "Asia/Shanghai", "2026-06-13 08:00:01", Some("2026-06-13T00:00:01Z"));
        check("iso", "Asia/Shanghai", "2026-06-13T08:00:01Z", Some("2026-06-13T08:00:01Z"));
        check("seconds", "UTC", "86400", Some("1970-01-02T00:00:00Z"));
        check("%Y-%m-%d", "UTC", "2026-02-30", None);
        check("%Y-%m-%d", "UTC", "yesterday", None);
    }

    #[test]
    fn a_time_that_comes_twice_is_the_first_and_one_that_is_skipped_moves_on() {
        check("iso", "Europe/London", "2011-10-30 01:30:00", Some("2011-10-30T00:30:00Z"));
        check("iso", "Europe/London", "2011-03-27 01:30:00", Some("2011-03-27T01:30:00Z"));
    }

    #[test]
    fn a_time_in_its_own_column_may_have_lost_its_zeros() {
        let mut clock = clock(pattern_format("%Y-%m-%d %H%M").expect("a pattern"), "UTC");
        let found = clock.read_pair(Cell::Day(0), Cell::Integer(931));
        assert_eq!(found, Some((9 * 60 + 31) * 60_000_000));
    }

    #[test]
    fn patterns_without_a_date_are_refused() {
        assert_eq!(pattern_format("%H:%M"), None);
        assert_eq!(pattern_format("%Q %"), None);
    }
}
