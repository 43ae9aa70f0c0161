//! Voucher codes. Characters that cannot be mistaken for each other, and a last one that catches every single wrong
//! character and every swap of two: typing errors are told from guesses without asking the database.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Crockford's base 32: no I, L, O, U.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Characters that all codes drawn together share: their rows lie side by side, so that they are written fast.
const SHARED_CHARACTERS: usize = 3;
/// Bits in these characters. They are no secret and do not count as entropy.
pub const SHARED_BITS: u32 = 15;
/// Characters between two hyphens of a printed code.
const PRINTED_GROUP: usize = 4;

/// How a code is meant to be entered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CodeForm {
    /// By people: 16 characters in four groups, 60 bits of them the code's own.
    #[default]
    Typed,
    /// By a camera or as a link: 30 characters, 130 bits of them the code's own.
    Scanned,
}

/// A code in normal form: capital letters and digits, no spaces or hyphens, the check character right.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct VoucherCode(String);

/// Why a text is not a voucher code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CodeError {
    /// Neither 16 nor 30 characters long.
    #[error("a voucher code has 16 or 30 letters and digits, not {length}: was one left out?")]
    Length {
        /// Letters and digits found.
        length: usize,
    },
    /// A character no code has.
    #[error("“{character}” occurs in no voucher code: use letters and digits")]
    Character {
        /// The first such character.
        character: char,
    },
    /// The last character does not fit the others.
    #[error("the voucher code has a wrong or swapped character: type it again")]
    Check,
}

impl CodeForm {
    /// Characters that are drawn for each code on its own, of 5 bits each.
    pub const fn own_characters(self) -> usize {
        match self {
            Self::Typed => 12,
            Self::Scanned => 26,
        }
    }

    /// Characters of a code of this form, the check character included.
    pub const fn length(self) -> usize {
        SHARED_CHARACTERS + self.own_characters() + 1
    }
}

impl VoucherCode {
    /// The code made of random bits: `shared` holds the bits common to codes drawn together, of which 15 are used;
    /// `own` one random byte for each character of its own, of which 5 bits are used. `None` if `own` is too short.
    pub fn from_bits(form: CodeForm, shared: u16, own: &[u8]) -> Option<Self> {
        let own = own.get(..form.own_characters())?;
        let common = [shared >> 10, shared >> 5, shared].map(|bits| bits & 31);
        let digits = common.into_iter().chain(own.iter().map(|byte| u16::from(byte & 31)));
        let mut text = String::with_capacity(form.length());
        let mut sum = 0;
        for digit in digits {
            sum = next(sum, digit);
            text.push(character(digit));
        }
        text.push(character(times_alpha(sum)));
        Some(Self(text))
    }

    /// Reads a code as people write it: small letters, spaces and hyphens do not matter, O is read as 0, I and L
    /// as 1.
    pub fn parse(text: &str) -> Result<Self, CodeError> {
        let mut normal = String::with_capacity(CodeForm::Scanned.length());
        let mut sum = 0;
        let mut length = 0_usize;
        for found in text.chars().filter(|c| !c.is_whitespace() && *c != '-') {
            length = length.saturating_add(1);
            if length > CodeForm::Scanned.length() {
                continue;
            }
            let meant = match found.to_ascii_uppercase() {
                'O' => '0',
                'I' | 'L' => '1',
                other => other,
            };
            let place = ALPHABET.iter().position(|known| char::from(*known) == meant);
            let digit = place.and_then(|place| u16::try_from(place).ok());
            sum = next(sum, digit.ok_or(CodeError::Character { character: found })?);
            normal.push(meant);
        }
        if length != CodeForm::Typed.length() && length != CodeForm::Scanned.length() {
            return Err(CodeError::Length { length });
        }
        if sum == 0 { Ok(Self(normal)) } else { Err(CodeError::Check) }
    }

    /// The normal form: what a camera reads, and what is digested.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The bits common to the codes drawn with this one.
    pub fn shared(&self) -> u16 {
        let digit = |byte: u8| ALPHABET.iter().position(|known| *known == byte).unwrap_or(0);
        let digits = self.0.bytes().take(SHARED_CHARACTERS);
        digits.fold(0, |bits, byte| bits << 5 | u16::try_from(digit(byte)).unwrap_or(0))
    }
}

/// In groups of four, as it is printed for people.
impl fmt::Display for VoucherCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, character) in self.0.chars().enumerate() {
            if position > 0 && position.is_multiple_of(PRINTED_GROUP) {
                f.write_str("-")?;
            }
            write!(f, "{character}")?;
        }
        Ok(())
    }
}

/// A code is worth money: it does not get into logs by way of its debug form.
impl fmt::Debug for VoucherCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("VoucherCode(…)")
    }
}

