//! Exporting: everything of one kind as rows of named columns, read page by page from one snapshot.

use domain::code::Code;
use domain::ids::{AccountId, EntryId};
use domain::ledger::{Entry, Fact, LedgerAccount};
use domain::member::Profile;
use serde_json::{Value, json};
use store::{AccountColumns, MemberRecord};

use crate::engine::Engine;
use crate::error::OperationError;
use crate::view_member::kind_name;

const PAGE_ACCOUNTS: u32 = 500;
const PAGE_ENTRIES: u32 = 2_000;

/// What can be exported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExportKind {
    /// One row for each member.
    Members,
    /// One row for each entry of the ledger.
    Entries,
    /// One row for each posting.
    Postings,
    /// One row for each line of each purchase.
    Purchases,
}

/// Takes a row; its error ends the export.
pub type TakeRow<'a> = &'a mut (dyn FnMut(&[Value]) -> std::io::Result<()> + Send);

impl ExportKind {
    /// The columns of its rows.
    pub const fn columns(self) -> &'static [&'static str] {
        match self {
            Self::Members => &[
                "member_id",
                "name",
                "born_on",
                "language",
                "segments",
                "declined_segments",
                "identifiers",
                "status",
                "tier",
                "points",
                "pending",
                "spend",
                "purchase_count",
                "enrolled_at",
                "last_purchase_at",
            ],
            Self::Entries => &[
                "entry_id",
                "member_id",
                "entry_no",
                "event",
                "occurred_at",
                "recorded_at",
                "programme_version",
                "actor",
                "source",
                "reference",
                "points_in",
                "points_out",
            ],
            Self::Postings => &[
                "entry_id",
                "posting_no",
                "member_id",
                "occurred_at",
                "unit",
                "debit",
                "credit",
                "amount",
                "lot_no",
                "rule",
                "funder",
            ],
            Self::Purchases => &[
                "entry_id",
                "member_id",
                "source",
                "reference",
                "occurred_at",
                "currency",
                "store",
                "channel",
                "line",
                "sku",
                "category",
                "brand",
                "quantity_milli",
                "amount",
                "tax",
                "tags",
            ],
        }
    }
}

impl Engine {
    /// Gives every row of a kind to `take`; returns their number.
    pub async fn export(&self, kind: ExportKind, take: TakeRow<'_>) -> Result<u64, OperationError> {
        let mut rows = Rows { count: 0, take };
        match kind {
            ExportKind::Members => self.export_members(&mut rows).await?,
            _ => self.export_entries(kind, &mut rows).await?,
        }
        Ok(rows.count)
    }

    async fn export_members(&self, rows: &mut Rows<'_>) -> Result<(), OperationError> {
        let mut reader = self.database().snapshot().await?;
        let mut after: Option<AccountId> = None;
        loop {
            let columns = reader.all_account_columns(after, PAGE_ACCOUNTS).await?;
            let Some(last) = columns.last().map(|columns| columns.account_id) else {
                return Ok(reader.finish().await?);
            };
            let persons = reader.all_members(after, PAGE_ACCOUNTS).await?;
            let ids: Vec<AccountId> = columns.iter().map(|columns| columns.account_id).collect();
            let identifiers = reader.identifiers(&ids).await?;
            after = Some(last);
            for account in &columns {
                let person = persons.iter().find(|person| person.account_id == account.account_id);
                let found = identifiers.get(&account.account_id).map_or(&[][..], Vec::as_slice);
                let texts: Vec<String> =
                    found.iter().map(|found| format!("{}:{}", kind_name(found.kind), found.value)).collect();
                rows.add(&member_row(account, person, &texts.join("|")))?;
            }
        }
    }

    async fn export_entries(&self, kind: ExportKind, rows: &mut Rows<'_>) -> Result<(), OperationError> {
        let mut reader = self.database().snapshot().await?;
        let mut after: Option<EntryId> = None;
        loop {
            let page = reader.all_entries(after, PAGE_ENTRIES).await?;
            let Some(last) = page.last() else { return Ok(reader.finish().await?) };
            after = Some(last.id);
            for entry in &page {
                match kind {
                    ExportKind::Postings => posting_rows(entry, rows)?,
                    ExportKind::Purchases => purchase_rows(entry, rows)?,
                    _ => rows.add(&entry_row(entry))?,
                }
            }
        }
    }
}

