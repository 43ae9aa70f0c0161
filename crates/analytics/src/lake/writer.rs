//! Writing: rows are collected by table and month, written as files, and count once they are committed.

use std::collections::BTreeMap;

use arrow::array::RecordBatch;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use object_store::{ObjectStoreExt, PutPayload};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;

use super::columns::{Cell, Rows};
use super::error::LakeError;
use super::location::LakeLocation;
use super::manifest::{LakeFile, Manifest, Origin};
use super::table::Table;

/// Rows after which it is time to commit, so that memory is bounded however much is added.
pub const ROWS_PENDING_MAX: usize = 1 << 20;
/// Files of one table and month that may be small before they are made one.
pub const SMALL_FILES_MAX: usize = 8;
/// Manifests that are kept, for readers that are still at an older one.
pub const MANIFESTS_KEPT: usize = 8;

/// The part of a table that a file holds rows of.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Part {
    pub(super) month: Option<String>,
    pub(super) set: Option<String>,
}

impl Part {
    fn folder(&self, table: Table) -> String {
        let folder = |name: &str, value: &Option<String>| {
            value.as_ref().map_or(String::new(), |value| format!("{name}={value}/"))
        };
        folder("month", &self.month) + &folder(table.set().unwrap_or("set"), &self.set)
    }
}

/// The one writer of a lake. What is added counts after [`LakeWriter::commit`], or never.
#[derive(Debug)]
pub struct LakeWriter {
    location: LakeLocation,
    time_zone: TimeZone,
    manifest: Manifest,
    /// Part of every file's name, so that two writers never write the same file.
    token: String,
    files: u32,
    pending: BTreeMap<(Table, Part), Rows>,
    pending_rows: usize,
    /// Files that are written and do not count yet.
    written: Vec<LakeFile>,
    /// Members of a new snapshot who were merged into others.
    merged_members: Option<u64>,
}

impl LakeWriter {
    /// Opens the lake at a place, or begins one there. `token` is a number that no other writer has.
    pub async fn open(
        location: &LakeLocation,
        origin: Origin,
        time_zone: &TimeZone,
        token: u64,
    ) -> Result<Self, LakeError> {
        let zone = time_zone.iana_name().unwrap_or("UTC").to_owned();
        let manifest = match Manifest::newest(location).await? {
            Some(found) if found.origin == origin => found,
            Some(found) => {
                let (found, wanted) = (found.origin.to_string(), origin.to_string());
                return Err(LakeError::OtherOrigin { location: location.to_string(), found, wanted });
            }
            None => Manifest::new(origin, zone),
        };
        Ok(Self::at(location, manifest, token))
    }

    /// Opens the lake that is at a place, whatever it was written from, to add what does not come from there.
    pub(super) async fn open_existing(location: &LakeLocation, token: u64) -> Result<Self, LakeError> {
        match Manifest::newest(location).await? {
            Some(manifest) => Ok(Self::at(location, manifest, token)),
            None => Err(LakeError::Missing { location: location.to_string() }),
        }
    }

    fn at(location: &LakeLocation, manifest: Manifest, token: u64) -> Self {
        // Days that are written already stay what they are, so that one lake has one calendar.
        let time_zone = TimeZone::get(&manifest.time_zone).unwrap_or(TimeZone::UTC);
        Self {
            location: location.clone(),
            time_zone,
            manifest,
            token: format!("{token:016x}"),
            files: 0,
            pending: BTreeMap::new(),
            pending_rows: 0,
            written: Vec::new(),
            merged_members: None,
        }
    }

    /// Up to where the lake is complete, in the origin's terms; empty at the beginning.
    pub fn position(&self) -> &str {
        &self.manifest.position
    }

