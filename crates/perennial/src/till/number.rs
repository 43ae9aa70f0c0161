//! Numbers as a cashier types them: `12.50`, `１２．５`, `¥1,234.50`, `-5`. Read digit by digit into whole units of the
//! last decimal, so that no float ever holds an amount; what cannot be read is named.

use domain::money::AMOUNT_MAX;

/// Digits after the point in a quantity: thousandths, as in a purchase line.
pub(super) const QUANTITY_DECIMALS: u32 = 3;

/// Why a text is not a number of the kind asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NumberFault {
    /// Nothing was typed.
    Missing,
    /// Not a number, or its commas do not part thousands.
    Unreadable,
    /// More digits after the point than the currency or a quantity has.
    TooFine,
    /// Larger than any amount.
    TooLarge,
    /// A quantity of nothing, or less.
    NotPositive,
    /// A name of more bytes than the rules take.
    NameTooLong,
}

impl NumberFault {
    /// The catalogue key of its sentence.
    pub(crate) const fn key(self) -> &'static str {
        match self {
            Self::Missing => "till-fault-missing",
            Self::Unreadable => "till-fault-unreadable",
            Self::TooFine => "till-fault-too-fine",
            Self::TooLarge => "till-fault-too-large",
            Self::NotPositive => "till-fault-not-positive",
            Self::NameTooLong => "till-fault-name-too-long",
        }
    }
}

/// Reads a price into minor units of a currency with so many decimals.
pub(crate) fn read_price(text: &str, decimals: u32) -> Result<i64, NumberFault> {
    let plain = plain(text);
    let plain = plain.trim_start_matches(['¥', '$', '€', '£']);
    let (negative, digits) = match plain.strip_prefix('-') {
        Some(rest) => (true, rest.trim_start_matches(['¥', '$', '€', '£'])),
        None => (false, plain),
    };
    let size = read_digits(digits, decimals)?;
    Ok(if negative { -size } else { size })
}

/// Reads a quantity into thousandths; it is above zero.
pub(super) fn read_quantity(text: &str) -> Result<i64, NumberFault> {
    let plain = plain(text);
    if plain.starts_with('-') {
        return Err(NumberFault::NotPositive);
    }
    match read_digits(&plain, QUANTITY_DECIMALS)? {
        0 => Err(NumberFault::NotPositive),
        size => Ok(size),
    }
}

/// Full-width characters of Chinese keyboards as plain ones, without space around.
fn plain(text: &str) -> String {
    let narrow = |c: char| match c {
        '０'..='９' => char::from_digit(u32::from(c) - u32::from('０'), 10).unwrap_or(c),
        '．' | '。' => '.',
        '，' => ',',
        '−' | '－' => '-',
        '￥' => '¥',
        other => other,
    };
    text.trim().chars().map(narrow).collect()
}

fn read_digits(text: &str, decimals: u32) -> Result<i64, NumberFault> {
    if text.is_empty() {
        return Err(NumberFault::Missing);
    }
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let whole = without_commas(whole).ok_or(NumberFault::Unreadable)?;
    let all_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if !all_digits(&whole) || !all_digits(part) || (whole.is_empty() && part.is_empty()) {
        return Err(NumberFault::Unreadable);
    }
    let part = part.trim_end_matches('0');
    let places = usize::try_from(decimals).unwrap_or(0);
    if part.len() > places {
        return Err(NumberFault::TooFine);
    }
    let digits = format!("{whole}{part:0<places$}");
    let digits = digits.trim_start_matches('0');
    if digits.is_empty() {
        return Ok(0);
    }
    digits.parse().ok().filter(|size| *size <= AMOUNT_MAX).ok_or(NumberFault::TooLarge)
}

/// Commas part groups of three digits: `1,234` is a number, `12,50` is not, because nobody can know what it means.
fn without_commas(whole: &str) -> Option<String> {
    let mut groups = whole.split(',');
    let first = groups.next().unwrap_or_default();
    let rest: Vec<&str> = groups.collect();
    let grouped = rest.is_empty() || (1..=3).contains(&first.len());
    (grouped && rest.iter().all(|group| group.len() == 3)).then(|| first.to_owned() + &rest.concat())
}

