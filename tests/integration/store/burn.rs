//! Holds, redemptions and stocks: what is saved is what is loaded and listed, each ends once, and a stock gives its
//! last unit and not one more.

use domain::ids::EntryId;
use domain::ledger::{HoldState, LedgerAccount, Posting, RedemptionState};
use store::{
    BurnChanges, BurnLoads, Changes, Conflict, HoldRow, HoldUpdate, Keys, Loads, RedemptionRow, StockTake,
    StoreError,
};

use crate::engines::{Store, on_both};
use crate::samples::{account, at, code, everything, key, lot, member, purchase};

fn entry(number: u32) -> EntryId {
    EntryId { account_id: account(7), entry_no: number }
}

fn hold(number: u32, ends_at: &str) -> HoldRow {
    HoldRow {
        entry: entry(number),
        key: key(&format!("H-{number}")),
        unit: code("points"),
        points: 100,
        captured: 0,
        state: HoldState::Open,
        opened_at: at("2025-03-02T02:00:00Z"),
        ends_at: at(ends_at),
    }
}

fn redemption(number: u32, requested_at: &str) -> RedemptionRow {
    RedemptionRow {
        entry: entry(number),
        key: key(&format!("W-{number}")),
        reward: code("mug"),
        quantity: 2,
        unit: code("points"),
        points: 600,
        money: 500,
        state: RedemptionState::Requested,
        requested_at: at(requested_at),
    }
}

fn save(store: &mut Store, burn: BurnChanges) -> Result<(), StoreError> {
    store.save(&Changes { burn, ..Changes::default() })
}

fn conflict(saved: Result<(), StoreError>) -> Conflict {
    match saved {
        Err(StoreError::Conflict(conflict)) => conflict,
        other => panic!("a conflict was expected, not {other:?}"),
    }
}

fn filled(store: &mut Store) {
    store.save(&everything(&[member(7, "张伟")])).unwrap();
    let changes = BurnChanges {
        new_holds: vec![hold(3, "2025-03-02T03:00:00Z"), hold(4, "2025-03-02T02:30:00Z")],
        new_redemptions: vec![redemption(5, "2025-03-03T00:00:00Z"), redemption(6, "2025-03-02T00:00:00Z")],
        ..BurnChanges::default()
    };
    save(store, changes).unwrap();
}

#[test]
fn what_became_of_holds_and_redemptions_is_loaded() {
    on_both(|store| {
        filled(store);
        let loads = Loads {
            burn: BurnLoads { holds: vec![entry(3), entry(9)], redemptions: vec![entry(6), entry(3)] },
            ..Loads::default()
        };
        let loaded = store.load(&loads).unwrap().burn;
        assert_eq!(loaded.holds.len(), 1, "an entry that opened nothing is absent");
        assert_eq!(loaded.holds[&entry(3)], (HoldState::Open, at("2025-03-02T03:00:00Z")));
        assert_eq!(loaded.redemptions.len(), 1);
        assert_eq!(loaded.redemptions[&entry(6)], RedemptionState::Requested);
    });
}

#[test]
fn a_hold_and_a_redemption_end_once() {
    on_both(|store| {
        filled(store);
        let update = |captured, state| BurnChanges {
            holds: vec![HoldUpdate { entry: entry(3), captured, state }],
            ..BurnChanges::default()
        };
        save(store, update(60, HoldState::Open)).unwrap();
        let refused = save(store, update(41, HoldState::Open));
        assert!(matches!(refused, Err(StoreError::Refused(_))), "more than was reserved: {refused:?}");
        save(store, update(40, HoldState::Captured)).unwrap();
        assert_eq!(conflict(save(store, update(0, HoldState::Voided))), Conflict::AccountChanged);
        let end = |state| BurnChanges { redemptions: vec![(entry(5), state)], ..BurnChanges::default() };
        save(store, end(RedemptionState::Fulfilled)).unwrap();
        assert_eq!(conflict(save(store, end(RedemptionState::Cancelled))), Conflict::AccountChanged);
        for sql in [
            "UPDATE hold SET state = 'open' WHERE hold_no = 3",
            "UPDATE redemption SET state = 'requested' WHERE redemption_no = 5",
        ] {
            store.sql(sql).expect_err(sql);
        }
        let again =
            BurnChanges { new_holds: vec![hold(3, "2025-03-02T03:00:00Z")], ..BurnChanges::default() };
        assert_eq!(conflict(save(store, again)), Conflict::Hold);
        let again = BurnChanges {
            new_redemptions: vec![redemption(5, "2025-03-03T00:00:00Z")],
            ..BurnChanges::default()
        };
        assert_eq!(conflict(save(store, again)), Conflict::Redemption);
    });
}

