//! Exact decimals of a programme: rates, factors, per cents, amounts. Written in quotes (`"1.20"`) or as whole
//! numbers; a binary float is refused because it cannot hold 0.1.

use std::fmt;

use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// An exact decimal, printed as it was written.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Exact(pub Decimal);

impl Exact {
    /// A whole number.
    pub fn whole(number: i64) -> Self {
        Self(Decimal::from(number))
    }

    /// The value in units of 10^−`decimals` (an amount in minor units), if it is a whole number of them.
    pub fn scaled(self, decimals: u32) -> Option<i64> {
        let factor = Decimal::from(10_i64.checked_pow(decimals)?);
        let value = self.0.checked_mul(factor)?;
        if !value.fract().is_zero() {
            return None;
        }
        i64::try_from(value.trunc().normalize().mantissa()).ok().filter(|_| value.normalize().scale() == 0)
    }

    /// The value as a fraction in lowest terms with a positive denominator.
    pub fn fraction(self) -> (i128, i128) {
        let normal = self.0.normalize();
        // A decimal has at most 28 digits after the point, and 10^28 fits an i128.
        reduce(normal.mantissa(), 10_i128.pow(normal.scale()))
    }

    /// The value as people read it, thousands set apart by commas: `12,345.60`.
    pub fn grouped(self) -> String {
        let text = self.0.to_string();
        let (whole, fraction) = text.find('.').map_or((&*text, ""), |point| text.split_at(point));
        let mut grouped = String::with_capacity(text.len() + text.len() / 3);
        for (position, digit) in whole.char_indices() {
            let left = whole.len() - position;
            if left.is_multiple_of(3) && grouped.ends_with(|before: char| before.is_ascii_digit()) {
                grouped.push(',');
            }
            grouped.push(digit);
        }
        grouped + fraction
    }

    /// Digits after the decimal point, trailing zeros not counted.
    pub fn decimals(self) -> u32 {
        self.0.normalize().scale()
    }
}

/// Divides both by their greatest common divisor.
pub(crate) fn reduce(numerator: i128, denominator: i128) -> (i128, i128) {
    let (mut a, mut b) = (numerator.unsigned_abs(), denominator.unsigned_abs());
    while b != 0 {
        (a, b) = (b, a % b);
    }
    let divisor = i128::try_from(a.max(1)).unwrap_or(1);
    (numerator / divisor, denominator / divisor)
}

impl fmt::Display for Exact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for Exact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::str::FromStr for Exact {
    type Err = rust_decimal::Error;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Decimal::from_str_exact(text).map(Self)
    }
}

impl Serialize for Exact {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Exact {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl de::Visitor<'_> for Visitor {
            type Value = Exact;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an exact decimal in quotes such as \"1.20\", or a whole number")
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Exact, E> {
                text.parse().map_err(|_| E::invalid_value(de::Unexpected::Str(text), &self))
            }
            fn visit_i64<E: de::Error>(self, number: i64) -> Result<Exact, E> {
                Ok(Exact::whole(number))
            }
            fn visit_u64<E: de::Error>(self, number: u64) -> Result<Exact, E> {
                Ok(Exact(Decimal::from(number)))
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

impl schemars::JsonSchema for Exact {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Exact".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "description": "An exact decimal: in quotes, or a whole number.",
            "anyOf": [{ "type": "string", "pattern": r"^-?[0-9]+(\.[0-9]+)?$" }, { "type": "integer" }]
        })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::Exact;

    fn exact(text: &str) -> Exact {
        text.parse().unwrap()
    }

    #[test]
    fn amounts_become_minor_units_or_are_refused() {
        assert_eq!(exact("20.00").scaled(2), Some(2_000));
        assert_eq!(exact("0.005").scaled(2), None);
        assert_eq!(exact("0.005").scaled(3), Some(5));
        assert_eq!(exact("500").scaled(0), Some(500));
        assert_eq!(exact("-1.5").scaled(2), Some(-150));
        assert_eq!(exact("79228162514264337593543950335").scaled(2), None);
    }

    #[test]
    fn decimals_become_fractions_in_lowest_terms() {
        assert_eq!(exact("1.20").fraction(), (6, 5));
        assert_eq!(exact("0.05").fraction(), (1, 20));
        assert_eq!(exact("3").fraction(), (3, 1));
        assert_eq!(exact("0").fraction(), (0, 1));
    }

    #[test]
    fn floats_are_refused_and_texts_survive() {
        assert_eq!(serde_json::from_str::<Exact>("\"1.20\"").unwrap().to_string(), "1.20");
        assert_eq!(serde_json::from_str::<Exact>("7").unwrap(), exact("7"));
        assert!(serde_json::from_str::<Exact>("1.2").is_err());
        assert!(serde_json::from_str::<Exact>("\"one\"").is_err());
    }
}
