//! Importing files: counts that add up, a second run that changes nothing, rows that cannot be read.

use analytics::demo::{DemoOptions, DemoRetailer};
use jiff::civil::date;
use serde_json::Value;

use super::shop::Shop;

#[test]
fn a_second_run_changes_nothing() {
    let shop = Shop::with_programme();
    let options = DemoOptions { seed: 3, members: 40, months: 6, ends_on: date(2026, 6, 30) };
    let files = DemoRetailer::new(options).unwrap().write_csv(&shop.path("data")).unwrap();
    let map = files.map.to_str().unwrap();
    let import = ["import", "purchases", "data", "--map", map, "--reject", "rejects.csv"];

    let trial = shop.json(import.into_iter().chain(["--dry-run"]));
    assert_eq!(trial["documents"]["recorded"], 0);
    let first = shop.json(import);
    let number = |of: &Value| of.as_u64().unwrap();
    let documents = number(&first["read"]["purchases"]) + number(&first["read"]["returns"]);
    assert_eq!(number(&first["documents"]["recorded"]), documents);
    assert_eq!(first["documents"]["refused"], serde_json::json!({}));
    assert_eq!(number(&first["read"]["lines"]), files.rows.purchase_lines);
    assert_eq!(number(&first["read"]["dropped"]["duplicate"]), files.rows.duplicate_lines);
    assert_eq!(first["read"], trial["read"]);

    let before = shop.digest("before.db");
    let second = shop.json(import);
    assert_eq!(number(&second["documents"]["recorded"]), 0);
    assert_eq!(number(&second["documents"]["duplicates"]), documents);
    assert_eq!(shop.digest("after.db"), before);
    shop.run(["verify"]).succeeded();
}

#[test]
fn an_import_needs_a_programme() {
    let shop = Shop::new();
    let map = shop.write("map.toml", analytics::demo::IMPORT_MAP);
    shop.write("purchases.csv", "receipt\n");
    let ran = shop.run(["--json", "import", "purchases", "purchases.csv", "--map", map.to_str().unwrap()]);
    ran.expect_code(3);
    assert_eq!(ran.error_code(), "no_programme_in_force");
}

const MAP: &str = r#"
source = "till"
time_zone = "Asia/Shanghai"
currency = "=CNY"
[reference]
columns = ["receipt"]
[member]
column = "member"
kind = "external"
[occurred_at]
columns = ["at"]
format = "%Y-%m-%d %H:%M"
[[line]]
sku = "sku"
amount = "amount"
"#;

#[test]
fn rows_that_cannot_be_read_go_to_the_reject_file() {
    let shop = Shop::with_programme();
    shop.write("map.toml", MAP);
    let rows = "receipt,member,at,sku,amount\n\
                1,ada,2026-03-01 10:00,tea,12.50\n\
                2,ada,yesterday,tea,12.50\n\
                3,ada,2026-03-01 10:00,tea,twelve\n";
    shop.write("sales.csv", rows);
    let import = ["import", "purchases", "sales.csv", "--map", "map.toml", "--reject", "rejects.csv"];
    let outcome = shop.json(import);
    assert_eq!(outcome["documents"]["recorded"], 1);
    assert_eq!(outcome["read"]["rejected"], serde_json::json!({ "bad_amount": 1, "bad_time": 1 }));
    let rejects = std::fs::read_to_string(shop.path("rejects.csv")).unwrap();
    let mut lines = rejects.lines();
    assert_eq!(lines.next(), Some("file,row,field,value,reason,sentence"));
    for (row, field, value, reason) in
        [("2", "occurred_at", "yesterday", "bad_time"), ("3", "amount", "twelve", "bad_amount")]
    {
        assert!(
            rejects.contains(&format!(",{value},{reason},")),
            "{field} of row {row} is missing in {rejects}"
        );
    }
}

#[test]
fn documents_the_rules_refuse_go_there_too() {
    let shop = Shop::with_programme();
    shop.write("map.toml", &MAP.replace("=CNY", "=EUR"));
    shop.write("sales.csv", "receipt,member,at,sku,amount\n1,ada,2026-03-01 10:00,tea,12.50\n");
    let import = ["import", "purchases", "sales.csv", "--map", "map.toml", "--reject", "rejects.csv"];
    let ran = shop.run(["--json"].into_iter().chain(import));
    ran.expect_code(3);
    let outcome: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(outcome["documents"]["refused"], serde_json::json!({ "currency_differs": 1 }));
    let rejects = std::fs::read_to_string(shop.path("rejects.csv")).unwrap();
    assert!(rejects.contains("sales.csv,2,currency,1,currency_differs,"), "{rejects}");
}

#[test]
fn a_wrong_map_is_told_line_field_and_remedy() {
    let shop = Shop::with_programme();
    shop.write("map.toml", &MAP.replace("kind = \"external\"", "kind = \"passport\""));
    let ran = shop.run(["import", "purchases", "sales.csv", "--map", "map.toml"]);
    ran.expect_code(2).says("map.toml: line").says("passport");
}

#[test]
fn a_demo_of_old_data_ends_now_unless_dates_are_kept() {
    for (keep, moved) in [(None, true), (Some("--keep-dates"), false)] {
        let shop = Shop::new();
        shop.write("map.toml", MAP);
        shop.write("sales.csv", "receipt,member,at,sku,amount\n1,ada,2010-03-01 10:00,tea,12.50\n");
        let demo = [
            "demo",
            "--data",
            "sales.csv",
            "--map",
            "map.toml",
            "--no-serve",
            "--database",
            "sqlite:shop.db",
        ];
        let ran = shop.run(demo.into_iter().chain(keep));
        ran.succeeded();
        assert_eq!(ran.stdout.contains("moved: every document by"), moved, "{}", ran.stdout);
        let entries = shop.json(["list-entries", "external:ada", "--limit", "100"]);
        let purchase = entries["entries"]
            .as_array()
            .unwrap()
            .iter()
            .find(|entry| entry["fact"]["event"] == "purchase_recorded");
        let year = &purchase.expect("a purchase")["occurred_at"].as_str().unwrap()[..4];
        assert_eq!(year != "2010", moved);
    }
}
