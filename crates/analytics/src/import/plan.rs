//! A map bound to the columns of one file: names have become positions, conditions are ready to be asked.

use std::borrow::Cow;
use std::path::Path;

use domain::money::Currency;

use super::cell::{Cell, Row};
use super::error::ImportError;
use super::join::JoinTable;
use super::map::{ImportMap, LineMap, NamedCondition, ReturnMap, ReturnSign};
use super::number::{Number, NumberStyle};

/// Where a value comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Source {
    /// A column of the file.
    Column(usize),
    /// A column of a joined file, by a column of this one.
    Joined { join: usize, key: usize, column: usize },
    /// The map itself.
    Fixed(String),
}

/// The currency of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum CurrencySource {
    Fixed(Currency),
    Read(Source),
}

/// A map bound to a file.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) reference: Vec<Source>,
    pub(super) member: Source,
    pub(super) occurred_at: Vec<Source>,
    pub(super) currency: CurrencySource,
    pub(super) store: Option<Source>,
    pub(super) channel: Option<Source>,
    pub(super) payment_method: Option<Source>,
    pub(super) lines: Vec<LinePlan>,
    pub(super) payments: Vec<(String, Source)>,
    pub(super) return_flag: Option<Condition>,
    pub(super) return_purchase: Option<Source>,
    pub(super) exclude: Vec<Condition>,
    pub(super) tag: Vec<Condition>,
}

/// A line item bound to columns.
#[derive(Debug)]
pub(super) struct LinePlan {
    pub(super) number: Option<Source>,
    pub(super) sku: Option<Source>,
    pub(super) category: Option<Source>,
    pub(super) brand: Option<Source>,
    pub(super) amount: Option<Source>,
    pub(super) quantity: Option<Source>,
    pub(super) unit_price: Option<Source>,
    pub(super) tax: Option<Source>,
    pub(super) tags: Option<Source>,
}

/// A condition bound to a column.
#[derive(Debug)]
pub(super) struct Condition {
    pub(super) name: String,
    source: Source,
    tests: NamedCondition,
}

impl Source {
    /// The value for a row.
    pub(super) fn cell<'a, R: Row>(&'a self, row: &'a R, joins: &'a [JoinTable]) -> Cell<'a> {
        match self {
            Self::Column(column) => row.cell(*column),
            Self::Fixed(text) => Cell::from_text(text),
            Self::Joined { join, key, column } => {
                let key = row.cell(*key).text();
                let value = joins.get(*join).and_then(|table| table.value(&key, *column));
                value.map_or(Cell::Missing, Cell::from_text)
            }
        }
    }

    fn column(&self) -> Option<usize> {
        match self {
            Self::Column(column) | Self::Joined { key: column, .. } => Some(*column),
            Self::Fixed(_) => None,
        }
    }
}

impl Condition {
    /// Whether a row fits.
    pub(super) fn holds<R: Row>(&self, row: &R, joins: &[JoinTable], style: NumberStyle) -> bool {
        let cell = self.source.cell(row, joins);
        let tests = &self.tests;
        if cell == Cell::Missing {
            return tests.empty;
        }
        if tests.zero || tests.negative {
            let sign = number(cell, style).map(Number::signum);
            if (tests.zero && sign == Some(0)) || (tests.negative && sign == Some(-1)) {
                return true;
            }
        }
        let text = cell.text();
        let text: &str = &text;
        tests.equals.iter().any(|equal| equal == text)
            || tests.prefix.iter().any(|prefix| text.starts_with(prefix.as_str()))
            || tests.suffix.iter().any(|suffix| text.ends_with(suffix.as_str()))
            || tests.contains.iter().any(|part| text.contains(part.as_str()))
    }
}

/// A value as an exact number.
pub(super) fn number(cell: Cell<'_>, style: NumberStyle) -> Option<Number> {
    match cell {
        Cell::Integer(value) => Number::new(i128::from(value), 0),
        Cell::Float(value) => Number::from_float(value),
        Cell::Decimal(digits, scale) => Number::new(digits, scale),
        Cell::Text(text) => Number::parse(text, style),
        _ => None,
    }
}

impl Plan {
    /// Binds a map to the columns of a file.
    pub(super) fn new(map: &ImportMap, path: &Path, names: &[String]) -> Result<Self, ImportError> {
        let mut binder = Binder { map, names, missing: Vec::new() };
        let plan = binder.plan();
        if binder.missing.is_empty() {
            Ok(plan)
        } else {
            Err(ImportError::Columns {
                path: path.to_owned(),
                missing: binder.missing,
                available: names.to_vec(),
            })
        }
    }

    /// The columns of the file that are looked at.
    pub(super) fn columns(&self) -> Vec<usize> {
        let mut sources: Vec<&Source> =
            self.reference.iter().chain(&self.occurred_at).chain([&self.member]).collect();
        if let CurrencySource::Read(source) = &self.currency {
            sources.push(source);
        }
        sources.extend(
            [&self.store, &self.channel, &self.payment_method, &self.return_purchase].into_iter().flatten(),
        );
        for line in &self.lines {
            let parts = [
                &line.number,
                &line.sku,
                &line.category,
                &line.brand,
                &line.amount,
                &line.quantity,
                &line.unit_price,
                &line.tax,
                &line.tags,
            ];
            sources.extend(parts.into_iter().flatten());
        }
        sources.extend(self.payments.iter().map(|(_, source)| source));
        let conditions = self.exclude.iter().chain(&self.tag).chain(&self.return_flag);
        sources.extend(conditions.map(|condition| &condition.source));
        sources.into_iter().filter_map(Source::column).collect()
    }
}

