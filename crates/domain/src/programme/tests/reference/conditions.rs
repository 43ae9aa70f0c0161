//! Which rules a purchase meets, and which lines count: asked one by one.

use jiff::civil::DateTime;

use super::Case;
use crate::code::Code;
use crate::document::PurchaseLine;
use crate::programme::{Birthday, Conditions, DateWindow, Exact, Outcome, PurchaseNumber, Rule, Trigger};

/// The first condition that speaks against a rule.
pub(super) fn objection(case: &Case, rule: &Rule) -> Option<Outcome> {
    let conditions = &rule.conditions;
    let day = case.local.date();
    let (member, purchase) = (&case.circumstances, &case.purchase);
    let total: i64 = purchase.lines.iter().map(|line| line.amount).sum();
    let minor = |amount: Exact| amount.scaled(case.programme.currency.decimals()).unwrap();
    let tiers: Vec<Code> = member.tiers.iter().map(|(_, tier)| *tier).collect();
    let paid: Vec<String> =
        purchase.payments.iter().filter(|part| part.amount > 0).map(|part| part.method.clone()).collect();
    let channel: Vec<String> = purchase.channel.iter().cloned().collect();
    let store: Vec<String> = purchase.store.iter().cloned().collect();
    let weekday = usize::try_from(day.weekday().to_monday_zero_offset()).unwrap();
    let in_windows = |windows: &[DateWindow]| windows.iter().any(|w| w.from <= day && day <= w.until);
    let lines: Vec<&PurchaseLine> = purchase.lines.iter().filter(|line| counts(case, rule, line)).collect();
    let sum: i64 = lines.iter().map(|line| value(case, line)).sum();
    let items: i64 = lines.iter().map(|line| line.quantity_milli).sum();

    let checks = [
        (rule.trigger == Trigger::Purchase, Outcome::OtherTrigger),
        (
            rule.from.is_none_or(|from| day >= from) && rule.until.is_none_or(|until| day <= until),
            Outcome::NotLive,
        ),
        (wanted(&conditions.tier, &conditions.except_tier, &tiers), Outcome::Tier),
        (wanted(&conditions.segment, &conditions.except_segment, &member.segments), Outcome::Segment),
        (
            conditions.weekday.is_empty()
                || conditions.weekday.iter().any(|wanted| wanted.offset() == weekday),
            Outcome::Weekday,
        ),
        (
            conditions.day_of_month.is_empty()
                || conditions.day_of_month.iter().any(|wanted| i32::from(*wanted) == i32::from(day.day())),
            Outcome::DayOfMonth,
        ),
        (
            (conditions.dates.is_empty() || in_windows(&conditions.dates))
                && !in_windows(&conditions.except_dates),
            Outcome::Date,
        ),
        (time_fits(conditions, case.local), Outcome::Time),
        (
            match conditions.birthday {
                None => true,
                Some(Birthday::Day) => member.on_birthday,
                Some(Birthday::Month) => member.in_birthday_month,
            },
            Outcome::Birthday,
        ),
        (
            match conditions.purchase_number {
                None => true,
                Some(PurchaseNumber::First) => member.purchase_no == 1,
                Some(PurchaseNumber::Exactly(n)) => member.purchase_no == n,
                Some(PurchaseNumber::Every(n)) => member.purchase_no >= 1 && member.purchase_no % n == 0,
            },
            Outcome::PurchaseNumber,
        ),
        (
            conditions.shopping_days_min.is_none_or(|least| case.book.shopping_days >= least),
            Outcome::ShoppingDays,
        ),
        (wanted(&conditions.channel, &conditions.except_channel, &channel), Outcome::Channel),
        (wanted(&conditions.store, &conditions.except_store, &store), Outcome::Store),
        (wanted(&conditions.payment, &conditions.except_payment, &paid), Outcome::Payment),
        (conditions.amount_min.is_none_or(|least| total >= minor(least)), Outcome::AmountMinimum),
        (conditions.amount_max.is_none_or(|most| total <= minor(most)), Outcome::AmountMaximum),
        (!lines.is_empty(), Outcome::NoMatchingLine),
        (conditions.quantity_min.is_none_or(|least| items >= least.scaled(3).unwrap()), Outcome::Quantity),
        (conditions.lines_amount_min.is_none_or(|least| sum >= minor(least)), Outcome::LinesMinimum),
    ];
    checks.into_iter().find(|(holds, _)| !holds).map(|(_, outcome)| outcome)
}

fn wanted<T: PartialEq>(asked: &[T], refused: &[T], there: &[T]) -> bool {
    (asked.is_empty() || asked.iter().any(|value| there.contains(value)))
        && !refused.iter().any(|value| there.contains(value))
}

fn time_fits(conditions: &Conditions, local: DateTime) -> bool {
    let Some(window) = &conditions.time else { return true };
    let time = local.time();
    if window.from < window.until {
        time >= window.from && time < window.until
    } else {
        !(time >= window.until && time < window.from)
    }
}

/// Whether a line counts for a rule.
pub(super) fn counts(case: &Case, rule: &Rule, line: &PurchaseLine) -> bool {
    let conditions = &rule.conditions;
    let one = |text: &String| vec![text.clone()];
    !case.programme.earning.excluded_tags.iter().any(|tag| line.tags.contains(tag))
        && wanted(&conditions.category, &conditions.except_category, &one(&line.category))
        && wanted(&conditions.brand, &conditions.except_brand, &one(&line.brand))
        && wanted(&conditions.sku, &conditions.except_sku, &one(&line.sku))
        && wanted(&conditions.tag, &conditions.except_tag, &line.tags)
}

/// What of a line earns before payments are looked at.
pub(super) fn value(case: &Case, line: &PurchaseLine) -> i64 {
    if case.programme.earning.tax_earns { line.amount } else { line.amount - line.tax }
}
