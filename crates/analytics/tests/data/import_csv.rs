//! How files may be written: every variant of the same three receipts gives the same documents, and what cannot
//! be read is named by file, row, field, value and reason.

use std::io::Write;

use crate::import_support::{Folder, documents, import, import_all, reference, rejects};
use analytics::import::{Document, ImportError};

const MAP: &str = r#"
source = "till"
time_zone = "Asia/Shanghai"
currency = "=CNY"
reference = { columns = ["receipt"] }
member = { column = "member", kind = "external" }
occurred_at = { columns = ["at"], format = "%Y-%m-%d %H:%M" }
[[line]]
sku = "item"
quantity = "quantity"
amount = "amount"
"#;

const CSV: &str = "receipt,member,at,item,quantity,amount\n\
                   r1,张伟,2026-06-13 09:30,苹果,1.5,12.99\n\
                   r1,张伟,2026-06-13 09:30,牛奶,2,20.00\n\
                   r2,李娜,2026-06-13 09:31,苹果,1,8.66\n\
                   r3,张伟,2026-06-14 10:00,面包,1,-0.50\n";

/// Imports bytes with a map and compares with the plain file.
fn check(name: &str, map: &str, bytes: &[u8]) {
    let folder = Folder::new(name);
    let expected = documents(import(&folder, MAP, "plain.csv", CSV.as_bytes()).unwrap());
    assert_eq!(expected.len(), 3);
    assert_eq!(documents(import(&folder, map, "file", bytes).unwrap()), expected, "{name}");
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn the_plain_file_gives_receipts_in_business_time_order() {
    let folder = Folder::new("plain");
    let imported = import(&folder, MAP, "plain.csv", CSV.as_bytes()).unwrap();
    let [first, second, third] = &imported.documents[..] else { panic!("three documents") };
    assert_eq!((reference(first), reference(second), reference(third)), ("r1", "r2", "r3"));
    assert_eq!(first.member.value, "张伟");
    let Document::Purchase(purchase) = &first.document else { panic!("a purchase") };
    assert_eq!(purchase.occurred_at.to_string(), "2026-06-13T01:30:00Z");
    let lines: Vec<_> =
        purchase.lines.iter().map(|line| (&*line.sku, line.quantity_milli, line.amount)).collect();
    assert_eq!(lines, [("牛奶", 2_000, 2_000), ("苹果", 1_500, 1_299)]);
    let file = &imported.report.files[0];
    assert_eq!((&*file.encoding, &*file.delimiter, file.gzip), ("utf-8", ",", false));
}

#[test]
fn any_delimiter_is_found() {
    for (name, delimiter) in [("semicolon", ";"), ("tab", "\t"), ("pipe", "|")] {
        check(name, MAP, CSV.replace(',', delimiter).as_bytes());
    }
    check("stated", &format!("{MAP}\n[file]\ndelimiter = \"^\""), CSV.replace(',', "^").as_bytes());
    check("windows", MAP, CSV.replace('\n', "\r\n").as_bytes());
}

#[test]
fn a_byte_order_mark_is_no_part_of_the_first_column() {
    check("mark", MAP, &[b"\xEF\xBB\xBF", CSV.as_bytes()].concat());
}

#[test]
fn gbk_is_found_and_read() {
    let (gbk, _, _) = encoding_rs::GBK.encode(CSV);
    check("gbk", MAP, &gbk);
    check("gbk_gzip", MAP, &gzip(&gbk));
    check("gbk_stated", &format!("{MAP}\n[file]\nencoding = \"gbk\""), &gbk);
}

#[test]
fn gzip_is_known_by_its_first_bytes() {
    check("gzip", MAP, &gzip(CSV.as_bytes()));
}

#[test]
fn lines_before_the_column_names_are_skipped() {
    let text = format!("账单明细,,,\n导出时间 2026-06-15,,,\n{CSV}");
    check("skipped", &format!("{MAP}\n[file]\nskip_lines = 2"), text.as_bytes());
}

#[test]
fn a_file_without_column_names_has_numbered_ones() {
    let map = MAP
        .replace("\"receipt\"", "\"column_1\"")
        .replace("column = \"member\"", "column = \"column_2\"")
        .replace("\"at\"", "\"column_3\"")
        .replace("\"item\"", "\"column_4\"")
        .replace("\"quantity\"", "\"column_5\"")
        .replace("\"amount\"", "\"column_6\"");
    let (_, rows) = CSV.split_once('\n').unwrap();
    check("headless", &format!("{map}\n[file]\nheadless = true"), rows.as_bytes());
}

#[test]
fn minor_units_quantity_times_price_and_foreign_numbers_mean_the_same() {
    let minor = "receipt;member;at;item;quantity;amount\n\
                 r1;张伟;2026-06-13 09:30;苹果;1,5;1299\nr1;张伟;2026-06-13 09:30;牛奶;2;2.000\n\
                 r2;李娜;2026-06-13 09:31;苹果;1;866\nr3;张伟;2026-06-14 10:00;面包;1;-50\n";
    let style = "\n[amounts]\nunit = \"minor\"\ndecimal = \",\"\nthousands = \".\"";
    check("minor", &format!("{MAP}{style}"), minor.as_bytes());
    let prices = CSV.replace("2,20.00", "2,10").replace("1.5,12.99", "1.5,8.66").replace("1,-0.50", "-1,0.5");
    check("prices", &MAP.replace("amount = \"amount\"", "unit_price = \"amount\""), prices.as_bytes());
}

#[test]
fn date_and_time_may_have_a_column_each_and_digits_a_backtick() {
    let text = CSV.replace(",at,", ",day,time,").replace("-13 09:3", "-13,`09:3").replace("-14 10", "-14,10");
    check("two_columns", &MAP.replace("[\"at\"]", "[\"day\", \"time\"]"), text.as_bytes());
    let folder = Folder::new("backtick");
    let text = CSV.replace("r2,李娜", "`0012,`6222021001");
    let imported = import(&folder, MAP, "file.csv", text.as_bytes()).unwrap();
    let found = imported.documents.iter().find(|document| reference(document) == "0012").unwrap();
    assert_eq!(found.member.value, "6222021001");
}

#[test]
fn a_wide_row_is_a_whole_purchase_with_its_payments() {
    let map = r#"
source = "hotel"
layout = "wide"
time_zone = "UTC"
currency = "currency"
reference = { columns = ["hotel", "stay"] }
member = { column = "phone", kind = "phone", region = "CN" }
occurred_at = { columns = ["at"], format = "epoch_seconds" }
purchase = { store = "hotel", channel = "=front_desk" }
[[line]]
sku = "=room"
category = "=room"
amount = "room"
[[line]]
sku = "=food"
amount = "food"
[[payment]]
method = "points"
amount = "points"
"#;
    let text = "hotel,stay,phone,at,currency,room,food,points\nh1,7,138 0013 8000,86400,JPY,12000,800,300\n\
                h1,8,13800138000,86400,JPY,9000,,\n";
    let imported = import(&Folder::new("wide"), map, "stays.csv", text.as_bytes()).unwrap();
    assert_eq!((imported.report.rows, imported.report.lines), (2, 3));
    let Document::Purchase(first) = &imported.documents[0].document else { panic!("a purchase") };
    assert_eq!(imported.documents[0].member.value, "+8613800138000");
    assert_eq!((&*first.key.reference, first.store.as_deref()), ("h1/7", Some("h1")));
    assert_eq!(first.lines.iter().map(|line| line.amount).collect::<Vec<_>>(), [12_000, 800]);
    assert_eq!((&*first.payments[0].method, first.payments[0].amount), ("points", 300));
}

#[test]
fn rows_that_cannot_be_read_are_named_and_take_their_receipt_with_them() {
    let folder = Folder::new("broken");
    let text = "receipt,member,at,item,quantity,amount\n\
                r1,ann,2026-06-13 09:30,a,1,12.99\n\
                r1,ann,2026-06-13 09:30,b,1,=1+1\n\
                r2,ann,yesterday,a,1,1.00\n\
                r3,ann,2026-06-13 09:30,a,many,1.00\n\
                ,ann,2026-06-13 09:30,a,1,1.00\n\
                r4,,2026-06-13 09:30,a,1,1.00\n\
                r5,ann,2026-06-13 09:30,a,1\n\
                r6,ann,2026-06-13 09:30,a,1,1.00\n\
                r6,bob,2026-06-13 09:30,b,1,1.00\n\
                r7,ann,2026-06-13 09:30,a,1,99999999999999999\n\
                r8,ann,2026-06-13 09:30,a,1,1.00\n\
                r8,ann,2026-06-13 09:30,a,1,1.00\n";
    let imported = import(&folder, MAP, "broken.csv", text.as_bytes()).unwrap();
    assert_eq!(imported.documents.iter().map(reference).collect::<Vec<_>>(), ["r8"]);
    assert_eq!(imported.report.dropped.get("duplicate"), Some(&1));
    let expected = [
        ("2", "reference", "r1", "receipt_incomplete"),
        ("3", "line.amount", "'=1+1", "bad_amount"),
        ("4", "occurred_at", "yesterday", "bad_time"),
        ("5", "line.quantity", "many", "bad_quantity"),
        ("6", "reference", "", "missing_reference"),
        ("7", "reference", "r4", "missing_member"),
        ("8", "row", "5 fields", "field_count"),
        ("9", "member", "ann / bob", "receipt_disagrees"),
        ("11", "line.amount", "99999999999999999", "amount_too_large"),
    ];
    let mut found = rejects(&folder);
    found.sort_by_key(|reject| reject.0.parse::<u64>().unwrap());
    let expected = expected.map(|(row, field, value, reason)| {
        (row.to_owned(), field.to_owned(), value.to_owned(), reason.to_owned())
    });
    assert_eq!(found, expected);
}

#[test]
fn bytes_that_are_no_text_reject_their_row_only() {
    let folder = Folder::new("undecodable");
    let mut bytes = CSV.as_bytes().to_vec();
    bytes.extend_from_slice(b"r9,\xFF\xFE,2026-06-15 10:00,x,1,1.00\n");
    let map = format!("{MAP}\n[file]\nencoding = \"utf-8\"");
    let imported = import(&folder, &map, "file.csv", &bytes).unwrap();
    assert_eq!(imported.documents.len(), 3);
    assert_eq!(imported.report.rejected.get("undecodable"), Some(&1));
}

#[test]
fn duplicates_are_dropped_rejected_or_kept_as_the_map_says() {
    let text = format!("{CSV}r2,李娜,2026-06-13 09:31,苹果,1,8.66\n");
    let run = |policy: &str| {
        let folder = Folder::new(&format!("duplicates_{policy}"));
        let map = format!("duplicates = \"{policy}\"\n{MAP}");
        let imported = import(&folder, &map, "file.csv", text.as_bytes()).unwrap();
        (imported.report.lines, rejects(&folder).len(), imported.report)
    };
    assert_eq!(run("drop").2.dropped.get("duplicate"), Some(&1));
    let (lines, rejected, _) = run("reject");
    assert_eq!((lines, rejected), (4, 1));
    let (lines, rejected, report) = run("keep");
    assert_eq!((lines, rejected, report.dropped.len()), (5, 0, 0));
}

#[test]
fn exclusions_are_counted_by_name_and_the_first_that_fits_decides() {
    let map = format!(
        "{MAP}\n[[exclude]]\nname = \"coupon\"\ncolumn = \"amount\"\nnegative = true\n\
         [[exclude]]\nname = \"fruit\"\ncolumn = \"item\"\nequals = [\"苹果\"]\n\
         [[tag]]\nname = \"drink\"\ncolumn = \"item\"\nsuffix = [\"奶\"]\n"
    );
    let imported = import(&Folder::new("excluded"), &map, "file.csv", CSV.as_bytes()).unwrap();
    let excluded: Vec<_> = imported.report.excluded.iter().map(|(name, rows)| (&**name, *rows)).collect();
    assert_eq!(excluded, [("coupon", 1), ("fruit", 2)]);
    let [only] = &imported.documents[..] else { panic!("one document") };
    let Document::Purchase(purchase) = &only.document else { panic!("a purchase") };
    assert_eq!(purchase.lines[0].tags, ["drink"]);
}

#[test]
fn several_files_are_one_import_and_its_fingerprint_names_content_and_map() {
    let folder = Folder::new("several");
    let (head, tail) = CSV.split_at(CSV.find("r2").unwrap());
    let names = CSV.split_inclusive('\n').next().unwrap();
    let parts = [("1.csv", head.to_owned()), ("2.csv", format!("{names}{tail}"))];
    let both = import_all(&folder, MAP, &parts).unwrap();
    assert_eq!(documents(both), documents(import(&folder, MAP, "one.csv", CSV.as_bytes()).unwrap()));
    let print = |map: &str, text: &str| import(&folder, map, "one.csv", text.as_bytes()).unwrap().fingerprint;
    assert_eq!(print(MAP, CSV), print(&format!("# a comment\n{MAP}"), CSV));
    assert_ne!(print(MAP, CSV), print(MAP, &CSV.replace("8.66", "8.67")));
    assert_ne!(print(MAP, CSV), print(&MAP.replace("Shanghai", "Tokyo"), CSV));
}

#[test]
fn missing_columns_and_wrong_encodings_stop_the_import_with_a_remedy() {
    let folder = Folder::new("stopped");
    let error =
        import(&folder, &MAP.replace("\"item\"", "\"article\""), "file.csv", CSV.as_bytes()).unwrap_err();
    let text = error.to_string();
    assert!(text.contains("column “article” (map field line.sku)") && text.contains("item"), "{text}");
    let error = import(&folder, MAP, "file.csv", b"\xFF\xFEr\0").unwrap_err();
    assert!(matches!(error, ImportError::Format { .. }) && error.to_string().contains("UTF-16"), "{error}");
}
