//! Slows guessing down: after a few failed sign-ins a name has to wait. Kept in memory; a restart forgives.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};

/// Failures after which a name has to wait.
const FAILURES_MAX: u32 = 8;
/// How long a name has to wait, and how long a failure counts.
const WINDOW_MINUTES: i64 = 15;
/// Names remembered at most; when there are more, those that no longer count are dropped.
const NAMES_MAX: usize = 10_000;

/// Failed sign-ins by name.
#[derive(Debug, Default)]
pub(crate) struct Throttle {
    failures: Mutex<HashMap<String, (u32, Timestamp)>>,
}

impl Throttle {
    /// Whether a name has to wait.
    pub(crate) fn blocks(&self, name: &str, now: Timestamp) -> bool {
        let failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        failures.get(name).is_some_and(|(count, last)| *count >= FAILURES_MAX && counts(*last, now))
    }

    /// Remembers a failure.
    pub(crate) fn failed(&self, name: &str, now: Timestamp) {
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        if failures.len() >= NAMES_MAX {
            failures.retain(|_, (_, last)| counts(*last, now));
        }
        let entry = failures.entry(name.to_owned()).or_insert((0, now));
        let earlier = if counts(entry.1, now) { entry.0 } else { 0 };
        *entry = (earlier.saturating_add(1), now);
    }

    /// Forgets the failures of a name after a success.
    pub(crate) fn succeeded(&self, name: &str) {
        self.failures.lock().unwrap_or_else(PoisonError::into_inner).remove(name);
    }
}

fn counts(last: Timestamp, now: Timestamp) -> bool {
    now.duration_since(last) < SignedDuration::from_mins(WINDOW_MINUTES)
}

#[cfg(test)]
mod tests {
    use jiff::{SignedDuration, Timestamp};

    use super::{FAILURES_MAX, Throttle, WINDOW_MINUTES};

    #[test]
    fn a_name_waits_after_its_failures_and_others_do_not() {
        let throttle = Throttle::default();
        let now = Timestamp::UNIX_EPOCH;
        for _ in 0..FAILURES_MAX {
            assert!(!throttle.blocks("manager", now));
            throttle.failed("manager", now);
        }
        assert!(throttle.blocks("manager", now));
        assert!(!throttle.blocks("auditor", now));
        let later = now + SignedDuration::from_mins(WINDOW_MINUTES);
        assert!(!throttle.blocks("manager", later), "the wait ends");
        throttle.failed("manager", later);
        assert!(!throttle.blocks("manager", later), "old failures no longer count");
    }

    #[test]
    fn a_success_forgives() {
        let throttle = Throttle::default();
        for _ in 0..FAILURES_MAX {
            throttle.failed("manager", Timestamp::UNIX_EPOCH);
        }
        throttle.succeeded("manager");
        assert!(!throttle.blocks("manager", Timestamp::UNIX_EPOCH));
    }
}
