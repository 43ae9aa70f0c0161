//! The timeline of a member, one entry with its why, and what was known when.

use domain::code::Code;
use domain::explain::{Explanation, explain};
use domain::history::Sums;
use domain::ids::{AccountId, EntryId};
use domain::ledger::{Entry, Fact, Posting};
use domain::programme::Language;
use domain::refusal::Refusal;
use jiff::Timestamp;

use crate::engine::Engine;
use crate::error::OperationError;

/// Entries on one page at the most.
pub const ENTRY_PAGE_SIZE_MAX: u16 = 100;

/// A page of a member's timeline, newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntryPage {
    /// The entries.
    pub entries: Vec<Entry>,
    /// Whether there are older ones.
    pub has_more: bool,
    /// The number to ask for the next page with.
    pub next: Option<u32>,
}

impl Engine {
    /// A page of the entries before number `after`, newest first.
    pub async fn list_entries(
        &self,
        member_id: AccountId,
        after: Option<u32>,
        limit: u16,
    ) -> Result<EntryPage, OperationError> {
        if !(1..=ENTRY_PAGE_SIZE_MAX).contains(&limit) {
            let remedy = format!("use a whole number from 1 to {ENTRY_PAGE_SIZE_MAX}");
            return Err(Refusal::field("limit", limit, remedy).into());
        }
        let mut reader = self.database().reader().await?;
        let mut entries = reader.entries(member_id, after, u32::from(limit).saturating_add(1)).await?;
        let has_more = entries.len() > usize::from(limit);
        entries.truncate(usize::from(limit));
        let next = entries.last().filter(|_| has_more).map(|entry| entry.id.entry_no);
        Ok(EntryPage { entries, has_more, next })
    }

    /// One entry.
    pub async fn view_entry(&self, id: EntryId) -> Result<Entry, OperationError> {
        let found = self.database().reader().await?.entry(id).await?;
        let unknown = || Refusal::Unknown { what: "entry".to_owned(), value: id.to_string() };
        Ok(found.ok_or_else(unknown)?.entry)
    }

    /// Why an entry says what it says.
    pub async fn explain(&self, id: EntryId, language: Language) -> Result<Explanation, OperationError> {
        let entry = self.view_entry(id).await?;
        let programmes = self.programmes();
        Ok(explain(&entry, programmes.version(entry.programme_version).map(AsRef::as_ref), language))
    }

    /// Why an entry says what it says, as its member may read it: who bears the cost is the house's own business.
    pub async fn explain_to_member(
        &self,
        id: EntryId,
        language: Language,
    ) -> Result<(Entry, Explanation), OperationError> {
        let entry = self.view_entry(id).await?;
        let mut told = entry.clone();
        if let Fact::PurchaseRecorded { awards, .. }
        | Fact::ActivityRecorded { awards, .. }
        | Fact::MemberEnrolled { awards, .. } = &mut told.fact
        {
            for award in awards {
                award.funding.clear();
            }
        }
        let programmes = self.programmes();
        let programme = programmes.version(entry.programme_version).map(AsRef::as_ref);
        Ok((entry, explain(&told, programme, language)))
    }

    /// A member's points in a unit by business time up to `occurred_by`, as the ledger knew it at `recorded_by`.
    pub async fn balance_as_of(
        &self,
        member_id: AccountId,
        unit: Code,
        occurred_by: Timestamp,
        recorded_by: Timestamp,
    ) -> Result<Sums, OperationError> {
        let mut sums = Sums::default();
        for flow in self.database().reader().await?.posted_as_of(member_id, occurred_by, recorded_by).await? {
            if flow.unit == unit {
                let (debit, credit, amount) = (flow.debit, flow.credit, flow.amount);
                sums.add(&Posting { unit, debit, credit, amount, lot_no: 0, rule: None, funder: unit });
            }
        }
        Ok(sums)
    }
}
