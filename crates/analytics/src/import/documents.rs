//! The import as its caller sees it: opened on files and a map, then asked for one document after the other.

use std::collections::{BTreeMap, VecDeque};
use std::path::{Path, PathBuf};

use domain::document::{DocumentKey, Payment, Purchase, PurchaseLine, Return, TEXT_LENGTH_MAX};
use domain::member::Identifier;
use domain::money::Currency;
use jiff::Timestamp;
use sha2::{Digest, Sha256};

use super::bytes::{Line, Reader, from_key};
use super::draft::RowReader;
use super::error::ImportError;
use super::input::{Input, read_file};
use super::intake::Intake;
use super::join::JoinTable;
use super::map::{ImportMap, Policy};
use super::moment::Clock;
use super::plan::wanted_columns;
use super::receipts::Receipts;
use super::reject::{Reason, Reject, RejectFile, RejectedRow};
use super::report::{ImportReport, count};
use super::returns::{Match, Matcher, Wanted};
use super::sort::{Sorted, Sorter};

/// How an import works, beside what it reads.
#[derive(Debug, Clone)]
pub struct ImportOptions {
    /// Memory for sorting; joined files and waiting returns come on top, each with its own limit.
    pub memory_bytes: usize,
    /// Where sorted runs go that outgrow it. The files have no names and vanish with the process.
    pub spill_folder: PathBuf,
    /// Where rejected rows go; without it they are only counted.
    pub reject_file: Option<PathBuf>,
}

/// How far reading is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReadProgress {
    /// Bytes read of all files.
    pub bytes_done: u64,
    /// Bytes of all files.
    pub bytes_total: u64,
}

/// A document and who it belongs to. Two are equal when they say the same at the same position, wherever in the
/// files they stood: the order of rows changes nothing else.
#[derive(Debug, Clone)]
pub struct ImportedDocument {
    /// Its place in the import, from 0: the same for the same files and map, however often they are read.
    pub position: u64,
    /// Where it begins in the files.
    pub place: Place,
    /// The member.
    pub member: Identifier,
    /// The currency of its amounts; a return has that of its purchase.
    pub currency: Currency,
    /// The document.
    pub document: Document,
}

impl PartialEq for ImportedDocument {
    fn eq(&self, other: &Self) -> bool {
        self.position == other.position && self.member == other.member && self.document == other.document
    }
}

impl Eq for ImportedDocument {}

/// The first row of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    file: usize,
    row: u64,
}

/// What an import gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Document {
    /// A sale.
    Purchase(Purchase),
    /// Something given back for an earlier sale of the same import.
    Return(Return),
}

/// An import in progress: an iterator of documents in business-time order.
pub struct Import {
    map: ImportMap,
    files: Vec<PathBuf>,
    spill_folder: PathBuf,
    fingerprint: String,
    sorted: Sorted,
    receipts_done: u64,
    receipts_total: u64,
    matcher: Option<Matcher>,
    ready: VecDeque<Ready>,
    position: u64,
    report: ImportReport,
    rejects: RejectFile,
    has_ended: bool,
}

/// A document that has yet to be given out.
type Ready = (Place, Identifier, Currency, Document);

/// A receipt from the sorter.
struct Receipt<'a> {
    reference: &'a str,
    is_return: bool,
    occurred_at: i64,
    member: &'a str,
    currency: &'a str,
    store: &'a str,
    channel: &'a str,
    file: usize,
    row: u64,
    lines: Reader<'a>,
}

impl Default for ImportOptions {
    fn default() -> Self {
        Self { memory_bytes: 128 << 20, spill_folder: std::env::temp_dir(), reject_file: None }
    }
}

