//! Writing the lake: every entry of the ledger and every step of its vouchers, in the order of the feeds, exactly once, as
//! rows of Parquet files.

mod position;
mod vouchers;

use std::collections::HashMap;

use analytics::lake::{
    ActivityRow, ContactRow, DocumentOwner, LakeError, LakeLocation, LakeWriter, MemberRow, Origin,
    PostingRow, ReturnRow,
};
use domain::code::Code;
use domain::ids::{AccountId, EntryId};
use domain::ledger::{AccountStatus, Entry, Fact};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::Serialize;
use store::{FeedPosition, MemberRecord, Reader, VoucherBatch};

use self::position::LakePosition;
use crate::command::MemberReference;
use crate::engine::Engine;
use crate::error::OperationError;
use crate::view_member::resolve;
use crate::voucher::statement_reference;

/// Entries that are read at a time.
const PAGE_ENTRIES: u32 = 1_000;
/// Members that are read at a time.
const PAGE_MEMBERS: u32 = 500;

/// What was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct LakeReport {
    /// Entries that were not in the lake before.
    pub entries: u64,
    /// Steps of vouchers that were not in the lake before.
    pub voucher_steps: u64,
    /// Members as they are now; none if they were left as they were.
    pub members: u64,
    /// Commits.
    pub commits: u32,
    /// Files that compaction did away with.
    pub files_compacted: u64,
}

impl Engine {
    /// Writes what the lake does not have yet. With `members`, they are told anew, which reads all of them. A run that is
    /// stopped is taken up by the next one; of two at once, one is refused and has changed nothing.
    pub async fn write_lake(
        &self,
        location: &LakeLocation,
        members: bool,
        progress: &mut (dyn FnMut(&LakeReport) + Send),
    ) -> Result<LakeReport, OperationError> {
        let mut reader = self.database().reader().await?;
        let Some(origin) = origin(&mut reader).await? else { return Ok(LakeReport::default()) };
        let zone = self.programmes().latest().map_or(TimeZone::UTC, |programme| programme.zone().clone());
        let token = getrandom::u64().map_err(|cause| OperationError::Internal(cause.to_string()))?;
        let writer = LakeWriter::open(location, origin, &zone, token).await?;
        let position = LakePosition::read(writer.position())?;
        let report = LakeReport::default();
        let (engine, batches) = (self, HashMap::new());
        let mut run = Run { engine, reader, writer, position, waiting: false, batches, report };
        run.entries(progress).await?;
        run.voucher_steps(progress).await?;
        run.ended_batches(self.clock().now()).await?;
        if run.waiting {
            run.commit().await?;
        }
        if members {
            run.members().await?;
            progress(&run.report);
        }
        let fewer = run.writer.compact().await?;
        run.report.files_compacted = u64::try_from(fewer).unwrap_or(0);
        Ok(run.report)
    }
}

/// The ledger's name for itself: its very first entry and when it was recorded, which no other ledger has. None while
/// there is no entry.
async fn origin(reader: &mut Reader) -> Result<Option<Origin>, OperationError> {
    let first = reader.feed(FeedPosition::default(), 1).await?;
    Ok(first
        .first()
        .map(|(_, entry)| Origin::Ledger { ledger: format!("{} of {}", entry.id, entry.recorded_at) }))
}

struct Run<'e> {
    engine: &'e Engine,
    reader: Reader,
    writer: LakeWriter,
    /// Up to where everything was added.
    position: LakePosition,
    /// Whether something was added that is not committed.
    waiting: bool,
    /// The batches of vouchers seen so far, by number.
    batches: HashMap<i64, VoucherBatch>,
    report: LakeReport,
}

