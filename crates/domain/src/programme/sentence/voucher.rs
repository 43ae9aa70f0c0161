//! The sentences of voucher templates and statements.

use rust_decimal::Decimal;

use super::super::{
    Holder, Language, Programme, Stacking, Statement, VoucherEffect, VoucherScope, VoucherTemplate,
};
use super::{Exact, Speaker};
use crate::programme::DEFAULT_FUNDER;
use crate::voucher::CodeForm;

/// A voucher template in words.
pub fn voucher(programme: &Programme, template: &VoucherTemplate, language: Language) -> String {
    let speaker = Speaker { programme, language };
    let mut clauses = vec![effect(speaker, template)];
    clauses.extend(scope(speaker, &template.scope));
    clauses.extend(minimum(speaker, template));
    clauses.extend(window(speaker, template));
    clauses.push(stacking(speaker, template.stacking));
    clauses.push(uses(speaker, template.uses));
    clauses.push(holder(speaker, template.holder));
    if template.form == CodeForm::Scanned {
        clauses.push(speaker.pick("扫码使用".to_owned(), "entered by scanning".to_owned()));
    }
    clauses.extend(limits(speaker, template));
    speaker.sentence(&clauses)
}

/// What a voucher gives and on which terms, for whoever holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VoucherTerms {
    /// What it takes off.
    pub effect: String,
    /// Where, from which basket on, beside which others and how often; its window stands on the voucher itself.
    pub terms: Vec<String>,
}

/// A voucher in words for its holder. `value` is its face value in minor units, where it has one of its own; what only
/// the issuer needs to know, for instance who pays, is left out.
pub fn voucher_terms(
    programme: &Programme,
    template: &VoucherTemplate,
    value: Option<i64>,
    language: Language,
) -> VoucherTerms {
    let speaker = Speaker { programme, language };
    let value = value.map(|minor| speaker.money(Exact(Decimal::new(minor, programme.decimals()))));
    let effect = match value {
        Some(value) => speaker.pick(format!("减 {value}"), format!("{value} off")),
        None => effect(speaker, template),
    };
    let mut terms = scope(speaker, &template.scope);
    terms.extend(minimum(speaker, template));
    terms.push(stacking(speaker, template.stacking));
    if template.uses > 1 {
        terms.push(uses(speaker, template.uses));
    }
    VoucherTerms { effect, terms }
}

/// A statement in words.
pub fn statement(programme: &Programme, statement: &Statement, language: Language) -> String {
    let speaker = Speaker { programme, language };
    let minimum = speaker.points(Exact::whole(statement.minimum), statement.unit);
    let name = programme.voucher(statement.voucher).map(|template| template.name.get(language).to_owned());
    let name = name.unwrap_or_else(|| statement.voucher.to_string());
    let step = statement.step;
    let mut clauses = vec![speaker.pick(
        format!("满 {minimum} 时，每 {step} 分换成“{name}”"),
        format!("From {minimum} on, every full {step} become “{name}”"),
    )];
    if let Some(worth) = statement.money_value_minor {
        let worth = worth.0.normalize();
        clauses.push(speaker.pick(
            format!("每分值 {worth} 个最小货币单位"),
            format!("each worth {worth} of the smallest coin"),
        ));
    }
    clauses.push(speaker.pick("余数结转".to_owned(), "the rest is carried over".to_owned()));
    speaker.sentence(&clauses)
}

fn effect(speaker: Speaker<'_>, template: &VoucherTemplate) -> String {
    let at_most = |maximum: Option<Exact>| {
        maximum.map_or_else(String::new, |maximum| {
            let maximum = speaker.money(maximum);
            speaker.pick(format!("（最多 {maximum}）"), format!(" (at most {maximum})"))
        })
    };
    match &template.effect {
        VoucherEffect::Amount(off) => match off.amount {
            Some(amount) => {
                let amount = speaker.money(amount);
                speaker.pick(format!("减 {amount}"), format!("{amount} off"))
            }
            None => speaker.pick("减券面金额".to_owned(), "Its face value off".to_owned()),
        },
        VoucherEffect::Percent(off) => {
            let (percent, most) = (off.percent.0.normalize(), at_most(off.maximum));
            speaker.pick(format!("减 {percent} %{most}"), format!("{percent} % off{most}"))
        }
        VoucherEffect::Item(item) => match item.quantity {
            1 => speaker.pick("最便宜的 1 件免费".to_owned(), "The cheapest item free".to_owned()),
            quantity => speaker
                .pick(format!("最便宜的 {quantity} 件免费"), format!("The {quantity} cheapest items free")),
        },
        VoucherEffect::SpendAndSave(step) => {
            let (every, save) = (speaker.money(step.every), speaker.money(step.save));
            let times = step.times.map_or_else(String::new, |times| {
                speaker.pick(format!("，最多 {times} 次"), format!(", at most {times} times"))
            });
            speaker.pick(
                format!("每满 {every} 减 {save}{times}"),
                format!("Every full {every} saves {save}{times}"),
            )
        }
        VoucherEffect::FreeDelivery(delivery) => {
            let (tag, most) = (&delivery.tag, at_most(delivery.maximum));
            speaker.pick(format!("免运费（{tag}）{most}"), format!("Free delivery ({tag}){most}"))
        }
    }
}