impl Import {
    /// Reads the files, which can take a while, and stands before the first document.
    pub fn open(
        map: &ImportMap,
        paths: &[PathBuf],
        options: &ImportOptions,
        progress: &mut dyn FnMut(ReadProgress),
    ) -> Result<Self, ImportError> {
        let files = resolve(map, paths)?;
        let bytes_total = files.iter().filter_map(|path| path.metadata().ok()).map(|data| data.len()).sum();
        let bytes_before = std::cell::Cell::new(0);
        let mut report_bytes =
            |bytes: u64| progress(ReadProgress { bytes_done: bytes_before.get() + bytes, bytes_total });
        let mut hasher = Sha256::new();
        // The map without its comments and its order of fields.
        hasher.update(format!("{map:?}"));
        let joins = read_joins(map, &files, &mut hasher)?;
        let reader = RowReader::new(map, clock(map)?, joins);
        let folder = options.spill_folder.as_path();
        let share = options.memory_bytes / 2;
        let rejects = RejectFile::create(options.reject_file.as_deref())?;
        let mut intake =
            Intake::new(map, reader, Sorter::new(folder, share), folder, rejects, &mut report_bytes);
        let wanted = wanted_columns(map);
        for (position, path) in files.iter().enumerate() {
            intake.begin_file(position, path);
            let mut input = Input { path, sent: None, map: &map.file, wanted: &wanted, hasher: &mut hasher };
            let file = read_file(&mut input, &mut intake)?;
            intake.end_file()?;
            bytes_before.set(bytes_before.get() + file.bytes);
            intake.report.rows += file.rows;
            intake.report.files.push(file);
        }
        let Intake { sorter, mut report, mut rejects, .. } = intake;
        let spill = |source| ImportError::Spill { folder: folder.to_owned(), source };
        let by_reference = sorter.finish().map_err(spill)?;
        let collector = Receipts {
            map,
            files: &files,
            spill_folder: folder,
            sorter: Sorter::new(folder, share),
            report: &mut report,
            rejects: &mut rejects,
            passed_on: 0,
        };
        let (by_time, receipts_total) = collector.build(by_reference)?;
        Ok(Self {
            matcher: map.returns.as_ref().map(Matcher::new),
            map: map.clone(),
            spill_folder: folder.to_owned(),
            fingerprint: hexadecimal(&hasher.finalize()),
            files,
            sorted: by_time,
            receipts_done: 0,
            receipts_total,
            ready: VecDeque::new(),
            position: 0,
            report,
            rejects,
            has_ended: false,
        })
    }

    /// Names the content of the files and the meaning of the map: an import with the same fingerprint gives the
    /// same documents at the same positions.
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// Receipts passed so far, and all of them.
    pub fn receipts(&self) -> (u64, u64) {
        (self.receipts_done, self.receipts_total)
    }

    /// What became of the rows; complete once the last document was given.
    pub fn report(&self) -> &ImportReport {
        &self.report
    }

    /// Writes a document that the ledger refused to the reject file, beside the rows that could not be read.
    pub fn reject(
        &mut self,
        place: Place,
        field: &str,
        value: &str,
        (reason, sentence): (&str, &str),
    ) -> Result<(), ImportError> {
        let file = self.files.get(place.file).map_or(Path::new(""), PathBuf::as_path);
        self.rejects.write_row(file, place.row, [field, value, reason, sentence])?;
        self.rejects.flush()
    }

    /// Rejected rows since the last time this was asked, the first ten thousand of the import.
    pub fn take_rejects(&mut self) -> Vec<RejectedRow> {
        self.rejects.take_kept()
    }

    /// The next document, or the end.
    fn advance(&mut self) -> Result<Option<ImportedDocument>, ImportError> {
        loop {
            if let Some((place, member, currency, document)) = self.ready.pop_front() {
                let position = self.position;
                self.position += 1;
                return Ok(Some(ImportedDocument { position, place, member, currency, document }));
            }
            if !self.read_receipt()? {
                self.rejects.flush()?;
                return Ok(None);
            }
        }
    }

