//! Audiences in the store: numbers are given once and without gaps, a set is replaced only from the version it was made
//! from, and the batch load brings a set only where it is not known in its version.

use std::collections::{HashMap, HashSet};

use domain::ids::AccountId;
use store::{AudienceBasis, AudienceRow, AudienceSet, Database, Loads};

use crate::engines::{Store, on_both};
use crate::samples::{account, at, code, everything, external, member};

fn row(version: u64) -> AudienceRow {
    AudienceRow {
        segment: code("vip"),
        version,
        source: "rfm 2026-05".to_owned(),
        actor: "analyst".to_owned(),
        replaced_at: at("2026-05-01T00:00:00Z"),
        size: 1,
        entered: 1,
        gone: 0,
        untold: 1,
    }
}

fn replace(store: &Store, version: u64, made_from: u64) -> bool {
    let members = [u8::try_from(version).unwrap(); 4];
    let row = row(version);
    let replaced = store.database.replace_audience(&row, (&members, &[9]), made_from);
    store.runtime.block_on(replaced).unwrap()
}

fn numbered(database: &Database, store: &Store, accounts: &[AccountId]) -> HashMap<AccountId, u32> {
    store.runtime.block_on(database.number_members(accounts)).unwrap();
    store.read(async |reader| reader.member_numbers(accounts).await)
}

#[test]
fn members_get_small_numbers_once() {
    on_both(|store| {
        store.save(&everything(&[member(7, "张伟"), member(8, "李娜"), member(9, "王芳")])).unwrap();
        let (seven, eight, nine) = (account(7), account(8), account(9));
        let first = numbered(&store.database, store, &[nine, seven, nine]);
        assert_eq!(first, HashMap::from([(seven, 0), (nine, 1)]));
        let all = numbered(&store.database, store, &[seven, eight, nine]);
        assert_eq!(all, HashMap::from([(seven, 0), (nine, 1), (eight, 2)]));
        let back = store.read(async |reader| reader.members_numbered(&[2, 0, 5]).await);
        assert_eq!(HashMap::from_iter(back), HashMap::from([(2, eight), (0, seven)]));
        let found = store.read(async |reader| reader.members_among(&[seven, account(4)]).await);
        assert_eq!(found, HashSet::from([seven]));
        let named = [external("c8"), external("c4"), external("quote\" [\\] ’")];
        let found = store.read(async |reader| reader.accounts_of(&named).await);
        assert_eq!(found, HashMap::from([(external("c8"), eight)]));
    });
}

#[test]
fn a_set_takes_the_place_of_the_version_it_was_made_from_and_of_no_other() {
    on_both(|store| {
        assert_eq!(
            store.read(async |reader| reader.audience_basis(code("vip")).await),
            AudienceBasis::default()
        );
        assert!(replace(store, 1, 0));
        assert!(!replace(store, 1, 0), "somebody was first");
        assert!(replace(store, 4, 1), "versions may leave some out");
        assert!(!replace(store, 5, 1), "made from a version that does not stand any more");
        let basis = store.read(async |reader| reader.audience_basis(code("vip")).await);
        assert_eq!((basis.version, basis.members, basis.changed), (4, vec![4; 4], vec![9]));
        let versions = store.read(async |reader| reader.audience_versions(code("vip"), 9).await);
        assert_eq!(versions.iter().map(|row| row.version).collect::<Vec<_>>(), [4, 1]);

        let told = |version: u64| {
            let saved = store.database.save_untold((code("vip"), version), &[], 0);
            store.runtime.block_on(saved).unwrap()
        };
        assert!(!told(1), "what was told of another version");
        assert!(told(4));
        let rows = store.read(async |reader| reader.audiences().await);
        assert_eq!(rows, [AudienceRow { untold: 0, ..row(4) }]);
    });
}

#[test]
fn a_batch_loads_a_set_only_where_it_is_not_known_in_its_version() {
    on_both(|store| {
        store.save(&everything(&[member(7, "张伟")])).unwrap();
        numbered(&store.database, store, &[account(7)]);
        replace(store, 3, 0);
        let load = |store: &mut Store, known: Option<HashMap<domain::code::Code, u64>>| {
            let loads =
                Loads { accounts: vec![account(7)], persons: true, audiences: known, ..Loads::default() };
            store.load(&loads).unwrap()
        };
        let found = load(store, Some(HashMap::new()));
        assert_eq!(found.persons[&account(7)].number, Some(0));
        let whole = AudienceSet { segment: code("vip"), version: 3, members: Some(vec![3; 4]) };
        assert_eq!(found.audiences, std::slice::from_ref(&whole));
        let older = HashMap::from([(code("vip"), 2), (code("gone"), 1)]);
        assert_eq!(load(store, Some(older)).audiences, std::slice::from_ref(&whole));
        let known = load(store, Some(HashMap::from([(code("vip"), 3)])));
        assert_eq!(known.audiences, [AudienceSet { members: None, ..whole.clone() }]);
        assert_eq!(load(store, None).audiences, []);
        let read = store.read(async |reader| reader.audience_sets(&HashMap::new()).await);
        assert_eq!(read, [whole]);
    });
}
