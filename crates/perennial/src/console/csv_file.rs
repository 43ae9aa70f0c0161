//! Tables as files that spreadsheets open rightly: UTF-8 with its mark (Chinese Excel needs it), and no cell that a
//! spreadsheet would run as a formula.

use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};

/// A table on its way to a file.
pub(crate) struct CsvFile {
    text: String,
}

impl CsvFile {
    /// A file that begins with these headings.
    pub(crate) fn new<T: AsRef<str>>(headings: &[T]) -> Self {
        let mut file = Self { text: "\u{feff}".to_owned() };
        file.row(headings);
        file
    }

    /// Adds a row.
    pub(crate) fn row<T: AsRef<str>>(&mut self, cells: &[T]) {
        let cells: Vec<String> = cells.iter().map(|cell| written(cell.as_ref())).collect();
        self.text.push_str(&cells.join(","));
        self.text.push_str("\r\n");
    }

    /// The download.
    pub(crate) fn download(self, name: &str) -> Response {
        let disposition = HeaderValue::from_str(&format!("attachment; filename=\"{name}.csv\""))
            .unwrap_or(HeaderValue::from_static("attachment"));
        (
            [
                (header::CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8")),
                (header::CONTENT_DISPOSITION, disposition),
            ],
            self.text,
        )
            .into_response()
    }
}

/// A cell as it is written. Text that begins like a formula gets an apostrophe; plain numbers do not need one.
fn written(cell: &str) -> String {
    let formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r']) && cell.parse::<f64>().is_err();
    let safe = if formula || cell.starts_with('+') { format!("'{cell}") } else { cell.to_owned() };
    if safe.contains(['"', ',', '\n', '\r']) { format!("\"{}\"", safe.replace('"', "\"\"")) } else { safe }
}

#[cfg(test)]
mod tests {
    use super::{CsvFile, written};

    #[test]
    fn cells_are_quoted_where_needed_and_never_formulas() {
        for (cell, expected) in [
            ("张伟", "张伟"),
            ("a,b", "\"a,b\""),
            ("say \"hi\"", "\"say \"\"hi\"\"\""),
            ("-12", "-12"),
            ("=1+1", "'=1+1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("-cmd", "'-cmd"),
            ("+8613800138000", "'+8613800138000"),
        ] {
            assert_eq!(written(cell), expected);
        }
    }

    #[test]
    fn a_file_begins_with_the_mark_of_utf_8() {
        let mut file = CsvFile::new(&["name", "points"]);
        file.row(&["李娜", "5"]);
        assert_eq!(file.text, "\u{feff}name,points\r\n李娜,5\r\n");
    }
}
