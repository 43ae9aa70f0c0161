//! Holds and refunds: that holds and lots agree, that each hold ends once and within what it reserved, and that what
//! points paid comes back once.

use std::collections::BTreeMap;

use super::{Audited, Check, Findings};
use crate::ledger::{Entry, Fact, Lot, Released};

/// A hold as the entries tell it.
struct Told {
    reserved: i64,
    spent: i64,
    given_back: i64,
    ended_by: Option<u32>,
}

pub(super) fn check(audited: Audited<'_>, findings: &mut Findings) {
    lots(audited, findings);
    let told = told(audited.entries, findings);
    for (hold_no, hold) in &told {
        let left = hold.reserved.saturating_sub(hold.spent).saturating_sub(hold.given_back);
        let open = audited.state.holds.iter().find(|open| open.hold_no == *hold_no);
        let kept = open.map_or(0, crate::ledger::Hold::points);
        findings.equal(Check::Holds, Some(*hold_no), "hold keeps", (left, kept));
        if open.is_some() == hold.ended_by.is_some() {
            let ended = hold.ended_by.map_or("open".to_owned(), |no| format!("ended by entry {no}"));
            let found = if open.is_some() { "open in the state" } else { "not in the state" };
            findings.add(Check::Holds, Some(*hold_no), ended, found);
        }
    }
    for open in &audited.state.holds {
        if !told.contains_key(&open.hold_no) {
            let found = format!("a hold of entry {}", open.hold_no);
            findings.add(Check::Holds, Some(open.hold_no), "a hold that an entry opened", found);
        }
    }
    refunds(audited.entries, findings);
}

fn lots(audited: Audited<'_>, findings: &mut Findings) {
    let mut kept: BTreeMap<u32, i64> = BTreeMap::new();
    for (lot_no, points) in audited.state.holds.iter().flat_map(|hold| &hold.lots) {
        let sum = kept.entry(*lot_no).or_default();
        *sum = sum.saturating_add(*points);
    }
    for Lot { lot_no, held, entry_no, .. } in &audited.state.lots {
        let expected = kept.remove(lot_no).unwrap_or(0);
        findings.equal(Check::Holds, Some(*entry_no), format_args!("lot {lot_no} holds"), (expected, *held));
    }
    for (lot_no, points) in kept {
        findings.add(Check::Holds, None, format_args!("{points} held in lot {lot_no}"), "no such lot");
    }
}

fn told(entries: &[Entry], findings: &mut Findings) -> BTreeMap<u32, Told> {
    let mut told: BTreeMap<u32, Told> = BTreeMap::new();
    for entry in entries {
        let no = entry.id.entry_no;
        match &entry.fact {
            Fact::PointsHeld { hold, .. } => {
                let new = Told { reserved: hold.points, spent: 0, given_back: 0, ended_by: None };
                told.insert(no, new);
            }
            Fact::HoldCaptured { hold_no, points, left, released, .. } => {
                change(&mut told, *hold_no, no, (*points, *released, *left == 0), findings);
            }
            Fact::HoldVoided { hold_no, released, .. } | Fact::HoldExpired { hold_no, released, .. } => {
                change(&mut told, *hold_no, no, (0, *released, true), findings);
            }
            Fact::PurchaseRecorded { spent, .. } => {
                for part in spent {
                    if let Some(hold_no) = part.hold_no {
                        change(&mut told, hold_no, no, (part.points, part.released, true), findings);
                    }
                }
            }
            _ => {}
        }
    }
    told
}

fn change(
    told: &mut BTreeMap<u32, Told>,
    hold_no: u32,
    by: u32,
    (spent, released, ends): (i64, Released, bool),
    findings: &mut Findings,
) {
    let Some(hold) = told.get_mut(&hold_no) else {
        return findings.add(
            Check::Holds,
            Some(by),
            "a hold that was opened",
            format_args!("hold {hold_no}"),
        );
    };
    if let Some(ended_by) = hold.ended_by {
        let expected = format!("one end of hold {hold_no}, by entry {ended_by}");
        findings.add(Check::Holds, Some(by), expected, format_args!("another use of it"));
    }
    hold.spent = hold.spent.saturating_add(spent);
    hold.given_back = hold.given_back.saturating_add(released.points);
    if ends {
        hold.ended_by = Some(by);
    }
}

/// What came back of what points paid, by the entry that spent them.
fn refunds(entries: &[Entry], findings: &mut Findings) {
    let mut spent: BTreeMap<u32, (i64, i64)> = BTreeMap::new();
    for entry in entries {
        let no = entry.id.entry_no;
        let (of, back) = match &entry.fact {
            Fact::PurchaseRecorded { spent: parts, .. } => {
                let points = parts.iter().fold(0, |sum: i64, part| sum.saturating_add(part.points));
                spent.insert(no, (points, 0));
                continue;
            }
            Fact::HoldCaptured { points, .. } | Fact::RewardRedeemed { points, .. } => {
                spent.insert(no, (*points, 0));
                continue;
            }
            Fact::ReturnRecorded { purchase_entry_no, refunds, .. } => {
                let back = refunds.iter().fold(0, |sum: i64, refund| sum.saturating_add(refund.points));
                (*purchase_entry_no, back)
            }
            Fact::RedemptionCancelled { redemption_no, refund, .. } => (*redemption_no, refund.points),
            _ => continue,
        };
        let sums = spent.entry(of).or_default();
        sums.1 = sums.1.saturating_add(back);
        if sums.1 > sums.0 {
            let expected = format!("at most {} points back of entry {of}", sums.0);
            findings.add(Check::Refunds, Some(no), expected, format_args!("{} back", sums.1));
        }
    }
}
