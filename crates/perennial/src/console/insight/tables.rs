//! The tables of an answer as the reader wants to see one of them: sorted, filtered, page by page. What is wanted stands in
//! the address; the other tables show their first rows in the order of the answer. The files have all rows.

use std::cmp::Ordering;

use analytics::report::{Column, Kind, Report, ReportTable, Value};
use serde::Deserialize;

use super::query::InsightQuery;
use super::values::Values;
use crate::console::format::number;
use crate::console::page::Frame;
use crate::console::query::encode;

/// Rows of a page of a table.
const ROWS_SHOWN_MAX: usize = 40;
/// From so many rows on, a table can be filtered.
const ROWS_FILTERED_MIN: usize = 12;
/// Drawn as a curve, a triangle or shades: their rows are in the file alone.
const DRAWN_ONLY: [&str; 4] = ["lorenz-curve", "qini-curve", "cohorts", "segment-explorer"];

/// What an address wants of one table.
#[derive(Debug, Clone, Default, Deserialize)]
pub(super) struct TableQuery {
    #[serde(default)]
    table: String,
    #[serde(default)]
    sort: String,
    #[serde(default)]
    direction: String,
    #[serde(default)]
    find: String,
    #[serde(default)]
    page: String,
}

/// A table as it is shown.
pub(super) struct TableView {
    pub(super) id: String,
    pub(super) name: &'static str,
    pub(super) title: String,
    pub(super) columns: Vec<ColumnView>,
    pub(super) rows: Vec<Vec<String>>,
    /// What is shown of how many rows.
    pub(super) count: Option<String>,
    /// The text that rows must have; none where the table is short.
    pub(super) find: Option<String>,
    pub(super) sort: String,
    pub(super) direction: String,
    pub(super) previous: Option<String>,
    pub(super) next: Option<String>,
    pub(super) csv: String,
    pub(super) parquet: String,
}

/// A column's head.
pub(super) struct ColumnView {
    pub(super) label: String,
    pub(super) numeric: bool,
    /// Whether its cells are dates, which are not broken into lines.
    pub(super) day: bool,
    pub(super) address: String,
    pub(super) order: Option<&'static str>,
    pub(super) arrow: &'static str,
}

/// All tables of an answer.
pub(super) fn tables(
    f: &Frame,
    values: &Values<'_>,
    report: &Report,
    query: &InsightQuery,
    wanted: &TableQuery,
) -> Vec<TableView> {
    let path = format!("/console/insight/{}", report.report);
    let view = |table: &ReportTable| {
        let own = if wanted.table == table.name { wanted.clone() } else { TableQuery::default() };
        let shown = Shown { f, values, table, query, path: &path, wanted: &own };
        shown.view()
    };
    report.tables.iter().map(view).collect()
}

struct Shown<'a> {
    f: &'a Frame,
    values: &'a Values<'a>,
    table: &'a ReportTable,
    query: &'a InsightQuery,
    path: &'a str,
    wanted: &'a TableQuery,
}

