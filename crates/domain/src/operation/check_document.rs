//! Bounds that every document must keep, checked before anything is loaded or decided.

use crate::document::{Activity, DocumentKey, LINES_MAX, Purchase, PurchaseLine, Return, TEXT_LENGTH_MAX};
use crate::member::Profile;
use crate::money::AMOUNT_MAX;
use crate::operation::pay_with_points::check_tenders;
use crate::refusal::Refusal;
use crate::voucher::VOUCHERS_MAX;

/// Most payments in one purchase, and most tags on one line.
pub const PARTS_MAX: usize = 32;

/// Longest name of a person, in characters.
pub const PERSON_NAME_MAX: usize = 128;
/// Longest tag of a language (RFC 5646), in characters.
pub const LANGUAGE_MAX: usize = 35;
/// Most segments of one member.
pub const SEGMENTS_MAX: usize = 64;

/// Checks the natural key of a document.
pub fn check_key(prefix: &str, key: &DocumentKey) -> Result<(), Refusal> {
    check_name(&format!("{prefix}source"), &key.source)?;
    check_name(&format!("{prefix}reference"), &key.reference)
}

/// Checks a purchase: texts, number of lines and payments, amounts, and that the total stays in range.
pub fn check_purchase(purchase: &Purchase) -> Result<(), Refusal> {
    check_key("", &purchase.key)?;
    for (field, text) in [("store", &purchase.store), ("channel", &purchase.channel)] {
        if let Some(text) = text {
            check_name(field, text)?;
        }
    }
    check_count("lines", purchase.lines.len(), 1, LINES_MAX)?;
    check_count("payments", purchase.payments.len(), 0, PARTS_MAX)?;
    check_count("vouchers", purchase.vouchers.len(), 0, VOUCHERS_MAX)?;
    for (position, payment) in purchase.payments.iter().enumerate() {
        check_name_at("payments", position, "method", &payment.method)?;
        check_amount("payments", position, "amount", payment.amount)?;
    }
    check_tenders(purchase)?;
    check_line_items(&purchase.lines)
}

/// Checks the lines of a basket: number, texts, amounts, and that their sums stay in range.
pub fn check_lines(lines: &[PurchaseLine]) -> Result<(), Refusal> {
    check_count("lines", lines.len(), 1, LINES_MAX)?;
    check_line_items(lines)
}

fn check_line_items(lines: &[PurchaseLine]) -> Result<(), Refusal> {
    for (position, line) in lines.iter().enumerate() {
        check_text_at("lines", position, "sku", &line.sku)?;
        check_text_at("lines", position, "category", &line.category)?;
        check_text_at("lines", position, "brand", &line.brand)?;
        check_amount("lines", position, "amount", line.amount)?;
        check_amount("lines", position, "tax", line.tax)?;
        check_amount("lines", position, "quantity_milli", line.quantity_milli)?;
        if line.tags.len() > PARTS_MAX {
            check_count(&format!("lines[{position}].tags"), line.tags.len(), 0, PARTS_MAX)?;
        }
        for tag in &line.tags {
            check_name_at("lines", position, "tags", tag)?;
        }
    }
    let gross = lines.iter().try_fold(0_i64, |sum, line| sum.checked_add(line.amount.abs()));
    if gross.is_none_or(|gross| gross > AMOUNT_MAX) {
        return Err(Refusal::AmountTooLarge { field: "lines".to_owned() });
    }
    Ok(())
}

/// Checks what is known of a person against the bounds.
pub fn check_profile(profile: &Profile) -> Result<(), Refusal> {
    let texts = [("name", &profile.name, PERSON_NAME_MAX), ("language", &profile.language, LANGUAGE_MAX)];
    for (field, text, most) in texts {
        let bad = |text: &&String| text.chars().count() > most || text.chars().any(char::is_control);
        if let Some(text) = text.as_ref().filter(bad) {
            let remedy = format!("use {most} characters at the most, none of them control characters");
            return Err(Refusal::field(field, text, remedy));
        }
    }
    for (field, segments) in
        [("segments", &profile.segments), ("declined_segments", &profile.declined_segments)]
    {
        if segments.len() > SEGMENTS_MAX {
            let remedy = format!("name {SEGMENTS_MAX} at the most");
            return Err(Refusal::field(field, segments.len(), remedy));
        }
    }
    if let Some(both) = profile.declined_segments.iter().find(|code| profile.segments.contains(code)) {
        let remedy = "it is among segments too: a member is in it or declines it";
        return Err(Refusal::field("declined_segments", both, remedy));
    }
    Ok(())
}

