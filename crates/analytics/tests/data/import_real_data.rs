//! The shipped import maps on the data they are made for. Every number was found with DuckDB from the Parquet
//! files; the query stands beside it. Skipped, loudly, where the data folder is absent.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use analytics::import::{Document, Import, ImportMap, ImportOptions, ImportReport, ImportedDocument};
use domain::operation::{check_purchase, check_return};

struct Imported {
    documents: Vec<ImportedDocument>,
    report: ImportReport,
}

/// Imports a data set with its shipped map; nothing where the data is absent.
fn import(name: &str) -> Option<Imported> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let data = std::env::var_os("PERENNIAL_DATA").map_or_else(|| root.join("../shared/data"), PathBuf::from);
    let folder = data.join(name);
    if !folder.is_dir() {
        println!("SKIPPED: {} is absent; set PERENNIAL_DATA to the folder of data sets", folder.display());
        return None;
    }
    let text = std::fs::read_to_string(root.join("examples/maps").join(format!("{name}.toml"))).unwrap();
    let map = ImportMap::parse(&text).unwrap_or_else(|error| panic!("{name}.toml: {error}"));
    let mut import = Import::open(&map, &[folder], &ImportOptions::default(), &mut |_| {}).unwrap();
    let documents: Vec<ImportedDocument> = import.by_ref().map(Result::unwrap).collect();
    let report = import.report().clone();
    assert_eq!(report.accounted_rows(), report.rows, "every row is accounted for: {report:#?}");
    let order: Vec<_> = documents.iter().map(|document| (document.position, occurred_at(document))).collect();
    assert!(order.is_sorted(), "documents come in business-time order");
    for document in &documents {
        let checked = match &document.document {
            Document::Purchase(purchase) => check_purchase(purchase),
            Document::Return(returned) => check_return(returned),
        };
        assert_eq!(checked, Ok(()), "the engine takes every document that the importer gives");
    }
    Some(Imported { documents, report })
}

fn occurred_at(document: &ImportedDocument) -> jiff::Timestamp {
    match &document.document {
        Document::Purchase(purchase) => purchase.occurred_at,
        Document::Return(returned) => returned.occurred_at,
    }
}

fn reference(document: &ImportedDocument) -> &str {
    match &document.document {
        Document::Purchase(purchase) => &purchase.key.reference,
        Document::Return(returned) => &returned.key.reference,
    }
}

fn members(imported: &Imported) -> usize {
    imported.documents.iter().map(|document| &document.member).collect::<BTreeSet<_>>().len()
}

fn counts(pairs: &[(&str, u64)]) -> BTreeMap<String, u64> {
    pairs.iter().map(|(name, rows)| ((*name).to_owned(), *rows)).collect()
}

/// Lines with a tag.
fn tagged(imported: &Imported, tag: &str) -> usize {
    let purchases = imported.documents.iter().filter_map(|document| match &document.document {
        Document::Purchase(purchase) => Some(purchase),
        Document::Return(_) => None,
    });
    purchases
        .flat_map(|purchase| &purchase.lines)
        .filter(|line| line.tags.iter().any(|there| there == tag))
        .count()
}

#[test]
fn cdnow_has_6919_purchases_of_2357_customers() {
    let Some(imported) = import("cdnow") else { return };
    // select count(*), count(distinct customer_id), sum(cents), count(distinct (customer_id, date))
    // from 'cdnow_sample_1in10.parquet'
    // → 6919, 2357, 24409194, 6696: 223 purchases share customer and day with an earlier one.
    let report = &imported.report;
    assert_eq!((report.rows, report.purchases, members(&imported)), (6_919, 6_919, 2_357));
    assert_eq!(report.purchase_value.get("USD"), Some(&24_409_194));
    let references: BTreeSet<&str> = imported.documents.iter().map(reference).collect();
    assert_eq!(references.len(), 6_919, "the natural key is unique");
    assert_eq!(references.iter().filter(|text| text.matches('-').count() == 3).count(), 223);
    assert_eq!(occurred_at(&imported.documents[0]).to_string(), "1997-01-01T17:00:00Z");
}

#[test]
fn completejourney_has_46988_baskets_of_value() {
    let Some(imported) = import("completejourney") else { return };
    // select count(*), count(distinct basket_id), count(distinct household_id),
    //        sum(cast(round(sales_value * 100) as bigint)), min(transaction_timestamp), max(transaction_timestamp)
    // from 'transactions_sample.parquet' where round(sales_value, 6) <> 0
    // → 74471, 46988, 2373, 23393524, 2017-01-01 12:30:27, 2018-01-01 03:32:25
    let report = &imported.report;
    assert_eq!((report.rows, report.lines, report.purchases), (75_000, 74_471, 46_988));
    assert_eq!(members(&imported), 2_373);
    assert_eq!(report.purchase_value.get("USD"), Some(&23_393_524));
    assert_eq!(report.excluded, counts(&[("no_value", 529)]));
    assert_eq!((report.dropped.len(), report.rejected.len(), report.returns), (0, 0, 0));
    assert_eq!(occurred_at(&imported.documents[0]).to_string(), "2017-01-01T12:30:27Z");
    // The same rows, left join 'products.parquet' using (product_id), counted by
    // product_category in ('CIGARETTES', 'TOBACCO OTHER'), product_type like 'GASOLINE%', like '%GIFT CARD%'
    // → 375, 764, 18
    let tags = ["tobacco", "fuel", "gift_card"].map(|tag| tagged(&imported, tag));
    assert_eq!(tags, [375, 764, 18]);
}

