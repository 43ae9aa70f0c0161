//! Two or many at once: unique keys, budgets and locks hold, and nobody waits for ever.

use std::sync::Barrier;

use domain::ids::EntryId;
use store::{BudgetSpend, Changes, Conflict, Loads, NewDocument, NewIdentifier, OpenOptions, StoreError};

use crate::engines::{Store, Writer, on_both, postgres, save_with};
use crate::samples::{account, code, everything, external, key, member};

/// Lets `contenders` save at the same moment and returns what they were told.
fn race(
    store: &Store,
    contenders: i64,
    changes: impl Fn(i64) -> Changes<'static> + Sync,
) -> Vec<Result<(), StoreError>> {
    let runtime = &store.runtime;
    let barrier = Barrier::new(usize::try_from(contenders).unwrap());
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..contenders)
            .map(|contender| {
                let (barrier, changes) = (&barrier, &changes);
                let mut writer = store.another_writer();
                scope.spawn(move || {
                    let changes = changes(contender);
                    barrier.wait();
                    save_with(runtime, &mut writer, &changes)
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    })
}

/// How many were told yes; all others must have been told this conflict.
fn winners(told: &[Result<(), StoreError>], expected: &Conflict) -> usize {
    for refused in told.iter().filter_map(|told| told.as_ref().err()) {
        assert!(matches!(refused, StoreError::Conflict(conflict) if conflict == expected), "{refused:?}");
    }
    told.iter().filter(|told| told.is_ok()).count()
}

#[test]
fn one_document_has_one_winner() {
    on_both(|store| {
        let told = race(store, 16, |contender| Changes {
            documents: vec![NewDocument {
                key: key("R-1"),
                entry: EntryId { account_id: account(contender), entry_no: 1 },
                fingerprint: [0; 16],
            }],
            ..Changes::default()
        });
        assert_eq!(winners(&told, &Conflict::Document), 1);
    });
}

#[test]
fn one_identifier_has_one_owner() {
    on_both(|store| {
        let told = race(store, 16, |contender| Changes {
            new_identifiers: vec![NewIdentifier {
                identifier: external("c1"),
                account_id: account(contender),
            }],
            ..Changes::default()
        });
        assert_eq!(winners(&told, &Conflict::Identifier), 1);
    });
}

#[test]
fn the_last_points_of_a_budget_go_to_as_many_as_there_are() {
    on_both(|store| {
        let told = race(store, 16, |_| Changes {
            budget_spends: vec![BudgetSpend { campaign: code("double"), points: 3, limit_points: 31 }],
            ..Changes::default()
        });
        assert_eq!(winners(&told, &Conflict::Budget(code("double"))), 10);
    });
}

#[test]
fn batches_that_name_accounts_in_opposite_orders_do_not_wait_for_each_other_for_ever() {
    let Some(mut store) = postgres(&OpenOptions::default()) else { return };
    store.save(&everything(&[member(7, "a"), member(8, "b")])).unwrap();
    let runtime = &store.runtime;
    std::thread::scope(|scope| {
        for accounts in [vec![account(7), account(8)], vec![account(8), account(7)]] {
            let Writer::Postgres(mut lane) = store.another_writer() else { return };
            scope.spawn(move || {
                let loads = Loads { accounts, ..Loads::default() };
                for _ in 0..200 {
                    let loaded = runtime.block_on(async {
                        let mut batch = lane.begin().await?;
                        let loaded = batch.load(&loads).await?;
                        batch.commit().await?;
                        Ok::<_, StoreError>(loaded)
                    });
                    assert_eq!(loaded.unwrap().states.len(), 2);
                }
            });
        }
    });
}

#[test]
fn who_waited_for_a_lock_sees_what_the_other_saved() {
    let Some(mut store) = postgres(&OpenOptions::default()) else { return };
    let zhang = member(7, "张伟");
    store.save(&everything(std::slice::from_ref(&zhang))).unwrap();
    let (Writer::Postgres(mut first), Writer::Postgres(mut second)) =
        (store.another_writer(), store.another_writer())
    else {
        return;
    };
    let mut changed = zhang.state.clone();
    changed.spend = 99_000;
    let loads = Loads { accounts: vec![account(7)], with_lots: vec![account(7)], ..Loads::default() };
    let (spend, consumed) = store.runtime.block_on(async {
        let mut holder = first.begin().await.unwrap();
        holder.load(&loads).await.unwrap();
        let mut waiter = second.begin().await.unwrap();
        // The waiter asks first and is answered after the holder has committed.
        let waiting = waiter.load(&loads);
        let holding = async {
            changed.lots[0].change = domain::ledger::LotChange::Changed;
            (changed.lots[0].remaining, changed.lots[0].consumed) = (20, 100);
            holder.save(&Changes { accounts: vec![&changed], ..Changes::default() }).await.unwrap();
            holder.commit().await.unwrap();
        };
        let (loaded, ()) = tokio::join!(biased; waiting, holding);
        let state = loaded.unwrap().states.remove(&account(7)).unwrap();
        (state.spend, state.lots[0].consumed)
    });
    assert_eq!((spend, consumed), (99_000, 100));
}
