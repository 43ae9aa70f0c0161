//! Campaigns into a lake: what members were sent, each campaign a whole that can be replaced.

use std::collections::BTreeMap;
use std::path::Path;

use jiff::Timestamp;
use serde::Serialize;

use super::by_member::{KnownRows, MemberFileProgress, replace_set, rows_of_members};
use super::error::LakeError;
use super::import::LakeImportError;
use super::location::LakeLocation;
use super::session::Lake;
use super::table::Table;
use super::vouchers::ContactRow;
use super::writer::{LakeWriter, Part};
use crate::import::{ContactMap, FileReport, MemberFile, MemberRow, RejectFile, Sent, read_contacts};

/// What an import of a campaign came to. `contacts` and the rows of `rejected` are all rows of the file.
#[derive(Debug, Clone, Serialize)]
pub struct ContactImport {
    /// The campaign.
    pub campaign: String,
    /// How the file was read.
    pub file: FileReport,
    /// Contacts that were written.
    pub contacts: u64,
    /// Rows that cannot be used, by reason; the reject file has them.
    pub rejected: BTreeMap<String, u64>,
    /// Contacts of the same campaign that were there before and are replaced.
    pub replaced: u64,
}

/// Writes what a campaign sent into a lake, in place of what the same campaign had brought before. `token` is a number that
/// no other writer has. Where another writer is faster, it is written anew.
pub async fn import_contacts(
    location: &LakeLocation,
    (map, file): (&ContactMap, MemberFile<'_>),
    reject_file: Option<&Path>,
    token: u64,
    progress: &mut (dyn FnMut(MemberFileProgress) + Send),
) -> Result<ContactImport, LakeImportError> {
    // Before a long file is read: is there a lake?
    LakeWriter::open_existing(location, token).await?;
    let rejects = RejectFile::create(reject_file)?;
    let mut read =
        read_contacts(map, file, rejects, &mut |bytes| progress(MemberFileProgress::Reading(bytes)))?;
    // A campaign may come to a member more than once.
    let KnownRows { kept, .. } =
        rows_of_members(&Lake::open(location).await?, &mut read, file.path, |_| None).await?;
    let add =
        |writer: &mut LakeWriter, member_id, row: &MemberRow<Sent>| add_contact(writer, map, member_id, row);
    let set = (Table::Contacts, map.campaign.as_str());
    let (contacts, replaced) = replace_set(location, set, token, &kept, add, progress).await?;
    let campaign = map.campaign.clone();
    Ok(ContactImport { campaign, file: read.file, contacts, rejected: read.rejected, replaced })
}

/// Adds what a member was sent; returns that it is one.
fn add_contact(
    writer: &mut LakeWriter,
    map: &ContactMap,
    member_id: i64,
    row: &MemberRow<Sent>,
) -> Result<u64, LakeError> {
    let part = Part { month: None, set: Some(map.campaign.clone()) };
    let sent = &row.what;
    let contact = ContactRow {
        member_id,
        kind: "campaign",
        campaign: &map.campaign,
        // The reader made it from an instant.
        contacted_at: Timestamp::from_microsecond(row.at).unwrap_or_default(),
        channel: Some(&sent.channel),
        offer: Some(&sent.offer),
        voucher_batch: Some(&sent.voucher_batch),
        arm: Some(&sent.arm),
        cost: sent.cost,
    };
    writer.add_contact_to(part, &contact)?;
    Ok(1)
}
