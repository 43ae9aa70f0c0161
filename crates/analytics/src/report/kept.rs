//! Tables that several queries of a question ask, worked out once and kept on disk until it is answered. What is told of
//! members one by one is worked out slice after slice of them, so that it needs no more memory for more lines.

use std::fs::File;
use std::path::{Path, PathBuf};

use arrow::datatypes::SchemaRef;
use datafusion::error::DataFusionError;
use datafusion::prelude::{ParquetReadOptions, SessionContext};
use futures::StreamExt;
use parquet::arrow::ArrowWriter;
use tempfile::NamedTempFile;

use super::error::ReportError;
use crate::lake::{Engine, Lake, LakeError, SessionOptions, Table, parquet_properties};

/// Memory that a line of a purchase takes while it is grouped with others of its basket: its keys twice, and what is summed.
const BYTES_PER_LINE: u64 = 400;
/// Slices at the most: each reads the lines of all.
const SLICES_MAX: u64 = 256;
/// Where the text of a view says which members are looked at: those whose number leaves `{slice}` when divided by `{slices}`.
const SLICE: &str = "{slice}";
const SLICES: &str = "{slices}";
/// Where it says which categories are meant.
const CHOSEN: &str = "{chosen}";

/// Where tables are kept, and how they are worked out.
#[derive(Debug)]
pub(super) struct Kept {
    folder: PathBuf,
    slices: u64,
    /// They are gone when the question is answered, or nobody waits for it any more.
    files: Vec<NamedTempFile>,
}

impl Kept {
    /// None where tables cannot be kept because the engine is elsewhere.
    pub(super) fn of(lake: &Lake, options: &SessionOptions) -> Option<Self> {
        let memory = u64::try_from(options.memory_bytes).unwrap_or(u64::MAX).max(1);
        let wanted = lake.manifest().rows(Table::Lines).saturating_mul(BYTES_PER_LINE).div_ceil(memory);
        (options.engine == Engine::Embedded).then(|| Self {
            folder: options.spill_folder.clone(),
            slices: wanted.clamp(1, SLICES_MAX),
            files: Vec::new(),
        })
    }

    /// Puts a table with the rows of a view in its place.
    pub(super) async fn keep(
        &mut self,
        context: &SessionContext,
        name: &str,
        (sql, chosen): (&str, &str),
    ) -> Result<(), ReportError> {
        let (file, mut writer) = (self.new_file()?, None);
        let slices = if sql.contains(SLICE) { self.slices } else { 1 };
        for slice in 0..slices {
            context.deregister_table(name)?;
            context.sql(&sliced((sql, chosen), slice, slices)).await?;
            let mut rows = context.table(name).await?.execute_stream().await?;
            let writer = match &mut writer {
                Some(writer) => writer,
                none => none.insert(new_writer(&file, rows.schema())?),
            };
            while let Some(batch) = rows.next().await {
                writer.write(&batch?).map_err(LakeError::from)?;
            }
        }
        if let Some(writer) = writer {
            writer.close().map_err(LakeError::from)?;
        }
        context.deregister_table(name)?;
        register(context, name, file.path()).await?;
        self.files.push(file);
        Ok(())
    }

    fn new_file(&self) -> Result<NamedTempFile, ReportError> {
        let file = tempfile::Builder::new().prefix("perennial-").suffix(".parquet").tempfile_in(&self.folder);
        Ok(file.map_err(DataFusionError::from)?)
    }
}

fn new_writer(file: &NamedTempFile, schema: SchemaRef) -> Result<ArrowWriter<File>, ReportError> {
    let out = file.reopen().map_err(DataFusionError::from)?;
    Ok(ArrowWriter::try_new(out, schema, Some(parquet_properties()?)).map_err(LakeError::from)?)
}

async fn register(context: &SessionContext, name: &str, path: &Path) -> Result<(), ReportError> {
    let path = path.to_string_lossy();
    Ok(context.register_parquet(name, path, ParquetReadOptions::default()).await?)
}

/// The text of a view of all members.
pub(super) fn whole(text: (&str, &str)) -> String {
    sliced(text, 0, 1)
}

/// What people have named is filled in last: it is not looked through for places to fill.
fn sliced((sql, chosen): (&str, &str), slice: u64, slices: u64) -> String {
    sql.replace(SLICES, &slices.to_string()).replace(SLICE, &slice.to_string()).replace(CHOSEN, chosen)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{Int64Array, RecordBatch, StringViewArray};
    use arrow::util::display::array_value_to_string;
    use datafusion::prelude::SessionContext;

    use super::{Kept, sliced, whole};

    const VIEW: &str = "CREATE VIEW bought AS SELECT member_id, category, sum(amount) AS amount FROM items \
                        WHERE member_id % {slices} = {slice} AND category IN ({chosen}) GROUP BY member_id, category";

    async fn rows(context: &SessionContext) -> Vec<String> {
        let sql = "SELECT * FROM bought ORDER BY member_id, category";
        let batches = context.sql(sql).await.unwrap().collect().await.unwrap();
        let row = |batch: &RecordBatch, row: usize| {
            let cells = batch.columns().iter().map(|column| array_value_to_string(column, row).unwrap());
            cells.collect::<Vec<_>>().join(" ")
        };
        batches.iter().flat_map(|batch| (0..batch.num_rows()).map(move |at| row(batch, at))).collect()
    }

    fn items() -> RecordBatch {
        let numbers = |number: fn(i64) -> i64| Arc::new((0..900).map(number).collect::<Int64Array>());
        let categories = (0..900).map(|line| ["tea", "{slice}", "nails"][line % 3]);
        RecordBatch::try_from_iter([
            ("member_id", numbers(|line| line * 7 % 40) as _),
            ("category", Arc::new(StringViewArray::from_iter_values(categories)) as _),
            ("amount", numbers(|line| line) as _),
        ])
        .unwrap()
    }

    #[tokio::test]
    async fn what_is_worked_out_in_slices_is_what_is_worked_out_at_once() {
        let chosen = "'tea', '{slice}'";
        let folder = tempfile::tempdir().unwrap();
        let mut found = Vec::new();
        for slices in [1, 7, 50] {
            let context = SessionContext::new();
            context.register_batch("items", items()).unwrap();
            context.sql(&whole((VIEW, chosen))).await.unwrap();
            let view = rows(&context).await;
            let mut kept = Kept { folder: folder.path().to_owned(), slices, files: Vec::new() };
            kept.keep(&context, "bought", (VIEW, chosen)).await.unwrap();
            // What it was made of is not looked at again.
            context.deregister_table("items").unwrap();
            assert_eq!(rows(&context).await, view, "{slices}");
            assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "kept in a file");
            found.push(view);
        }
        assert!(found[0].len() == 80 && found.iter().all(|rows| *rows == found[0]), "{}", found[0].len());
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "gone with the question");
    }

    #[test]
    fn a_text_says_which_members_are_looked_at() {
        let text = "FROM (VALUES {chosen}) WHERE i.member_id % {slices} = {slice}";
        let chosen = "('{slice}', 0)";
        assert_eq!(sliced((text, chosen), 2, 5), "FROM (VALUES ('{slice}', 0)) WHERE i.member_id % 5 = 2");
        assert_eq!(whole((text, chosen)), "FROM (VALUES ('{slice}', 0)) WHERE i.member_id % 1 = 0");
    }
}
