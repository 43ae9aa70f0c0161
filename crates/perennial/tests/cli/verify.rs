//! Verification finds what somebody changed behind the program's back; backups come back whole.

use serde_json::Value;

use super::shop::Shop;

fn demo() -> Shop {
    let shop = Shop::new();
    let demo = ["demo", "--members", "30", "--months", "8", "--ends-on", "2026-06-30", "--no-serve"];
    shop.run(demo.into_iter().chain(["--database", "sqlite:shop.db"])).succeeded();
    shop
}

/// Changes the database and expects a check to find it.
fn finds(sql: &str, check: &str) {
    let shop = demo();
    if !shop.tamper(sql) {
        return;
    }
    let ran = shop.run(["--json", "verify", "--deep"]);
    ran.expect_code(4);
    let report: Value = serde_json::from_str(&ran.stdout).unwrap();
    let checks = report["checks"].as_array().unwrap();
    let found = checks.iter().find(|found| found["check"] == check).expect("the check is reported");
    assert!(found["differences"].as_u64() > Some(0), "{check} found nothing after {sql}: {}", ran.stdout);
}

#[test]
fn a_clean_database_passes_every_check() {
    let shop = demo();
    let report = shop.json(["verify", "--deep"]);
    assert_eq!(report["accounts"], 30);
    assert!(report["documents"].as_u64() > Some(100));
    assert_eq!(report["differences"], serde_json::json!([]));
    assert_eq!(report["checks"].as_array().unwrap().len(), 27);
}

#[test]
fn a_changed_column_is_found() {
    finds(
        "UPDATE account SET points = points + 1 WHERE account_id = (SELECT max(account_id) FROM account)",
        "columns",
    );
}

#[test]
fn a_changed_lot_is_found() {
    finds(
        "UPDATE lot SET issued = issued + 1, remaining = remaining + 1 WHERE lot_no = 1 AND account_id = \
         (SELECT max(account_id) FROM lot)",
        "lot_postings",
    );
}

#[test]
fn a_changed_state_is_found() {
    finds(
        "UPDATE account SET state = json_set(state, '$.spend', 1) WHERE account_id = (SELECT max(account_id) FROM lot)",
        "state",
    );
}

#[test]
fn a_state_that_cannot_be_read_is_found() {
    finds("UPDATE account SET state = '{}' WHERE account_id = (SELECT max(account_id) FROM lot)", "readable");
}

#[test]
fn a_document_somebody_added_is_found() {
    finds(
        "INSERT INTO document (source, reference, account_id, entry_no, fingerprint) \
         SELECT 'forged', reference, account_id, entry_no, fingerprint FROM document LIMIT 1",
        "documents",
    );
}

#[test]
fn a_changed_budget_is_found() {
    finds("UPDATE budget SET spent = spent + 1", "budgets");
}

#[test]
fn a_voucher_somebody_made_up_is_found() {
    finds(
        "INSERT INTO voucher (voucher_id, batch_no, state, value, uses_max, uses_taken, version) \
         VALUES (zeroblob(16), 1, 'issued', 5000, 1, 0, 1)",
        "vouchers",
    );
}

#[test]
fn a_person_who_is_gone_is_found() {
    finds("DELETE FROM member WHERE account_id = (SELECT max(account_id) FROM member)", "persons");
}

#[test]
fn a_backup_comes_back_whole() {
    let shop = demo();
    let copied = shop.json(["backup", "copy.db"]);
    shop.run(["backup", "copy.db"]).expect_code(1).says("exists already");
    shop.run(["restore", "copy.db"]).expect_code(1).says("nothing is overwritten");
    let restored = shop.json(["restore", "copy.db", "--database", "sqlite:again/shop.db"]);
    assert_eq!(copied["digest"], restored["digest"]);
    shop.run(["verify", "--database", "sqlite:again/shop.db"]).succeeded().says("all holds");
    shop.write("broken.db", "not a database");
    shop.run(["restore", "broken.db", "--database", "sqlite:broken/shop.db"]).expect_code(1);
    let left = std::fs::read_dir(shop.path("broken")).unwrap().count();
    assert_eq!(left, 0, "a copy that does not pass is taken away again");
}

#[test]
fn a_backup_is_not_restored_beside_what_another_database_left() {
    let shop = demo();
    let copied = shop.json(["backup", "copy.db"]);
    std::fs::create_dir(shop.path("new")).unwrap();
    let restore = ["restore", "copy.db", "--database", "sqlite:new/shop.db"];
    for left in ["new/shop.db-wal", "new/shop.db-shm", "new/shop.db-journal"] {
        shop.write(left, "of an earlier database");
        shop.run(restore).expect_code(1).says(left).says("move it away");
        assert!(!shop.path("new/shop.db").exists(), "{left}");
        std::fs::remove_file(shop.path(left)).unwrap();
    }
    shop.write("copy.db-wal", "changes");
    shop.run(restore).expect_code(1).says("copy.db-wal").says("lacks");
    std::fs::remove_file(shop.path("copy.db-wal")).unwrap();
    shop.write("new/shop.db.part-wal", "of a restore that was killed");
    assert_eq!(shop.json(restore)["digest"], copied["digest"]);
    let names = std::fs::read_dir(shop.path("new")).unwrap().map(|file| file.unwrap().file_name());
    assert_eq!(names.collect::<Vec<_>>(), ["shop.db"]);
}

#[test]
fn exports_have_a_row_for_everything() {
    let shop = demo();
    let members = shop.run(["export", "members"]);
    assert_eq!(members.succeeded().stdout.lines().count(), 1 + 30);
    let report = shop.json(["verify"]);
    for (kind, count) in [("entries", "entries"), ("postings", "postings")] {
        let exported = shop.json(["export", kind, "--output", &format!("{kind}.csv")]);
        assert_eq!(exported["rows"], report[count]);
    }
    let purchases = shop.run(["export", "purchases", "--format", "jsonl"]);
    let line: Value = serde_json::from_str(purchases.succeeded().stdout.lines().next().unwrap()).unwrap();
    assert_eq!(line["currency"], "CNY");
}
