//! The name of a voucher in the database, the ledger and answers: made from its code, which it does not tell.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::ids::IdError;

/// Crockford's base 32 in small letters, as in other ids.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
/// 26 characters of 5 bits hold 128 bits.
const LENGTH: u32 = 26;

/// A voucher. The first two bytes are the bits its code shares with those drawn together, the others a digest of the
/// whole code. Printed as `vou_` and 26 characters.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct VoucherId([u8; 16]);

impl VoucherId {
    /// From the shared bits of a code and a digest of it, of which 14 bytes are kept.
    pub fn new(shared: u16, digest: &[u8; 32]) -> Self {
        let mut bytes = [0; 16];
        bytes[..2].copy_from_slice(&shared.to_be_bytes());
        bytes[2..].copy_from_slice(&digest[..14]);
        Self(bytes)
    }

    /// As stored.
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// To be stored.
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

impl fmt::Display for VoucherId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("vou_")?;
        let number = u128::from_be_bytes(self.0);
        (0..LENGTH).rev().try_for_each(|position| {
            // Five bits index a table of 32.
            let index = usize::try_from(number >> (position * 5) & 31).unwrap_or(0);
            write!(f, "{}", char::from(ALPHABET[index]))
        })
    }
}

impl fmt::Debug for VoucherId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for VoucherId {
    type Err = IdError;
    fn from_str(text: &str) -> Result<Self, IdError> {
        let characters = text.strip_prefix("vou_").filter(|rest| rest.len() == 26);
        let number = characters.and_then(|rest| {
            rest.bytes().try_fold(0_u128, |number, byte| {
                let digit = ALPHABET.iter().position(|known| *known == byte.to_ascii_lowercase())?;
                number.checked_mul(32)?.checked_add(u128::try_from(digit).ok()?)
            })
        });
        let refuse = || IdError { text: text.to_owned(), expected: "vou_ and 26 characters" };
        number.map(|number| Self(number.to_be_bytes())).ok_or_else(refuse)
    }
}

impl Serialize for VoucherId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for VoucherId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::VoucherId;

    #[test]
    fn ids_survive_being_written_and_sort_by_their_shared_bits() {
        let id = VoucherId::new(0x7fff, &[0xab; 32]);
        assert_eq!(id.to_string().parse(), Ok(id));
        assert_eq!(id.to_string().len(), 30);
        assert!(VoucherId::new(1, &[255; 32]) < VoucherId::new(2, &[0; 32]));
        for bad in
            ["vou_", "mem_0000000000000", "vou_zzzzzzzzzzzzzzzzzzzzzzzzzz", "vou_0000000000000000000000000u"]
        {
            assert!(bad.parse::<VoucherId>().is_err(), "{bad} was accepted");
        }
    }
}
