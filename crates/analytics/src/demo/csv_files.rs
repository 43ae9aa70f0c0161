//! The same history as files: `members.csv`, `purchases.csv` (one line item per row, returns below zero) and
//! `map.toml`, so that the import path can be tried and measured with a file of any size.

use std::fs::File;
use std::io::{self, BufWriter};
use std::path::{Path, PathBuf};

use domain::document::{Purchase, PurchaseLine, Return};
use domain::member::IdentifierKind;
use jiff::Timestamp;

use super::history::Origin;
use super::member::external_id;
use super::{DemoHappening, DemoHistory, DemoMember, DemoRetailer, seasons};

/// The import map that fits `purchases.csv`.
pub const IMPORT_MAP: &str = include_str!("map.toml");

const PURCHASE_COLUMNS: [&str; 17] = [
    "receipt",
    "kind",
    "return_of",
    "occurred_at",
    "member_id",
    "currency",
    "store",
    "channel",
    "line",
    "sku",
    "category",
    "brand",
    "tags",
    "quantity",
    "amount",
    "tax",
    "payment",
];
const MEMBER_COLUMNS: [&str; 9] =
    ["member_id", "card", "phone", "email", "name", "born_on", "language", "segments", "joined_at"];

/// Where the files are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CsvFiles {
    /// One member per row.
    pub members: PathBuf,
    /// One line item per row.
    pub purchases: PathBuf,
    /// The import map of the purchases.
    pub map: PathBuf,
    /// What was written.
    pub rows: WrittenRows,
}

/// Numbers of rows, to check an import against.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct WrittenRows {
    /// Members.
    pub members: u64,
    /// Line items of purchases that are there for the first time.
    pub purchase_lines: u64,
    /// Line items of purchases that were uploaded again.
    pub duplicate_lines: u64,
    /// Returned line items.
    pub return_lines: u64,
}

impl DemoRetailer {
    /// Writes the three files into a folder, which is made if need be. Rows stand in the order in which they
    /// reach the platform; activities are not part of the files.
    pub fn write_csv(&self, folder: &Path) -> io::Result<CsvFiles> {
        std::fs::create_dir_all(folder)?;
        let [members, purchases, map] =
            ["members.csv", "purchases.csv", "map.toml"].map(|name| folder.join(name));
        std::fs::write(&map, IMPORT_MAP)?;
        let mut rows = WrittenRows::default();
        let mut writer = csv_file(&members, &MEMBER_COLUMNS)?;
        for member in self.members() {
            writer.write_record(member_row(&member))?;
            rows.members += 1;
        }
        writer.flush()?;
        let mut writer = PurchaseWriter { file: csv_file(&purchases, &PURCHASE_COLUMNS)?, rows };
        writer.write_all(self.events())?;
        writer.file.flush()?;
        Ok(CsvFiles { members, purchases, map, rows: writer.rows })
    }
}

fn csv_file(path: &Path, columns: &[&str]) -> io::Result<csv::Writer<BufWriter<File>>> {
    let mut writer = csv::Writer::from_writer(BufWriter::with_capacity(1 << 20, File::create(path)?));
    writer.write_record(columns)?;
    Ok(writer)
}

fn member_row(member: &DemoMember) -> [String; 9] {
    let identifier = |kind: IdentifierKind| {
        let found = member.identifiers.iter().find(|identifier| identifier.kind == kind);
        found.map(|identifier| identifier.value.clone()).unwrap_or_default()
    };
    let profile = &member.profile;
    let segments: Vec<&str> = profile.segments.iter().map(domain::code::Code::as_str).collect();
    [
        member.external_id.clone(),
        identifier(IdentifierKind::Card),
        identifier(IdentifierKind::Phone),
        identifier(IdentifierKind::Email),
        profile.name.clone().unwrap_or_default(),
        profile.born_on.map(|day| day.to_string()).unwrap_or_default(),
        profile.language.clone().unwrap_or_default(),
        segments.join("|"),
        local_time(member.joined_at),
    ]
}

struct PurchaseWriter {
    file: csv::Writer<BufWriter<File>>,
    rows: WrittenRows,
}

