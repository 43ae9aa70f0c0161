//! What the models know of a customer, and how many customers share it. Equal histories are counted once, so that a
//! fit costs by distinct histories; a tally keeps the counts up to date while customers go on buying.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use super::error::{CustomerBaseError, HistoryFault};

/// A customer in continuous time, which runs from the first purchase: `x`, `t_x` and `T` of the papers.
#[derive(Debug, Clone, Copy)]
pub struct History {
    repeats: u32,
    recency: f64,
    age: f64,
}

impl History {
    /// `repeats` purchases after the first, the last of them at `recency`, observed until `age`. Any unit of time, the
    /// same for all.
    pub fn new(repeats: u32, recency: f64, age: f64) -> Result<Self, HistoryFault> {
        for (field, value) in [("recency", recency), ("age", age)] {
            if !value.is_finite() {
                return Err(HistoryFault::NotFinite { field, value });
            }
            if value < 0.0 {
                return Err(HistoryFault::NegativeTime { field, value });
            }
        }
        if recency > age {
            return Err(HistoryFault::RecencyBeyondAge { recency, age });
        }
        if repeats == 0 && recency > 0.0 {
            return Err(HistoryFault::RecencyWithoutRepeat { recency });
        }
        // Adding 0 turns −0 into 0, so that equal times are equal histories.
        Ok(Self { repeats, recency: recency + 0.0, age: age + 0.0 })
    }

    /// Purchases after the first.
    pub fn repeats(&self) -> u32 {
        self.repeats
    }

    /// Time of the last purchase; 0 without repeats.
    pub fn recency(&self) -> f64 {
        self.recency
    }

    /// Length of observation.
    pub fn age(&self) -> f64 {
        self.age
    }

    /// Both times to the nearest multiple of `step`, so that more histories are equal. An approximation: choose a step
    /// well below the shortest usual gap between purchases.
    pub fn rounded(&self, step: f64) -> Result<Self, CustomerBaseError> {
        if !(step > 0.0 && step.is_finite()) {
            let wanted = "a finite step above 0";
            return Err(CustomerBaseError::Argument { name: "step", value: step, wanted });
        }
        // Rounding keeps order, so recency stays within age.
        let nearest = |time: f64| (time / step).round() * step;
        Ok(Self { repeats: self.repeats, recency: nearest(self.recency), age: nearest(self.age) })
    }
}

impl Ord for History {
    /// By repeats first: the models walk through groups of equal repeats.
    fn cmp(&self, other: &Self) -> Ordering {
        self.repeats
            .cmp(&other.repeats)
            .then_with(|| self.recency.total_cmp(&other.recency))
            .then_with(|| self.age.total_cmp(&other.age))
    }
}

impl PartialOrd for History {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for History {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for History {}

/// A customer in discrete time: which of the opportunities to buy were used. `x`, `t_x` and `n` of the paper.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct OpportunityHistory {
    opportunities: u32,
    last: u32,
    purchases: u32,
}

impl OpportunityHistory {
    /// `purchases` at as many of the `opportunities`, the last of them at opportunity number `last`, from 1; 0 if none.
    pub fn new(purchases: u32, last: u32, opportunities: u32) -> Result<Self, HistoryFault> {
        if purchases > last || last > opportunities || (purchases == 0) != (last == 0) {
            return Err(HistoryFault::CountsOutOfOrder { purchases, last, opportunities });
        }
        Ok(Self { opportunities, last, purchases })
    }

    /// Opportunities used.
    pub fn purchases(&self) -> u32 {
        self.purchases
    }

    /// Number of the last opportunity used.
    pub fn last(&self) -> u32 {
        self.last
    }

    /// Opportunities there were.
    pub fn opportunities(&self) -> u32 {
        self.opportunities
    }
}

/// What a customer spends: a mean over a number of purchases.
#[derive(Debug, Clone, Copy)]
pub struct Spend {
    purchases: u32,
    mean: f64,
}

impl Spend {
    /// `purchases` of `mean` each on average, both above 0.
    pub fn new(purchases: u32, mean: f64) -> Result<Self, HistoryFault> {
        if purchases == 0 {
            return Err(HistoryFault::NoPurchases { mean });
        }
        if !(mean > 0.0 && mean.is_finite()) {
            return Err(HistoryFault::SpendNotPositive { mean });
        }
        Ok(Self { purchases, mean })
    }

    /// Number of purchases.
    pub fn purchases(&self) -> u32 {
        self.purchases
    }

    /// Mean spend per purchase.
    pub fn mean(&self) -> f64 {
        self.mean
    }
}

impl Ord for Spend {
    fn cmp(&self, other: &Self) -> Ordering {
        self.purchases.cmp(&other.purchases).then_with(|| self.mean.total_cmp(&other.mean))
    }
}

impl PartialOrd for Spend {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Spend {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Spend {}

/// Distinct histories in ascending order, each with the number of customers who share it: all a fit needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Groups<H>(Vec<(H, u64)>);

impl<H: Ord + Copy> Groups<H> {
    /// Counts equal histories.
    pub fn of(mut histories: Vec<H>) -> Self {
        histories.sort_unstable();
        Self(histories.chunk_by(H::eq).map(|equal| (equal[0], equal.len() as u64)).collect())
    }

    /// Counts rows, and names the first that is no history.
    pub fn from_rows(
        rows: impl IntoIterator<Item = Result<H, HistoryFault>>,
    ) -> Result<Self, CustomerBaseError> {
        let histories: Result<Vec<H>, _> = rows
            .into_iter()
            .enumerate()
            .map(|(row, history)| history.map_err(|fault| CustomerBaseError::Row { row, fault }))
            .collect();
        Ok(Self::of(histories?))
    }

