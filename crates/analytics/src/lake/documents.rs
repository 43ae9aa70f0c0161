//! Purchases, returns, postings and members as rows.

use domain::document::{DocumentKey, Purchase};
use domain::ledger::ReturnedLine;
use domain::money::Currency;
use jiff::Timestamp;
use jiff::civil::Date;

use super::columns::Cell::{self, Day, Empty, Instant, Integer, Text};
use super::error::LakeError;
use super::table::Table;
use super::writer::LakeWriter;

/// Whose document it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DocumentOwner {
    /// The member.
    pub member_id: i64,
    /// The entry of the ledger that recorded it, if one did.
    pub entry_no: Option<u32>,
}

/// A return, with what it gives back resolved.
#[derive(Debug, Clone, Copy)]
pub struct ReturnRow<'a> {
    /// Its own key.
    pub key: &'a DocumentKey,
    /// The reference of the purchase, which has the same source.
    pub purchase_reference: &'a str,
    /// When it took place.
    pub occurred_at: Timestamp,
    /// The currency of the purchase.
    pub currency: Currency,
    /// The value that comes back, by line.
    pub lines: &'a [ReturnedLine],
    /// The purchase, where it is at hand: it tells what the lines were.
    pub purchase: Option<&'a Purchase>,
}

/// A member as they are now.
#[derive(Debug, Clone, Copy, Default)]
pub struct MemberRow<'a> {
    /// The number of the account.
    pub member_id: i64,
    /// The id as it is printed; of a member of imported files, the identifier there.
    pub member: &'a str,
    /// The account they were merged into, at the end of the chain.
    pub leads_to: Option<i64>,
    /// `active`, `closed` or `merged`.
    pub status: &'a str,
    /// When they joined.
    pub enrolled_at: Option<Timestamp>,
    /// The year of birth; the date stays in the database.
    pub birth_year: Option<i16>,
    /// The language they are written to in.
    pub language: Option<&'a str>,
    /// Segments, with `|` between them.
    pub segments: &'a str,
    /// The tier of the first ladder.
    pub tier: Option<&'a str>,
    /// Points of the main unit that can be spent.
    pub points: Option<i64>,
}

/// A posting of the ledger.
#[derive(Debug, Clone, Copy)]
pub struct PostingRow<'a> {
    /// Whose entry it belongs to.
    pub member_id: i64,
    /// The entry.
    pub entry_no: u32,
    /// Its number within the entry, from 1.
    pub posting_no: u32,
    /// The entry's event.
    pub event: &'a str,
    /// Business time of the entry.
    pub occurred_at: Timestamp,
    /// Recorded time of the entry.
    pub recorded_at: Timestamp,
    /// The unit.
    pub unit: &'a str,
    /// The ledger account the points come from.
    pub debit: &'a str,
    /// The ledger account they go to.
    pub credit: &'a str,
    /// Points.
    pub amount: i64,
    /// The rule that decided, if one did.
    pub rule: Option<&'a str>,
    /// Who bears the cost.
    pub funder: &'a str,
}

/// An activity.
#[derive(Debug, Clone, Copy)]
pub struct ActivityRow<'a> {
    /// Who did it.
    pub member_id: i64,
    /// What was done.
    pub activity: &'a str,
    /// Its key.
    pub key: &'a DocumentKey,
    /// When.
    pub occurred_at: Timestamp,
    /// How many of it.
    pub count: i64,
}

/// What all rows of one document share.
struct Shared<'a> {
    owner: DocumentOwner,
    kind: &'static str,
    key: &'a DocumentKey,
    purchase_reference: &'a str,
    occurred_at: Timestamp,
    day: Date,
    currency: Currency,
    store: Option<&'a str>,
    channel: Option<&'a str>,
}

/// What was bought or came back.
struct Item<'a> {
    line: i64,
    amount: i64,
    quantity_milli: Option<i64>,
    texts: [Option<&'a str>; 3],
}

impl LakeWriter {
    /// Adds a purchase with its lines.
    pub fn add_purchase(&mut self, owner: DocumentOwner, purchase: &Purchase) -> Result<(), LakeError> {
        let shared = Shared {
            owner,
            kind: "purchase",
            key: &purchase.key,
            purchase_reference: &purchase.key.reference,
            occurred_at: purchase.occurred_at,
            day: self.local_day(purchase.occurred_at),
            currency: purchase.currency,
            store: purchase.store.as_deref(),
            channel: purchase.channel.as_deref(),
        };
        let items = purchase.lines.iter().enumerate().map(|(position, line)| Item {
            line: number(position),
            amount: line.amount,
            quantity_milli: Some(line.quantity_milli),
            texts: [Some(line.sku.as_str()), Some(&line.category), Some(&line.brand)],
        });
        self.add_document(&shared, items, purchase.vouchers.len())
    }

