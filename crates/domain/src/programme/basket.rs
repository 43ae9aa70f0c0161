//! The lines of a purchase as the rules see them: what of each line earns, and for which rules it counts.

use super::CompiledProgramme;
use super::rule_set::RuleSet;
use crate::document::{Purchase, PurchaseLine};

/// Lines that fit on the stack; longer purchases go to the heap.
pub(super) const LINES_INLINE: usize = 16;

/// A line as the rules see it.
#[derive(Clone, Copy)]
pub(super) struct Line {
    amount: i64,
    quantity_milli: i64,
    /// The rules it counts for.
    rules: RuleSet,
}

impl Line {
    pub(super) const NONE: Self = Self { amount: 0, quantity_milli: 0, rules: RuleSet::EMPTY };

    fn new(line: &PurchaseLine, programme: &CompiledProgramme, everything: &RuleSet) -> Self {
        let index = &programme.index;
        let mut rules = *everything;
        if !index.category.is_unused() {
            rules.retain(index.category.pass_one(Some(&line.category)));
        }
        if !index.brand.is_unused() {
            rules.retain(index.brand.pass_one(Some(&line.brand)));
        }
        if !index.sku.is_unused() {
            rules.retain(index.sku.pass_one(Some(&line.sku)));
        }
        if !index.tag.is_unused() {
            rules.retain(&index.tag.pass(line.tags.iter().map(String::as_str)));
        }
        let untaxed = line.amount.saturating_sub(line.tax);
        let amount = if programme.programme().earning.tax_earns { line.amount } else { untaxed };
        Self { amount, quantity_milli: line.quantity_milli, rules }
    }
}

/// The lines of a purchase, and the part of it that was paid in a way that earns.
pub(super) struct Basket<'a> {
    lines: &'a [Line],
    /// What was paid in a way that earns, of how much in all; none where everything earns.
    paid: Option<(i64, i64)>,
}

impl<'a> Basket<'a> {
    /// A basket without lines, for activities.
    pub(super) const EMPTY: Self = Basket { lines: &[], paid: None };

    /// Fills `lines` (one for each line of the purchase) for the rules in `open`.
    pub(super) fn new(
        purchase: &Purchase,
        programme: &CompiledProgramme,
        open: &RuleSet,
        lines: &'a mut [Line],
    ) -> Self {
        for (line, source) in lines.iter_mut().zip(&purchase.lines) {
            *line = Line::new(source, programme, open);
        }
        Self { lines, paid: paid(purchase, &programme.programme().earning.excluded_payments) }
    }

    /// How many lines there are.
    pub(super) fn line_count(&self) -> usize {
        self.lines.len()
    }

    /// The rules for which at least one line counts.
    pub(super) fn counted_by(&self) -> RuleSet {
        self.lines.iter().fold(RuleSet::EMPTY, |rules, line| rules.or(&line.rules))
    }

    /// What earns of the lines that count for all of `rules`: their sum, not below 0, as far as it was paid in
    /// a way that earns.
    pub(super) fn earning(&self, rules: &RuleSet) -> i64 {
        self.proportion(self.sum(rules).max(0))
    }

    /// The sum of the lines that count for all of `rules`.
    pub(super) fn sum(&self, rules: &RuleSet) -> i64 {
        self.counting(rules).fold(0, |sum: i64, line| sum.saturating_add(line.amount))
    }

    /// Items in thousandths on the lines that count for all of `rules`.
    pub(super) fn quantity_milli(&self, rules: &RuleSet) -> i64 {
        self.counting(rules).fold(0, |sum: i64, line| sum.saturating_add(line.quantity_milli))
    }

    /// Puts into `weights` the amounts of the lines that count for a rule, 0 for the others and for negative
    /// ones.
    pub(super) fn weigh(&self, rule: usize, weights: &mut [i64]) {
        for (weight, line) in weights.iter_mut().zip(self.lines) {
            *weight = if line.rules.contains(rule) { line.amount.max(0) } else { 0 };
        }
    }

    /// Whether a line counts for a rule.
    pub(super) fn counts(&self, line: usize, rule: usize) -> bool {
        self.lines[line].rules.contains(rule)
    }

    fn counting<'s>(&'s self, rules: &RuleSet) -> impl Iterator<Item = &'s Line> + use<'s, 'a> {
        let rules = *rules;
        self.lines.iter().filter(move |line| line.rules.contains_all(&rules))
    }

    fn proportion(&self, amount: i64) -> i64 {
        match self.paid {
            None => amount,
            Some((paid, total)) if paid > 0 => {
                // Two 63-bit factors stay below 2^126; the quotient is at most `amount` because paid < total.
                let earning = i128::from(amount) * i128::from(paid) / i128::from(total);
                i64::try_from(earning).unwrap_or(i64::MAX)
            }
            Some(_) => 0,
        }
    }
}

/// What was paid in a way that earns, of how much in all; none where everything earns.
fn paid(purchase: &Purchase, excluded: &[String]) -> Option<(i64, i64)> {
    let unearning = purchase
        .payments
        .iter()
        .filter(|payment| excluded.contains(&payment.method))
        .fold(0, |sum: i64, payment| sum.saturating_add(payment.amount.max(0)));
    let total = total(purchase);
    (unearning > 0).then(|| (total.saturating_sub(unearning), total))
}

/// The total of the receipt.
pub(super) fn total(purchase: &Purchase) -> i64 {
    purchase.lines.iter().fold(0, |sum: i64, line| sum.saturating_add(line.amount))
}
