//! An instant as a page shows it: a day or a time in the programme's zone, exact for machines, relative on hover.

use jiff::Timestamp;

use super::page::Frame;

/// An instant, three ways.
pub(crate) struct Moment {
    /// For `datetime` attributes, with the offset.
    pub(crate) exact: String,
    /// For the reader.
    pub(crate) shown: String,
    /// How long ago, or until then.
    pub(crate) ago: String,
}

impl Moment {
    /// To the day.
    pub(crate) fn day(f: &Frame, instant: Timestamp, now: Timestamp) -> Self {
        Self::new(f, instant, now, f.formats.day(instant))
    }

    /// To the minute.
    pub(crate) fn time(f: &Frame, instant: Timestamp, now: Timestamp) -> Self {
        Self::new(f, instant, now, f.formats.time(instant))
    }

    fn new(f: &Frame, instant: Timestamp, now: Timestamp, shown: String) -> Self {
        let day = |instant| f.formats.zone.to_datetime(instant).date();
        let days = day(instant).until(day(now)).map_or(0, |span| span.get_days());
        let ago = if days >= 0 { f.n("days-ago", days) } else { f.n("days-ahead", -days) };
        Self { exact: f.formats.exact(instant), shown, ago }
    }
}

/// A choice of a list in a form.
pub(crate) struct Choice {
    /// What is sent.
    pub(crate) value: String,
    /// What is read.
    pub(crate) label: String,
    /// Whether it is chosen.
    pub(crate) chosen: bool,
}

impl Choice {
    /// A choice.
    pub(crate) fn new(value: impl Into<String>, label: impl Into<String>, chosen: &str) -> Self {
        let value = value.into();
        Self { label: label.into(), chosen: value == chosen, value }
    }
}
