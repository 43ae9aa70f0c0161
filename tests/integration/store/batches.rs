//! The path of a batch: resolve, load, save, commit; what is saved is what is loaded, and what stands in the way
//! is named.

use domain::ids::EntryId;
use domain::ledger::{LotChange, ReturnProgress, ReturnedLine};
use domain::member::Profile;
use store::{
    BudgetSpend, Changes, Conflict, Keys, Loads, MemberUpdate, NewIdempotency, ParkedReturn,
    ProgrammeVersion, Returned, StoreError,
};

use crate::engines::{Store, Writer, on_both};
use crate::samples::{
    Member, account, at, code, everything, external, goods_return, key, lot, member, purchase,
};

fn conflict(saved: Result<(), StoreError>) -> Conflict {
    match saved {
        Err(StoreError::Conflict(conflict)) => conflict,
        other => panic!("a conflict was expected, not {other:?}"),
    }
}

fn parked() -> ParkedReturn {
    crate::samples::parked(goods_return("T-1", "R-9"))
}

fn entry_of_purchase() -> EntryId {
    EntryId { account_id: account(7), entry_no: 2 }
}

/// Saves one member and one row of every other kind.
fn save_one_of_each(store: &mut Store) -> (Member, ReturnProgress) {
    let zhang = member(7, "张伟");
    let progress = ReturnProgress {
        lines: vec![ReturnedLine { line: 1, amount: 5 }],
        lapsed: vec![(code("points"), 1)],
        points_back: vec![3],
    };
    let answer = NewIdempotency {
        key: "k1".to_owned(),
        fingerprint: [2; 16],
        status: 201,
        answer: "{\"a\": 1}\n".to_owned(),
        recorded_at: at("2025-03-05T02:00:00Z"),
    };
    let version = ProgrammeVersion {
        version: 1,
        effective_at: at("2025-01-01T00:00:00Z"),
        published_at: at("2024-12-01T00:00:00Z"),
        published_by: "ada".to_owned(),
        document: "{}".to_owned(),
    };
    let changes = Changes {
        answers: vec![answer],
        parked: vec![parked()],
        returned: vec![Returned { entry: entry_of_purchase(), progress: progress.clone() }],
        programme_versions: vec![version],
        budget_spends: vec![BudgetSpend { campaign: code("double"), points: 5, limit_points: 10 }],
        ..everything(std::slice::from_ref(&zhang))
    };
    store.save(&changes).unwrap();
    (zhang, progress)
}

#[test]
fn what_is_saved_is_what_is_resolved() {
    on_both(|store| {
        save_one_of_each(store);
        let resolved = store
            .resolve(&Keys {
                identifiers: vec![external("c7"), external("nobody")],
                documents: vec![key("R-7"), key("T-1"), key("R-none")],
                idempotency_keys: vec!["k1".to_owned(), "k2".to_owned()],
                purchases_awaited: vec![key("R-9"), key("R-7")],
                budgets: true,
                ..Keys::default()
            })
            .unwrap();
        assert_eq!(resolved.accounts.len(), 1);
        assert_eq!(resolved.accounts[&external("c7")], account(7));
        assert_eq!(resolved.documents.len(), 1);
        assert_eq!(resolved.documents[&key("R-7")].entry, entry_of_purchase());
        assert_eq!(resolved.documents[&key("R-7")].fingerprint, [7; 16]);
        assert_eq!(resolved.parked.len(), 1);
        assert_eq!(resolved.parked[&key("T-1")], parked());
        assert_eq!(resolved.waiting.len(), 1);
        assert_eq!(resolved.waiting[&key("R-9")], vec![parked()]);
        assert_eq!(resolved.answers.len(), 1);
        assert_eq!(resolved.answers["k1"].answer, "{\"a\": 1}\n");
        assert_eq!(resolved.answers["k1"].status, 201);
        assert_eq!(resolved.budgets[&code("double")], 5);
    });
}

