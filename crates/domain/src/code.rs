//! Short identifiers that a programme gives its parts (units, rules, tiers, funders, segments).
//! Stored inline and copied freely: the rule evaluator handles millions of them per second.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Longest code in bytes.
pub const CODE_LENGTH_MAX: usize = 31;

/// An identifier such as `points` or `double_day`: 1 to 31 characters of `a-z`, `0-9`, `_`, `-`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Code {
    bytes: [u8; CODE_LENGTH_MAX],
    length: u8,
}

/// Why a text is not a [`Code`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("“{text}” is not a code: use 1 to {CODE_LENGTH_MAX} characters of a-z, 0-9, _ and -")]
pub struct CodeError {
    /// The text that was refused.
    pub text: String,
}

impl Code {
    /// Checks and stores a code.
    pub fn new(text: &str) -> Result<Self, CodeError> {
        let valid = (1..=CODE_LENGTH_MAX).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_' || b == b'-');
        if !valid {
            return Err(CodeError { text: text.to_owned() });
        }
        let mut bytes = [0; CODE_LENGTH_MAX];
        bytes[..text.len()].copy_from_slice(text.as_bytes());
        // The length was checked to be at most 31 above.
        Ok(Self { bytes, length: u8::try_from(text.len()).unwrap_or(0) })
    }

    /// A code known at compile time; use it in constants only, where an invalid text does not compile.
    ///
    /// # Panics
    /// If the text is not a code.
    pub const fn constant(text: &'static str) -> Self {
        let source = text.as_bytes();
        assert!(!source.is_empty() && source.len() <= CODE_LENGTH_MAX, "a code has 1 to 31 bytes");
        let mut code = Self { bytes: [0; CODE_LENGTH_MAX], length: 0 };
        while (code.length as usize) < source.len() {
            let byte = source[code.length as usize];
            assert!(byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_' || byte == b'-');
            code.bytes[code.length as usize] = byte;
            code.length += 1;
        }
        code
    }

    /// The code as text.
    pub fn as_str(&self) -> &str {
        // Only ASCII is ever stored.
        std::str::from_utf8(&self.bytes[..usize::from(self.length)]).unwrap_or_default()
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.as_str())
    }
}

impl std::str::FromStr for Code {
    type Err = CodeError;
    fn from_str(text: &str) -> Result<Self, CodeError> {
        Self::new(text)
    }
}

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Code {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        Self::new(&text).map_err(serde::de::Error::custom)
    }
}

impl schemars::JsonSchema for Code {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Code".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "pattern": "^[a-z0-9_-]{1,31}$" })
    }
}

#[cfg(test)]
mod tests {
    use super::Code;

    #[test]
    fn a_code_keeps_its_text_and_refuses_others() {
        assert_eq!(Code::new("double_day-11").map(|c| c.as_str().to_owned()), Ok("double_day-11".to_owned()));
        for bad in ["", "Points", "a b", "积分", "x123456789012345678901234567890123"] {
            assert!(Code::new(bad).is_err(), "{bad} was accepted");
        }
    }
}
