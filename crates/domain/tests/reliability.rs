//! The promises of the ledger under test: random histories against a reference model, properties, the calendar, and
//! bugs planted on purpose that the harness must find. `docs/reliability.md` maps promises to tests.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests say what must be there")]
#![allow(clippy::disallowed_methods, reason = "the number of histories comes from the environment")]
#![allow(unreachable_pub, missing_docs, reason = "one test crate, private as a whole")]
#![allow(clippy::arithmetic_side_effects, reason = "the numbers are small by design")]

mod campaign;
mod properties;
mod reference;

use campaign::between;
use campaign::households;
use campaign::run::{HISTORIES, run_seed, run_seeds, setting};
use campaign::vouchers;

#[test]
fn random_histories_agree_with_the_reference_model() {
    if let Some(seed) = setting("PERENNIAL_SEED") {
        run_seed(seed, true, false).unwrap_or_else(|message| panic!("seed {seed}: {message}"));
        return;
    }
    let count = setting("PERENNIAL_HISTORIES").unwrap_or(HISTORIES);
    let first = setting("PERENNIAL_FIRST_SEED").unwrap_or(1);
    match run_seeds(first, count, false) {
        Err((seed, message)) => panic!(
            "{message}\n\nPERENNIAL_SEED={seed} cargo test -p domain --test reliability random_histories -- --nocapture\n"
        ),
        Ok(counters) => {
            println!("{count} histories, no difference; interesting events:");
            let rare = counters.report(count);
            assert!(rare.is_empty(), "too rare to prove anything: {rare:#?}");
        }
    }
}

/// Baskets of a normal run; `PERENNIAL_BASKETS` asks for more.
const BASKETS: u64 = 5_000;

#[test]
fn vouchers_keep_their_promises_on_random_baskets() {
    let mut seen = vouchers::Seen::new();
    if let Some(seed) = setting("PERENNIAL_SEED") {
        vouchers::run(seed, &mut seen).unwrap_or_else(|message| panic!("seed {seed}: {message}"));
        return;
    }
    let count = setting("PERENNIAL_BASKETS").unwrap_or(BASKETS);
    for seed in 1..=count {
        vouchers::run(seed, &mut seen).unwrap_or_else(|message| {
            panic!("{message}\n\nPERENNIAL_SEED={seed} cargo test -p domain --test reliability baskets\n")
        });
    }
    println!("{count} baskets: {seen:#?}");
    assert_eq!(seen.len(), 9, "something never happened: {seen:#?}");
    assert!(seen.values().all(|times| *times >= count / 500), "too rare to prove anything: {seen:#?}");
}

#[test]
fn the_canary_is_reported() {
    // Somebody owes something within a few hundred histories; a campaign that does not notice is broken.
    match run_seeds(1, 2_000, true) {
        Ok(_) => panic!("a wrong invariant was not reported"),
        Err((_, message)) => assert!(message.contains("CANARY"), "{message}"),
    }
}

#[test]
fn pt_08_transfers_in_any_graph_keep_the_sum_and_the_provenance_of_each_lot() {
    if let Some(seed) = setting("PERENNIAL_SEED") {
        between::run(seed).unwrap_or_else(|message| panic!("seed {seed}: {message}"));
        return;
    }
    let count = setting("PERENNIAL_HISTORIES").unwrap_or(HISTORIES) / 20;
    let mut seen = between::Counts::new();
    for seed in 1..=count {
        match between::run(seed) {
            Ok(counts) => counts.iter().for_each(|(event, times)| *seen.entry(*event).or_default() += times),
            Err(message) => {
                panic!("{message}\n\nPERENNIAL_SEED={seed} cargo test -p domain --test reliability pt_08\n")
            }
        }
    }
    println!("{count} histories: {seen:?}");
    for (event, floor) in between::FLOORS {
        let times = seen.get(&event).copied().unwrap_or(0);
        assert!(times * 100 >= floor * count, "{event:?} happened {times} times in {count} histories");
    }
}

#[test]
fn ts_15_households_hold_spend_and_share_what_their_members_bring() {
    if let Some(seed) = setting("PERENNIAL_SEED") {
        households::run(seed).unwrap_or_else(|message| panic!("seed {seed}: {message}"));
        return;
    }
    let count = setting("PERENNIAL_HISTORIES").unwrap_or(HISTORIES) / 20;
    let mut seen = households::Counts::new();
    for seed in 1..=count {
        match households::run(seed) {
            Ok(counts) => counts.iter().for_each(|(event, times)| *seen.entry(*event).or_default() += times),
            Err(message) => {
                panic!("{message}\n\nPERENNIAL_SEED={seed} cargo test -p domain --test reliability ts_15\n")
            }
        }
    }
    println!("{count} histories: {seen:?}");
    for (event, floor) in households::FLOORS {
        let times = seen.get(&event).copied().unwrap_or(0);
        assert!(times * 100 >= floor * count, "{event:?} happened {times} times in {count} histories");
    }
}

#[test]
fn pt_08_transfers_round_a_ring_restore_every_balance() {
    for members in 2..=5 {
        for points in [2, 7, 40] {
            between::ring(members, points, 3);
        }
    }
}
