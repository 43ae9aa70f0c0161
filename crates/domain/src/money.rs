//! Money as integer minor units with its currency. No float ever holds an amount.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The largest single amount or number of points, 2^53 − 1, so that JavaScript readers stay exact.
pub const AMOUNT_MAX: i64 = (1 << 53) - 1;

/// An ISO 4217 currency code, for instance `CNY`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Currency([u8; 3]);

/// An amount in minor units of a currency: 12.99 yuan is `{ amount: 1299, currency: CNY }`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Money {
    /// Minor units, at most [`AMOUNT_MAX`] in size.
    pub amount: i64,
    /// The currency of the amount.
    pub currency: Currency,
}

/// A text that is not a currency code.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("“{text}” is not a currency: use a three-letter ISO 4217 code such as CNY")]
pub struct CurrencyError {
    /// The text that was refused.
    pub text: String,
}

impl Currency {
    /// Checks a three-letter code; lower case is accepted.
    pub fn new(text: &str) -> Result<Self, CurrencyError> {
        match text.as_bytes() {
            [a, b, c] if text.bytes().all(|x| x.is_ascii_alphabetic()) => {
                Ok(Self([a.to_ascii_uppercase(), b.to_ascii_uppercase(), c.to_ascii_uppercase()]))
            }
            _ => Err(CurrencyError { text: text.to_owned() }),
        }
    }

    /// The code as text.
    pub fn as_str(&self) -> &str {
        // Only ASCII letters are ever stored.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// Digits after the decimal point (ISO 4217): 0 for JPY and its like, 3 for KWD and its like, else 2.
    pub fn decimals(&self) -> u32 {
        match &self.0 {
            b"BIF" | b"CLP" | b"DJF" | b"GNF" | b"ISK" | b"JPY" | b"KMF" | b"KRW" | b"PYG" | b"RWF"
            | b"UGX" | b"VND" | b"VUV" | b"XAF" | b"XOF" | b"XPF" => 0,
            b"BHD" | b"IQD" | b"JOD" | b"KWD" | b"LYD" | b"OMR" | b"TND" => 3,
            _ => 2,
        }
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scale = 10_u64.pow(self.currency.decimals());
        let sign = if self.amount < 0 { "-" } else { "" };
        let (whole, part) = (self.amount.unsigned_abs() / scale, self.amount.unsigned_abs() % scale);
        match self.currency.decimals() {
            0 => write!(f, "{sign}{whole} {}", self.currency),
            3 => write!(f, "{sign}{whole}.{part:03} {}", self.currency),
            _ => write!(f, "{sign}{whole}.{part:02} {}", self.currency),
        }
    }
}

impl Serialize for Currency {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        Self::new(&text).map_err(serde::de::Error::custom)
    }
}

impl schemars::JsonSchema for Currency {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Currency".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "pattern": "^[A-Z]{3}$" })
    }
}

#[cfg(test)]
mod tests {
    use super::{Currency, Money};

    #[test]
    fn money_prints_with_the_digits_of_its_currency() {
        let print = |amount, currency: &str| {
            Money { amount, currency: Currency::new(currency).expect("a currency") }.to_string()
        };
        assert_eq!(print(1299, "CNY"), "12.99 CNY");
        assert_eq!(print(-5, "usd"), "-0.05 USD");
        assert_eq!(print(500, "JPY"), "500 JPY");
        assert_eq!(print(1, "KWD"), "0.001 KWD");
    }
}
