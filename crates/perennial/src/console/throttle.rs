//! Slows guessing down: after a few failed sign-ins a name has to wait, and so has everybody after many. A try counts
//! before it is checked, so that tries at the same moment count too. Kept in memory; a restart forgives.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Failures after which a name has to wait.
const FAILURES_MAX: u32 = 8;
/// How long a name has to wait, and how long a failure counts.
const WINDOW: Duration = Duration::from_mins(15);
/// Failures of all names together in a minute, which bounds the names remembered as well.
const FAILURES_OF_ALL_MAX: u32 = 120;
const MINUTE: Duration = Duration::from_mins(1);

/// Sign-ins that failed or are under way.
#[derive(Debug, Default)]
pub(crate) struct Throttle {
    tries: Mutex<Tries>,
}

#[derive(Debug, Default)]
struct Tries {
    by_name: HashMap<String, (u32, Instant)>,
    of_all: u32,
    /// When the minute of `of_all` began.
    minute: Option<Instant>,
}

impl Throttle {
    /// Counts a try and says whether it may be made. It counts as a failure until something else is said.
    pub(crate) fn admits(&self, name: &str, now: Instant) -> bool {
        let mut tries = self.lock();
        if tries.minute.is_none_or(|began| now.duration_since(began) >= MINUTE) {
            tries.minute = Some(now);
            tries.of_all = 0;
            tries.by_name.retain(|_, (_, last)| counts(*last, now));
        }
        let earlier =
            tries.by_name.get(name).filter(|(_, last)| counts(*last, now)).map_or(0, |(count, _)| *count);
        if earlier >= FAILURES_MAX || tries.of_all >= FAILURES_OF_ALL_MAX {
            return false;
        }
        tries.by_name.insert(name.to_owned(), (earlier + 1, now));
        tries.of_all += 1;
        true
    }

    /// Forgets the failures of a name after a success.
    pub(crate) fn succeeded(&self, name: &str) {
        let mut tries = self.lock();
        tries.by_name.remove(name);
        tries.of_all = tries.of_all.saturating_sub(1);
    }

    /// Takes back a try that nobody could check.
    pub(crate) fn not_checked(&self, name: &str) {
        let mut tries = self.lock();
        if let Some((count, _)) = tries.by_name.get_mut(name) {
            *count = count.saturating_sub(1);
        }
        tries.of_all = tries.of_all.saturating_sub(1);
    }

    fn lock(&self) -> MutexGuard<'_, Tries> {
        self.tries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn counts(last: Instant, now: Instant) -> bool {
    now.duration_since(last) < WINDOW
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::{FAILURES_MAX, FAILURES_OF_ALL_MAX, MINUTE, Throttle, WINDOW};

    #[test]
    fn a_name_waits_after_its_failures_and_others_do_not() {
        let throttle = Throttle::default();
        let now = Instant::now();
        for _ in 0..FAILURES_MAX {
            assert!(throttle.admits("manager", now), "none of them has been checked yet");
        }
        assert!(!throttle.admits("manager", now));
        assert!(throttle.admits("auditor", now));
        let later = now + WINDOW;
        for _ in 0..FAILURES_MAX {
            assert!(throttle.admits("manager", later), "the wait ends, and old failures no longer count");
        }
        assert!(!throttle.admits("manager", later));
    }

    #[test]
    fn a_success_forgives_and_what_nobody_checked_does_not_count() {
        let throttle = Throttle::default();
        let now = Instant::now();
        for _ in 0..FAILURES_MAX {
            assert!(throttle.admits("manager", now));
        }
        throttle.not_checked("manager");
        assert!(throttle.admits("manager", now));
        assert!(!throttle.admits("manager", now));
        throttle.succeeded("manager");
        assert!(throttle.admits("manager", now));
    }

    #[test]
    fn all_names_together_have_a_bound_and_so_has_what_is_remembered() {
        let throttle = Throttle::default();
        let mut now = Instant::now();
        for minute in 0..60 {
            let admitted =
                (0..1_000).filter(|name| throttle.admits(&format!("{minute}.{name}"), now)).count();
            assert_eq!(u32::try_from(admitted), Ok(FAILURES_OF_ALL_MAX));
            now += MINUTE;
        }
        let remembered = throttle.lock().by_name.len();
        assert!(remembered <= 16 * 120, "{remembered} names");
        for name in 0..1_000 {
            let name = format!("right.{name}");
            assert!(throttle.admits(&name, now), "those who sign in do not use the bound up");
            throttle.succeeded(&name);
        }
    }
}
