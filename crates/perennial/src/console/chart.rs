//! A chart as its page needs it: a table of numbers with titles, from which the script draws. The table is the
//! chart's text alternative, its print and its file at once.

use super::csv_file::CsvFile;
use super::format::number;

/// A chart of a page.
pub(crate) struct Chart {
    /// Short name in addresses.
    pub(crate) id: &'static str,
    /// `line`, `curve`, `stack`, `bars`, `intervals` (bars of the first column, from the second to the third), `map`, `waterfall`
    /// or `sankey`.
    pub(crate) kind: &'static str,
    /// What it shows.
    pub(crate) title: String,
    /// In which unit.
    pub(crate) unit: String,
    /// What somebody would say who looks at it.
    pub(crate) description: String,
    /// Heading of the first column.
    pub(crate) first_column: String,
    /// Headings of the others: the series.
    pub(crate) columns: Vec<String>,
    /// The rows.
    pub(crate) rows: Vec<ChartRow>,
    /// Address of the file.
    pub(crate) csv: String,
}

/// One place on the axis: a point in time, a group.
pub(crate) struct ChartRow {
    /// In words, for the table.
    pub(crate) label: String,
    /// Short, for the axis.
    pub(crate) short: String,
    /// One for each series.
    pub(crate) values: Vec<Cell>,
}

/// A number, plain and as shown.
pub(crate) struct Cell {
    /// For the script and the file; not a number where nothing is known.
    pub(crate) value: f64,
    /// For the reader.
    pub(crate) shown: String,
}

impl From<i64> for Cell {
    #[expect(clippy::cast_precision_loss, reason = "what a chart shows is far below 2^53")]
    fn from(value: i64) -> Self {
        Self { value: value as f64, shown: number(value) }
    }
}

impl Chart {
    /// The table as a file. Dates are written as numbers, so that a spreadsheet can sort them.
    pub(crate) fn file(&self) -> CsvFile {
        let headings: Vec<&str> =
            std::iter::once(&self.first_column).chain(&self.columns).map(String::as_str).collect();
        let mut file = CsvFile::new(&headings);
        for row in &self.rows {
            let values = row.values.iter().map(|cell| cell.value.to_string());
            let cells: Vec<String> = std::iter::once(row.short.clone()).chain(values).collect();
            file.row(&cells);
        }
        file
    }
}