    /// The groups, ascending.
    pub fn as_slice(&self) -> &[(H, u64)] {
        &self.0
    }

    /// Customers in all groups.
    pub fn customers(&self) -> u64 {
        self.0.iter().map(|(_, customers)| customers).sum()
    }

    /// Every `step`-th group.
    pub(super) fn thinned(&self, step: usize) -> Self {
        Self(self.0.iter().step_by(step).copied().collect())
    }
}

/// Counts of histories that change: customers come, buy again, grow older.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tally<H> {
    counts: BTreeMap<H, u64>,
}

impl<H: Ord> Default for Tally<H> {
    fn default() -> Self {
        Self { counts: BTreeMap::new() }
    }
}

impl<H: Ord + Copy> Tally<H> {
    /// Counts one more customer with this history.
    pub fn add(&mut self, history: H) {
        *self.counts.entry(history).or_insert(0) += 1;
    }

    /// Counts one fewer.
    pub fn remove(&mut self, history: &H) -> Result<(), CustomerBaseError> {
        let count = self.counts.get_mut(history).ok_or(CustomerBaseError::NotCounted)?;
        *count -= 1;
        if *count == 0 {
            self.counts.remove(history);
        }
        Ok(())
    }

    /// Moves a customer from one history to the next; nothing changes if the old one was not counted.
    pub fn replace(&mut self, old: &H, new: H) -> Result<(), CustomerBaseError> {
        self.remove(old)?;
        self.add(new);
        Ok(())
    }

    /// Adds the counts of another tally, of other customers.
    pub fn merge(&mut self, other: &Self) {
        for (history, customers) in &other.counts {
            *self.counts.entry(*history).or_insert(0) += customers;
        }
    }

    /// The counts as they stand.
    pub fn groups(&self) -> Groups<H> {
        Groups(self.counts.iter().map(|(history, customers)| (*history, *customers)).collect())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::{Groups, History, HistoryFault, OpportunityHistory, Spend, Tally};
    use crate::customer_base::CustomerBaseError;

    #[test]
    fn a_row_that_contradicts_itself_is_named_with_its_number_and_value() {
        let rows = [(2, 10.0, 20.0), (1, 30.0, 20.0), (1, -1.0, 20.0)];
        let fault = Groups::from_rows(rows.map(|(x, recency, age)| History::new(x, recency, age)));
        assert_eq!(
            fault.unwrap_err().to_string(),
            "row 1: recency 30 lies after age 20; count purchases up to the end of observation only"
        );
        let fault = |x, recency, age| History::new(x, recency, age).unwrap_err().to_string();
        assert!(fault(1, -1.0, 20.0).starts_with("recency is -1; times run from"));
        assert!(fault(0, 0.0, -2.0).starts_with("age is -2; times run from"));
        assert!(fault(0, 0.0, f64::NAN).starts_with("age is NaN; give a finite number"));
        assert!(fault(1, f64::INFINITY, f64::INFINITY).starts_with("recency is inf"));
        assert!(fault(0, 3.0, 20.0).starts_with("recency is 3 without a repeat purchase"));
    }

    #[test]
    fn counts_and_spend_that_cannot_be_are_refused() {
        for (purchases, last, opportunities) in [(3, 2, 6), (1, 7, 6), (0, 1, 6), (1, 0, 6)] {
            let found = OpportunityHistory::new(purchases, last, opportunities).unwrap_err();
            assert_eq!(found, HistoryFault::CountsOutOfOrder { purchases, last, opportunities });
        }
        assert_eq!(Spend::new(0, 5.0).unwrap_err(), HistoryFault::NoPurchases { mean: 5.0 });
        assert_eq!(Spend::new(2, 0.0).unwrap_err(), HistoryFault::SpendNotPositive { mean: 0.0 });
        assert!(Spend::new(2, f64::NAN).is_err());
    }

    #[test]
    fn a_tally_kept_up_to_date_equals_a_count_from_scratch() {
        let history = |x, recency, age| History::new(x, recency, age).expect("a history");
        let mut tally = Tally::default();
        for _ in 0..3 {
            tally.add(history(0, 0.0, 10.0));
        }
        tally.add(history(1, 4.0, 10.0));
        tally.replace(&history(0, 0.0, 10.0), history(1, 4.0, 10.0)).expect("was counted");
        tally.replace(&history(0, 0.0, 10.0), history(1, 9.0, 10.0)).expect("was counted");
        let mut other = Tally::default();
        other.add(history(2, 9.0, 10.0));
        tally.merge(&other);
        let fresh = Groups::of(vec![
            history(1, 4.0, 10.0),
            history(2, 9.0, 10.0),
            history(0, -0.0, 10.0),
            history(1, 9.0, 10.0),
            history(1, 4.0, 10.0),
        ]);
        assert_eq!(tally.groups(), fresh);
        assert_eq!((fresh.customers(), fresh.as_slice().len()), (5, 4));
        let before = tally.clone();
        let missing = tally.replace(&history(9, 1.0, 2.0), history(0, 0.0, 1.0));
        assert_eq!((missing, &tally), (Err(CustomerBaseError::NotCounted), &before));
    }

    #[test]
    fn rounding_joins_histories_and_keeps_them_valid() {
        let round =
            |recency, age| History::new(1, recency, age).expect("a history").rounded(0.5).expect("a step");
        assert_eq!(round(3.1, 10.2), round(2.9, 9.8));
        assert_eq!((round(9.76, 9.77).recency(), round(9.76, 9.77).age()), (10.0, 10.0));
        assert!(History::new(0, 0.0, 1.0).expect("a history").rounded(0.0).is_err());
    }
}
