//! Compaction: many small files of a month become one.

use std::collections::BTreeMap;
use std::fmt::Display;

use arrow::array::RecordBatch;
use object_store::ObjectStoreExt;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use super::error::LakeError;
use super::manifest::LakeFile;
use super::table::Table;
use super::writer::{LakeWriter, Part, SMALL_FILES_MAX, is_small};

impl LakeWriter {
    /// Makes one file of the small files of each table and month that has more than [`SMALL_FILES_MAX`]; returns how
    /// many files there are fewer. Nothing is added or lost, and readers that are at the old files can finish.
    pub async fn compact(&mut self) -> Result<usize, LakeError> {
        let mut groups: BTreeMap<(Table, Option<String>), Vec<LakeFile>> = BTreeMap::new();
        // What is replaced as a whole stays in files of its own.
        let small = |file: &&LakeFile| file.set.is_none() && is_small(file.rows);
        for file in self.manifest().files.iter().filter(small) {
            groups.entry((file.table, file.month.clone())).or_default().push(file.clone());
        }
        groups.retain(|_, files| files.len() > SMALL_FILES_MAX);
        if groups.is_empty() {
            return Ok(0);
        }
        let mut next = self.manifest().clone();
        let before = next.files.len();
        let mut retired = Vec::new();
        for ((table, month), files) in groups {
            let merged = self.merge(table, month, &files).await?;
            retired.extend(files.into_iter().map(|file| file.path));
            next.files.extend(merged);
        }
        next.files.retain(|file| !retired.contains(&file.path));
        let fewer = before - next.files.len();
        self.publish(next, retired).await?;
        Ok(fewer)
    }

    /// Reads files together until they are large, and writes each heap as one file.
    async fn merge(
        &mut self,
        table: Table,
        month: Option<String>,
        files: &[LakeFile],
    ) -> Result<Vec<LakeFile>, LakeError> {
        let mut merged = Vec::new();
        let mut heap = Vec::new();
        let mut heap_rows = 0;
        for file in files {
            let place = self.location().path(&file.path);
            // Small files only: one after the other fits into memory.
            let bytes = self.location().store().get(&place).await?.bytes().await?;
            let url = self.location().url(&file.path);
            let damage =
                |cause: &dyn Display| LakeError::Damaged { path: url.clone(), message: cause.to_string() };
            let reader = ParquetRecordBatchReaderBuilder::try_new(bytes)
                .and_then(ParquetRecordBatchReaderBuilder::build);
            for batch in reader.map_err(|cause| damage(&cause))? {
                let batch = batch.map_err(|cause| damage(&cause))?;
                // A file of Parquet says texts in its own way; the table's schema is what all files of it share.
                heap.push(RecordBatch::try_new(table.schema(), batch.columns().to_vec())?);
            }
            heap_rows += file.rows;
            if !is_small(heap_rows) {
                merged.push(self.write_file(table, Part { month: month.clone(), set: None }, &heap).await?);
                heap.clear();
                heap_rows = 0;
            }
        }
        if !heap.is_empty() {
            merged.push(self.write_file(table, Part { month, set: None }, &heap).await?);
        }
        Ok(merged)
    }
}
