//! First pass: reads the rows of all files and sorts their receipts' parts by reference, so that the lines of a
//! receipt come together wherever they stand.

use std::path::Path;

use super::bytes::{Reader, from_key, put_number, put_text, to_key};
use super::cell::Row;
use super::draft::{Draft, Outcome, RowProblem, RowReader};
use super::error::ImportError;
use super::input::RowVisitor;
use super::map::{DuplicatePolicy, ImportMap, RepeatedReference};
use super::plan::Plan;
use super::reject::{Reason, Reject, RejectFile};
use super::report::{ImportReport, count};
use super::sort::Sorter;

/// A part of a receipt is written out when it has grown to this, however many rows follow.
const PART_BYTES_MAX: usize = 1 << 18;

/// A part of a receipt: rows that follow each other and agree.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Part<'a> {
    pub(super) occurred_at: i64,
    pub(super) member: &'a str,
    pub(super) currency: &'a str,
    pub(super) store: &'a str,
    pub(super) channel: &'a str,
    pub(super) rows: u64,
    /// Whether a row of the receipt was rejected.
    pub(super) is_broken: bool,
    /// Lines, each behind its length in four bytes.
    pub(super) lines: &'a [u8],
    /// All of the above as bytes: equal for parts with equal content.
    pub(super) content: &'a [u8],
    pub(super) file: usize,
    pub(super) row: u64,
}

impl<'a> Part<'a> {
    /// Reads a part from the sorter.
    pub(super) fn read(bytes: &'a [u8]) -> Option<Self> {
        let mut reader = Reader::new(bytes);
        let part = Self {
            occurred_at: from_key(reader.take(8)?)?,
            member: reader.text()?,
            currency: reader.text()?,
            store: reader.text()?,
            channel: reader.text()?,
            rows: reader.number()?,
            is_broken: reader.byte()? == 1,
            lines: reader.block()?,
            content: &[],
            file: 0,
            row: 0,
        };
        let mut place = reader.clone();
        let content = bytes.get(..bytes.len() - reader.len())?;
        Some(Self { content, file: usize::try_from(place.number()?).ok()?, row: place.number()?, ..part })
    }
}

/// Takes the rows of one file after the other.
pub(super) struct Intake<'a> {
    pub(super) map: &'a ImportMap,
    pub(super) reader: RowReader<'a>,
    pub(super) sorter: Sorter,
    pub(super) spill_folder: &'a Path,
    pub(super) rejects: RejectFile,
    pub(super) report: ImportReport,
    pub(super) progress: &'a mut dyn FnMut(u64),
    path: &'a Path,
    file: usize,
    plan: Option<Plan>,
    /// The row that was just read.
    draft: Draft,
    /// The part that grows while rows follow that belong to it.
    open: Draft,
    open_rows: u64,
    open_row: u64,
    excluded: Vec<u64>,
    buffer: Vec<u8>,
}

impl<'a> Intake<'a> {
    pub(super) fn new(
        map: &'a ImportMap,
        reader: RowReader<'a>,
        sorter: Sorter,
        spill_folder: &'a Path,
        rejects: RejectFile,
        progress: &'a mut dyn FnMut(u64),
    ) -> Self {
        Self {
            map,
            reader,
            sorter,
            spill_folder,
            rejects,
            report: ImportReport::default(),
            progress,
            path: Path::new(""),
            file: 0,
            plan: None,
            draft: Draft::default(),
            open: Draft::default(),
            open_rows: 0,
            open_row: 0,
            excluded: vec![0; map.exclude.len()],
            buffer: Vec::new(),
        }
    }

    /// Is told which file comes next.
    pub(super) fn begin_file(&mut self, file: usize, path: &'a Path) {
        (self.file, self.path) = (file, path);
    }

    /// Is told that a file has ended.
    pub(super) fn end_file(&mut self) -> Result<(), ImportError> {
        self.close_part()?;
        for (condition, rows) in self.map.exclude.iter().zip(&mut self.excluded) {
            count(&mut self.report.excluded, &condition.name, std::mem::take(rows));
        }
        Ok(())
    }

    fn reject(&mut self, row: u64, (field, value, reason): &RowProblem) -> Result<(), ImportError> {
        count(&mut self.report.rejected, reason.name(), 1);
        self.rejects.write(&Reject { file: self.path, row, field, value, reason: *reason })
    }

