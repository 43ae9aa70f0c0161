//! A table of a report as rows that any tool can read.

use std::sync::Arc;

use arrow::array::{ArrayRef, Float64Array, Int64Array, RecordBatch, StringArray};
use arrow::datatypes::{DataType, Field, Schema};

use super::answer::{Column, Kind, ReportTable, Value};
use crate::lake::LakeError;

impl Kind {
    /// The type of its cells. Money stays in minor units.
    fn data_type(self) -> DataType {
        match self {
            Self::Count | Self::Money | Self::Days => DataType::Int64,
            Self::Share | Self::Score | Self::Number => DataType::Float64,
            Self::Text | Self::Word | Self::Day => DataType::Utf8,
        }
    }
}

impl ReportTable {
    /// Its rows, column by column.
    pub fn to_batch(&self) -> Result<RecordBatch, LakeError> {
        let field = |column: &Column| Field::new(column.name, column.kind.data_type(), true);
        let schema = Arc::new(Schema::new(self.columns.iter().map(field).collect::<Vec<_>>()));
        let arrays = (0..self.columns.len()).map(|position| self.array(position)).collect();
        Ok(RecordBatch::try_new(schema, arrays)?)
    }

    fn array(&self, position: usize) -> ArrayRef {
        let cells = || self.rows.iter().map(|row| row.get(position).unwrap_or(&Value::Empty));
        match self.columns.get(position).map(|column| column.kind.data_type()) {
            Some(DataType::Int64) => Arc::new(cells().map(Value::as_integer).collect::<Int64Array>()),
            Some(DataType::Float64) => Arc::new(cells().map(Value::as_number).collect::<Float64Array>()),
            _ => Arc::new(cells().map(Value::as_text).collect::<StringArray>()),
        }
    }
}

impl Value {
    /// The whole number it is.
    pub fn as_integer(&self) -> Option<i64> {
        if let Self::Integer(value) = self { Some(*value) } else { None }
    }

    /// The number it is, whole or not.
    #[expect(clippy::cast_precision_loss, reason = "numbers of a report are far below 2^53")]
    pub fn as_number(&self) -> Option<f64> {
        match self {
            Self::Number(value) => Some(*value),
            Self::Integer(value) => Some(*value as f64),
            Self::Empty | Self::Text(_) => None,
        }
    }

    /// The text it is.
    pub fn as_text(&self) -> Option<&str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }
}

#[cfg(test)]
mod tests {
    use arrow::array::Array;

    use super::{Kind, ReportTable, Value};

    #[test]
    fn a_table_keeps_its_gaps() {
        let columns = [("name", Kind::Text), ("members", Kind::Count), ("share", Kind::Share)];
        let mut table = ReportTable::new("t", &columns);
        table.rows.push(vec![Value::Text("a".to_owned()), Value::Integer(3), Value::Number(0.5)]);
        table.rows.push(vec![Value::Text("b".to_owned()), Value::Empty, Value::Empty]);
        let batch = table.to_batch().expect("a batch");
        assert_eq!((batch.num_rows(), batch.num_columns()), (2, 3));
        assert_eq!((batch.column(1).null_count(), batch.column(2).null_count()), (1, 1));
    }
}
