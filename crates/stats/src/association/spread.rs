//! Labels of some items spread to the others by what comes together with what, and where each score came from.
//! Zhou et al. (2004), “Learning with local and global consistency”, NIPS 16, equation 3, on rows that add up to 1; the
//! pull of two items is the logarithm of their lift, the pointwise mutual information of Church and Hanks (1990),
//! Computational Linguistics 16(1), where it is above 0 and no chance.

use crate::association::rules::Together;
use crate::rows::Rows;
use crate::unfit::{Unfit, at_least, in_range, length};

/// G² from which two items come together by more than chance: the 5 % point of one degree of freedom.
const LIKELIHOOD_RATIO_MIN: f64 = 3.841;

/// How hard every item is pulled by others: the pulls on an item add up to 1. An item that goes with none pulls itself.
#[derive(Debug, Clone, PartialEq)]
pub struct Pulls(Vec<Vec<(usize, f64)>>);

impl Pulls {
    /// From counts of sets: all of them, those with each item, those with both of a pair. A pair is named once. Of each
    /// item the `neighbours_max` strongest pulls are kept, ties by item.
    pub fn from_pairs(
        sets: u64,
        item_counts: &[u64],
        pairs: &[(u32, u32, u64)],
        neighbours_max: usize,
    ) -> Result<Self, Unfit> {
        let mut pulls: Vec<Vec<(usize, f64)>> = vec![Vec::new(); item_counts.len()];
        for &(left, right, both) in pairs {
            let (left, right) = (left as usize, right as usize);
            at_least("the list of items", item_counts.len(), left.max(right) + 1)?;
            let together = Together { sets, first: item_counts[left], second: item_counts[right], both };
            let rule = together.rule()?;
            if rule.lift > 1.0 && rule.likelihood_ratio >= LIKELIHOOD_RATIO_MIN {
                let pull = libm::log(rule.lift);
                pulls[left].push((right, pull));
                pulls[right].push((left, pull));
            }
        }
        for (item, pulls) in pulls.iter_mut().enumerate() {
            pulls.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
            pulls.truncate(neighbours_max);
            let whole: f64 = pulls.iter().map(|(_, pull)| pull).sum();
            for (_, pull) in pulls.iter_mut() {
                *pull /= whole;
            }
            if pulls.is_empty() {
                pulls.push((item, 1.0));
            }
        }
        Ok(Self(pulls))
    }

    /// Number of items.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are no items.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Which items pull on an item, the strongest first; none beyond the last.
    pub fn on(&self, item: usize) -> &[(usize, f64)] {
        self.0.get(item).map_or(&[], Vec::as_slice)
    }
}

/// How far labels spread.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spread {
    /// The part of a score that comes from others, strictly between 0 and 1; the rest is the item's own label.
    pub reach: f64,
    /// It is enough when no score changes by more than this in a round.
    pub change_max: f64,
    /// Rounds after which it is given up.
    pub rounds_max: usize,
}

/// Scores of items.
#[derive(Debug, Clone, PartialEq)]
pub struct Scores {
    /// A row for each item, a column for each label: 0 to 1 where labels are.
    pub values: Vec<f64>,
    /// Rounds it took.
    pub rounds: usize,
}

impl Spread {
    /// Spreads labels: a row for each item, a column for each label, 0 where an item has none. In every round an item's
    /// scores become `(1 − reach)` of its own labels and `reach` of its neighbours' scores, until they stand still.
    pub fn scores(&self, pulls: &Pulls, labels: &Rows<'_>) -> Result<Scores, Unfit> {
        length("the table of labels", labels.len(), pulls.len())?;
        self.check()?;
        let columns = labels.columns();
        let mut values: Vec<f64> = labels.iter().flatten().copied().collect();
        let mut next = vec![0.0; values.len()];
        for rounds in 1..=self.rounds_max {
            for (item, (row, own)) in next.chunks_exact_mut(columns).zip(labels.iter()).enumerate() {
                row.iter_mut().zip(own).for_each(|(score, label)| *score = (1.0 - self.reach) * label);
                for (other, pull) in pulls.on(item) {
                    let scores = &values[other * columns..(other + 1) * columns];
                    row.iter_mut()
                        .zip(scores)
                        .for_each(|(score, theirs)| *score += self.reach * pull * theirs);
                }
            }
            let change = next.iter().zip(&values).map(|(new, old)| (new - old).abs()).fold(0.0, f64::max);
            std::mem::swap(&mut values, &mut next);
            if change <= self.change_max {
                return Ok(Scores { values, rounds });
            }
        }
        Err(self.unsettled())
    }

