//! Parameters and rows of statements whose text is the same on both engines. The hot path does not go this way.

use rusqlite::types::{ToSqlOutput, Value as Cell, ValueRef};
use tokio_postgres::types::{ToSql, Type};

use crate::StoreError;
use crate::rows::Columns;

/// A parameter of one of the few kinds the schema uses. Written `$1`, `$2` … in the text of a statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Value {
    Int(Option<i64>),
    Text(Option<String>),
    Bytes(Vec<u8>),
}

impl Value {
    pub(crate) fn for_postgres(&self) -> &(dyn ToSql + Sync) {
        match self {
            Self::Int(number) => number,
            Self::Text(text) => text,
            Self::Bytes(bytes) => bytes,
        }
    }
}

impl rusqlite::ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Int(Some(number)) => ValueRef::Integer(*number),
            Self::Text(Some(text)) => ValueRef::Text(text.as_bytes()),
            Self::Bytes(bytes) => ValueRef::Blob(bytes),
            Self::Int(None) | Self::Text(None) => ValueRef::Null,
        }))
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Int(Some(number))
    }
}

impl From<u32> for Value {
    fn from(number: u32) -> Self {
        Self::Int(Some(i64::from(number)))
    }
}

impl From<Option<i64>> for Value {
    fn from(number: Option<i64>) -> Self {
        Self::Int(number)
    }
}

impl From<bool> for Value {
    fn from(truth: bool) -> Self {
        Self::Int(Some(i64::from(truth)))
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(Some(text.to_owned()))
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(Some(text))
    }
}

impl From<Option<&str>> for Value {
    fn from(text: Option<&str>) -> Self {
        Self::Text(text.map(str::to_owned))
    }
}

impl From<Option<String>> for Value {
    fn from(text: Option<String>) -> Self {
        Self::Text(text)
    }
}

impl From<&[u8]> for Value {
    fn from(bytes: &[u8]) -> Self {
        Self::Bytes(bytes.to_vec())
    }
}

impl From<jiff::Timestamp> for Value {
    fn from(instant: jiff::Timestamp) -> Self {
        Self::Int(Some(crate::rows::micros(instant)))
    }
}

impl From<Option<jiff::Timestamp>> for Value {
    fn from(instant: Option<jiff::Timestamp>) -> Self {
        Self::Int(instant.map(crate::rows::micros))
    }
}

impl From<domain::ids::AccountId> for Value {
    fn from(account: domain::ids::AccountId) -> Self {
        Self::Int(Some(account.number()))
    }
}

/// A row that was read.
#[derive(Debug)]
pub(crate) enum Row {
    Sqlite(Vec<Cell>),
    Postgres(tokio_postgres::Row),
}

/// A column that is not there or not of the kind it is read as: a defect in a statement of this crate.
fn mismatch(column: usize) -> StoreError {
    StoreError::Corrupt(format!("column {column} is missing or of another kind"))
}

impl Row {
    /// The first columns as they are.
    pub(crate) fn values(&self, width: usize) -> Result<Vec<Value>, StoreError> {
        (0..width).map(|column| self.value(column)).collect()
    }

    fn value(&self, column: usize) -> Result<Value, StoreError> {
        match self {
            Self::Sqlite(cells) => match cells.get(column) {
                Some(Cell::Null) => Ok(Value::Int(None)),
                Some(Cell::Integer(number)) => Ok(Value::Int(Some(*number))),
                Some(Cell::Text(text)) => Ok(Value::Text(Some(text.clone()))),
                Some(Cell::Blob(bytes)) => Ok(Value::Bytes(bytes.clone())),
                _ => Err(mismatch(column)),
            },
            Self::Postgres(row) => match row.columns().get(column).map(tokio_postgres::Column::type_) {
                Some(&Type::INT8) => Ok(Value::Int(row.int_or_null(column)?)),
                Some(&Type::TEXT) => Ok(Value::Text(row.text_or_null(column)?.map(str::to_owned))),
                Some(&Type::BYTEA) => Ok(Value::Bytes(row.bytes(column)?.to_vec())),
                _ => Err(mismatch(column)),
            },
        }
    }
}

impl Columns for Row {
    fn int(&self, column: usize) -> Result<i64, StoreError> {
        self.int_or_null(column)?.ok_or_else(|| mismatch(column))
    }

    fn int_or_null(&self, column: usize) -> Result<Option<i64>, StoreError> {
        match self {
            Self::Sqlite(cells) => match cells.get(column) {
                Some(Cell::Integer(number)) => Ok(Some(*number)),
                Some(Cell::Null) => Ok(None),
                _ => Err(mismatch(column)),
            },
            Self::Postgres(row) => row.int_or_null(column),
        }
    }

    fn text(&self, column: usize) -> Result<&str, StoreError> {
        self.text_or_null(column)?.ok_or_else(|| mismatch(column))
    }

    fn text_or_null(&self, column: usize) -> Result<Option<&str>, StoreError> {
        match self {
            Self::Sqlite(cells) => match cells.get(column) {
                Some(Cell::Text(text)) => Ok(Some(text)),
                Some(Cell::Null) => Ok(None),
                _ => Err(mismatch(column)),
            },
            Self::Postgres(row) => row.text_or_null(column),
        }
    }

    fn bytes(&self, column: usize) -> Result<&[u8], StoreError> {
        match self {
            Self::Sqlite(cells) => match cells.get(column) {
                Some(Cell::Blob(bytes)) => Ok(bytes),
                _ => Err(mismatch(column)),
            },
            Self::Postgres(row) => row.bytes(column),
        }
    }
}
