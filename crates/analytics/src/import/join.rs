//! Further files whose columns are looked up by a column of the imported one, for instance a product list.
//! They are held in memory, up to a stated limit.

use std::collections::HashMap;
use std::path::Path;

use sha2::Sha256;

use super::cell::Row;
use super::error::ImportError;
use super::input::{Input, RowVisitor, read_file};
use super::map::{FileMap, JoinMap};

/// Most text that the joined files of one import may hold.
pub(super) const JOIN_BYTES_MAX: usize = 48 << 20;
/// What a key costs beside its text.
const ENTRY_BYTES: usize = 96;

/// A joined file: values by key, in the order of the map's columns.
#[derive(Debug, Default)]
pub(super) struct JoinTable {
    rows: HashMap<Box<str>, Box<[Box<str>]>>,
}

impl JoinTable {
    /// Reads the file of a join; it lies beside the imported file.
    pub(super) fn read(join: &JoinMap, folder: &Path, hasher: &mut Sha256) -> Result<Self, ImportError> {
        let path = folder.join(&join.file);
        let wanted: Vec<&str> = join.columns.iter().chain([&join.key]).map(String::as_str).collect();
        let map = FileMap::default();
        let mut loader =
            Loader { join, path: &path, key: 0, columns: Vec::new(), bytes: 0, table: Self::default() };
        read_file(&mut Input { path: &path, sent: None, map: &map, wanted: &wanted, hasher }, &mut loader)?;
        Ok(loader.table)
    }

    /// The value of a column for a key.
    pub(super) fn value(&self, key: &str, column: usize) -> Option<&str> {
        self.rows.get(key).and_then(|row| row.get(column)).map(|value| &**value)
    }
}

struct Loader<'a> {
    join: &'a JoinMap,
    path: &'a Path,
    key: usize,
    columns: Vec<usize>,
    bytes: usize,
    table: JoinTable,
}

impl RowVisitor for Loader<'_> {
    fn columns(&mut self, path: &Path, names: &[String]) -> Result<Option<Vec<usize>>, ImportError> {
        let mut missing = Vec::new();
        let mut find = |name: &String, field: &str| {
            names.iter().position(|there| there == name).unwrap_or_else(|| {
                missing.push(format!("column “{name}” (map field join.{field})"));
                0
            })
        };
        self.key = find(&self.join.key, "key");
        self.columns = self.join.columns.iter().map(|name| find(name, "columns")).collect();
        if !missing.is_empty() {
            return Err(ImportError::Columns { path: path.to_owned(), missing, available: names.to_vec() });
        }
        Ok(Some(self.columns.iter().copied().chain([self.key]).collect()))
    }

    fn row<R: Row>(&mut self, _number: u64, row: &R) -> Result<(), ImportError> {
        let key = row.cell(self.key).text();
        if key.is_empty() {
            return Ok(());
        }
        let values: Box<[Box<str>]> = self
            .columns
            .iter()
            .map(|column| row.cell(*column).text().into_owned().into_boxed_str())
            .collect();
        self.bytes += ENTRY_BYTES + key.len() + values.iter().map(|value| value.len() + 16).sum::<usize>();
        if self.bytes > JOIN_BYTES_MAX {
            return Err(ImportError::JoinTooLarge {
                path: self.path.to_owned(),
                limit_bytes: JOIN_BYTES_MAX,
            });
        }
        let key = key.into_owned();
        if self.table.rows.insert(key.clone().into_boxed_str(), values).is_some() {
            return Err(ImportError::JoinKeyTwice { path: self.path.to_owned(), key });
        }
        Ok(())
    }

    fn broken_row(&mut self, number: u64, fields: usize) -> Result<(), ImportError> {
        let message = format!("line {number} has {fields} fields, other than the first line");
        Err(ImportError::Format { path: self.path.to_owned(), format: "csv", message })
    }

    fn progress(&mut self, _bytes: u64) {}
}
