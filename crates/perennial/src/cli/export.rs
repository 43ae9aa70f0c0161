//! `export`: writes everything of one kind as CSV or JSON lines.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use operations::{Engine, ExportKind};
use serde_json::{Map, Value, json};

use super::database::DatabaseArgument;
use super::error::{CliError, Ended};
use super::output::Output;

/// Write everything of one kind to a file.
#[derive(Debug, Args)]
pub(crate) struct Export {
    /// What to export.
    kind: Kind,
    /// How to write it.
    #[arg(long, default_value = "csv")]
    format: Format,
    /// Where to; standard output if not said. An existing file is not overwritten.
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    #[command(flatten)]
    database: DatabaseArgument,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Kind {
    /// One row for each member.
    Members,
    /// One row for each entry of the ledger.
    Entries,
    /// One row for each posting.
    Postings,
    /// One row for each line of each purchase.
    Purchases,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Comma-separated, with a line of column names; no cell is a formula.
    Csv,
    /// One JSON object on each line.
    Jsonl,
}

impl Export {
    pub(crate) async fn run(self, output: Output) -> Result<Ended, CliError> {
        let kind = match self.kind {
            Kind::Members => ExportKind::Members,
            Kind::Entries => ExportKind::Entries,
            Kind::Postings => ExportKind::Postings,
            Kind::Purchases => ExportKind::Purchases,
        };
        let engine = self.database.open_to_read().await?;
        let Some(path) = self.output else {
            write(&engine, kind, self.format, Box::new(std::io::stdout())).await?;
            return Ok(Ended::Well);
        };
        let rows = write_file(&engine, kind, self.format, &path).await?;
        let answer = json!({ "rows": rows, "file": path });
        output.print(&answer, |_| format!("exported: {rows} rows to {}", path.display()))?;
        Ok(Ended::Well)
    }
}

async fn write_file(engine: &Engine, kind: ExportKind, format: Format, path: &Path) -> Result<u64, CliError> {
    let file = File::create_new(path).map_err(|cause| CliError::file(path, &cause))?;
    write(engine, kind, format, Box::new(file)).await
}

async fn write(
    engine: &Engine,
    kind: ExportKind,
    format: Format,
    to: Box<dyn Write + Send>,
) -> Result<u64, CliError> {
    let mut out = BufWriter::with_capacity(1 << 16, to);
    let failed = |cause: std::io::Error| CliError::failed("export", &cause);
    let columns = kind.columns();
    if format == Format::Csv {
        writeln!(out, "{}", columns.join(",")).map_err(failed)?;
    }
    let mut take = |row: &[Value]| match format {
        Format::Csv => write_csv(&mut out, row),
        Format::Jsonl => {
            let named: Map<String, Value> =
                columns.iter().zip(row).map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
            writeln!(out, "{}", Value::Object(named))
        }
    };
    let rows = engine.export(kind, &mut take).await?;
    out.flush().map_err(failed)?;
    Ok(rows)
}

fn write_csv(out: &mut impl Write, row: &[Value]) -> std::io::Result<()> {
    for (position, value) in row.iter().enumerate() {
        if position > 0 {
            out.write_all(b",")?;
        }
        out.write_all(cell(value).as_bytes())?;
    }
    out.write_all(b"\n")
}

/// A cell by RFC 4180. Text that a spreadsheet would run as a formula gets an apostrophe before it.
fn cell(value: &Value) -> String {
    let text = match value {
        Value::Null => return String::new(),
        Value::String(text) => text,
        other => return other.to_string(),
    };
    let mut text = text.clone();
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        text.insert(0, '\'');
    }
    if text.contains(['"', ',', '\n', '\r']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::cell;

    #[test]
    fn cells_are_quoted_where_needed_and_never_formulas() {
        for (value, expected) in [
            (json!(null), ""),
            (json!(-5), "-5"),
            (json!("tea"), "tea"),
            (json!("a,b"), "\"a,b\""),
            (json!("say \"hi\""), "\"say \"\"hi\"\"\""),
            (json!("=1+1"), "'=1+1"),
            (json!("+8613800138000"), "'+8613800138000"),
        ] {
            assert_eq!(cell(&value), expected);
        }
    }
}
