//! All members as they are compared: cleansed, each distinct text kept once. Memory grows with the members by some 200
//! bytes each, and with nothing else.

use std::collections::HashMap;

use domain::cleanse::{clean_email, clean_name, clean_phone};
use domain::ids::AccountId;
use domain::member::IdentifierKind;
use jiff::civil::Date;
use store::{Fingerprint, PersonRecord};

use crate::error::OperationError;
use crate::fingerprint::fingerprint;

/// The text that nobody has.
pub(super) const NO_TEXT: u32 = 0;

/// A member, cleansed. Texts are numbers into [`Persons::text`].
#[derive(Debug, Clone)]
pub(super) struct Person {
    pub(super) account_id: AccountId,
    /// How the family name sounds.
    pub(super) family: u32,
    /// How the given name sounds.
    pub(super) given: u32,
    /// The given name as written.
    pub(super) written: u32,
    /// Whether either word of the name may be the family name.
    pub(super) latin: bool,
    pub(super) born_on: Option<Date>,
    pub(super) phones: Box<[u64]>,
    /// Name of the mailbox, and host.
    pub(super) emails: Box<[(u32, u32)]>,
    /// What is compared, condensed.
    pub(super) fingerprint: Fingerprint,
}

/// All members who take part.
#[derive(Debug, Default)]
pub(super) struct Persons {
    pub(super) all: Vec<Person>,
    texts: Vec<Box<str>>,
    /// Records that were merged, and into which account.
    pub(super) merged: HashMap<AccountId, AccountId>,
}

/// Takes members up as they are read.
#[derive(Default)]
pub(super) struct Intake {
    persons: Persons,
    known: HashMap<Box<str>, u32>,
    /// What merged records bring to the member they lead to.
    brought: Vec<PersonRecord>,
}

impl Persons {
    /// A text by its number.
    pub(super) fn text(&self, number: u32) -> &str {
        self.texts.get(number as usize).map_or("", AsRef::as_ref)
    }

    /// The account that a record leads to by now.
    pub(super) fn survivor(&self, account_id: AccountId) -> AccountId {
        let next = |id: &AccountId| self.merged.get(id).copied();
        // A chain is never longer than the records in it.
        std::iter::successors(Some(account_id), next).take(self.merged.len() + 1).last().unwrap_or(account_id)
    }
}

impl Intake {
    /// Takes up a record: a member, or one that was merged into another.
    pub(super) fn add(&mut self, record: PersonRecord) -> Result<(), OperationError> {
        if let Some(into) = record.merged_into {
            self.persons.merged.insert(record.account_id, into);
            self.brought.push(record);
        } else if record.active {
            let person = self.person(&record)?;
            self.persons.all.push(person);
        }
        Ok(())
    }

    /// All members, those with merged records with what these brought.
    pub(super) fn finish(mut self) -> Result<Persons, OperationError> {
        let mut by_survivor: HashMap<AccountId, Vec<PersonRecord>> = HashMap::new();
        for record in std::mem::take(&mut self.brought) {
            by_survivor.entry(self.persons.survivor(record.account_id)).or_default().push(record);
        }
        for position in 0..self.persons.all.len() {
            if let Some(brought) = by_survivor.get(&self.persons.all[position].account_id) {
                let own = self.persons.all[position].clone();
                self.persons.all[position] = self.with(own, brought)?;
            }
        }
        Ok(self.persons)
    }

    fn person(&mut self, record: &PersonRecord) -> Result<Person, OperationError> {
        let name = record.name.as_deref().and_then(clean_name).unwrap_or_default();
        let of = |kind| record.identifiers.iter().filter(move |one| one.kind == kind);
        let phones: Vec<u64> = of(IdentifierKind::Phone).filter_map(|one| clean_phone(&one.value)).collect();
        let emails: Vec<(u32, u32)> = of(IdentifierKind::Email)
            .filter_map(|one| clean_email(&one.value))
            .map(|email| (self.number(&email.name), self.number(&email.host)))
            .collect();
        let person = Person {
            account_id: record.account_id,
            family: self.number(&name.family),
            given: self.number(&name.given),
            written: self.number(&name.given_written),
            latin: name.latin,
            born_on: record.born_on,
            phones: phones.into(),
            emails: emails.into(),
            fingerprint: Fingerprint::default(),
        };
        self.sealed(person)
    }

    /// A member with the phones and addresses that merged records brought.
    fn with(&mut self, mut own: Person, brought: &[PersonRecord]) -> Result<Person, OperationError> {
        let (mut phones, mut emails) = (own.phones.to_vec(), own.emails.to_vec());
        for record in brought {
            let other = self.person(record)?;
            phones.extend_from_slice(&other.phones);
            emails.extend_from_slice(&other.emails);
        }
        (own.phones, own.emails) = (phones.into(), emails.into());
        self.sealed(own)
    }

    /// The person with the fingerprint of what is compared.
    fn sealed(&self, mut person: Person) -> Result<Person, OperationError> {
        let text = |number: u32| self.persons.text(number);
        let emails: Vec<(&str, &str)> =
            person.emails.iter().map(|(name, host)| (text(*name), text(*host))).collect();
        let name = (text(person.family), text(person.given), text(person.written));
        person.fingerprint = fingerprint(&(name, person.born_on, &person.phones, emails))?;
        Ok(person)
    }

    fn number(&mut self, text: &str) -> u32 {
        if self.persons.texts.is_empty() {
            self.persons.texts.push("".into());
        }
        if text.is_empty() {
            return NO_TEXT;
        }
        if let Some(number) = self.known.get(text) {
            return *number;
        }
        // Four thousand million texts do not fit into memory.
        let number = u32::try_from(self.persons.texts.len()).unwrap_or(NO_TEXT);
        self.persons.texts.push(text.into());
        self.known.insert(text.into(), number);
        number
    }
}
