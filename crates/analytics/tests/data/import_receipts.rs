//! Receipts and returns: the order of rows in a file means nothing, whatever the size, and returns find the
//! purchases they come from by the rule of the map.

use std::collections::BTreeMap;
use std::fmt::Write;

use crate::import_support::{Folder, Imported, import, reference, rejects, run};
use analytics::import::Document;
use proptest::prelude::*;

const MAP: &str = r#"
source = "till"
time_zone = "UTC"
currency = "=EUR"
duplicates = "keep"
reference = { columns = ["receipt"] }
member = { column = "member", kind = "external", missing = "drop" }
occurred_at = { columns = ["at"], format = "epoch_seconds" }
[[line]]
sku = "item"
amount = "amount"
"#;

const RETURNS: &str = r#"
[returns]
when = "negative_amount"
match = "member_sku_latest"
"#;

/// A row: receipt, minute within the receipt, item, cents.
type RowParts = (u8, u8, u8, i64);

fn text(rows: &[RowParts]) -> String {
    let mut text = "receipt,member,at,item,amount\n".to_owned();
    for (receipt, minute, item, cents) in rows {
        let at = u64::from(*receipt / 2) * 3_600 + u64::from(*minute) * 60;
        let member = receipt % 3;
        writeln!(text, "r{receipt},m{member},{at},i{item},{}.{:02}", cents / 100, cents.abs() % 100).unwrap();
    }
    text
}

fn same(one: &Imported, other: &Imported) {
    assert_eq!(one.documents, other.documents);
    let (mut one, mut other) = (one.report.clone(), other.report.clone());
    one.files.clear();
    other.files.clear();
    assert_eq!(one, other);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_order_of_rows_gives_the_same_documents(
        rows in proptest::collection::vec((0_u8..12, 0_u8..3, 0_u8..4, (-20_i64..60).prop_map(|tens| tens * 100)), 1..60),
        order in proptest::collection::vec(any::<u32>(), 60),
        duplicates in prop_oneof![Just("keep"), Just("drop")],
    ) {
        let folder = Folder::new("any_order");
        let map = MAP.replace("keep", duplicates);
        let mut shuffled: Vec<(u32, RowParts)> = order.into_iter().zip(rows.iter().copied()).collect();
        shuffled.sort_unstable();
        let shuffled: Vec<RowParts> = shuffled.into_iter().map(|(_, row)| row).collect();
        for map in [map.clone(), format!("{map}{RETURNS}")] {
            let one = import(&folder, &map, "one.csv", text(&rows).as_bytes()).unwrap();
            let other = import(&folder, &map, "other.csv", text(&shuffled).as_bytes()).unwrap();
            same(&one, &other);
        }
        // Grouped the obvious way: nothing is lost and nothing is counted twice.
        let mut distinct = rows.clone();
        if duplicates == "drop" {
            distinct.sort_unstable();
            distinct.dedup();
        }
        let mut totals: BTreeMap<String, i64> = BTreeMap::new();
        for (receipt, _, _, cents) in &distinct {
            *totals.entry(format!("r{receipt}")).or_default() += cents;
        }
        let imported = import(&folder, &map, "one.csv", text(&rows).as_bytes()).unwrap();
        let found: BTreeMap<String, i64> = imported.documents.iter().map(|document| {
            let Document::Purchase(purchase) = &document.document else { panic!("a purchase") };
            (purchase.key.reference.clone(), purchase.total().unwrap())
        }).collect();
        prop_assert_eq!(found, totals);
        prop_assert_eq!(imported.report.lines, distinct.len() as u64);
    }
}

#[test]
fn a_file_that_outgrows_memory_gives_the_same_documents() {
    let folder = Folder::new("outgrows");
    // Receipts of three rows, scattered over the whole file.
    let mut file = "receipt,member,at,item,amount\n".to_owned();
    for row in 0..30_000_u64 {
        let receipt = row * 7_919 % 10_000;
        writeln!(file, "r{receipt},m{},{},i{},1.00", receipt % 100, receipt * 61 % 5_000, row % 7).unwrap();
    }
    let path = folder.path("file.csv");
    std::fs::write(&path, file).unwrap();
    let in_memory = run(&folder, MAP, std::slice::from_ref(&path), 1 << 27).unwrap();
    let on_disk = run(&folder, MAP, &[path], 0).unwrap();
    assert_eq!((in_memory.report.purchases, in_memory.report.lines), (10_000, 30_000));
    same(&in_memory, &on_disk);
}

#[test]
fn positions_are_the_same_every_time() {
    let folder = Folder::new("positions");
    let rows: Vec<RowParts> = (0..40).map(|n| (n % 9, n % 2, n % 5, 100)).collect();
    let first = import(&folder, MAP, "file.csv", text(&rows).as_bytes()).unwrap();
    let second = import(&folder, MAP, "file.csv", text(&rows).as_bytes()).unwrap();
    assert_eq!(first.fingerprint, second.fingerprint);
    assert_eq!(first.documents[5..], second.documents[5..]);
    assert!(first.documents.iter().zip(0..).all(|(document, position)| document.position == position));
}

/// Imports lines of `receipt,member,at,item,quantity,amount` and expects `reference < purchase: line amount …`.
fn check_returns(name: &str, returns: &str, rows: &str, expected: &[&str]) -> (Folder, Imported) {
    let folder = Folder::new(name);
    let map = format!("{MAP}{returns}")
        .replace("amount = \"amount\"", "amount = \"amount\"\nquantity = \"quantity\"");
    let file = format!("receipt,member,at,item,quantity,amount,flag,of\n{rows}");
    let imported = import(&folder, &map, "file.csv", file.as_bytes()).unwrap();
    let found: Vec<String> = imported
        .documents
        .iter()
        .map(|document| match &document.document {
            Document::Purchase(purchase) => format!("{} {}", reference(document), purchase.total().unwrap()),
            Document::Return(returned) => {
                let lines: Vec<String> =
                    returned.lines.iter().map(|line| format!("{} {}", line.line, line.amount)).collect();
                format!("{} < {}: {}", reference(document), returned.purchase.reference, lines.join(", "))
            }
        })
        .collect();
    assert_eq!(found, expected, "{name}");
    (folder, imported)
}