struct Rows<'a> {
    count: u64,
    take: TakeRow<'a>,
}

impl Rows<'_> {
    fn add(&mut self, row: &[Value]) -> Result<(), OperationError> {
        self.count += 1;
        let failed = |cause: std::io::Error| OperationError::File {
            path: "export".to_owned(),
            reason: cause.to_string(),
        };
        (self.take)(row).map_err(failed)
    }
}

fn member_row(account: &AccountColumns, person: Option<&MemberRecord>, identifiers: &str) -> Vec<Value> {
    let profile = person.map(|person| &person.profile);
    let listed = |codes: fn(&Profile) -> &[Code]| {
        let codes = profile.map_or(&[][..], codes).iter().map(Code::as_str);
        codes.collect::<Vec<_>>().join("|")
    };
    vec![
        json!(account.account_id.to_string()),
        json!(profile.and_then(|profile| profile.name.as_deref())),
        json!(profile.and_then(|profile| profile.born_on)),
        json!(profile.and_then(|profile| profile.language.as_deref())),
        json!(listed(|profile| &profile.segments)),
        json!(listed(|profile| &profile.declined_segments)),
        json!(identifiers),
        json!(account.status),
        json!(account.tier),
        json!(account.points),
        json!(account.pending),
        json!(account.spend),
        json!(account.purchase_count),
        json!(account.enrolled_at),
        json!(account.last_purchase_at),
    ]
}

fn entry_row(entry: &Entry) -> Vec<Value> {
    let key = entry.fact.document_key();
    let (mut points_in, mut points_out) = (0_i64, 0_i64);
    for posting in &entry.postings {
        if is_members(posting.credit) && !is_members(posting.debit) {
            points_in = points_in.saturating_add(posting.amount);
        }
        if is_members(posting.debit) && !is_members(posting.credit) {
            points_out = points_out.saturating_add(posting.amount);
        }
    }
    vec![
        json!(entry.id.to_string()),
        json!(entry.id.account_id.to_string()),
        json!(entry.id.entry_no),
        json!(entry.fact.event()),
        json!(entry.occurred_at),
        json!(entry.recorded_at),
        json!(entry.programme_version),
        json!(entry.actor),
        json!(key.map(|key| key.source.as_str())),
        json!(key.map(|key| key.reference.as_str())),
        json!(points_in),
        json!(points_out),
    ]
}

/// What a member has or awaits; debt is the other side of it.
fn is_members(account: LedgerAccount) -> bool {
    use LedgerAccount as Account;
    matches!(account, Account::MemberPending | Account::MemberAvailable | Account::MemberHeld)
}

fn posting_rows(entry: &Entry, rows: &mut Rows<'_>) -> Result<(), OperationError> {
    for (position, posting) in entry.postings.iter().enumerate() {
        rows.add(&[
            json!(entry.id.to_string()),
            json!(position + 1),
            json!(entry.id.account_id.to_string()),
            json!(entry.occurred_at),
            json!(posting.unit),
            json!(posting.debit),
            json!(posting.credit),
            json!(posting.amount),
            json!(posting.lot_no),
            json!(posting.rule),
            json!(posting.funder),
        ])?;
    }
    Ok(())
}

fn purchase_rows(entry: &Entry, rows: &mut Rows<'_>) -> Result<(), OperationError> {
    let Fact::PurchaseRecorded { purchase, .. } = &entry.fact else { return Ok(()) };
    for (position, line) in purchase.lines.iter().enumerate() {
        rows.add(&[
            json!(entry.id.to_string()),
            json!(entry.id.account_id.to_string()),
            json!(purchase.key.source),
            json!(purchase.key.reference),
            json!(purchase.occurred_at),
            json!(purchase.currency),
            json!(purchase.store),
            json!(purchase.channel),
            json!(position),
            json!(line.sku),
            json!(line.category),
            json!(line.brand),
            json!(line.quantity_milli),
            json!(line.amount),
            json!(line.tax),
            json!(line.tags.join("|")),
        ])?;
    }
    Ok(())
}
