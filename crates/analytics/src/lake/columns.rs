//! Rows on their way into a file: one builder for each column.

use std::sync::Arc;

use arrow::array::{
    ArrayRef, Date32Builder, Int64Builder, RecordBatch, StringViewBuilder, TimestampMicrosecondBuilder,
};
use jiff::Timestamp;
use jiff::civil::Date;

use super::error::LakeError;
use super::table::{Kind, Table, UTC};

/// A value of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cell<'a> {
    /// Nothing is known.
    Empty,
    /// A number.
    Integer(i64),
    /// A text.
    Text(&'a str),
    /// An instant.
    Instant(Timestamp),
    /// A local date.
    Day(Date),
}

/// Rows of one table that wait to be written.
#[derive(Debug)]
pub(super) struct Rows {
    table: Table,
    columns: Vec<Builder>,
    count: usize,
}

#[derive(Debug)]
enum Builder {
    Integer(Int64Builder),
    Text(StringViewBuilder),
    Instant(TimestampMicrosecondBuilder),
    Day(Date32Builder),
}

impl Rows {
    pub(super) fn new(table: Table) -> Self {
        let columns = table.columns().iter().map(|(_, kind, _)| Builder::new(*kind)).collect();
        Self { table, columns, count: 0 }
    }

    pub(super) fn len(&self) -> usize {
        self.count
    }

    /// Adds a row, whose cells stand in the order of the table's columns.
    pub(super) fn push(&mut self, cells: &[Cell<'_>]) -> Result<(), LakeError> {
        if cells.len() != self.columns.len() {
            return Err(misfit(self.table, "a row has another number of cells"));
        }
        for (column, cell) in self.columns.iter_mut().zip(cells) {
            if !column.push(cell) {
                return Err(misfit(self.table, "a cell is of another kind than its column"));
            }
        }
        self.count += 1;
        Ok(())
    }

    /// Takes the rows out.
    pub(super) fn finish(&mut self) -> Result<RecordBatch, LakeError> {
        let arrays: Vec<ArrayRef> = self.columns.iter_mut().map(Builder::finish).collect();
        self.count = 0;
        Ok(RecordBatch::try_new(self.table.schema(), arrays)?)
    }
}

fn misfit(table: Table, what: &str) -> LakeError {
    arrow::error::ArrowError::SchemaError(format!("{}: {what}", table.name())).into()
}

impl Builder {
    fn new(kind: Kind) -> Self {
        match kind {
            Kind::Integer => Self::Integer(Int64Builder::new()),
            // Codes and stores repeat: a view of the first one is enough for all.
            Kind::Text => Self::Text(StringViewBuilder::new().with_deduplicate_strings()),
            Kind::Instant => {
                Self::Instant(TimestampMicrosecondBuilder::new().with_timezone(Arc::<str>::from(UTC)))
            }
            Kind::Day => Self::Day(Date32Builder::new()),
        }
    }

    /// Adds a cell, if it is of the right kind.
    fn push(&mut self, cell: &Cell<'_>) -> bool {
        match (self, cell) {
            (Self::Integer(column), Cell::Integer(value)) => column.append_value(*value),
            (Self::Text(column), Cell::Text(value)) => column.append_value(value),
            (Self::Instant(column), Cell::Instant(value)) => column.append_value(value.as_microsecond()),
            (Self::Day(column), Cell::Day(value)) => column.append_value(days_since_1970(*value)),
            (Self::Integer(column), Cell::Empty) => column.append_null(),
            (Self::Text(column), Cell::Empty) => column.append_null(),
            (Self::Instant(column), Cell::Empty) => column.append_null(),
            (Self::Day(column), Cell::Empty) => column.append_null(),
            _ => return false,
        }
        true
    }

    fn finish(&mut self) -> ArrayRef {
        match self {
            Self::Integer(column) => Arc::new(column.finish()),
            Self::Text(column) => Arc::new(column.finish()),
            Self::Instant(column) => Arc::new(column.finish()),
            Self::Day(column) => Arc::new(column.finish()),
        }
    }
}

/// A date as Arrow counts it.
pub(crate) fn days_since_1970(day: Date) -> i32 {
    (day - Date::constant(1970, 1, 1)).get_days()
}

impl<'a> Cell<'a> {
    /// A text that may be missing or empty, which is the same.
    pub(super) fn text(text: Option<&'a str>) -> Self {
        text.filter(|text| !text.is_empty()).map_or(Self::Empty, Cell::Text)
    }

    /// A number that may be missing.
    pub(super) fn integer(value: Option<i64>) -> Self {
        value.map_or(Self::Empty, Cell::Integer)
    }
}
