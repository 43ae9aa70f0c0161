//! Auditing one account: whether its state, its lots and its entries agree with each other and with the rules.
//! Each check is written from the invariant it holds, so that an auditor need not trust the code that booked.

mod documents;
mod holds;
mod ledger;
mod lots;
#[cfg(test)]
mod tests;

use serde::Serialize;

use crate::history::{Difference, rederive};
use crate::ids::AccountId;
use crate::ledger::{AccountState, Entry, Lot, LotChange};
use crate::programme::Programmes;

/// What is checked. The name is stable; the sentence says what must hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Check {
    /// Entries are numbered without gaps, recorded at strictly increasing times.
    EntryOrder,
    /// Every posting moves more than nothing from one account to another.
    Postings,
    /// A stored balance is the sum of its postings, and the balance of the last entry.
    Balances,
    /// What a member can spend, awaits and has on hold is what the lots have left.
    LotSums,
    /// The parts of a lot add up to what was issued, none below nothing.
    LotParts,
    /// A lot holds what the postings that name it moved.
    LotPostings,
    /// Debt stands only while nothing is available.
    Debt,
    /// Nothing was taken from a lot after its expiry.
    SpentAfterExpiry,
    /// Holds keep what their lots have held, are spent within what they reserved, and end once.
    Holds,
    /// What points paid comes back once, and not more of it than was spent.
    Refunds,
    /// Manual adjustments have a reason and, above the limit, a second person.
    Adjustments,
    /// Not more came back than was bought, not more was taken back than was earned.
    Returns,
    /// What was due back is accounted for by its sources.
    Clawback,
    /// The decisions repeat: deciding every entry again gives the same entries.
    Decisions,
    /// Deciding every entry again leads to the stored state and lots, byte for byte.
    State,
}

/// Something that does not hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The check that found it.
    pub check: Check,
    /// Where.
    pub account_id: AccountId,
    /// The entry it shows in, if it shows in one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub entry_no: Option<u32>,
    /// What ought to be.
    pub expected: String,
    /// What is.
    pub found: String,
}

impl Check {
    /// All checks of one account.
    pub const ALL: [Self; 15] = [
        Self::EntryOrder,
        Self::Postings,
        Self::Balances,
        Self::LotSums,
        Self::LotParts,
        Self::LotPostings,
        Self::Debt,
        Self::SpentAfterExpiry,
        Self::Holds,
        Self::Refunds,
        Self::Adjustments,
        Self::Returns,
        Self::Clawback,
        Self::Decisions,
        Self::State,
    ];

    /// What must hold.
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::EntryOrder => "entries are numbered without gaps and recorded in order",
            Self::Postings => "every posting moves points between two different accounts",
            Self::Balances => "a balance is the sum of its postings",
            Self::LotSums => "a balance is what its lots have left, less debt",
            Self::LotParts => "the parts of a lot add up to what was issued",
            Self::LotPostings => "a lot holds what its postings moved",
            Self::Debt => "debt stands only while nothing is available",
            Self::SpentAfterExpiry => "no lot is taken from after its expiry",
            Self::Holds => "holds keep what their lots have held, and each ends once within what it reserved",
            Self::Refunds => "what points paid comes back once, and no more of it than was spent",
            Self::Adjustments => "adjustments have a reason and, above the limit, a second person",
            Self::Returns => "no more comes back than was bought, no more is taken back than was earned",
            Self::Clawback => "what is due back is accounted for by its sources",
            Self::Decisions => "every decision repeats",
            Self::State => "a recomputation from the entries gives the stored state, byte for byte",
        }
    }
}

/// What is audited: the stored state with all lots ever issued, and all entries in order.
#[derive(Clone, Copy)]
pub struct Audited<'a> {
    /// The stored state; its `lots` are all lots, open or not, in the order of their numbers.
    pub state: &'a AccountState,
    /// All entries, in the order of their numbers.
    pub entries: &'a [Entry],
    /// All programme versions.
    pub programmes: &'a Programmes,
}

/// Runs every check on one account.
pub fn audit_account(audited: Audited<'_>) -> Vec<Finding> {
    let mut findings = Findings { account_id: audited.state.account_id, found: Vec::new() };
    ledger::check(audited, &mut findings);
    lots::check(audited, &mut findings);
    documents::check(audited, &mut findings);
    holds::check(audited, &mut findings);
    check_decisions(audited, &mut findings);
    findings.found
}

/// Findings of one account in the making.
struct Findings {
    account_id: AccountId,
    found: Vec<Finding>,
}

impl Findings {
    fn add(
        &mut self,
        check: Check,
        entry_no: Option<u32>,
        expected: impl std::fmt::Display,
        found: impl std::fmt::Display,
    ) {
        let (expected, found) = (expected.to_string(), found.to_string());
        self.found.push(Finding { check, account_id: self.account_id, entry_no, expected, found });
    }

    fn equal<T: PartialEq + std::fmt::Display>(
        &mut self,
        check: Check,
        entry_no: Option<u32>,
        what: impl std::fmt::Display,
        (expected, found): (T, T),
    ) {
        if expected != found {
            self.add(check, entry_no, format_args!("{what} {expected}"), format_args!("{what} {found}"));
        }
    }
}

fn check_decisions(audited: Audited<'_>, findings: &mut Findings) {
    let derived = match rederive(audited.entries, audited.programmes) {
        Ok(Some(derived)) => derived,
        Ok(None) => {
            return findings.add(Check::Decisions, None, "an enrolment", "no entries");
        }
        Err(difference) => {
            let (Difference::Undecidable { entry_no, .. }
            | Difference::Entry { entry_no }
            | Difference::Unexplained { entry_no }) = &difference;
            return findings.add(Check::Decisions, Some(*entry_no), "the same decision again", &difference);
        }
    };
    compare(&text(&derived), &text(audited.state), findings);
    let derived: Vec<String> = derived.lots.iter().map(lot_text).collect();
    let stored: Vec<String> = audited.state.lots.iter().map(lot_text).collect();
    for number in 0..derived.len().max(stored.len()) {
        let at = |lots: &[String]| lots.get(number).cloned().unwrap_or_else(|| "no such lot".to_owned());
        let (expected, found) = (at(&derived), at(&stored));
        if expected != found {
            findings.add(Check::State, None, expected, found);
        }
    }
}

fn compare(expected: &str, found: &str, findings: &mut Findings) {
    if expected == found {
        return;
    }
    // From the last comma before the first difference, so that the field's name is seen.
    let same = expected.bytes().zip(found.bytes()).take_while(|(a, b)| a == b).count();
    let start = expected.as_bytes()[..same]
        .iter()
        .rposition(|byte| *byte == b',')
        .map_or(0, |at| at.saturating_add(1));
    let excerpt = |text: &str| {
        let rest = text.as_bytes().get(start..).unwrap_or_default();
        String::from_utf8_lossy(&rest[..rest.len().min(160)]).into_owned()
    };
    findings.add(Check::State, None, excerpt(expected), excerpt(found));
}

/// The state as it is stored: lots have rows of their own.
fn text(state: &AccountState) -> String {
    // A state always has a JSON form; were it not so, both sides would be equally empty.
    serde_json::to_string(state).unwrap_or_default()
}

fn lot_text(lot: &Lot) -> String {
    let stored = Lot { change: LotChange::None, ..lot.clone() };
    serde_json::to_string(&stored).unwrap_or_default()
}
