//! Bad histories made by hand, one of each kind: a judge that lets one pass proves nothing of the others.

use std::collections::BTreeMap;

use super::history::{Append, History, Read, Written};

fn written(number: u32, reference: &str) -> Written {
    Written {
        number,
        reference: reference.to_owned(),
        recorded_at: i64::from(number),
        points: i64::from(number > 1),
    }
}

fn append(account: usize, reference: &str, times: (u64, u64), number: u32) -> Append {
    let (asked, answered) = times;
    Append { account, reference: reference.to_owned(), asked, answered, number: Some(number) }
}

fn read(client: usize, account: usize, times: (u64, u64), window: &[&str]) -> Read {
    Read {
        client,
        account,
        asked: times.0,
        answered: times.1,
        last: u32::try_from(window.len()).unwrap(),
        window: window.iter().map(|reference| (*reference).to_owned()).collect(),
        points: Some(i64::try_from(window.len()).unwrap() - 1),
    }
}

/// Two appends to each of two accounts and reads between them.
fn good() -> History {
    let list = |names: [&str; 3]| vec![written(1, names[0]), written(2, names[1]), written(3, names[2])];
    History {
        appends: vec![
            append(0, "a", (1, 4), 2),
            append(0, "b", (3, 8), 3),
            append(1, "x", (2, 6), 2),
            append(1, "y", (9, 12), 3),
        ],
        reads: vec![
            read(0, 0, (5, 7), &["open", "a"]),
            read(0, 0, (10, 11), &["open", "a", "b"]),
            read(1, 1, (10, 14), &["open", "x"]),
        ],
        lists: BTreeMap::from([(0, list(["open", "a", "b"])), (1, list(["open", "x", "y"]))]),
    }
}

/// The faults of the good history with something changed.
fn faults(change: impl FnOnce(&mut History)) -> Vec<String> {
    let mut history = good();
    change(&mut history);
    history.faults()
}

#[test]
fn a_good_history_passes() {
    assert_eq!(good().faults(), Vec::<String>::new());
    let unheard = faults(|history| {
        history.appends.push(Append { number: None, ..append(1, "z", (13, 15), 0) });
        history.appends.push(Append { number: None, ..append(0, "c", (2, 16), 0) });
        history.lists.get_mut(&0).unwrap().push(written(4, "c"));
    });
    assert_eq!(unheard, Vec::<String>::new(), "what nobody heard of may have happened or not");
}

type Change = fn(&mut History);

#[test]
fn every_kind_of_bad_history_is_found() {
    let bad: [(&str, Change); 13] = [
        ("lost", |history| drop(history.lists.get_mut(&1).unwrap().pop())),
        ("twice", |history| history.lists.get_mut(&0).unwrap().push(written(4, "a"))),
        ("gap", |history| history.lists.get_mut(&0).unwrap()[2].number = 4),
        ("time", |history| history.lists.get_mut(&0).unwrap()[2].recorded_at = 2),
        ("invented", |history| history.lists.get_mut(&0).unwrap().push(written(4, "c"))),
        ("moved", |history| history.appends[0].number = Some(3)),
        ("order", |history| history.reads[1].window.swap(1, 2)),
        ("vanished", |history| history.reads[1] = read(0, 0, (10, 11), &["open", "a", "b", "c"])),
        ("sum", |history| history.reads[1].points = Some(1)),
        ("back", |history| history.reads.push(read(0, 0, (12, 13), &["open", "a"]))),
        // Another client's read after an acknowledged write that does not see it.
        ("cycle", |history| history.reads.push(read(2, 0, (9, 10), &["open", "a"]))),
        // The second append was answered before the first was asked.
        ("cycle", |history| {
            history.appends[0] = append(0, "a", (6, 8), 2);
            history.appends[1] = append(0, "b", (3, 5), 3);
            history.reads.retain(|read| read.account != 0);
        }),
        // Two readers see the new elements of two accounts in opposite orders, while both appends still run.
        ("cycle", |history| {
            history.appends[1] = append(0, "b", (8, 30), 3);
            history.appends[3] = append(1, "y", (9, 30), 3);
            history.reads = vec![
                read(0, 0, (10, 12), &["open", "a", "b"]),
                read(0, 1, (14, 16), &["open", "x"]),
                read(1, 1, (11, 13), &["open", "x", "y"]),
                read(1, 0, (15, 17), &["open", "a"]),
            ];
        }),
    ];
    for (place, (kind, change)) in bad.into_iter().enumerate() {
        let found = faults(change);
        assert!(
            found.iter().any(|fault| fault.starts_with(kind)),
            "{place}: {kind} was not found: {found:#?}"
        );
    }
}
