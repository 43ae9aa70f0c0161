//! A member as a person: identifiers, profile, and the keys by which staff search for them.
//! The ledger knows none of this, only the account id.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::code::Code;

/// Longest name, e-mail address or external id in bytes.
pub const IDENTIFIER_LENGTH_MAX: usize = 128;
/// Most segments a member can be in.
pub const SEGMENTS_MAX: usize = 64;
/// Digits of a card number issued by the programme, check digit included.
pub const CARD_LENGTH: std::ops::RangeInclusive<usize> = 8..=19;

/// Kinds of identifier, each unique among members.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IdentifierKind {
    /// A card number with a check digit (Luhn, ISO/IEC 7812-1).
    Card,
    /// A telephone number in E.164 form, for instance `+8613800138000`.
    Phone,
    /// An e-mail address in lower case.
    Email,
    /// The number the member has in another system.
    External,
}

/// A normalised identifier: two spellings of the same number are equal.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Identifier {
    /// What kind of identifier it is.
    pub kind: IdentifierKind,
    /// Its normal form.
    pub value: String,
}

/// Why a text is not an identifier.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IdentifierError {
    /// Not digits, or of the wrong length.
    #[error("card “{0}” is not a number of 8 to 19 digits")]
    CardForm(String),
    /// The last digit does not fit the others.
    #[error("card “{0}” has a wrong check digit: was a digit mistyped?")]
    CardCheckDigit(String),
    /// No telephone number of the given or default country.
    #[error(
        "phone “{0}” is not a telephone number: write it with its country code, for instance +8613800138000"
    )]
    Phone(String),
    /// No e-mail address.
    #[error("e-mail “{0}” is not an address of the form name@example.org")]
    Email(String),
    /// Empty, too long, or with control characters.
    #[error("external id “{0}” must have 1 to {IDENTIFIER_LENGTH_MAX} bytes and no control characters")]
    External(String),
}

/// What is known of a member as a person. All of it is optional.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Profile {
    /// The name as the member writes it, in any script.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Date of birth; birthday rules use its month and day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub born_on: Option<Date>,
    /// Preferred language: `zh-CN` or `en`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// Segments the member is in; rules can name them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub segments: Vec<Code>,
    /// Segments the member does not want to be in: no audience puts them there.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub declined_segments: Vec<Code>,
}

impl Profile {
    /// Names of the fields in which it differs from another, as the API calls them.
    pub fn fields_unlike(&self, other: &Self) -> Vec<String> {
        let Self { name, born_on, language, segments, declined_segments } = self;
        let differs = [
            ("name", *name != other.name),
            ("born_on", *born_on != other.born_on),
            ("language", *language != other.language),
            ("segments", *segments != other.segments),
            ("declined_segments", *declined_segments != other.declined_segments),
        ];
        differs.into_iter().filter(|(_, differs)| *differs).map(|(field, _)| field.to_owned()).collect()
    }
}

impl Identifier {
    /// Brings a text to normal form. `default_region` (for instance `CN`) completes phone numbers without a
    /// country code.
    pub fn new(
        kind: IdentifierKind,
        text: &str,
        default_region: Option<&str>,
    ) -> Result<Self, IdentifierError> {
        let text = text.trim();
        let value = match kind {
            IdentifierKind::Card => card(text)?,
            IdentifierKind::Phone => phone(text, default_region)?,
            IdentifierKind::Email => email(text)?,
            IdentifierKind::External => external(text)?,
        };
        Ok(Self { kind, value })
    }
}

fn card(text: &str) -> Result<String, IdentifierError> {
    let digits: String = text.chars().filter(|c| !matches!(c, ' ' | '-')).collect();
    if !CARD_LENGTH.contains(&digits.len()) || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Err(IdentifierError::CardForm(text.to_owned()));
    }
    if luhn_sum(&digits).is_multiple_of(10) {
        Ok(digits)
    } else {
        Err(IdentifierError::CardCheckDigit(text.to_owned()))
    }
}

/// The check digit that completes a card number (Luhn, ISO/IEC 7812-1 annex B).
pub fn card_check_digit(digits: &str) -> u32 {
    (10 - luhn_sum(&format!("{digits}0")) % 10) % 10
}

fn luhn_sum(digits: &str) -> u32 {
    digits
        .bytes()
        .rev()
        .map(|b| u32::from(b.wrapping_sub(b'0')))
        .enumerate()
        .map(|(position, digit)| match position % 2 {
            0 => digit,
            _ if digit < 5 => digit * 2,
            _ => digit * 2 - 9,
        })
        .sum()
}

