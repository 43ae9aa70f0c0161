//! Opens a file of rows, whatever its kind, and hands its rows to a visitor one at a time.
//! What the map leaves open (format, gzip, encoding, delimiter) is found out here and stated in the report.

use std::cell::RefCell;
use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;
use std::rc::Rc;

use sha2::{Digest, Sha256};

use super::cell::Row;
use super::error::ImportError;
use super::map::{FileFormat, FileMap};
use super::report::FileReport;
use super::{csv_file, parquet_file};

/// Takes the rows of a file.
pub(super) trait RowVisitor {
    /// Is told the columns before the first row; answers which of them it will look at, or all (`None`).
    fn columns(&mut self, path: &Path, names: &[String]) -> Result<Option<Vec<usize>>, ImportError>;
    /// Takes a row; `number` is its line in a text file, its position from 1 in a Parquet file.
    fn row<R: Row>(&mut self, number: u64, row: &R) -> Result<(), ImportError>;
    /// Takes a row that cannot be taken apart into as many fields as there are columns.
    fn broken_row(&mut self, number: u64, fields: usize) -> Result<(), ImportError>;
    /// Is told now and then how much of the file has been read.
    fn progress(&mut self, bytes: u64);
}

/// A file to be read.
pub(super) struct Input<'a> {
    pub(super) path: &'a Path,
    /// What was sent under that name; without, the file there is read.
    pub(super) sent: Option<&'a [u8]>,
    pub(super) map: &'a FileMap,
    /// Columns that must be there: they tell the delimiter.
    pub(super) wanted: &'a [&'a str],
    /// Takes the file's bytes, so that the same content is known again.
    pub(super) hasher: &'a mut Sha256,
}

/// Reads a whole file.
pub(super) fn read_file(
    input: &mut Input<'_>,
    visitor: &mut impl RowVisitor,
) -> Result<FileReport, ImportError> {
    if let Some(sent) = input.sent {
        return read_sent(input, sent, visitor);
    }
    let read_error = |source| ImportError::Read { path: input.path.to_owned(), source };
    let mut file = File::open(input.path).map_err(read_error)?;
    let bytes = file.metadata().map_err(read_error)?.len();
    let magic = first_bytes(&mut file).map_err(read_error)?;
    let is_parquet = match input.map.format {
        FileFormat::Auto => &magic == b"PAR1",
        FileFormat::Parquet => true,
        FileFormat::Csv => false,
    };
    let mut report = FileReport { path: input.path.to_owned(), bytes, ..FileReport::default() };
    if is_parquet {
        digest(&mut file, input.hasher).map_err(read_error)?;
        parquet_file::read(input.path, bytes, &mut report, visitor)?;
        return Ok(report);
    }
    report.gzip = magic.starts_with(&[0x1F, 0x8B]);
    let meter = Rc::new(RefCell::new(Meter { bytes: 0, hasher: Sha256::new() }));
    let metered = Metered { file, meter: Rc::clone(&meter) };
    let buffered = BufReader::with_capacity(1 << 16, metered);
    if report.gzip {
        let inner = flate2::bufread::MultiGzDecoder::new(buffered);
        csv_file::read(input.path, input.map, input.wanted, inner, &meter, &mut report, visitor)?;
    } else {
        csv_file::read(input.path, input.map, input.wanted, buffered, &meter, &mut report, visitor)?;
    }
    input.hasher.update(meter.borrow().hasher.clone().finalize());
    Ok(report)
}

/// Reads what was sent. It is text: what is compressed says nothing of how large it becomes.
fn read_sent(
    input: &mut Input<'_>,
    sent: &[u8],
    visitor: &mut impl RowVisitor,
) -> Result<FileReport, ImportError> {
    let is_packed = sent.starts_with(b"PAR1") || sent.starts_with(&[0x1F, 0x8B]);
    if is_packed || input.map.format == FileFormat::Parquet {
        return Err(ImportError::Format {
            path: input.path.to_owned(),
            format: "CSV",
            message: "send it as text, neither compressed nor as Parquet".to_owned(),
        });
    }
    let bytes = u64::try_from(sent.len()).unwrap_or(u64::MAX);
    let mut report = FileReport { path: input.path.to_owned(), bytes, ..FileReport::default() };
    let meter = Rc::new(RefCell::new(Meter { bytes: 0, hasher: Sha256::new() }));
    let metered = Metered { file: sent, meter: Rc::clone(&meter) };
    csv_file::read(input.path, input.map, input.wanted, metered, &meter, &mut report, visitor)?;
    input.hasher.update(meter.borrow().hasher.clone().finalize());
    Ok(report)
}

/// Counts and digests the bytes of a file as they are read.
pub(super) struct Meter {
    pub(super) bytes: u64,
    hasher: Sha256,
}

/// A file whose reading is metered.
struct Metered<R> {
    file: R,
    meter: Rc<RefCell<Meter>>,
}

impl<R: Read> Read for Metered<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read(buffer)?;
        let mut meter = self.meter.borrow_mut();
        meter.bytes += read as u64;
        meter.hasher.update(buffer.get(..read).unwrap_or_default());
        Ok(read)
    }
}

fn digest(file: &mut File, hasher: &mut Sha256) -> io::Result<()> {
    let mut content = Sha256::new();
    let mut block = vec![0; 1 << 16];
    loop {
        let read = file.read(&mut block)?;
        if read == 0 {
            hasher.update(content.finalize());
            return Ok(());
        }
        content.update(block.get(..read).unwrap_or_default());
    }
}

fn first_bytes(file: &mut File) -> io::Result<[u8; 4]> {
    use std::io::Seek;
    let mut magic = Vec::with_capacity(4);
    file.by_ref().take(4).read_to_end(&mut magic)?;
    file.rewind()?;
    magic.resize(4, 0);
    Ok(magic.try_into().unwrap_or_default())
}