#[test]
fn lists_come_in_order_and_page_by_page() {
    on_both(|store| {
        filled(store);
        let runtime = &store.runtime;
        let mut reader = runtime.block_on(store.database.reader()).unwrap();
        let holds = runtime.block_on(reader.open_holds((None, None), None, 1)).unwrap();
        assert_eq!(holds, [hold(4, "2025-03-02T02:30:00Z")], "the first to end is on top");
        let place = holds.last().map(|last| (last.ends_at, last.entry));
        let rest = runtime.block_on(reader.open_holds((None, None), place, 9)).unwrap();
        assert_eq!(rest, [hold(3, "2025-03-02T03:00:00Z")]);
        let mut ending = |source: Option<&str>, before: Option<&str>| {
            let asked = (source, before.map(at));
            let rows = runtime.block_on(reader.open_holds(asked, None, 9)).unwrap();
            rows.iter().map(|row| row.entry.entry_no).collect::<Vec<_>>()
        };
        let source = key("H-3").source;
        assert_eq!(ending(Some(&source), Some("2025-03-02T03:00:00Z")), [4], "those that end before");
        assert_eq!(ending(Some("elsewhere"), None), [0_u32; 0]);
        let requested = RedemptionState::Requested;
        let mut of = |reward: &str| {
            runtime.block_on(reader.redemptions_in((requested, Some(code(reward))), None, 9)).unwrap().len()
        };
        assert_eq!((of("mug"), of("pen")), (2, 0));
        let first = runtime.block_on(reader.redemptions_in((requested, None), None, 1)).unwrap();
        assert_eq!(first, [redemption(6, "2025-03-02T00:00:00Z")], "the oldest is on top");
        let place = first.last().map(|last| (last.requested_at, last.entry));
        let rest = runtime.block_on(reader.redemptions_in((requested, None), place, 9)).unwrap();
        assert_eq!(rest, [redemption(5, "2025-03-03T00:00:00Z")]);
        assert_eq!(
            runtime.block_on(reader.redemptions_in((RedemptionState::Cancelled, None), None, 9)).unwrap(),
            []
        );
        let all = runtime.block_on(reader.holds_of(None, Some(account(7)))).unwrap();
        assert_eq!(all.iter().map(|row| row.entry.entry_no).collect::<Vec<_>>(), [3, 4]);
        assert_eq!(runtime.block_on(reader.redemptions_of(Some(account(7)), None)).unwrap(), []);
        let mut of_member = |number, before, limit| {
            let rows =
                runtime.block_on(reader.redemptions_of_member(account(number), before, limit)).unwrap();
            rows.iter().map(|row| row.entry.entry_no).collect::<Vec<_>>()
        };
        assert_eq!(of_member(7, None, 9), [6, 5], "the newest is on top");
        assert_eq!((of_member(7, None, 1), of_member(7, Some(6), 9)), (vec![6], vec![5]));
        assert_eq!(of_member(8, None, 9), [0_u32; 0], "of nobody else");
        let one = runtime.block_on(reader.redemption(entry(5))).unwrap();
        assert_eq!(one, Some(redemption(5, "2025-03-03T00:00:00Z")));
        assert_eq!(runtime.block_on(reader.redemption(entry(3))).unwrap(), None, "that is a hold");
    });
}

#[test]
fn a_stock_gives_its_last_unit_and_not_one_more() {
    on_both(|store| {
        let mut take = |units| {
            let stocks = vec![StockTake { reward: code("mug"), units, limit_units: 10 }];
            save(store, BurnChanges { stocks, ..BurnChanges::default() })
        };
        take(6).unwrap();
        assert_eq!(conflict(take(5)), Conflict::Stock(code("mug")));
        take(4).unwrap();
        assert_eq!(conflict(take(1)), Conflict::Stock(code("mug")));
        take(-3).unwrap();
        take(3).unwrap();
        assert_eq!(conflict(take(1)), Conflict::Stock(code("mug")));
        let resolved = store.resolve(&Keys { stocks: true, ..Keys::default() }).unwrap();
        assert_eq!(resolved.stocks[&code("mug")], 10);
        store.sql("UPDATE stock SET taken = 11").expect_err("the CHECK is the last word");
    });
}

/// Giving points back needs the lots they came from, of which nothing may be left.
#[test]
fn the_lots_an_entry_redeemed_points_of_are_loaded_with_it() {
    on_both(|store| {
        let mut zhang = member(7, "张伟");
        let mut emptied = lot(2, 1, 50);
        (emptied.remaining, emptied.consumed) = (0, 50);
        zhang.state.lots.push(emptied);
        let mut spending = purchase(account(7), 3, "R-8");
        spending.postings = vec![Posting {
            unit: code("points"),
            debit: LedgerAccount::MemberAvailable,
            credit: LedgerAccount::Redeemed,
            amount: 50,
            lot_no: 2,
            rule: None,
            funder: code("house"),
        }];
        zhang.entries.push(spending);
        store.save(&everything(std::slice::from_ref(&zhang))).unwrap();
        let lots = |store: &mut Store, entries| {
            let loads = Loads { accounts: vec![account(7)], entries, ..Loads::default() };
            let loaded = store.load(&loads).unwrap();
            loaded.states[&account(7)].lots.iter().map(|lot| lot.lot_no).collect::<Vec<_>>()
        };
        assert_eq!(lots(store, vec![]), Vec::<u32>::new());
        assert_eq!(lots(store, vec![entry(3)]), [2]);
    });
}
