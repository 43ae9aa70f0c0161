//! Finds the purchases that returns come from, where files do not say it. Purchase lines wait for their return
//! for a stated time and in a stated number: memory is bounded, and what is forgotten is counted.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::hash::{DefaultHasher, Hash, Hasher};

use domain::document::ReturnLine;

use super::map::{ReturnMap, ReturnMatch};

const MICROS_PER_DAY: i64 = 86_400_000_000;

/// Purchase lines that may come back.
pub(super) struct Matcher {
    by_member: bool,
    window_micros: i64,
    lines_max: usize,
    purchases: VecDeque<OpenPurchase>,
    /// Number of the first purchase in `purchases`.
    first_purchase: u64,
    lines: VecDeque<OpenLine>,
    /// Number of the first line in `lines`, from 1.
    first_line: u64,
    /// The latest line of a key.
    latest: HashMap<u128, u64>,
    /// Lines that were forgotten because too many waited.
    pub(super) forgotten_lines: u64,
}

struct OpenPurchase {
    reference: Box<str>,
    occurred_at: i64,
    line_count: u32,
}

struct OpenLine {
    key: u128,
    /// The line before it with the same key; 0 if there is none.
    previous: u64,
    purchase: u64,
    /// Minor units that have not come back.
    left: i64,
    line: u32,
}

/// What a return gives back from one purchase.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Match {
    pub(super) purchase: String,
    pub(super) lines: Vec<ReturnLine>,
}

/// One line of a return.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wanted<'a> {
    /// The member, or the purchase that the return names.
    pub(super) owner: &'a str,
    pub(super) sku: &'a str,
    pub(super) currency: &'a str,
    pub(super) amount: i64,
}

impl Matcher {
    pub(super) fn new(map: &ReturnMap) -> Self {
        Self {
            by_member: map.matching == ReturnMatch::MemberSkuLatest,
            window_micros: i64::from(map.window_days).saturating_mul(MICROS_PER_DAY),
            lines_max: usize::try_from(map.open_lines_max).unwrap_or(usize::MAX),
            purchases: VecDeque::new(),
            first_purchase: 1,
            lines: VecDeque::new(),
            first_line: 1,
            latest: HashMap::new(),
            forgotten_lines: 0,
        }
    }

    /// Whether returns are found by their member rather than by the purchase they name.
    pub(super) fn by_member(&self) -> bool {
        self.by_member
    }

    /// Lets the lines of a purchase wait; `lines` gives SKU and amount of each.
    pub(super) fn add<'a>(
        &mut self,
        (member, reference, currency): (&str, &str, &str),
        occurred_at: i64,
        lines: impl Iterator<Item = (&'a str, i64)>,
    ) {
        self.forget_until(occurred_at.saturating_sub(self.window_micros));
        let owner = if self.by_member { member } else { reference };
        let purchase = self.first_purchase + self.purchases.len() as u64;
        let mut line_count = 0;
        for (line, (sku, amount)) in (0_u32..).zip(lines) {
            if amount <= 0 {
                continue;
            }
            let key = key(owner, sku, currency);
            let number = self.first_line + self.lines.len() as u64;
            let previous = self.latest.insert(key, number).unwrap_or(0);
            self.lines.push_back(OpenLine { key, previous, purchase, left: amount, line });
            line_count += 1;
        }
        self.purchases.push_back(OpenPurchase { reference: reference.into(), occurred_at, line_count });
        while self.lines.len() > self.lines_max && self.purchases.len() > 1 {
            self.forgotten_lines += self.forget_first();
        }
    }

    /// Takes the value of a return line from the lines it may come from, and notes it in `matches` by purchase.
    /// Returns the value for which there is none.
    pub(super) fn take(
        &mut self,
        wanted: Wanted<'_>,
        occurred_at: i64,
        matches: &mut BTreeMap<u64, Match>,
    ) -> i64 {
        self.forget_until(occurred_at.saturating_sub(self.window_micros));
        let candidates = self.candidates(wanted);
        // One line with enough is likelier than several that add up.
        let enough = candidates.iter().copied().find(|number| self.left(*number) >= wanted.amount);
        let chosen = enough.map_or(candidates, |number| vec![number]);
        let mut missing = wanted.amount;
        for number in chosen {
            if missing == 0 {
                break;
            }
            let Some(line) = self.position(number).and_then(|position| self.lines.get_mut(position)) else {
                continue;
            };
            let amount = line.left.min(missing);
            line.left -= amount;
            missing -= amount;
            let (purchase, returned) = (line.purchase, ReturnLine { line: line.line, amount });
            self.note(matches, purchase, returned);
        }
        missing
    }

    fn note(&self, matches: &mut BTreeMap<u64, Match>, purchase: u64, returned: ReturnLine) {
        let position = usize::try_from(purchase.saturating_sub(self.first_purchase)).unwrap_or(usize::MAX);
        let Some(open) = self.purchases.get(position) else { return };
        let found = matches
            .entry(purchase)
            .or_insert_with(|| Match { purchase: open.reference.to_string(), lines: Vec::new() });
        match found.lines.iter_mut().find(|line| line.line == returned.line) {
            Some(line) => line.amount += returned.amount,
            None => found.lines.push(returned),
        }
    }

    /// Lines with something left, latest first.
    fn candidates(&mut self, wanted: Wanted<'_>) -> Vec<u64> {
        let mut found = Vec::new();
        let mut number =
            self.latest.get(&key(wanted.owner, wanted.sku, wanted.currency)).copied().unwrap_or(0);
        let mut total = 0_i64;
        while let Some(line) = self.position(number).and_then(|position| self.lines.get(position)) {
            if line.left > 0 {
                found.push(number);
                total = total.saturating_add(line.left);
                if line.left >= wanted.amount {
                    break;
                }
            }
            number = line.previous;
        }
        found
    }

