//! What a text in the one input of the till means: a price, an item with its price, or a code that may be a member's,
//! an item's, a receipt's or a voucher's. A scanner types like a keyboard, so nothing but the text tells them apart.

use domain::member::{Identifier, IdentifierKind};
use domain::voucher::{CodeError, VoucherCode};

use super::basket::LineForm;
use super::number::{read_price, read_quantity};

/// Longest bare number that is a price: longer ones are codes.
const PRICE_DIGITS_MAX: usize = 7;

/// Shortest number that is taken for a mistyped phone or card rather than for an item.
const CARD_DIGITS_MIN: usize = 10;

/// What was typed or scanned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Entry {
    /// Nothing.
    Nothing,
    /// A price, perhaps with a quantity or an item.
    Line(LineForm),
    /// Something that can only be a member.
    Member(String),
    /// A code: whose or what, only the ledger knows.
    Code(String),
}

/// Reads what was typed or scanned, in a currency with so many decimals.
pub(super) fn read(text: &str, decimals: u32) -> Entry {
    let text = text.trim();
    if text.is_empty() {
        return Entry::Nothing;
    }
    if text.contains('@') || text.starts_with("mem_") || text.starts_with(['+', '＋']) {
        return Entry::Member(text.replace('＋', "+"));
    }
    if voucher(text).is_some() {
        return Entry::Code(text.to_owned());
    }
    if let Some((quantity, price)) = text.split_once(['*', '×', '＊', 'x', 'X'])
        && read_quantity(quantity).is_ok()
        && read_price(price, decimals).is_ok()
    {
        let quantity = quantity.trim().to_owned();
        return Entry::Line(LineForm { quantity, ..LineForm::one("", price.trim()) });
    }
    if is_price(text, decimals) {
        return Entry::Line(LineForm::one("", text));
    }
    if let Some((item, price)) = text.rsplit_once(char::is_whitespace)
        && is_price(price, decimals)
        && (price.contains('.') || item.chars().any(char::is_alphabetic))
    {
        return Entry::Line(LineForm::one(item.trim(), price));
    }
    Entry::Code(text.to_owned())
}

fn is_price(text: &str, decimals: u32) -> bool {
    let digits = text.split('.').next().unwrap_or_default().chars().filter(|c| c.is_numeric()).count();
    digits <= PRICE_DIGITS_MAX && read_price(text, decimals).is_ok()
}

/// The identifiers a text can be, the likeliest first; a national phone number is completed with `region`.
pub(super) fn identifiers(text: &str, region: Option<&str>) -> Vec<Identifier> {
    use IdentifierKind as K;
    let kinds: &[K] = if text.contains('@') { &[K::Email] } else { &[K::Card, K::Phone, K::External] };
    kinds.iter().filter_map(|kind| Identifier::new(*kind, text, region).ok()).collect()
}

/// Whether a code may be a voucher's, by its check character, or is one that was mistyped: it stands in groups of four
/// as vouchers are printed. Digits alone are a card's or an article's: of a hundred million vouchers one has no letter.
pub(super) fn voucher(code: &str) -> Option<Result<VoucherCode, CodeError>> {
    if !code.chars().any(char::is_alphabetic) {
        return None;
    }
    let groups: Vec<&str> = code.split(['-', ' ']).collect();
    let (last, whole) = groups.split_last()?;
    let printed = matches!(whole.len(), 3 | 7)
        && whole.iter().all(|group| group.chars().count() == 4)
        && last.chars().count() == if whole.len() == 3 { 4 } else { 2 };
    match VoucherCode::parse(code) {
        Err(_) if !printed => None,
        parsed => Some(parsed),
    }
}

/// Whether a code is an article's by its check digit (GTIN: EAN-8, UPC-A, EAN-13, ITF-14; GS1 General Specifications,
/// section 7.9).
pub(super) fn is_article(code: &str) -> bool {
    let digits: Option<Vec<u32>> = code.chars().map(|c| c.to_digit(10)).collect();
    let Some(digits) = digits.filter(|digits| matches!(digits.len(), 8 | 12 | 13 | 14)) else { return false };
    let weighted = digits.iter().rev().enumerate();
    let sum: u32 = weighted.map(|(place, digit)| if place % 2 == 1 { digit * 3 } else { *digit }).sum();
    sum.is_multiple_of(10)
}

/// Whether a code is a number as long as phones and cards are: if nobody has it, a digit was mistyped.
pub(super) fn is_long_number(code: &str) -> bool {
    let digits = code.chars().filter(|c| !matches!(c, ' ' | '-'));
    digits.clone().all(|c| c.is_ascii_digit()) && digits.count() >= CARD_DIGITS_MIN
}

