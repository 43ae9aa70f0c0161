//! A place in a list that is ordered by an instant and an entry: what a caller sends back to get the next page.

use domain::ids::EntryId;
use domain::refusal::Refusal;
use jiff::Timestamp;

/// The place of an item.
pub(crate) type Place = (Timestamp, EntryId);

/// The place as callers keep it.
pub(crate) fn write((at, entry): Place) -> String {
    format!("{}.{entry}", at.as_microsecond())
}

/// Reads a place that a page before gave.
pub(crate) fn read(text: &str) -> Result<Place, Refusal> {
    let parts = text.split_once('.').and_then(|(at, entry)| {
        let at = Timestamp::from_microsecond(at.parse().ok()?).ok()?;
        Some((at, entry.parse().ok()?))
    });
    parts.ok_or_else(|| Refusal::field("after", text, "use the cursor of the page before, as it was given"))
}

/// Checks the number of items asked for.
pub(crate) fn check_limit(limit: u16, most: u16) -> Result<(), Refusal> {
    if (1..=most).contains(&limit) {
        return Ok(());
    }
    Err(Refusal::field("limit", limit, format!("use a whole number from 1 to {most}")))
}

#[cfg(test)]
mod tests {
    use super::{read, write};

    #[test]
    fn a_place_survives_the_way_to_the_caller_and_back() {
        let place = ("2026-05-11T02:00:00.000001Z".parse().unwrap(), "ent_0000000000001_7".parse().unwrap());
        assert_eq!(read(&write(place)), Ok(place));
        for bad in ["", "1", "x.ent_0000000000001_7", "1.ent_x", "99999999999999999999.ent_0000000000001_7"] {
            assert!(read(bad).is_err(), "{bad}");
        }
    }
}
