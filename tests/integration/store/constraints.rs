//! What the schema itself refuses, whoever asks: changing the ledger, negative parts of lots, broken sums.

use store::Changes;

use crate::engines::{Store, on_both};
use crate::samples::{code, everything, member};

fn filled(store: &mut Store) {
    let spend = store::BudgetSpend { campaign: code("double"), points: 5, limit_points: 10 };
    let version = store::ProgrammeVersion {
        version: 1,
        effective_at: crate::samples::at("2025-01-01T00:00:00Z"),
        published_at: crate::samples::at("2025-01-01T00:00:00Z"),
        published_by: "ada".to_owned(),
        document: "{}".to_owned(),
    };
    let members = [member(7, "张伟")];
    let changes =
        Changes { budget_spends: vec![spend], programme_versions: vec![version], ..everything(&members) };
    store.save(&changes).unwrap();
}

#[test]
fn the_ledger_cannot_be_changed() {
    on_both(|store| {
        filled(store);
        for table in ["entry", "posting", "document", "tier_change"] {
            for sql in [format!("UPDATE {table} SET account_id = account_id"), format!("DELETE FROM {table}")]
            {
                store.sql(&sql).expect_err(&sql);
            }
        }
        for sql in [
            "DELETE FROM lot",
            "UPDATE programme_version SET document = 'x'",
            "DELETE FROM programme_version",
        ] {
            store.sql(sql).expect_err(sql);
        }
    });
}

#[test]
fn lots_stay_whole() {
    on_both(|store| {
        filled(store);
        for (sql, allowed) in [
            ("UPDATE lot SET remaining = remaining - 20, consumed = consumed + 20", true),
            ("UPDATE lot SET remaining = remaining - 1", false),
            ("UPDATE lot SET remaining = remaining + 1", false),
            ("UPDATE lot SET remaining = -1, consumed = issued + 1", false),
            ("UPDATE lot SET held = -1, consumed = consumed + 1", false),
            ("UPDATE lot SET expired = -1, remaining = remaining + 1", false),
            ("UPDATE lot SET clawed_back = -1, remaining = remaining + 1", false),
        ] {
            assert_eq!(store.sql(sql).is_ok(), allowed, "{sql}");
        }
    });
}

#[test]
fn rows_that_make_no_sense_are_refused() {
    on_both(|store| {
        filled(store);
        let (first, values) = match store.file() {
            Some(_) => ("sequence, ", "2, "),
            None => ("", ""),
        };
        let posting = |amount: i64, credit: &str| {
            format!(
                "INSERT INTO posting ({first}posting_no, account_id, entry_no, unit, debit, credit, amount, lot_no, \
                 funder) VALUES ({values}9, 7, 2, 'points', 'issuer', '{credit}', {amount}, 1, 'house')"
            )
        };
        for (sql, allowed) in [
            (posting(0, "member_pending"), false),
            (posting(-1, "member_pending"), false),
            (posting(1, "issuer"), false),
            (posting(1, "member_pending"), true),
            ("UPDATE budget SET spent = 11".to_owned(), false),
            ("UPDATE budget SET spent = -1".to_owned(), false),
            ("UPDATE budget SET spent = 10".to_owned(), true),
            ("UPDATE account SET pending = -1".to_owned(), false),
            ("UPDATE account SET status = 'lost'".to_owned(), false),
            ("UPDATE account SET status = 'closed'".to_owned(), true),
        ] {
            assert_eq!(store.sql(&sql).is_ok(), allowed, "{sql}");
        }
    });
}
