//! How the portal speaks of days, numbers and amounts: as one would say them to a person.

use domain::code::Code;
use domain::money::Money;
use domain::programme::CompiledProgramme;
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};

use crate::console::format::number;
use crate::console::member::{unit_name, unit_number};
use crate::console::page::Frame;

/// Days ahead that are called by their weekday.
const NEAR_DAYS: i32 = 6;

/// A day to come: today, tomorrow, Sunday, or a date.
pub(super) fn day_ahead(f: &Frame, day: Date, today: Date) -> String {
    const WEEKDAYS: [&str; 7] =
        ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
    match today.until(day).map_or(i32::MAX, |span| span.get_days()) {
        0 => f.t("card-today"),
        1 => f.t("card-tomorrow"),
        2..=NEAR_DAYS => {
            let at = usize::try_from(day.weekday().to_monday_zero_offset()).unwrap_or(0);
            f.named("card-weekday-", WEEKDAYS.get(at).copied().unwrap_or_default())
        }
        _ => f.formats.date(day),
    }
}

/// The local day of an instant.
pub(super) fn day_of(f: &Frame, instant: Timestamp) -> Date {
    f.formats.zone.to_datetime(instant).date()
}

/// The last day on which something is still good that ends at an instant.
pub(super) fn last_day(f: &Frame, end: Timestamp) -> Date {
    day_of(f, end.checked_sub(SignedDuration::from_secs(1)).unwrap_or(end))
}

/// Points with their unit: `1,350 points`.
pub(super) fn points(f: &Frame, programme: Option<&CompiledProgramme>, amount: i64, unit: Code) -> String {
    let number = unit_number(f, programme, unit, amount);
    let unit = unit_name(f, programme, unit);
    f.with("card-points", &[("amount", &number), ("unit", &unit)])
}

/// Minor units of the programme's currency.
pub(super) fn money(f: &Frame, programme: Option<&CompiledProgramme>, amount: i64) -> String {
    programme.map_or_else(
        || number(amount),
        |programme| f.formats.money(Money { amount, currency: programme.programme().currency }),
    )
}

/// A card number in groups of four, as it is printed on cards.
pub(super) fn grouped(card: &str) -> String {
    let digits: Vec<char> = card.chars().collect();
    digits.chunks(4).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join(" ")
}

/// The name by which others of the household know somebody: the first word; of a name in Chinese characters what follows
/// the family name, which has two characters where there are four.
pub(super) fn first_name(name: &str) -> String {
    const HAN: std::ops::RangeInclusive<char> = '\u{4e00}'..='\u{9fff}';
    let first = name.split_whitespace().next().unwrap_or_default();
    let characters: Vec<char> = first.chars().collect();
    let family = match characters.len() {
        _ if !characters.iter().all(|character| HAN.contains(character)) => 0,
        2 | 3 => 1,
        4 => 2,
        _ => 0,
    };
    characters.into_iter().skip(family).collect()
}

#[cfg(test)]
mod tests {
    use domain::programme::Language;
    use jiff::civil::date;
    use jiff::tz::TimeZone;

    use super::{day_ahead, first_name, grouped};
    use crate::console::format::Formats;
    use crate::console::page::{Frame, Theme};

    #[test]
    fn near_days_have_names() {
        let frame =
            |language| Frame::new(language, Theme::default(), Formats { language, zone: TimeZone::UTC });
        let wednesday = date(2026, 11, 25);
        for (day, english, chinese) in [
            (wednesday, "today", "今天"),
            (date(2026, 11, 26), "tomorrow", "明天"),
            (date(2026, 11, 29), "Sunday", "周日"),
            (date(2026, 12, 1), "Tuesday", "周二"),
            (date(2026, 12, 2), "2 Dec 2026", "2026年12月2日"),
        ] {
            assert_eq!(day_ahead(&frame(Language::En), day, wednesday), english);
            assert_eq!(day_ahead(&frame(Language::ZhCn), day, wednesday), chinese);
        }
    }

    #[test]
    fn others_are_called_by_their_first_name() {
        for (name, expected) in [
            ("Ada Lovelace", "Ada"),
            ("李雷", "雷"),
            ("王小明", "小明"),
            ("欧阳修文", "修文"),
            ("阿", "阿"),
            ("李雷（旧卡）", "李雷（旧卡）"),
            ("", ""),
        ] {
            assert_eq!(first_name(name), expected, "{name}");
        }
    }

    #[test]
    fn card_numbers_are_read_in_groups() {
        assert_eq!(grouped("6200123456789"), "6200 1234 5678 9");
        assert_eq!(grouped(""), "");
    }
}
