//! Vouchers and contacts as rows.

use jiff::Timestamp;

use super::columns::Cell::{self, Day, Instant, Integer, Text};
use super::error::LakeError;
use super::table::Table;
use super::writer::{LakeWriter, Part};

/// A step in the life of a voucher. Which one it was stays in the ledger: neither its code nor a digest of it is here.
#[derive(Debug, Clone, Copy)]
pub struct VoucherRow<'a> {
    /// The member it concerns: who used it, else whose it is.
    pub member_id: Option<i64>,
    /// The name of its batch.
    pub voucher_batch: &'a str,
    /// Its template.
    pub template: &'a str,
    /// `issued`, `registered`, `reserved`, `redeemed`, `released`, `timed_out`, `restored`, `expired` or `void`.
    pub step: &'a str,
    /// When.
    pub occurred_at: Timestamp,
    /// Its face value in minor units, where its template has none.
    pub value: Option<i64>,
    /// Minor units that it took off, or that were given back with it.
    pub discount: Option<i64>,
    /// Source and reference of the purchase or order whose use it was.
    pub document: Option<(&'a str, &'a str)>,
    /// First instant at which it can no longer be used.
    pub expires_at: Timestamp,
}

/// Something that a member was sent.
#[derive(Debug, Clone, Copy)]
pub struct ContactRow<'a> {
    /// Who.
    pub member_id: i64,
    /// `statement` of the ledger, `campaign` of a file.
    pub kind: &'a str,
    /// The statement or the campaign.
    pub campaign: &'a str,
    /// When.
    pub contacted_at: Timestamp,
    /// By what way.
    pub channel: Option<&'a str>,
    /// What was offered.
    pub offer: Option<&'a str>,
    /// The batch of the voucher that came with it.
    pub voucher_batch: Option<&'a str>,
    /// The arm of the experiment.
    pub arm: Option<&'a str>,
    /// What it cost in minor units.
    pub cost: Option<i64>,
}

impl LakeWriter {
    /// Adds a step of a voucher.
    pub fn add_voucher(&mut self, voucher: &VoucherRow<'_>) -> Result<(), LakeError> {
        let day = self.local_day(voucher.occurred_at);
        self.add(
            Table::Vouchers,
            Some(day),
            &[
                Cell::integer(voucher.member_id),
                Text(voucher.voucher_batch),
                Text(voucher.template),
                Text(voucher.step),
                Instant(voucher.occurred_at),
                Day(day),
                Cell::integer(voucher.value),
                Cell::integer(voucher.discount),
                Cell::text(voucher.document.map(|(source, _)| source)),
                Cell::text(voucher.document.map(|(_, reference)| reference)),
                Instant(voucher.expires_at),
            ],
        )
    }

    /// Adds something that a member was sent, told by the ledger.
    pub fn add_contact(&mut self, contact: &ContactRow<'_>) -> Result<(), LakeError> {
        let day = self.local_day(contact.contacted_at);
        let month = Some(day.strftime("%Y-%m").to_string());
        self.add_contact_to(Part { month, set: None }, contact)
    }

    pub(super) fn add_contact_to(&mut self, part: Part, contact: &ContactRow<'_>) -> Result<(), LakeError> {
        let day = self.local_day(contact.contacted_at);
        let cells = [
            Integer(contact.member_id),
            Text(contact.kind),
            Text(contact.campaign),
            Instant(contact.contacted_at),
            Day(day),
            Cell::text(contact.channel),
            Cell::text(contact.offer),
            Cell::text(contact.voucher_batch),
            Cell::text(contact.arm),
            Cell::integer(contact.cost),
        ];
        self.add_to(Table::Contacts, part, &cells)
    }
}