    /// The state after the last commit.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    pub(super) fn local_day(&self, instant: Timestamp) -> Date {
        instant.to_zoned(self.time_zone.clone()).date()
    }

    pub(super) fn note_merged_member(&mut self) {
        *self.merged_members.get_or_insert(0) += 1;
    }

    pub(super) fn add(
        &mut self,
        table: Table,
        day: Option<Date>,
        cells: &[Cell<'_>],
    ) -> Result<(), LakeError> {
        let month = day.map(|day| day.strftime("%Y-%m").to_string());
        self.add_to(table, Part { month, set: None }, cells)
    }

    pub(super) fn add_to(&mut self, table: Table, part: Part, cells: &[Cell<'_>]) -> Result<(), LakeError> {
        self.pending.entry((table, part)).or_insert_with(|| Rows::new(table)).push(cells)?;
        self.pending_rows += 1;
        Ok(())
    }

    /// Whether so much was added that it is time to commit.
    pub fn is_full(&self) -> bool {
        self.pending_rows >= ROWS_PENDING_MAX
    }

    /// Writes what was added into files, which do not count yet: memory is free for more before the commit.
    pub async fn flush(&mut self) -> Result<(), LakeError> {
        for ((table, part), mut rows) in std::mem::take(&mut self.pending) {
            if rows.len() > 0 {
                let batch = rows.finish()?;
                let file = self.write_file(table, part, &[batch]).await?;
                self.written.push(file);
            }
        }
        self.pending_rows = 0;
        Ok(())
    }

    pub(super) async fn write_file(
        &mut self,
        table: Table,
        part: Part,
        batches: &[RecordBatch],
    ) -> Result<LakeFile, LakeError> {
        self.files += 1;
        let folder = part.folder(table);
        let path = format!(
            "{}/{folder}part-{:010}-{}-{:05}.parquet",
            table.name(),
            self.manifest.generation + 1,
            self.token,
            self.files
        );
        let mut writer = ArrowWriter::try_new(Vec::new(), table.schema(), Some(properties()?))?;
        let mut rows = 0;
        for batch in batches {
            writer.write(batch)?;
            rows += u64::try_from(batch.num_rows()).unwrap_or(0);
        }
        let bytes = writer.into_inner()?;
        let size = u64::try_from(bytes.len()).unwrap_or(0);
        self.location.store().put(&self.location.path(&path), PutPayload::from(bytes)).await?;
        Ok(LakeFile { table, month: part.month, set: part.set, path, rows, bytes: size })
    }

    /// Makes everything added count, and notes that the lake is complete up to `position`. Members that were added
    /// replace those there were.
    pub async fn commit(&mut self, position: &str) -> Result<(), LakeError> {
        self.flush().await?;
        let mut next = self.manifest.clone();
        let mut retired = Vec::new();
        if self.written.iter().any(|file| file.table == Table::Members) && next.is_of_ledger() {
            retired.extend(next.files_of(Table::Members).map(|file| file.path.clone()));
            next.files.retain(|file| file.table != Table::Members);
            next.merged_members = self.merged_members.take().unwrap_or(0);
        }
        next.files.extend(self.written.iter().cloned());
        position.clone_into(&mut next.position);
        self.publish(next, retired).await?;
        self.written.clear();
        Ok(())
    }

    /// Makes what was added to a set of a table count, in place of what it had; returns how many rows that were.
    pub(super) async fn commit_set(&mut self, table: Table, set: &str) -> Result<u64, LakeError> {
        self.flush().await?;
        let mut next = self.manifest.clone();
        let is_old = |file: &LakeFile| file.table == table && file.set.as_deref() == Some(set);
        let replaced = next.files.iter().filter(|file| is_old(file)).map(|file| file.rows).sum();
        let retired = next.files.iter().filter(|file| is_old(file)).map(|file| file.path.clone()).collect();
        next.files.retain(|file| !is_old(file));
        next.files.append(&mut self.written);
        self.publish(next, retired).await?;
        Ok(replaced)
    }

    /// Writes the next manifest, then deletes what the one before the last had retired.
    pub(super) async fn publish(
        &mut self,
        mut next: Manifest,
        retired: Vec<String>,
    ) -> Result<(), LakeError> {
        let gone = std::mem::replace(&mut next.retired, retired);
        next.generation += 1;
        next.write(&self.location).await?;
        self.manifest = next;
        for path in gone {
            self.location.delete(&path).await?;
        }
        Manifest::delete_old(&self.location, MANIFESTS_KEPT).await
    }

    pub(super) fn location(&self) -> &LakeLocation {
        &self.location
    }
}

/// How Parquet is written.
pub(crate) fn properties() -> Result<WriterProperties, LakeError> {
    let level = ZstdLevel::try_new(1)?;
    Ok(WriterProperties::builder().set_compression(Compression::ZSTD(level)).build())
}

/// Whether so few rows are worth being put together with others.
pub(super) fn is_small(rows: u64) -> bool {
    rows < u64::try_from(ROWS_PENDING_MAX / 2).unwrap_or(u64::MAX)
}
