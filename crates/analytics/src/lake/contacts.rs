//! Campaigns into a lake: what members were sent, each campaign a whole that can be replaced.

use std::collections::BTreeMap;
use std::path::Path;

use jiff::Timestamp;
use serde::Serialize;

use super::by_member::rows_of_members;
use super::import::LakeImportError;
use super::location::LakeLocation;
use super::session::Lake;
use super::table::Table;
use super::vouchers::ContactRow;
use super::writer::{LakeWriter, Part};
use crate::import::{ContactMap, FileReport, RejectFile, read_contacts};

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
/// no other writer has.
pub async fn import_contacts(
    location: &LakeLocation,
    (map, path): (&ContactMap, &Path),
    reject_file: Option<&Path>,
    token: u64,
) -> Result<ContactImport, LakeImportError> {
    let mut writer = LakeWriter::open_existing(location, token).await?;
    let mut read = read_contacts(map, path, RejectFile::create(reject_file)?)?;
    let lake = Lake::open(location).await?;
    // A campaign may come to a member more than once.
    let kept = rows_of_members(&lake, &mut read, path, |_| None).await?;
    for (member_id, row) in &kept {
        let part = Part { month: None, set: Some(map.campaign.clone()) };
        let sent = &row.what;
        writer.add_contact_to(
            part,
            &ContactRow {
                member_id: *member_id,
                kind: "campaign",
                campaign: &map.campaign,
                // The reader made it from an instant.
                contacted_at: Timestamp::from_microsecond(row.at).unwrap_or_default(),
                channel: Some(&sent.channel),
                offer: Some(&sent.offer),
                voucher_batch: Some(&sent.voucher_batch),
                arm: Some(&sent.arm),
                cost: sent.cost,
            },
        )?;
        if writer.is_full() {
            writer.flush().await?;
        }
    }
    let replaced = writer.commit_set(Table::Contacts, &map.campaign).await?;
    let (campaign, contacts) = (map.campaign.clone(), kept.len() as u64);
    Ok(ContactImport { campaign, file: read.file, contacts, rejected: read.rejected, replaced })
}
