//! Importing purchases: a retailer's files run through the same commands as a till, in business-time order, each
//! decided at its own time. Members are enrolled by their first purchase; a second run changes nothing.

use std::path::PathBuf;

use analytics::import::{
    Document, Import, ImportError, ImportMap, ImportOptions, ImportReport, ImportedDocument, Place,
};
use domain::document::{DocumentKey, Purchase, Return};
use domain::refusal::Refusal;
use serde::Serialize;

use crate::command::{Command, MemberReference, Reply, Request};
use crate::engine::Engine;
use crate::error::OperationError;
use crate::expire_points::SweepReport;
use crate::replay::{CALL_COMMANDS, Replay, ReplayCounts};

/// Who records imported documents, unless somebody else is named.
pub const IMPORT_ACTOR: &str = "import";

/// What to import and how.
#[derive(Debug, Clone)]
pub struct PurchaseImport {
    /// What the columns mean.
    pub map: ImportMap,
    /// The files.
    pub paths: Vec<PathBuf>,
    /// Memory, folder of temporary files, reject file.
    pub options: ImportOptions,
    /// Only read: report and reject file, nothing is recorded.
    pub dry_run: bool,
    /// Who answers for it.
    pub actor: String,
}

/// How far an import is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImportProgress {
    /// Reading the files.
    Reading {
        /// Bytes read.
        bytes_done: u64,
        /// Bytes of all files.
        bytes_total: u64,
    },
    /// Recording what they hold.
    Recording {
        /// Receipts passed.
        receipts_done: u64,
        /// All receipts.
        receipts_total: u64,
    },
    /// Posting what has fallen due since.
    Sweeping {
        /// Accounts done.
        accounts: u64,
    },
}

/// What an import did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ImportOutcome {
    /// Names files and map: the same fingerprint is the same import.
    pub fingerprint: String,
    /// What became of the rows.
    pub read: ImportReport,
    /// What became of the documents.
    pub documents: ReplayCounts,
    /// What fell due between the last document and now.
    pub due: SweepReport,
}

/// What a document is known by until its answer comes.
struct Imported {
    place: Place,
    key: DocumentKey,
}

impl Engine {
    /// Imports purchases and returns from files. Refused documents are counted by reason and written to the reject
    /// file beside the rows that could not be read.
    pub async fn import_purchases(
        &self,
        import: &PurchaseImport,
        progress: &mut (dyn FnMut(ImportProgress) + Send),
    ) -> Result<ImportOutcome, OperationError> {
        let now = self.clock().now();
        if self.programmes().latest().is_none() && !import.dry_run {
            return Err(Refusal::NoProgrammeInForce { occurred_at: now }.into());
        }
        let mut documents = Import::open(&import.map, &import.paths, &import.options, &mut |read| {
            let (bytes_done, bytes_total) = (read.bytes_done, read.bytes_total);
            progress(ImportProgress::Reading { bytes_done, bytes_total });
        })
        .map_err(|error| failed(&error))?;
        let counts = self.record_documents(import, &mut documents, progress).await?;
        let due = if import.dry_run {
            SweepReport::default()
        } else {
            let mut sweeping =
                |report: &SweepReport| progress(ImportProgress::Sweeping { accounts: report.accounts });
            self.expire_points(now, &mut sweeping).await?
        };
        Ok(ImportOutcome {
            fingerprint: documents.fingerprint().to_owned(),
            read: documents.report().clone(),
            documents: counts,
            due,
        })
    }

    async fn record_documents(
        &self,
        import: &PurchaseImport,
        documents: &mut Import,
        progress: &mut (dyn FnMut(ImportProgress) + Send),
    ) -> Result<ReplayCounts, OperationError> {
        let mut replay = Replay::new(self.clone(), CALL_COMMANDS);
        while let Some(document) = documents.next() {
            let document = document.map_err(|error| failed(&error))?;
            let (receipts_done, receipts_total) = documents.receipts();
            progress(ImportProgress::Recording { receipts_done, receipts_total });
            if import.dry_run {
                continue;
            }
            let member = document.member.value.clone();
            let (imported, request) = command(document, &import.actor);
            replay.push(member, imported, request).await?;
            write_refusals(documents, replay.take_answers())?;
        }
        replay.finish().await?;
        write_refusals(documents, replay.take_answers())?;
        Ok(replay.counts().clone())
    }
}

/// The command of a document, at the document's own time: lateness is no reason to refuse history.
fn command(document: ImportedDocument, actor: &str) -> (Imported, Request) {
    let ImportedDocument { place, member, document, .. } = document;
    let (key, at, command) = match document {
        Document::Purchase(purchase) => {
            let Purchase { key, occurred_at, .. } = &purchase;
            let (key, at) = (key.clone(), *occurred_at);
            let member = MemberReference::Identifier(member);
            (key, at, Command::RecordPurchase { member, enrol: true, purchase })
        }
        Document::Return(document) => {
            let Return { key, occurred_at, .. } = &document;
            (key.clone(), *occurred_at, Command::RecordReturn { document })
        }
    };
    (Imported { place, key }, Request::new(command, actor).at(at))
}

fn write_refusals(documents: &mut Import, answers: Vec<(Imported, Reply)>) -> Result<(), OperationError> {
    for (imported, reply) in answers {
        if let Err(OperationError::Refused(refusal)) = reply {
            let field = refusal.offending_field().unwrap_or_default();
            documents
                .reject(
                    imported.place,
                    field,
                    &imported.key.reference,
                    (refusal.code(), &refusal.to_string()),
                )
                .map_err(|error| failed(&error))?;
        }
    }
    Ok(())
}

/// The importer's sentence names the file already.
fn failed(error: &ImportError) -> OperationError {
    OperationError::File { path: "import".to_owned(), reason: error.to_string() }
}