impl PurchaseWriter {
    fn write_all(&mut self, mut history: DemoHistory<'_>) -> io::Result<()> {
        while let Some((event, origin)) = history.next_with_origin() {
            match (event.happening, origin) {
                (DemoHappening::Purchase(purchase), origin) => {
                    let lines = purchase.lines.len() as u64;
                    match origin {
                        Origin::Again => self.rows.duplicate_lines += lines,
                        Origin::New | Origin::Of(_) => self.rows.purchase_lines += lines,
                    }
                    self.write_purchase(&purchase, event.member)?;
                }
                (DemoHappening::Return(document), Origin::Of(purchase)) => {
                    self.write_return(&document, &purchase, event.member)?;
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn write_purchase(&mut self, purchase: &Purchase, member: u32) -> io::Result<()> {
        let receipt = Receipt { purchase, member, reference: &purchase.key.reference, return_of: "" };
        let at = local_time(purchase.occurred_at);
        for (number, line) in purchase.lines.iter().enumerate() {
            self.write_line(&receipt, &at, number, line)?;
        }
        Ok(())
    }

    /// The returned lines, with amount, tax and quantity below zero.
    fn write_return(&mut self, document: &Return, purchase: &Purchase, member: u32) -> io::Result<()> {
        let receipt = Receipt {
            purchase,
            member,
            reference: &document.key.reference,
            return_of: &purchase.key.reference,
        };
        let at = local_time(document.occurred_at);
        for (number, line) in purchase.lines.iter().enumerate() {
            let part =
                document.lines.iter().find(|part| part.line as usize == number).map(|part| part.amount);
            let amount = if document.lines.is_empty() { Some(line.amount) } else { part };
            let Some(amount) = amount else { continue };
            let returned = PurchaseLine {
                amount: -amount,
                tax: -(line.tax * amount / line.amount.max(1)),
                quantity_milli: -(line.quantity_milli * amount / line.amount.max(1)),
                ..line.clone()
            };
            self.write_line(&receipt, &at, number, &returned)?;
            self.rows.return_lines += 1;
        }
        Ok(())
    }

    fn write_line(
        &mut self,
        receipt: &Receipt<'_>,
        at: &str,
        number: usize,
        line: &PurchaseLine,
    ) -> io::Result<()> {
        let purchase = receipt.purchase;
        let method = purchase.payments.last().map_or("", |payment| payment.method.as_str());
        let row: [&str; 17] = [
            receipt.reference,
            if receipt.return_of.is_empty() { "sale" } else { "return" },
            receipt.return_of,
            at,
            &external_id(receipt.member),
            purchase.currency.as_str(),
            purchase.store.as_deref().unwrap_or(""),
            purchase.channel.as_deref().unwrap_or(""),
            &(number + 1).to_string(),
            &line.sku,
            &line.category,
            &line.brand,
            &line.tags.join("|"),
            &decimal(line.quantity_milli, 1_000),
            &decimal(line.amount, 100),
            &decimal(line.tax, 100),
            method,
        ];
        Ok(self.file.write_record(row)?)
    }
}

/// What all rows of a document share.
struct Receipt<'a> {
    purchase: &'a Purchase,
    member: u32,
    reference: &'a str,
    return_of: &'a str,
}

/// An integer as a decimal number with all its digits: 1299 of 100 is `12.99`.
fn decimal(value: i64, scale: u64) -> String {
    let sign = if value < 0 { "-" } else { "" };
    let (whole, part) = (value.unsigned_abs() / scale, value.unsigned_abs() % scale);
    if scale == 100 { format!("{sign}{whole}.{part:02}") } else { format!("{sign}{whole}.{part:03}") }
}

/// Date and time in the retailer's zone, without naming it: the map does.
fn local_time(instant: Timestamp) -> String {
    seasons::local(instant.as_second()).strftime("%Y-%m-%d %H:%M:%S").to_string()
}

#[cfg(test)]
mod tests {
    use super::decimal;

    #[test]
    fn amounts_are_written_with_all_digits() {
        assert_eq!(
            [decimal(1_299, 100), decimal(-5, 100), decimal(1_250, 1_000)],
            ["12.99", "-0.05", "1.250"]
        );
    }
}
