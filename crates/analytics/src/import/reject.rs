//! The reject file: every row that could not be imported, with field, value and reason, as CSV that a
//! spreadsheet opens without running formulas.

use std::fs::File;
use std::io::BufWriter;
use std::path::Path;

use super::error::ImportError;

/// Why a row is not imported. The name is stable; the sentence says what to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reason {
    FieldCount,
    Undecodable,
    MissingReference,
    MissingMember,
    BadMember,
    BadTime,
    BadAmount,
    BadQuantity,
    BadNumber,
    BadCurrency,
    BadText,
    AmountTooLarge,
    WrongSign,
    ReceiptDisagrees,
    ReceiptIncomplete,
    TooManyLines,
    Duplicate,
    ReturnUnmatched,
    NoPurchaseNamed,
    MissingRespondent,
    UnknownRespondent,
    AnsweredTwice,
    BadAnswer,
    BadWeight,
}

/// A row that is not imported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reject<'a> {
    pub(crate) file: &'a Path,
    pub(crate) row: u64,
    pub(crate) field: &'a str,
    pub(crate) value: &'a str,
    pub(crate) reason: Reason,
}

impl Reason {
    /// The name it is counted by.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::FieldCount => "field_count",
            Self::Undecodable => "undecodable",
            Self::MissingReference => "missing_reference",
            Self::MissingMember => "missing_member",
            Self::BadMember => "bad_member",
            Self::BadTime => "bad_time",
            Self::BadAmount => "bad_amount",
            Self::BadQuantity => "bad_quantity",
            Self::BadNumber => "bad_number",
            Self::BadCurrency => "bad_currency",
            Self::BadText => "bad_text",
            Self::AmountTooLarge => "amount_too_large",
            Self::WrongSign => "wrong_sign",
            Self::ReceiptDisagrees => "receipt_disagrees",
            Self::ReceiptIncomplete => "receipt_incomplete",
            Self::TooManyLines => "too_many_lines",
            Self::Duplicate => "duplicate",
            Self::ReturnUnmatched => "return_unmatched",
            Self::NoPurchaseNamed => "no_purchase_named",
            Self::MissingRespondent => "missing_respondent",
            Self::UnknownRespondent => "unknown_respondent",
            Self::AnsweredTwice => "answered_twice",
            Self::BadAnswer => "bad_answer",
            Self::BadWeight => "bad_weight",
        }
    }

    fn sentence(self) -> &'static str {
        match self {
            Self::FieldCount => {
                "the row has more or fewer fields than the first line: check quotes and delimiter"
            }
            Self::Undecodable => "not text in this encoding: state file.encoding in the map",
            Self::MissingReference => "no receipt number",
            Self::MissingMember => "no row of this receipt names a member",
            Self::BadMember => "not an identifier of the kind the map states",
            Self::BadTime => "not a moment in the format the map states",
            Self::BadAmount => "not an amount as the map states them",
            Self::BadQuantity => "not a quantity",
            Self::BadNumber => "not a whole number",
            Self::BadCurrency => "not a currency: use an ISO 4217 code such as GBP",
            Self::BadText => "longer than 128 bytes, or with control characters",
            Self::AmountTooLarge => "larger than any amount that can be recorded",
            Self::WrongSign => "its sign contradicts the map or the quantity",
            Self::ReceiptDisagrees => "rows of this receipt disagree",
            Self::ReceiptIncomplete => {
                "another row of this receipt was rejected, and receipts are imported whole"
            }
            Self::TooManyLines => "more than 1000 lines in one receipt",
            Self::Duplicate => "equal to another row in every column",
            Self::ReturnUnmatched => "no purchase found that this return could come from",
            Self::NoPurchaseNamed => "the return does not name its purchase",
            Self::MissingRespondent => "the row does not say whose it is",
            Self::UnknownRespondent => "nobody in the lake is called so: check member.kind in the map",
            Self::AnsweredTwice => "an earlier row has the same member's form",
            Self::BadAnswer => "not an answer that this question can have",
            Self::BadWeight => "not a weight above 0, and at most 1000",
        }
    }
}

/// Rejected rows kept for whoever asks; the file has them all.
pub const KEPT_MAX: usize = 10_000;

/// A rejected row as the reject file states it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RejectedRow {
    /// The file.
    pub file: String,
    /// The row in it.
    pub row: u64,
    /// What is wrong.
    pub field: String,
    /// What it holds.
    pub value: String,
    /// Why it is rejected, by the name it is counted by.
    pub reason: String,
    /// Why it is rejected, in a sentence.
    pub sentence: String,
}

/// Writes the reject file; without a path, rejects are only counted and the first kept.
pub(crate) struct RejectFile {
    writer: Option<csv::Writer<BufWriter<File>>>,
    kept: Vec<RejectedRow>,
    room: usize,
}

impl RejectFile {
    pub(crate) fn create(path: Option<&Path>) -> Result<Self, ImportError> {
        let (kept, room) = (Vec::new(), KEPT_MAX);
        let Some(path) = path else { return Ok(Self { writer: None, kept, room }) };
        let file =
            File::create(path).map_err(|source| ImportError::RejectFile { path: path.to_owned(), source })?;
        let mut writer = csv::Writer::from_writer(BufWriter::new(file));
        writer
            .write_record(["file", "row", "field", "value", "reason", "sentence"])
            .map_err(|error| ImportError::from_reject(&error))?;
        Ok(Self { writer: Some(writer), kept, room })
    }

    pub(crate) fn write(&mut self, reject: &Reject<'_>) -> Result<(), ImportError> {
        let (reason, sentence) = (reject.reason.name(), reject.reason.sentence());
        self.write_row(reject.file, reject.row, [reject.field, reject.value, reason, sentence])
    }

    pub(super) fn write_row(
        &mut self,
        file: &Path,
        row: u64,
        [field, value, reason, sentence]: [&str; 4],
    ) -> Result<(), ImportError> {
        if self.room > 0 {
            self.room -= 1;
            let (file, field) = (file.display().to_string(), field.to_owned());
            let (value, sentence) = (value.chars().take(200).collect(), sentence.to_owned());
            let reason = reason.to_owned();
            self.kept.push(RejectedRow { file, row, field, value, reason, sentence });
        }
        let Some(writer) = &mut self.writer else { return Ok(()) };
        let file = safe_cell(&file.display().to_string());
        let (row, field, value) = (row.to_string(), safe_cell(field), safe_cell(value));
        writer
            .write_record([file.as_str(), row.as_str(), &field, &value, reason, sentence])
            .map_err(|error| ImportError::from_reject(&error))
    }

    /// The rows kept since the last time.
    pub(crate) fn take_kept(&mut self) -> Vec<RejectedRow> {
        std::mem::take(&mut self.kept)
    }

    pub(crate) fn flush(&mut self) -> Result<(), ImportError> {
        match &mut self.writer {
            Some(writer) => writer.flush().map_err(|error| ImportError::from_reject(&error)),
            None => Ok(()),
        }
    }
}

/// A cell that no spreadsheet takes for a formula.
fn safe_cell(text: &str) -> String {
    let mut cell: String = text.chars().take(200).collect();
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        cell.insert(0, '\'');
    }
    cell
}

#[cfg(test)]
mod tests {
    use super::safe_cell;

    #[test]
    fn no_cell_is_a_formula() {
        for text in ["=1+1", "+49", "-5", "@SUM(A1)", "\t=1", "\r=1"] {
            assert_eq!(safe_cell(text), format!("'{text}"));
        }
        assert_eq!(safe_cell("536365"), "536365");
    }
}
