//! Decimal numbers as files write them, kept exact until they become minor units or thousandths.
//! Rounding happens once, half up (away from zero), as a till rounds.

use super::map::AmountMap;

/// How the numbers of a file are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct NumberStyle {
    /// The sign before the fraction, `.` or `,`.
    pub(super) decimal: u8,
    /// The sign between groups of three digits, or none.
    pub(super) thousands: Option<u8>,
}

impl NumberStyle {
    /// The style that a map states.
    pub(super) fn of(map: &AmountMap) -> Self {
        let byte = |sign: char| u8::try_from(sign).unwrap_or(b'.');
        Self { decimal: byte(map.decimal), thousands: map.thousands.map(byte) }
    }
}

/// An exact decimal number: `digits / 10^scale`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Number {
    digits: i128,
    scale: u32,
}

/// More digits than any amount has; the product of two such numbers fits 128 bits.
const DIGITS_MAX: u32 = 18;

impl Number {
    /// A number given as an integer and its power of ten.
    pub(super) fn new(digits: i128, scale: u32) -> Option<Self> {
        (digits.unsigned_abs() < 10_u128.pow(DIGITS_MAX) && scale <= DIGITS_MAX)
            .then_some(Self { digits, scale })
    }

    /// Reads `1,234.50`, `-3`, `+.5`. Exponents are refused: a spreadsheet that wrote one has lost digits.
    pub(super) fn parse(text: &str, style: NumberStyle) -> Option<Self> {
        let bytes = text.as_bytes();
        let (negative, bytes) = match bytes {
            [b'-', rest @ ..] => (true, rest),
            [b'+', rest @ ..] => (false, rest),
            all => (false, all),
        };
        let (mut digits, mut scale, mut count) = (0_i64, 0_u32, 0_u32);
        let mut in_fraction = false;
        let mut group: Option<u32> = None;
        for byte in bytes {
            match *byte {
                digit @ b'0'..=b'9' => {
                    digits = digits.checked_mul(10)?.checked_add(i64::from(digit - b'0'))?;
                    count += 1;
                    scale += u32::from(in_fraction);
                    group = group.map(|digits_in_group| digits_in_group + 1);
                }
                sign if sign == style.decimal && !in_fraction => {
                    if group.is_some_and(|digits_in_group| digits_in_group != 3) {
                        return None;
                    }
                    (in_fraction, group) = (true, None);
                }
                sign if Some(sign) == style.thousands && !in_fraction && count > 0 => {
                    if group.map_or(count > 3, |digits_in_group| digits_in_group != 3) {
                        return None;
                    }
                    group = Some(0);
                }
                _ => return None,
            }
        }
        if count == 0 || group.is_some_and(|digits_in_group| digits_in_group != 3) {
            return None;
        }
        let digits = i128::from(if negative { -digits } else { digits });
        Self::new(digits, scale)
    }

    /// The decimal number a float stands for: the shortest text that reads back as the same float, so that
    /// a column holding 1.005 means 1.005 and not the binary fraction below it.
    pub(super) fn from_float(value: f64) -> Option<Self> {
        if !value.is_finite() || value.abs() >= 1e15 {
            return None;
        }
        let thousandths = (value * 1_000.0).round();
        // Below 10^12 a double tells all thousandths apart, so this is the shortest text of the float.
        if thousandths.abs() < 1e12 && (thousandths / 1_000.0).to_bits() == value.to_bits() {
            #[expect(clippy::cast_possible_truncation, reason = "whole and below 10^12 in size")]
            return Some(Self { digits: thousandths as i128, scale: 3 });
        }
        // What is smaller than a millionth of a minor unit is the dust of summed floats.
        if value.abs() < 1e-9 {
            return Some(Self { digits: 0, scale: 0 });
        }
        Self::parse(&format!("{value}"), NumberStyle { decimal: b'.', thousands: None })
            .or_else(|| Self::parse(&format!("{value:.9}"), NumberStyle { decimal: b'.', thousands: None }))
    }

