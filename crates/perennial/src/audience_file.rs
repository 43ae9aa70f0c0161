//! Files that name the members of an audience: CSV with a column `member` and, where one file holds several segments, a
//! column `segment`. Other columns, for instance `probability`, are passed over.

use std::io::Read;

use domain::refusal::Refusal;
use operations::{AUDIENCE_PAGE_ROWS, AudienceRow, OperationError};

const MEMBER: &str = "member";
const SEGMENT: &str = "segment";

/// A file being read.
pub struct AudienceFile<R> {
    rows: csv::Reader<R>,
    member: usize,
    /// Where the segment stands in a row, and which rows are meant.
    only: Option<(usize, String)>,
    path: String,
}

impl<R: Read> AudienceFile<R> {
    /// Reads the header. `only` chooses the rows whose column `segment` says so; it is needed where there is that column.
    pub fn open(path: &str, source: R, only: Option<&str>) -> Result<Self, OperationError> {
        let mut rows = csv::ReaderBuilder::new().trim(csv::Trim::All).flexible(true).from_reader(source);
        let header = rows.headers().map_err(|cause| unreadable(path, &cause))?.clone();
        let place = |name: &str| header.iter().position(|column| column.eq_ignore_ascii_case(name));
        let found = || header.iter().collect::<Vec<_>>().join(",");
        let member = place(MEMBER).ok_or_else(|| {
            let remedy = "name the column of the members “member” in the first line";
            Refusal::field("header", found(), remedy)
        })?;
        let only = match (place(SEGMENT), only) {
            (None, None) => None,
            (Some(place), Some(value)) => Some((place, value.trim().to_owned())),
            (Some(_), None) => {
                let remedy = "the file has a column “segment”: say which of its values the audience is";
                return Err(Refusal::field("header", found(), remedy).into());
            }
            (None, Some(value)) => {
                let remedy = format!("the file has no column “segment” to find “{value}” in: leave that out");
                return Err(Refusal::field("header", found(), remedy).into());
            }
        };
        Ok(Self { rows, member, only, path: path.to_owned() })
    }

    /// The next rows; none at the end.
    pub fn page(&mut self) -> Result<Vec<AudienceRow>, OperationError> {
        let mut page = Vec::with_capacity(AUDIENCE_PAGE_ROWS);
        let mut record = csv::StringRecord::new();
        while page.len() < AUDIENCE_PAGE_ROWS {
            if !self.rows.read_record(&mut record).map_err(|cause| unreadable(&self.path, &cause))? {
                break;
            }
            let meant =
                self.only.as_ref().is_none_or(|(place, value)| record.get(*place) == Some(value.as_str()));
            if meant {
                let line = record.position().map_or(0, csv::Position::line);
                let member = record.get(self.member).unwrap_or_default().to_owned();
                page.push(AudienceRow { line, member });
            }
        }
        Ok(page)
    }
}

fn unreadable(path: &str, cause: &csv::Error) -> OperationError {
    OperationError::File { path: path.to_owned(), reason: cause.to_string() }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::AudienceFile;

    fn read(text: &str, only: Option<&str>) -> Result<Vec<(u64, String)>, String> {
        let mut file =
            AudienceFile::open("f.csv", text.as_bytes(), only).map_err(|error| error.to_string())?;
        let page = file.page().map_err(|error| error.to_string())?;
        assert!(file.page().unwrap().is_empty());
        Ok(page.into_iter().map(|row| (row.line, row.member)).collect())
    }

    #[test]
    fn members_are_read_with_their_lines() {
        let rows = read("\u{feff}Member\ncard:1\n\"external:2\"\n mem_x \n", None).unwrap();
        let expected = [(2, "card:1"), (3, "external:2"), (4, "mem_x")];
        assert_eq!(rows, expected.map(|(line, member)| (line, member.to_owned())));
    }

    #[test]
    fn of_a_file_with_several_segments_one_is_chosen() {
        let text = "member,segment,probability\na,early,0.9\nb,late,0.5\nc,early\n";
        assert_eq!(read(text, Some("early")).unwrap(), [(2, "a".to_owned()), (4, "c".to_owned())]);
        assert!(read(text, None).unwrap_err().contains("say which of its values"));
        assert!(read("member\na\n", Some("early")).unwrap_err().contains("no column “segment”"));
        assert!(read("who\na\n", None).unwrap_err().contains("header is “who”"));
    }
}
