//! `check-programme`: says what is wrong or doubtful in a programme file: line, field, value, remedy.

use std::path::PathBuf;

use clap::Args;
use domain::programme::{Finding, Programme, check_toml};
use serde::Serialize;

use super::error::{CliError, Ended};
use super::output::Output;
use super::text_file;

/// Say what is wrong with a programme file.
#[derive(Debug, Args)]
pub(crate) struct CheckProgramme {
    /// The programme, TOML or JSON.
    file: PathBuf,
}

#[derive(Debug, Serialize)]
struct Report {
    file: PathBuf,
    errors: usize,
    warnings: usize,
    findings: Vec<Finding>,
}

impl CheckProgramme {
    pub(crate) fn run(self, output: Output) -> Result<Ended, CliError> {
        let text = text_file::read(&self.file)?;
        let findings = findings(&text);
        let errors = findings.iter().filter(|finding| finding.is_error()).count();
        let report = Report { file: self.file, errors, warnings: findings.len() - errors, findings };
        output.print(&report, words)?;
        Ok(if errors == 0 { Ended::Well } else { Ended::Refused })
    }
}

fn findings(text: &str) -> Vec<Finding> {
    if !text.trim_start().starts_with('{') {
        return check_toml(text).1;
    }
    match Programme::from_json(text) {
        Ok(programme) => domain::programme::check(&programme),
        Err(findings) => findings,
    }
}

fn words(report: &Report) -> String {
    let mut lines: Vec<String> =
        report.findings.iter().map(|finding| format!("{}: {finding}", report.file.display())).collect();
    lines.push(format!("{}: {} errors, {} warnings", report.file.display(), report.errors, report.warnings));
    lines.join("\n")
}
