//! The sentence of a rule: what it gives, when, at most how much, and who pays.

use super::super::{
    Available, Cap, CapSpan, DEFAULT_FUNDER, Effect, Exact, Language, MultiplierStacking, Programme,
    Rounding, Rule, Trigger,
};
use super::{Speaker, conditions};

/// A rule in words.
pub fn rule(programme: &Programme, rule: &Rule, language: Language) -> String {
    let speaker = Speaker { programme, language };
    let mut clauses = vec![effect(speaker, rule)];
    clauses.extend(rounding(speaker, rule));
    clauses.extend(window(speaker, rule));
    clauses.extend(conditions::clauses(speaker, &rule.conditions));
    clauses.extend(rule.caps.iter().map(|each| cap(speaker, rule, each)));
    clauses.extend(funding(speaker, rule));
    if let Some(Available::NextMonth) = rule.available {
        clauses.push(speaker.pick("次月 1 日可用".to_owned(), "spendable from the next month".to_owned()));
    }
    if let Some(group) = rule.group {
        clauses.push(speaker.pick(
            format!("“{group}”组中只取最优"),
            format!("only if it is the best of the group “{group}”"),
        ));
    }
    speaker.sentence(&clauses)
}

fn effect(speaker: Speaker<'_>, rule: &Rule) -> String {
    let cause = match &rule.trigger {
        Trigger::Purchase => None,
        Trigger::Activity(kind) => Some(speaker.pick(format!("完成“{kind}”"), format!("Activity “{kind}”"))),
        Trigger::Enrolment => Some(speaker.pick("入会".to_owned(), "Joining".to_owned())),
    };
    match &rule.effect {
        Effect::Rate(rate) => {
            let (amount, points) = (speaker.money(rate.per), speaker.points(rate.points, rule.unit));
            speaker.pick(format!("每消费 {amount} 得 {points}"), format!("Spend {amount} → {points}"))
        }
        Effect::Step(step) => {
            let (amount, points) =
                (speaker.money(step.per), speaker.points(Exact::whole(step.points), rule.unit));
            let full =
                speaker.pick(format!("每满 {amount} 得 {points}"), format!("Every full {amount} → {points}"));
            match step.minimum.map(|minimum| speaker.money(minimum)) {
                Some(least) => {
                    speaker.pick(format!("{full}，单次满 {least} 起"), format!("{full}, from {least} on"))
                }
                None => full,
            }
        }
        Effect::Multiplier(multiplier) => {
            let (unit, factor) = (speaker.unit_name(rule.unit), multiplier.factor.0.normalize());
            let stacking = stacking(speaker);
            speaker.pick(
                format!("{unit} ×{factor}{stacking}"),
                format!("{} ×{factor}{stacking}", capital(&unit)),
            )
        }
        Effect::Bonus(bonus) => {
            let points = speaker.points(Exact::whole(bonus.points), rule.unit);
            let cause = cause.unwrap_or_else(|| speaker.pick("消费".to_owned(), "A purchase".to_owned()));
            if bonus.each {
                return speaker
                    .pick(format!("{cause}每项得 {points}"), format!("{cause} → {points} for each"));
            }
            speaker.pick(format!("{cause}得 {points}"), format!("{cause} → {points}"))
        }
    }
}

fn stacking(speaker: Speaker<'_>) -> &'static str {
    match speaker.programme.multiplier_stacking {
        MultiplierStacking::Multiply => "",
        MultiplierStacking::Add => speaker.language.pick("（倍数相加）", " (multipliers add)"),
        MultiplierStacking::Best => {
            speaker.language.pick("（只取最高倍数）", " (only the best multiplier applies)")
        }
    }
}

fn capital(text: &str) -> String {
    let mut characters = text.chars();
    match characters.next() {
        Some(first) => first.to_uppercase().chain(characters).collect(),
        None => String::new(),
    }
}

fn rounding(speaker: Speaker<'_>, rule: &Rule) -> Option<String> {
    (rule.round == Rounding::HalfUp)
        .then(|| speaker.pick("四舍五入".to_owned(), "rounded to the nearest whole".to_owned()))
}

fn window(speaker: Speaker<'_>, rule: &Rule) -> Option<String> {
    Some(match (rule.from, rule.until) {
        (None, None) => return None,
        (Some(from), None) => speaker.pick(format!("{from} 起"), format!("from {from}")),
        (None, Some(until)) => speaker.pick(format!("至 {until} 止"), format!("until {until}")),
        (Some(from), Some(until)) => {
            speaker.pick(format!("{from} 至 {until}"), format!("from {from} to {until}"))
        }
    })
}

fn cap(speaker: Speaker<'_>, rule: &Rule, cap: &Cap) -> String {
    let zh_span = match cap.per {
        CapSpan::Purchase => "每次",
        CapSpan::Day => "每天",
        CapSpan::Month => "每月",
        CapSpan::Lifetime => "每位会员终身",
    };
    let en_span = match cap.per {
        CapSpan::Purchase => " a time",
        CapSpan::Day => " a day",
        CapSpan::Month => " a month",
        CapSpan::Lifetime => " in a lifetime",
    };
    let points = cap.points.map(|points| speaker.points(Exact::whole(points), rule.unit));
    let times = cap.times.map(|times| match times {
        1 => speaker.pick("1 次".to_owned(), "once".to_owned()),
        _ => speaker.pick(format!("{times} 次"), format!("{times} times")),
    });
    let most: Vec<String> = points.into_iter().chain(times).collect();
    let most = most.join(speaker.language.pick("且 ", " and "));
    speaker.pick(format!("{zh_span}最多 {most}"), format!("at most {most}{en_span}"))
}

fn funding(speaker: Speaker<'_>, rule: &Rule) -> Vec<String> {
    let mut clauses = Vec::new();
    if let Some(budget) = &rule.budget {
        let points = speaker.points(Exact::whole(budget.points), rule.unit);
        clauses
            .push(speaker.pick(format!("活动预算 {points}"), format!("{points} for all members together")));
    }
    let own = |code: &crate::code::Code| code.as_str() == DEFAULT_FUNDER;
    if rule.funders.iter().any(|funder| !own(&funder.code)) {
        let parts: Vec<String> = rule
            .funders
            .iter()
            .map(|funder| format!("{} {} %", funder.code, funder.percent.0.normalize()))
            .collect();
        let parts = parts.join(speaker.language.pick("、", ", "));
        clauses.push(speaker.pick(format!("费用分摊：{parts}"), format!("paid by {parts}")));
    }
    clauses
}
