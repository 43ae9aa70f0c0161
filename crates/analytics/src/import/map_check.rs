//! Reads an import map and says what is wrong with it: line, field, value and remedy, all problems at once.

use std::fmt;

use domain::document::TEXT_LENGTH_MAX;
use domain::money::Currency;
use serde::de::DeserializeOwned;
use toml::de::{DeTable, DeValue};

use super::map::{
    AmountMap, FileMap, ImportMap, Layout, MomentMap, NamedCondition, RepeatedReference, ReturnMatch,
    ReturnSign,
};
use super::moment::Clock;

/// One thing that is wrong in a map.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MapProblem {
    /// Line of the map, from 1.
    pub line: usize,
    /// The field, for instance `member.kind`.
    pub field: String,
    /// What stands there.
    pub value: String,
    /// What to write instead.
    pub remedy: String,
}

/// All that is wrong in a map.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct MapError {
    /// The problems in the order of their lines.
    pub problems: Vec<MapProblem>,
}

impl fmt::Display for MapProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {} = {}: {}", self.line, self.field, self.value, self.remedy)
    }
}

impl fmt::Display for MapError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines: Vec<String> = self.problems.iter().map(MapProblem::to_string).collect();
        f.write_str(&lines.join("\n"))
    }
}

impl ImportMap {
    /// Reads and checks a map.
    pub fn parse(text: &str) -> Result<Self, MapError> {
        let (map, mut checker): (Self, _) = Checker::read(text)?;
        checker.whole(&map);
        checker.lines(&map);
        checker.conditions(&map);
        checker.returns(&map);
        checker.joins(&map);
        checker.finish(map)
    }
}

/// A problem the TOML reader found: unknown or missing field, wrong type, bad syntax.
fn syntax_problem(text: &str, error: &toml::de::Error) -> MapProblem {
    let span = error.span().unwrap_or(0..0);
    let (start, end) = (span.start.min(text.len()), span.end.min(text.len()));
    let line_start = text.get(..start).and_then(|before| before.rfind('\n')).map_or(0, |at| at + 1);
    let line_text = text.get(line_start..).and_then(|rest| rest.lines().next()).unwrap_or_default();
    let field = line_text.split('=').next().unwrap_or_default().trim().to_owned();
    MapProblem {
        line: line_of(text, start),
        field: if field.is_empty() { "map".to_owned() } else { field },
        value: text.get(start..end).unwrap_or_default().lines().next().unwrap_or_default().to_owned(),
        remedy: error.message().to_owned(),
    }
}

fn line_of(text: &str, offset: usize) -> usize {
    text.get(..offset).map_or(1, |before| before.matches('\n').count() + 1)
}

/// Collects what is wrong in a map.
pub(super) struct Checker<'a> {
    text: &'a str,
    problems: Vec<MapProblem>,
}

impl<'a> Checker<'a> {
    /// Reads a map whose fields are yet to be checked.
    pub(super) fn read<M: DeserializeOwned>(text: &'a str) -> Result<(M, Self), MapError> {
        let map = toml::from_str(text)
            .map_err(|error| MapError { problems: vec![syntax_problem(text, &error)] })?;
        Ok((map, Self { text, problems: Vec::new() }))
    }

    /// The map, if nothing is wrong with it.
    pub(super) fn finish<M>(self, map: M) -> Result<M, MapError> {
        let mut problems = self.problems;
        problems.sort_by_key(|problem| problem.line);
        if problems.is_empty() { Ok(map) } else { Err(MapError { problems }) }
    }
}

