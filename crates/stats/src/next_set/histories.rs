//! Who chose what, and how long ago: eight bytes for each item of each set.

use crate::association::incidence::Incidence;

/// Sequences of sets, one per holder.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Histories {
    /// Where each holder begins in `choices`; one more than there are holders.
    starts: Vec<usize>,
    choices: Vec<Choice>,
    item_count: usize,
}

/// An item in one of a holder's sets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Choice {
    /// The item.
    pub item: u32,
    /// How many sets of the same holder came later.
    pub age: u32,
}

impl Histories {
    /// Takes in each holder's sets, oldest first. An item twice in a set counts twice: hand over distinct ones.
    pub fn from_sequences<S: AsRef<[u32]>, H: AsRef<[S]>>(holders: impl IntoIterator<Item = H>) -> Self {
        let mut histories = Self { starts: vec![0], ..Self::default() };
        for holder in holders {
            for (age, set) in (0_u32..).zip(holder.as_ref().iter().rev()) {
                for item in set.as_ref() {
                    histories.item_count = histories.item_count.max(*item as usize + 1);
                    histories.choices.push(Choice { item: *item, age });
                }
            }
            histories.starts.push(histories.choices.len());
        }
        histories
    }

    /// Number of holders.
    pub fn len(&self) -> usize {
        self.starts.len().saturating_sub(1)
    }

    /// Whether there are no holders.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// One more than the highest item.
    pub fn item_count(&self) -> usize {
        self.item_count
    }

    /// All a holder chose, newest set first; empty beyond the last holder.
    #[inline]
    pub fn of(&self, holder: usize) -> &[Choice] {
        match (self.starts.get(holder), self.starts.get(holder + 1)) {
            (Some(start), Some(end)) => &self.choices[*start..*end],
            _ => &[],
        }
    }

    /// How often each item was chosen by anyone.
    pub fn popularity(&self) -> Vec<u32> {
        let mut counts = vec![0; self.item_count];
        for choice in &self.choices {
            counts[choice.item as usize] += 1;
        }
        counts
    }

    /// Which items each holder ever chose, by the number that each item is given.
    pub fn ever_chosen(&self, number: impl Fn(u32) -> u32) -> Incidence {
        let of =
            |holder: &[usize]| self.choices[holder[0]..holder[1]].iter().map(|choice| number(choice.item));
        Incidence::from_sets(self.starts.windows(2).map(of))
    }
}

#[cfg(test)]
mod tests {
    use super::{Choice, Histories};

    #[test]
    fn choices_know_how_many_sets_came_later() {
        let histories = Histories::from_sequences([vec![vec![3, 1], vec![1]], vec![], vec![vec![0]]]);
        let choice = |item, age| Choice { item, age };
        assert_eq!(histories.of(0), [choice(1, 0), choice(3, 1), choice(1, 1)]);
        assert_eq!((histories.of(1), histories.of(7)), (&[][..], &[][..]));
        assert_eq!((histories.len(), histories.item_count()), (3, 4));
        assert_eq!(histories.popularity(), [1, 2, 0, 1]);
        assert_eq!(histories.ever_chosen(|item| item).set(0), [1, 3]);
        assert!(Histories::default().is_empty());
    }
}
