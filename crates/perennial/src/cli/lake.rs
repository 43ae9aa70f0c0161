//! `write-lake` and `sql`: history as Parquet files, and questions asked of them.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use analytics::lake::{AnswerFormat, Engine, Lake, LakeLocation, SessionOptions, ask, write_answer};
use clap::{Args, ValueEnum};
use operations::{LakeReport, OperationError};

use super::database::DatabaseArgument;
use super::error::{CliError, Ended};
use super::output::Output;
use crate::progress::{Progress, Unit};

/// Where the lake is unless something else is said.
const DEFAULT_LAKE: &str = "perennial-data/perennial.lake";
/// Prefixes of the environment's settings of object stores: credentials, region, endpoint.
const STORE_SETTINGS: [&str; 3] = ["AWS_", "AZURE_", "GOOGLE_"];

/// The lake to work on.
#[derive(Debug, Clone, Args)]
pub(crate) struct LakeArgument {
    /// The lake: a folder, or the address of an object store.
    #[arg(long, env = "PERENNIAL_LAKE", default_value = DEFAULT_LAKE, value_name = "PLACE")]
    lake: String,
}

/// The engine that answers.
#[derive(Debug, Clone, Args)]
pub(crate) struct EngineArgument {
    /// The engine: a Ballista cluster, whose executors read the lake where it is; this process if not said.
    #[arg(long, env = "PERENNIAL_ENGINE", value_name = "ballista://HOST:PORT")]
    engine: Option<Engine>,
}

/// What a question may use.
#[derive(Debug, Clone, Args)]
pub(crate) struct SessionArguments {
    #[command(flatten)]
    engine: EngineArgument,
    /// Memory for sorting, grouping and joining, in MiB; what outgrows it goes to disk. Executors of a cluster have their own.
    #[arg(long, default_value_t = 1_024, value_name = "MIB", value_parser = clap::value_parser!(u32).range(16..))]
    memory: u32,
    /// Threads; as many as there are cores if not said. With a cluster the parts of a question, 16 if not said.
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..))]
    threads: Option<u16>,
}

/// Write what the lake does not have yet of the ledger.
#[derive(Debug, Args)]
pub(crate) struct WriteLake {
    #[command(flatten)]
    lake: LakeArgument,
    #[command(flatten)]
    database: DatabaseArgument,
}

/// Ask the lake a question in SQL.
#[derive(Debug, Args)]
pub(crate) struct Sql {
    /// The question; the tables are members, purchases, lines, postings, activities, surveys,
    /// vouchers and contacts.
    query: String,
    #[command(flatten)]
    to: AnswerArguments,
    #[command(flatten)]
    lake: LakeArgument,
    #[command(flatten)]
    session: SessionArguments,
}

/// How and where an answer is written.
#[derive(Debug, Args)]
pub(crate) struct AnswerArguments {
    /// How to write the answer.
    #[arg(long, default_value = "table")]
    format: Format,
    /// Where to; standard output if not said. An existing file is not overwritten.
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// To be read.
    Table,
    /// Comma-separated, with a line of column names.
    Csv,
    /// One JSON object on each line.
    Jsonl,
    /// Parquet.
    Parquet,
}

impl LakeArgument {
    /// The place.
    pub(crate) fn location(&self) -> Result<LakeLocation, CliError> {
        parse_location(&self.lake)
    }
}

/// Reads a place for a lake, with the settings that the environment has for object stores.
pub(crate) fn parse_location(text: &str) -> Result<LakeLocation, CliError> {
    let is_setting = |name: &str| STORE_SETTINGS.iter().any(|prefix| name.starts_with(prefix));
    let settings = std::env::vars().filter(|(name, _)| is_setting(name));
    LakeLocation::parse(text, settings).map_err(|error| CliError::Usage(error.to_string()))
}

impl EngineArgument {
    /// The options of a session of it.
    pub(crate) fn options(&self) -> SessionOptions {
        SessionOptions::of(self.engine.clone().unwrap_or_default())
    }
}

