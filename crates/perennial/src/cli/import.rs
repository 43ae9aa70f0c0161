//! `import`: brings history in from files.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use analytics::import::{
    ContactMap, FileReport, ImportMap, ImportOptions, ImportReport, MapError, MemberFile, SurveyMap,
};
use analytics::lake::{
    ContactImport, LakeImportProgress, LakeLocation, MemberFileProgress, SurveyImport, import_contacts,
    import_into_lake, import_survey,
};
use clap::{Args, Subcommand};
use operations::{Engine, ImportOutcome, ImportProgress, PurchaseImport};

use super::database::DatabaseArgument;
use super::document::Actor;
use super::error::{CliError, Ended};
use super::lake::{LakeArgument, parse_location};
use super::output::Output;
use crate::progress::{Progress, Unit};

/// Import history from files.
#[derive(Debug, Subcommand)]
pub(crate) enum Import {
    /// Purchases and returns from CSV or Parquet files.
    Purchases(ImportPurchases),
    /// Answers to a survey from a CSV or Parquet file, into a lake.
    Survey(ImportSurvey),
    /// What a campaign sent to whom, from a CSV or Parquet file, into a lake.
    Contacts(ImportContacts),
}

/// Purchases and returns from CSV or Parquet files.
#[derive(Debug, Args)]
pub(crate) struct ImportPurchases {
    /// The files; or a folder, where the map names the file in it.
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// What the columns mean.
    #[arg(long, value_name = "FILE")]
    map: PathBuf,
    /// Where rows go that cannot be imported: file, row, field, value, reason.
    #[arg(long, value_name = "FILE")]
    reject: Option<PathBuf>,
    /// Only read and report; nothing is recorded.
    #[arg(long)]
    dry_run: bool,
    /// Write them into a lake, to ask questions of, and not into a database: needs no programme.
    #[arg(long, value_name = "PLACE", conflicts_with = "dry_run")]
    into_lake: Option<String>,
    #[command(flatten)]
    actor: Actor,
    #[command(flatten)]
    database: DatabaseArgument,
}

impl ImportPurchases {
    pub(crate) async fn run(self, output: Output) -> Result<Ended, CliError> {
        let (map, map_text) = read_map(&self.map)?;
        if let Some(place) = &self.into_lake {
            let options = ImportOptions { reject_file: self.reject, ..ImportOptions::default() };
            return into_lake(&parse_location(place)?, (&map, &self.paths), &options, output).await;
        }
        let import = PurchaseImport {
            map,
            map_text,
            paths: self.paths,
            options: ImportOptions { reject_file: self.reject, ..ImportOptions::default() },
            moved_before: None,
            dry_run: self.dry_run,
            actor: self.actor.name,
        };
        let engine = self.database.open_or_create().await?;
        let imported = import_with_progress(&engine, &import, output).await;
        engine.shut_down().await;
        let outcome = imported?;
        output.print(&outcome, words)?;
        Ok(if outcome.documents.refusals() > 0 { Ended::Refused } else { Ended::Well })
    }
}

/// Answers to a survey from a CSV or Parquet file, into a lake: one row for each form that a member filled in. A survey of
/// the same name is replaced.
#[derive(Debug, Args)]
pub(crate) struct ImportSurvey {
    /// The file.
    #[arg(value_name = "PATH")]
    path: PathBuf,
    /// Which column answers which question.
    #[arg(long, value_name = "FILE")]
    map: PathBuf,
    /// Where rows go that cannot be used: file, row, field, value, reason.
    #[arg(long, value_name = "FILE")]
    reject: Option<PathBuf>,
    #[command(flatten)]
    lake: LakeArgument,
}

