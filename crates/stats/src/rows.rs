//! A table of numbers as one slice: cases in rows, what is known of each in columns.

use crate::unfit::{Unfit, at_least, finite, length};

/// Rows of equal length, one after another in one slice.
#[derive(Debug, Clone, Copy)]
pub struct Rows<'a> {
    values: &'a [f64],
    columns: usize,
}

impl<'a> Rows<'a> {
    /// Cuts the slice into rows of so many columns, at least one.
    pub fn new(values: &'a [f64], columns: usize) -> Result<Self, Unfit> {
        at_least("the list of columns", columns, 1)?;
        finite("a value of the table", values)?;
        let whole = values.len() / columns * columns;
        length("the table", values.len(), whole)?;
        Ok(Self { values, columns })
    }

    /// Number of rows.
    pub fn len(&self) -> usize {
        self.values.len() / self.columns
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// Values in a row.
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// One row; empty beyond the end.
    pub fn row(&self, index: usize) -> &'a [f64] {
        self.values.get(index * self.columns..(index + 1) * self.columns).unwrap_or(&[])
    }

    /// All rows in order.
    pub fn iter(&self) -> impl Iterator<Item = &'a [f64]> + use<'a> {
        self.values.chunks_exact(self.columns)
    }
}