    /// Adds the row that was just read to the open part, or begins a new one.
    fn add_row(&mut self, number: u64) -> Result<(), ImportError> {
        let (draft, open) = (&self.draft, &self.open);
        let belongs = self.open_rows > 0
            && self.map.reference.repeated == RepeatedReference::Together
            && draft.reference == open.reference
            && draft.occurred_at == open.occurred_at
            && draft.member == open.member
            && draft.store == open.store
            && draft.channel == open.channel
            && draft.currency == open.currency
            && open.lines.len() < PART_BYTES_MAX;
        if belongs {
            self.open.lines.extend_from_slice(&self.draft.lines);
            self.open_rows += 1;
            return Ok(());
        }
        self.close_part()?;
        std::mem::swap(&mut self.open, &mut self.draft);
        (self.open_rows, self.open_row) = (1, number);
        Ok(())
    }

    fn close_part(&mut self) -> Result<(), ImportError> {
        if self.open_rows == 0 {
            return Ok(());
        }
        let rows = std::mem::take(&mut self.open_rows);
        let row = self.open_row;
        let open = std::mem::take(&mut self.open);
        let pushed = self.push_part(&open, rows, false, row);
        self.open = open;
        pushed
    }

    fn push_part(&mut self, draft: &Draft, rows: u64, is_broken: bool, row: u64) -> Result<(), ImportError> {
        let out = &mut self.buffer;
        out.clear();
        out.extend_from_slice(&to_key(draft.occurred_at));
        for text in [&draft.member, &draft.currency, &draft.store, &draft.channel] {
            put_text(out, text);
        }
        put_number(out, rows);
        out.push(u8::from(is_broken));
        out.extend_from_slice(&u32::try_from(draft.lines.len()).unwrap_or(u32::MAX).to_le_bytes());
        out.extend_from_slice(&draft.lines);
        put_number(out, self.file as u64);
        put_number(out, row);
        let pushed = self.sorter.push(draft.reference.as_bytes(), out);
        pushed.map_err(|source| ImportError::Spill { folder: self.spill_folder.to_owned(), source })
    }
}

impl RowVisitor for Intake<'_> {
    fn columns(&mut self, path: &Path, names: &[String]) -> Result<Option<Vec<usize>>, ImportError> {
        let plan = Plan::new(self.map, path, names)?;
        // Rows can only be told to be equal in every column if every column is read.
        let used = (self.map.duplicates == DuplicatePolicy::Keep).then(|| plan.columns());
        self.plan = Some(plan);
        Ok(used)
    }

    fn row<R: Row>(&mut self, number: u64, row: &R) -> Result<(), ImportError> {
        let Some(plan) = &self.plan else { return Ok(()) };
        let row_key = row_key(self.file, number);
        match self.reader.read(plan, row, row_key, &mut self.draft) {
            Ok(Outcome::Read) => self.add_row(number),
            Ok(Outcome::Excluded(position)) => {
                if let Some(rows) = self.excluded.get_mut(position) {
                    *rows += 1;
                }
                Ok(())
            }
            Ok(Outcome::Worthless) => {
                count(&mut self.report.dropped, "no_value", 1);
                Ok(())
            }
            Err(problem) => {
                self.reject(number, &problem)?;
                if self.draft.reference.is_empty() {
                    return Ok(());
                }
                // The receipt must not be imported without this row.
                let reference = std::mem::take(&mut self.draft.reference);
                let broken = Draft { reference, ..Draft::default() };
                self.push_part(&broken, 0, true, number)
            }
        }
    }

    fn broken_row(&mut self, number: u64, fields: usize) -> Result<(), ImportError> {
        self.reject(number, &("row", format!("{fields} fields"), Reason::FieldCount))
    }

    fn progress(&mut self, bytes: u64) {
        (self.progress)(bytes);
    }
}

/// The place of a row as bytes that sort like it.
fn row_key(file: usize, number: u64) -> [u8; 12] {
    let mut key = [0; 12];
    key[..4].copy_from_slice(&u32::try_from(file).unwrap_or(u32::MAX).to_be_bytes());
    key[4..].copy_from_slice(&number.to_be_bytes());
    key
}

/// The place that such bytes stand for.
pub(super) fn row_of_key(key: &[u8]) -> Option<(usize, u64)> {
    let (file, number) = key.split_at_checked(4)?;
    let file = u32::from_be_bytes(file.try_into().ok()?);
    Some((usize::try_from(file).ok()?, u64::from_be_bytes(number.try_into().ok()?)))
}
