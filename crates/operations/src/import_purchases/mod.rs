//! Importing purchases: a retailer's files run through the same commands as a till, in business-time order, each
//! decided at its own time. Members are enrolled by their first purchase; a second run changes nothing.

mod run;

use std::path::PathBuf;

use analytics::import::{
    Document, Import, ImportError, ImportMap, ImportOptions, ImportReport, ImportedDocument, Place,
};
use domain::document::{DocumentKey, Purchase, Return};
use domain::refusal::Refusal;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use self::run::RunRecord;
use crate::command::{Command, MemberReference, Reply, Request};
use crate::engine::Engine;
use crate::error::OperationError;
use crate::expire_points::SweepReport;
use crate::replay::{CALL_COMMANDS, Replay, ReplayCounts};

/// Who records imported documents, unless somebody else is named.
pub const IMPORT_ACTOR: &str = "import";

const WEEK_SECONDS: i64 = 7 * 86_400;

/// What to import and how.
#[derive(Debug, Clone)]
pub struct PurchaseImport {
    /// What the columns mean.
    pub map: ImportMap,
    /// The map as it is written, for the record.
    pub map_text: String,
    /// The files.
    pub paths: Vec<PathBuf>,
    /// Memory, folder of temporary files, reject file.
    pub options: ImportOptions,
    /// Where everything is moved by whole weeks, so that the last document lies before this instant: for showing old
    /// data as if it were of today.
    pub moved_before: Option<Timestamp>,
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
    /// The run on record; none of a dry run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub run_id: Option<String>,
    /// Names files and map: the same fingerprint is the same import.
    pub fingerprint: String,
    /// Weeks by which every document was moved.
    pub moved_weeks: i64,
    /// Documents passed over because an earlier run, which was stopped, had recorded them.
    pub passed_over: u64,
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
        if import.dry_run {
            return read_only(&mut documents, progress);
        }
        let mut record = RunRecord::begin(self, import, documents.fingerprint()).await?;
        let weeks = weeks(import, &documents);
        let recorded = self.record_documents(import, &mut documents, weeks, &mut record, progress).await;
        let due = match recorded {
            Ok(()) => {
                let mut sweeping =
                    |report: &SweepReport| progress(ImportProgress::Sweeping { accounts: report.accounts });
                self.expire_points(now, &mut sweeping).await
            }
            Err(error) => Err(error),
        };
        record.end(self, &mut documents, due.as_ref().err()).await?;
        Ok(ImportOutcome {
            run_id: Some(record.run_id().to_owned()),
            moved_weeks: weeks,
            fingerprint: documents.fingerprint().to_owned(),
            passed_over: record.passed_over(),
            read: documents.report().clone(),
            documents: record.counts().clone(),
            due: due?,
        })
    }

    async fn record_documents(
        &self,
        import: &PurchaseImport,
        documents: &mut Import,
        weeks: i64,
        record: &mut RunRecord,
        progress: &mut (dyn FnMut(ImportProgress) + Send),
    ) -> Result<(), OperationError> {
        let mut replay = Replay::new(self.clone(), CALL_COMMANDS);
        while let Some(document) = documents.next() {
            let document = document.map_err(|error| failed(&error))?;
            show(documents, progress);
            let position = document.position;
            if position < record.passed_over() {
                continue;
            }
            if record.is_time_to_save(position) {
                // All answers first: what lies before the position is then recorded, whatever happens next.
                replay.finish().await?;
                write_refusals(documents, replay.take_answers())?;
                record.save(self, documents, replay.counts(), position).await?;
            }
            let member = document.member.value.clone();
            let (imported, request) = command(moved(document, weeks), &import.actor);
            replay.push(member, imported, request).await?;
            write_refusals(documents, replay.take_answers())?;
        }
        let finished = replay.finish().await;
        write_refusals(documents, replay.take_answers())?;
        record.note(replay.counts());
        finished
    }
}

/// Reads everything and records nothing.
fn read_only(
    documents: &mut Import,
    progress: &mut (dyn FnMut(ImportProgress) + Send),
) -> Result<ImportOutcome, OperationError> {
    while let Some(document) = documents.next() {
        document.map_err(|error| failed(&error))?;
        show(documents, progress);
    }
    Ok(ImportOutcome {
        run_id: None,
        moved_weeks: 0,
        fingerprint: documents.fingerprint().to_owned(),
        passed_over: 0,
        read: documents.report().clone(),
        documents: ReplayCounts::default(),
        due: SweepReport::default(),
    })
}

fn show(documents: &Import, progress: &mut (dyn FnMut(ImportProgress) + Send)) {
    let (receipts_done, receipts_total) = documents.receipts();
    progress(ImportProgress::Recording { receipts_done, receipts_total });
}

/// Whole weeks, so that days of the week stay what they were.
fn weeks(import: &PurchaseImport, documents: &Import) -> i64 {
    let last = documents.report().last_at.and_then(|at| Timestamp::from_microsecond(at).ok());
    import
        .moved_before
        .zip(last)
        .map_or(0, |(before, last)| before.duration_since(last).as_secs() / WEEK_SECONDS)
}

fn moved(mut document: ImportedDocument, weeks: i64) -> ImportedDocument {
    let occurred_at = match &mut document.document {
        Document::Purchase(purchase) => &mut purchase.occurred_at,
        Document::Return(document) => &mut document.occurred_at,
    };
    let moved = occurred_at.checked_add(SignedDuration::from_secs(weeks.saturating_mul(WEEK_SECONDS)));
    // Between an instant of history and one of today lie only instants.
    *occurred_at = moved.unwrap_or(*occurred_at);
    document
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