    /// Where an item's scores come from: the items whose labels they are made of, each with the part of its labels that
    /// arrives, most first, ties by item. Labels weighed by these parts add up to the item's scores, but for
    /// `change_max`.
    pub fn sources(&self, pulls: &Pulls, item: usize) -> Result<Vec<(usize, f64)>, Unfit> {
        self.check()?;
        at_least("the list of items", pulls.len(), item + 1)?;
        let mut arrived = vec![0.0; pulls.len()];
        let mut on_the_way = vec![0.0; pulls.len()];
        on_the_way[item] = 1.0;
        let mut left = 1.0;
        for _ in 0..self.rounds_max {
            let mut next = vec![0.0; pulls.len()];
            for (at, part) in on_the_way.iter().enumerate().filter(|(_, part)| **part > 0.0) {
                arrived[at] += (1.0 - self.reach) * part;
                pulls.on(at).iter().for_each(|(other, pull)| next[*other] += self.reach * part * pull);
            }
            on_the_way = next;
            left *= self.reach;
            if left <= self.change_max {
                let mut sources: Vec<(usize, f64)> =
                    arrived.into_iter().enumerate().filter(|(_, part)| *part > 0.0).collect();
                sources.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
                return Ok(sources);
            }
        }
        Err(self.unsettled())
    }

    fn check(&self) -> Result<(), Unfit> {
        in_range("reach", self.reach, "strictly between 0 and 1", |reach| reach > 0.0 && reach < 1.0)?;
        in_range("the least change", self.change_max, "above 0", |change| change > 0.0)?;
        Ok(())
    }

    fn unsettled(&self) -> Unfit {
        let remedy = "allow more rounds, or a smaller reach";
        Unfit::Unsettled { what: "the spreading of labels", rounds: self.rounds_max, remedy }
    }
}

impl Scores {
    /// The column of an item's highest score, if it has any: ties by column.
    pub fn highest(&self, item: usize, columns: usize) -> Option<usize> {
        let row = self.values.get(item * columns..(item + 1) * columns)?;
        let most = row.iter().copied().fold(0.0, f64::max);
        row.iter().position(|score| *score > 0.0 && *score >= most)
    }

