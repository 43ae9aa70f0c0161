//! Files that people write and save: what is no text is told with its place, because editors do not show it.

use std::path::Path;

use super::error::CliError;

/// The text of a file.
pub(crate) fn read(path: &Path) -> Result<String, CliError> {
    let bytes = std::fs::read(path).map_err(|cause| CliError::file(path, &cause))?;
    String::from_utf8(bytes).map_err(|cause| CliError::file(path, &not_text(&cause)))
}

fn not_text(cause: &std::string::FromUtf8Error) -> String {
    let at = cause.utf8_error().valid_up_to();
    let before = cause.as_bytes().get(..at).unwrap_or_default();
    let line = before.split(|byte| *byte == b'\n').count();
    format!("the byte at offset {at}, in line {line}, is not UTF-8: save the file as UTF-8 and try again")
}