impl ImportSurvey {
    pub(crate) async fn run(self, output: Output) -> Result<Ended, CliError> {
        let (map, _) = read_map_of(&self.map, SurveyMap::parse)?;
        let location = self.lake.location()?;
        let token = getrandom::u64().map_err(|cause| CliError::failed("random numbers", &cause))?;
        let imported = with_progress(&self.path, output, async |file, show| {
            import_survey(&location, (&map, file), self.reject.as_deref(), token, show).await
        })
        .await;
        let imported = imported.map_err(|error| CliError::failed("import", &error))?;
        output.print(&imported, survey_words)?;
        Ok(Ended::Well)
    }
}

fn survey_words(imported: &SurveyImport) -> String {
    let SurveyImport { survey, file, forms, answers, rejected, replaced, .. } = imported;
    let written =
        format!("survey {survey}: {forms} forms with {answers} answers written, {replaced} answers replaced");
    set_words(file, written, rejected)
}

/// What a campaign sent to whom, from a CSV or Parquet file, into a lake: one row for each message or offer. A campaign of
/// the same name is replaced.
#[derive(Debug, Args)]
pub(crate) struct ImportContacts {
    /// The file.
    #[arg(value_name = "PATH")]
    path: PathBuf,
    /// Which column tells what.
    #[arg(long, value_name = "FILE")]
    map: PathBuf,
    /// Where rows go that cannot be used: file, row, field, value, reason.
    #[arg(long, value_name = "FILE")]
    reject: Option<PathBuf>,
    #[command(flatten)]
    lake: LakeArgument,
}

impl ImportContacts {
    pub(crate) async fn run(self, output: Output) -> Result<Ended, CliError> {
        let (map, _) = read_map_of(&self.map, ContactMap::parse)?;
        let location = self.lake.location()?;
        let token = getrandom::u64().map_err(|cause| CliError::failed("random numbers", &cause))?;
        let imported = with_progress(&self.path, output, async |file, show| {
            import_contacts(&location, (&map, file), self.reject.as_deref(), token, show).await
        })
        .await;
        let imported = imported.map_err(|error| CliError::failed("import", &error))?;
        output.print(&imported, |imported| {
            let ContactImport { campaign, file, contacts, rejected, replaced } = imported;
            let written = format!("campaign {campaign}: {contacts} contacts written, {replaced} replaced");
            set_words(file, written, rejected)
        })?;
        Ok(Ended::Well)
    }
}

