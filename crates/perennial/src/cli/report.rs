//! `report`: the questions asked of the lake by name.

use std::path::{Path, PathBuf};

use analytics::lake::{AnswerFormat, LakeLocation, write_batch};
use analytics::report::{
    Column, Figure, Kind, Report, ReportName, ReportRequest, ReportTable, SegmentLayer, Value,
};
use clap::Args;
use comfy_table::presets::NOTHING;
use comfy_table::{CellAlignment, Table};
use jiff::civil::Date;
use operations::{list_member_rows, run_report};
use serde::Serialize;

use super::error::{CliError, Ended};
use super::lake::{AnswerArguments, LakeArgument, SessionArguments, lake_error, new_file};
use super::output::Output;
use super::text_file;

/// Rows of a table that are printed; a file has all.
const ROWS_PRINTED_MAX: usize = 20;

/// Answer a question about the customers from the lake.
#[derive(Debug, Args)]
pub(crate) struct ReportCommand {
    /// Which: data-audit, core-customers, top-group, rfm, cohorts, repeat-purchase, member-flows, lifetime-value, migration,
    /// loyalty-profile, loyalty-types, satisfaction, scorecard, share-of-wallet, categories, clubs, basket-dna, segment-stack,
    /// experiment-plan, experiment, uplift, free-riders, offers.
    name: ReportName,
    /// First day of the period.
    #[arg(long, value_name = "DATE")]
    from: Option<Date>,
    /// First day after the period.
    #[arg(long, value_name = "DATE")]
    to: Option<Date>,
    /// Only purchases in this currency; the one with most purchases if not said.
    #[arg(long)]
    currency: Option<String>,
    /// Only purchases in this store.
    #[arg(long)]
    store: Option<String>,
    /// Only purchases through this channel.
    #[arg(long)]
    channel: Option<String>,
    /// Where the part of the period ends that models see before they are judged by the rest.
    #[arg(long, value_name = "DATE")]
    calibrate_to: Option<Date>,
    /// The experiment: the salt by which its members were assigned; the universal hold-out if not said.
    #[arg(long, value_name = "SALT")]
    experiment: Option<String>,
    /// The campaign that has put members into the arms, where no experiment did; the period begins with its first contact if
    /// --from does not say otherwise.
    #[arg(long, value_name = "NAME", conflicts_with = "experiment")]
    campaign: Option<String>,
    /// The arms with their shares in per cent, the control first; hold-out=5,programme=95 if not said.
    #[arg(long, value_name = "ARM=SHARE,…")]
    arms: Option<String>,
    /// What it is judged by: spend, purchases or buyers; spend if not said.
    #[arg(long)]
    outcome: Option<String>,
    /// What the treatment cost in all, or each offer, in minor units.
    #[arg(long, value_name = "MINOR UNITS")]
    cost: Option<i64>,
    /// What offers may cost together, in minor units.
    #[arg(long, value_name = "MINOR UNITS")]
    budget: Option<i64>,
    /// What each factor of the scorecard counts for, in per cent; 25,25,25,25 if not said.
    #[arg(long, value_name = "SHARE,…")]
    factor_weights: Option<String>,
    /// A file that says which categories speak for which life stage, in TOML; a table of our own if not said.
    #[arg(long, value_name = "FILE")]
    markers: Option<PathBuf>,
    /// A file that says which categories each club is made of, in TOML; the clubs that are proposed if not said.
    #[arg(long, value_name = "FILE")]
    clubs: Option<PathBuf>,
    /// Write what the question says of each member to a file (rfm, lifetime-value, clubs, segment-stack), as CSV unless
    /// --format says otherwise. An existing file is not overwritten.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["table", "output", "show_sql"])]
    members: Option<PathBuf>,
    /// The layer of segment-stack: preference, life-stage, usage or need-group.
    #[arg(long, requires = "members", default_value = "need-group")]
    layer: SegmentLayer,
    /// The table to write, where it is not the whole report in words.
    #[arg(long, value_name = "NAME")]
    table: Option<String>,
    /// Print the queries instead of asking them to be believed.
    #[arg(long)]
    show_sql: bool,
    #[command(flatten)]
    to_file: AnswerArguments,
    #[command(flatten)]
    lake: LakeArgument,
    #[command(flatten)]
    session: SessionArguments,
}

impl ReportCommand {
    pub(crate) async fn run(self, output: Output) -> Result<Ended, CliError> {
        let request = ReportRequest {
            from: self.from,
            to: self.to,
            currency: self.currency.clone(),
            store: self.store.clone(),
            channel: self.channel.clone(),
            calibrate_to: self.calibrate_to,
            experiment: self.experiment.clone(),
            campaign: self.campaign.clone(),
            arms: self.arms.clone(),
            outcome: self.outcome.clone(),
            cost: self.cost,
            budget: self.budget,
            factor_weights: self.factor_weights.clone(),
            markers: self.markers.as_deref().map(text_file::read).transpose()?,
            clubs: self.clubs.as_deref().map(text_file::read).transpose()?,
        };
        let location = self.lake.location()?;
        if let Some(file) = &self.members {
            return self.write_members(output, file, &location, &request).await;
        }
        let report = run_report(&location, self.name, &request, &self.session.options()).await?;
        if self.to_file.is_table() && self.to_file.path().is_none() && self.table.is_none() {
            output.print(&report, |report| words(report, self.show_sql))?;
            return Ok(Ended::Well);
        }
        let table = self.wanted(&report)?;
        let batch = table.to_batch().map_err(lake_error)?;
        write_batch(&batch, self.to_file.answer_format(output), self.to_file.open()?).map_err(lake_error)?;
        Ok(Ended::Well)
    }

