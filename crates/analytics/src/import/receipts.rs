//! Second pass: joins the parts of each receipt, sets duplicates aside, refuses receipts that cannot be whole,
//! and sorts what is left by business time. At one instant purchases come before returns.

use std::path::{Path, PathBuf};

use domain::document::{LINES_MAX, TEXT_LENGTH_MAX};
use domain::money::AMOUNT_MAX;

use super::bytes::{Reader, put_number, put_text, to_key};
use super::error::ImportError;
use super::intake::{Part, row_of_key};
use super::map::{DuplicatePolicy, ImportMap, Policy, RepeatedReference};
use super::reject::{Reason, Reject, RejectFile};
use super::report::{ImportReport, count};
use super::sort::{Sorted, Sorter};

/// Lines beyond which a receipt is refused without being held.
const LINES_HELD_MAX: usize = LINES_MAX * 64;
const HASH_BYTES: usize = 8;
const ROW_KEY_BYTES: usize = 12;

/// The receipts of an import, by business time.
pub(super) struct Receipts<'a> {
    pub(super) map: &'a ImportMap,
    pub(super) files: &'a [PathBuf],
    pub(super) spill_folder: &'a Path,
    pub(super) sorter: Sorter,
    pub(super) report: &'a mut ImportReport,
    pub(super) rejects: &'a mut RejectFile,
    /// How many were passed on.
    pub(super) passed_on: u64,
}

/// What the parts of a receipt say together.
#[derive(Default)]
struct Group {
    reference: String,
    member: String,
    currency: String,
    store: String,
    channel: String,
    occurred_at: i64,
    place: (usize, u64),
    rows: u64,
    is_broken: bool,
    disagreement: Option<(&'static str, String)>,
    lines: Vec<u8>,
    /// Start and end of each line.
    spans: Vec<(usize, usize)>,
    is_overfull: bool,
    buffer: Vec<u8>,
    key: Vec<u8>,
}

impl Receipts<'_> {
    /// Reads all parts, in the order of their references, and returns the receipts in business-time order.
    pub(super) fn build(mut self, mut parts: Sorted) -> Result<(Sorted, u64), ImportError> {
        let folder = self.spill_folder;
        let spill = |source| ImportError::Spill { folder: folder.to_owned(), source };
        let is_numbered = self.map.reference.repeated == RepeatedReference::Number;
        let mut group = Group::default();
        let mut last_reference: Vec<u8> = Vec::new();
        let mut last_content: Vec<u8> = Vec::new();
        let mut number = 0_u64;
        while let Some((reference, bytes)) = parts.next().map_err(spill)? {
            let part = Part::read(bytes).ok_or_else(|| spill(std::io::ErrorKind::InvalidData.into()))?;
            let is_same = group.has_parts() && reference == last_reference;
            if is_numbered {
                if is_same && part.content == last_content && self.set_aside(&part)? {
                    continue;
                }
                last_content.clear();
                last_content.extend_from_slice(part.content);
            }
            if !is_same || is_numbered {
                self.finish(&mut group)?;
                number = if is_same { number + 1 } else { 1 };
                let reference = String::from_utf8_lossy(reference);
                group.reference =
                    if number == 1 { reference.into_owned() } else { format!("{reference}-{number}") };
            }
            if !is_same {
                last_reference.clear();
                last_reference.extend_from_slice(reference);
            }
            group.add(&part);
        }
        self.finish(&mut group)?;
        Ok((self.sorter.finish().map_err(spill)?, self.passed_on))
    }

    /// A wide row equal to the one before; false if the map keeps such rows.
    fn set_aside(&mut self, part: &Part<'_>) -> Result<bool, ImportError> {
        match self.map.duplicates {
            DuplicatePolicy::Keep => return Ok(false),
            DuplicatePolicy::Drop => count(&mut self.report.dropped, "duplicate", part.rows),
            DuplicatePolicy::Reject => {
                self.reject((part.file, part.row), part.rows, "row", "", Reason::Duplicate)?;
            }
        }
        Ok(true)
    }

