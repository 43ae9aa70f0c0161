//! What a question is answered with.

use jiff::civil::Date;
use serde::Serialize;
use stats::interval::Interval;

use super::name::ReportName;
use super::request::{Period, ReportRequest};

/// What a number or text stands for, so that it can be written as people read it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A whole number of something.
    Count,
    /// Minor units of the report's currency.
    Money,
    /// A share of 1.
    Share,
    /// Points of a score from −100 to 100.
    Score,
    /// Any other number.
    Number,
    /// Days.
    Days,
    /// A name from the data, such as a category.
    Text,
    /// A word of ours, which has a translation.
    Word,
    /// A day.
    Day,
}

/// A cell of a table.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Value {
    /// Nothing is known, or nothing follows.
    Empty,
    /// A whole number.
    Integer(i64),
    /// A number.
    Number(f64),
    /// A text.
    Text(String),
}

/// A number with its name.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Figure {
    /// Its name, which the catalogues translate.
    pub name: &'static str,
    /// What it stands for.
    pub kind: Kind,
    /// The number.
    pub value: f64,
    /// Where it lies with 95 per cent confidence, when the members are taken as a sample of those who could be.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interval: Option<(f64, f64)>,
    /// Cases it rests on.
    pub cases: u64,
}

/// A column of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Column {
    /// Its name, which the catalogues translate.
    pub name: &'static str,
    /// What its cells stand for.
    pub kind: Kind,
}

/// A table of the answer.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ReportTable {
    /// Its name, which the catalogues translate.
    pub name: &'static str,
    /// Its columns.
    pub columns: Vec<Column>,
    /// Its rows, each with a cell for every column.
    pub rows: Vec<Vec<Value>>,
}

/// Something the reader should know about the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Note {
    /// What, which the catalogues put in words.
    pub name: &'static str,
    /// How many it concerns.
    pub count: u64,
}

/// Where the answer comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Source {
    /// The lake.
    pub lake: String,
    /// Its commit.
    pub generation: u64,
    /// Rows of purchases and returns in it.
    pub documents: u64,
    /// The first and the last day with a purchase of the population.
    pub days: (Date, Date),
}

/// An answer.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Report {
    /// The question.
    pub report: ReportName,
    /// The period it was asked of.
    pub period: Period,
    /// The filters it was asked with, the currency among them.
    pub population: ReportRequest,
    /// Digits after the decimal point of the currency.
    pub currency_digits: u8,
    /// Members it speaks of.
    pub members: u64,
    /// The figures, the most telling first.
    pub figures: Vec<Figure>,
    /// The tables.
    pub tables: Vec<ReportTable>,
    /// What the reader should know.
    pub notes: Vec<Note>,
    /// Where it comes from.
    pub source: Source,
    /// The queries behind it, as they were run: name and SQL.
    pub queries: Vec<(&'static str, String)>,
}

impl Figure {
    /// A number that is what it is.
    pub(super) fn exact(name: &'static str, kind: Kind, value: f64, cases: u64) -> Self {
        Self { name, kind, value, interval: None, cases }
    }

    /// A number that another sample would have given differently.
    pub(super) fn within(self, interval: Option<Interval>) -> Self {
        Self { interval: interval.map(|interval| (interval.low, interval.high)), ..self }
    }
}

impl Value {
    /// A count.
    pub(super) fn count(count: u64) -> Self {
        Self::Integer(i64::try_from(count).unwrap_or(i64::MAX))
    }

    /// A number, where it is known.
    pub(super) fn known(number: Option<f64>) -> Self {
        number.map_or(Self::Empty, Self::Number)
    }
}

impl ReportTable {
    /// A table without rows.
    pub(super) fn new(name: &'static str, columns: &[(&'static str, Kind)]) -> Self {
        let columns = columns.iter().map(|(name, kind)| Column { name, kind: *kind }).collect();
        Self { name, columns, rows: Vec::new() }
    }
}

impl Report {
    /// A figure by name.
    pub fn figure(&self, name: &str) -> Option<&Figure> {
        self.figures.iter().find(|figure| figure.name == name)
    }

    /// A table by name.
    pub fn table(&self, name: &str) -> Option<&ReportTable> {
        self.tables.iter().find(|table| table.name == name)
    }
}
