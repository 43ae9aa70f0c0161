//! Entries and postings: their order, their sums, and what manual adjustments must carry.

use super::{Audited, Check, Findings};
use crate::code::Code;
use crate::history::Sums;
use crate::ledger::{Entry, Fact};
use crate::operation::Adjustment;
use crate::operation::check_adjustment;

pub(super) fn check(audited: Audited<'_>, findings: &mut Findings) {
    order(audited, findings);
    balances(audited, findings);
    for entry in audited.entries {
        for posting in &entry.postings {
            if posting.amount <= 0 || posting.debit == posting.credit {
                let found = format!("{} from {:?} to {:?}", posting.amount, posting.debit, posting.credit);
                findings.add(
                    Check::Postings,
                    Some(entry.id.entry_no),
                    "more than 0 between two accounts",
                    found,
                );
            }
        }
        adjustment(audited, entry, findings);
    }
}

fn order(audited: Audited<'_>, findings: &mut Findings) {
    let mut expected: u32 = 0;
    for entry in audited.entries {
        expected = expected.saturating_add(1);
        let number = entry.id.entry_no;
        findings.equal(Check::EntryOrder, Some(number), "entry", (expected, number));
        expected = number;
    }
    findings.equal(Check::EntryOrder, None, "last entry", (expected, audited.state.last_entry_no));
    for pair in audited.entries.windows(2) {
        let (before, after) = (pair[0].recorded_at, pair[1].recorded_at);
        if before >= after {
            let number = Some(pair[1].id.entry_no);
            findings.add(Check::EntryOrder, number, format_args!("recorded after {before}"), after);
        }
    }
    if let Some(last) = audited.entries.last() {
        let times = (last.recorded_at, audited.state.last_recorded_at);
        findings.equal(Check::EntryOrder, Some(last.id.entry_no), "recorded at", times);
    }
}

fn balances(audited: Audited<'_>, findings: &mut Findings) {
    let mut sums: Vec<(Code, Sums)> = Vec::new();
    for posting in audited.entries.iter().flat_map(|entry| &entry.postings) {
        let position = sums.iter().position(|(unit, _)| *unit == posting.unit).unwrap_or_else(|| {
            sums.push((posting.unit, Sums::default()));
            sums.len().saturating_sub(1)
        });
        sums[position].1.add(posting);
    }
    for (unit, sum) in sums {
        let balance = audited.state.balance(unit);
        let pairs = [
            ("available", sum.available, balance.available),
            ("pending", sum.pending, balance.pending),
            ("held", sum.held, balance.held),
            ("debt", sum.debt, balance.debt),
        ];
        for (what, expected, found) in pairs {
            findings.equal(Check::Balances, None, format_args!("{unit} {what}"), (expected, found));
        }
        if balance.debt > 0 && balance.available > 0 {
            let found = format!("{} available and {} owed", balance.available, balance.debt);
            findings.add(Check::Debt, None, "no debt while something is available", found);
        }
    }
    if let Some(last) = audited.entries.last()
        && last.standing.balances != audited.state.balances
    {
        let (expected, found) = (&last.standing.balances, &audited.state.balances);
        let number = Some(last.id.entry_no);
        findings.add(Check::Balances, number, format_args!("{expected:?}"), format_args!("{found:?}"));
    }
}

fn adjustment(audited: Audited<'_>, entry: &Entry, findings: &mut Findings) {
    let Fact::PointsAdjusted { unit, points, reason, note, approved_by } = &entry.fact else { return };
    let Some(programme) = audited.programmes.version(entry.programme_version) else { return };
    let adjustment = Adjustment {
        unit: *unit,
        points: *points,
        reason: *reason,
        note: note.clone(),
        occurred_at: entry.occurred_at,
        approved_by: approved_by.clone(),
    };
    if let Err(refusal) = check_adjustment(&adjustment, programme, &entry.actor) {
        findings.add(Check::Adjustments, Some(entry.id.entry_no), "an adjustment the rules allow", refusal);
    }
}
