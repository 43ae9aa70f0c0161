//! The sentence of a reward: what it costs, who may have it, how often, when, and what it costs the house.

use super::super::{Exact, Language, Programme, Reward};
use super::Speaker;
use crate::code::Code;
use crate::ledger::CapPeriod;

/// A reward in words.
pub fn reward(programme: &Programme, reward: &Reward, language: Language) -> String {
    let speaker = Speaker { programme, language };
    let mut clauses = vec![head(speaker, reward)];
    for price in &reward.tier_prices {
        let tier = speaker.tier_names(&[price.tier]).concat();
        let cost = cost(speaker, reward.unit, price.points, price.money);
        clauses.push(speaker.pick(format!("{tier} {cost}"), format!("{cost} for {tier}")));
    }
    clauses.extend(audience(speaker, reward));
    clauses.extend(window(speaker, reward));
    clauses.extend(limits(speaker, reward));
    clauses.extend(house(speaker, reward));
    speaker.sentence(&clauses)
}

/// A reward in words, part by part, for whoever keeps the catalogue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RewardTerms {
    /// What it costs a member.
    pub price: String,
    /// What it costs members of a tier: (tier, price).
    pub tier_prices: Vec<(String, String)>,
    /// Who may have it, how often, and when.
    pub terms: Vec<String>,
    /// What it costs the house, and who supplies it.
    pub house: Vec<String>,
}

/// The terms of a reward.
pub fn reward_terms(programme: &Programme, reward: &Reward, language: Language) -> RewardTerms {
    let speaker = Speaker { programme, language };
    let tier_price = |price: &super::super::TierPrice| {
        let tier = speaker.tier_names(&[price.tier]).concat();
        (tier, cost(speaker, reward.unit, price.points, price.money))
    };
    let mut terms = audience(speaker, reward);
    terms.extend(window(speaker, reward));
    terms.extend(limits(speaker, reward));
    RewardTerms {
        price: cost(speaker, reward.unit, reward.price.points, reward.price.money),
        tier_prices: reward.tier_prices.iter().map(tier_price).collect(),
        terms,
        house: house(speaker, reward),
    }
}

fn head(speaker: Speaker<'_>, reward: &Reward) -> String {
    let name = reward.name.get(speaker.language);
    let cost = cost(speaker, reward.unit, reward.price.points, reward.price.money);
    match &reward.category {
        None => speaker.pick(format!("{name}：{cost}"), format!("{name}: {cost}")),
        Some(category) => {
            speaker.pick(format!("{name}（{category}）：{cost}"), format!("{name} ({category}): {cost}"))
        }
    }
}

fn cost(speaker: Speaker<'_>, unit: Code, points: i64, money: Option<Exact>) -> String {
    let points = speaker.points(Exact::whole(points), unit);
    match money {
        None => points,
        Some(money) => {
            let money = speaker.money(money);
            speaker.pick(format!("{points}加 {money}"), format!("{points} and {money}"))
        }
    }
}

fn audience(speaker: Speaker<'_>, reward: &Reward) -> Vec<String> {
    let lists = [speaker.tier_names(&reward.tier), speaker.segment_names(&reward.segment)];
    let listed = lists.iter().filter(|names| !names.is_empty()).map(|names| {
        let names = speaker.any_of(names);
        speaker.pick(format!("仅限 {names}"), format!("only for {names}"))
    });
    listed.collect()
}

fn window(speaker: Speaker<'_>, reward: &Reward) -> Option<String> {
    match (reward.from, reward.until) {
        (None, None) => None,
        (Some(from), None) => Some(speaker.pick(format!("{from} 起"), format!("from {from} on"))),
        (None, Some(until)) => Some(speaker.pick(format!("至 {until} 止"), format!("until {until}"))),
        (Some(from), Some(until)) => {
            Some(speaker.pick(format!("{from} 至 {until}"), format!("from {from} until {until}")))
        }
    }
}

fn limits(speaker: Speaker<'_>, reward: &Reward) -> Vec<String> {
    let mut clauses: Vec<String> = reward
        .limits
        .iter()
        .map(|limit| {
            let times = limit.times;
            let (zh, en) = match limit.per {
                CapPeriod::Day => ("每人每天", "a day"),
                CapPeriod::Month => ("每人每月", "a month"),
                CapPeriod::Lifetime => ("每人终身", "in a lifetime"),
            };
            speaker.pick(format!("{zh}最多 {times} 件"), format!("at most {times} for a member {en}"))
        })
        .collect();
    if let Some(stock) = reward.stock {
        let stock = Exact::whole(stock).grouped();
        clauses.push(speaker.pick(format!("共 {stock} 件"), format!("{stock} in all")));
    }
    clauses
}

fn house(speaker: Speaker<'_>, reward: &Reward) -> Vec<String> {
    let mut clauses = Vec::new();
    if let Some(cost) = reward.cost {
        let cost = speaker.money(cost);
        clauses.push(speaker.pick(format!("成本 {cost}"), format!("costs the house {cost}")));
    }
    if let Some(supplier) = reward.supplier {
        clauses.push(speaker.pick(format!("供应商 {supplier}"), format!("supplied by {supplier}")));
    }
    clauses
}
