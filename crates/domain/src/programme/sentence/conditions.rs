//! The clauses of a rule's conditions, one for each field that is present.

use super::super::condition::{DateWindow, Weekday};
use super::super::{Birthday, Conditions, Language, PurchaseNumber};
use super::Speaker;

pub(super) fn clauses(speaker: Speaker<'_>, conditions: &Conditions) -> Vec<String> {
    let mut clauses = lists(speaker, conditions);
    clauses.extend(days(speaker, conditions));
    clauses.extend(member(speaker, conditions));
    clauses.extend(amounts(speaker, conditions));
    clauses
}

/// A list that must hold one of its values, and its `except_` twin.
struct Pair<'a> {
    asked: &'a [String],
    refused: &'a [String],
    zh: &'static str,
    en_asked: &'static str,
    en_refused: &'static str,
}

fn lists(speaker: Speaker<'_>, conditions: &Conditions) -> Vec<String> {
    let tiers = [speaker.tier_names(&conditions.tier), speaker.tier_names(&conditions.except_tier)];
    let segments =
        [speaker.segment_names(&conditions.segment), speaker.segment_names(&conditions.except_segment)];
    let pair = |asked, refused, zh, en_asked, en_refused| Pair { asked, refused, zh, en_asked, en_refused };
    let pairs = [
        pair(&conditions.channel, &conditions.except_channel, "渠道", "only by", "not by"),
        pair(&conditions.store, &conditions.except_store, "门店", "only at store", "not at store"),
        pair(&tiers[0], &tiers[1], "等级", "only for", "not for"),
        pair(&segments[0], &segments[1], "人群", "only for", "not for"),
        pair(&conditions.payment, &conditions.except_payment, "支付方式", "paid by", "not paid by"),
        pair(&conditions.category, &conditions.except_category, "品类", "on category", "not on category"),
        pair(&conditions.brand, &conditions.except_brand, "品牌", "on brand", "not on brand"),
        pair(&conditions.sku, &conditions.except_sku, "商品", "on item", "not on item"),
        pair(&conditions.tag, &conditions.except_tag, "标签", "on goods tagged", "not on goods tagged"),
    ];
    let mut clauses = Vec::new();
    for pair in pairs {
        if !pair.asked.is_empty() {
            let values = speaker.any_of(pair.asked);
            clauses.push(
                speaker.pick(format!("仅限{} {values}", pair.zh), format!("{} {values}", pair.en_asked)),
            );
        }
        if !pair.refused.is_empty() {
            let values = speaker.any_of(pair.refused);
            clauses.push(
                speaker.pick(format!("{} {values} 除外", pair.zh), format!("{} {values}", pair.en_refused)),
            );
        }
    }
    clauses
}

fn days(speaker: Speaker<'_>, conditions: &Conditions) -> Vec<String> {
    let mut clauses = Vec::new();
    if !conditions.weekday.is_empty() {
        let names: Vec<&str> = conditions.weekday.iter().map(|day| weekday(*day, speaker.language)).collect();
        let names = speaker.any_of(&names);
        clauses.push(speaker.pick(format!("每{names}"), format!("on {names}")));
    }
    if !conditions.day_of_month.is_empty() {
        let english = speaker.language == Language::En;
        let day = |day: &u8| if english { ordinal(u32::from(*day)) } else { day.to_string() };
        let names = speaker.any_of(&conditions.day_of_month.iter().map(day).collect::<Vec<_>>());
        clauses.push(speaker.pick(format!("每月 {names} 日"), format!("on the {names}")));
    }
    let window = |window: &DateWindow| {
        let (from, until) = (window.from, window.until);
        if from == until {
            return from.to_string();
        }
        speaker.pick(format!("{from} 至 {until}"), format!("{from} to {until}"))
    };
    if !conditions.dates.is_empty() {
        let windows = speaker.any_of(&conditions.dates.iter().map(window).collect::<Vec<_>>());
        clauses.push(speaker.pick(format!("仅限 {windows}"), format!("on {windows}")));
    }
    if !conditions.except_dates.is_empty() {
        let windows = speaker.any_of(&conditions.except_dates.iter().map(window).collect::<Vec<_>>());
        clauses.push(speaker.pick(format!("{windows} 除外"), format!("not on {windows}")));
    }
    if let Some(time) = &conditions.time {
        let (from, until) = (time.from.strftime("%H:%M"), time.until.strftime("%H:%M"));
        clauses.push(speaker.pick(format!("{from} 至 {until}"), format!("between {from} and {until}")));
    }
    clauses
}

fn member(speaker: Speaker<'_>, conditions: &Conditions) -> Vec<String> {
    let birthday = conditions.birthday.map(|birthday| match birthday {
        Birthday::Day => speaker.pick("生日当天".to_owned(), "on the member's birthday".to_owned()),
        Birthday::Month => speaker.pick("生日当月".to_owned(), "in the member's birthday month".to_owned()),
    });
    let number = conditions.purchase_number.map(|number| match number {
        PurchaseNumber::First => speaker.pick("首次消费".to_owned(), "on the first purchase".to_owned()),
        PurchaseNumber::Exactly(n) => {
            speaker.pick(format!("第 {n} 次消费"), format!("on the {} purchase", ordinal(n)))
        }
        PurchaseNumber::Every(n) => {
            speaker.pick(format!("每第 {n} 次消费"), format!("on every {} purchase", ordinal(n)))
        }
    });
    let shopping = conditions.shopping_days_min.map(|days| {
        speaker.pick(
            format!("当月购物满 {days} 天"),
            format!("from the {} shopping day of the month on", ordinal(days)),
        )
    });
    [birthday, number, shopping].into_iter().flatten().collect()
}

fn amounts(speaker: Speaker<'_>, conditions: &Conditions) -> Vec<String> {
    let least = conditions.amount_min.map(|amount| speaker.money(amount));
    let most = conditions.amount_max.map(|amount| speaker.money(amount));
    let lines = conditions.lines_amount_min.map(|amount| speaker.money(amount));
    let items = conditions.quantity_min.map(|quantity| quantity.0.normalize());
    [
        least.map(|amount| {
            speaker.pick(format!("整单满 {amount}"), format!("on receipts of at least {amount}"))
        }),
        most.map(|amount| {
            speaker.pick(format!("整单不超过 {amount}"), format!("on receipts of at most {amount}"))
        }),
        lines.map(|amount| {
            speaker.pick(format!("指定商品满 {amount}"), format!("with at least {amount} of these goods"))
        }),
        items.map(|items| {
            speaker
                .pick(format!("指定商品满 {items} 件"), format!("with at least {items} items of these goods"))
        }),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn weekday(day: Weekday, language: Language) -> &'static str {
    let zh = ["周一", "周二", "周三", "周四", "周五", "周六", "周日"];
    let en = ["Mondays", "Tuesdays", "Wednesdays", "Thursdays", "Fridays", "Saturdays", "Sundays"];
    language.pick(zh[day.offset()], en[day.offset()])
}

/// `1st`, `2nd`, `11th`.
fn ordinal(number: u32) -> String {
    let suffix = match (number % 100, number % 10) {
        (11..=13, _) => "th",
        (_, 1) => "st",
        (_, 2) => "nd",
        (_, 3) => "rd",
        _ => "th",
    };
    format!("{number}{suffix}")
}
