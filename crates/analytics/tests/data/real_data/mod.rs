//! What tests on real data share: the optional folder of data sets, and columns of its Parquet files.
#![allow(dead_code, unreachable_pub, reason = "each test uses its part")]

use std::path::PathBuf;

use arrow::array::{Array, Float64Array, RecordBatch, StringArray};
use arrow::compute::cast;
use arrow::datatypes::DataType;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

/// A file of the optional data folder as one table, or a line that says it is skipped.
pub struct Table(Vec<RecordBatch>);

impl Table {
    pub fn open(name: &str) -> Option<Self> {
        let folder = std::env::var_os("PERENNIAL_DATA").map_or_else(
            || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data"),
            PathBuf::from,
        );
        let path = folder.join(name);
        if !path.exists() {
            println!("SKIPPED: {} is not there (set PERENNIAL_DATA)", path.display());
            return None;
        }
        let file = std::fs::File::open(path).expect("readable");
        let reader =
            ParquetRecordBatchReaderBuilder::try_new(file).expect("Parquet").build().expect("Parquet");
        Some(Self(reader.map(|batch| batch.expect("rows")).collect()))
    }

    /// A column of numbers without gaps.
    pub fn numbers(&self, name: &str) -> Vec<f64> {
        self.column(name, &DataType::Float64, |array: &Float64Array, row| array.value(row))
    }

    /// A column of texts; blanks around them are dropped, empty ones are missing.
    pub fn texts(&self, name: &str) -> Vec<Option<String>> {
        self.column(name, &DataType::Utf8, |array: &StringArray, row| {
            let text = if array.is_null(row) { "" } else { array.value(row).trim() };
            (!text.is_empty()).then(|| text.to_owned())
        })
    }

    fn column<A: Array + 'static, V>(
        &self,
        name: &str,
        kind: &DataType,
        value: impl Fn(&A, usize) -> V,
    ) -> Vec<V> {
        let mut values = Vec::new();
        for batch in &self.0 {
            let array = cast(batch.column_by_name(name).expect("the column"), kind).expect("castable");
            let array = array.as_any().downcast_ref::<A>().expect("cast above");
            values.extend((0..batch.num_rows()).map(|row| value(array, row)));
        }
        values
    }
}