impl Checker<'_> {
    fn whole(&mut self, map: &ImportMap) {
        if map.source.is_empty() || map.source.len() > TEXT_LENGTH_MAX {
            self.problem("source", &map.source, "name the system the file comes from, for instance \"till\"");
        }
        if let Some(fixed) = map.currency.strip_prefix('=')
            && Currency::new(fixed).is_err()
        {
            self.problem(
                "currency",
                &map.currency,
                "use a column or = and an ISO 4217 code, for instance \"=GBP\"",
            );
        }
        self.moment("occurred_at", &map.time_zone, &map.occurred_at);
        self.file(&map.file);
        self.amounts(&map.amounts);
        if map.reference.columns.is_empty() {
            self.problem("reference.columns", "[]", "name the column of the receipt number");
        }
        if map.reference.repeated == RepeatedReference::Number && map.layout != Layout::Wide {
            self.problem("reference.repeated", "number", "only possible where layout = \"wide\"");
        }
    }

    /// The columns and the format of a moment.
    pub(super) fn moment(&mut self, field: &str, time_zone: &str, map: &MomentMap) {
        if let Err((field, value, remedy)) = Clock::new(field, time_zone, map) {
            self.problem(&field, &value, remedy);
        }
        if !(1..=2).contains(&map.columns.len()) {
            let remedy = "name one column, or a date column and a time column";
            self.problem(&format!("{field}.columns"), "", remedy);
        }
    }

    /// How a file is written.
    pub(super) fn file(&mut self, map: &FileMap) {
        if let Some(delimiter) = map.delimiter.as_deref()
            && delimiter != "auto"
            && (delimiter.len() != 1 || matches!(delimiter, "\"" | "\n" | "\r"))
        {
            self.problem(
                "file.delimiter",
                delimiter,
                "use one ASCII character such as \",\", \";\", \"|\", \"\\t\", or \"auto\"",
            );
        }
    }

    /// How amounts are written.
    pub(super) fn amounts(&mut self, amounts: &AmountMap) {
        if !matches!(amounts.decimal, '.' | ',') {
            self.problem("amounts.decimal", &amounts.decimal.to_string(), "use \".\" or \",\"");
        }
        if amounts
            .thousands
            .is_some_and(|sign| sign == amounts.decimal || !matches!(sign, '.' | ',' | ' ' | '\'' | '_'))
        {
            self.problem(
                "amounts.thousands",
                "",
                "use \",\", \".\", \" \", \"'\" or \"_\", other than the decimal sign",
            );
        }
    }

    fn lines(&mut self, map: &ImportMap) {
        if map.line.is_empty() || (map.layout == Layout::Lines && map.line.len() > 1) {
            self.problem("line", "", "give one [[line]]; several only where layout = \"wide\"");
        }
        for (position, line) in map.line.iter().enumerate() {
            if line.amount.is_none() && (line.unit_price.is_none() || line.quantity.is_none()) {
                self.problem(&format!("line.{position}"), "", "name amount, or quantity and unit_price");
            }
            if line.amount.is_some() && line.unit_price.is_some() {
                self.problem(
                    &format!("line.{position}.unit_price"),
                    "",
                    "leave it out where amount is given",
                );
            }
        }
        if !map.payment.is_empty() && (map.layout != Layout::Wide || map.purchase.payment_method.is_some()) {
            self.problem(
                "payment",
                "",
                "use [[payment]] only where layout = \"wide\" and without purchase.payment_method",
            );
        }
    }

    fn conditions(&mut self, map: &ImportMap) {
        for (kind, conditions) in [("exclude", &map.exclude), ("tag", &map.tag)] {
            for (position, condition) in conditions.iter().enumerate() {
                self.condition(&format!("{kind}.{position}"), condition);
            }
        }
    }

    fn condition(&mut self, field: &str, condition: &NamedCondition) {
        if condition.name.is_empty() || condition.name.len() > TEXT_LENGTH_MAX {
            self.problem(
                &format!("{field}.name"),
                &condition.name,
                "give a short name: the report counts by it",
            );
        }
        if condition.column.is_empty() {
            self.problem(&format!("{field}.column"), "", "name the column that is looked at");
        }
        let lists = [&condition.equals, &condition.prefix, &condition.suffix, &condition.contains];
        if lists.iter().all(|list| list.is_empty())
            && !condition.empty
            && !condition.zero
            && !condition.negative
        {
            self.problem(
                field,
                &condition.name,
                "give at least one of equals, prefix, suffix, contains, empty, zero, negative",
            );
        }
        if lists[1..].iter().any(|list| list.iter().any(String::is_empty)) {
            self.problem(
                field,
                &condition.name,
                "an empty text fits everything: use empty = true for missing values",
            );
        }
    }

    fn returns(&mut self, map: &ImportMap) {
        let Some(returns) = &map.returns else { return };
        let flagged = returns.when == ReturnSign::Column;
        let listed = !returns.equals.is_empty() || !returns.prefix.is_empty();
        if flagged != returns.column.is_some()
            || flagged != listed
            || returns.prefix.iter().any(String::is_empty)
        {
            self.problem(
                "returns.when",
                "",
                "\"column\" needs column and equals or prefix; the others need none of them",
            );
        }
        if (returns.matching == ReturnMatch::Named) != returns.purchase.is_some() {
            self.problem(
                "returns.match",
                "",
                "\"named\" needs purchase, the column that names it; the other rule has none",
            );
        }
        if returns.open_lines_max == 0 || returns.window_days == 0 {
            self.problem("returns.open_lines_max", "0", "give at least 1 line and 1 day, or leave them out");
        }
    }

    fn joins(&mut self, map: &ImportMap) {
        for (position, join) in map.join.iter().enumerate() {
            if join.name.is_empty() || join.columns.is_empty() {
                self.problem(
                    &format!("join.{position}"),
                    &join.name,
                    "give name, file, column, key and at least one of columns",
                );
            }
            if map.join.iter().skip(position + 1).any(|other| other.name == join.name) {
                self.problem(&format!("join.{position}.name"), &join.name, "give each join its own name");
            }
        }
    }

    /// Notes that a field has a wrong value.
    pub(super) fn problem(&mut self, field: &str, value: &str, remedy: &str) {
        let line = locate(self.text, field).map_or(1, |offset| line_of(self.text, offset));
        let value = if value.is_empty() { "(nothing)".to_owned() } else { value.to_owned() };
        self.problems.push(MapProblem { line, field: field.to_owned(), value, remedy: remedy.to_owned() });
    }
}