fn scope(speaker: Speaker<'_>, scope: &VoucherScope) -> Vec<String> {
    let lists = [
        (&scope.channel, "仅限渠道", "only by"),
        (&scope.store, "仅限门店", "only at store"),
        (&scope.category, "仅限品类", "on category"),
        (&scope.except_category, "不含品类", "not on category"),
        (&scope.brand, "仅限品牌", "on brand"),
        (&scope.except_brand, "不含品牌", "not on brand"),
        (&scope.sku, "仅限商品", "on item"),
        (&scope.except_sku, "不含商品", "not on item"),
        (&scope.tag, "仅限标签", "on goods tagged"),
        (&scope.except_tag, "不含标签", "not on goods tagged"),
    ];
    lists
        .into_iter()
        .filter(|(values, ..)| !values.is_empty())
        .map(|(values, zh, en)| {
            let values = speaker.any_of(values);
            speaker.pick(format!("{zh} {values}"), format!("{en} {values}"))
        })
        .collect()
}

fn minimum(speaker: Speaker<'_>, template: &VoucherTemplate) -> Option<String> {
    let minimum = speaker.money(template.minimum?);
    Some(speaker.pick(format!("满 {minimum} 可用"), format!("from {minimum} on")))
}

fn window(speaker: Speaker<'_>, template: &VoucherTemplate) -> Vec<String> {
    let mut clauses = Vec::new();
    if let Some(from) = template.from {
        clauses.push(speaker.pick(format!("{from} 起"), format!("from {from}")));
    }
    if let Some(until) = template.until {
        clauses.push(speaker.pick(format!("至 {until} 止"), format!("until {until}")));
    }
    if let Some(rolling) = &template.valid {
        let (zh, en) = match (rolling.months, rolling.days.unwrap_or(0)) {
            (Some(months), _) => (format!("{months} 个月"), format!("{months} months")),
            (None, days) => (format!("{days} 天"), format!("{days} days")),
        };
        let (zh_end, en_end) =
            if rolling.end_of_month { ("，至月末", ", to the end of that month") } else { ("", "") };
        clauses.push(
            speaker.pick(
                format!("发放后 {zh}内有效{zh_end}"),
                format!("valid for {en} after its issue{en_end}"),
            ),
        );
    }
    clauses
}

fn stacking(speaker: Speaker<'_>, stacking: Stacking) -> String {
    match stacking {
        Stacking::Alone => speaker.pick("不与其他券同用".to_owned(), "not beside other vouchers".to_owned()),
        Stacking::Group(group) => speaker.pick(
            format!("可与其他券同用，“{group}”组中只取最优"),
            format!("beside others, but only the best of the group “{group}”"),
        ),
        Stacking::Free => speaker.pick("可与其他券同用".to_owned(), "beside others".to_owned()),
    }
}

fn uses(speaker: Speaker<'_>, uses: u32) -> String {
    match uses {
        1 => speaker.pick("限用 1 次".to_owned(), "once".to_owned()),
        uses => speaker.pick(format!("限用 {uses} 次"), format!("{uses} times")),
    }
}

fn holder(speaker: Speaker<'_>, holder: Holder) -> String {
    match holder {
        Holder::Bearer => speaker.pick("认券不认人".to_owned(), "for whoever brings it".to_owned()),
        Holder::Registered => {
            speaker.pick("登记后限本人使用".to_owned(), "for the member who registered it".to_owned())
        }
        Holder::Personal => {
            speaker.pick("限获券会员".to_owned(), "for the member it was issued to".to_owned())
        }
    }
}

fn limits(speaker: Speaker<'_>, template: &VoucherTemplate) -> Vec<String> {
    let mut clauses = Vec::new();
    if let Some(most) = template.issue_max {
        let most = Exact::whole(i64::from(most)).grouped();
        clauses.push(speaker.pick(format!("最多发放 {most} 张"), format!("at most {most} issued in all")));
    }
    if let Some(funder) = template.funder.filter(|funder| funder.as_str() != DEFAULT_FUNDER) {
        clauses.push(speaker.pick(format!("费用由 {funder} 承担"), format!("paid by {funder}")));
    }
    if let Some(cost) = template.cost {
        let cost = speaker.money(cost);
        clauses.push(speaker.pick(format!("每次成本 {cost}"), format!("at a cost of {cost} a use")));
    }
    clauses
}