    fn read_receipt(&mut self) -> Result<bool, ImportError> {
        let folder = &self.spill_folder;
        let spill = |source| ImportError::Spill { folder: folder.clone(), source };
        let Some((key, value)) = self.sorted.next().map_err(spill)? else { return Ok(false) };
        let damaged = || spill(std::io::ErrorKind::InvalidData.into());
        let receipt = Receipt::read(key, value).ok_or_else(damaged)?;
        self.receipts_done += 1;
        if receipt.is_return {
            let mut returning = Returning {
                map: &self.map,
                files: &self.files,
                report: &mut self.report,
                rejects: &mut self.rejects,
                ready: &mut self.ready,
            };
            let Some(matcher) = &mut self.matcher else { return Ok(true) };
            returning.take(matcher, &receipt)?;
        } else {
            let purchase = receipt.purchase(&self.map.source).ok_or_else(damaged)?;
            if let Some(matcher) = &mut self.matcher {
                let lines = purchase.lines.iter().map(|line| (line.sku.as_str(), line.amount));
                matcher.add(
                    (receipt.member, receipt.reference, receipt.currency),
                    receipt.occurred_at,
                    lines,
                );
                self.report.matching.forgotten_lines = matcher.forgotten_lines;
            }
            self.report.purchases += 1;
            self.report.lines += purchase.lines.len() as u64;
            count(&mut self.report.purchase_value, receipt.currency, purchase.total().unwrap_or(0));
            let member = Identifier { kind: self.map.member.kind, value: receipt.member.to_owned() };
            let currency = purchase.currency;
            self.ready.push_back((receipt.place(), member, currency, Document::Purchase(purchase)));
        }
        Ok(true)
    }
}

impl Iterator for Import {
    type Item = Result<ImportedDocument, ImportError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.has_ended {
            return None;
        }
        let next = self.advance().transpose();
        self.has_ended = !matches!(next, Some(Ok(_)));
        next
    }
}

impl<'a> Receipt<'a> {
    fn read(key: &'a [u8], value: &'a [u8]) -> Option<Self> {
        let (instant, rest) = key.split_at_checked(8)?;
        let (kind, reference) = rest.split_first()?;
        let mut reader = Reader::new(value);
        Some(Self {
            reference: std::str::from_utf8(reference).ok()?,
            is_return: *kind == 1,
            occurred_at: from_key(instant)?,
            member: reader.text()?,
            currency: reader.text()?,
            store: reader.text()?,
            channel: reader.text()?,
            file: usize::try_from(reader.number()?).ok()?,
            row: reader.number()?,
            lines: reader,
        })
    }

    fn place(&self) -> Place {
        Place { file: self.file, row: self.row }
    }

    fn purchase(&self, source: &str) -> Option<Purchase> {
        let optional = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let mut lines = Vec::new();
        let mut payments: BTreeMap<&str, i64> = BTreeMap::new();
        let mut reader = self.lines.clone();
        while let Some(block) = reader.block() {
            let mut inner = Reader::new(block);
            let line = inner.line()?;
            let tags = inner.tags()?;
            for (method, amount) in inner.payments()? {
                *payments.entry(method).or_default() += amount;
            }
            lines.push(purchase_line(&line, tags));
        }
        Some(Purchase {
            key: DocumentKey { source: source.to_owned(), reference: self.reference.to_owned() },
            occurred_at: Timestamp::from_microsecond(self.occurred_at).ok()?,
            currency: Currency::new(self.currency).ok()?,
            store: optional(self.store),
            channel: optional(self.channel),
            vouchers: Vec::new(),
            payments: payments
                .into_iter()
                .map(|(method, amount)| Payment {
                    method: method.to_owned(),
                    amount,
                    points: None,
                    stored_value: None,
                })
                .collect(),
            lines,
        })
    }
}

fn purchase_line(line: &Line<'_>, tags: Vec<String>) -> PurchaseLine {
    PurchaseLine {
        sku: line.sku.to_owned(),
        category: line.category.to_owned(),
        brand: line.brand.to_owned(),
        quantity_milli: line.quantity_milli,
        amount: line.amount,
        tax: line.tax,
        tags,
    }
}

/// Turns a return receipt into one return for each purchase it gives back from.
struct Returning<'a> {
    map: &'a ImportMap,
    files: &'a [PathBuf],
    report: &'a mut ImportReport,
    rejects: &'a mut RejectFile,
    ready: &'a mut VecDeque<Ready>,
}

