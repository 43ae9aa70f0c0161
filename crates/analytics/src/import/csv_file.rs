//! Text files: any delimiter, UTF-8 with or without byte order mark, GBK, plain or gzip.

use std::cell::RefCell;
use std::hash::{DefaultHasher, Hasher};
use std::io::{self, Cursor, Read};
use std::path::Path;

use csv::ByteRecord;

use super::cell::{Cell, Row};
use super::error::ImportError;
use super::input::{Meter, RowVisitor};
use super::map::{FileEncoding, FileMap};
use super::report::FileReport;
use super::transcode::Transcoder;

/// What is looked at to find out encoding and delimiter.
const SAMPLE_BYTES: u64 = 1 << 16;
/// Rows between two reports of progress.
const PROGRESS_ROWS: u64 = 1 << 13;
const UTF8_MARK: &[u8] = b"\xEF\xBB\xBF";

struct CsvRow<'a> {
    record: &'a ByteRecord,
    /// All fields as one text, checked once for the whole row; nothing where some field is no text.
    text: Option<&'a str>,
}

impl<'a> CsvRow<'a> {
    fn new(record: &'a ByteRecord) -> Self {
        // The replacement character stands where a decoder met bytes that are no text.
        let text = std::str::from_utf8(record.as_slice()).ok().filter(|text| !text.contains('\u{FFFD}'));
        Self { record, text }
    }
}

impl Row for CsvRow<'_> {
    fn cell(&self, column: usize) -> Cell<'_> {
        // A field that begins or ends inside a character of the joined text is no text by itself.
        let field = self.text.zip(self.record.range(column)).and_then(|(text, range)| text.get(range));
        match field {
            Some(field) => Cell::from_text(field),
            None => Cell::from_bytes(self.record.get(column).unwrap_or_default()),
        }
    }

    fn content_hash(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        hasher.write(self.record.as_slice());
        // The fields' lengths, so that "ab","c" differs from "a","bc".
        let lengths =
            self.record.iter().fold(0, |sum: usize, field| sum.wrapping_mul(1_031).wrapping_add(field.len()));
        hasher.write_usize(lengths);
        hasher.finish()
    }
}

/// Reads a text file to its end.
pub(super) fn read(
    path: &Path,
    map: &FileMap,
    wanted: &[&str],
    mut text: impl Read,
    meter: &RefCell<Meter>,
    report: &mut FileReport,
    visitor: &mut impl RowVisitor,
) -> Result<(), ImportError> {
    let read_error = |source| ImportError::Read { path: path.to_owned(), source };
    let mut sample = Vec::new();
    text.by_ref().take(SAMPLE_BYTES).read_to_end(&mut sample).map_err(read_error)?;
    let encoding = encoding(path, map, &sample)?;
    "csv".clone_into(&mut report.format);
    encoding.name().clone_into(&mut report.encoding);
    if sample.starts_with(UTF8_MARK) {
        sample.drain(..UTF8_MARK.len());
    }
    let delimiter = delimiter(map, wanted, &decoded_sample(&sample, encoding));
    report.delimiter = char::from(delimiter).to_string();
    let all = Cursor::new(sample).chain(text);
    match encoding {
        Encoding::Utf8 => read_rows(path, map, delimiter, all, meter, report, visitor),
        Encoding::Gbk => read_rows(path, map, delimiter, Transcoder::new(all), meter, report, visitor),
    }
}

