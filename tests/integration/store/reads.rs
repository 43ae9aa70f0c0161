//! Questions of pages and reports: one member, the timeline, figures of a period, everything in pages.

use domain::ids::EntryId;
use domain::ledger::{Entry, LedgerAccount, LotChange};
use jiff::Timestamp;
use store::{Changes, Flow, Loads};

use crate::engines::{Store, on_both};
use crate::samples::{account, at, code, everything, external, goods_return, member, parked, purchase};

/// Zhang (7) and Li (8); Zhang buys four times in all.
fn two_members(store: &mut Store) -> Vec<Entry> {
    store.save(&everything(&[member(7, "张伟"), member(8, "李娜")])).unwrap();
    let later: Vec<Entry> = (3..=5)
        .map(|number| {
            let mut entry = purchase(account(7), number, &format!("R-7-{number}"));
            entry.occurred_at = at(&format!("2025-03-0{number}T02:00:00Z"));
            entry.recorded_at = at(&format!("2025-03-2{number}T02:00:00Z"));
            entry.tier_changes.clear();
            entry
        })
        .collect();
    store.save(&Changes { entries: later.iter().collect(), ..Changes::default() }).unwrap();
    later
}

#[test]
fn a_member_is_found_by_identifier_and_read_whole() {
    on_both(|store| {
        two_members(store);
        let expected = member(7, "张伟");
        let (person, identifiers, state, lots) = store.read(async |reader| {
            let account_id = reader.account_of(&external("c7")).await?.unwrap();
            Ok((
                reader.member(account_id).await?.unwrap(),
                reader.identifiers(&[account_id]).await?,
                reader.account(account_id).await?.unwrap(),
                reader.lots(account_id, None, 10).await?,
            ))
        });
        assert_eq!(person.profile, expected.person.profile);
        assert_eq!((person.version, person.created_at), (1, expected.person.created_at));
        assert_eq!(identifiers[&account(7)], vec![external("c7")]);
        let mut expected_state = expected.state;
        expected_state.lots[0].change = LotChange::None;
        assert_eq!(lots, expected_state.lots);
        assert_eq!(state, expected_state);
        assert_eq!(store.read(async |reader| reader.account_of(&external("nobody")).await), None);
    });
}

#[test]
fn the_timeline_comes_in_pages_newest_first() {
    on_both(|store| {
        let later = two_members(store);
        let (first, second, third) = store.read(async |reader| {
            let first = reader.entries(account(7), None, 2).await?;
            let second = reader.entries(account(7), first.last().map(|entry| entry.id.entry_no), 2).await?;
            let third = reader.entries(account(7), second.last().map(|entry| entry.id.entry_no), 2).await?;
            Ok((first, second, third))
        });
        assert_eq!(first, vec![later[2].clone(), later[1].clone()]);
        let zhang = member(7, "张伟");
        assert_eq!(second, vec![later[0].clone(), zhang.entries[1].clone()]);
        assert_eq!(third, vec![zhang.entries[0].clone()]);
    });
}

#[test]
fn one_entry_is_read_by_its_id() {
    on_both(|store| {
        let later = two_members(store);
        let id = |entry_no| EntryId { account_id: account(7), entry_no };
        let (found, absent) =
            store.read(async |reader| Ok((reader.entry(id(4)).await?, reader.entry(id(6)).await?)));
        assert_eq!(found.unwrap().entry, later[1]);
        assert_eq!(absent, None);
    });
}

#[test]
fn postings_are_summed_as_of_two_instants() {
    on_both(|store| {
        two_members(store);
        let sum = |occurred: &str, recorded: &str| {
            let flows =
                store.read(async |reader| reader.posted_as_of(account(7), at(occurred), at(recorded)).await);
            flows.iter().map(|flow| flow.amount).sum::<i64>()
        };
        assert_eq!(sum("2025-03-04T02:00:00Z", "2030-01-01T00:00:00Z"), 360, "occurred: R-7, R-7-3, R-7-4");
        assert_eq!(sum("2025-03-04T02:00:00Z", "2025-03-23T02:00:00Z"), 240, "R-7-4 was not known yet");
        assert_eq!(sum("2025-03-01T00:00:00Z", "2030-01-01T00:00:00Z"), 0);
    });
}

#[test]
fn a_period_has_its_events_and_flows() {
    on_both(|store| {
        two_members(store);
        let days =
            ["2025-03-01T00:00:00Z", "2025-03-02T00:00:00Z", "2025-03-03T00:00:00Z", "2025-03-06T00:00:00Z"];
        let series = store.read(async |reader| reader.periods(&days.map(at)).await);
        let figures: Vec<Vec<(&str, u64, u64)>> = series
            .iter()
            .map(|period| period.events.iter().map(|e| (e.event.as_str(), e.entries, e.accounts)).collect())
            .collect();
        let expected = [
            vec![("member_enrolled", 2, 2)],
            vec![("purchase_recorded", 2, 2)],
            vec![("purchase_recorded", 3, 1)],
        ];
        assert_eq!(figures, expected);
        let earned = Flow {
            unit: code("points"),
            debit: LedgerAccount::Issuer,
            credit: LedgerAccount::MemberPending,
            amount: 360,
        };
        assert_eq!(series[2].flows, vec![earned]);
        let (all, house) = store.read(async |reader| {
            Ok((reader.flows(Timestamp::MIN, Timestamp::MAX).await?, reader.house_totals().await?))
        });
        assert_eq!(all, vec![Flow { amount: 600, ..earned }]);
        assert_eq!(all, house);
    });
}