impl Shown<'_> {
    fn view(&self) -> TableView {
        let (f, table) = (self.f, self.table);
        let file = |ending: &str| self.query.address(&format!("{}/{}.{ending}", self.path, table.name));
        let drawn_only = DRAWN_ONLY.contains(&table.name);
        let rows = if drawn_only { Vec::new() } else { self.rows() };
        let pages = rows.len().div_ceil(ROWS_SHOWN_MAX).max(1);
        let page = self.wanted.page.parse::<usize>().unwrap_or(1).clamp(1, pages);
        let first = (page - 1) * ROWS_SHOWN_MAX;
        let to_page = |page: usize| self.address(&self.wanted.sort, &self.wanted.direction, page);
        TableView {
            id: format!("rows-{}", table.name),
            name: table.name,
            title: f.named("table-", table.name),
            columns: table.columns.iter().map(|column| self.column(column)).collect(),
            count: self.count(drawn_only, first, rows.len()),
            find: (!drawn_only && table.rows.len() >= ROWS_FILTERED_MIN).then(|| self.wanted.find.clone()),
            sort: self.wanted.sort.clone(),
            direction: self.wanted.direction.clone(),
            previous: (page > 1).then(|| to_page(page - 1)),
            next: (page < pages).then(|| to_page(page + 1)),
            rows: rows.into_iter().skip(first).take(ROWS_SHOWN_MAX).map(|row| self.cells(row)).collect(),
            csv: file("csv"),
            parquet: file("parquet"),
        }
    }

    fn cells(&self, row: &[Value]) -> Vec<String> {
        let cells = row.iter().zip(&self.table.columns);
        cells.map(|(value, column)| self.values.cell(value, column.kind)).collect()
    }

    /// The rows that have the text, in the order that is wanted.
    fn rows(&self) -> Vec<&[Value]> {
        let find = self.wanted.find.trim().to_lowercase();
        let has = |row: &[Value]| {
            row.iter().zip(&self.table.columns).any(|(value, column)| {
                is_text(column.kind) && self.values.cell(value, column.kind).to_lowercase().contains(&find)
            })
        };
        let rows = self.table.rows.iter().map(Vec::as_slice);
        let mut rows: Vec<&[Value]> = rows.filter(|row| find.is_empty() || has(row)).collect();
        if let Some(at) = self.table.columns.iter().position(|column| column.name == self.wanted.sort) {
            let descending = self.wanted.direction == "descending";
            rows.sort_by(|one, other| compare(&one[at], &other[at], descending));
        }
        rows
    }

    fn column(&self, column: &Column) -> ColumnView {
        let numeric = !is_text(column.kind);
        let current = self.wanted.sort == column.name;
        let is_descending = self.wanted.direction == "descending";
        // Numbers are looked at from the largest on, names from the first.
        let next = if current { !is_descending } else { numeric };
        let (order, arrow) = match (current, is_descending) {
            (false, _) => (None, ""),
            (true, true) => (Some("descending"), " ↓"),
            (true, false) => (Some("ascending"), " ↑"),
        };
        ColumnView {
            label: self.f.named("column-", column.name),
            numeric,
            day: column.kind == Kind::Day,
            address: self.address(column.name, if next { "descending" } else { "ascending" }, 1),
            order,
            arrow,
        }
    }

    /// What is shown; nothing to say where all of a short table is.
    fn count(&self, drawn_only: bool, first: usize, found: usize) -> Option<String> {
        let all = self.table.rows.len();
        if drawn_only {
            return Some(self.f.n("insight-rows-in-file", all));
        }
        if found == all && all <= ROWS_SHOWN_MAX {
            return None;
        }
        let shown = |count: usize| number(i64::try_from(count).unwrap_or(i64::MAX));
        let last = (first + ROWS_SHOWN_MAX).min(found);
        let first = if found == 0 { 0 } else { first + 1 };
        let parts =
            [("first", shown(first)), ("last", shown(last)), ("found", shown(found)), ("all", shown(all))];
        let parts = parts.each_ref().map(|(name, value)| (*name, value.as_str()));
        Some(self.f.with("insight-rows-shown", &parts))
    }

    /// The page with this table sorted so, at its place.
    fn address(&self, sort: &str, direction: &str, page: usize) -> String {
        let mut address = self.query.address(self.path);
        let page = if page > 1 { page.to_string() } else { String::new() };
        let parts = [
            ("table", self.table.name),
            ("sort", sort),
            ("direction", direction),
            ("find", self.wanted.find.trim()),
            ("page", &page),
        ];
        for (name, value) in parts.iter().filter(|(_, value)| !value.is_empty()) {
            address.push(if address.contains('?') { '&' } else { '?' });
            address.extend([name, "=", &encode(value)]);
        }
        format!("{address}#rows-{}", self.table.name)
    }
}

/// The order of two cells. What is empty is last either way.
fn compare(one: &Value, other: &Value, descending: bool) -> Ordering {
    let empty = |value: &Value| *value == Value::Empty;
    let order = match (one.as_number(), other.as_number()) {
        (Some(one), Some(other)) => one.total_cmp(&other),
        _ if empty(one) || empty(other) => return empty(one).cmp(&empty(other)),
        _ => one.as_text().cmp(&other.as_text()),
    };
    if descending { order.reverse() } else { order }
}

fn is_text(kind: Kind) -> bool {
    matches!(kind, Kind::Text | Kind::Word | Kind::Day)
}

#[cfg(test)]
mod tests {
    use analytics::report::Value;

    use super::compare;

    #[test]
    fn numbers_are_sorted_as_numbers_and_what_is_empty_comes_last() {
        let mut cells = [Value::Number(10.0), Value::Empty, Value::Integer(9), Value::Number(-1.0)];
        cells.sort_by(|one, other| compare(one, other, true));
        assert_eq!(cells, [Value::Number(10.0), Value::Integer(9), Value::Number(-1.0), Value::Empty]);
        cells.sort_by(|one, other| compare(one, other, false));
        assert_eq!(cells, [Value::Number(-1.0), Value::Integer(9), Value::Number(10.0), Value::Empty]);
    }
}
