//! How many wrong voucher codes may be tried in an hour, by one caller and by all together. Counts are kept in
//! memory, bounded, and exact over any 60 minutes; each server counts for itself.

use std::collections::{HashMap, VecDeque};

use jiff::Timestamp;

/// Wrong codes a member, known by device or address, may try in an hour (domain.md R8).
pub const MEMBER_TRIES_PER_HOUR: usize = 5;
/// Wrong codes one till or shop may try in an hour: many people stand behind it.
pub const TILL_TRIES_PER_HOUR: usize = 120;
/// Wrong codes of all callers together in an hour. With 10,000,000 live codes of 60 bits, that many guesses find one
/// in about 1,300 years.
pub const ALL_TRIES_PER_HOUR: usize = 10_000;
/// Callers remembered at the most; who tried longest ago is forgotten first.
pub const CALLERS_MAX: usize = 10_000;

const HOUR_SECONDS: i64 = 3_600;

/// Who tries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallerKind {
    /// One person, known by device or address.
    Member,
    /// A till, a shop, a program.
    Till,
}

/// Too many wrong codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too many wrong voucher codes: try again in {retry_after_seconds} s")]
pub struct TryRefused {
    /// When another try is allowed.
    pub retry_after_seconds: i64,
}

/// Wrong tries of the last hour.
#[derive(Debug, Default)]
pub struct Tries {
    callers: HashMap<String, VecDeque<Timestamp>>,
    all: VecDeque<Timestamp>,
}

impl CallerKind {
    /// Wrong codes it may try in an hour.
    pub const fn tries_per_hour(self) -> usize {
        match self {
            Self::Member => MEMBER_TRIES_PER_HOUR,
            Self::Till => TILL_TRIES_PER_HOUR,
        }
    }
}

impl Tries {
    /// Whether a caller may try a code. When all together are over their limit, only callers with a wrong try of
    /// their own wait: a guesser cannot lock out the others.
    pub fn admit(&mut self, caller: &str, kind: CallerKind, now: Timestamp) -> Result<(), TryRefused> {
        forget(&mut self.all, now);
        let Some(own) = self.callers.get_mut(caller) else { return Ok(()) };
        forget(own, now);
        if own.is_empty() {
            self.callers.remove(caller);
            return Ok(());
        }
        let full = [(&*own, kind.tries_per_hour()), (&self.all, ALL_TRIES_PER_HOUR)];
        match full.into_iter().filter_map(|(tries, limit)| wait(tries, limit, now)).max() {
            Some(retry_after_seconds) => Err(TryRefused { retry_after_seconds }),
            None => Ok(()),
        }
    }

    /// Counts a wrong code.
    pub fn count_wrong(&mut self, caller: &str, kind: CallerKind, now: Timestamp) {
        if self.all.len() >= ALL_TRIES_PER_HOUR {
            self.all.pop_front();
        }
        self.all.push_back(now);
        if !self.callers.contains_key(caller) && self.callers.len() >= CALLERS_MAX {
            let oldest = self.callers.iter().min_by_key(|(_, tries)| tries.back().copied());
            if let Some(oldest) = oldest.map(|(name, _)| name.clone()) {
                self.callers.remove(&oldest);
            }
        }
        let own = self.callers.entry(caller.to_owned()).or_default();
        if own.len() >= kind.tries_per_hour() {
            own.pop_front();
        }
        own.push_back(now);
    }

    /// Callers remembered now.
    pub fn callers(&self) -> usize {
        self.callers.len()
    }
}

fn forget(tries: &mut VecDeque<Timestamp>, now: Timestamp) {
    while tries.front().is_some_and(|at| passed(*at, now) >= HOUR_SECONDS) {
        tries.pop_front();
    }
}

/// Seconds until one more try fits; none if it does now.
fn wait(tries: &VecDeque<Timestamp>, limit: usize, now: Timestamp) -> Option<i64> {
    let first = tries.front().filter(|_| tries.len() >= limit)?;
    Some(HOUR_SECONDS.saturating_sub(passed(*first, now)).clamp(1, HOUR_SECONDS))
}

fn passed(at: Timestamp, now: Timestamp) -> i64 {
    now.as_second().saturating_sub(at.as_second())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use jiff::Timestamp;

    use super::{
        ALL_TRIES_PER_HOUR, CALLERS_MAX, CallerKind, MEMBER_TRIES_PER_HOUR, TILL_TRIES_PER_HOUR, Tries,
        TryRefused,
    };

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + second).unwrap()
    }

    #[test]
    fn a_member_has_five_wrong_tries_in_any_hour() {
        let mut tries = Tries::default();
        for number in 0..5 {
            assert_eq!(tries.admit("a", CallerKind::Member, at(number * 600)), Ok(()));
            tries.count_wrong("a", CallerKind::Member, at(number * 600));
        }
        let refused = |retry_after_seconds| Err(TryRefused { retry_after_seconds });
        assert_eq!(tries.admit("a", CallerKind::Member, at(2_400)), refused(1_200));
        assert_eq!(tries.admit("b", CallerKind::Member, at(2_400)), Ok(()), "others are not touched");
        assert_eq!(tries.admit("a", CallerKind::Member, at(3_599)), refused(1));
        assert_eq!(tries.admit("a", CallerKind::Member, at(3_600)), Ok(()));
        tries.count_wrong("a", CallerKind::Member, at(3_600));
        assert_eq!(tries.admit("a", CallerKind::Member, at(3_600)), refused(600));
    }

    #[test]
    fn right_codes_cost_nothing_and_tills_have_more_room() {
        let mut tries = Tries::default();
        for _ in 0..TILL_TRIES_PER_HOUR {
            assert_eq!(tries.admit("till", CallerKind::Till, at(0)), Ok(()));
            tries.count_wrong("till", CallerKind::Till, at(0));
        }
        assert!(tries.admit("till", CallerKind::Till, at(0)).is_err());
    }

    #[test]
    fn over_the_limit_of_all_only_those_wait_who_have_tried_wrong_codes() {
        let mut tries = Tries::default();
        for number in 0..ALL_TRIES_PER_HOUR {
            tries.count_wrong(&format!("bot{}", number % 5_000), CallerKind::Member, at(0));
        }
        assert!(tries.admit("bot1", CallerKind::Member, at(1)).is_err());
        assert_eq!(tries.admit("honest", CallerKind::Member, at(1)), Ok(()));
    }

    #[test]
    fn memory_is_bounded_whoever_calls() {
        let mut tries = Tries::default();
        for number in 0..CALLERS_MAX + 50 {
            tries.count_wrong(&number.to_string(), CallerKind::Member, at(i64::try_from(number).unwrap()));
        }
        assert_eq!(tries.callers(), CALLERS_MAX);
        assert!(tries.all.len() <= ALL_TRIES_PER_HOUR);
        for _ in 0..50 {
            tries.count_wrong("same", CallerKind::Member, at(20_000));
        }
        assert_eq!(tries.callers["same"].len(), MEMBER_TRIES_PER_HOUR);
    }

    /// reliability.md T4: ten million guesses against the limiter are expected to hit less than once in a thousand.
    #[test]
    fn ten_million_guesses_find_nothing() {
        let guesses = 10_000_000.0_f64;
        let (live_codes, space) = (10_000_000.0_f64, 2.0_f64.powi(60));
        assert!(guesses * live_codes / space < 1e-3);
        // What the limiter lets through in 1,000 years.
        let admitted = f64::from(u32::try_from(ALL_TRIES_PER_HOUR).unwrap()) * 24.0 * 365.0 * 1_000.0;
        assert!(admitted * live_codes / space < 1.0);
    }
}
