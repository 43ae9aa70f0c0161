//! Runs many seeds on all cores. A failure is one command line that repeats it.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;

use super::counters::Counters;
use super::history;

/// Histories of a normal run; `PERENNIAL_HISTORIES` asks for more.
pub const HISTORIES: u64 = 20_000;

/// A number from the environment.
pub fn setting(name: &str) -> Option<u64> {
    std::env::var(name)
        .ok()
        .map(|text| text.replace('_', "").parse().unwrap_or_else(|_| panic!("{name}={text} is no number")))
}

/// Runs one seed; a panic is a failure like any other.
pub fn run_seed(seed: u64, trace: bool, canary: bool) -> Result<Counters, String> {
    catch_unwind(AssertUnwindSafe(|| history::run(seed, trace, canary))).unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().cloned();
        let text = text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
        Err(format!("panicked: {}", text.unwrap_or_default()))
    })
}

/// Runs `count` seeds from `first`; returns the counters, or the lowest failing seed seen with its message.
pub fn run_seeds(first: u64, count: u64, canary: bool) -> Result<Counters, (u64, String)> {
    let next = AtomicU64::new(0);
    let failed = AtomicBool::new(false);
    let sum = Mutex::new(Counters::default());
    let failures = Mutex::new(Vec::new());
    let worker = || {
        let mut own = Counters::default();
        while !failed.load(Ordering::Relaxed) {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if number >= count {
                break;
            }
            match run_seed(first + number, false, canary) {
                Ok(counters) => own.add(&counters),
                Err(message) => {
                    failed.store(true, Ordering::Relaxed);
                    failures.lock().expect("no panic while held").push((first + number, message));
                }
            }
        }
        sum.lock().expect("no panic while held").add(&own);
    };
    let threads = thread::available_parallelism().map_or(1, std::num::NonZero::get);
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(worker);
        }
    });
    match failures.into_inner().expect("no panic while held").into_iter().min() {
        Some(failure) => Err(failure),
        None => Ok(sum.into_inner().expect("no panic while held")),
    }
}
