//! Numbers, money, dates and times as a reader of each language expects them, in the programme's zone.

use domain::money::{Currency, Money};
use domain::programme::Language;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// How values are written for one reader.
#[derive(Debug, Clone)]
pub(crate) struct Formats {
    /// The reader's language.
    pub(crate) language: Language,
    /// The programme's zone.
    pub(crate) zone: TimeZone,
}

/// A whole number with its thousands apart and a true minus sign: `−12,345`.
pub(crate) fn number(value: i64) -> String {
    grouped(value < 0, value.unsigned_abs())
}

/// A whole number that always shows its sign: `+12,345`, `−80`, `0`.
pub(crate) fn signed(value: i64) -> String {
    if value > 0 { format!("+{}", number(value)) } else { number(value) }
}

fn grouped(negative: bool, size: u64) -> String {
    let digits = size.to_string();
    let mut text = String::from(if negative { "−" } else { "" });
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

impl Formats {
    /// An amount with its currency's sign: `¥1,234.50` to a Chinese reader, `CN¥1,234.50` to an English one.
    pub(crate) fn money(&self, money: Money) -> String {
        let scale = 10_u64.pow(money.currency.decimals());
        let size = money.amount.unsigned_abs();
        let whole = grouped(money.amount < 0, size / scale);
        let part = match money.currency.decimals() {
            0 => String::new(),
            3 => format!(".{:03}", size % scale),
            _ => format!(".{:02}", size % scale),
        };
        let (sign, whole) = whole.strip_prefix('−').map_or(("", whole.as_str()), |rest| ("−", rest));
        format!("{sign}{}{whole}{part}", self.symbol(money.currency))
    }

    fn symbol(&self, currency: Currency) -> String {
        let chinese = self.language == Language::ZhCn;
        match currency.as_str() {
            "CNY" if chinese => "¥".to_owned(),
            "CNY" => "CN¥".to_owned(),
            "USD" if chinese => "US$".to_owned(),
            "USD" => "$".to_owned(),
            "JPY" if chinese => "JP¥".to_owned(),
            "JPY" => "¥".to_owned(),
            "EUR" => "€".to_owned(),
            "GBP" => "£".to_owned(),
            other => format!("{other}\u{a0}"),
        }
    }

    /// A day: `2026年11月22日`, `22 Nov 2026`.
    pub(crate) fn date(&self, date: Date) -> String {
        let month = usize::try_from(date.month() - 1).ok().and_then(|at| MONTHS.get(at)).unwrap_or(&"");
        match self.language {
            Language::ZhCn => format!("{}年{}月{}日", date.year(), date.month(), date.day()),
            Language::En => format!("{} {month} {}", date.day(), date.year()),
        }
    }

    /// A month: `2026年11月`, `Nov 2026`.
    pub(crate) fn month(&self, date: Date) -> String {
        let month = usize::try_from(date.month() - 1).ok().and_then(|at| MONTHS.get(at)).unwrap_or(&"");
        match self.language {
            Language::ZhCn => format!("{}年{}月", date.year(), date.month()),
            Language::En => format!("{month} {}", date.year()),
        }
    }

    /// The day of an instant.
    pub(crate) fn day(&self, instant: Timestamp) -> String {
        self.date(self.zone.to_datetime(instant).date())
    }

    /// An instant to the minute.
    pub(crate) fn time(&self, instant: Timestamp) -> String {
        let local = self.zone.to_datetime(instant);
        format!("{} {:02}:{:02}", self.date(local.date()), local.hour(), local.minute())
    }

    /// An instant to the second, with the offset: for titles and `datetime` attributes.
    pub(crate) fn exact(&self, instant: Timestamp) -> String {
        instant.to_zoned(self.zone.clone()).strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
    }
}

/// The change from one number to another in tenths of a per cent; `None` from nothing.
pub(crate) fn change_permille(now: i64, before: i64) -> Option<i64> {
    if before == 0 {
        return None;
    }
    let (now, before) = (i128::from(now), i128::from(before));
    i64::try_from((now - before) * 1000 / before.abs()).ok()
}

/// A change in tenths of a per cent with its sign: `+12.3%`.
pub(crate) fn permille(change: i64) -> String {
    let sign = match change {
        1.. => "+",
        0 => "",
        _ => "−",
    };
    let size = change.unsigned_abs();
    format!("{sign}{}.{}%", grouped(false, size / 10), size % 10)
}

#[cfg(test)]
mod tests {
    use domain::money::{Currency, Money};
    use domain::programme::Language;
    use jiff::civil::date;
    use jiff::tz::TimeZone;

    use super::{Formats, change_permille, number, permille, signed};

    fn formats(language: Language) -> Formats {
        Formats { language, zone: TimeZone::get("Asia/Shanghai").unwrap() }
    }

    #[test]
    fn numbers_have_their_thousands_apart() {
        assert_eq!(
            [0, 7, 999, 1_000, -12_345, 1_234_567].map(number),
            ["0", "7", "999", "1,000", "−12,345", "1,234,567"]
        );
        assert_eq!([5, 0, -5].map(signed), ["+5", "0", "−5"]);
    }

    #[test]
    fn money_shows_the_sign_its_reader_knows() {
        let money = |amount, code: &str| Money { amount, currency: Currency::new(code).unwrap() };
        assert_eq!(formats(Language::ZhCn).money(money(123_450, "CNY")), "¥1,234.50");
        assert_eq!(formats(Language::En).money(money(-123_450, "CNY")), "−CN¥1,234.50");
        assert_eq!(formats(Language::En).money(money(1_500, "JPY")), "¥1,500");
        assert_eq!(formats(Language::En).money(money(1_500, "CHF")), "CHF\u{a0}15.00");
    }

    #[test]
    fn instants_are_shown_in_the_programmes_zone() {
        let instant = "2026-06-12T16:00:00Z".parse().unwrap();
        assert_eq!(formats(Language::ZhCn).time(instant), "2026年6月13日 00:00");
        assert_eq!(formats(Language::En).time(instant), "13 Jun 2026 00:00");
        assert_eq!(formats(Language::En).date(date(2026, 11, 2)), "2 Nov 2026");
        assert_eq!(formats(Language::En).exact(instant), "2026-06-13T00:00:00+08:00");
    }

    #[test]
    fn changes_are_in_tenths_of_a_per_cent() {
        assert_eq!(change_permille(112, 100).map(permille).as_deref(), Some("+12.0%"));
        assert_eq!(change_permille(0, 3).map(permille).as_deref(), Some("−100.0%"));
        assert_eq!(change_permille(5, 5).map(permille).as_deref(), Some("0.0%"));
        assert_eq!(change_permille(5, 0), None);
    }
}
