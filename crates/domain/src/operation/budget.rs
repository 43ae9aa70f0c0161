//! What campaign budgets and reward stocks have left while a batch of commands is decided, and what the batch took
//! of them.

use crate::code::Code;
use crate::ledger::Award;
use crate::programme::Budgets;
use crate::seeded::{Bug, planted};

/// Budgets and stocks as loaded, less what this batch has taken.
#[derive(Debug, Clone, Default)]
pub struct BudgetLedger {
    left: Vec<(Code, i64)>,
    spent: Vec<(Code, i64)>,
    stock_left: Vec<(Code, i64)>,
    stock_taken: Vec<(Code, i64)>,
}

impl BudgetLedger {
    /// Starts from the points left of each budgeted rule.
    pub fn new(left: Vec<(Code, i64)>) -> Self {
        Self { left, ..Self::default() }
    }

    /// Adds the units left of each reward with a stock.
    #[must_use]
    pub fn with_stock(mut self, left: Vec<(Code, i64)>) -> Self {
        self.stock_left = left;
        self
    }

    /// Units of a reward that are left; without a stock there is no end.
    pub fn units_left(&self, reward: Code) -> i64 {
        self.stock_left.iter().find(|(code, _)| *code == reward).map_or(i64::MAX, |(_, left)| (*left).max(0))
    }

    /// Takes units of a reward; less than 0 puts them back. Without a stock nothing is counted.
    pub fn take_units(&mut self, reward: Code, units: i64) {
        let Some((_, left)) = self.stock_left.iter_mut().find(|(code, _)| *code == reward) else { return };
        *left = left.saturating_sub(units);
        add(&mut self.stock_taken, reward, units);
    }

    /// Units taken since loading less those put back, by reward, in the order of the rewards' codes.
    pub fn taken(&self) -> &[(Code, i64)] {
        &self.stock_taken
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
            add(&mut self.spent, award.rule, award.points);
        }
    }
}

fn add(sums: &mut Vec<(Code, i64)>, code: Code, more: i64) {
    match sums.binary_search_by_key(&code, |(known, _)| *known) {
        Ok(position) => sums[position].1 = sums[position].1.saturating_add(more),
        Err(position) => sums.insert(position, (code, more)),
    }
}

impl Budgets for BudgetLedger {
    fn points_left(&self, rule: Code) -> i64 {
        self.left.iter().find(|(code, _)| *code == rule).map_or(i64::MAX, |(_, left)| (*left).max(0))
    }
}
