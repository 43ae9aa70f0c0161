//! How two members agree, field by field. Levels of agreement are those of the pattern: missing, differs, and above that
//! the closer the higher.

use jiff::civil::Date;
use stats::linkage::edit::damerau;
use stats::linkage::jaro::jaro_winkler;
use stats::linkage::pattern::{DIFFERS, MISSING, Pattern};

use super::persons::{NO_TEXT, Person, Persons};

pub(crate) const FAMILY: usize = 0;
pub(crate) const GIVEN: usize = 1;
pub(crate) const BIRTH: usize = 2;
pub(crate) const PHONE: usize = 3;
pub(crate) const EMAIL: usize = 4;
/// Highest level of each field.
pub(super) const LEVELS: [u8; 5] = [3, 4, 3, 3, 3];

/// Close, but for a typing error.
pub(crate) const NEAR: u8 = 2;
/// Of a given name: it sounds the same, but is written with other characters or in another script.
pub(crate) const SOUNDS_SAME: u8 = 3;

/// Likeness from which two words of Latin letters pass for one that was mistyped.
const WORD_LIKENESS: f64 = 0.92;
/// Shorter words have no room for a typing error: Li and Lu are two names.
const WORD_LENGTH_MIN: usize = 4;
/// Shorter names of mailboxes say nothing at another host: there is an `info` everywhere.
const MAILBOX_LENGTH_MIN: usize = 5;

/// How two members agree.
pub(super) fn compare(persons: &Persons, left: usize, right: usize) -> Pattern {
    let (left, right) = (&persons.all[left], &persons.all[right]);
    let (family, given) = names(persons, left, right);
    Pattern::default()
        .with(FAMILY, family)
        .with(GIVEN, given)
        .with(BIRTH, births(left.born_on, right.born_on))
        .with(PHONE, phones(&left.phones, &right.phones))
        .with(EMAIL, emails(persons, &left.emails, &right.emails))
}

/// Family and given name, in the order of words in which they agree best.
fn names(persons: &Persons, left: &Person, right: &Person) -> (u8, u8) {
    let word = |l: u32, r: u32| word(persons, l, r);
    let given = match word(left.given, right.given) {
        SOUNDS_SAME if left.written == right.written => LEVELS[GIVEN],
        level => level,
    };
    let straight = (word(left.family, right.family), given);
    if !(left.latin || right.latin) {
        return straight;
    }
    let swapped = (word(left.family, right.given), word(left.given, right.family));
    let best = if swapped.0 + swapped.1 > straight.0 + straight.1 { swapped } else { straight };
    let whole = |person: &Person, turned: bool| {
        let (family, given) = (persons.text(person.family), persons.text(person.given));
        if turned { format!("{given}{family}") } else { format!("{family}{given}") }
    };
    // Zhang Weiming, Zhangwei Ming and zhangweiming are one name whose words were parted elsewhere.
    let split_elsewhere = best.0 < LEVELS[FAMILY]
        && [(false, false), (true, false), (false, true)]
            .iter()
            .any(|(l, r)| !whole(left, *l).is_empty() && whole(left, *l) == whole(right, *r));
    if split_elsewhere { (LEVELS[FAMILY], SOUNDS_SAME) } else { best }
}

/// Two words by their sound.
fn word(persons: &Persons, left: u32, right: u32) -> u8 {
    if left == NO_TEXT || right == NO_TEXT {
        return MISSING;
    }
    if left == right {
        return SOUNDS_SAME;
    }
    let (left, right) = (persons.text(left), persons.text(right));
    let initial = |short: &str, long: &str| short.len() == 1 && long.starts_with(short);
    let long_enough = left.len().min(right.len()) >= WORD_LENGTH_MIN;
    let mistyped = long_enough && damerau(left, right) == 1 && jaro_winkler(left, right) >= WORD_LIKENESS;
    if mistyped || initial(left, right) || initial(right, left) { NEAR } else { DIFFERS }
}

/// Two dates of birth: a digit mistyped, two swapped, or day and month swapped are close.
fn births(left: Option<Date>, right: Option<Date>) -> u8 {
    let (Some(left), Some(right)) = (left, right) else { return MISSING };
    if left == right {
        return LEVELS[BIRTH];
    }
    let turned = left.year() == right.year() && left.month() == right.day() && left.day() == right.month();
    if turned || damerau(&left.to_string(), &right.to_string()) == 1 { NEAR } else { DIFFERS }
}

/// The best agreement of any two telephone numbers: one digit mistyped, missing or too many, or two swapped, is close.
fn phones(left: &[u64], right: &[u64]) -> u8 {
    let each = |l: &u64, r: &u64| {
        if l == r {
            LEVELS[PHONE]
        } else if damerau(&l.to_string(), &r.to_string()) == 1 {
            NEAR
        } else {
            DIFFERS
        }
    };
    best(left, right, each)
}

/// The best agreement of any two addresses: the same mailbox at another host, or one typing error, is close.
fn emails(persons: &Persons, left: &[(u32, u32)], right: &[(u32, u32)]) -> u8 {
    let each = |l: &(u32, u32), r: &(u32, u32)| {
        if l == r {
            return LEVELS[EMAIL];
        }
        let (left, right) = (persons.text(l.0), persons.text(r.0));
        let long_enough = left.len().min(right.len()) >= MAILBOX_LENGTH_MIN;
        let host = |number: u32| persons.text(number);
        let near = if l.0 == r.0 {
            long_enough || damerau(host(l.1), host(r.1)) == 1
        } else {
            l.1 == r.1 && long_enough && damerau(left, right) == 1
        };
        if near { NEAR } else { DIFFERS }
    };
    best(left, right, each)
}

fn best<T>(left: &[T], right: &[T], each: impl Fn(&T, &T) -> u8) -> u8 {
    left.iter()
        .flat_map(|l| right.iter().map(move |r| (l, r)))
        .map(|(l, r)| each(l, r))
        .max()
        .unwrap_or(MISSING)
}
