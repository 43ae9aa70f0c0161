//! One value of one row, whichever kind of file it comes from.
//! Text is trimmed and loses the backtick that acquirers put before long digit strings.

use std::borrow::Cow;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// A value as its file holds it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Cell<'a> {
    /// Nothing, or only blanks.
    Missing,
    /// Text, trimmed, not empty.
    Text(&'a str),
    /// Bytes that are no text in the file's encoding.
    Undecodable(&'a [u8]),
    /// A whole number.
    Integer(i64),
    /// A number whose exact decimal the file has lost.
    Float(f64),
    /// An exact decimal: digits and their power of ten.
    Decimal(i128, u32),
    /// A truth value.
    Boolean(bool),
    /// Days since 1970-01-01.
    Day(i32),
    /// Microseconds since 1970-01-01T00:00 of the local clock.
    Local(i64),
    /// Microseconds since 1970-01-01T00:00Z.
    Instant(i64),
}

/// A row of a file.
pub(super) trait Row {
    /// The value in a column of the file, counted from 0.
    fn cell(&self, column: usize) -> Cell<'_>;
    /// A number that tells this row from any row with other content in any column.
    fn content_hash(&self) -> u64;
}

impl<'a> Cell<'a> {
    /// Bytes of a text file as a value.
    pub(super) fn from_bytes(bytes: &'a [u8]) -> Self {
        match std::str::from_utf8(bytes) {
            // The replacement character stands where a decoder met bytes that are no text.
            Ok(text) if text.contains('\u{FFFD}') => Self::Undecodable(bytes),
            Ok(text) => Self::from_text(text),
            Err(_) => Self::Undecodable(bytes),
        }
    }

    /// Text as a value.
    pub(super) fn from_text(text: &'a str) -> Self {
        // Most text begins and ends with an ASCII letter or digit and needs no trimming.
        if let ([first, ..], [.., last]) = (text.as_bytes(), text.as_bytes())
            && first.is_ascii_alphanumeric()
            && last.is_ascii_alphanumeric()
        {
            return Self::Text(text);
        }
        let text = text.trim();
        let text = match text.strip_prefix('`') {
            Some(rest) if rest.starts_with(|c: char| c.is_ascii_digit() || c == '-' || c == '.') => rest,
            _ => text,
        };
        if text.is_empty() { Self::Missing } else { Self::Text(text) }
    }

    /// The value as people write it; empty when missing.
    pub(super) fn text(&self) -> Cow<'a, str> {
        match *self {
            Self::Missing => Cow::Borrowed(""),
            Self::Text(text) => Cow::Borrowed(text),
            Self::Undecodable(bytes) => Cow::Owned(String::from_utf8_lossy(bytes).into_owned()),
            Self::Integer(value) => Cow::Owned(value.to_string()),
            Self::Float(value) => Cow::Owned(value.to_string()),
            Self::Boolean(value) => Cow::Borrowed(if value { "true" } else { "false" }),
            Self::Decimal(digits, scale) => Cow::Owned(decimal_text(digits, scale)),
            Self::Day(days) => {
                Cow::Owned(day(days).map_or_else(|| days.to_string(), |date| date.to_string()))
            }
            Self::Local(micros) => Cow::Owned(instant_text(micros, "")),
            Self::Instant(micros) => Cow::Owned(instant_text(micros, "Z")),
        }
    }
}

/// The date a number of days after 1970-01-01.
pub(super) fn day(days: i32) -> Option<Date> {
    jiff::civil::date(1970, 1, 1).checked_add(jiff::Span::new().try_days(days).ok()?).ok()
}

fn decimal_text(digits: i128, scale: u32) -> String {
    let width = usize::try_from(scale).unwrap_or(0);
    let plain = format!("{:0>fill$}", digits.unsigned_abs(), fill = width + 1);
    let (whole, part) = plain.split_at(plain.len() - width);
    let sign = if digits < 0 { "-" } else { "" };
    if part.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{part}") }
}

fn instant_text(micros: i64, suffix: &str) -> String {
    Timestamp::from_microsecond(micros).map_or_else(
        |_| micros.to_string(),
        |instant| format!("{}{suffix}", TimeZone::UTC.to_datetime(instant)),
    )
}

#[cfg(test)]
mod tests {
    use super::Cell;

    #[test]
    fn text_is_trimmed_and_loses_the_backtick_before_digits() {
        assert_eq!(Cell::from_bytes(b" a b "), Cell::Text("a b"));
        assert_eq!(Cell::from_bytes(b"  "), Cell::Missing);
        assert_eq!(Cell::from_bytes(b"`6222021001"), Cell::Text("6222021001"));
        assert_eq!(Cell::from_bytes(b"`x"), Cell::Text("`x"));
        assert_eq!(Cell::from_bytes(b"\xff"), Cell::Undecodable(b"\xff"));
    }

    #[test]
    fn values_print_as_people_write_them() {
        let text = |cell: Cell<'static>| cell.text().into_owned();
        assert_eq!(text(Cell::Float(17850.0)), "17850");
        assert_eq!(text(Cell::Decimal(-5, 2)), "-0.05");
        assert_eq!(text(Cell::Decimal(1234, 0)), "1234");
        assert_eq!(text(Cell::Day(17_197)), "2017-01-31");
        assert_eq!(text(Cell::Local(1_000_000)), "1970-01-01T00:00:01");
        assert_eq!(text(Cell::Instant(1_000_000)), "1970-01-01T00:00:01Z");
    }
}
