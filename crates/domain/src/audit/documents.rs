//! Documents: what came back of each purchase against what was bought and earned, and where clawbacks were taken.

use std::collections::BTreeMap;

use super::{Audited, Check, Findings};
use crate::code::Code;
use crate::document::Purchase;
use crate::ledger::{Award, ClawbackPart, Entry, Fact, ReturnedLine};

/// What came back of one purchase.
#[derive(Default)]
struct Returned {
    lines: BTreeMap<u32, i64>,
    due: BTreeMap<Code, i64>,
    last_entry_no: u32,
}

pub(super) fn check(audited: Audited<'_>, findings: &mut Findings) {
    let mut returned: BTreeMap<u32, Returned> = BTreeMap::new();
    for entry in audited.entries {
        let Fact::ReturnRecorded { purchase_entry_no, lines, clawback, .. } = &entry.fact else { continue };
        let sums = returned.entry(*purchase_entry_no).or_default();
        sums.last_entry_no = entry.id.entry_no;
        for ReturnedLine { line, amount } in lines {
            add(sums.lines.entry(*line).or_default(), *amount);
        }
        for part in clawback {
            add(sums.due.entry(part.unit).or_default(), part.due);
            sources(entry, part, findings);
        }
    }
    for (purchase_entry_no, sums) in returned {
        let position = audited.entries.binary_search_by_key(&purchase_entry_no, |entry| entry.id.entry_no);
        match position.ok().map(|position| &audited.entries[position].fact) {
            Some(Fact::PurchaseRecorded { purchase, awards, .. }) => {
                bounds(&sums, purchase, awards, findings);
            }
            _ => findings.add(
                Check::Returns,
                Some(sums.last_entry_no),
                "a return of a purchase",
                format_args!("a return of entry {purchase_entry_no}"),
            ),
        }
    }
}

fn add(sum: &mut i64, more: i64) {
    *sum = sum.saturating_add(more);
}

fn sources(entry: &Entry, part: &ClawbackPart, findings: &mut Findings) {
    let ClawbackPart { unit, due, own_lots, lapsed, other_lots, debt, written_off } = *part;
    let taken =
        [own_lots, lapsed, other_lots, debt, written_off].into_iter().fold(0_i64, i64::saturating_add);
    let what = format!("{unit} due back");
    findings.equal(Check::Clawback, Some(entry.id.entry_no), what, (due, taken));
}

fn bounds(sums: &Returned, purchase: &Purchase, awards: &[Award], findings: &mut Findings) {
    let place = Some(sums.last_entry_no);
    for (line, amount) in &sums.lines {
        let position = usize::try_from(*line).unwrap_or(usize::MAX);
        let bought = purchase.lines.get(position).map_or(0, |line| line.amount);
        if amount.unsigned_abs() > bought.unsigned_abs() || amount.signum() * bought.signum() < 0 {
            let expected = format!("at most {bought} of line {line} back");
            findings.add(Check::Returns, place, expected, format_args!("{amount} of line {line} back"));
        }
    }
    for (unit, due) in &sums.due {
        let of_unit = awards.iter().filter(|award| award.unit == *unit).map(|award| award.points);
        let earned = of_unit.fold(0_i64, i64::saturating_add);
        if *due > earned {
            findings.add(
                Check::Returns,
                place,
                format_args!("at most {earned} {unit} back"),
                format_args!("{due} {unit} back"),
            );
        }
    }
}