#[test]
fn what_is_saved_is_what_is_loaded() {
    on_both(|store| {
        let (zhang, progress) = save_one_of_each(store);
        let loads = Loads {
            accounts: vec![account(8), account(7), account(7)],
            persons: true,
            with_lots: vec![account(7)],
            due_before: None,
            entries: vec![entry_of_purchase()],
            ..Loads::default()
        };
        let loaded = store.load(&loads).unwrap();
        let mut expected = zhang.state.clone();
        expected.lots[0].change = LotChange::None;
        assert_eq!(loaded.states.len(), 1, "an unknown account is absent");
        assert_eq!(loaded.states[&account(7)], expected);
        assert_eq!(loaded.entries[&entry_of_purchase()].entry, zhang.entries[1]);
        assert_eq!(loaded.entries[&entry_of_purchase()].returned, progress);
        assert_eq!(loaded.persons[&account(7)].segments, vec![code("vip")]);
        assert_eq!(loaded.persons[&account(7)].born_on, zhang.person.profile.born_on);
    });
}

#[test]
fn lots_are_loaded_when_they_are_due_or_asked_for() {
    on_both(|store| {
        save_one_of_each(store);
        let due = at("2025-03-16T00:00:00Z");
        let just_before = at("2025-03-15T23:59:59Z");
        for (due_before, loaded) in [(None, false), (Some(just_before), false), (Some(due), true)] {
            let loads = Loads { accounts: vec![account(7)], due_before, ..Loads::default() };
            let found = store.load(&loads).unwrap();
            let state = &found.states[&account(7)];
            assert_eq!(
                (state.lots_loaded, state.lots.len()),
                (loaded, usize::from(loaded)),
                "{due_before:?}"
            );
        }
    });
}

#[test]
fn a_return_loads_even_the_closed_lots_of_its_purchase() {
    on_both(|store| {
        let mut zhang = member(7, "张伟");
        zhang.state.lots[0].remaining = 0;
        zhang.state.lots[0].consumed = 120;
        zhang.state.lots.push(lot(2, 3, 50));
        store.save(&everything(&[zhang])).unwrap();
        let numbers = |store: &mut Store, entries: Vec<EntryId>| {
            let loads = Loads {
                accounts: vec![account(7)],
                with_lots: vec![account(7)],
                entries,
                ..Loads::default()
            };
            let loaded = store.load(&loads).unwrap();
            loaded.states[&account(7)].lots.iter().map(|lot| lot.lot_no).collect::<Vec<_>>()
        };
        assert_eq!(numbers(store, vec![]), vec![2]);
        assert_eq!(numbers(store, vec![entry_of_purchase()]), vec![1, 2]);
    });
}

#[test]
fn a_changed_account_keeps_its_other_lots() {
    on_both(|store| {
        let mut zhang = member(7, "张伟");
        zhang.state.lots.push(lot(2, 2, 50));
        store.save(&everything(std::slice::from_ref(&zhang))).unwrap();
        let mut state = zhang.state.clone();
        state.spend = 99;
        state.lots.truncate(1);
        state.lots[0].change = LotChange::Changed;
        state.lots[0].remaining = 100;
        state.lots[0].consumed = 20;
        state.lots[0].pending_until = None;
        store.save(&Changes { accounts: vec![&state], ..Changes::default() }).unwrap();
        let loads = Loads { accounts: vec![account(7)], with_lots: vec![account(7)], ..Loads::default() };
        let loaded = store.load(&loads).unwrap();
        let found = &loaded.states[&account(7)];
        assert_eq!(found.spend, 99);
        let remaining: Vec<_> = found.lots.iter().map(|lot| (lot.remaining, lot.consumed)).collect();
        assert_eq!(remaining, vec![(100, 20), (50, 0)]);
        assert_eq!(found.lots[0].pending_until, None);
    });
}

