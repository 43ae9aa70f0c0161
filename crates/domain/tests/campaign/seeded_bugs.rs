//! Every planted bug must be found: a harness that misses one proves nothing about the others. Needs the feature
//! `seeded-bugs`: `cargo test -p domain --features seeded-bugs --test reliability planted`.

use std::panic;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use domain::seeded::{Bug, plant};

use crate::campaign::between;
use crate::campaign::households;
use crate::campaign::run::run_seed;
use crate::campaign::vouchers;

/// Histories in which a bug has to show.
const SEEDS: u64 = 1_500;

/// The first seed that shows a bug, and how.
fn hunt(bug: Bug) -> Option<(u64, String)> {
    plant(Some(bug));
    let show = |seed| vouchers::run(seed, &mut vouchers::Seen::new()).and_then(|()| missed_by_none(seed));
    let found = (1..=SEEDS).find_map(|seed| show(seed).err().map(|message| (seed, message)));
    plant(None);
    found
}

/// Either campaign may find it.
fn missed_by_none(seed: u64) -> Result<(), String> {
    run_seed(seed, false, false)?;
    between::run(seed)?;
    households::run(seed)?;
    Ok(())
}

#[test]
fn every_planted_bug_is_found() {
    let next = AtomicUsize::new(0);
    let missed = Mutex::new(Vec::new());
    panic::set_hook(Box::new(|_| ()));
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, std::num::NonZero::get) {
            scope.spawn(|| {
                while let Some(bug) = Bug::ALL.get(next.fetch_add(1, Ordering::Relaxed)) {
                    match hunt(*bug) {
                        None => missed.lock().expect("no panic while held").push(*bug),
                        Some((seed, message)) => {
                            let first: String = message.chars().take(90).collect();
                            println!("{:<20} seed {seed:>5}: {first}", format!("{bug:?}"));
                        }
                    }
                }
            });
        }
    });
    let _ = panic::take_hook();
    let missed = missed.into_inner().expect("no panic while held");
    assert!(missed.is_empty(), "not found within {SEEDS} histories: {missed:?}");
}