    /// Adds a return: the same as a purchase, with amounts below zero.
    pub fn add_return(&mut self, owner: DocumentOwner, back: &ReturnRow<'_>) -> Result<(), LakeError> {
        let shared = Shared {
            owner,
            kind: "return",
            key: back.key,
            purchase_reference: back.purchase_reference,
            occurred_at: back.occurred_at,
            day: self.local_day(back.occurred_at),
            currency: back.currency,
            store: back.purchase.and_then(|purchase| purchase.store.as_deref()),
            channel: back.purchase.and_then(|purchase| purchase.channel.as_deref()),
        };
        let items = back.lines.iter().map(|returned| {
            let lines = back.purchase.map_or(&[][..], |purchase| &purchase.lines);
            let line = usize::try_from(returned.line).ok().and_then(|position| lines.get(position));
            Item {
                line: i64::from(returned.line),
                amount: -returned.amount,
                quantity_milli: None,
                texts: line.map_or([None; 3], |line| {
                    [Some(line.sku.as_str()), Some(&line.category), Some(&line.brand)]
                }),
            }
        });
        self.add_document(&shared, items, 0)
    }

    fn add_document<'a>(
        &mut self,
        shared: &Shared<'a>,
        items: impl Iterator<Item = Item<'a>>,
        vouchers: usize,
    ) -> Result<(), LakeError> {
        let (mut amount, mut lines) = (0_i64, 0_i64);
        for item in items {
            amount = amount.saturating_add(item.amount);
            lines += 1;
            self.add_line(shared, &item)?;
        }
        self.add(
            Table::Purchases,
            Some(shared.day),
            &[
                Integer(shared.owner.member_id),
                Cell::integer(shared.owner.entry_no.map(i64::from)),
                Text(shared.kind),
                Text(&shared.key.source),
                Text(&shared.key.reference),
                Text(shared.purchase_reference),
                Instant(shared.occurred_at),
                Day(shared.day),
                Text(shared.currency.as_str()),
                Integer(amount),
                Integer(lines),
                Cell::text(shared.store),
                Cell::text(shared.channel),
                Integer(number(vouchers)),
            ],
        )
    }

    fn add_line(&mut self, shared: &Shared<'_>, item: &Item<'_>) -> Result<(), LakeError> {
        let [sku, category, brand] = item.texts.map(Cell::text);
        self.add(
            Table::Lines,
            Some(shared.day),
            &[
                Integer(shared.owner.member_id),
                Text(shared.kind),
                Text(&shared.key.source),
                Text(&shared.key.reference),
                Text(shared.purchase_reference),
                Integer(item.line),
                Instant(shared.occurred_at),
                Day(shared.day),
                Text(shared.currency.as_str()),
                Integer(item.amount),
                Cell::integer(item.quantity_milli),
                sku,
                category,
                brand,
                Cell::text(shared.store),
            ],
        )
    }

    /// Adds a posting.
    pub fn add_posting(&mut self, posting: &PostingRow<'_>) -> Result<(), LakeError> {
        let day = self.local_day(posting.occurred_at);
        self.add(
            Table::Postings,
            Some(day),
            &[
                Integer(posting.member_id),
                Integer(i64::from(posting.entry_no)),
                Integer(i64::from(posting.posting_no)),
                Text(posting.event),
                Instant(posting.occurred_at),
                Instant(posting.recorded_at),
                Day(day),
                Text(posting.unit),
                Text(posting.debit),
                Text(posting.credit),
                Integer(posting.amount),
                Cell::text(posting.rule),
                Text(posting.funder),
            ],
        )
    }

    /// Adds an activity.
    pub fn add_activity(&mut self, activity: &ActivityRow<'_>) -> Result<(), LakeError> {
        let day = self.local_day(activity.occurred_at);
        self.add(
            Table::Activities,
            Some(day),
            &[
                Integer(activity.member_id),
                Text(activity.activity),
                Text(&activity.key.source),
                Text(&activity.key.reference),
                Instant(activity.occurred_at),
                Day(day),
                Integer(activity.count),
            ],
        )
    }

    /// Adds a member.
    pub fn add_member(&mut self, member: &MemberRow<'_>) -> Result<(), LakeError> {
        if member.leads_to.is_some() {
            self.note_merged_member();
        }
        self.add(
            Table::Members,
            None,
            &[
                Integer(member.member_id),
                Text(member.member),
                Cell::integer(member.leads_to),
                Text(member.status),
                member.enrolled_at.map_or(Empty, Instant),
                Cell::integer(member.birth_year.map(i64::from)),
                Cell::text(member.language),
                Cell::text(Some(member.segments)),
                Cell::text(member.tier),
                Cell::integer(member.points),
            ],
        )
    }
}

/// A position or length: no document is longer than `i64` can say.
fn number(position: usize) -> i64 {
    i64::try_from(position).unwrap_or(i64::MAX)
}
