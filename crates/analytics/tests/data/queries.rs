//! The queries of the questions, each asked of a small lake as the program asks it: its text from `reports/`, its days and
//! numbers bound, the tables of its question around it. The files in `questions/` hold the lakes and the rows that were
//! worked out by hand, with how; `questions/README.md` says how they are written.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use analytics::lake::{
    ContactRow, DocumentOwner, LakeWriter, MemberRow, PostingRow, ReturnRow, SessionOptions,
};
use analytics::report::{QueriesByHand, ReportName, ReportRequest};
use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::{DataType, Float64Type};
use arrow::util::display::array_value_to_string;
use domain::document::{DocumentKey, PurchaseLine};
use domain::ledger::ReturnedLine;
use domain::money::Currency;
use jiff::Timestamp;
use jiff::civil::Date;
use sqllogictest::{DB, DBOutput, DefaultColumnType, Runner, strict_column_validator};

use crate::report_support::{Given, sale, written};

/// What a record says that cannot be done.
#[derive(Debug)]
struct Fault(String);

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Fault {}

#[allow(clippy::needless_pass_by_value, reason = "handed over by `map_err`")]
fn fault(cause: impl ToString) -> Fault {
    Fault(cause.to_string())
}

struct Questions {
    runtime: tokio::runtime::Runtime,
    given: Option<Given>,
    queries: Option<QueriesByHand>,
}

impl DB for Questions {
    type Error = Fault;
    type ColumnType = DefaultColumnType;

    fn run(&mut self, text: &str) -> Result<DBOutput<DefaultColumnType>, Fault> {
        let (head, rest) = text.split_once('\n').unwrap_or((text, ""));
        let mut words = head.split_whitespace();
        match words.next() {
            Some("lake") => {
                self.given = Some(self.runtime.block_on(written(|writer| fill(writer, rest))));
            }
            Some("survey") => {
                let (map, rows) = rest.split_once("\nrows\n").expect("a map, `rows`, and rows");
                let given = self.given.take().expect("a lake first");
                self.given = Some(self.runtime.block_on(given.surveyed(map, rows)).0);
            }
            Some("ask") => {
                let name = words.next().unwrap_or_default().parse::<ReportName>().map_err(fault)?;
                let said = words.filter_map(|word| word.split_once('='));
                let said = said.map(|(field, value)| (field.to_owned(), value.into())).collect();
                let request: ReportRequest =
                    serde_json::from_value(serde_json::Value::Object(said)).map_err(fault)?;
                let lake = self.given.as_ref().expect("a lake first").lake();
                let options = SessionOptions::default();
                let made = self.runtime.block_on(QueriesByHand::new(lake, name, &request, &options));
                self.queries = Some(made.map_err(fault)?);
            }
            Some("view") => {
                let sql = filled(words.next().expect("a file"), rest);
                let queries = self.queries.as_mut().expect("a question first");
                self.runtime.block_on(queries.view(sql)).map_err(fault)?;
            }
            Some(file) => {
                let (numbers, days) = bound(rest);
                let queries = self.queries.as_mut().expect("a question first");
                let sql = filled(file, rest);
                let rows = self.runtime.block_on(queries.rows(&sql, &numbers, &days));
                return Ok(output(&rows.map_err(fault)?));
            }
            None => return Err(fault("an empty record")),
        }
        Ok(DBOutput::StatementComplete(0))
    }
}

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// What is filled in: name and value of each line.
fn fillings(rest: &str) -> impl Iterator<Item = (&str, &str)> {
    rest.lines().filter_map(|line| line.split_once(" = "))
}

/// The text of a query with its places filled.
fn filled(file: &str, rest: &str) -> String {
    let text = std::fs::read_to_string(folder("reports").join(file)).expect(file);
    let places = fillings(rest).filter(|(name, _)| name.starts_with('{'));
    places.fold(text, |text, (place, value)| text.replace(place, value))
}

