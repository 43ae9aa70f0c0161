//! The reference model's calendar: days as plain numbers, loops instead of formulas, and a search for midnight.
//! Only the offsets of a zone come from outside.

use std::cell::RefCell;
use std::collections::HashMap;

use jiff::Timestamp;

/// Year, month, day. Tuples compare in the order of time.
pub type Day = (i32, i32, i32);

pub fn month_length(year: i32, month: i32) -> i32 {
    let leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

pub fn next(day: Day) -> Day {
    let (year, month, date) = day;
    if date < month_length(year, month) {
        (year, month, date + 1)
    } else if month < 12 {
        (year, month + 1, 1)
    } else {
        (year + 1, 1, 1)
    }
}

pub fn previous(day: Day) -> Day {
    let (year, month, date) = day;
    if date > 1 {
        (year, month, date - 1)
    } else if month > 1 {
        (year, month - 1, month_length(year, month - 1))
    } else {
        (year - 1, 12, 31)
    }
}

pub fn add_days(mut day: Day, days: u32) -> Day {
    for _ in 0..days {
        day = next(day);
    }
    day
}

/// Counts months one by one, then clamps the day once.
pub fn add_months(day: Day, months: i32) -> Day {
    let (mut year, mut month, date) = day;
    for _ in 0..months.abs() {
        if months > 0 {
            (year, month) = if month == 12 { (year + 1, 1) } else { (year, month + 1) };
        } else {
            (year, month) = if month == 1 { (year - 1, 12) } else { (year, month - 1) };
        }
    }
    (year, month, date.min(month_length(year, month)))
}

pub fn end_of_month(day: Day) -> Day {
    (day.0, day.1, month_length(day.0, day.1))
}

/// Days since 1 January 1970.
pub fn number(day: Day) -> i64 {
    let mut days = 0;
    for year in 1970..day.0 {
        days += if month_length(year, 2) == 29 { 366 } else { 365 };
    }
    for year in day.0..1970 {
        days -= if month_length(year, 2) == 29 { 366 } else { 365 };
    }
    for month in 1..day.1 {
        days += i64::from(month_length(day.0, month));
    }
    days + i64::from(day.2) - 1
}

/// Days after Monday; 1 January 1970 was a Thursday.
pub fn weekday(day: Day) -> i64 {
    (number(day) + 3).rem_euclid(7)
}

/// A zone with the midnights found so far.
pub struct Zone {
    zone: jiff::tz::TimeZone,
    starts: RefCell<HashMap<Day, Timestamp>>,
}

impl Zone {
    pub fn named(name: &str) -> Self {
        Self { zone: jiff::tz::TimeZone::get(name).expect("a zone"), starts: RefCell::default() }
    }

    pub fn day_of(&self, instant: Timestamp) -> Day {
        let local = self.zone.to_datetime(instant);
        (i32::from(local.year()), i32::from(local.month()), i32::from(local.day()))
    }

    /// The first instant whose local day is this day or a later one: steps of a quarter of an hour, then halving.
    pub fn start_of(&self, day: Day) -> Timestamp {
        if let Some(found) = self.starts.borrow().get(&day) {
            return *found;
        }
        let at = |second: i64| Timestamp::from_second(second).expect("in range");
        let mut before = number(day) * 86_400 - 26 * 3_600;
        let mut after = before;
        while self.day_of(at(after)) < day {
            before = after;
            after += 900;
        }
        while after - before > 1 {
            let middle = i64::midpoint(before, after);
            if self.day_of(at(middle)) < day { before = middle } else { after = middle }
        }
        self.starts.borrow_mut().insert(day, at(after));
        at(after)
    }

    pub fn end_of(&self, day: Day) -> Timestamp {
        self.start_of(next(day))
    }
}
