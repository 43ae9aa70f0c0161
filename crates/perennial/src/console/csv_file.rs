//! Tables as files that spreadsheets open rightly: UTF-8 with its mark (Chinese Excel needs it), and no cell that a
//! spreadsheet would run as a formula. A long one is sent while it is made.

use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::Body;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use operations::OperationError;
use tokio::sync::mpsc;

use super::page::Frame;
use super::problem;

/// Parts of a file that may wait for a slow reader.
const PARTS_WAITING: usize = 4;

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
        answer(name, Body::from(self.text))
    }
}

/// A part of a file, or that there will be no more of it.
type Part = Result<String, std::io::Error>;

/// The rows of a file that is too long to be made before it is sent.
pub(crate) trait Rows: Send + 'static {
    /// Writes the next rows, and says whether there may be more.
    fn write_next(
        &mut self,
        f: &Frame,
        file: &mut CsvFile,
    ) -> impl Future<Output = Result<bool, OperationError>> + Send;
}

/// The download of a file that is sent while it is made; the headings are keys of the catalogue. What fails before
/// anything was sent is told on a page. Later the connection is cut, so that nobody takes what came for the whole.
pub(crate) async fn download_rows(
    f: Frame,
    name: &'static str,
    headings: &[&str],
    mut rows: impl Rows,
) -> Response {
    let headings: Vec<String> = headings.iter().map(|key| f.t(key)).collect();
    let mut file = CsvFile::new(&headings);
    let mut more = match rows.write_next(&f, &mut file).await {
        Ok(more) => more,
        Err(error) => return problem::failed(f, &error),
    };
    let (send, parts) = mpsc::channel::<Part>(PARTS_WAITING);
    tokio::spawn(async move {
        loop {
            let part = std::mem::take(&mut file.text);
            // Whoever closed the connection has enough.
            if !part.is_empty() && send.send(Ok(part)).await.is_err() || !more {
                return;
            }
            more = match rows.write_next(&f, &mut file).await {
                Ok(more) => more,
                Err(cause) => {
                    tracing::error!(%cause, name, "a file could not be sent to its end");
                    let _ = send.send(Err(std::io::Error::other("the file is not whole"))).await;
                    return;
                }
            };
        }
    });
    answer(name, Body::from_stream(Parts(parts)))
}

struct Parts(mpsc::Receiver<Part>);

impl futures_core::Stream for Parts {
    type Item = Part;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Part>> {
        self.0.poll_recv(context)
    }
}

fn answer(name: &str, body: Body) -> Response {
    let disposition = HeaderValue::from_str(&format!("attachment; filename=\"{name}.csv\""))
        .unwrap_or(HeaderValue::from_static("attachment"));
    let content_type = HeaderValue::from_static("text/csv; charset=utf-8");
    ([(header::CONTENT_TYPE, content_type), (header::CONTENT_DISPOSITION, disposition)], body).into_response()
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
