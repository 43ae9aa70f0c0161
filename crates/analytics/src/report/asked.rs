//! A question in the making: the population it is asked of, the queries it asks, the answer it collects.

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use arrow::compute::{cast, concat_batches};
use arrow::datatypes::{DataType, Date32Type, Float64Type, Int64Type};
use datafusion::common::ScalarValue;
use datafusion::logical_expr::ScalarUDF;
use datafusion::prelude::{DataFrame, SessionContext};
use futures::StreamExt;
use jiff::ToSpan;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::answer::{Figure, Kind, Note, Report, ReportTable, Source, Value};
use super::design::campaign_began;
use super::error::ReportError;
use super::extent::{Needed, currency};
use super::kept::{self, Kept};
use super::name::ReportName;
use super::request::{Period, ReportRequest, month_number};
use crate::lake::{Lake, SessionOptions, Table};

const POPULATION: &str = include_str!("../../reports/population.sql");
const SALES: &str = "CREATE VIEW sales AS SELECT * FROM documents p WHERE {since}";
const ITEMS: &str = "CREATE VIEW items AS\nSELECT {member} AS member_id, p.source, p.reference, p.line, p.day, p.amount, \
                     p.quantity_milli, p.sku, p.category, p.brand\nFROM lines p{merged}\n\
                     WHERE p.kind = 'purchase' AND {since} AND {until}{filters}";
const ITEMS_BEFORE: &str = "CREATE VIEW items_before AS\nSELECT {member} AS member_id, p.day, p.amount, p.category\n\
                            FROM lines p{merged}\nWHERE p.kind = 'purchase' AND p.day < {from}{filters}";
const ANSWERS: &str = "CREATE VIEW answers AS\nSELECT {member} AS member_id, p.survey, p.response, p.answered_at, p.day, \
                       p.question, p.subject, p.answer, p.choice, p.weight_milli\nFROM surveys p{merged}\n\
                       WHERE p.day < {asked_to}";

/// A question and what has been found for it so far.
pub(super) struct Asked {
    context: SessionContext,
    report: Report,
    time_zone: TimeZone,
    kept: Option<Kept>,
}

impl Asked {
    /// Finds out which purchases a request means, and makes them the tables that the queries ask: `documents` are all
    /// up to the end of the period, `sales` those within it, `items` the lines of purchases within it, `items_before` those
    /// before it, `answers` those to surveys up to its end.
    pub(super) async fn new(
        lake: &Lake,
        name: ReportName,
        request: &ReportRequest,
        options: &SessionOptions,
    ) -> Result<Self, ReportError> {
        let context = lake.session(options).await?;
        let extents = lake.extents(&context).await?;
        let (currency, all_days, others) = currency(extents, request)?;
        let population = ReportRequest { currency: Some(currency.as_str().to_owned()), ..request.clone() };
        let days = match (&population.store, &population.channel) {
            (None, None) => all_days,
            _ => days(&context, &population).await?,
        };
        let mut known = days;
        if name.begins_with_answers() {
            known.0 = first_answer(&context).await?.map_or(days.0, |first| first.min(days.0));
        }
        let mut request = request.clone();
        if let Some(campaign) = request.campaign.as_ref().filter(|_| name.compares_arms()) {
            let began = campaign_began(&context, campaign).await?;
            request.from.get_or_insert(began);
        }
        let mut period = Period::of(&request, known, name.months())?;
        let is_open = request.from.is_none() && request.to.is_none();
        if name.compares_with_before() && is_open && period.before() < days.0 {
            period = Period::later_half(days);
        }
        let needed = Needed::of(extents, period);
        let merged = lake.manifest().merged_members > 0;
        for view in [POPULATION, SALES, ITEMS, ITEMS_BEFORE, ANSWERS] {
            context.sql(&view_of(view, &population, period, needed, merged)).await?;
        }
        let source = Source {
            lake: lake.location().to_string(),
            generation: lake.manifest().generation,
            documents: lake.manifest().rows(Table::Purchases),
            days,
        };
        let notes = (others > 0).then_some(Note { name: "other-currencies", count: others });
        let report = Report {
            report: name,
            period,
            population,
            currency_digits: u8::try_from(currency.decimals()).unwrap_or(0),
            members: 0,
            figures: Vec::new(),
            tables: Vec::new(),
            notes: notes.into_iter().collect(),
            source,
            queries: Vec::new(),
        };
        let time_zone = TimeZone::get(&lake.manifest().time_zone).unwrap_or(TimeZone::UTC);
        Ok(Self { context, report, time_zone, kept: Kept::of(lake, options) })
    }