impl SessionArguments {
    /// The options of a session.
    pub(crate) fn options(&self) -> SessionOptions {
        let usual = self.engine.options();
        SessionOptions {
            memory_bytes: usize::try_from(self.memory).unwrap_or(usize::MAX).saturating_mul(1 << 20),
            threads: self.threads.map_or(usual.threads, usize::from),
            ..usual
        }
    }
}

impl WriteLake {
    pub(crate) async fn run(self, output: Output) -> Result<Ended, CliError> {
        let location = self.lake.location()?;
        let engine = self.database.open_to_read().await?;
        let bar = Progress::new(output.is_json(), "writing entries", Unit::Items);
        let mut show = |report: &LakeReport| bar.set(report.entries, report.entries);
        let written = engine.write_lake(&location, true, &mut show).await;
        bar.end();
        engine.shut_down().await;
        output.print(&written?, |report| {
            let LakeReport { entries, voucher_steps, members, .. } = report;
            format!("written: {entries} entries, {voucher_steps} steps of vouchers, {members} members, to {location}")
        })?;
        Ok(Ended::Well)
    }
}

impl Sql {
    pub(crate) async fn run(self, output: Output) -> Result<Ended, CliError> {
        let lake = Lake::open(&self.lake.location()?).await.map_err(lake_error)?;
        // Rows are written as they come: what runs out of memory cannot be asked once more.
        let options = SessionOptions { frugal: true, ..self.session.options() };
        let session = lake.session(&options).await.map_err(lake_error)?;
        let frame = ask(&session, &self.query).await.map_err(|error| CliError::Usage(error.to_string()))?;
        let format = self.to.answer_format(output);
        let rows = match write_answer(frame, format, self.to.open()?).await {
            Ok(rows) => rows,
            Err(error) => return Err(lake_error(lake.name_damage(error).await)),
        };
        if format == AnswerFormat::Table {
            say_rows(rows);
        }
        Ok(Ended::Well)
    }
}

fn say_rows(rows: usize) {
    let shown = analytics::lake::ROWS_SHOWN_MAX;
    let rest = if rows > shown {
        format!(", the first {shown} shown: --format csv writes all")
    } else {
        String::new()
    };
    let mut out = std::io::stderr().lock();
    // Whoever closed the pipe has seen enough.
    let _ = writeln!(out, "{rows} rows{rest}");
}

impl AnswerArguments {
    /// How to write; JSON where all results are to be JSON.
    pub(crate) fn answer_format(&self, output: Output) -> AnswerFormat {
        match self.format {
            Format::Table if output.is_json() => AnswerFormat::Jsonl,
            Format::Table => AnswerFormat::Table,
            Format::Csv => AnswerFormat::Csv,
            Format::Jsonl => AnswerFormat::Jsonl,
            Format::Parquet => AnswerFormat::Parquet,
        }
    }

    /// Where to write.
    pub(crate) fn open(&self) -> Result<Box<dyn Write + Send>, CliError> {
        let Some(path) = &self.output else { return Ok(Box::new(std::io::stdout())) };
        new_file(path)
    }

    /// Whether it is written to be read.
    pub(crate) fn is_table(&self) -> bool {
        self.format == Format::Table
    }

    /// The file, if it goes to one.
    pub(crate) fn path(&self) -> Option<&Path> {
        self.output.as_deref()
    }
}

/// A file to write to, which was not there before.
pub(crate) fn new_file(path: &Path) -> Result<Box<dyn Write + Send>, CliError> {
    let file = File::create_new(path).map_err(|cause| CliError::file(path, &cause))?;
    Ok(Box::new(BufWriter::with_capacity(1 << 16, file)))
}

/// A fault of the lake, with its cause: at a shell it may be named.
pub(crate) fn lake_error(error: analytics::lake::LakeError) -> CliError {
    OperationError::from(error).into()
}