#[test]
fn returns_without_a_purchase_number_take_the_latest_line_of_the_member_with_enough_value() {
    let rows = "r1,ann,10,mug,2,8.00,,\nr1,ann,10,pen,1,1.00,,\nr2,ann,20,mug,1,4.00,,\nr3,bob,30,mug,9,36.00,,\n\
                c1,ann,40,mug,-1,-4.00,,\nc2,ann,50,mug,-1,-4.00,,\nc3,ann,60,mug,-2,-6.00,,\nc4,ann,70,hat,-1,-3.00,,\n";
    let expected =
        ["r1 900", "r2 400", "r3 3600", "c1/r2 < r2: 0 400", "c2/r1 < r1: 0 400", "c3/r1 < r1: 0 400"];
    let (_, imported) = check_returns("latest", RETURNS, rows, &expected);
    let matching = &imported.report.matching;
    assert_eq!((matching.matched, matching.partly_matched, matching.unmatched), (2, 1, 1));
    assert_eq!(matching.unmatched_value.get("EUR"), Some(&500));
    assert_eq!((imported.report.return_rows, imported.report.returns), (4, 3));
}

#[test]
fn flagged_returns_may_be_written_above_zero_and_unmatched_ones_be_rejected() {
    let returns = "[returns]\nwhen = \"column\"\ncolumn = \"flag\"\nequals = [\"R\"]\namounts = \"positive\"\n\
                   match = \"member_sku_latest\"\nunmatched = \"reject\"";
    let rows = "r1,ann,10,mug,1,8.00,S,\nx1,ann,20,mug,1,8.00,R,\nx2,ann,30,mug,1,8.00,R,\nx3,ann,40,mug,1,-8.00,R,\n";
    let (folder, imported) = check_returns("flagged", returns, rows, &["r1 800", "x1/r1 < r1: 0 800"]);
    let reasons: Vec<String> =
        rejects(&folder).into_iter().map(|reject| format!("{} {}", reject.0, reject.3)).collect();
    assert_eq!(reasons, ["5 wrong_sign", "4 return_unmatched"]);
    assert_eq!(imported.report.matching.unmatched, 1);
}

#[test]
fn returns_that_name_their_purchase_keep_their_number() {
    let returns = "[returns]\nwhen = \"negative_quantity\"\nmatch = \"named\"\npurchase = \"of\"\npurchase_strip = \"#\"";
    let rows = "r1,ann,10,mug,1,8.00,,\nr2,ann,20,mug,1,8.00,,\nx1,ann,30,mug,-1,-8.00,,#r1\nx2,ann,30,mug,-1,-8.00,,\n";
    let (folder, _) = check_returns("named", returns, rows, &["r1 800", "r2 800", "x1 < r1: 0 800"]);
    assert_eq!(rejects(&folder)[0].3, "no_purchase_named");
}

#[test]
fn an_exchange_is_a_purchase_and_a_return() {
    let rows = "r1,ann,10,mug,1,8.00,,\nr2,ann,20,mug,-1,-8.00,,\nr2,ann,20,pen,1,2.00,,\n";
    check_returns("exchange", RETURNS, rows, &["r1 800", "r2 200", "r2/return/r1 < r1: 0 800"]);
}

#[test]
fn without_a_rule_for_returns_lines_below_zero_lower_the_basket() {
    let rows = "r1,ann,10,mug,1,8.00,,\nr1,ann,10,coupon,1,-1.00,,\n";
    check_returns("coupon", "", rows, &["r1 700"]);
}

#[test]
fn a_receipt_of_more_than_a_thousand_lines_is_rejected_whole() {
    let mut rows = String::new();
    for line in 0..1_001 {
        writeln!(rows, "r1,ann,10,i{line},1,1.00,,").unwrap();
    }
    let (_, imported) = check_returns("long", "", &rows, &[]);
    assert_eq!(imported.report.rejected.get("too_many_lines"), Some(&1_001));
}

#[test]
fn wide_rows_of_one_reference_are_numbered_in_an_order_of_their_own() {
    let folder = Folder::new("numbered");
    let map = MAP
        .replace("duplicates", "layout = \"wide\"\nduplicates")
        .replace("[\"receipt\"]", "[\"receipt\"], repeated = \"number\"");
    let forwards = "receipt,member,at,item,amount\na,m,5,x,1.00\na,m,5,x,2.00\na,m,5,x,2.00\nb,m,1,x,1.00\n";
    let backwards = "receipt,member,at,item,amount\nb,m,1,x,1.00\na,m,5,x,2.00\na,m,5,x,2.00\na,m,5,x,1.00\n";
    let one = import(&folder, &map, "one.csv", forwards.as_bytes()).unwrap();
    assert_eq!(one.documents.iter().map(reference).collect::<Vec<_>>(), ["b", "a", "a-2", "a-3"]);
    same(&one, &import(&folder, &map, "other.csv", backwards.as_bytes()).unwrap());
    let dropped = import(&folder, &map.replace("keep", "drop"), "one.csv", forwards.as_bytes()).unwrap();
    assert_eq!(dropped.documents.iter().map(reference).collect::<Vec<_>>(), ["b", "a", "a-2"]);
}
