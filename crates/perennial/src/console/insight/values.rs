//! Numbers of an answer as their reader expects them.

use analytics::report::{Kind, Report, Value};
use domain::money::{Currency, Money};

use crate::console::format::number;
use crate::console::page::Frame;

/// Amounts from here on are told in whole units: nobody reads the cents of a million.
const MINOR_UNITS_SHOWN_BELOW: f64 = 100_000.0;

/// How the values of one answer are written.
pub(super) struct Values<'a> {
    f: &'a Frame,
    currency: Option<Currency>,
}

impl<'a> Values<'a> {
    pub(super) fn new(f: &'a Frame, report: &Report) -> Self {
        let currency = report.population.currency.as_deref().and_then(|code| Currency::new(code).ok());
        Self { f, currency }
    }

    /// A number.
    pub(super) fn number(&self, value: f64, kind: Kind) -> String {
        match kind {
            Kind::Money => self.money(value),
            Kind::Share => fraction(value * 100.0, 1) + "%",
            Kind::Score => fraction(value, 1),
            Kind::Count | Kind::Days => number(whole(value)),
            _ if value.abs() >= 1_000.0 => fraction(value, 0),
            _ if value.abs() >= 10.0 => fraction(value, 1),
            _ => fraction(value, 3),
        }
    }

    /// A cell of a table.
    pub(super) fn cell(&self, value: &Value, kind: Kind) -> String {
        match value {
            Value::Empty => "–".to_owned(),
            Value::Text(text) if kind == Kind::Word => self.f.named("word-", text),
            Value::Text(text) if text.is_empty() => self.f.t("insight-unnamed"),
            Value::Text(text) => text.clone(),
            Value::Integer(_) | Value::Number(_) => {
                value.as_number().map_or_else(String::new, |value| self.number(value, kind))
            }
        }
    }

    /// A number as a chart draws it: shares in per cent, money in major units.
    pub(super) fn drawn(&self, value: f64, kind: Kind) -> f64 {
        let scaled = match kind {
            Kind::Share => value * 100.0,
            Kind::Money => {
                let digits = self.currency.map_or(0, |currency| currency.decimals());
                value / 10_f64.powi(i32::try_from(digits).unwrap_or(0))
            }
            _ => value,
        };
        (scaled * 1_000.0).round() / 1_000.0
    }

    fn money(&self, value: f64) -> String {
        let Some(currency) = self.currency else { return number(whole(value)) };
        let unit = 10_f64.powi(i32::try_from(currency.decimals()).unwrap_or(0));
        if value.abs() < MINOR_UNITS_SHOWN_BELOW * unit {
            return self.f.formats.money(Money { amount: whole(value), currency });
        }
        let amount = whole((value / unit).round() * unit);
        let shown = self.f.formats.money(Money { amount, currency });
        shown.split_once('.').map_or(shown.clone(), |(whole, _)| whole.to_owned())
    }
}

/// A number with so many digits after the point, its thousands apart.
pub(super) fn fraction(value: f64, digits: usize) -> String {
    let text = format!("{:.digits$}", value.abs());
    let (whole, part) = text.split_once('.').unwrap_or((&text, ""));
    let grouped = whole.parse().map_or_else(|_| whole.to_owned(), number);
    let zero = text.bytes().all(|digit| matches!(digit, b'0' | b'.'));
    let sign = if value < 0.0 && !zero { "−" } else { "" };
    if part.is_empty() { format!("{sign}{grouped}") } else { format!("{sign}{grouped}.{part}") }
}

#[expect(clippy::cast_possible_truncation, reason = "counts and sums of money are far below 2^53")]
fn whole(value: f64) -> i64 {
    value.round() as i64
}

#[cfg(test)]
mod tests {
    use super::fraction;

    #[test]
    fn fractions_are_grouped_and_never_minus_zero() {
        for (value, digits, shown) in [
            (1234.56, 1, "1,234.6"),
            (-0.04, 1, "0.0"),
            (-2.5, 1, "−2.5"),
            (7.0, 0, "7"),
            (1e6, 0, "1,000,000"),
        ] {
            assert_eq!(fraction(value, digits), shown);
        }
    }
}