fn character(digit: u16) -> char {
    char::from(ALPHABET[usize::from(digit & 31)])
}

/// The digits of a code are coefficients over the field of 32 elements; in a right code the polynomial is 0 at α.
/// Each place has its own power of α (of order 31, and no code is longer), so one wrong digit or a swap of any two
/// different ones leaves a sum other than 0.
fn next(sum: u16, digit: u16) -> u16 {
    times_alpha(sum) ^ digit
}

/// Multiplies by α in GF(32) with the primitive polynomial x⁵ + x² + 1.
fn times_alpha(element: u16) -> u16 {
    let doubled = element << 1;
    if doubled & 32 == 0 { doubled } else { doubled ^ 0b10_0101 }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;

    use super::{ALPHABET, CodeError, CodeForm, VoucherCode};

    fn code(form: CodeForm, shared: u16, own: &[u8]) -> VoucherCode {
        VoucherCode::from_bits(form, shared, own).unwrap()
    }

    #[test]
    fn codes_read_as_people_write_them() {
        let code = code(CodeForm::Typed, 1, &[1, 0, 2, 3, 4, 5, 6, 7, 8, 9, 10, 31]);
        let printed = code.to_string();
        assert_eq!(printed.len(), 19);
        for written in [
            printed.clone(),
            printed.to_lowercase(),
            printed.replace('-', " "),
            printed.replace('0', "o").replace('1', "L"),
            format!("  {}\n", code.as_str().replace('1', "i")),
        ] {
            assert_eq!(VoucherCode::parse(&written).as_ref(), Ok(&code), "{written}");
        }
    }

    #[test]
    fn what_is_no_code_is_told_from_a_wrong_code() {
        let code = code(CodeForm::Typed, 99, &[7; 12]);
        let text = code.as_str();
        assert_eq!(VoucherCode::parse(""), Err(CodeError::Length { length: 0 }));
        assert_eq!(VoucherCode::parse(&text[1..]), Err(CodeError::Length { length: 15 }));
        assert_eq!(VoucherCode::parse(&text.repeat(9)), Err(CodeError::Length { length: 144 }));
        assert_eq!(VoucherCode::parse(&text.replace('7', "U")), Err(CodeError::Character { character: 'U' }));
        assert_eq!(
            VoucherCode::parse(&text.replace('7', "积")),
            Err(CodeError::Character { character: '积' })
        );
        assert_eq!(VoucherCode::parse(&format!("8{}", &text[1..])), Err(CodeError::Check));
    }

    #[test]
    fn the_alphabet_has_no_characters_that_look_alike() {
        for missing in ['I', 'L', 'O', 'U'] {
            assert!(!ALPHABET.contains(&u8::try_from(missing).unwrap()));
        }
        // 12 and 26 characters of 5 bits: at least 60 typed and 130 scanned, beside the 15 shared ones.
        assert_eq!(CodeForm::Typed.own_characters() * 5, 60);
        assert_eq!(CodeForm::Scanned.own_characters() * 5, 130);
    }

    #[test]
    fn a_code_does_not_show_in_its_debug_form() {
        assert_eq!(format!("{:?}", code(CodeForm::Typed, 0, &[0; 12])), "VoucherCode(…)");
    }

    fn codes() -> impl Strategy<Value = (CodeForm, u16, Vec<u8>)> {
        let form = prop_oneof![Just(CodeForm::Typed), Just(CodeForm::Scanned)];
        (form, 0_u16..32_768, proptest::collection::vec(any::<u8>(), 26))
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn every_code_reads_back((form, shared, own) in codes()) {
            let code = code(form, shared, &own);
            prop_assert_eq!(code.as_str().len(), form.length());
            prop_assert_eq!(code.shared(), shared);
            prop_assert_eq!(VoucherCode::parse(&code.to_string()), Ok(code));
        }

        /// All of them, not a sample: each place with each other character, each pair of places.
        #[test]
        fn every_wrong_character_and_every_swap_is_caught((form, shared, own) in codes()) {
            let text = code(form, shared, &own).as_str().as_bytes().to_vec();
            let parsed = |bytes: &[u8]| VoucherCode::parse(std::str::from_utf8(bytes).unwrap());
            for place in 0..text.len() {
                for other in ALPHABET.iter().filter(|other| **other != text[place]) {
                    let mut wrong = text.clone();
                    wrong[place] = *other;
                    prop_assert_eq!(parsed(&wrong), Err(CodeError::Check));
                }
                for second in place + 1..text.len() {
                    let mut swapped = text.clone();
                    swapped.swap(place, second);
                    prop_assert_eq!(parsed(&swapped).is_ok(), text[place] == text[second]);
                }
            }
        }
    }
}
