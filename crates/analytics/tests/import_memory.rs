//! Memory stays bounded whatever the size of the file. Alone in its process, whose peak it reads.
#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "data/import_support/mod.rs"]
mod import_support;

use std::io::{BufWriter, Write};

use analytics::import::{Import, ImportMap, ImportOptions};
use import_support::Folder;

const MAP: &str = r#"
source = "till"
time_zone = "UTC"
currency = "=EUR"
reference = { columns = ["receipt"] }
member = { column = "member", kind = "external" }
occurred_at = { columns = ["at"], format = "epoch_seconds" }
[[line]]
sku = "item"
amount = "amount"
[returns]
when = "negative_amount"
match = "member_sku_latest"
"#;

const ROWS: u64 = 2_000_000;
const MEMORY_MAX_KIB: u64 = 300 << 10;

/// The process's greatest resident memory so far, where the system tells it.
fn peak_kib() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

#[test]
#[ignore = "long: run by ./check --long"]
fn two_million_scattered_rows_take_less_than_300_mib() {
    let folder = Folder::new("memory");
    let path = folder.path("file.csv");
    let mut file = BufWriter::new(std::fs::File::create(&path).unwrap());
    writeln!(file, "receipt,member,at,item,note,amount").unwrap();
    for row in 0..ROWS {
        // Four rows per receipt, none beside another; every eighth receipt gives something back.
        let receipt = row * 7_919 % (ROWS / 4);
        let sign = if receipt % 8 == 7 { "-" } else { "" };
        let (member, at, item) = (receipt % 50_000, receipt * 61 % 40_000_000, row % 97);
        writeln!(file, "receipt-{receipt},member-{member},{at},item-{item},row {row},{sign}1.25").unwrap();
    }
    drop(file);
    let map = ImportMap::parse(MAP).unwrap();
    let options = ImportOptions { spill_folder: folder.path(""), ..ImportOptions::default() };
    let mut import = Import::open(&map, &[path], &options, &mut |_| {}).unwrap();
    let documents = import.by_ref().map(Result::unwrap).count() as u64;
    let report = import.report();
    assert_eq!((report.rows, report.accounted_rows()), (ROWS, ROWS));
    assert_eq!((report.purchases, report.purchase_rows), (ROWS / 4 / 8 * 7, ROWS / 8 * 7));
    assert_eq!(documents, report.purchases + report.returns);
    let Some(peak) = peak_kib() else {
        println!("SKIPPED: this system does not tell the peak of a process's memory");
        return;
    };
    println!("peak {} MiB", peak >> 10);
    assert!(peak < MEMORY_MAX_KIB, "{peak} KiB");
}
