//! The reference model: the ledger and its rules written the slow, obvious way, as plain lists that are summed up
//! anew for every question. It shares the input documents and the programme document with the engine, and no code.

pub mod burn;
pub mod days;
pub mod households;
pub mod member;
pub mod rules;
pub mod stored_value;
pub mod tiers;

use std::collections::BTreeMap;

use domain::code::Code;
use domain::document::{Activity, DocumentKey, Purchase, Return};
use domain::operation::Adjustment;
use domain::programme::Programme;
use jiff::Timestamp;

use days::Zone;
use member::Member;

/// A published programme.
pub struct Version {
    pub number: u32,
    pub effective_at: Timestamp,
    pub programme: Programme,
}

/// Ladder, tier, what counts, next tier with its threshold, review.
pub type Place = (Code, Code, i64, Option<(Code, i64)>, Option<Timestamp>);

/// What one entry should say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    pub event: &'static str,
    pub occurred_at: Timestamp,
    pub recorded_at: Timestamp,
    pub version: u32,
    /// Unit: available, pending, debt, earned, redeemed, expired, held. Units without anything are left out.
    pub balances: BTreeMap<Code, [i64; 7]>,
    pub tiers: Vec<Place>,
    /// Rule, points, letter.
    pub given: Vec<(Code, i64, char)>,
    /// Unit: due, own lots, lapsed, other lots, debt, written off.
    pub taken_back: Vec<(Code, [i64; 6])>,
}

/// What a command should lead to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    Recorded(Vec<Statement>),
    Duplicate,
    Parked,
    Refused(&'static str),
}

/// Every document ever recorded or parked.
struct Filed {
    key: DocumentKey,
    /// The document in full: the same key with other content is refused.
    content: String,
    member: usize,
    /// Position among the member's purchases, if it is one.
    purchase: Option<usize>,
}

/// The whole platform, as lists.
pub struct Reference {
    pub zone: Zone,
    pub versions: Vec<Version>,
    pub members: Vec<Option<Member>>,
    filed: Vec<Filed>,
    parked: Vec<Return>,
}

impl Reference {
    pub fn new(zone: &str, members: usize) -> Self {
        Self {
            zone: Zone::named(zone),
            versions: Vec::new(),
            members: (0..members).map(|_| None).collect(),
            filed: Vec::new(),
            parked: Vec::new(),
        }
    }

    /// What is left of a rule's budget: the newest version's limit less everything given to anybody.
    pub fn budget_left(&self, rule: Code) -> Option<i64> {
        let newest = self.versions.iter().max_by_key(|version| (version.effective_at, version.number))?;
        let mut limit = None;
        for version in &self.versions {
            for found in version.programme.rules.iter().filter(|found| found.code == rule) {
                limit = found.budget.as_ref().map_or(limit, |budget| Some(budget.points));
            }
        }
        if let Some(found) = newest.programme.rules.iter().find(|found| found.code == rule) {
            limit = found.budget.as_ref().map_or(limit, |budget| Some(budget.points));
        }
        let given: i64 = self
            .members
            .iter()
            .flatten()
            .flat_map(|member| &member.given)
            .filter(|(code, ..)| *code == rule)
            .map(|(_, _, points)| points)
            .sum();
        Some(limit? - given)
    }

    /// Remembers a document that is no purchase.
    fn file(&mut self, key: &DocumentKey, content: String, member: usize) {
        self.filed.push(Filed { key: key.clone(), content, member, purchase: None });
    }

    fn filed(&self, key: &DocumentKey) -> Option<&Filed> {
        self.filed.iter().find(|filed| filed.key == *key)
    }

    /// The answer to a document that came before: none if it is new.
    fn seen(&self, key: &DocumentKey, content: &str) -> Option<Outcome> {
        let filed = self.filed(key)?;
        Some(if filed.content == content { Outcome::Duplicate } else { Outcome::Refused("document_differs") })
    }

    pub fn enrol(&mut self, member: usize, at: Timestamp, now: Timestamp) -> Outcome {
        let left = |rule| self.budget_left(rule);
        let (joined, statements) = Member::enrol(&self.versions, &self.zone, at, now, &left);
        self.members[member] = Some(joined);
        Outcome::Recorded(statements)
    }