#[cfg(test)]
mod tests {
    use domain::member::IdentifierKind as K;

    use domain::voucher::{CodeForm, VoucherCode};

    use super::{Entry, LineForm, identifiers, is_article, is_long_number, read, voucher};

    #[test]
    fn a_text_is_a_price_an_item_with_its_price_a_member_or_a_code() {
        let line = |item: &str, quantity: &str, price: &str| {
            Entry::Line(LineForm { quantity: quantity.to_owned(), ..LineForm::one(item, price) })
        };
        let code = |text: &str| Entry::Code(text.to_owned());
        let table = [
            ("", Entry::Nothing),
            ("  ", Entry::Nothing),
            ("12.50", line("", "1", "12.50")),
            ("-5", line("", "1", "-5")),
            ("12", line("", "1", "12")),
            ("2*12.50", line("", "2", "12.50")),
            ("1.5 × 9.98", line("", "1.5", "9.98")),
            ("A-100 12.50", line("A-100", "1", "12.50")),
            ("green tea 8", line("green tea", "1", "8")),
            ("6901234567892 12.50", line("6901234567892", "1", "12.50")),
            ("6901234567892", code("6901234567892")),
            ("13800138000", code("13800138000")),
            ("138 0013 8000", code("138 0013 8000")),
            ("+86 138 0013 8000", Entry::Member("+86 138 0013 8000".to_owned())),
            ("a@example.org", Entry::Member("a@example.org".to_owned())),
            ("mem_0cvq6w2m8z4k1", Entry::Member("mem_0cvq6w2m8z4k1".to_owned())),
            ("A-100", code("A-100")),
            ("12,50", code("12,50")),
        ];
        for (text, expected) in table {
            assert_eq!(read(text, 2), expected, "{text}");
        }
    }

    #[test]
    fn a_code_is_tried_as_card_phone_and_external_number() {
        let kinds = |text: &str| -> Vec<K> {
            identifiers(text, Some("CN")).iter().map(|identifier| identifier.kind).collect()
        };
        assert_eq!(kinds("4539578763621486"), [K::Card, K::External]);
        assert_eq!(kinds("4539578763621487"), [K::External], "a wrong check digit is no card");
        assert_eq!(kinds("13800138000"), [K::Phone, K::External]);
        assert_eq!(kinds("a@example.org"), [K::Email]);
    }

    #[test]
    fn a_voucher_is_known_by_its_check_character_or_by_its_groups() {
        let typed = VoucherCode::from_bits(CodeForm::Typed, 0, &[10, 0, 2, 3, 4, 5, 6, 7, 8, 9, 1, 2]);
        let scanned = VoucherCode::from_bits(CodeForm::Scanned, 0, &[11; 26]);
        let mut repeated =
            (0..10).filter_map(|digit| VoucherCode::from_bits(CodeForm::Typed, 0, &[digit; 12]));
        let digits = repeated.find(|code| code.as_str().chars().all(|c| c.is_ascii_digit()));
        let (Some(typed), Some(scanned), Some(digits)) = (typed, scanned, digits) else {
            panic!("codes are made of enough bits");
        };
        let printed = typed.to_string();
        for text in [&printed, typed.as_str(), &printed.replace('-', " ").to_lowercase(), scanned.as_str()] {
            assert!(matches!(voucher(text), Some(Ok(_))), "{text}");
            assert_eq!(read(text, 2), Entry::Code(text.to_owned()), "{text}");
        }
        let swapped = printed.replacen("000", "001", 1);
        assert!(matches!(voucher(&swapped), Some(Err(_))), "{swapped} was mistyped");
        for text in [digits.as_str(), "4539578763621486", "A-100", "T-261125-7KQ4MX", "GREEN-TEA 8"] {
            assert_eq!(voucher(text), None, "{text}");
        }
    }

    #[test]
    fn articles_are_known_by_their_check_digit() {
        // The examples of the GS1 check digit calculator.
        for (code, article) in [
            ("6291041500213", true),
            ("6291041500214", false),
            ("96385074", true),
            ("036000291452", true),
            ("13800138000", false),
            ("A-100", false),
        ] {
            assert_eq!(is_article(code), article, "{code}");
        }
    }

    #[test]
    fn a_long_number_nobody_has_is_not_taken_for_an_item() {
        for (code, long) in [
            ("4539578763621487", true),
            ("4539 5787 6362 1487", true),
            ("1390000000", true),
            ("123456789", false),
            ("A-1234567890", false),
            ("T-261125-7KQ4MX", false),
        ] {
            assert_eq!(is_long_number(code), long, "{code}");
        }
    }
}