    /// Writes what the question says of each member.
    async fn write_members(
        &self,
        output: Output,
        file: &Path,
        location: &LakeLocation,
        request: &ReportRequest,
    ) -> Result<Ended, CliError> {
        let options = self.session.options();
        let found = list_member_rows(location, (self.name, self.layer), request, &options).await?;
        let format =
            if self.to_file.is_table() { AnswerFormat::Csv } else { self.to_file.answer_format(output) };
        write_batch(&found.rows, format, new_file(file)?).map_err(lake_error)?;
        let written = WrittenMembers {
            layer: found.version.as_ref().map(|_| self.layer),
            version: found.version,
            members: found.rows.num_rows(),
            file: file.display().to_string(),
        };
        output.print(&written, WrittenMembers::words)?;
        Ok(Ended::Well)
    }

    /// The table that was named, or the first.
    fn wanted<'a>(&self, report: &'a Report) -> Result<&'a ReportTable, CliError> {
        let found = match &self.table {
            None => report.tables.first(),
            Some(name) => report.table(name),
        };
        found.ok_or_else(|| {
            let names: Vec<&str> = report.tables.iter().map(|table| table.name).collect();
            let wanted = self.table.as_deref().unwrap_or_default();
            CliError::Usage(format!("there is no table “{wanted}” in it: use one of {}", names.join(", ")))
        })
    }
}

/// What was written of members.
#[derive(Debug, Serialize)]
struct WrittenMembers {
    #[serde(skip_serializing_if = "Option::is_none")]
    layer: Option<SegmentLayer>,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<String>,
    /// Rows: whoever is in several clubs has several.
    members: usize,
    file: String,
}

impl WrittenMembers {
    fn words(&self) -> String {
        let Self { layer, version, members, file } = self;
        match (layer, version) {
            (Some(layer), Some(version)) => {
                format!("written: {members} members of the layer {layer}, version {version}, to {file}")
            }
            _ => format!("written: {members} rows to {file}"),
        }
    }
}

fn words(report: &Report, show_sql: bool) -> String {
    let currency = report.population.currency.as_deref().unwrap_or_default();
    let digits = report.currency_digits;
    let mut parts = vec![format!(
        "{}: {} members, {} up to {}, {currency}\n",
        report.report, report.members, report.period.from, report.period.to
    )];
    parts.extend(report.figures.iter().map(|figure| figure_words(figure, digits)));
    parts.extend(report.notes.iter().map(|note| format!("note: {} ({})\n", note.name, note.count)));
    parts.extend(report.tables.iter().map(|table| table_words(table, digits)));
    let (first, last) = report.source.days;
    parts.push(format!(
        "source: {}, commit {}, {} documents, purchases from {first} to {last}\n",
        report.source.lake, report.source.generation, report.source.documents
    ));
    if show_sql {
        parts.extend(report.queries.iter().map(|(name, sql)| format!("\n-- {name}\n{sql}\n")));
    }
    parts.concat()
}

fn figure_words(figure: &Figure, digits: u8) -> String {
    let value = number_words(figure.value, figure.kind, digits);
    let interval = figure.interval.map_or_else(String::new, |(low, high)| {
        let [low, high] = [low, high].map(|end| number_words(end, figure.kind, digits));
        format!(" (95 %: {low} to {high})")
    });
    format!("  {:<24} {value}{interval}, of {}\n", figure.name, figure.cases)
}

fn table_words(table: &ReportTable, digits: u8) -> String {
    let mut printed = Table::new();
    printed.load_style(NOTHING);
    printed.set_header(table.columns.iter().map(|column| column.name));
    for (position, column) in table.columns.iter().enumerate() {
        let is_text = matches!(column.kind, Kind::Text | Kind::Word | Kind::Day);
        if let Some(found) = printed.column_mut(position).filter(|_| !is_text) {
            found.set_cell_alignment(CellAlignment::Right);
        }
    }
    for row in table.rows.iter().take(ROWS_PRINTED_MAX) {
        printed.add_row(
            row.iter().zip(&table.columns).map(|(value, column)| cell_words(value, *column, digits)),
        );
    }
    let rest = table.rows.len().saturating_sub(ROWS_PRINTED_MAX);
    let more = if rest > 0 {
        format!("… and {rest} rows more: --table {} --format csv\n", table.name)
    } else {
        String::new()
    };
    format!("\n{}\n{printed}\n{more}", table.name)
}

fn cell_words(value: &Value, column: Column, digits: u8) -> String {
    match value {
        Value::Empty => String::new(),
        Value::Text(text) => text.clone(),
        Value::Integer(value) if column.kind != Kind::Money => value.to_string(),
        Value::Integer(_) | Value::Number(_) => {
            value.as_number().map_or_else(String::new, |number| number_words(number, column.kind, digits))
        }
    }
}

/// A number as its kind is read: money in major units, shares in per cent.
fn number_words(value: f64, kind: Kind, digits: u8) -> String {
    match kind {
        Kind::Money => {
            let digits = usize::from(digits);
            format!("{:.digits$}", value / 10_f64.powi(i32::try_from(digits).unwrap_or(0)))
        }
        Kind::Share => format!("{:.1} %", value * 100.0),
        Kind::Score => format!("{value:.1}"),
        Kind::Count | Kind::Days => format!("{value:.0}"),
        _ if value.abs() >= 1_000.0 => format!("{value:.1}"),
        _ => format!("{value:.4}"),
    }
}