fn read_rows(
    path: &Path,
    map: &FileMap,
    delimiter: u8,
    mut text: impl Read,
    meter: &RefCell<Meter>,
    report: &mut FileReport,
    visitor: &mut impl RowVisitor,
) -> Result<(), ImportError> {
    for _ in 0..map.skip_lines {
        skip_line(&mut text).map_err(|source| ImportError::Read { path: path.to_owned(), source })?;
    }
    let format_error = |error: csv::Error| ImportError::Format {
        path: path.to_owned(),
        format: "csv",
        message: error.to_string(),
    };
    let mut reader = builder(delimiter).buffer_capacity(1 << 16).from_reader(text);
    let mut record = ByteRecord::new();
    let mut is_row = reader.read_byte_record(&mut record).map_err(format_error)?;
    let names: Vec<String> = if map.headless {
        (1..=record.len()).map(|position| format!("column_{position}")).collect()
    } else {
        record.iter().map(|name| String::from_utf8_lossy(name).trim().to_owned()).collect()
    };
    visitor.columns(path, &names)?;
    if !map.headless && is_row {
        is_row = reader.read_byte_record(&mut record).map_err(format_error)?;
    }
    while is_row {
        let line = record.position().map_or(0, csv::Position::line) + u64::from(map.skip_lines);
        report.rows += 1;
        if record.len() == names.len() {
            visitor.row(line, &CsvRow::new(&record))?;
        } else {
            visitor.broken_row(line, record.len())?;
        }
        if report.rows.is_multiple_of(PROGRESS_ROWS) {
            visitor.progress(meter.borrow().bytes);
        }
        is_row = reader.read_byte_record(&mut record).map_err(format_error)?;
    }
    visitor.progress(report.bytes);
    Ok(())
}

fn builder(delimiter: u8) -> csv::ReaderBuilder {
    let mut builder = csv::ReaderBuilder::new();
    builder.delimiter(delimiter).flexible(true).has_headers(false);
    builder
}

fn skip_line(text: &mut impl Read) -> io::Result<()> {
    let mut byte = [0];
    while text.read(&mut byte)? == 1 && byte != *b"\n" {}
    Ok(())
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Encoding {
    Utf8,
    Gbk,
}

impl Encoding {
    fn name(self) -> &'static str {
        match self {
            Self::Utf8 => "utf-8",
            Self::Gbk => "gbk",
        }
    }
}

fn encoding(path: &Path, map: &FileMap, sample: &[u8]) -> Result<Encoding, ImportError> {
    if sample.starts_with(&[0xFF, 0xFE]) || sample.starts_with(&[0xFE, 0xFF]) {
        let message = "it is UTF-16: save it as “CSV UTF-8”".to_owned();
        return Err(ImportError::Format { path: path.to_owned(), format: "csv", message });
    }
    Ok(match map.encoding {
        FileEncoding::Utf8 => Encoding::Utf8,
        FileEncoding::Gbk => Encoding::Gbk,
        // A character cut off at the end of the sample is no evidence.
        FileEncoding::Auto => match std::str::from_utf8(sample) {
            Err(error) if error.error_len().is_some() => Encoding::Gbk,
            _ => Encoding::Utf8,
        },
    })
}

fn decoded_sample(sample: &[u8], encoding: Encoding) -> String {
    match encoding {
        Encoding::Utf8 => String::from_utf8_lossy(sample).into_owned(),
        Encoding::Gbk => encoding_rs::GB18030.decode_without_bom_handling(sample).0.into_owned(),
    }
}

/// The stated delimiter, or the one under which the first line holds most of the wanted columns; without
/// column names, the one that gives most fields.
fn delimiter(map: &FileMap, wanted: &[&str], sample: &str) -> u8 {
    if let Some(stated) = map.delimiter.as_deref().filter(|stated| *stated != "auto") {
        return stated.bytes().next().unwrap_or(b',');
    }
    let skip = usize::try_from(map.skip_lines).unwrap_or(0);
    let start: usize = sample.split_inclusive('\n').take(skip).map(str::len).sum();
    let text = sample.get(start..).unwrap_or_default();
    let score = |delimiter: u8| {
        let mut first = ByteRecord::new();
        let read = builder(delimiter).from_reader(text.as_bytes()).read_byte_record(&mut first);
        let found = first.iter().filter(|field| {
            let name = String::from_utf8_lossy(field);
            wanted.contains(&name.trim())
        });
        if matches!(read, Ok(true)) { (found.count(), first.len()) } else { (0, 0) }
    };
    // The first of equals wins: a comma before the others.
    b",;\t|".iter().copied().rev().max_by_key(|delimiter| score(*delimiter)).unwrap_or(b',')
}
