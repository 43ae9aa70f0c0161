//! History from files straight into a lake, for those who have questions and no programme yet.

use std::collections::HashSet;
use std::path::PathBuf;

use domain::ledger::ReturnedLine;
use domain::member::Identifier;
use jiff::tz::TimeZone;
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::documents::{DocumentOwner, MemberRow, ReturnRow};
use super::error::LakeError;
use super::location::LakeLocation;
use super::manifest::Origin;
use super::writer::LakeWriter;
use crate::import::ReadProgress;
use crate::import::{
    Document, Import, ImportError, ImportMap, ImportOptions, ImportReport, ImportedDocument, RejectedRow,
};

/// The position of a lake whose import has come to its end.
const ALL: &str = "all";

/// Why files cannot be imported into a lake.
#[derive(Debug, thiserror::Error)]
pub enum LakeImportError {
    /// The files.
    #[error(transparent)]
    Import(#[from] ImportError),
    /// The lake.
    #[error(transparent)]
    Lake(#[from] LakeError),
    /// A survey or a campaign without a row that can be used.
    #[error("no row of {} can be used ({reasons}): the lake is left as it was; correct the map or the file, --reject lists the rows", path.display())]
    NoRow {
        /// The file.
        path: PathBuf,
        /// The reasons, each with its rows.
        reasons: String,
        /// The rows, as many as are kept.
        rows: Vec<RejectedRow>,
    },
}

/// How far an import is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LakeImportProgress {
    /// Files are read.
    Reading(ReadProgress),
    /// Receipts are written: so many of so many.
    Writing(u64, u64),
}

/// What an import came to.
#[derive(Debug, Clone, Serialize)]
pub struct LakeImport {
    /// What became of the rows.
    pub read: ImportReport,
    /// Purchases and returns that this run wrote.
    pub documents: u64,
    /// Those that an earlier run had written.
    pub passed_over: u64,
    /// Members.
    pub members: u64,
}

/// Imports files into a lake. A run that was stopped is taken up where its last commit left off; the same files a second
/// time change nothing. `token` is a number that no other writer has.
pub async fn import_into_lake(
    location: &LakeLocation,
    (map, paths): (&ImportMap, &[PathBuf]),
    options: &ImportOptions,
    token: u64,
    progress: &mut (dyn FnMut(LakeImportProgress) + Send),
) -> Result<LakeImport, LakeImportError> {
    let mut import =
        Import::open(map, paths, options, &mut |read| progress(LakeImportProgress::Reading(read)))?;
    let origin = Origin::Files { fingerprint: import.fingerprint().to_owned() };
    let zone = TimeZone::get(&map.time_zone).unwrap_or(TimeZone::UTC);
    let mut writer = LakeWriter::open(location, origin, &zone, token).await?;
    let done = match writer.position() {
        "" => 0,
        ALL => u64::MAX,
        position => position.parse().map_err(|_| LakeError::Manifest {
            path: location.to_string(),
            message: format!("“{position}” is no position of an import"),
        })?,
    };
    let mut seen = HashSet::new();
    let (mut documents, mut passed_over) = (0, 0);
    while let Some(document) = import.next().transpose()? {
        let member_id = number_of(&document.member);
        let is_new = seen.insert(member_id);
        if document.position < done {
            passed_over += 1;
            continue;
        }
        if is_new {
            let member = document.member.value.as_str();
            writer.add_member(&MemberRow { member_id, member, status: "active", ..MemberRow::default() })?;
        }
        add(&mut writer, member_id, &document)?;
        documents += 1;
        if writer.is_full() {
            writer.commit(&(document.position + 1).to_string()).await?;
            let (receipts, all) = import.receipts();
            progress(LakeImportProgress::Writing(receipts, all));
        }
    }
    if documents > 0 || done == 0 {
        writer.commit(ALL).await?;
        writer.compact().await?;
    }
    Ok(LakeImport { read: import.report().clone(), documents, passed_over, members: seen.len() as u64 })
}

fn add(writer: &mut LakeWriter, member_id: i64, document: &ImportedDocument) -> Result<(), LakeError> {
    let owner = DocumentOwner { member_id, entry_no: None };
    match &document.document {
        Document::Purchase(purchase) => writer.add_purchase(owner, purchase),
        Document::Return(back) => {
            let lines: Vec<ReturnedLine> =
                back.lines.iter().map(|line| ReturnedLine { line: line.line, amount: line.amount }).collect();
            writer.add_return(
                owner,
                &ReturnRow {
                    key: &back.key,
                    purchase_reference: &back.purchase.reference,
                    occurred_at: back.occurred_at,
                    currency: document.currency,
                    lines: &lines,
                    purchase: None,
                },
            )
        }
    }
}

/// A member's number in a lake of files: the first 63 bits of a hash of the identifier, so that it needs no register and
/// is the same in every run. Two of ten million members share one with a chance of 1 in 180,000.
fn number_of(member: &Identifier) -> i64 {
    let hash = Sha256::digest(format!("{:?}:{}", member.kind, member.value));
    let mut first = [0_u8; 8];
    first.iter_mut().zip(hash.iter()).for_each(|(to, from)| *to = *from);
    i64::from_be_bytes(first) & i64::MAX
}