/// The columns a map names, for telling the delimiter.
pub(super) fn wanted_columns(map: &ImportMap) -> Vec<&str> {
    let mut wanted: Vec<&str> =
        map.reference.columns.iter().chain(&map.occurred_at.columns).map(String::as_str).collect();
    wanted.push(&map.member.column);
    for line in &map.line {
        let parts = [&line.sku, &line.amount, &line.quantity, &line.unit_price];
        wanted.extend(parts.into_iter().flatten().map(String::as_str));
    }
    wanted
}

struct Binder<'a> {
    map: &'a ImportMap,
    names: &'a [String],
    missing: Vec<String>,
}

impl Binder<'_> {
    fn plan(&mut self) -> Plan {
        let map = self.map;
        let fixed = map.currency.strip_prefix('=').and_then(|text| Currency::new(text).ok());
        Plan {
            reference: map
                .reference
                .columns
                .iter()
                .map(|name| self.source("reference.columns", name))
                .collect(),
            member: self.source("member.column", &map.member.column),
            occurred_at: map
                .occurred_at
                .columns
                .iter()
                .map(|name| self.source("occurred_at.columns", name))
                .collect(),
            currency: match fixed {
                Some(currency) => CurrencySource::Fixed(currency),
                None => CurrencySource::Read(self.source("currency", &map.currency)),
            },
            store: self.optional("purchase.store", map.purchase.store.as_ref()),
            channel: self.optional("purchase.channel", map.purchase.channel.as_ref()),
            payment_method: self.optional("purchase.payment_method", map.purchase.payment_method.as_ref()),
            lines: map.line.iter().map(|line| self.line(line)).collect(),
            payments: map
                .payment
                .iter()
                .map(|payment| (payment.method.clone(), self.source("payment.amount", &payment.amount)))
                .collect(),
            return_flag: map.returns.as_ref().and_then(|returns| self.return_flag(returns)),
            return_purchase: map
                .returns
                .as_ref()
                .and_then(|returns| self.optional("returns.purchase", returns.purchase.as_ref())),
            exclude: map
                .exclude
                .iter()
                .map(|condition| self.condition("exclude.column", condition))
                .collect(),
            tag: map.tag.iter().map(|condition| self.condition("tag.column", condition)).collect(),
        }
    }

    fn line(&mut self, line: &LineMap) -> LinePlan {
        LinePlan {
            number: self.optional("line.number", line.number.as_ref()),
            sku: self.optional("line.sku", line.sku.as_ref()),
            category: self.optional("line.category", line.category.as_ref()),
            brand: self.optional("line.brand", line.brand.as_ref()),
            amount: self.optional("line.amount", line.amount.as_ref()),
            quantity: self.optional("line.quantity", line.quantity.as_ref()),
            unit_price: self.optional("line.unit_price", line.unit_price.as_ref()),
            tax: self.optional("line.tax", line.tax.as_ref()),
            tags: self.optional("line.tags", line.tags.as_ref()),
        }
    }

    fn return_flag(&mut self, returns: &ReturnMap) -> Option<Condition> {
        if returns.when != ReturnSign::Column {
            return None;
        }
        let tests = NamedCondition {
            name: "return".to_owned(),
            column: returns.column.clone().unwrap_or_default(),
            equals: returns.equals.clone(),
            prefix: returns.prefix.clone(),
            ..NamedCondition::default()
        };
        Some(self.condition("returns.column", &tests))
    }

    fn condition(&mut self, field: &str, tests: &NamedCondition) -> Condition {
        let source = self.source(field, &tests.column);
        Condition { name: tests.name.clone(), source, tests: tests.clone() }
    }

    fn optional(&mut self, field: &str, name: Option<&String>) -> Option<Source> {
        name.map(|name| self.source(field, name))
    }

    fn source(&mut self, field: &str, name: &str) -> Source {
        if let Some(text) = name.strip_prefix('=') {
            return Source::Fixed(text.to_owned());
        }
        if let Some(column) = self.position(name) {
            return Source::Column(column);
        }
        for (join, table) in self.map.join.iter().enumerate() {
            let joined = name.strip_prefix(table.name.as_str()).and_then(|rest| rest.strip_prefix('.'));
            let column = joined.and_then(|joined| table.columns.iter().position(|there| there == joined));
            if let (Some(column), Some(key)) = (column, self.position(&table.column)) {
                return Source::Joined { join, key, column };
            }
        }
        self.missing.push(format!("column “{name}” (map field {field})"));
        Source::Fixed(String::new())
    }

    fn position(&self, name: &str) -> Option<usize> {
        self.names.iter().position(|there| there == name)
    }
}

/// The texts of several values joined by a sign.
pub(super) fn joined_text<'a, R: Row>(
    sources: &'a [Source],
    row: &'a R,
    joins: &'a [JoinTable],
    sign: &str,
) -> Cow<'a, str> {
    match sources {
        [one] => one.cell(row, joins).text(),
        many => {
            let texts: Vec<Cow<'_, str>> = many.iter().map(|source| source.cell(row, joins).text()).collect();
            Cow::Owned(texts.join(sign))
        }
    }
}