fn phone(text: &str, default_region: Option<&str>) -> Result<String, IdentifierError> {
    let refuse = || IdentifierError::Phone(text.to_owned());
    // Tills send the normal form; parsing it against the numbering plans would cost more than the purchase.
    if let Some(digits) = text.strip_prefix('+')
        && (8..=15).contains(&digits.len())
        && digits.bytes().all(|b| b.is_ascii_digit())
        && !digits.starts_with('0')
    {
        return Ok(text.to_owned());
    }
    let region = default_region.and_then(|region| region.parse().ok());
    let number = phonenumber::parse(region, text).map_err(|_| refuse())?;
    if !number.is_valid() {
        return Err(refuse());
    }
    Ok(number.format().mode(phonenumber::Mode::E164).to_string())
}

fn email(text: &str) -> Result<String, IdentifierError> {
    let normal = text.to_lowercase();
    let valid = normal.len() <= IDENTIFIER_LENGTH_MAX
        && !normal.chars().any(|c| c.is_whitespace() || c.is_control())
        && normal.split_once('@').is_some_and(|(name, host)| {
            !name.is_empty()
                && !host.contains('@')
                && host.split('.').all(|part| !part.is_empty())
                && host.contains('.')
        });
    if valid { Ok(normal) } else { Err(IdentifierError::Email(text.to_owned())) }
}

fn external(text: &str) -> Result<String, IdentifierError> {
    let valid =
        !text.is_empty() && text.len() <= IDENTIFIER_LENGTH_MAX && !text.chars().any(char::is_control);
    if valid { Ok(text.to_owned()) } else { Err(IdentifierError::External(text.to_owned())) }
}

/// The lower-case keys under which a name is found: the name itself, its pinyin and its pinyin initials.
/// 张伟 gives `张伟 zhangwei zw`.
pub fn name_search_keys(name: &str) -> String {
    use pinyin::ToPinyin;
    let lower = name.trim().to_lowercase();
    let mut full = String::new();
    let mut initials = String::new();
    let mut has_hanzi = false;
    for (position, character) in lower.chars().enumerate() {
        let reading = if position == 0 { surname_reading(character) } else { None }
            .or_else(|| character.to_pinyin().map(pinyin::Pinyin::plain));
        match reading {
            Some(reading) => {
                has_hanzi = true;
                full.push_str(reading);
                initials.extend(reading.chars().next());
            }
            None if character.is_whitespace() => {}
            None => full.push(character),
        }
    }
    if has_hanzi { format!("{lower} {full} {initials}") } else { lower }
}

/// Characters that read differently as a surname (现代汉语词典, appendix of surnames).
pub(crate) fn surname_reading(character: char) -> Option<&'static str> {
    Some(match character {
        '单' => "shan",
        '曾' => "zeng",
        '解' => "xie",
        '仇' => "qiu",
        '区' => "ou",
        '查' => "zha",
        '朴' => "piao",
        '任' => "ren",
        '盖' => "ge",
        '尉' => "yu",
        '乐' => "yue",
        '翟' => "zhai",
        '宁' => "ning",
        '覃' => "qin",
        '谌' => "chen",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::{Identifier, IdentifierKind, card_check_digit, name_search_keys};

    fn check(kind: IdentifierKind, text: &str, expected: Option<&str>) {
        let found = Identifier::new(kind, text, Some("CN")).ok().map(|identifier| identifier.value);
        assert_eq!(found.as_deref(), expected, "{kind:?} {text}");
    }

    #[test]
    fn cards_carry_a_check_digit() {
        // ISO/IEC 7812-1 annex B: 7992739871 takes 3.
        assert_eq!(card_check_digit("7992739871"), 3);
        check(IdentifierKind::Card, "7992 7398 713", Some("79927398713"));
        check(IdentifierKind::Card, "79927398710", None);
        check(IdentifierKind::Card, "7992739871x", None);
        check(IdentifierKind::Card, "18", None);
    }

    #[test]
    fn phones_are_stored_as_e164() {
        check(IdentifierKind::Phone, "+8613800138000", Some("+8613800138000"));
        check(IdentifierKind::Phone, "138 0013 8000", Some("+8613800138000"));
        check(IdentifierKind::Phone, "+44 20 7946 0958", Some("+442079460958"));
        check(IdentifierKind::Phone, "12", None);
        check(IdentifierKind::Phone, "call me", None);
    }

    #[test]
    fn emails_and_external_ids_are_checked() {
        check(IdentifierKind::Email, " Li.Na@Example.ORG ", Some("li.na@example.org"));
        check(IdentifierKind::Email, "li.na@", None);
        check(IdentifierKind::Email, "a@b@c.d", None);
        check(IdentifierKind::External, "17850", Some("17850"));
        check(IdentifierKind::External, "", None);
        check(IdentifierKind::External, "a\u{7}", None);
    }

    #[test]
    fn names_are_found_by_pinyin() {
        assert_eq!(name_search_keys("张伟"), "张伟 zhangwei zw");
        assert_eq!(name_search_keys("单田芳"), "单田芳 shantianfang stf");
        assert_eq!(name_search_keys("曾国藩"), "曾国藩 zengguofan zgf");
        assert_eq!(name_search_keys("Ada Lovelace"), "ada lovelace");
    }
}
