//! What fuzzed input is judged by: whatever strangers write, nothing panics, what is wrong is named with its place, and
//! what is accepted means the same when it is written and read again. The entries beside this file are shared by the fuzz
//! targets and by the gate's seeded mutations.

use std::sync::Arc;

use domain::document::Purchase;
use domain::ids::AccountId;
use domain::ledger::Lot;
use domain::operation::{BudgetLedger, Context, Failure, Person, enrol_member, record_purchase};
use domain::programme::{CompiledProgramme, Programmes};
use jiff::Timestamp;

/// What became of the bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Read {
    /// Not even text.
    Foreign,
    /// Refused, with its place.
    Refused,
    /// Accepted; of a programme, one that refuses the sale every programme judges.
    Accepted,
    /// Accepted, and a purchase was recorded by it.
    Judged,
}

pub fn instant(text: &str) -> Timestamp {
    text.parse().expect("an instant")
}

/// Whether a new member's purchase is recorded under a programme. If it is not, the refusal names the field.
pub fn judge(programme: CompiledProgramme, purchase: Purchase) -> bool {
    let programmes = Programmes::new(vec![Arc::new(programme)]);
    let context = Context { programmes: &programmes, now: instant("2026-05-12T00:00:00Z"), actor: "fuzz" };
    let mut budgets = BudgetLedger::default();
    let joined = instant("2026-05-01T00:00:00Z");
    let person = Person::default();
    let enrolled = enrol_member(AccountId::ZERO, joined, &person, &context, &mut budgets);
    let Ok((mut state, _)) = enrolled else { return false };
    match record_purchase(&mut state, &person, purchase, &context, &mut budgets) {
        Ok(entries) => {
            let last = entries.last().expect("an entry for a purchase");
            assert!(last.postings.iter().all(|posting| posting.amount > 0), "{:?}", last.postings);
            assert!(state.lots.iter().all(Lot::balanced), "{:?}", state.lots);
            true
        }
        Err(Failure::Refused(refusal)) => {
            assert!(!refusal.to_string().is_empty() && !refusal.code().is_empty(), "{refusal:?}");
            false
        }
        Err(Failure::LotsNeeded) => panic!("a new member's lots are all there"),
    }
}