#[test]
fn totals_expiry_and_tiers_are_counted() {
    on_both(|store| {
        two_members(store);
        let (totals, expiring, none, mix) = store.read(async |reader| {
            let (from, to) = (at("2026-04-01T00:00:00Z"), at("2026-04-02T00:00:00Z"));
            let instants = ["2025-03-01T00:00:00Z", "2025-03-02T00:00:00Z", "2025-04-01T00:00:00Z"].map(at);
            Ok((
                reader.account_totals().await?,
                reader.expiring(from, to).await?,
                reader.expiring(to, Timestamp::MAX).await?,
                reader.tier_mix(code("status"), &instants).await?,
            ))
        });
        assert_eq!((totals.accounts, totals.with_purchase, totals.points, totals.pending), (2, 2, 0, 240));
        assert_eq!((expiring[0].points, expiring[0].accounts, expiring.len()), (240, 2, 1));
        assert!(none.is_empty());
        let mix: Vec<Vec<(String, i64)>> =
            mix.iter().map(|mix| mix.iter().map(|(tier, n)| (tier.to_string(), *n)).collect()).collect();
        assert_eq!(mix, vec![vec![], vec![("basic".to_owned(), 2)], vec![("silver".to_owned(), 2)]]);
    });
}

#[test]
fn accounts_that_are_due_are_found_in_order() {
    on_both(|store| {
        let mut members = [member(7, "a"), member(8, "b"), member(9, "c")];
        members[0].state.next_due_at = Some(at("2025-03-18T00:00:00Z"));
        members[2].state.next_due_at = None;
        store.save(&everything(&members)).unwrap();
        let due =
            |instant: &str, limit| store.read(async |reader| reader.due_accounts(at(instant), limit).await);
        assert_eq!(due("2025-03-15T00:00:00Z", 10), vec![]);
        assert_eq!(due("2025-03-16T00:00:00Z", 10), vec![account(8)]);
        assert_eq!(due("2030-01-01T00:00:00Z", 10), vec![account(8), account(7)]);
        assert_eq!(due("2030-01-01T00:00:00Z", 1), vec![account(8)]);
    });
}

#[test]
fn parked_returns_are_counted() {
    on_both(|store| {
        assert_eq!(store.read(async |reader| reader.parked_count().await), 0);
        let parked = vec![parked(goods_return("T-1", "R-7")), parked(goods_return("T-2", "R-other"))];
        store.save(&Changes { parked, ..Changes::default() }).unwrap();
        assert_eq!(store.read(async |reader| reader.parked_count().await), 2);
    });
}

#[test]
fn everything_can_be_read_in_small_pages() {
    on_both(|store| {
        let later = two_members(store);
        let (accounts, entries, members) = store.read(async |reader| {
            let (mut accounts, mut entries, mut members) = (Vec::new(), Vec::new(), Vec::new());
            loop {
                let page = reader
                    .all_accounts(accounts.last().map(|s: &domain::ledger::AccountState| s.account_id), 1);
                let page = page.await?;
                if page.is_empty() {
                    break;
                }
                accounts.extend(page);
            }
            loop {
                let page = reader.all_entries(entries.last().map(|entry: &Entry| entry.id), 2).await?;
                if page.is_empty() {
                    break;
                }
                entries.extend(page);
            }
            loop {
                let page =
                    reader.all_members(members.last().map(|m: &store::MemberRecord| m.account_id), 1).await?;
                if page.is_empty() {
                    break;
                }
                members.extend(page);
            }
            Ok((accounts, entries, members))
        });
        let (zhang, li) = (member(7, "张伟"), member(8, "李娜"));
        let expected: Vec<Entry> =
            [zhang.entries.clone(), later, li.entries.clone()].into_iter().flatten().collect();
        assert_eq!(entries, expected);
        assert_eq!(accounts.iter().map(|state| state.lots.len()).collect::<Vec<_>>(), vec![1, 1]);
        assert_eq!(
            members.iter().map(|m| m.profile.clone()).collect::<Vec<_>>(),
            [zhang.person.profile, li.person.profile]
        );
    });
}

#[test]
fn a_snapshot_does_not_see_what_comes_after_it() {
    on_both(|store| {
        store.save(&everything(&[member(7, "张伟")])).unwrap();
        let mut snapshot = store.runtime.block_on(store.database.snapshot()).unwrap();
        let before = store.runtime.block_on(snapshot.account_totals()).unwrap();
        store.save(&everything(&[member(8, "李娜")])).unwrap();
        let after = store.runtime.block_on(snapshot.account_totals()).unwrap();
        store.runtime.block_on(snapshot.finish()).unwrap();
        assert_eq!((before.accounts, after.accounts), (1, 1));
        assert_eq!(store.read(async |reader| reader.account_totals().await).accounts, 2);
    });
}

#[test]
fn both_engines_hold_the_same_after_the_same_batches() {
    let digests = std::sync::Mutex::new(Vec::new());
    on_both(|store| {
        two_members(store);
        store.load(&Loads { accounts: vec![account(7)], ..Loads::default() }).unwrap();
        digests.lock().unwrap().push(store.runtime.block_on(store.database.digest()).unwrap());
    });
    let digests = digests.into_inner().unwrap();
    assert!(digests[0].tables.iter().any(|(table, rows, _)| (*table, *rows) == ("posting", 5)));
    if let [sqlite, postgres] = digests.as_slice() {
        assert_eq!(sqlite, postgres);
    }
}