#[test]
fn a_second_row_of_a_unique_key_is_named() {
    on_both(|store| {
        let (zhang, _) = save_one_of_each(store);
        let base = Changes::default;
        let second = |changes: Changes<'_>, store: &mut Store| conflict(store.save(&changes));
        assert_eq!(second(Changes { new_accounts: vec![&zhang.state], ..base() }, store), Conflict::Account);
        let identifiers = vec![zhang.identifier.clone()];
        assert_eq!(second(Changes { new_identifiers: identifiers, ..base() }, store), Conflict::Identifier);
        let documents = vec![zhang.document.clone()];
        assert_eq!(second(Changes { documents, ..base() }, store), Conflict::Document);
        assert_eq!(second(Changes { parked: vec![parked()], ..base() }, store), Conflict::ParkedReturn);
        let again = purchase(account(7), 2, "R-other");
        assert_eq!(second(Changes { entries: vec![&again], ..base() }, store), Conflict::Entry);
        let mut state = zhang.state.clone();
        state.lots = vec![lot(1, 9, 1)];
        assert_eq!(second(Changes { accounts: vec![&state], ..base() }, store), Conflict::Lot);
        let unparked = vec![key("T-unknown")];
        assert_eq!(second(Changes { unparked, ..base() }, store), Conflict::ParkedReturn);
        let unknown = member(8, "x").state;
        assert_eq!(second(Changes { accounts: vec![&unknown], ..base() }, store), Conflict::AccountChanged);
    });
}

#[test]
fn nothing_of_a_refused_batch_stays() {
    on_both(|store| {
        save_one_of_each(store);
        let li = member(8, "李娜");
        let twice = member(7, "张伟").document;
        let changes =
            Changes { documents: vec![li.document.clone(), twice], ..everything(std::slice::from_ref(&li)) };
        assert_eq!(conflict(store.save(&changes)), Conflict::Document);
        let keys = Keys { identifiers: vec![external("c8")], documents: vec![key("R-8")], ..Keys::default() };
        let resolved = store.resolve(&keys).unwrap();
        assert!(resolved.accounts.is_empty() && resolved.documents.is_empty());
        store.save(&everything(&[li])).unwrap();
    });
}

#[test]
fn a_budget_gives_its_last_point_and_not_one_more() {
    on_both(|store| {
        let mut spend = |points| {
            let spends = vec![BudgetSpend { campaign: code("double"), points, limit_points: 10 }];
            store.save(&Changes { budget_spends: spends, ..Changes::default() })
        };
        spend(6).unwrap();
        assert_eq!(conflict(spend(5)), Conflict::Budget(code("double")));
        spend(4).unwrap();
        assert_eq!(conflict(spend(1)), Conflict::Budget(code("double")));
        spend(-3).unwrap();
        spend(3).unwrap();
        assert_eq!(conflict(spend(11)), Conflict::Budget(code("double")));
        let resolved = store.resolve(&Keys { budgets: true, ..Keys::default() }).unwrap();
        assert_eq!(resolved.budgets[&code("double")], 10);
    });
}

#[test]
fn a_profile_is_changed_only_by_who_saw_its_latest_version() {
    on_both(|store| {
        save_one_of_each(store);
        let mut update = |expected_version| {
            let profile = Profile { name: Some("Zhang".to_owned()), ..Profile::default() };
            let update = MemberUpdate {
                account_id: account(7),
                profile,
                search: "zhang".to_owned(),
                updated_at: at("2025-04-01T00:00:00Z"),
                expected_version,
            };
            store.save(&Changes { member_updates: vec![update], ..Changes::default() })
        };
        update(Some(1)).unwrap();
        assert_eq!(conflict(update(Some(1))), Conflict::MemberVersion);
        update(None).unwrap();
        update(Some(3)).unwrap();
    });
}

#[test]
fn an_applied_return_is_parked_no_more() {
    on_both(|store| {
        save_one_of_each(store);
        store.save(&Changes { unparked: vec![key("T-1")], ..Changes::default() }).unwrap();
        let keys =
            Keys { documents: vec![key("T-1")], purchases_awaited: vec![key("R-9")], ..Keys::default() };
        let resolved = store.resolve(&keys).unwrap();
        assert!(resolved.parked.is_empty() && resolved.waiting.is_empty());
    });
}

/// On PostgreSQL others may be recording the purchase at the same moment; on SQLite nobody else writes.
#[test]
fn a_return_is_parked_only_by_who_looked_for_its_purchase() {
    on_both(|store| {
        let Writer::Postgres(lane) = &mut store.writer else { return };
        let changes = Changes { parked: vec![parked()], ..Changes::default() };
        let blind = store.runtime.block_on(async { lane.begin().await?.save(&changes).await });
        assert_eq!(conflict(blind), Conflict::ParkedReturn);
    });
}
