//! Parquet files, a batch of rows at a time; only the columns that are looked at are read.

use std::fs::File;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;

use arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, Date32Array, Decimal128Array, Float64Array, Int64Array,
    StringArray, TimestampMicrosecondArray,
};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Float32Type, TimeUnit};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use super::cell::{Cell, Row};
use super::error::ImportError;
use super::input::RowVisitor;
use super::report::FileReport;

/// Rows that are decoded at a time.
const BATCH_ROWS: usize = 1 << 13;

/// A column of a batch, in one of the few forms that cells have.
enum Column {
    /// Not looked at: all its cells are missing.
    Unread,
    Text(StringArray),
    Integer(Int64Array),
    Float(Float64Array),
    Decimal(Decimal128Array, u32),
    Boolean(BooleanArray),
    Day(Date32Array),
    Local(TimestampMicrosecondArray),
    Instant(TimestampMicrosecondArray),
}

struct ParquetRow<'a> {
    columns: &'a [Column],
    row: usize,
}

/// Reads a Parquet file to its end.
pub(super) fn read(
    path: &Path,
    bytes: u64,
    report: &mut FileReport,
    visitor: &mut impl RowVisitor,
) -> Result<(), ImportError> {
    let format_error =
        |message: String| ImportError::Format { path: path.to_owned(), format: "parquet", message };
    "parquet".clone_into(&mut report.format);
    let file = File::open(path).map_err(|source| ImportError::Read { path: path.to_owned(), source })?;
    let builder =
        ParquetRecordBatchReaderBuilder::try_new(file).map_err(|error| format_error(error.to_string()))?;
    let names: Vec<String> = builder.schema().fields().iter().map(|field| field.name().clone()).collect();
    let total_rows = u64::try_from(builder.metadata().file_metadata().num_rows()).unwrap_or(0).max(1);
    let mut used = visitor.columns(path, &names)?.unwrap_or_else(|| (0..names.len()).collect());
    used.sort_unstable();
    used.dedup();
    let mask = ProjectionMask::roots(builder.parquet_schema(), used.iter().copied());
    let reader = builder
        .with_projection(mask)
        .with_batch_size(BATCH_ROWS)
        .build()
        .map_err(|error| format_error(error.to_string()))?;
    for batch in reader {
        let batch = batch.map_err(|error| format_error(error.to_string()))?;
        let mut columns: Vec<Column> = names.iter().map(|_| Column::Unread).collect();
        for (position, array) in used.iter().zip(batch.columns()) {
            if let Some(column) = columns.get_mut(*position) {
                *column = column_of(array).map_err(|error| format_error(error.to_string()))?;
            }
        }
        for row in 0..batch.num_rows() {
            report.rows += 1;
            visitor.row(report.rows, &ParquetRow { columns: &columns, row })?;
        }
        // Rows stand for bytes: a reader of pages cannot tell how far it is in the file.
        visitor.progress(
            u64::try_from(u128::from(bytes) * u128::from(report.rows) / u128::from(total_rows))
                .unwrap_or(bytes),
        );
    }
    visitor.progress(bytes);
    Ok(())
}

fn column_of(array: &ArrayRef) -> Result<Column, arrow::error::ArrowError> {
    let micros = |zone| DataType::Timestamp(TimeUnit::Microsecond, zone);
    Ok(match array.data_type() {
        kind if kind.is_integer() => Column::Integer(cast(array, &DataType::Int64)?.as_primitive().clone()),
        // The shortest text of a single float, not of the double beside it.
        DataType::Float32 => Column::Float(
            array
                .as_primitive::<Float32Type>()
                .iter()
                .map(|value| value?.to_string().parse::<f64>().ok())
                .collect(),
        ),
        DataType::Float16 | DataType::Float64 => {
            Column::Float(cast(array, &DataType::Float64)?.as_primitive().clone())
        }
        DataType::Decimal32(precision, scale)
        | DataType::Decimal64(precision, scale)
        | DataType::Decimal128(precision, scale)
        | DataType::Decimal256(precision, scale) => {
            let places = (*scale).max(0);
            let kind = DataType::Decimal128((*precision).clamp(18, 38), places);
            Column::Decimal(cast(array, &kind)?.as_primitive().clone(), u32::from(places.unsigned_abs()))
        }
        DataType::Boolean => Column::Boolean(array.as_boolean().clone()),
        DataType::Date32 | DataType::Date64 => {
            Column::Day(cast(array, &DataType::Date32)?.as_primitive().clone())
        }
        DataType::Timestamp(_, None) => Column::Local(cast(array, &micros(None))?.as_primitive().clone()),
        DataType::Timestamp(_, zone) => {
            Column::Instant(cast(array, &micros(zone.clone()))?.as_primitive().clone())
        }
        _ => Column::Text(cast(array, &DataType::Utf8)?.as_string::<i32>().clone()),
    })
}

impl Column {
    fn cell(&self, row: usize) -> Cell<'_> {
        match self {
            Self::Text(array) if array.is_valid(row) => Cell::from_text(array.value(row)),
            Self::Integer(array) if array.is_valid(row) => Cell::Integer(array.value(row)),
            Self::Float(array) if array.is_valid(row) && !array.value(row).is_nan() => {
                Cell::Float(array.value(row))
            }
            Self::Decimal(array, scale) if array.is_valid(row) => Cell::Decimal(array.value(row), *scale),
            Self::Boolean(array) if array.is_valid(row) => Cell::Boolean(array.value(row)),
            Self::Day(array) if array.is_valid(row) => Cell::Day(array.value(row)),
            Self::Local(array) if array.is_valid(row) => Cell::Local(array.value(row)),
            Self::Instant(array) if array.is_valid(row) => Cell::Instant(array.value(row)),
            _ => Cell::Missing,
        }
    }
}

impl Row for ParquetRow<'_> {
    fn cell(&self, column: usize) -> Cell<'_> {
        self.columns.get(column).map_or(Cell::Missing, |column| column.cell(self.row))
    }

    fn content_hash(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        for column in self.columns {
            match column.cell(self.row) {
                Cell::Missing => hasher.write_u8(0),
                Cell::Text(text) => text.hash(&mut hasher),
                Cell::Undecodable(bytes) => bytes.hash(&mut hasher),
                Cell::Integer(value) | Cell::Local(value) | Cell::Instant(value) => hasher.write_i64(value),
                Cell::Float(value) => hasher.write_u64(value.to_bits()),
                Cell::Decimal(digits, _) => hasher.write_i128(digits),
                Cell::Boolean(value) => hasher.write_u8(1 + u8::from(value)),
                Cell::Day(days) => hasher.write_i32(days),
            }
        }
        hasher.finish()
    }
}