    /// The mean of all rows, each weighed.
    pub fn mean(&self, weights: &[f64], columns: usize) -> Vec<f64> {
        let whole: f64 = weights.iter().sum();
        let mut mean = vec![0.0; columns];
        for (row, weight) in self.values.chunks_exact(columns.max(1)).zip(weights) {
            mean.iter_mut().zip(row).for_each(|(sum, score)| *sum += weight * score);
        }
        if whole > 0.0 {
            for sum in &mut mean {
                *sum /= whole;
            }
        }
        mean
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::{Pulls, Spread};
    use crate::association::incidence::Incidence;
    use crate::association::pairs::PairCounts;
    use crate::random::Random;
    use crate::rows::Rows;

    const SPREAD: Spread = Spread { reach: 0.8, change_max: 1e-9, rounds_max: 500 };

    /// Three items in a row: 0 goes with 1, 1 with 0 and 2, 2 with 1.
    fn chain() -> Pulls {
        let pairs = [(0, 1, 20), (1, 2, 20)];
        Pulls::from_pairs(1_000, &[40, 40, 40, 40], &pairs, 5).expect("counts")
    }

    #[test]
    fn a_label_wanes_with_every_step() {
        let pulls = chain();
        assert_eq!(pulls.on(1), [(0, 0.5), (2, 0.5)]);
        assert_eq!(pulls.on(3), [(3, 1.0)], "an item that goes with none pulls itself");
        let spread = Spread { reach: 0.5, ..SPREAD };
        let labels = [1.0, 0.0, 0.0, 1.0];
        let scores = spread.scores(&pulls, &Rows::new(&labels, 1).expect("rows")).expect("scores");
        // a = ½ + ½b, b = ¼a + ¼c, c = ½b: a = 7/12, b = 2/12, c = 1/12.
        for (found, expected) in scores.values.iter().zip([7.0 / 12.0, 2.0 / 12.0, 1.0 / 12.0, 1.0]) {
            assert!((found - expected).abs() < 1e-8, "{scores:?}");
        }
        assert_eq!((scores.highest(1, 1), scores.highest(9, 1)), (Some(0), None));
        // Items 0 and 1 weighed 1 and 3: (7 + 3·2)/(4·12).
        assert!((scores.mean(&[1.0, 3.0, 0.0, 0.0], 1)[0] - 13.0 / 48.0).abs() < 1e-8);
    }

    #[test]
    fn sources_add_up_to_the_score() {
        let (pulls, labels) = (chain(), [0.7, 0.0, 0.4, 0.0]);
        let scores = SPREAD.scores(&pulls, &Rows::new(&labels, 1).expect("rows")).expect("scores");
        for item in 0..4 {
            let sources = SPREAD.sources(&pulls, item).expect("sources");
            let sum: f64 = sources.iter().map(|(source, part)| labels[*source] * part).sum();
            assert!((sum - scores.values[item]).abs() < 1e-7, "{item}: {sources:?}");
        }
        assert!(SPREAD.sources(&pulls, 4).is_err());
    }

    #[test]
    fn what_comes_together_by_chance_does_not_pull() {
        // Expected together: 40·40/1000 = 1.6. Two times is chance, and less than expected is no pull either.
        let pulls = Pulls::from_pairs(1_000, &[40, 40, 500], &[(0, 1, 2), (1, 2, 15)], 5).expect("counts");
        assert_eq!(pulls.on(0), [(0, 1.0)]);
        assert_eq!(pulls.on(2), [(2, 1.0)]);
        assert!(Pulls::from_pairs(10, &[5], &[(0, 1, 2)], 5).is_err());
    }

    #[test]
    fn a_spread_that_never_ends_is_refused() {
        let rows = [1.0; 4];
        let labels = Rows::new(&rows, 1).expect("rows");
        assert!(Spread { reach: 1.0, ..SPREAD }.scores(&chain(), &labels).is_err());
        let error = Spread { rounds_max: 1, ..SPREAD }
            .scores(&chain(), &Rows::new(&[1.0, 0.0, 0.0, 0.0], 1).unwrap());
        assert!(error.expect_err("one round is too few").to_string().contains("did not settle in 1 rounds"));
    }

    #[test]
    fn nine_of_ten_items_find_the_dimension_they_were_planted_in() {
        // Ten dimensions of 20 items, two of them labelled; 4,000 baskets of three items of one dimension and three of any.
        let (dimensions, items) = (10, 200);
        let mut random = Random::new(251);
        let mut draw = |bound: u64| u32::try_from(random.below(bound)).expect("small");
        let baskets = Incidence::from_sets((0..4_000).map(|_| {
            let dimension = draw(10);
            let own: Vec<u32> = (0..3).map(|_| dimension * 20 + draw(20)).collect();
            own.into_iter().chain((0..3).map(|_| draw(200)).collect::<Vec<_>>()).collect::<Vec<u32>>()
        }));
        let mut counts = PairCounts::new(100_000);
        baskets.iter().for_each(|basket| counts.add(basket));
        let item_counts: Vec<u64> = baskets.item_counts().into_iter().map(u64::from).collect();
        let pulls = Pulls::from_pairs(4_000, &item_counts, &counts.at_least(3), 20).expect("counts");
        let mut labels = vec![0.0; items * dimensions];
        for item in (0..items).filter(|item| item % 20 < 2) {
            labels[item * dimensions + item / 20] = 1.0;
        }
        let labels = Rows::new(&labels, dimensions).expect("rows");
        let scores = SPREAD.scores(&pulls, &labels).expect("scores");
        let unlabelled = || (0..items).filter(|item| item % 20 >= 2);
        let found = unlabelled().filter(|item| scores.highest(*item, dimensions) == Some(item / 20)).count();
        assert!(found * 10 >= unlabelled().count() * 9, "{found} of {}", unlabelled().count());
    }
}
