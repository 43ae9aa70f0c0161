//! Phrases: what a step may say, with places for names, numbers, amounts and times.

use jiff::civil::DateTime;

/// A text in words; commas and colons at the end of a word stand alone.
pub(crate) fn words(text: &str) -> Vec<&str> {
    let apart = |word| match str::strip_suffix(word, [',', ':']) {
        Some(bare) if !bare.is_empty() => vec![bare, &word[bare.len()..]],
        _ => vec![word],
    };
    text.split_whitespace().flat_map(apart).collect()
}

/// What stands in the places of a pattern, if a text fits it. `<when>` takes a date and a time, `<rest>` everything that
/// is left, every other place one word that is not a mark.
pub(crate) fn fit<'a>(pattern: &str, text: &[&'a str]) -> Option<Vec<Vec<&'a str>>> {
    let mut found = Vec::new();
    let mut left = text;
    for part in words(pattern) {
        let count = match part {
            "<rest>" if left.is_empty() => return None,
            "<rest>" => left.len(),
            "<when>" => 2,
            _ => 1,
        };
        let (taken, after) = left.split_at_checked(count)?;
        if part.starts_with('<') {
            if part != "<rest>" && taken.iter().any(|word| [",", ":"].contains(word)) {
                return None;
            }
            found.push(taken.to_vec());
        } else if taken != [part] {
            return None;
        }
        left = after;
    }
    left.is_empty().then_some(found)
}

/// A whole number, with thousands set apart by commas if one likes.
pub(crate) fn number(text: &str) -> Result<i64, String> {
    text.replace(',', "").parse().map_err(|_| format!("a whole number instead of “{text}”"))
}

/// An amount with two decimals, in minor units.
pub(crate) fn money(text: &str) -> Result<i64, String> {
    let wrong = || format!("an amount such as 12.50 instead of “{text}”");
    let (whole, cents) = text.rsplit_once('.').ok_or_else(wrong)?;
    if cents.len() != 2 {
        return Err(wrong());
    }
    format!("{}{cents}", whole.replace(',', "")).parse().map_err(|_| wrong())
}

/// A local date and time.
pub(crate) fn moment(words: &[&str]) -> Result<DateTime, String> {
    let text = words.join("T");
    text.parse().map_err(|_| format!("a time such as 2026-05-11 10:00 instead of “{}”", words.join(" ")))
}
