//! The clauses of a unit's terms of redemption: what points pay, in which steps, and what happens to them on the way.

use super::super::{Exact, Redemption, ReturnSplit, Unit};
use super::Speaker;

pub(super) fn clauses(speaker: Speaker<'_>, unit: &Unit, terms: &Redemption) -> Vec<String> {
    let name = unit.name.get(speaker.language);
    let mut clauses = Vec::new();
    match &terms.value {
        None => clauses.push(speaker.pick("收银台不收".to_owned(), "not taken at tills".to_owned())),
        Some(value) => {
            let (points, money) =
                (speaker.points(Exact::whole(value.points), unit.code), speaker.money(value.money));
            clauses.push(speaker.pick(format!("{points}抵 {money}"), format!("{points} pay {money}")));
            if terms.share_percent < 100 {
                let percent = terms.share_percent;
                clauses.push(
                    speaker.pick(
                        format!("最多抵订单的 {percent}%"),
                        format!("at most {percent} % of a purchase"),
                    ),
                );
            }
        }
    }
    if terms.step > 1 {
        let step = Exact::whole(terms.step).grouped();
        clauses.push(speaker.pick(format!("以 {step} 为单位使用"), format!("spent in steps of {step}")));
    }
    if terms.minimum > 1 {
        let minimum = Exact::whole(terms.minimum).grouped();
        clauses.push(speaker.pick(format!("每次至少 {minimum}"), format!("at least {minimum} at a time")));
    }
    if let Some(maximum) = terms.maximum {
        let maximum = Exact::whole(maximum).grouped();
        clauses.push(speaker.pick(format!("每次最多 {maximum}"), format!("at most {maximum} at a time")));
    }
    clauses.push(held(speaker, terms.hold_minutes));
    clauses.extend(split(speaker, terms.return_split));
    let days = terms.return_grace_days;
    clauses.push(speaker.pick(
        format!("退回的已过期{name}再保留 {days} 天"),
        format!("{name} that come back after they lapsed last {days} more days"),
    ));
    clauses
}

fn held(speaker: Speaker<'_>, minutes: u32) -> String {
    let (zh, en) = match minutes {
        _ if minutes.is_multiple_of(1_440) => {
            let days = minutes / 1_440;
            (format!("{days} 天"), if days == 1 { "a day".to_owned() } else { format!("{days} days") })
        }
        1 => ("1 分钟".to_owned(), "a minute".to_owned()),
        _ => (format!("{minutes} 分钟"), format!("{minutes} minutes")),
    };
    speaker.pick(format!("可冻结 {zh}"), format!("held for {en} at most"))
}

fn split(speaker: Speaker<'_>, split: ReturnSplit) -> Option<String> {
    match split {
        ReturnSplit::Proportional => None,
        ReturnSplit::PointsFirst => {
            Some(speaker.pick("退货先退积分".to_owned(), "returns give points back first".to_owned()))
        }
        ReturnSplit::MoneyFirst => {
            Some(speaker.pick("退货先退现金".to_owned(), "returns give money back first".to_owned()))
        }
    }
}
