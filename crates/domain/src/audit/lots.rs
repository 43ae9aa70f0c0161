//! Lots: their parts, their postings, what they sum to, and that none was taken from after its expiry.

use super::{Audited, Check, Findings};
use crate::history::rebuild_lot;
use crate::ledger::{Entry, LedgerAccount, Lot, LotChange, Posting};

pub(super) fn check(audited: Audited<'_>, findings: &mut Findings) {
    let mut expected: u32 = 0;
    for lot in &audited.state.lots {
        expected = expected.saturating_add(1);
        findings.equal(Check::LotPostings, Some(lot.entry_no), "lot", (expected, lot.lot_no));
        expected = lot.lot_no;
        if !lot.balanced() {
            findings.add(
                Check::LotParts,
                Some(lot.entry_no),
                format_args!("issued {}", lot.issued),
                parts(lot),
            );
        }
    }
    findings.equal(Check::LotPostings, None, "last lot", (expected, audited.state.last_lot_no));
    sums(audited, findings);
    postings(audited, findings);
    for entry in audited.entries {
        for posting in &entry.postings {
            check_expiry(audited, entry, posting, findings);
        }
    }
}

fn parts(lot: &Lot) -> String {
    let Lot { lot_no, remaining, held, consumed, expired, clawed_back, .. } = lot;
    format!(
        "lot {lot_no}: remaining {remaining}, held {held}, consumed {consumed}, expired {expired}, clawed back \
         {clawed_back}"
    )
}

fn sums(audited: Audited<'_>, findings: &mut Findings) {
    for balance in &audited.state.balances {
        let of_unit = || audited.state.lots.iter().filter(|lot| lot.unit == balance.unit);
        let sum = |of: &dyn Fn(&Lot) -> i64| of_unit().map(of).fold(0_i64, i64::saturating_add);
        let pairs = [
            (
                "available",
                sum(&|lot| if lot.pending_until.is_none() { lot.remaining } else { 0 }),
                balance.available,
            ),
            (
                "pending",
                sum(&|lot| if lot.pending_until.is_some() { lot.remaining } else { 0 }),
                balance.pending,
            ),
            ("held", sum(&|lot| lot.held), balance.held),
        ];
        for (what, expected, found) in pairs {
            findings.equal(Check::LotSums, None, format_args!("{} {what}", balance.unit), (expected, found));
        }
    }
}

/// Every lot against its postings, in one pass over both: postings grouped by lot.
fn postings(audited: Audited<'_>, findings: &mut Findings) {
    let lots = &audited.state.lots;
    let mut by_lot: Vec<Vec<Posting>> = vec![Vec::new(); lots.len()];
    for entry in audited.entries {
        for posting in entry.postings.iter().filter(|posting| posting.lot_no > 0) {
            if let Ok(position) = lots.binary_search_by_key(&posting.lot_no, |lot| lot.lot_no) {
                by_lot[position].push(posting.clone());
            } else {
                let place = Some(entry.id.entry_no);
                let found = format!("a posting of lot {}", posting.lot_no);
                findings.add(Check::LotPostings, place, "a posting of a lot that exists", found);
            }
        }
    }
    let Some(first) = audited.entries.first() else { return };
    for (lot, postings) in lots.iter().zip(by_lot) {
        // An entry that holds just the lot's postings: `rebuild_lot` reads nothing else of it.
        let moved = Entry { postings, ..first.clone() };
        let stored = Lot { change: LotChange::None, ..lot.clone() };
        let rebuilt = rebuild_lot(&stored, std::slice::from_ref(&moved));
        if rebuilt != stored {
            let place = Some(lot.entry_no);
            findings.add(
                Check::LotPostings,
                place,
                format_args!("issued {}, {}", rebuilt.issued, parts(&rebuilt)),
                format_args!("issued {}, {}", stored.issued, parts(&stored)),
            );
        }
    }
}

fn check_expiry(audited: Audited<'_>, entry: &Entry, posting: &Posting, findings: &mut Findings) {
    let takes = matches!(posting.debit, LedgerAccount::MemberAvailable | LedgerAccount::MemberPending)
        && !matches!(posting.credit, LedgerAccount::MemberAvailable | LedgerAccount::Expired);
    if !takes {
        return;
    }
    let lots = &audited.state.lots;
    let Ok(position) = lots.binary_search_by_key(&posting.lot_no, |lot| lot.lot_no) else { return };
    // What time alone brings about is decided at its due instant, however late it is posted.
    let decided_at = if entry.fact.by_time_alone() { entry.occurred_at } else { entry.recorded_at };
    if let Some(expires_at) = lots[position].expires_at.filter(|end| *end <= decided_at) {
        let found = format!("{} taken from lot {} at {decided_at}", posting.amount, posting.lot_no);
        let expected = format!("nothing taken from {expires_at} on");
        findings.add(Check::SpentAfterExpiry, Some(entry.id.entry_no), expected, found);
    }
}
