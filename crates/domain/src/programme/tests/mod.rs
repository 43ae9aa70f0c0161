//! Tests of the programme as a whole, and the small words they share.

mod checks;
mod conditions;
mod dates;
mod effects;
mod golden;
mod kinds;
mod papers;
mod properties;
mod random;
mod reference;
mod spending;
mod words;

use jiff::Timestamp;
use jiff::civil::DateTime;

use super::{CompiledProgramme, Evaluation, Outcome, Untouched, parse_toml};
use crate::document::{DocumentKey, Payment, Purchase, PurchaseLine};
use crate::ledger::Circumstances;
use crate::money::Currency;

/// A programme in yuan and Shanghai time with a unit `points`, followed by the given text.
pub(super) fn programme_of(text: &str) -> CompiledProgramme {
    let text = if text.contains("[[units]]") {
        text.to_owned()
    } else {
        format!(
            "code = \"test\"\nname = {{ zh = \"测试\", en = \"Test\" }}\ncurrency = \"CNY\"\n\
             time_zone = \"Asia/Shanghai\"\n[[units]]\ncode = \"points\"\nname = {{ zh = \"积分\", en = \"points\" }}\n{text}"
        )
    };
    let programme = parse_toml(&text).unwrap_or_else(|findings| panic!("{}", listed(&findings)));
    CompiledProgramme::compile(programme, 1, Timestamp::UNIX_EPOCH).unwrap()
}

/// Findings, one per line.
pub(super) fn listed(findings: &[super::Finding]) -> String {
    findings.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

/// A rule of the given code with the rest of its fields.
pub(super) fn rule(code: &str, rest: &str) -> String {
    format!(
        "[[rules]]\ncode = \"{code}\"\nname = {{ zh = \"规则\", en = \"Rule\" }}\nunit = \"points\"\n{rest}\n"
    )
}

/// A line of so many minor units.
pub(super) fn line(amount: i64) -> PurchaseLine {
    PurchaseLine { amount, quantity_milli: 1_000, ..PurchaseLine::default() }
}

/// A purchase of these lines.
pub(super) fn purchase(lines: Vec<PurchaseLine>) -> Purchase {
    Purchase {
        key: DocumentKey { source: "till".to_owned(), reference: "1".to_owned() },
        occurred_at: Timestamp::UNIX_EPOCH,
        currency: Currency::new("CNY").unwrap(),
        store: None,
        channel: None,
        vouchers: Vec::new(),
        payments: Vec::new(),
        lines,
    }
}

/// A part paid by a method.
pub(super) fn payment(method: &str, amount: i64) -> Payment {
    Payment { method: method.to_owned(), amount, points: None, stored_value: None }
}

/// A local time such as `2026-06-15T12:00`.
pub(super) fn at(text: &str) -> DateTime {
    text.parse().unwrap()
}

/// Judges a purchase at noon on Monday 15 June 2026 with nothing granted before.
pub(super) fn judge(programme: &CompiledProgramme, purchase: &Purchase) -> Evaluation {
    judge_at(
        programme,
        purchase,
        "2026-06-15T12:00",
        &Circumstances { purchase_no: 1, ..Circumstances::default() },
    )
}

/// Judges a purchase, recorded when it took place.
pub(super) fn judge_at(
    programme: &CompiledProgramme,
    purchase: &Purchase,
    local: &str,
    circumstances: &Circumstances,
) -> Evaluation {
    let recorded_at = at(local).to_zoned(programme.zone().clone()).unwrap().timestamp();
    programme.evaluate_purchase(purchase, circumstances, at(local), recorded_at, &Untouched, &Untouched)
}

/// All points of an evaluation.
pub(super) fn points(evaluation: &Evaluation) -> i64 {
    evaluation.awards.iter().map(|award| award.points).sum()
}

/// What became of each rule.
pub(super) fn outcomes(evaluation: &Evaluation) -> Vec<Outcome> {
    super::outcomes(&evaluation.outcomes).collect()
}