impl Returning<'_> {
    fn take(&mut self, matcher: &mut Matcher, receipt: &Receipt<'_>) -> Result<(), ImportError> {
        let mut by_purchase = BTreeMap::new();
        let mut reader = receipt.lines.clone();
        while let Some(line) = reader.block().and_then(|block| Reader::new(block).line()) {
            let owner = if matcher.by_member() { receipt.member } else { line.purchase };
            let wanted = Wanted { owner, sku: line.sku, currency: receipt.currency, amount: line.amount };
            let missing = matcher.take(wanted, receipt.occurred_at, &mut by_purchase);
            self.count_line(receipt, &line, missing)?;
        }
        // A return that names its one purchase keeps its own number; one that was matched by a rule is a part.
        let is_whole = !matcher.by_member() && by_purchase.len() == 1;
        for found in by_purchase.into_values() {
            self.give(receipt, found, is_whole)?;
        }
        Ok(())
    }

    fn count_line(
        &mut self,
        receipt: &Receipt<'_>,
        line: &Line<'_>,
        missing: i64,
    ) -> Result<(), ImportError> {
        let counts = &mut self.report.matching;
        match missing {
            0 => counts.matched += 1,
            missing if missing < line.amount => counts.partly_matched += 1,
            _ => counts.unmatched += 1,
        }
        if missing == 0 {
            return Ok(());
        }
        count(&mut counts.unmatched_value, receipt.currency, missing);
        if self.map.returns.as_ref().is_none_or(|returns| returns.unmatched == Policy::Drop) {
            return Ok(());
        }
        let value = format!("{}: {missing} of {} {}", line.sku, line.amount, receipt.currency);
        self.write_reject(receipt, "returns", &value, Reason::ReturnUnmatched)
    }

    fn give(&mut self, receipt: &Receipt<'_>, mut found: Match, is_whole: bool) -> Result<(), ImportError> {
        let source = &self.map.source;
        let reference = if is_whole {
            receipt.reference.to_owned()
        } else {
            format!("{}/{}", receipt.reference, found.purchase)
        };
        if reference.len() > TEXT_LENGTH_MAX {
            return self.write_reject(receipt, "reference", &reference, Reason::BadText);
        }
        let Ok(currency) = Currency::new(receipt.currency) else {
            return self.write_reject(receipt, "currency", receipt.currency, Reason::BadText);
        };
        found.lines.sort_unstable_by_key(|line| line.line);
        let value: i64 = found.lines.iter().map(|line| line.amount).sum();
        self.report.returns += 1;
        count(&mut self.report.return_value, receipt.currency, value);
        let document = Return {
            key: DocumentKey { source: source.clone(), reference },
            purchase: DocumentKey { source: source.clone(), reference: found.purchase },
            occurred_at: Timestamp::from_microsecond(receipt.occurred_at).unwrap_or_default(),
            lines: found.lines,
        };
        let member = Identifier { kind: self.map.member.kind, value: receipt.member.to_owned() };
        self.ready.push_back((receipt.place(), member, currency, Document::Return(document)));
        Ok(())
    }

    fn write_reject(
        &mut self,
        receipt: &Receipt<'_>,
        field: &str,
        value: &str,
        reason: Reason,
    ) -> Result<(), ImportError> {
        let file = self.files.get(receipt.file).map_or(Path::new(""), PathBuf::as_path);
        self.rejects.write(&Reject { file, row: receipt.row, field, value, reason })
    }
}

/// Maps that were read from text have been checked; one that was built by hand may name no zone.
fn clock(map: &ImportMap) -> Result<Clock, ImportError> {
    Clock::new("occurred_at", &map.time_zone, &map.occurred_at).map_err(ImportError::from_clock)
}

fn hexadecimal(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Folders stand for the file in them that the map names.
fn resolve(map: &ImportMap, paths: &[PathBuf]) -> Result<Vec<PathBuf>, ImportError> {
    if paths.is_empty() {
        return Err(ImportError::NoFile);
    }
    let resolved = paths.iter().map(|path| match (&map.file.name, path.is_dir()) {
        (_, false) => Ok(path.clone()),
        (Some(name), true) => Ok(path.join(name)),
        (None, true) => Err(ImportError::Folder { path: path.clone() }),
    });
    resolved.collect()
}

fn read_joins(
    map: &ImportMap,
    files: &[PathBuf],
    hasher: &mut Sha256,
) -> Result<Vec<JoinTable>, ImportError> {
    let folder = files.first().and_then(|path| path.parent()).unwrap_or(Path::new(""));
    map.join.iter().map(|join| JoinTable::read(join, folder, hasher)).collect()
}
