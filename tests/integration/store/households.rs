//! Households in a list, and accounts read together; alike on both engines.

use domain::ledger::Pool;

use crate::engines::{Store, on_both};
use crate::samples::{account, everything, member};

/// 张伟 (7) and a household (8), 李娜 (9) and a household (10), a household (11).
fn three_households(store: &mut Store) {
    let names = [(7, "张伟"), (8, "Zhang"), (9, "李娜"), (10, "Li"), (11, "Empty")];
    let mut members = names.map(|(number, name)| member(number, name));
    for place in [1, 3, 4] {
        members[place].state.pool = Some(Pool::default());
    }
    store.save(&everything(&members)).unwrap();
}

#[test]
fn households_come_newest_first_page_by_page_and_members_are_none() {
    on_both(|store| {
        three_households(store);
        let pages = store.read(async |reader| {
            let first = reader.households(None, 2).await?;
            let second = reader.households(first.last().copied(), 2).await?;
            let third = reader.households(second.last().copied(), 2).await?;
            Ok((first, second, third))
        });
        assert_eq!(pages, (vec![account(11), account(10)], vec![account(8)], Vec::new()));
    });
}

#[test]
fn accounts_and_names_are_read_together_however_many_they_are() {
    on_both(|store| {
        three_households(store);
        for wanted in [vec![], vec![7], vec![7, 9, 11], vec![9, 9, 8, 7, 10, 11, 404]] {
            let ids: Vec<_> = wanted.iter().copied().map(account).collect();
            let (states, names, alone) = store.read(async |reader| {
                let mut alone = Vec::new();
                for id in &ids {
                    alone.extend(reader.account(*id).await?);
                }
                Ok((reader.accounts(&ids).await?, reader.person_names(&ids).await?, alone))
            });
            let mut known: Vec<i64> = wanted.iter().copied().filter(|number| *number != 404).collect();
            known.sort_unstable();
            known.dedup();
            assert_eq!((states.len(), names.len()), (known.len(), known.len()), "{wanted:?}");
            for state in alone {
                assert_eq!(states.get(&state.account_id), Some(&state), "the same one by one");
            }
            if let Some(person) = names.get(&account(7)) {
                assert_eq!((person.name.as_deref(), &*person.search), (Some("张伟"), "张伟 zhangwei zw"));
            }
        }
    });
}
