//! The feed tells every entry once and in order, and never passes a transaction that commits late.

use domain::ledger::Entry;
use store::{Changes, FeedPosition, OpenOptions};

use crate::engines::{Store, Writer, on_both, postgres};
use crate::samples::{account, everything, member, purchase};

/// Reads the feed from a position until it has told `count` entries. On PostgreSQL a commit becomes visible to the
/// feed when older transactions have ended, those of other tests on the same server included.
fn read(store: &Store, mut after: FeedPosition, page: u32, count: usize) -> Vec<(FeedPosition, Entry)> {
    let mut told = Vec::new();
    for _ in 0..100_000 {
        let found = store.read(async |reader| reader.feed(after, page).await);
        after = found.last().map_or(after, |(position, _)| *position);
        told.extend(found);
        if told.len() >= count {
            break;
        }
        std::thread::yield_now();
    }
    told
}

#[test]
fn every_entry_is_told_once_in_order() {
    on_both(|store| {
        let (zhang, li) = (member(7, "张伟"), member(8, "李娜"));
        store.save(&everything(std::slice::from_ref(&zhang))).unwrap();
        store.save(&everything(std::slice::from_ref(&li))).unwrap();
        let expected: Vec<Entry> = [zhang.entries, li.entries].concat();
        let whole = read(store, FeedPosition::default(), 100, 4);
        assert_eq!(whole.iter().map(|(_, entry)| entry.clone()).collect::<Vec<_>>(), expected);
        assert_eq!(read(store, FeedPosition::default(), 1, 4), whole, "the size of pages changes nothing");
        let rest = read(store, whole[1].0.to_string().parse().unwrap(), 100, 2);
        assert_eq!(rest, whole[2..], "a position that was kept as text");
        assert_eq!(store.read(async |reader| reader.feed(whole[3].0, 100).await), vec![]);
    });
}

#[test]
fn a_late_commit_is_not_skipped() {
    let Some(mut store) = postgres(&OpenOptions::default()) else { return };
    store.save(&everything(&[member(7, "张伟"), member(8, "李娜")])).unwrap();
    let start = read(&store, FeedPosition::default(), 100, 4).last().unwrap().0;
    let (Writer::Postgres(mut early), Writer::Postgres(mut late)) =
        (store.another_writer(), store.another_writer())
    else {
        return;
    };
    let (first, second) = (purchase(account(7), 3, "R-a"), purchase(account(8), 3, "R-b"));
    let meanwhile = store.runtime.block_on(async {
        let mut slow = early.begin().await.unwrap();
        slow.save(&Changes { entries: vec![&first], ..Changes::default() }).await.unwrap();
        let mut fast = late.begin().await.unwrap();
        fast.save(&Changes { entries: vec![&second], ..Changes::default() }).await.unwrap();
        fast.commit().await.unwrap();
        let told = store.database.reader().await.unwrap().feed(start, 100).await.unwrap();
        slow.commit().await.unwrap();
        told
    });
    assert!(meanwhile.is_empty(), "the later entry was told while an earlier one could still commit");
    let told: Vec<_> = read(&store, start, 100, 2).into_iter().map(|(_, entry)| entry.id).collect();
    assert_eq!(told, vec![first.id, second.id]);
}

#[test]
fn a_snapshot_tells_all_that_it_sees_while_older_transactions_run() {
    let Some(mut store) = postgres(&OpenOptions::default()) else { return };
    store.save(&everything(&[member(7, "张伟"), member(8, "李娜")])).unwrap();
    let (Writer::Postgres(mut early), Writer::Postgres(mut late)) =
        (store.another_writer(), store.another_writer())
    else {
        return;
    };
    let (first, second) = (purchase(account(7), 3, "R-a"), purchase(account(8), 3, "R-b"));
    let (told, seen) = store.runtime.block_on(async {
        let mut slow = early.begin().await.unwrap();
        slow.save(&Changes { entries: vec![&first], ..Changes::default() }).await.unwrap();
        let mut fast = late.begin().await.unwrap();
        fast.save(&Changes { entries: vec![&second], ..Changes::default() }).await.unwrap();
        fast.commit().await.unwrap();
        let mut snapshot = store.database.snapshot().await.unwrap();
        let told = snapshot.feed(FeedPosition::default(), 100).await.unwrap();
        let seen = snapshot.entries(account(8), None, 10).await.unwrap();
        snapshot.finish().await.unwrap();
        slow.commit().await.unwrap();
        (told.into_iter().map(|(_, entry)| entry.id).collect::<Vec<_>>(), seen)
    });
    assert!(seen.iter().any(|entry| entry.id == second.id), "the snapshot sees it");
    assert_eq!(told.len(), 5, "and tells it: nothing can appear in a snapshot later");
    assert_eq!(told.last(), Some(&second.id));
}

#[test]
fn a_restored_database_tells_its_old_entries_and_its_new_ones() {
    let Some(mut store) = postgres(&OpenOptions::default()) else { return };
    let zhang = member(7, "张伟");
    store.save(&everything(std::slice::from_ref(&zhang))).unwrap();
    // As after a dump of a server that had seen more transactions.
    store.sql_as_owner("UPDATE entry SET transaction_id = '999999999999'");
    let kept: FeedPosition = format!("999999999999.{}", 1).parse().unwrap();
    let mut store = store.reopened();
    let later = purchase(account(7), 3, "R-a");
    store.save(&Changes { entries: vec![&later], ..Changes::default() }).unwrap();
    let whole: Vec<Entry> =
        read(&store, FeedPosition::default(), 1, 3).into_iter().map(|(_, entry)| entry).collect();
    assert_eq!(whole, [zhang.entries.clone(), vec![later.clone()]].concat());
    let rest: Vec<Entry> = read(&store, kept, 10, 2).into_iter().map(|(_, entry)| entry).collect();
    assert_eq!(rest, [zhang.entries[1].clone(), later], "after a position of the old server");
}
