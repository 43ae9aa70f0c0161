//! Typed, prefixed identifiers. A member's account id is a 64-bit number; entries and lots are numbered
//! within their account, so their ids are composite and a history replays to the same ids.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Crockford's base 32: no I, L, O, U, so that an id survives being read aloud.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
/// 13 characters of 5 bits hold the 63 bits of an account id.
const ID_LENGTH: usize = 13;

/// A member's account: the only thing the ledger knows of a person. Printed as `mem_` and 13 characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AccountId(i64);

/// An entry of the ledger: the n-th entry of its account, from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EntryId {
    /// The account the entry belongs to.
    pub account_id: AccountId,
    /// Its number within the account, without gaps.
    pub entry_no: u32,
}

/// A lot of points: the n-th lot of its account, from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LotId {
    /// The account the lot belongs to.
    pub account_id: AccountId,
    /// Its number within the account, without gaps.
    pub lot_no: u32,
}

/// A text that is not an identifier of the expected kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("“{text}” is not an id of the form {expected}")]
pub struct IdError {
    /// The text that was refused.
    pub text: String,
    /// The form that was expected, for instance `mem_` and 13 characters.
    pub expected: &'static str,
}

impl AccountId {
    /// The smallest id.
    pub const ZERO: Self = Self(0);

    /// Wraps a stored number; `None` if it is negative.
    pub const fn new(number: i64) -> Option<Self> {
        if number < 0 { None } else { Some(Self(number)) }
    }

    /// The stored number, never negative.
    pub const fn number(self) -> i64 {
        self.0
    }

    fn write_characters(self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for position in (0..ID_LENGTH).rev() {
            let digit = (self.0 >> (position * 5)) & 31;
            // Five bits index a table of 32.
            let index = usize::try_from(digit).unwrap_or(0);
            write!(f, "{}", char::from(ALPHABET[index]))?;
        }
        Ok(())
    }

    fn parse_characters(text: &str) -> Option<Self> {
        if text.len() != ID_LENGTH {
            return None;
        }
        let mut number: u64 = 0;
        for byte in text.bytes() {
            let digit = ALPHABET.iter().position(|c| *c == byte.to_ascii_lowercase())?;
            number = number.checked_mul(32)?.checked_add(u64::try_from(digit).ok()?)?;
        }
        Self::new(i64::try_from(number).ok()?)
    }
}

impl fmt::Display for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("mem_")?;
        self.write_characters(f)
    }
}

impl FromStr for AccountId {
    type Err = IdError;
    fn from_str(text: &str) -> Result<Self, IdError> {
        text.strip_prefix("mem_")
            .and_then(Self::parse_characters)
            .ok_or_else(|| IdError { text: text.to_owned(), expected: "mem_ and 13 characters" })
    }
}

fn parse_numbered(text: &str, prefix: &str) -> Option<(AccountId, u32)> {
    let (account, number) = text.strip_prefix(prefix)?.split_once('_')?;
    Some((AccountId::parse_characters(account)?, number.parse().ok().filter(|n| *n > 0)?))
}

impl fmt::Display for EntryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ent_")?;
        self.account_id.write_characters(f)?;
        write!(f, "_{}", self.entry_no)
    }
}

impl FromStr for EntryId {
    type Err = IdError;
    fn from_str(text: &str) -> Result<Self, IdError> {
        parse_numbered(text, "ent_")
            .map(|(account_id, entry_no)| Self { account_id, entry_no })
            .ok_or_else(|| IdError { text: text.to_owned(), expected: "ent_, 13 characters, _ and a number" })
    }
}

impl fmt::Display for LotId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("lot_")?;
        self.account_id.write_characters(f)?;
        write!(f, "_{}", self.lot_no)
    }
}

impl FromStr for LotId {
    type Err = IdError;
    fn from_str(text: &str) -> Result<Self, IdError> {
        parse_numbered(text, "lot_")
            .map(|(account_id, lot_no)| Self { account_id, lot_no })
            .ok_or_else(|| IdError { text: text.to_owned(), expected: "lot_, 13 characters, _ and a number" })
    }
}

macro_rules! serde_as_text {
    ($($id:ty),*) => {$(
        impl Serialize for $id {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }
        impl<'de> Deserialize<'de> for $id {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
            }
        }
    )*};
}
serde_as_text!(AccountId, EntryId, LotId);

#[cfg(test)]
mod tests {
    use super::{AccountId, EntryId, LotId};

    #[test]
    fn ids_survive_printing_and_parsing() {
        for number in [0, 1, 31, 32, 1 << 40, i64::MAX] {
            let account_id = AccountId::new(number).expect("not negative");
            assert_eq!(account_id.to_string().parse(), Ok(account_id));
            let entry = EntryId { account_id, entry_no: 7 };
            assert_eq!(entry.to_string().parse(), Ok(entry));
            let lot = LotId { account_id, lot_no: 9 };
            assert_eq!(lot.to_string().parse(), Ok(lot));
        }
    }

    #[test]
    fn other_texts_are_refused() {
        for bad in [
            "",
            "mem_",
            "mem_0000000000000x",
            "lot_0000000000001",
            "ent_0000000000001_0",
            "mem_zzzzzzzzzzzzz",
        ] {
            assert!(bad.parse::<AccountId>().is_err(), "{bad}");
        }
        assert!("ent_0000000000001_0".parse::<EntryId>().is_err());
    }
}