    pub fn purchase(&mut self, member: usize, purchase: &Purchase, now: Timestamp) -> Outcome {
        let content = format!("{purchase:?}");
        if let Some(seen) = self.seen(&purchase.key, &content) {
            return seen;
        }
        for hold in purchase.holds() {
            let known = self.members[member].as_ref().expect("enrolled");
            if let Err(code) = known.ended_before(hold) {
                return Outcome::Refused(code);
            }
        }
        let holds: Vec<&DocumentKey> = purchase.holds().collect();
        if (1..holds.len()).any(|later| holds[..later].contains(&holds[later])) {
            return Outcome::Refused("field_invalid");
        }
        let left = |rule| self.budget_left(rule);
        let mut changed = self.members[member].clone().expect("enrolled");
        let mut statements = match changed.purchase(&self.versions, &self.zone, purchase, now, &left) {
            Ok(statements) => statements,
            Err(code) => return Outcome::Refused(code),
        };
        let position = changed.bought.len() - 1;
        self.members[member] = Some(changed);
        self.filed.push(Filed { key: purchase.key.clone(), content, member, purchase: Some(position) });
        for waiting in std::mem::take(&mut self.parked) {
            if waiting.purchase == purchase.key
                && let Outcome::Recorded(more) = self.apply_return(member, position, &waiting, now)
            {
                statements.extend(more);
            } else {
                self.parked.push(waiting);
            }
        }
        Outcome::Recorded(statements)
    }

    fn apply_return(&mut self, member: usize, position: usize, document: &Return, now: Timestamp) -> Outcome {
        let mut changed = self.members[member].clone().expect("enrolled");
        match changed.take_back(&self.versions, &self.zone, position, document, now) {
            Err(code) => Outcome::Refused(code),
            Ok(statements) => {
                self.members[member] = Some(changed);
                let (key, content) = (document.key.clone(), format!("{document:?}"));
                self.filed.push(Filed { key, content, member, purchase: None });
                Outcome::Recorded(statements)
            }
        }
    }

    pub fn take_back(&mut self, document: &Return, now: Timestamp) -> Outcome {
        if let Some(seen) = self.seen(&document.key, &format!("{document:?}")) {
            return seen;
        }
        if let Some(parked) = self.parked.iter().find(|parked| parked.key == document.key) {
            return if parked == document { Outcome::Parked } else { Outcome::Refused("document_differs") };
        }
        match self.filed(&document.purchase).map(|filed| (filed.member, filed.purchase)) {
            None => {
                self.parked.push(document.clone());
                Outcome::Parked
            }
            Some((_, None)) => Outcome::Refused("not_a_purchase"),
            Some((member, Some(position))) => self.apply_return(member, position, document, now),
        }
    }

    pub fn activity(&mut self, member: usize, activity: &Activity, now: Timestamp) -> Outcome {
        let content = format!("{activity:?}");
        if let Some(seen) = self.seen(&activity.key, &content) {
            return seen;
        }
        let left = |rule| self.budget_left(rule);
        let mut changed = self.members[member].clone().expect("enrolled");
        match changed.activity(&self.versions, &self.zone, activity, now, &left) {
            Err(code) => Outcome::Refused(code),
            Ok(statements) => {
                self.members[member] = Some(changed);
                self.filed.push(Filed { key: activity.key.clone(), content, member, purchase: None });
                Outcome::Recorded(statements)
            }
        }
    }

    pub fn adjust(&mut self, member: usize, adjustment: &Adjustment, actor: &str, now: Timestamp) -> Outcome {
        let mut changed = self.members[member].clone().expect("enrolled");
        match changed.adjust(&self.versions, &self.zone, adjustment, actor, now) {
            Err(code) => Outcome::Refused(code),
            Ok(statements) => {
                self.members[member] = Some(changed);
                Outcome::Recorded(statements)
            }
        }
    }

    pub fn pass_time(&mut self, member: usize, now: Timestamp) -> Outcome {
        let mut changed = self.members[member].clone().expect("enrolled");
        let statements = changed.pass_time(&self.versions, &self.zone, now);
        self.members[member] = Some(changed);
        Outcome::Recorded(statements)
    }
}

/// The version in force at an instant: of those already effective the one effective last, and of several with the
/// same date the one published last.
pub fn version_at(versions: &[Version], instant: Timestamp) -> Option<&Version> {
    let effective = versions.iter().filter(|version| version.effective_at <= instant);
    effective.max_by_key(|version| (version.effective_at, version.number))
}
