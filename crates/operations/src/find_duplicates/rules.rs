//! Which members are compared: those who agree on the key of one of these rules. Each rule survives another mistake: a
//! wrong date of birth, a wrong name, a digit wrong anywhere in a telephone number, another address.

use stats::linkage::blocking::{Blocking, codes};

use super::compare::{BIRTH, EMAIL, FAMILY, GIVEN, PHONE};
use super::persons::{NO_TEXT, Person, Persons};
use crate::error::OperationError;

/// Most members in one block, so at most 4,950 pairs from each: a value that more share says little about any two of them.
/// What is left out is counted.
pub const BLOCK_MEMBERS_MAX: usize = 100;

/// The fields each rule makes agree, in the order of [`keys`].
pub(super) const HELD: [&[usize]; 8] = [
    &[BIRTH, FAMILY],
    &[BIRTH, GIVEN],
    &[FAMILY, GIVEN],
    &[PHONE],
    &[PHONE],
    &[PHONE],
    &[EMAIL],
    &[FAMILY, GIVEN, PHONE],
];
/// The first rules, which hold what is one person's alone. What a household shares is learnt from these: members of one
/// household who agree on a telephone number are mostly two persons.
pub(super) const LEARNT_FROM: usize = 3;
/// Last digits of a telephone number that tell members of one name apart.
const LAST_DIGITS: u64 = 10_000;

/// The blocks of all rules.
pub(super) fn blocking(persons: &Persons) -> Result<Blocking, OperationError> {
    let all = || persons.all.iter();
    let born = |person: &Person| person.born_on.map(|day| (day.year(), day.month(), day.day()));
    let named = |number: u32| (number != NO_TEXT).then_some(number);
    let third = |part: usize| codes(all().map(move |person| without_third(*person.phones.first()?, part)));
    let whole = |person: &Person| whole_name(persons, person);
    let mailbox = |person: &Person| person.emails.first().map(|(name, _)| *name);
    let rules = vec![
        codes(all().map(|person| Some((born(person)?, named(person.family)?)))),
        codes(all().map(|person| Some((born(person)?, named(person.given)?)))),
        codes(all().map(whole)),
        third(0),
        third(1),
        third(2),
        codes(all().map(mailbox)),
        codes(all().map(|person| Some((whole(person)?, *person.phones.first()? % LAST_DIGITS)))),
    ];
    Blocking::new(rules, BLOCK_MEMBERS_MAX).map_err(|cause| OperationError::Internal(cause.to_string()))
}

/// The letters of a name in their own order: the same however its words are ordered or parted.
fn whole_name(persons: &Persons, person: &Person) -> Option<Vec<char>> {
    let (family, given) = (persons.text(person.family), persons.text(person.given));
    let mut letters: Vec<char> = family.chars().chain(given.chars()).collect();
    letters.sort_unstable();
    (!family.is_empty() && !given.is_empty()).then_some(letters)
}

/// A telephone number without one of its thirds: two numbers that differ in one digit agree on two of the three. Its
/// length is part of the key, so that 12·34 and 1·234 stay apart.
fn without_third(phone: u64, part: usize) -> Option<(usize, String)> {
    let digits = phone.to_string();
    let third = digits.len().div_ceil(3);
    let (from, to) = (part * third, ((part + 1) * third).min(digits.len()));
    let kept = [digits.get(..from)?, digits.get(to..)?].concat();
    (!kept.is_empty()).then_some((digits.len(), kept))
}
