//! Damage: the query engine says what is wrong with some bytes, and not whose they are.

use std::collections::HashMap;

use arrow::error::ArrowError;
use datafusion::error::DataFusionError;
use futures::TryStreamExt;
use object_store::ObjectStoreExt;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use super::error::LakeError;
use super::manifest::LakeFile;
use super::session::Lake;

impl Lake {
    /// The error again, with the name of the damaged file where a file is damaged. Only then, and for nothing but the
    /// name, the files are looked through, up to the first that is damaged.
    pub async fn name_damage(&self, error: LakeError) -> LakeError {
        if !is_of_bytes(&error) {
            return error;
        }
        for file in &self.manifest().files {
            if let Err(damage) = self.read_through(file).await {
                return damage;
            }
        }
        error
    }

    /// Finds every file that counts, as large as it was written. One list of the lake tells it.
    pub(super) async fn check_sizes(&self) -> Result<(), LakeError> {
        let listed = self.location().store().list(Some(&self.location().path("")));
        let sizes: HashMap<_, _> = listed.map_ok(|found| (found.location, found.size)).try_collect().await?;
        for file in &self.manifest().files {
            match sizes.get(&self.location().path(&file.path)) {
                Some(size) if *size == file.bytes => {}
                Some(size) => {
                    return Err(self.damage(file, &format!("it has {size} bytes, not {}", file.bytes)));
                }
                None => return Err(self.damage(file, &"it is gone")),
            }
        }
        Ok(())
    }

    async fn read_through(&self, file: &LakeFile) -> Result<(), LakeError> {
        let place = self.location().path(&file.path);
        let got = self.location().store().get(&place).await.map_err(|cause| self.damage(file, &cause))?;
        let bytes = got.bytes().await.map_err(|cause| self.damage(file, &cause))?;
        let builder = ParquetRecordBatchReaderBuilder::try_new(bytes);
        let reader = builder.and_then(ParquetRecordBatchReaderBuilder::build);
        for batch in reader.map_err(|cause| self.damage(file, &cause))? {
            batch.map_err(|cause| self.damage(file, &cause))?;
        }
        Ok(())
    }

    fn damage(&self, file: &LakeFile, cause: &dyn std::fmt::Display) -> LakeError {
        LakeError::Damaged { path: self.location().url(&file.path), message: cause.to_string() }
    }
}

/// Whether it may come from what a file holds, and not from what was asked.
fn is_of_bytes(error: &LakeError) -> bool {
    match error {
        LakeError::Store(_) | LakeError::Parquet(_) => true,
        LakeError::Arrow(cause) => is_read(cause),
        LakeError::Query(cause) => match cause.find_root() {
            DataFusionError::ParquetError(_)
            | DataFusionError::ObjectStore(_)
            | DataFusionError::IoError(_)
            | DataFusionError::External(_) => true,
            DataFusionError::ArrowError(cause, _) => is_read(cause),
            _ => false,
        },
        _ => false,
    }
}

fn is_read(error: &ArrowError) -> bool {
    matches!(error, ArrowError::ParquetError(_) | ArrowError::IoError(..) | ArrowError::ExternalError(_))
}
