//! The sentence of a unit: what it is worth, when it can be spent, when it lapses.

use super::super::{
    Exact, Expiry, FixedDay, Language, Pending, Programme, Rolling, SpendingOrder, TopUpBonus, Unit, UnitKind,
};
use super::{Speaker, redemption};

/// A unit in words.
pub fn unit(programme: &Programme, unit: &Unit, language: Language) -> String {
    let speaker = Speaker { programme, language };
    let mut clauses =
        vec![worth(speaker, unit), pending(speaker, unit.pending), expiry(speaker, &unit.expiry)];
    if let Some(terms) = &unit.redemption {
        clauses.extend(redemption::clauses(speaker, unit, terms));
    }
    speaker.sentence(&clauses)
}

fn worth(speaker: Speaker<'_>, unit: &Unit) -> String {
    let name = unit.name.get(speaker.language);
    if unit.kind == UnitKind::GrowthValue {
        return speaker.pick(format!("{name}只决定等级，不可消费"), format!("{name}: only decides tiers"));
    }
    if unit.kind == UnitKind::StoredValue {
        let text =
            speaker.pick(format!("{name}是会员预存的钱，可退"), format!("{name}: money paid in, refundable"));
        return unit.top_up_bonus.as_ref().map_or(text.clone(), |bonus| text + &topped_up(speaker, bonus));
    }
    if unit.kind == UnitKind::Miles {
        return speaker
            .pick(format!("{name}属于合作方，不计价值"), format!("{name}: a partner's, not valued here"));
    }
    if unit.money_value_minor.0.is_zero() {
        return speaker.pick(format!("{name}未定货币价值"), format!("{name}: no stated worth in money"));
    }
    // 100 of them, so that fractions of a cent read well.
    let hundred = unit.money_value_minor.0.checked_mul(rust_decimal::Decimal::from(100));
    let scale = speaker.programme.decimals();
    let major = hundred.and_then(|minor| minor.checked_div(rust_decimal::Decimal::from(10_i64.pow(scale))));
    let amount = speaker.money(Exact(major.unwrap_or_default().normalize()));
    speaker.pick(format!("100 {name}值 {amount}"), format!("100 {name} are worth {amount}"))
}

fn topped_up(speaker: Speaker<'_>, bonus: &TopUpBonus) -> String {
    let steps: Vec<String> = bonus
        .steps
        .iter()
        .map(|step| {
            let from = speaker.money(step.from);
            let points = speaker.points(Exact::whole(step.points), bonus.unit);
            speaker.pick(format!("充 {from} 赠 {points}"), format!("{points} for {from} or more"))
        })
        .collect();
    let (zh, en) = match bonus.spending_order {
        SpendingOrder::PaidFirst => ("先用本金", "money is spent first"),
        SpendingOrder::BonusFirst => ("先用赠送", "bonus is spent first"),
        SpendingOrder::Apart => ("赠送另用", "bonus is spent by itself"),
    };
    speaker.pick(format!("（{}；{zh}）", steps.join("、")), format!(" (bonus: {}; {en})", steps.join(", ")))
}

fn pending(speaker: Speaker<'_>, pending: Pending) -> String {
    match pending {
        Pending::None => speaker.pick("即时可用".to_owned(), "spendable at once".to_owned()),
        Pending::Days(1) => speaker.pick("次日可用".to_owned(), "spendable from the next day".to_owned()),
        Pending::Days(days) => {
            speaker.pick(format!("{days} 天后可用"), format!("spendable after {days} days"))
        }
        Pending::UntilNextMonth => {
            speaker.pick("次月 1 日可用".to_owned(), "spendable from the next month".to_owned())
        }
    }
}

fn expiry(speaker: Speaker<'_>, expiry: &Expiry) -> String {
    match expiry {
        Expiry::None => speaker.pick("永久有效".to_owned(), "never lapse".to_owned()),
        Expiry::Rolling(rolling) => rolled(speaker, rolling),
        Expiry::FixedDay(fixed) => fixed_day(speaker, fixed),
        Expiry::InactivityMonths(months) => speaker.pick(
            format!("连续 {months} 个月无活动则全部失效"),
            format!("all lapse after {months} months without activity"),
        ),
    }
}

fn rolled(speaker: Speaker<'_>, rolling: &Rolling) -> String {
    let (zh, en) = match (rolling.months, rolling.days) {
        (Some(months), _) => (format!("{months} 个月"), format!("{months} months")),
        (None, days) => {
            let days = days.unwrap_or(0);
            (format!("{days} 天"), format!("{days} days"))
        }
    };
    if rolling.end_of_month {
        return speaker.pick(
            format!("获得 {zh}后的月末失效"),
            format!("lapse at the end of the month {en} after they were earned"),
        );
    }
    speaker.pick(
        format!("获得 {zh}后当天结束时失效"),
        format!("lapse at the end of the day {en} after they were earned"),
    )
}

fn fixed_day(speaker: Speaker<'_>, fixed: &FixedDay) -> String {
    let (month, day) = (fixed.month, fixed.day);
    match fixed.years {
        0 => speaker.pick(
            format!("在下一个 {month} 月 {day} 日结束时失效"),
            format!("lapse at the end of the next {month:02}-{day:02} (month-day)"),
        ),
        1 => speaker.pick(
            format!("次年 {month} 月 {day} 日结束时失效"),
            format!("lapse at the end of {month:02}-{day:02} (month-day) of the following year"),
        ),
        years => speaker.pick(
            format!("{years} 年后的 {month} 月 {day} 日结束时失效"),
            format!("lapse at the end of {month:02}-{day:02} (month-day) {years} years later"),
        ),
    }
}
