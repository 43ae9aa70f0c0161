//! The path of a batch: resolve, load, save, commit; what is saved is what is loaded.

use domain::ids::EntryId;
use domain::ledger::{LotChange, ReturnProgress, ReturnedLine};
use store::testing::TemporaryFolder;
use store::{BudgetSpend, Changes, Database, DatabaseUrl, Keys, Loads, OpenOptions, ParkedReturn, Returned};

use crate::samples::{account, at, code, external, goods_return, key, member};

#[test]
fn what_is_saved_is_what_is_loaded() {
    let folder = TemporaryFolder::new().unwrap();
    let url = DatabaseUrl::Sqlite(folder.path().join("a.db"));
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let Database::Sqlite(database) = runtime.block_on(Database::open(&url, &OpenOptions::default())).unwrap();
    let mut writer = database.writer().unwrap();
    let zhang = member(7, "张伟");
    let entry = EntryId { account_id: account(7), entry_no: 2 };
    let progress = ReturnProgress {
        lines: vec![ReturnedLine { line: 1, amount: 5 }],
        lapsed: vec![(code("points"), 1)],
    };
    let parked = ParkedReturn {
        document: goods_return("T-1", "R-9"),
        fingerprint: [1; 16],
        actor: "key_1".to_owned(),
        recorded_at: at("2025-03-05T02:00:00Z"),
    };
    let mut batch = writer.begin().unwrap();
    batch
        .save(&Changes {
            main_unit: Some(code("points")),
            main_ladder: Some(code("status")),
            new_accounts: vec![&zhang.state],
            entries: zhang.entries.iter().collect(),
            documents: vec![zhang.document.clone()],
            new_members: vec![zhang.person.clone()],
            new_identifiers: vec![zhang.identifier.clone()],
            parked: vec![parked.clone()],
            returned: vec![Returned { entry, progress: progress.clone() }],
            budget_spends: vec![BudgetSpend { campaign: code("double"), points: 5, limit_points: 10 }],
            ..Changes::default()
        })
        .unwrap();
    batch.commit().unwrap();

    let mut batch = writer.begin().unwrap();
    let resolved = batch
        .resolve(&Keys {
            identifiers: vec![external("c7"), external("nobody")],
            documents: vec![key("R-7"), key("T-1")],
            idempotency_keys: vec!["k".to_owned()],
            purchases_awaited: vec![key("R-9")],
            budgets: true,
        })
        .unwrap();
    assert_eq!(resolved.accounts.get(&external("c7")), Some(&account(7)));
    assert_eq!(resolved.documents[&key("R-7")].entry, entry);
    assert_eq!(resolved.parked[&key("T-1")], parked);
    assert_eq!(resolved.waiting[&key("R-9")], vec![parked]);
    assert_eq!(resolved.budgets[&code("double")], 5);
    let loaded = batch
        .load(&Loads {
            accounts: vec![account(7), account(8)],
            persons: true,
            with_lots: vec![account(7)],
            due_before: None,
            entries: vec![entry],
        })
        .unwrap();
    let mut expected = zhang.state.clone();
    expected.lots[0].change = LotChange::None;
    assert_eq!(loaded.states[&account(7)], expected);
    assert_eq!(loaded.entries[&entry].entry, zhang.entries[1]);
    assert_eq!(loaded.entries[&entry].returned, progress);
    assert_eq!(loaded.persons[&account(7)].segments, vec![code("vip")]);
}
