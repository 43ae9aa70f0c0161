//! The next set from a holder's own habits and from what holders of the same items chose. One pass over the items learns
//! it, one sum over the holder's items and their neighbours answers; no holder is compared with all others.
//! Own decayed frequency as in Hu et al. (2020, SIGIR, TIFU-KNN); neighbours of items instead of holders as in Deshpande
//! and Karypis (2004), ACM TOIS 22(1).

use crate::association::neighbours::{Likeness, NeighbourFinder};
use crate::next_set::histories::Histories;
use crate::next_set::ranking::{Popularity, Scores};
use crate::unfit::{Unfit, in_range};

/// How habits and neighbours are weighed. An item chosen `a` sets ago counts `decay^a`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Settings {
    /// Decay of a holder's own choices when they are scored themselves, from above 0 to 1.
    pub own_decay: f64,
    /// Decay of the choices whose neighbours are scored.
    pub neighbour_decay: f64,
    /// What neighbours count for against own choices; 0 leaves habits alone.
    pub neighbour_weight: f64,
    /// Of how many items each item's neighbours are kept: bounds memory at 16 bytes each.
    pub neighbours_max: usize,
    /// Fewest holders who chose both for an item to be a neighbour.
    pub both_min: u32,
}

impl Settings {
    /// A holder's own most frequent items, filled up by popularity.
    pub const HABITS: Self =
        Self { own_decay: 1.0, neighbour_decay: 1.0, neighbour_weight: 0.0, neighbours_max: 0, both_min: 1 };
    /// Found on a sample of the Ta-Feng grocer's customers, and near the best on their histories without the last sets.
    pub const GROCER: Self = Self {
        own_decay: 0.9,
        neighbour_decay: 0.7,
        neighbour_weight: 0.03,
        neighbours_max: 300,
        both_min: 2,
    };
}

/// A fitted model; it borrows nothing and answers for any holder of the histories it is shown.
#[derive(Debug, Clone)]
pub struct Blend {
    settings: Settings,
    popularity: Popularity,
    /// Where each item's neighbours begin.
    starts: Vec<usize>,
    neighbours: Vec<(u32, f64)>,
    scores: Scores,
}

/// Why an item is foreseen: what it owes to the holder's own choices and to neighbours of them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Reason {
    /// The item.
    pub item: u32,
    /// Decayed count of the holder's own choices of it.
    pub own: f64,
    /// What neighbours add.
    pub neighbours: f64,
}

impl Blend {
    /// Learns popularity and neighbours. Two items are neighbours by how many holders chose both, over the root of how
    /// many chose the first: a common item says less about the next one, but not so much less as its share.
    pub fn fit(histories: &Histories, settings: &Settings) -> Result<Self, Unfit> {
        for decay in [settings.own_decay, settings.neighbour_decay] {
            in_range("a decay", decay, "above 0, at most 1", |decay| decay > 0.0 && decay <= 1.0)?;
        }
        in_range("the weight of neighbours", settings.neighbour_weight, "of at least 0", |weight| {
            weight >= 0.0
        })?;
        let mut blend = Self {
            settings: *settings,
            popularity: Popularity::new(&histories.popularity()),
            starts: vec![0],
            neighbours: Vec::new(),
            scores: Scores::new(histories.item_count()),
        };
        let holders = histories.ever_chosen();
        let counts = holders.item_counts();
        let mut finder = NeighbourFinder::new(&holders);
        for (item, count) in (0_u32..).zip(counts) {
            if settings.neighbour_weight > 0.0 {
                let found =
                    finder.nearest(item, Likeness::Confidence, settings.both_min, settings.neighbours_max);
                let scale = f64::from(count).sqrt();
                blend.neighbours.extend(found.iter().map(|near| (near.item, near.likeness * scale)));
            }
            blend.starts.push(blend.neighbours.len());
        }
        Ok(blend)
    }

    /// The `count` items a holder is likeliest to choose next, likeliest first; popular ones where the holder's history
    /// gives too few. For a holder of the histories the model was fitted on, or of others over the same items.
    pub fn next(&mut self, histories: &Histories, holder: usize, count: usize) -> Vec<u32> {
        self.score(histories, holder, true, true);
        self.scores.take_best(count, &self.popularity)
    }

    /// Why these items: the two parts of their scores.
    pub fn reasons(&mut self, histories: &Histories, holder: usize, items: &[u32]) -> Vec<Reason> {
        let mut part = |own: bool| -> Vec<f64> {
            self.score(histories, holder, own, !own);
            let scores = items.iter().map(|item| self.scores.of(*item)).collect();
            self.scores.clear();
            scores
        };
        let (own, neighbours) = (part(true), part(false));
        let reason = |((item, own), neighbours): ((&u32, f64), f64)| Reason { item: *item, own, neighbours };
        items.iter().zip(own).zip(neighbours).map(reason).collect()
    }