/// Where a field, or the nearest table around it, stands in the text.
fn locate(text: &str, field: &str) -> Option<usize> {
    let table = DeTable::parse(text).ok()?;
    let mut found = None;
    let mut parts = field.split('.');
    let first = parts.next()?;
    let (key, mut value) = table.get_ref().get_key_value(first)?;
    found.replace(key.span().start);
    for part in parts {
        let next = match value.get_ref() {
            DeValue::Table(table) => table.get_key_value(part).map(|(key, value)| (key.span().start, value)),
            DeValue::Array(array) => part
                .parse::<usize>()
                .ok()
                .and_then(|at| array.get(at))
                .map(|value| (value.span().start, value)),
            _ => None,
        };
        let Some((start, inner)) = next else { break };
        found.replace(start);
        value = inner;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::ImportMap;

    const GOOD: &str = r#"
source = "till"
time_zone = "Asia/Shanghai"
currency = "=CNY"
reference = { columns = ["receipt"] }
member = { column = "card", kind = "card" }
occurred_at = { columns = ["at"], format = "%Y-%m-%d %H:%M" }
[[line]]
amount = "amount"
"#;

    /// Replaces a part of a good map and expects one problem at a line, about a field.
    fn check(from: &str, to: &str, line: usize, field: &str, remedy: &str) {
        assert!(GOOD.contains(from), "{from}");
        let error = ImportMap::parse(&GOOD.replace(from, to)).expect_err(to);
        let problem = error.problems.first().expect("one problem");
        assert_eq!((problem.line, problem.field.as_str()), (line, field), "{error}");
        assert!(problem.remedy.contains(remedy), "{error}");
    }

    #[test]
    fn a_good_map_is_read() {
        assert_eq!(ImportMap::parse(GOOD).map(|map| map.source), Ok("till".to_owned()));
    }

    #[test]
    fn problems_name_line_field_and_remedy() {
        check("source = \"till\"", "source = \"\"", 2, "source", "name the system");
        check("source =", "sauce =", 2, "sauce", "unknown field");
        check("Asia/Shanghai", "Asia/Shanghia", 3, "time_zone", "IANA");
        check("=CNY", "=YUAN", 4, "currency", "ISO 4217");
        check("\"card\" }", "\"loyalty\" }", 6, "member", "unknown variant");
        check("%Y-%m-%d %H:%M", "%Q", 7, "occurred_at.format", "pattern");
        check("[\"at\"]", "[]", 7, "occurred_at.columns", "name one column");
        check("amount = \"amount\"", "sku = \"sku\"", 8, "line.0", "unit_price");
        check(
            "[[line]]",
            "[[exclude]]\nname = \"x\"\ncolumn = \"y\"\n[[line]]",
            8,
            "exclude.0",
            "at least one of",
        );
    }
}