    /// The exact product; none where it has more digits than 128 bits hold.
    pub(super) fn times(self, other: Self) -> Option<Self> {
        Some(Self {
            digits: self.digits.checked_mul(other.digits)?,
            scale: self.scale.checked_add(other.scale)?,
        })
    }

    /// The number in units of `10^-places`, rounded half up (away from zero).
    pub(super) fn rounded(self, places: u32) -> Option<i64> {
        let digits = if self.scale <= places {
            self.digits.checked_mul(10_i128.checked_pow(places - self.scale)?)?
        } else {
            let unit = 10_i128.checked_pow(self.scale - places)?;
            let (whole, rest) = match (i64::try_from(self.digits), i64::try_from(unit)) {
                // The common case, spared a 128-bit division.
                (Ok(digits), Ok(unit)) => (i128::from(digits / unit), i128::from(digits % unit)),
                _ => (self.digits / unit, self.digits % unit),
            };
            if rest.abs().checked_mul(2)? >= unit { whole + self.digits.signum() } else { whole }
        };
        i64::try_from(digits).ok()
    }

    /// Whether it is this whole number.
    pub(super) fn is_whole(self, whole: i64) -> bool {
        let unit = 10_i128.checked_pow(self.scale);
        unit.and_then(|unit| unit.checked_mul(i128::from(whole))) == Some(self.digits)
    }

    /// −1, 0 or 1.
    pub(super) fn signum(self) -> i32 {
        match self.digits {
            0 => 0,
            digits if digits < 0 => -1,
            _ => 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Number, NumberStyle};

    const POINT: NumberStyle = NumberStyle { decimal: b'.', thousands: None };
    const ENGLISH: NumberStyle = NumberStyle { decimal: b'.', thousands: Some(b',') };
    const GERMAN: NumberStyle = NumberStyle { decimal: b',', thousands: Some(b'.') };

    fn check(text: &str, style: NumberStyle, cents: Option<i64>) {
        assert_eq!(Number::parse(text, style).and_then(|number| number.rounded(2)), cents, "{text}");
    }

    #[test]
    fn texts_become_minor_units_rounded_half_up() {
        check("12.99", POINT, Some(1_299));
        check("-0.005", POINT, Some(-1));
        check("0.0049", POINT, Some(0));
        check("+.5", POINT, Some(50));
        check("1,234,567.895", ENGLISH, Some(123_456_790));
        check("1.234,5", GERMAN, Some(123_450));
        check("999999999999999.99", POINT, Some(99_999_999_999_999_999));
    }

    #[test]
    fn other_texts_are_refused() {
        for text in ["", "-", ".", "12a", "1.2.3", "1e3", "1 2", "12,34", "9999999999999999999"] {
            check(text, POINT, None);
        }
        for text in ["12,34", "1234,567", "1,2345", ",123", "1,234,56.0", "1,"] {
            check(text, ENGLISH, None);
        }
    }

    #[test]
    fn floats_mean_the_decimal_they_print_as() {
        let cents = |value: f64| Number::from_float(value).and_then(|number| number.rounded(2));
        assert_eq!(cents(1.005), Some(101));
        assert_eq!(cents(1.39), Some(139));
        assert_eq!(cents(-11_062.06), Some(-1_106_206));
        assert_eq!(cents(0.1 + 0.2), Some(30));
        assert_eq!(cents(4.440_892e-16), Some(0));
        assert_eq!(cents(123_456_789.123_456), Some(12_345_678_912));
        assert_eq!(cents(f64::NAN), None);
        assert_eq!(cents(1e300), None);
    }

    #[test]
    fn products_are_exact_before_they_are_rounded() {
        let number = |text| Number::parse(text, POINT).expect("a number");
        assert_eq!(number("3").times(number("0.335")).and_then(|n| n.rounded(2)), Some(101));
        assert_eq!(number("-2").times(number("8.50")).and_then(|n| n.rounded(2)), Some(-1_700));
    }
}