    fn reject(
        &mut self,
        (file, row): (usize, u64),
        rows: u64,
        field: &str,
        value: &str,
        reason: Reason,
    ) -> Result<(), ImportError> {
        count(&mut self.report.rejected, reason.name(), rows);
        let file = self.files.get(file).map_or(Path::new(""), PathBuf::as_path);
        self.rejects.write(&Reject { file, row, field, value, reason })
    }

    /// Passes a receipt on, or says why not.
    fn finish(&mut self, group: &mut Group) -> Result<(), ImportError> {
        if group.rows > 0 {
            match group.refusal() {
                Some((field, value, reason)) => {
                    self.reject(group.place, group.rows, field, &value, reason)?;
                }
                None if group.member.is_empty() => self.without_member(group)?,
                None => self.pass_on(group)?,
            }
        }
        group.clear();
        Ok(())
    }

    fn without_member(&mut self, group: &Group) -> Result<(), ImportError> {
        self.report.receipts_without_member += 1;
        match self.map.member.missing {
            Policy::Drop => count(&mut self.report.dropped, "missing_member", group.rows),
            Policy::Reject => {
                self.reject(group.place, group.rows, "reference", &group.reference, Reason::MissingMember)?;
            }
        }
        Ok(())
    }

    fn pass_on(&mut self, group: &mut Group) -> Result<(), ImportError> {
        group.sort_lines();
        self.set_duplicates_aside(group)?;
        let rows = group.rows_of(&group.spans);
        if group.spans.len() > LINES_MAX {
            return self.reject(group.place, rows, "reference", &group.reference, Reason::TooManyLines);
        }
        let purchases = group.spans.partition_point(|(start, _)| group.lines.get(*start) == Some(&0));
        let (bought, returned) = group.spans.split_at(purchases);
        let (bought, returned) = (bought.to_vec(), returned.to_vec());
        let is_mixed = !bought.is_empty() && !returned.is_empty();
        let return_reference =
            if is_mixed { format!("{}/return", group.reference) } else { group.reference.clone() };
        if return_reference.len() > TEXT_LENGTH_MAX {
            return self.reject(group.place, rows, "reference", &group.reference, Reason::BadText);
        }
        if group.total(&bought).is_none() || group.total(&returned).is_none() {
            return self.reject(group.place, rows, "reference", &group.reference, Reason::AmountTooLarge);
        }
        self.report.purchase_rows += group.rows_of(&bought);
        self.report.return_rows += group.rows_of(&returned);
        let reference = group.reference.clone();
        self.push(group, 0, &reference, &bought)?;
        self.push(group, 1, &return_reference, &returned)
    }

    fn set_duplicates_aside(&mut self, group: &mut Group) -> Result<(), ImportError> {
        let trailer = match self.map.duplicates {
            DuplicatePolicy::Keep => return Ok(()),
            DuplicatePolicy::Drop => 0,
            DuplicatePolicy::Reject => ROW_KEY_BYTES,
        };
        let mut kept: Vec<(usize, usize)> = Vec::with_capacity(group.spans.len());
        for span in std::mem::take(&mut group.spans) {
            let content = |(start, end): (usize, usize)| group.lines.get(start..end - trailer);
            if kept.last().is_none_or(|last| content(*last) != content(span)) {
                kept.push(span);
                continue;
            }
            let begins_row = content(span).and_then(|line| line.get(line.len() - HASH_BYTES - 1)) == Some(&1);
            let place = group.lines.get(span.1 - trailer..span.1).and_then(row_of_key);
            match place {
                _ if !begins_row => {}
                Some(place) => self.reject(place, 1, "row", &group.reference, Reason::Duplicate)?,
                None => count(&mut self.report.dropped, "duplicate", 1),
            }
        }
        group.spans = kept;
        Ok(())
    }

