//! The promises of the ledger under test: random histories against a reference model, properties, the calendar, and
//! bugs planted on purpose that the harness must find. `docs/reliability.md` maps promises to tests.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests say what must be there")]
#![allow(clippy::disallowed_methods, reason = "the number of histories comes from the environment")]
#![allow(unreachable_pub, missing_docs, reason = "one test crate, private as a whole")]
#![allow(clippy::arithmetic_side_effects, reason = "the numbers are small by design")]

mod campaign;
mod properties;
mod reference;

use campaign::run::{HISTORIES, run_seed, run_seeds, setting};

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

#[test]
fn the_canary_is_reported() {
    // Somebody owes something within a few hundred histories; a campaign that does not notice is broken.
    match run_seeds(1, 2_000, true) {
        Ok(_) => panic!("a wrong invariant was not reported"),
        Err((_, message)) => assert!(message.contains("CANARY"), "{message}"),
    }
}