#[test]
fn online_retail_loses_no_row_without_naming_it() {
    let Some(imported) = import("online_retail") else { return };
    // create table r as select *, case
    //   when InvoiceNo like 'A%' then 'bad_debt_adjustment'
    //   when StockCode in ('BANK CHARGES', 'AMAZONFEE', 'CRUK') then 'fee'
    //   when StockCode in ('M', 'm') then 'manual_entry' when StockCode = 'D' then 'discount'
    //   when StockCode = 'S' then 'sample' when UnitPrice = 0 then 'zero_price' end as excluded
    // from 'online_retail.parquet'; select excluded, count(*) from r group by 1
    let excluded = [
        ("bad_debt_adjustment", 3),
        ("discount", 77),
        ("fee", 87),
        ("manual_entry", 572),
        ("sample", 63),
        ("zero_price", 2_509),
    ];
    let report = &imported.report;
    assert_eq!(report.rows, 541_909);
    assert_eq!(report.excluded, counts(&excluded));
    // select count(*), count(distinct InvoiceNo) from r where excluded is null and CustomerID is null
    // → 132373, 1461
    // create table d as select *, count(*) n from r where excluded is null and CustomerID is not null group by all;
    // select sum(n - 1) from d → 5220
    assert_eq!(report.dropped, counts(&[("missing_member", 132_373), ("duplicate", 5_220)]));
    assert_eq!(report.receipts_without_member, 1_461);
    assert!(report.rejected.is_empty());
    // select InvoiceNo like 'C%', count(*), count(distinct InvoiceNo), count(distinct CustomerID),
    //   sum(cast(round(abs(Quantity) * cast(UnitPrice as decimal(18,3)) * 100) as bigint)) from d group by 1
    // → false: 392401, 18457, 4334, 883362396; true: 8604, 3449, 1548, 48289443
    assert_eq!((report.purchase_rows, report.purchases, report.lines), (392_401, 18_457, 392_401));
    assert_eq!(report.purchase_value.get("GBP"), Some(&883_362_396));
    assert_eq!((report.return_rows, members(&imported)), (8_604, 4_334));
    // select count(*) from d where StockCode in ('POST', 'DOT', 'C2') and InvoiceNo not like 'C%' → 1248
    assert_eq!(tagged(&imported, "delivery"), 1_248);
}

#[test]
fn online_retail_returns_find_their_purchases() {
    let Some(imported) = import("online_retail") else { return };
    // The rule was written a second time in Python over the rows of table d above, ordered by the earliest
    // InvoiceDate of the invoice, purchases first, InvoiceNo, StockCode, value: a list of open lines per customer and
    // stock code, searched from its end. 1,085 of the unmatched lines are of a customer and stock code that were
    // never bought before (anti join of d with itself on CustomerID, StockCode and an earlier time).
    let matching = &imported.report.matching;
    assert_eq!((matching.matched, matching.partly_matched, matching.unmatched), (7_425, 71, 1_108));
    assert_eq!(matching.forgotten_lines, 0);
    assert_eq!(imported.report.returns, 3_793);
    let returned = imported.report.return_value.get("GBP").copied().unwrap();
    let unmatched = matching.unmatched_value.get("GBP").copied().unwrap();
    assert_eq!((returned, unmatched), (44_947_913, 3_341_530));
    assert_eq!(returned + unmatched, 48_289_443, "the value of all return lines");
    assert_no_line_comes_back_twice(&imported.documents);
}

/// Every return names a purchase of the same member that came before it, and no line gives back more than it cost.
fn assert_no_line_comes_back_twice(documents: &[ImportedDocument]) {
    let mut left: BTreeMap<(&str, u32), (i64, &str)> = BTreeMap::new();
    for document in documents {
        match &document.document {
            Document::Purchase(purchase) => {
                for (line, bought) in (0..).zip(&purchase.lines) {
                    left.insert((&purchase.key.reference, line), (bought.amount, &document.member.value));
                }
            }
            Document::Return(returned) => {
                for line in &returned.lines {
                    let key = (returned.purchase.reference.as_str(), line.line);
                    let (rest, member) = left.get_mut(&key).expect("the purchase came before");
                    *rest -= line.amount;
                    assert!(*rest >= 0 && line.amount > 0 && *member == document.member.value, "{key:?}");
                }
            }
        }
    }
}