    pub(super) fn period(&self) -> Period {
        self.report.period
    }

    pub(super) fn calibrate_to(&self) -> Option<Date> {
        self.report.population.calibrate_to
    }

    /// What was asked, with the currency that was found.
    pub(super) fn request(&self) -> &ReportRequest {
        &self.report.population
    }

    /// The zone of the local days.
    pub(super) fn time_zone(&self) -> TimeZone {
        self.time_zone.clone()
    }

    /// Makes a function known to the queries.
    pub(super) fn function(&self, function: ScalarUDF) {
        self.context.register_udf(function);
    }

    pub(super) fn days(&self) -> (Date, Date) {
        self.report.source.days
    }

    /// Runs a query, with the days of the period as `$from`, `$to` and `$before`, and numbers beside them; keeps its text.
    pub(super) async fn rows(
        &mut self,
        name: &'static str,
        sql: &str,
        numbers: &[(&'static str, i64)],
    ) -> Result<Rows, ReportError> {
        self.rows_with(name, sql, numbers, &[]).await
    }

    /// The same, with days of its own.
    pub(super) async fn rows_with(
        &mut self,
        name: &'static str,
        sql: &str,
        numbers: &[(&'static str, i64)],
        days: &[(&'static str, Date)],
    ) -> Result<Rows, ReportError> {
        let frame = self.frame(name, sql, numbers, days).await?;
        let schema = std::sync::Arc::new(frame.schema().as_arrow().clone());
        Ok(Rows { batch: concat_batches(&schema, &frame.collect().await?)? })
    }

    /// Runs a query whose rows are too many to be kept, and looks at them as they come.
    pub(super) async fn each(
        &mut self,
        name: &'static str,
        sql: &str,
        days: &[(&'static str, Date)],
        mut look: impl FnMut(&Rows) -> Result<(), ReportError>,
    ) -> Result<(), ReportError> {
        let mut found = self.frame(name, sql, &[], days).await?.execute_stream().await?;
        while let Some(batch) = found.next().await {
            look(&Rows { batch: batch? })?;
        }
        Ok(())
    }

    /// A query with its days and numbers; keeps its text.
    async fn frame(
        &mut self,
        name: &'static str,
        sql: &str,
        numbers: &[(&'static str, i64)],
        days: &[(&'static str, Date)],
    ) -> Result<DataFrame, ReportError> {
        let period = self.report.period;
        let mut text = sql.trim_end().to_owned();
        let mut params: Vec<(String, ScalarValue)> = Vec::new();
        let own = [("from", period.from), ("to", period.to), ("before", period.before())];
        for (name, day) in days.iter().chain(&own) {
            params.push(((*name).to_owned(), day_value(*day)));
            text = text.replace(&format!("${name}"), &day_text(*day));
        }
        for (name, number) in numbers {
            params.push(((*name).to_owned(), ScalarValue::from(*number)));
            text = text.replace(&format!("${name}"), &number.to_string());
        }
        self.report.queries.push((name, text));
        Ok(self.context.sql(sql).await?.with_param_values(params)?)
    }

    /// Makes a view that the queries after it ask. It has no numbers or days to fill in; its text is kept with theirs.
    pub(super) async fn view(&mut self, name: &'static str, sql: String) -> Result<(), ReportError> {
        self.context.sql(&sql).await?;
        self.report.queries.push((name, sql.trim_end().to_owned()));
        Ok(())
    }

    /// Makes a table that the queries after it ask, from the text of a view: worked out once where that can be kept, slice
    /// after slice of the members if its text says where. Otherwise it is the view. With it comes what `{chosen}` stands for.
    pub(super) async fn keep(&mut self, name: &'static str, text: (&str, &str)) -> Result<(), ReportError> {
        self.view(name, kept::whole(text)).await?;
        match &mut self.kept {
            Some(kept) => kept.keep(&self.context, name, text).await,
            None => Ok(()),
        }
    }

    /// Puts a few rows that were found, of a number and a text, in the place of the table they came from,
    /// where that could not be kept: views within views are sent to a cluster whole, and it reads them only so deep.
    pub(super) async fn settle(
        &mut self,
        name: &str,
        rows: &[(i64, &str)],
        columns: [&str; 2],
    ) -> Result<(), ReportError> {
        if self.kept.is_some() || rows.is_empty() {
            return Ok(());
        }
        let values: Vec<String> =
            rows.iter().map(|(number, text)| format!("({number}, {})", quoted(text))).collect();
        let [number, text] = columns;
        let sql = format!(
            "CREATE VIEW {name} AS SELECT column1 AS {number}, column2 AS {text} FROM (VALUES {})",
            values.join(", ")
        );
        self.context.deregister_table(name)?;
        self.context.sql(&sql).await?;
        Ok(())
    }

    /// Says how many members the answer speaks of. Of none there is no answer.
    pub(super) fn members(&mut self, members: u64) -> Result<(), ReportError> {
        self.report.members = members;
        if members == 0 {
            return Err(ReportError::NoData {
                code: "nobody-bought",
                missing: "nobody bought anything in this period with these filters",
                remedy: "choose a longer period or other filters",
            });
        }
        Ok(())
    }

    pub(super) fn figure(&mut self, figure: Figure) {
        self.report.figures.push(figure);
    }

    pub(super) fn table(&mut self, table: ReportTable) {
        self.report.tables.push(table);
    }

    pub(super) fn note(&mut self, name: &'static str, count: u64) {
        if count > 0 {
            self.report.notes.push(Note { name, count });
        }
    }

    pub(super) fn finish(self) -> Report {
        self.report
    }

    /// The months of the period, as numbers: the first and the last.
    pub(super) fn months(&self) -> (i64, i64) {
        let period = self.report.period;
        (month_number(period.from), month_number(period.to.saturating_sub(1.day())))
    }
}

/// The rows a query gave.
pub(super) struct Rows {
    batch: RecordBatch,
}

impl Rows {
    pub(super) fn into_batch(self) -> RecordBatch {
        self.batch
    }

    pub(super) fn len(&self) -> usize {
        self.batch.num_rows()
    }

    fn column(&self, name: &str, kind: &DataType) -> Result<ArrayRef, ReportError> {
        let Some(column) = self.batch.column_by_name(name) else {
            return Err(arrow::error::ArrowError::SchemaError(format!("no column {name}")).into());
        };
        Ok(cast(column, kind)?)
    }

    /// A column of whole numbers; what is missing is 0.
    pub(super) fn integers(&self, name: &str) -> Result<Vec<i64>, ReportError> {
        let column = self.column(name, &DataType::Int64)?;
        Ok(column.as_primitive::<Int64Type>().iter().map(Option::unwrap_or_default).collect())
    }

    /// A column of counts.
    pub(super) fn counts(&self, name: &str) -> Result<Vec<u64>, ReportError> {
        Ok(self.integers(name)?.into_iter().map(|count| u64::try_from(count).unwrap_or(0)).collect())
    }

    /// A column of numbers; what is missing is 0.
    pub(super) fn numbers(&self, name: &str) -> Result<Vec<f64>, ReportError> {
        let column = self.column(name, &DataType::Float64)?;
        Ok(column.as_primitive::<Float64Type>().iter().map(Option::unwrap_or_default).collect())
    }

    /// A column of texts; what is missing is empty.
    pub(super) fn texts(&self, name: &str) -> Result<Vec<String>, ReportError> {
        let column = self.column(name, &DataType::Utf8)?;
        Ok(column.as_string::<i32>().iter().map(|text| text.unwrap_or_default().to_owned()).collect())
    }

    /// A column as cells of a table.
    fn values(&self, name: &str, kind: Kind) -> Result<Vec<Value>, ReportError> {
        let wanted = match kind {
            Kind::Count | Kind::Money | Kind::Days => DataType::Int64,
            Kind::Share | Kind::Score | Kind::Number => DataType::Float64,
            Kind::Text | Kind::Word | Kind::Day => DataType::Utf8,
        };
        let column = self.column(name, &wanted)?;
        let value = |row: usize| match &wanted {
            _ if column.is_null(row) => Value::Empty,
            DataType::Int64 => Value::Integer(column.as_primitive::<Int64Type>().value(row)),
            DataType::Float64 => Value::Number(column.as_primitive::<Float64Type>().value(row)),
            _ => Value::Text(column.as_string::<i32>().value(row).to_owned()),
        };
        Ok((0..self.len()).map(value).collect())
    }

    /// The rows as a table, with the columns that are named.
    pub(super) fn table(
        &self,
        name: &'static str,
        columns: &[(&'static str, Kind)],
    ) -> Result<ReportTable, ReportError> {
        let cells = columns.iter().map(|(name, kind)| self.values(name, *kind));
        let cells = cells.collect::<Result<Vec<_>, _>>()?;
        let mut table = ReportTable::new(name, columns);
        table.rows = (0..self.len())
            .map(|row| cells.iter().map(|column| column.get(row).cloned().unwrap_or(Value::Empty)).collect())
            .collect();
        Ok(table)
    }
}

/// The first and the last day with a purchase of a population that is a part of its currency's.
async fn days(context: &SessionContext, population: &ReportRequest) -> Result<(Date, Date), ReportError> {
    let sql = format!(
        "SELECT min(p.day) AS first, max(p.day) AS last FROM purchases p WHERE p.kind = 'purchase'{}",
        filters(population)
    );
    let found = context.sql(&sql).await?.collect().await?;
    let day = |name: &str| found.first().and_then(|batch| day_of(batch, name));
    match (day("first"), day("last")) {
        (Some(first), Some(last)) => Ok((first, last)),
        _ => Err(ReportError::NoData {
            code: "no-purchase-passes",
            missing: "no purchase passes the filters",
            remedy: "name a store, channel or currency that purchases have",
        }),
    }
}

/// The day in the first row of a column.
pub(super) fn day_of(batch: &RecordBatch, name: &str) -> Option<Date> {
    let column = batch.column_by_name(name)?.as_primitive_opt::<Date32Type>()?;
    let day = column.iter().next().flatten()?;
    Date::constant(1970, 1, 1).checked_add(day.days()).ok()
}

/// The day of the first answer to any survey.
async fn first_answer(context: &SessionContext) -> Result<Option<Date>, ReportError> {
    let found = context.sql("SELECT min(day) AS first FROM surveys").await?.collect().await?;
    Ok(found.first().and_then(|batch| day_of(batch, "first")))
}

/// A view with the population filled in.
fn view_of(view: &str, population: &ReportRequest, period: Period, needed: Needed, merged: bool) -> String {
    let day = |is_needed: bool, condition: String| if is_needed { condition } else { "TRUE".to_owned() };
    let (from, to) = (day_text(period.from), day_text(period.to));
    let currency = population.currency.clone().filter(|_| needed.currency);
    let filters = filters(&ReportRequest { currency, ..population.clone() });
    let join = "\nLEFT JOIN members m ON m.member_id = p.member_id AND m.leads_to IS NOT NULL";
    view.replace("{member}", if merged { "coalesce(m.leads_to, p.member_id)" } else { "p.member_id" })
        .replace("{merged}", if merged { join } else { "" })
        .replace("{since}", &day(needed.from, format!("p.day >= {from}")))
        .replace("{until}", &day(needed.to, format!("p.day < {to}")))
        .replace("{from}", &from)
        // Who was asked after the last purchase there is still speaks of it.
        .replace("{asked_to}", &population.to.map_or("DATE '9999-12-31'".to_owned(), day_text))
        .replace("{filters}", &filters)
}

/// Conditions on purchases. Texts come from people: they are quoted.
fn filters(population: &ReportRequest) -> String {
    let named =
        [("currency", &population.currency), ("store", &population.store), ("channel", &population.channel)];
    let condition = |(column, value): (&str, &Option<String>)| {
        value.as_ref().map(|value| format!(" AND p.{column} = {}", quoted(value)))
    };
    named.into_iter().filter_map(condition).collect()
}

/// A text as SQL writes it.
pub(super) fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// A day as SQL writes it.
pub(super) fn day_text(day: Date) -> String {
    format!("DATE '{day}'")
}

fn day_value(day: Date) -> ScalarValue {
    ScalarValue::Date32(Some(crate::lake::days_since_1970(day)))
}