impl Run<'_> {
    async fn entries(
        &mut self,
        progress: &mut (dyn FnMut(&LakeReport) + Send),
    ) -> Result<(), OperationError> {
        loop {
            let page = self.reader.feed(self.position.entries, PAGE_ENTRIES).await?;
            let Some((last, _)) = page.last() else { return Ok(()) };
            for (_, entry) in &page {
                self.entry(entry).await?;
            }
            self.position.entries = *last;
            self.report.entries += page.len() as u64;
            self.added().await?;
            progress(&self.report);
        }
    }

    /// After all up to a position was added: commits once there is enough.
    async fn added(&mut self) -> Result<(), OperationError> {
        self.waiting = true;
        if self.writer.is_full() { self.commit().await } else { Ok(()) }
    }

    async fn commit(&mut self) -> Result<(), OperationError> {
        self.writer.commit(&self.position.to_string()).await?;
        self.waiting = false;
        self.report.commits += 1;
        Ok(())
    }

    async fn entry(&mut self, entry: &Entry) -> Result<(), OperationError> {
        let member_id = entry.id.account_id.number();
        let owner = DocumentOwner { member_id, entry_no: Some(entry.id.entry_no) };
        match &entry.fact {
            Fact::PurchaseRecorded { purchase, .. } => self.writer.add_purchase(owner, purchase)?,
            Fact::ReturnRecorded { document, purchase_entry_no, lines, .. } => {
                let id = EntryId { account_id: entry.id.account_id, entry_no: *purchase_entry_no };
                let found = self.reader.entry(id).await?.map(|loaded| loaded.entry.fact);
                let Some(Fact::PurchaseRecorded { purchase, .. }) = found else {
                    return Err(OperationError::Internal(format!("{} returns no purchase", entry.id)));
                };
                let back = ReturnRow {
                    key: &document.key,
                    purchase_reference: &document.purchase.reference,
                    occurred_at: document.occurred_at,
                    currency: purchase.currency,
                    lines,
                    purchase: Some(&purchase),
                };
                self.writer.add_return(owner, &back)?;
            }
            Fact::ActivityRecorded { activity, .. } => self.writer.add_activity(&ActivityRow {
                member_id,
                activity: &activity.kind,
                key: &activity.key,
                occurred_at: activity.occurred_at,
                count: activity.count,
            })?,
            Fact::StatementMade { statement, made_on, voucher, .. } => {
                self.writer.add_contact(&ContactRow {
                    member_id,
                    kind: "statement",
                    campaign: statement.as_str(),
                    contacted_at: entry.occurred_at,
                    channel: None,
                    offer: Some(voucher.template.as_str()),
                    voucher_batch: Some(&statement_reference(*statement, *made_on)),
                    arm: None,
                    cost: None,
                })?;
            }
            _ => {}
        }
        self.postings(entry)?;
        Ok(())
    }

    fn postings(&mut self, entry: &Entry) -> Result<(), LakeError> {
        for (posting_no, posting) in (1..).zip(&entry.postings) {
            self.writer.add_posting(&PostingRow {
                member_id: entry.id.account_id.number(),
                entry_no: entry.id.entry_no,
                posting_no,
                event: entry.fact.event(),
                occurred_at: entry.occurred_at,
                recorded_at: entry.recorded_at,
                unit: posting.unit.as_str(),
                debit: posting.debit.as_str(),
                credit: posting.credit.as_str(),
                amount: posting.amount,
                rule: posting.rule.as_ref().map(Code::as_str),
                funder: posting.funder.as_str(),
            })?;
        }
        Ok(())
    }

    async fn members(&mut self) -> Result<(), OperationError> {
        let mut after: Option<AccountId> = None;
        loop {
            let accounts = self.reader.all_account_columns(after, PAGE_MEMBERS).await?;
            let Some(last) = accounts.last().map(|account| account.account_id) else { break };
            let persons = self.reader.all_members(after, PAGE_MEMBERS).await?;
            after = Some(last);
            for account in &accounts {
                let person = persons.iter().find(|person| person.account_id == account.account_id);
                self.member(account, person).await?;
            }
            self.report.members += accounts.len() as u64;
        }
        self.commit().await
    }

    async fn member(
        &mut self,
        account: &store::AccountColumns,
        person: Option<&MemberRecord>,
    ) -> Result<(), OperationError> {
        let id = account.account_id;
        let is_closed = account.status == AccountStatus::Closed;
        let leads_to = if is_closed {
            Some(resolve(&mut self.reader, &MemberReference::Id(id)).await?).filter(|to| *to != id)
        } else {
            None
        };
        let profile = person.map(|person| &person.profile);
        let segments: Vec<&str> =
            profile.map_or(&[][..], |profile| &profile.segments).iter().map(Code::as_str).collect();
        let member = id.to_string();
        self.writer.add_member(&MemberRow {
            member_id: id.number(),
            member: &member,
            leads_to: leads_to.map(AccountId::number),
            status: match (leads_to, is_closed) {
                (Some(_), _) => "merged",
                (None, true) => "closed",
                (None, false) => "active",
            },
            enrolled_at: Some(account.enrolled_at),
            birth_year: profile.and_then(|profile| profile.born_on).map(Date::year),
            language: profile.and_then(|profile| profile.language.as_deref()),
            segments: &segments.join("|"),
            tier: account.tier.as_ref().map(Code::as_str),
            points: Some(account.points),
        })?;
        Ok(())
    }
}
