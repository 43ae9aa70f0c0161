//! What bounds guessing and the sending of codes: so many codes an hour for one identifier, so many for all, and so
//! many wrong tries for all. Kept in memory, by process; a restart forgives.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use domain::ids::AccountId;
use domain::member::Identifier;
use jiff::{SignedDuration, Timestamp};

/// Codes an hour for one identifier, whether or not anybody has it.
const CODES_PER_IDENTIFIER: u32 = 5;
/// Offers of points an hour by one member, whether or not anybody got them: each tells whether somebody is a member.
const OFFERS_PER_MEMBER: usize = 10;
/// Codes an hour for all.
const CODES: u32 = 2_000;
/// Wrong tries an hour for all: of a million codes they find one in 2,000 hours.
const WRONG_TRIES: u32 = 500;
/// The hour.
const WINDOW_MINUTES: i64 = 60;

/// Counts of the running hour.
#[derive(Debug, Default)]
pub(super) struct Limits {
    counts: Mutex<Counts>,
}

#[derive(Debug, Default)]
struct Counts {
    offers: HashMap<AccountId, Vec<String>>,
    since: Timestamp,
    codes: u32,
    wrong_tries: u32,
    by_identifier: HashMap<Identifier, u32>,
}

impl Limits {
    /// Counts a code that is asked for under these identifiers. `false` if there have been enough.
    pub(super) fn allow_code(&self, identifiers: &[Identifier], now: Timestamp) -> bool {
        self.within(now, |counts| {
            let had = |identifier| counts.by_identifier.get(identifier).copied().unwrap_or(0);
            if counts.codes >= CODES || identifiers.iter().any(|named| had(named) >= CODES_PER_IDENTIFIER) {
                return false;
            }
            counts.codes += 1;
            for identifier in identifiers {
                *counts.by_identifier.entry(identifier.clone()).or_insert(0) += 1;
            }
            true
        })
    }

    /// Whether a member may offer points to somebody, and that it was tried. The same form sent again is no new try;
    /// whether anybody has what was typed makes no difference.
    pub(super) fn allow_offer(&self, member: AccountId, request: &str, now: Timestamp) -> bool {
        self.within(now, |counts| {
            let tried = counts.offers.entry(member).or_default();
            if tried.iter().any(|known| known == request) {
                return true;
            }
            let allowed = tried.len() < OFFERS_PER_MEMBER;
            if allowed {
                tried.push(request.to_owned());
            }
            allowed
        })
    }

    /// Whether codes may be tried at all.
    pub(super) fn allow_try(&self, now: Timestamp) -> bool {
        self.within(now, |counts| counts.wrong_tries < WRONG_TRIES)
    }

    /// Remembers a wrong try. So many are either a very large programme or an attack, which is said once an hour.
    pub(super) fn tried_wrongly(&self, now: Timestamp) {
        let wrong = self.within(now, |counts| {
            counts.wrong_tries = counts.wrong_tries.saturating_add(1);
            counts.wrong_tries
        });
        if wrong == WRONG_TRIES {
            tracing::warn!(
                "{WRONG_TRIES} wrong codes of members within an hour: no more are tried until it is over"
            );
        }
    }

    fn within<T>(&self, now: Timestamp, work: impl FnOnce(&mut Counts) -> T) -> T {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let age = now.duration_since(counts.since);
        if age >= SignedDuration::from_mins(WINDOW_MINUTES) || age.is_negative() {
            *counts = Counts { since: now, ..Counts::default() };
        }
        work(&mut counts)
    }
}

#[cfg(test)]
mod tests {
    use domain::ids::AccountId;
    use domain::member::{Identifier, IdentifierKind};
    use jiff::{SignedDuration, Timestamp};

    use super::{CODES, CODES_PER_IDENTIFIER, Limits, OFFERS_PER_MEMBER, WINDOW_MINUTES, WRONG_TRIES};

    fn named(number: u32) -> [Identifier; 1] {
        [Identifier { kind: IdentifierKind::Phone, value: number.to_string() }]
    }

    fn noon() -> Timestamp {
        "2026-11-25T12:00:00Z".parse().unwrap()
    }

    #[test]
    fn an_identifier_waits_after_its_codes_and_others_do_not() {
        let limits = Limits::default();
        for _ in 0..CODES_PER_IDENTIFIER {
            assert!(limits.allow_code(&named(1), noon()));
        }
        assert!(!limits.allow_code(&named(1), noon()));
        assert!(limits.allow_code(&named(2), noon()));
        assert!(limits.allow_code(&named(1), noon() + SignedDuration::from_mins(WINDOW_MINUTES)));
    }

    #[test]
    fn a_member_waits_after_ten_offers_and_the_same_one_again_is_none() {
        let limits = Limits::default();
        let [one, other] = [1, 2].map(|number| AccountId::new(number).unwrap());
        for offer in 0..OFFERS_PER_MEMBER {
            for _ in 0..3 {
                assert!(limits.allow_offer(one, &offer.to_string(), noon()));
            }
        }
        assert!(!limits.allow_offer(one, "one more", noon()));
        assert!(limits.allow_offer(one, "0", noon()), "it was tried before");
        assert!(limits.allow_offer(other, "one more", noon()));
        let later = noon() + SignedDuration::from_mins(WINDOW_MINUTES);
        assert!(limits.allow_offer(one, "one more", later));
    }

    #[test]
    fn codes_and_wrong_tries_of_all_together_are_bounded() {
        let limits = Limits::default();
        let sent = (0..CODES * 2).filter(|number| limits.allow_code(&named(*number), noon())).count();
        assert_eq!(sent, usize::try_from(CODES).unwrap());
        for _ in 0..WRONG_TRIES {
            assert!(limits.allow_try(noon()));
            limits.tried_wrongly(noon());
        }
        assert!(!limits.allow_try(noon()));
        assert!(limits.allow_try(noon() + SignedDuration::from_mins(WINDOW_MINUTES)));
    }
}