/// Checks a return: texts, number of lines, amounts, and that no line is named twice.
pub fn check_return(document: &Return) -> Result<(), Refusal> {
    check_key("", &document.key)?;
    check_key("purchase.", &document.purchase)?;
    check_count("lines", document.lines.len(), 0, LINES_MAX)?;
    for (position, line) in document.lines.iter().enumerate() {
        check_amount("lines", position, "amount", line.amount)?;
        if document.lines[..position].iter().any(|earlier| earlier.line == line.line) {
            let remedy = "this line is named twice: name each line once, with the whole amount";
            return Err(Refusal::field(format!("lines[{position}].line"), line.line, remedy));
        }
    }
    Ok(())
}

/// Checks an activity: texts and a count of 1 to 1,000,000.
pub fn check_activity(activity: &Activity) -> Result<(), Refusal> {
    check_key("", &activity.key)?;
    check_name("kind", &activity.kind)?;
    if !(1..=1_000_000).contains(&activity.count) {
        return Err(Refusal::field("count", activity.count, "use a whole number from 1 to 1000000"));
    }
    Ok(())
}

fn check_count(field: &str, count: usize, least: usize, most: usize) -> Result<(), Refusal> {
    if (least..=most).contains(&count) {
        return Ok(());
    }
    Err(Refusal::field(field, format!("{count} items"), format!("send {least} to {most} of them")))
}

fn valid_text(text: &str) -> bool {
    text.len() <= TEXT_LENGTH_MAX && !text.chars().any(char::is_control)
}

fn text_refusal(field: String, text: &str) -> Refusal {
    Refusal::field(field, text, format!("use 1 to {TEXT_LENGTH_MAX} bytes without control characters"))
}

pub(super) fn check_name(field: &str, text: &str) -> Result<(), Refusal> {
    if !text.is_empty() && valid_text(text) { Ok(()) } else { Err(text_refusal(field.to_owned(), text)) }
}

fn check_name_at(list: &str, position: usize, field: &str, text: &str) -> Result<(), Refusal> {
    if text.is_empty() {
        Err(text_refusal(format!("{list}[{position}].{field}"), text))
    } else {
        check_text_at(list, position, field, text)
    }
}

fn check_text_at(list: &str, position: usize, field: &str, text: &str) -> Result<(), Refusal> {
    if valid_text(text) { Ok(()) } else { Err(text_refusal(format!("{list}[{position}].{field}"), text)) }
}

fn check_amount(list: &str, position: usize, field: &str, amount: i64) -> Result<(), Refusal> {
    if (-AMOUNT_MAX..=AMOUNT_MAX).contains(&amount) {
        Ok(())
    } else {
        Err(Refusal::AmountTooLarge { field: format!("{list}[{position}].{field}") })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::{check_purchase, check_return};
    use crate::document::{DocumentKey, Purchase, PurchaseLine, Return, ReturnLine};
    use crate::money::{AMOUNT_MAX, Currency};

    fn purchase() -> Purchase {
        Purchase {
            key: DocumentKey { source: "till".to_owned(), reference: "r1".to_owned() },
            occurred_at: "2026-01-01T00:00:00Z".parse().unwrap(),
            currency: Currency::new("CNY").unwrap(),
            store: None,
            channel: None,
            vouchers: Vec::new(),
            payments: Vec::new(),
            lines: vec![PurchaseLine { amount: 100, quantity_milli: 1_000, ..PurchaseLine::default() }],
        }
    }

    fn check(change: impl FnOnce(&mut Purchase), expected_field: Option<&str>) {
        let mut purchase = purchase();
        change(&mut purchase);
        let refusal = check_purchase(&purchase).err();
        let field = refusal.as_ref().and_then(crate::refusal::Refusal::offending_field);
        assert_eq!(field, expected_field, "{refusal:?}");
    }

    #[test]
    fn a_purchase_must_keep_its_bounds() {
        check(|_| (), None);
        check(|p| p.lines.clear(), Some("lines"));
        check(|p| p.key.source.clear(), Some("source"));
        check(|p| p.key.reference = "x".repeat(129), Some("reference"));
        check(|p| p.lines[0].amount = AMOUNT_MAX + 1, Some("lines[0].amount"));
        check(|p| p.lines[0].amount = i64::MIN, Some("lines[0].amount"));
        check(
            |p| p.lines = vec![PurchaseLine { amount: AMOUNT_MAX, ..PurchaseLine::default() }; 2],
            Some("lines"),
        );
        check(|p| p.lines[0].sku = "a\nb".to_owned(), Some("lines[0].sku"));
        check(|p| p.channel = Some(String::new()), Some("channel"));
    }

    #[test]
    fn a_return_names_each_line_once() {
        let key = DocumentKey { source: "till".to_owned(), reference: "r2".to_owned() };
        let line = ReturnLine { line: 0, amount: 1 };
        let mut document = Return {
            key: key.clone(),
            purchase: key,
            occurred_at: "2026-01-01T00:00:00Z".parse().unwrap(),
            lines: vec![line],
        };
        assert_eq!(check_return(&document), Ok(()));
        document.lines.push(line);
        assert!(check_return(&document).is_err());
    }
}