    fn score(&mut self, histories: &Histories, holder: usize, own: bool, neighbours: bool) {
        let known = self.starts.len() - 1;
        for choice in histories.of(holder).iter().filter(|choice| (choice.item as usize) < known) {
            let age = f64::from(choice.age);
            if own {
                self.scores.add(choice.item, libm::pow(self.settings.own_decay, age));
            }
            if neighbours {
                let weight = self.settings.neighbour_weight * libm::pow(self.settings.neighbour_decay, age);
                let item = choice.item as usize;
                for (near, likeness) in &self.neighbours[self.starts[item]..self.starts[item + 1]] {
                    self.scores.add(*near, weight * likeness);
                }
            }
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use proptest::prelude::*;

    use super::{Blend, Settings};
    use crate::alias::{AliasTable, zipf_weights};
    use crate::next_set::histories::Histories;
    use crate::next_set::ranking::{Popularity, recall};
    use crate::random::Random;

    #[test]
    fn habits_are_ranked_by_count_and_filled_up_by_popularity() {
        let histories = Histories::from_sequences([
            vec![vec![0, 1], vec![1, 2]],
            vec![vec![3, 4], vec![3], vec![4, 2]],
            vec![vec![3], vec![4], vec![3]],
        ]);
        let mut habits = Blend::fit(&histories, &Settings::HABITS).expect("settings");
        // Own counts: 1 twice, 2 and 0 once; 2 is chosen twice by all, 0 once. Then 3 (4 times) and 4 (3 times).
        assert_eq!(habits.next(&histories, 0, 5), [1, 2, 0, 3, 4]);
        assert_eq!(habits.next(&histories, 9, 2), [3, 4], "a stranger is offered what is popular");
    }

    #[test]
    fn neighbours_and_decay_score_as_by_hand() {
        // Items 0 and 1 share two of the three holders of 0; the first holder chose 0 a set ago and 2 just now.
        let histories =
            Histories::from_sequences([vec![vec![0], vec![2]], vec![vec![0, 1]], vec![vec![0, 1]]]);
        let settings = Settings { both_min: 1, ..Settings::GROCER };
        let mut blend = Blend::fit(&histories, &settings).expect("settings");
        let reasons = blend.reasons(&histories, 0, &[0, 1]);
        assert!((reasons[0].own - 0.9).abs() < 1e-12);
        // 2's neighbour is 0, chosen by its only holder: 0.03 · 1/√1.
        assert!((reasons[0].neighbours - 0.03).abs() < 1e-12, "{reasons:?}");
        // 0's neighbour 1, a set ago: 0.03 · 0.7 · 2/√3.
        assert!((reasons[1].neighbours - 0.03 * 0.7 * 2.0 / 3.0_f64.sqrt()).abs() < 1e-12, "{reasons:?}");
        assert!(reasons[1].own.abs() < 1e-12);
    }

    /// Holders with a favourite family of items, who repeat an item one time in five, draw from the family or at random
    /// otherwise; the last set is kept apart.
    fn planted() -> (Histories, Vec<Vec<u32>>) {
        let mut random = Random::new(251);
        let common = AliasTable::new(&zipf_weights(400, 0.8)).expect("weights");
        let (mut known, mut last) = (Vec::new(), Vec::new());
        for _ in 0..1_500 {
            let family = random.below(20);
            let mut sets: Vec<Vec<u32>> = Vec::new();
            for _ in 0..6 {
                let mut set: Vec<u32> = (0..5)
                    .map(|_| {
                        let before: Vec<u32> = sets.concat();
                        let repeat = random.chance(0.2);
                        match random.pick(&before) {
                            Some(item) if repeat => *item,
                            _ if random.chance(0.6) => {
                                u32::try_from(family * 20 + random.below(20)).expect("small")
                            }
                            _ => u32::try_from(common.draw(&mut random)).expect("small"),
                        }
                    })
                    .collect();
                set.sort_unstable();
                set.dedup();
                sets.push(set);
            }
            last.push(sets.pop().expect("six sets"));
            known.push(sets);
        }
        (Histories::from_sequences(known), last)
    }

    #[test]
    fn habits_foresee_more_than_popularity_and_the_blend_more_than_habits() {
        let (histories, last) = planted();
        let mean = |next: &mut dyn FnMut(usize) -> Vec<u32>| {
            let recalls =
                last.iter().enumerate().filter_map(|(holder, chosen)| recall(&next(holder), chosen));
            recalls.sum::<f64>() / 1_500.0
        };
        let popularity = Popularity::new(&histories.popularity());
        let popular = mean(&mut |_| popularity.best(10).to_vec());
        let mut habits = Blend::fit(&histories, &Settings::HABITS).expect("settings");
        let habits = mean(&mut |holder| habits.next(&histories, holder, 10));
        let mut blend = Blend::fit(&histories, &Settings::GROCER).expect("settings");
        let blend = mean(&mut |holder| blend.next(&histories, holder, 10));
        assert!(popular + 0.1 < habits && habits + 0.03 < blend, "{popular} {habits} {blend}");
    }

    #[test]
    fn settings_out_of_range_are_refused() {
        let histories = Histories::default();
        for settings in [
            Settings { own_decay: 0.0, ..Settings::GROCER },
            Settings { neighbour_decay: 1.1, ..Settings::GROCER },
            Settings { neighbour_weight: -1.0, ..Settings::GROCER },
        ] {
            assert!(Blend::fit(&histories, &settings).is_err(), "{settings:?}");
        }
    }

    proptest! {
        #[test]
        fn as_many_items_as_asked_for_and_none_twice(
            holders in prop::collection::vec(prop::collection::vec(prop::collection::btree_set(0_u32..12, 0..4), 0..4), 1..8),
            count in 0_usize..15,
        ) {
            let holders: Vec<Vec<Vec<u32>>> = holders.into_iter()
                .map(|sets| sets.into_iter().map(|set| set.into_iter().collect()).collect()).collect();
            let histories = Histories::from_sequences(&holders);
            let mut blend = Blend::fit(&histories, &Settings { both_min: 1, ..Settings::GROCER }).unwrap();
            for holder in 0..holders.len() {
                let mut found = blend.next(&histories, holder, count);
                prop_assert_eq!(found.len(), count.min(histories.item_count()));
                found.sort_unstable();
                found.dedup();
                prop_assert_eq!(found.len(), count.min(histories.item_count()));
            }
        }
    }
}
