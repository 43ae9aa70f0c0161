//! Up to where a lake tells a ledger: in the feed of entries, in that of vouchers, and among the batches that ended.

use std::fmt;

use analytics::lake::LakeError;
use jiff::Timestamp;
use store::FeedPosition;

/// A place in all that a ledger tells. Printed as its three parts with a blank between; a lake that was written before
/// vouchers were told has the first alone, and gets the others from their beginning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct LakePosition {
    /// The last entry.
    pub(super) entries: FeedPosition,
    /// The last step of a voucher.
    pub(super) vouchers: FeedPosition,
    /// The last batch of vouchers that ended: its end and its number.
    pub(super) ended: (Timestamp, i64),
}

impl fmt::Display for LakePosition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (end, batch_no) = self.ended;
        write!(f, "{} {} {}.{batch_no}", self.entries, self.vouchers, end.as_microsecond())
    }
}

impl LakePosition {
    /// Reads the position of a manifest; empty at the beginning.
    pub(super) fn read(text: &str) -> Result<Self, LakeError> {
        let fault = || LakeError::Manifest {
            path: "the lake".to_owned(),
            message: format!(
                "“{text}” is not a position in the feed of a ledger: write the lake anew at another place"
            ),
        };
        let mut parts = text.split_whitespace();
        let mut position = Self::default();
        if let Some(entries) = parts.next() {
            position.entries = entries.parse().map_err(|_| fault())?;
        }
        if let Some(vouchers) = parts.next() {
            position.vouchers = vouchers.parse().map_err(|_| fault())?;
        }
        if let Some(ended) = parts.next() {
            position.ended = ended_of(ended).ok_or_else(fault)?;
        }
        if parts.next().is_some() { Err(fault()) } else { Ok(position) }
    }
}

fn ended_of(text: &str) -> Option<(Timestamp, i64)> {
    let (end, batch_no) = text.split_once('.')?;
    Some((Timestamp::from_microsecond(end.parse().ok()?).ok()?, batch_no.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::LakePosition;

    #[test]
    fn a_position_survives_printing_and_that_of_an_older_lake_is_understood() {
        for text in ["7.9 7.12 1800000000000000.3", "0.0 0.0 0.0"] {
            assert_eq!(
                LakePosition::read(text).map(|position| position.to_string()).ok().as_deref(),
                Some(text)
            );
        }
        let older = LakePosition::read("7.9").map(|position| position.to_string());
        assert_eq!(older.ok().as_deref(), Some("7.9 0.0 0.0"));
        assert_eq!(LakePosition::read("").ok(), Some(LakePosition::default()));
        for bad in ["7", "7.9 7", "7.9 7.12 1", "7.9 7.12 1.2 3"] {
            let error = LakePosition::read(bad).map_err(|error| error.to_string());
            assert!(error.as_ref().is_err_and(|error| error.contains(bad)), "{error:?}");
        }
    }
}