    fn left(&self, number: u64) -> i64 {
        self.position(number).and_then(|position| self.lines.get(position)).map_or(0, |line| line.left)
    }

    fn position(&self, number: u64) -> Option<usize> {
        usize::try_from(number.checked_sub(self.first_line)?).ok()
    }

    fn forget_until(&mut self, oldest: i64) {
        while self.purchases.front().is_some_and(|purchase| purchase.occurred_at < oldest) {
            self.forget_first();
        }
    }

    /// Forgets the oldest purchase and says how many of its lines still waited.
    fn forget_first(&mut self) -> u64 {
        let Some(purchase) = self.purchases.pop_front() else { return 0 };
        self.first_purchase += 1;
        let mut waiting = 0;
        for _ in 0..purchase.line_count {
            let Some(line) = self.lines.pop_front() else { break };
            if self.latest.get(&line.key) == Some(&self.first_line) {
                self.latest.remove(&line.key);
            }
            self.first_line += 1;
            waiting += u64::from(line.left > 0);
        }
        waiting
    }
}

/// A hash of 128 bits stands for owner, SKU and currency: of a billion keys, two are alike with a chance of one in
/// 10^20.
fn key(owner: &str, sku: &str, currency: &str) -> u128 {
    let half = |seed: u8| {
        let mut hasher = DefaultHasher::new();
        hasher.write_u8(seed);
        (owner, sku, currency).hash(&mut hasher);
        hasher.finish()
    };
    (u128::from(half(0)) << 64) | u128::from(half(1))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use domain::document::ReturnLine;

    use super::{MICROS_PER_DAY, Matcher, Wanted};
    use crate::import::map::{Policy, ReturnAmounts, ReturnMap, ReturnMatch, ReturnSign};

    fn matcher(open_lines_max: u32) -> Matcher {
        Matcher::new(&ReturnMap {
            when: ReturnSign::NegativeAmount,
            column: None,
            equals: Vec::new(),
            prefix: Vec::new(),
            amounts: ReturnAmounts::Negative,
            matching: ReturnMatch::MemberSkuLatest,
            purchase: None,
            purchase_strip: None,
            window_days: 30,
            open_lines_max,
            unmatched: Policy::Drop,
        })
    }

    fn buy(matcher: &mut Matcher, reference: &str, day: i64, lines: &[(&str, i64)]) {
        matcher.add(("ann", reference, "GBP"), day * MICROS_PER_DAY, lines.iter().copied());
    }

    /// Returns an amount of a SKU and expects `(purchase, line, amount)` and what is missing.
    fn check(
        matcher: &mut Matcher,
        day: i64,
        sku: &str,
        amount: i64,
        expected: &[(&str, u32, i64)],
        missing: i64,
    ) {
        let mut by_purchase = BTreeMap::new();
        let wanted = Wanted { owner: "ann", sku, currency: "GBP", amount };
        assert_eq!(matcher.take(wanted, day * MICROS_PER_DAY, &mut by_purchase), missing);
        let found: Vec<(String, ReturnLine)> = by_purchase
            .into_values()
            .flat_map(|found| found.lines.into_iter().map(move |line| (found.purchase.clone(), line)))
            .collect();
        let expected: Vec<(String, ReturnLine)> = expected
            .iter()
            .map(|(purchase, line, amount)| {
                ((*purchase).to_owned(), ReturnLine { line: *line, amount: *amount })
            })
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn the_latest_line_with_enough_is_taken() {
        let mut open = matcher(100);
        buy(&mut open, "r1", 1, &[("mug", 500), ("pen", 100)]);
        buy(&mut open, "r2", 2, &[("pen", 100), ("mug", 200)]);
        check(&mut open, 3, "mug", 150, &[("r2", 1, 150)], 0);
        check(&mut open, 3, "mug", 60, &[("r1", 0, 60)], 0);
        check(&mut open, 3, "mug", 50, &[("r2", 1, 50)], 0);
        check(&mut open, 3, "hat", 50, &[], 50);
    }

    #[test]
    fn where_none_has_enough_the_latest_ones_add_up() {
        let mut open = matcher(100);
        buy(&mut open, "r1", 1, &[("mug", 300)]);
        buy(&mut open, "r2", 2, &[("mug", 200)]);
        check(&mut open, 3, "mug", 400, &[("r1", 0, 200), ("r2", 0, 200)], 0);
        check(&mut open, 3, "mug", 150, &[("r1", 0, 100)], 50);
    }

    #[test]
    fn lines_are_forgotten_after_the_window_or_when_too_many_wait() {
        let mut open = matcher(2);
        buy(&mut open, "r1", 1, &[("mug", 300)]);
        check(&mut open, 32, "mug", 300, &[], 300);
        assert_eq!(open.forgotten_lines, 0);
        buy(&mut open, "r2", 40, &[("mug", 300), ("pen", 1)]);
        buy(&mut open, "r3", 41, &[("mug", 100)]);
        assert_eq!(open.forgotten_lines, 2);
        check(&mut open, 42, "mug", 300, &[("r3", 0, 100)], 200);
    }

    #[test]
    fn other_members_lines_are_not_taken() {
        let mut open = matcher(100);
        open.add(("bob", "r1", "GBP"), 0, [("mug", 300)].into_iter());
        check(&mut open, 1, "mug", 300, &[], 300);
    }
}
