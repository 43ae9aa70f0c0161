//! Programme documents, in TOML or JSON.

use domain::document::Purchase;
use domain::programme::{CompiledProgramme, Finding, Programme, parse_toml};

use crate::judge::{Read, instant, judge};

/// The purchase that every programme judges.
const SALE: &str = include_str!("../corpus/purchases/sale.json");

/// A programme document in TOML or JSON.
pub fn programmes(bytes: &[u8]) -> Read {
    let Ok(text) = std::str::from_utf8(bytes) else { return Read::Foreign };
    let json = text.trim_start().starts_with('{');
    let read = if json { Programme::from_json(text) } else { parse_toml(text) };
    let programme = match read {
        Ok(programme) => programme,
        Err(findings) => {
            assert!(findings.iter().any(Finding::is_error), "refused without an error: {findings:?}");
            for finding in &findings {
                let lines = text.lines().count() + 1;
                let placed = finding.line.is_some_and(|line| (1..=lines).contains(&line));
                assert!(placed || !finding.field.is_empty(), "an error without a place: {finding:?}");
                assert!(!finding.message.is_empty() && !finding.remedy.is_empty(), "no words: {finding:?}");
            }
            return Read::Refused;
        }
    };
    let toml = programme.to_toml().expect("what was read can be written");
    assert_eq!(parse_toml(&toml).as_ref(), Ok(&programme), "TOML written and read again:\n{toml}");
    let json = serde_json::to_string(&programme).expect("what was read can be written");
    assert_eq!(Programme::from_json(&json).as_ref(), Ok(&programme), "JSON written and read again:\n{json}");
    let currency = programme.currency;
    let compiled = CompiledProgramme::compile(programme, 1, instant("2020-01-01T00:00:00Z"));
    let compiled = compiled.expect("what passed the check can be put in force");
    let mut sale: Purchase = serde_json::from_str(SALE).expect("the sale of the corpus");
    sale.currency = currency;
    if judge(compiled, sale) { Read::Judged } else { Read::Accepted }
}