    fn push(
        &mut self,
        group: &mut Group,
        kind: u8,
        reference: &str,
        spans: &[(usize, usize)],
    ) -> Result<(), ImportError> {
        if spans.is_empty() {
            return Ok(());
        }
        self.passed_on += 1;
        let at = group.occurred_at;
        self.report.first_at = Some(self.report.first_at.map_or(at, |first| first.min(at)));
        self.report.last_at = self.report.last_at.max(Some(at));
        let (key, out) = (&mut group.key, &mut group.buffer);
        key.clear();
        key.extend_from_slice(&to_key(group.occurred_at));
        key.push(kind);
        key.extend_from_slice(reference.as_bytes());
        out.clear();
        for text in [&group.member, &group.currency, &group.store, &group.channel] {
            put_text(out, text);
        }
        put_number(out, group.place.0 as u64);
        put_number(out, group.place.1);
        for (start, end) in spans {
            let line = group.lines.get(*start..*end).unwrap_or_default();
            out.extend_from_slice(&u32::try_from(line.len()).unwrap_or(u32::MAX).to_le_bytes());
            out.extend_from_slice(line);
        }
        let folder = self.spill_folder;
        self.sorter.push(key, out).map_err(|source| ImportError::Spill { folder: folder.to_owned(), source })
    }
}

impl Group {
    fn has_parts(&self) -> bool {
        self.rows > 0 || self.is_broken
    }

    fn add(&mut self, part: &Part<'_>) {
        let is_first = self.rows == 0;
        if part.is_broken {
            self.is_broken = true;
            return;
        }
        self.rows += part.rows;
        let place = (part.file, part.row);
        if is_first {
            (self.occurred_at, self.place) = (part.occurred_at, place);
        }
        // Clerks take minutes over long receipts: the receipt began with its first row.
        self.occurred_at = self.occurred_at.min(part.occurred_at);
        self.place = self.place.min(place);
        let texts = [
            ("member", &mut self.member, part.member),
            ("currency", &mut self.currency, part.currency),
            ("purchase.store", &mut self.store, part.store),
            ("purchase.channel", &mut self.channel, part.channel),
        ];
        for (field, known, said) in texts {
            if known.is_empty() {
                known.push_str(said);
            } else if !said.is_empty() && known != said && self.disagreement.is_none() {
                self.disagreement = Some((field, format!("{known} / {said}")));
            }
        }
        self.is_overfull |= self.spans.len() > LINES_HELD_MAX;
        if !self.is_overfull {
            self.add_lines(part.lines);
        }
    }

    fn add_lines(&mut self, lines: &[u8]) {
        let base = self.lines.len();
        self.lines.extend_from_slice(lines);
        let mut reader = Reader::new(lines);
        while let Some(line) = reader.block() {
            let end = base + lines.len() - reader.len();
            self.spans.push((end - line.len(), end));
        }
    }

    fn refusal(&self) -> Option<(&'static str, String, Reason)> {
        if let Some((field, value)) = &self.disagreement {
            return Some((field, value.clone(), Reason::ReceiptDisagrees));
        }
        if self.is_broken {
            return Some(("reference", self.reference.clone(), Reason::ReceiptIncomplete));
        }
        self.is_overfull.then(|| ("reference", self.reference.clone(), Reason::TooManyLines))
    }

    /// Puts the lines in an order that does not depend on their place in the file.
    fn sort_lines(&mut self) {
        let lines = &self.lines;
        self.spans.sort_unstable_by(|a, b| lines.get(a.0..a.1).cmp(&lines.get(b.0..b.1)));
    }

    /// Rows that begin with one of these lines.
    fn rows_of(&self, spans: &[(usize, usize)]) -> u64 {
        let begins = |span: &&(usize, usize)| {
            let mut reader = Reader::new(self.lines.get(span.0..span.1).unwrap_or_default());
            reader.line().is_some()
                && reader.tags().is_some()
                && reader.payments().is_some()
                && reader.byte() == Some(1)
        };
        spans.iter().filter(begins).count() as u64
    }

    /// The sum of the sizes of these lines' amounts, if it is one.
    fn total(&self, spans: &[(usize, usize)]) -> Option<i64> {
        let amounts = spans.iter().map(|(start, end)| Reader::new(self.lines.get(*start..*end)?).line());
        let total = amounts
            .map(|line| line.map(|line| line.amount))
            .try_fold(0_i64, |sum, amount| sum.checked_add(amount?.abs()));
        total.filter(|total| *total <= AMOUNT_MAX)
    }

    fn clear(&mut self) {
        for text in
            [&mut self.reference, &mut self.member, &mut self.currency, &mut self.store, &mut self.channel]
        {
            text.clear();
        }
        self.lines.clear();
        self.spans.clear();
        self.rows = 0;
        (self.is_broken, self.is_overfull, self.disagreement) = (false, false, None);
    }
}