/// Values by their names, which are as long-lived as those of the program.
type Named<T> = Vec<(&'static str, T)>;

/// Numbers and days that are bound.
fn bound(rest: &str) -> (Named<i64>, Named<Date>) {
    let (mut numbers, mut days) = (Vec::new(), Vec::new());
    for (name, value) in fillings(rest) {
        let Some(name) = name.strip_prefix('$') else { continue };
        let name: &'static str = name.to_owned().leak();
        match value.parse() {
            Ok(number) => numbers.push((name, number)),
            Err(_) => days.push((name, value.parse().expect("a number or a day"))),
        }
    }
    (numbers, days)
}

/// Writes the lines of a lake into one.
fn fill(writer: &mut LakeWriter, lines: &str) {
    for (number, line) in lines.lines().enumerate() {
        let words: Vec<&str> = line.split_whitespace().collect();
        match words.as_slice() {
            ["member", id, name, rest @ ..] => member(writer, id, name, rest),
            ["buy", id, day, reference, items @ ..] => {
                let lines = items.iter().filter(|item| item.contains(':') && !item.contains('='));
                let mut purchase = sale(number, day, lines.map(|item| bought(item)).collect());
                (*reference).clone_into(&mut purchase.key.reference);
                for (what, value) in items.iter().filter_map(|item| item.split_once('=')) {
                    match what {
                        "at" => purchase.occurred_at = format!("{day}T{value}:00Z").parse().unwrap(),
                        "channel" => purchase.channel = Some(value.to_owned()),
                        _ => panic!("not of a purchase: {what}"),
                    }
                }
                writer.add_purchase(owner(id), &purchase).unwrap();
            }
            ["back", id, day, reference, "of", purchase, line, amount] => {
                let key = DocumentKey { source: "till".to_owned(), reference: (*reference).to_owned() };
                let lines = [ReturnedLine { line: line.parse().unwrap(), amount: amount.parse().unwrap() }];
                let back = ReturnRow {
                    key: &key,
                    purchase_reference: purchase,
                    occurred_at: noon(day),
                    currency: Currency::new("CNY").unwrap(),
                    lines: &lines,
                    purchase: None,
                };
                writer.add_return(owner(id), &back).unwrap();
            }
            ["post", id, day, amount, debit, credit] => {
                let posting = PostingRow {
                    member_id: id.parse().unwrap(),
                    entry_no: 1,
                    posting_no: 1,
                    event: "purchase_recorded",
                    occurred_at: noon(day),
                    recorded_at: noon(day),
                    unit: "points",
                    debit,
                    credit,
                    amount: amount.parse().unwrap(),
                    rule: None,
                    funder: "house",
                };
                writer.add_posting(&posting).unwrap();
            }
            ["contact", id, day, campaign, arm] => {
                let contact = ContactRow {
                    member_id: id.parse().unwrap(),
                    kind: "campaign",
                    campaign,
                    contacted_at: noon(day),
                    channel: None,
                    offer: None,
                    voucher_batch: None,
                    arm: Some(arm),
                    cost: None,
                };
                writer.add_contact(&contact).unwrap();
            }
            _ => panic!("not a line of a lake: {line}"),
        }
    }
}

fn member(writer: &mut LakeWriter, id: &str, name: &str, rest: &[&str]) {
    let said = |wanted: &str| rest.iter().position(|word| *word == wanted).map(|at| rest[at + 1]);
    let leads_to = said("into").map(|into| into.parse().unwrap());
    let row = MemberRow {
        member_id: id.parse().unwrap(),
        member: name,
        leads_to,
        status: if leads_to.is_some() { "merged" } else { "active" },
        birth_year: said("born").map(|year| year.parse().unwrap()),
        ..MemberRow::default()
    };
    writer.add_member(&row).unwrap();
}

fn bought(item: &str) -> PurchaseLine {
    let (article, amount) = item.split_once(':').expect("CATEGORY:AMOUNT");
    let (category, sku) = article.split_once('/').unwrap_or((article, article));
    let (amount, quantity_milli) = amount.split_once('*').unwrap_or((amount, "1000"));
    PurchaseLine {
        sku: sku.to_owned(),
        category: category.to_owned(),
        amount: amount.parse().unwrap(),
        quantity_milli: quantity_milli.parse().unwrap(),
        ..PurchaseLine::default()
    }
}

fn owner(id: &str) -> DocumentOwner {
    DocumentOwner { member_id: id.parse().unwrap(), entry_no: None }
}

fn noon(day: &str) -> Timestamp {
    format!("{day}T12:00:00Z").parse().unwrap()
}

/// Rows as they are compared: fractions with up to six decimals.
fn output(rows: &RecordBatch) -> DBOutput<DefaultColumnType> {
    let types = rows.columns().iter().map(|column| match column.data_type() {
        kind if kind.is_integer() => DefaultColumnType::Integer,
        kind if kind.is_floating() => DefaultColumnType::FloatingPoint,
        DataType::Utf8 | DataType::Utf8View | DataType::LargeUtf8 => DefaultColumnType::Text,
        _ => DefaultColumnType::Any,
    });
    let cell = |column: &dyn Array, row: usize| match column.as_primitive_opt::<Float64Type>() {
        _ if column.is_null(row) => "NULL".to_owned(),
        Some(numbers) => {
            let text = format!("{:.6}", numbers.value(row));
            let text = text.trim_end_matches('0').trim_end_matches('.');
            if text == "-0" { "0".to_owned() } else { text.to_owned() }
        }
        None => array_value_to_string(column, row).unwrap(),
    };
    let row = |row| rows.columns().iter().map(|column| cell(column.as_ref(), row)).collect();
    DBOutput::Rows { types: types.collect(), rows: (0..rows.num_rows()).map(row).collect() }
}

fn holds(file: &str) {
    let mut runner = Runner::new(|| async {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(fault)?;
        Ok(Questions { runtime, given: None, queries: None })
    });
    runner.with_column_validator(strict_column_validator);
    let path = folder("tests/data/questions").join(file);
    runner.run_file(&path).unwrap_or_else(|error| panic!("{}", error.display(false)));
}

#[test]
fn what_members_spend_is_counted_as_worked_out_by_hand() {
    holds("spend.slt");
}

#[test]
fn what_is_in_the_baskets_is_counted_as_worked_out_by_hand() {
    holds("baskets.slt");
}

#[test]
fn what_is_recorded_is_audited_as_worked_out_by_hand() {
    holds("audit.slt");
}

#[test]
fn what_the_arms_of_an_experiment_do_is_counted_as_worked_out_by_hand() {
    holds("experiments.slt");
}

#[test]
fn what_members_answer_is_counted_as_worked_out_by_hand() {
    holds("surveys.slt");
}

#[test]
fn what_segments_are_made_of_is_counted_as_worked_out_by_hand() {
    holds("segments.slt");
}

#[test]
fn every_query_is_asked_by_some_file() {
    let texts: String = std::fs::read_dir(folder("tests/data/questions"))
        .unwrap()
        .map(|entry| std::fs::read_to_string(entry.unwrap().path()).unwrap())
        .collect();
    let asked: BTreeSet<&str> = texts.split_whitespace().collect();
    let files = std::fs::read_dir(folder("reports")).unwrap().map(|entry| entry.unwrap().file_name());
    let forgotten: Vec<_> = files
        .map(|name| name.to_str().unwrap().to_owned())
        // Every `ask` makes its tables of this one.
        .filter(|name| name != "population.sql" && !asked.contains(name.as_str()))
        .collect();
    assert!(forgotten.is_empty(), "ask them in tests/data/questions/: {forgotten:?}");
}
