//! New account ids: milliseconds since 2020 and a 22-bit count from a random start, so that ids sort by time and
//! can be made on any node without asking another. Two nodes may meet; the store then refuses and the command is
//! decided again with another id.

use std::sync::atomic::{AtomicU64, Ordering};

use domain::ids::AccountId;
use jiff::Timestamp;

const EPOCH_2020_MILLISECONDS: i64 = 1_577_836_800_000;
const COUNT_BITS: u32 = 22;
const MILLISECOND_BITS: u32 = 41;
/// Accounts of history before 2020 share one instant: they are told apart by this many bits of the count, which reach
/// four minutes into 2020.
const EARLY_BITS: u32 = 40;

/// Makes account ids that never repeat within a process.
#[derive(Debug)]
pub(crate) struct AccountIds {
    count: AtomicU64,
}

impl AccountIds {
    /// Ids whose count starts at a given number: the same commands at the same times get the same ids.
    pub(crate) fn starting_at(count: u32) -> Self {
        Self { count: AtomicU64::new(count.into()) }
    }

    /// Ids whose count starts at random.
    pub(crate) fn random() -> Self {
        Self { count: AtomicU64::new(getrandom::u64().unwrap_or_default()) }
    }

    /// An id for an account opened at `now`.
    pub(crate) fn next(&self, now: Timestamp) -> AccountId {
        let milliseconds = now.as_millisecond().saturating_sub(EPOCH_2020_MILLISECONDS).max(0);
        let count = self.count.fetch_add(1, Ordering::Relaxed);
        let bits = if milliseconds == 0 { EARLY_BITS } else { COUNT_BITS };
        let count = i64::try_from(count & ((1 << bits) - 1)).unwrap_or_default();
        // 41 bits of milliseconds last until 2089; the mask keeps the number positive whatever the clock says.
        let number = ((milliseconds & ((1 << MILLISECOND_BITS) - 1)) << COUNT_BITS) | count;
        AccountId::new(number).unwrap_or(AccountId::ZERO)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::collections::HashSet;

    use super::AccountIds;

    #[test]
    fn ids_sort_by_time_and_never_repeat_within_a_process() {
        let ids = AccountIds::random();
        let early = ids.next("2026-01-01T00:00:00Z".parse().unwrap());
        let late = ids.next("2026-01-01T00:00:01Z".parse().unwrap());
        assert!(early < late);
        let now = "2026-01-01T00:00:00.123Z".parse().unwrap();
        let many: HashSet<_> = (0..10_000).map(|_| ids.next(now)).collect();
        assert_eq!(many.len(), 10_000);
    }

    #[test]
    fn two_processes_hardly_meet_in_history_before_2020() {
        let now = "2010-01-01T00:00:00Z".parse().unwrap();
        let (one, other) = (AccountIds::random(), AccountIds::random());
        let taken: HashSet<_> = (0..1_000_000).map(|_| one.next(now)).collect();
        assert_eq!(taken.len(), 1_000_000);
        assert!((0..8).all(|_| !taken.contains(&other.next(now))));
    }

    #[test]
    fn the_same_start_gives_the_same_ids() {
        let now = "2026-01-01T00:00:00Z".parse().unwrap();
        assert_eq!(AccountIds::starting_at(7).next(now), AccountIds::starting_at(7).next(now));
    }
}