/// A quantity in thousandths as it is typed: `2`, `1.5`.
pub(super) fn write_quantity(milli: i64) -> String {
    write_decimal(milli, QUANTITY_DECIMALS).trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// An amount in minor units as it is typed: `12.50`.
pub(super) fn write_decimal(amount: i64, decimals: u32) -> String {
    let sign = if amount < 0 { "-" } else { "" };
    let scale = 10_u64.pow(decimals);
    let (whole, part) = (amount.unsigned_abs() / scale, amount.unsigned_abs() % scale);
    match usize::try_from(decimals) {
        Ok(places) if places > 0 => format!("{sign}{whole}.{part:0places$}"),
        _ => format!("{sign}{whole}"),
    }
}

#[cfg(test)]
mod tests {
    use super::NumberFault as F;
    use super::{read_price, read_quantity, write_decimal, write_quantity};

    #[test]
    fn prices_are_read_exactly_or_refused_by_name() {
        let table = [
            ("12.50", 2, Ok(1_250)),
            ("12.5", 2, Ok(1_250)),
            ("12", 2, Ok(1_200)),
            (".5", 2, Ok(50)),
            ("7.", 2, Ok(700)),
            ("0.29", 2, Ok(29)),
            ("1.10", 2, Ok(110)),
            ("１２．５０", 2, Ok(1_250)),
            ("￥ 3", 2, Err(F::Unreadable)),
            ("￥3", 2, Ok(300)),
            ("-5", 2, Ok(-500)),
            ("−¥5.25", 2, Ok(-525)),
            ("1,234,567.89", 2, Ok(123_456_789)),
            ("12,50", 2, Err(F::Unreadable)),
            ("1,23,456", 2, Err(F::Unreadable)),
            ("1500", 0, Ok(1_500)),
            ("1500.0", 0, Ok(1_500)),
            ("1500.5", 0, Err(F::TooFine)),
            ("1.2345", 3, Err(F::TooFine)),
            ("1.234", 3, Ok(1_234)),
            ("12.505", 2, Err(F::TooFine)),
            ("12.500", 2, Ok(1_250)),
            ("", 2, Err(F::Missing)),
            ("-", 2, Err(F::Missing)),
            (".", 2, Err(F::Unreadable)),
            ("1.2.3", 2, Err(F::Unreadable)),
            ("1e3", 2, Err(F::Unreadable)),
            ("twelve", 2, Err(F::Unreadable)),
            ("90071992547409.91", 2, Ok(9_007_199_254_740_991)),
            ("90071992547409.92", 2, Err(F::TooLarge)),
            ("999999999999999999999999", 2, Err(F::TooLarge)),
        ];
        for (text, decimals, expected) in table {
            assert_eq!(read_price(text, decimals), expected, "{text} with {decimals} decimals");
        }
    }

    #[test]
    fn quantities_are_thousandths_above_zero() {
        for (text, expected) in [
            ("2", Ok(2_000)),
            ("1.5", Ok(1_500)),
            ("0.125", Ok(125)),
            ("0.0005", Err(F::TooFine)),
            ("0", Err(F::NotPositive)),
            ("-1", Err(F::NotPositive)),
            ("x", Err(F::Unreadable)),
        ] {
            assert_eq!(read_quantity(text), expected, "{text}");
        }
    }

    #[test]
    fn what_is_written_is_read_back() {
        for amount in [0, 5, 29, 1_250, -525, 123_456_789] {
            for decimals in [0, 2, 3] {
                assert_eq!(read_price(&write_decimal(amount, decimals), decimals), Ok(amount));
            }
        }
        assert_eq!([2_000, 1_500, 125].map(write_quantity), ["2", "1.5", "0.125"]);
    }
}
