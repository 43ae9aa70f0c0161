//! Answers as files: CSV, JSON lines and Parquet, written while they are found; or as a table to be read.

use std::io::Write;

use arrow::array::RecordBatch;
use arrow::csv;
use arrow::datatypes::SchemaRef;
use arrow::json::LineDelimitedWriter;
use arrow::util::pretty::pretty_format_batches;
use datafusion::prelude::DataFrame;
use futures::StreamExt;
use parquet::arrow::ArrowWriter;

use super::error::LakeError;
use super::writer::properties;

/// Rows that a table to be read shows at most.
pub const ROWS_SHOWN_MAX: usize = 1_000;

/// How an answer is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AnswerFormat {
    /// A table to be read, of at most [`ROWS_SHOWN_MAX`] rows.
    Table,
    /// Comma-separated, with a line of column names.
    Csv,
    /// One JSON object on each line.
    Jsonl,
    /// Parquet.
    Parquet,
}

enum Writer<W: Write + Send> {
    Table(W, Vec<RecordBatch>),
    Csv(Box<csv::Writer<W>>),
    Jsonl(LineDelimitedWriter<W>),
    Parquet(Box<ArrowWriter<W>>),
}

impl<W: Write + Send> Writer<W> {
    fn new(format: AnswerFormat, schema: SchemaRef, out: W) -> Result<Self, LakeError> {
        Ok(match format {
            AnswerFormat::Table => Self::Table(out, Vec::new()),
            AnswerFormat::Csv => Self::Csv(Box::new(csv::Writer::new(out))),
            AnswerFormat::Jsonl => Self::Jsonl(LineDelimitedWriter::new(out)),
            AnswerFormat::Parquet => {
                Self::Parquet(Box::new(ArrowWriter::try_new(out, schema, Some(properties()?))?))
            }
        })
    }

    fn write(&mut self, batch: &RecordBatch, rows_before: usize) -> Result<(), LakeError> {
        match self {
            Self::Table(_, shown) => {
                let room = ROWS_SHOWN_MAX.saturating_sub(rows_before).min(batch.num_rows());
                shown.push(batch.slice(0, room));
            }
            Self::Csv(writer) => writer.write(batch)?,
            Self::Jsonl(writer) => writer.write(batch)?,
            Self::Parquet(writer) => writer.write(batch)?,
        }
        Ok(())
    }

    fn finish(self) -> Result<(), LakeError> {
        let failed = |cause: std::io::Error| LakeError::Arrow(cause.into());
        match self {
            Self::Table(mut out, shown) => {
                writeln!(out, "{}", pretty_format_batches(&shown)?).map_err(failed)
            }
            Self::Csv(writer) => writer.into_inner().flush().map_err(failed),
            Self::Jsonl(mut writer) => Ok(writer.finish()?),
            Self::Parquet(writer) => Ok(writer.close().map(|_| ())?),
        }
    }
}

/// Writes the rows of a question as they are found; returns their number.
pub async fn write_answer(
    frame: DataFrame,
    format: AnswerFormat,
    out: impl Write + Send,
) -> Result<usize, LakeError> {
    let mut stream = frame.execute_stream().await?;
    let mut writer = Writer::new(format, stream.schema(), out)?;
    let mut rows = 0;
    while let Some(batch) = stream.next().await {
        let batch = batch?;
        writer.write(&batch, rows)?;
        rows += batch.num_rows();
    }
    writer.finish()?;
    Ok(rows)
}

/// Writes rows that are there already.
pub fn write_batch(
    batch: &RecordBatch,
    format: AnswerFormat,
    out: impl Write + Send,
) -> Result<(), LakeError> {
    let mut writer = Writer::new(format, batch.schema(), out)?;
    writer.write(batch, 0)?;
    writer.finish()
}
