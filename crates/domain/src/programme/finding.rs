//! What a check of a programme found: where, which value, what is wrong and what to do.

use std::fmt;

use serde::Serialize;

/// How much a finding matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// The programme cannot be published.
    Error,
    /// It can, but probably means something else.
    Warning,
}

/// One thing wrong or doubtful in a programme.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// How much it matters.
    pub severity: Severity,
    /// Line in the file, from 1; none where the programme did not come from a text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
    /// Path of the field, for instance `rules[3].conditions.tier`.
    pub field: String,
    /// The value found there.
    pub value: String,
    /// What is wrong with it.
    pub message: String,
    /// What to do.
    pub remedy: String,
}

impl Finding {
    /// Whether the programme cannot be published.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let severity = if self.is_error() { "error" } else { "warning" };
        if let Some(line) = self.line {
            write!(f, "line {line}: ")?;
        }
        write!(f, "{severity}: {} = {}: {}. {}", self.field, self.value, self.message, self.remedy)
    }
}
