//! What campaign budgets have left while a batch of commands is decided, and what the batch spent of them.

use crate::code::Code;
use crate::ledger::Award;
use crate::programme::Budgets;
use crate::seeded::{Bug, planted};

/// Budgets as loaded, less what this batch has spent.
#[derive(Debug, Clone, Default)]
pub struct BudgetLedger {
    left: Vec<(Code, i64)>,
    spent: Vec<(Code, i64)>,
}

impl BudgetLedger {
    /// Starts from the points left of each budgeted rule.
    pub fn new(left: Vec<(Code, i64)>) -> Self {
        Self { left, spent: Vec::new() }
    }

    /// What was spent since loading, by rule, in the order of the rules' codes.
    pub fn spent(&self) -> &[(Code, i64)] {
        &self.spent
    }

    /// Takes awards out of the budgets of their rules.
    pub fn spend(&mut self, awards: &[Award]) {
        for award in awards.iter().filter(|_| !planted(Bug::BudgetNotSpent)) {
            let Some((_, left)) = self.left.iter_mut().find(|(rule, _)| *rule == award.rule) else {
                continue;
            };
            *left = left.saturating_sub(award.points);
            match self.spent.binary_search_by_key(&award.rule, |(rule, _)| *rule) {
                Ok(position) => self.spent[position].1 = self.spent[position].1.saturating_add(award.points),
                Err(position) => self.spent.insert(position, (award.rule, award.points)),
            }
        }
    }
}

impl Budgets for BudgetLedger {
    fn points_left(&self, rule: Code) -> i64 {
        self.left.iter().find(|(code, _)| *code == rule).map_or(i64::MAX, |(_, left)| (*left).max(0))
    }
}
