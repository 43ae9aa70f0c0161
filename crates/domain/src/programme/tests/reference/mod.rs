//! The evaluator once more, the slow and obvious way: read off the document rule by rule, line by line, sharing
//! no code with the engine. What both say must be equal.

mod conditions;
mod judge;

use jiff::civil::DateTime;

pub(super) use self::judge::judge;
use crate::code::Code;
use crate::document::Purchase;
use crate::ledger::{CapPeriod, Circumstances};
use crate::programme::Programme;

/// What a rule has granted before and what its budget holds, by position of the rule.
#[derive(Debug, Clone)]
pub(super) struct Book {
    /// For day, month and lifetime.
    pub(super) granted: Vec<[(u32, i64); 3]>,
    pub(super) budget_left: Vec<i64>,
    pub(super) shopping_days: u32,
}

/// A purchase to be judged, with all that the judgement depends on.
#[derive(Debug, Clone)]
pub(super) struct Case {
    pub(super) programme: Programme,
    pub(super) purchase: Purchase,
    pub(super) circumstances: Circumstances,
    pub(super) local: DateTime,
    pub(super) book: Book,
}

/// What a rule gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Given {
    pub(super) rule: Code,
    pub(super) points: i64,
    pub(super) shares: Vec<i64>,
    pub(super) funding: Vec<(Code, i64)>,
}

impl crate::programme::Granted for Case {
    fn granted(&self, rule: Code, period: CapPeriod, _: i32) -> (u32, i64) {
        let position = self.programme.rules.iter().position(|other| other.code == rule).unwrap();
        let column = match period {
            CapPeriod::Day => 0,
            CapPeriod::Month => 1,
            CapPeriod::Lifetime => 2,
        };
        self.book.granted[position][column]
    }
    fn shopping_days(&self, _: jiff::civil::Date) -> u32 {
        self.book.shopping_days
    }
}

impl crate::programme::Budgets for Case {
    fn points_left(&self, rule: Code) -> i64 {
        let position = self.programme.rules.iter().position(|other| other.code == rule).unwrap();
        self.book.budget_left[position]
    }
}