/// Imports a file of members, with a bar for reading and another for writing.
async fn with_progress<T>(
    path: &Path,
    output: Output,
    import: impl AsyncFnOnce(MemberFile<'_>, &mut (dyn FnMut(MemberFileProgress) + Send)) -> T,
) -> T {
    let bytes = std::fs::metadata(path).map_or(0, |found| found.len());
    let reading = Progress::new(output.is_json(), "reading", Unit::Bytes);
    let writing = Progress::new(output.is_json(), "writing rows", Unit::Items);
    let mut show = |progress| match progress {
        MemberFileProgress::Reading(done) => reading.set(done, bytes),
        MemberFileProgress::Writing(done, total) => writing.set(done, total),
    };
    let imported = import(MemberFile { path, sent: None }, &mut show).await;
    reading.end();
    writing.end();
    imported
}

/// What became of the rows of a survey or a campaign.
fn set_words(file: &FileReport, written: String, rejected: &BTreeMap<String, u64>) -> String {
    let all: u64 = rejected.values().sum();
    let mut lines = vec![
        format!("{}: {} rows", file.path.display(), file.rows),
        written,
        format!("rejected: {all} rows"),
    ];
    lines.extend(rejected.iter().map(|(reason, rows)| format!("  {reason}: {rows}")));
    lines.join("\n")
}

/// Imports into a lake, with a bar for reading and another for writing.
async fn into_lake(
    location: &LakeLocation,
    files: (&ImportMap, &[PathBuf]),
    options: &ImportOptions,
    output: Output,
) -> Result<Ended, CliError> {
    let reading = Progress::new(output.is_json(), "reading", Unit::Bytes);
    let writing = Progress::new(output.is_json(), "writing receipts", Unit::Items);
    let mut show = |progress: LakeImportProgress| match progress {
        LakeImportProgress::Reading(read) => reading.set(read.bytes_done, read.bytes_total),
        LakeImportProgress::Writing(done, total) => writing.set(done, total),
    };
    let token = getrandom::u64().map_err(|cause| CliError::failed("random numbers", &cause))?;
    let imported = import_into_lake(location, files, options, token, &mut show).await;
    reading.end();
    writing.end();
    let imported = imported.map_err(|error| CliError::failed("import", &error))?;
    output.print(&imported, |imported| {
        let mut lines = reading_words(&imported.read);
        let (written, before, members) = (imported.documents, imported.passed_over, imported.members);
        lines.push(format!("written: {written} documents of {members} members, {before} were there already"));
        lines.join("\n")
    })?;
    Ok(Ended::Well)
}

/// Reads an import map; with its text.
pub(crate) fn read_map(path: &Path) -> Result<(ImportMap, String), CliError> {
    read_map_of(path, ImportMap::parse)
}

fn read_map_of<M>(path: &Path, parse: fn(&str) -> Result<M, MapError>) -> Result<(M, String), CliError> {
    let text = super::text_file::read(path)?;
    let map = parse(&text).map_err(|error| CliError::Usage(format!("{}: {error}", path.display())))?;
    Ok((map, text))
}

/// Imports, with a bar for reading and another for recording.
pub(crate) async fn import_with_progress(
    engine: &Engine,
    import: &PurchaseImport,
    output: Output,
) -> Result<ImportOutcome, CliError> {
    let reading = Progress::new(output.is_json(), "reading", Unit::Bytes);
    let recording = Progress::new(output.is_json(), "recording receipts", Unit::Items);
    let mut show = |progress: ImportProgress| match progress {
        ImportProgress::Reading { bytes_done, bytes_total } => reading.set(bytes_done, bytes_total),
        ImportProgress::Recording { receipts_done, receipts_total } => {
            recording.set(receipts_done, receipts_total);
        }
        ImportProgress::Sweeping { accounts } => {
            recording.label("posting what is due");
            recording.set(accounts, accounts);
        }
    };
    let imported = engine.import_purchases(import, &mut show).await;
    reading.end();
    recording.end();
    Ok(imported?)
}

/// An import in words: every row and every document is in one of the numbers.
pub(crate) fn words(outcome: &ImportOutcome) -> String {
    let read = &outcome.read;
    let mut lines = reading_words(read);
    let documents = &outcome.documents;
    lines.push(format!(
        "documents: {} purchases, {} returns; {} recorded, {} known already, {} waiting, {} refused",
        read.purchases,
        read.returns,
        documents.recorded,
        documents.duplicates,
        documents.parked,
        documents.refusals()
    ));
    lines.extend(documents.refused.iter().map(|(code, count)| format!("  refused {code}: {count}")));
    if outcome.moved_weeks != 0 {
        lines.push(format!(
            "moved: every document by {} weeks (--keep-dates leaves them)",
            outcome.moved_weeks
        ));
    }
    if outcome.passed_over > 0 {
        lines.push(format!("passed over: {}, recorded by the run that was stopped", outcome.passed_over));
    }
    lines.push(format!("due since then: {}", super::expire_points::words(&outcome.due)));
    lines.join("\n")
}

/// What became of the rows of the files.
fn reading_words(read: &ImportReport) -> Vec<String> {
    let mut lines = vec![format!(
        "rows: {} read, {} lines of purchases, {} returns",
        read.rows, read.purchase_rows, read.return_rows
    )];
    for (what, counts) in
        [("excluded", &read.excluded), ("dropped", &read.dropped), ("rejected", &read.rejected)]
    {
        lines.extend(counts.iter().map(|(name, rows)| format!("  {what} {name}: {rows}")));
    }
    let matching = &read.matching;
    lines.push(format!(
        "return lines: {} matched, {} partly, {} without purchase",
        matching.matched, matching.partly_matched, matching.unmatched
    ));
    lines
}
