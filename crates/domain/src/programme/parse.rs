//! Reads a programme from TOML or JSON. Every finding from a TOML text names its line.

use std::collections::HashMap;
use std::ops::Range;

use toml::de::{DeTable, DeValue};

use super::{Finding, Programme, Severity, check};

/// Reads and checks a programme in TOML. Warnings alone do not refuse it: see [`check_toml`].
pub fn parse_toml(text: &str) -> Result<Programme, Vec<Finding>> {
    match check_toml(text) {
        (Some(programme), findings) if !findings.iter().any(Finding::is_error) => Ok(programme),
        (_, findings) => Err(findings),
    }
}

/// Reads a programme in TOML and reports everything found, warnings included. The programme is there whenever
/// the text could be read, even if it must not be published.
pub fn check_toml(text: &str) -> (Option<Programme>, Vec<Finding>) {
    let table = match DeTable::parse(text) {
        Ok(table) => table,
        Err(error) => return (None, vec![unreadable(text, &error, &Places::default())]),
    };
    let mut places = Places::default();
    places.enter_table("", table.get_ref());
    match toml::from_str::<Programme>(text) {
        Err(error) => (None, vec![unreadable(text, &error, &places)]),
        Ok(programme) => {
            let findings =
                check(&programme).into_iter().map(|finding| places.locate(text, finding)).collect();
            (Some(programme), findings)
        }
    }
}

impl Programme {
    /// Reads and checks a programme in JSON.
    pub fn from_json(text: &str) -> Result<Self, Vec<Finding>> {
        let programme: Self = serde_json::from_str(text).map_err(|error| {
            vec![Finding {
                severity: Severity::Error,
                line: Some(error.line()).filter(|line| *line > 0),
                field: String::new(),
                value: String::new(),
                message: error.to_string(),
                remedy: remedy(&error.to_string()),
            }]
        })?;
        let findings = check(&programme);
        if findings.iter().any(Finding::is_error) { Err(findings) } else { Ok(programme) }
    }

    /// The programme as TOML.
    pub fn to_toml(&self) -> Result<String, toml::ser::Error> {
        toml::to_string_pretty(self)
    }
}

/// Where each field of a text stands.
#[derive(Default)]
struct Places {
    /// The first byte of each. Lines are counted for what is found there, not for every field.
    starts: HashMap<String, usize>,
    spans: Vec<(Range<usize>, String)>,
}

impl Places {
    fn enter_table(&mut self, path: &str, table: &DeTable<'_>) {
        for (key, value) in table {
            let name = key.get_ref();
            let field = if path.is_empty() { name.to_string() } else { format!("{path}.{name}") };
            self.spans.push((key.span(), field.clone()));
            self.starts.entry(field.clone()).or_insert(key.span().start);
            self.enter_value(&field, value.span(), value.get_ref());
        }
    }

    fn enter_value(&mut self, field: &str, span: Range<usize>, value: &DeValue<'_>) {
        self.spans.push((span, field.to_owned()));
        match value {
            DeValue::Table(table) => self.enter_table(field, table),
            DeValue::Array(array) => {
                for (position, element) in array.iter().enumerate() {
                    let field = format!("{field}[{position}]");
                    self.starts.insert(field.clone(), element.span().start);
                    self.enter_value(&field, element.span(), element.get_ref());
                }
            }
            _ => {}
        }
    }

    /// Adds the line of the field, or of the nearest part around it that stands in the text.
    fn locate(&self, text: &str, mut finding: Finding) -> Finding {
        let mut field = finding.field.as_str();
        finding.line = loop {
            if let Some(start) = self.starts.get(field) {
                break Some(line_of(text, *start));
            }
            match field.rfind(['.', '[']) {
                Some(end) => field = &field[..end],
                None => break Some(1),
            }
        };
        finding
    }

    /// The innermost field around a position.
    fn field_at(&self, position: usize) -> String {
        let around = self.spans.iter().filter(|(span, _)| span.contains(&position));
        around.min_by_key(|(span, _)| span.len()).map(|(_, field)| field.clone()).unwrap_or_default()
    }
}

fn unreadable(text: &str, error: &toml::de::Error, places: &Places) -> Finding {
    let span = error.span();
    let value = span.clone().and_then(|span| text.get(span)).unwrap_or_default();
    let start = span.map_or(0, |span| span.start);
    Finding {
        severity: Severity::Error,
        line: Some(line_of(text, start)),
        field: places.field_at(start),
        value: value.lines().next().unwrap_or_default().to_owned(),
        message: error.message().replace('\n', " "),
        remedy: remedy(error.message()),
    }
}

/// What to do about a text that does not have the form of a programme.
fn remedy(message: &str) -> String {
    let remedy = if message.contains("floating point") {
        "Write decimals in quotes, for instance \"1.20\", so that they stay exact"
    } else if message.starts_with("unknown field") {
        "Correct the name or remove the field"
    } else if message.starts_with("unknown variant") {
        "Use one of the named values"
    } else if message.starts_with("missing field") {
        "Add the field"
    } else if message.contains("$__toml_private") || message.contains("map") {
        "Write dates and times in quotes, for instance \"2026-11-11\" and \"18:00\"; see the JSON Schema for the form"
    } else {
        "See the JSON Schema or an example programme for the form"
    };
    remedy.to_owned()
}

fn line_of(text: &str, position: usize) -> usize {
    text.as_bytes().iter().take(position).filter(|byte| **byte == b'\n').count() + 1
}
