//! The next set from a holder's own habits and from what holders of the same items chose. One pass over the items learns
//! it, one sum over the holder's items and their neighbours answers; no holder is compared with all others.
//! Own decayed frequency as in Hu et al. (2020, SIGIR, TIFU-KNN); neighbours of items instead of holders as in Deshpande
//! and Karypis (2004), ACM TOIS 22(1).

use crate::association::neighbours::{NeighbourFinder, keep_first};
use crate::next_set::histories::Histories;
use crate::next_set::ranking::{Popularity, Scores};
use crate::real::real;
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
    /// Of how many items each item's neighbours are kept: bounds memory at 8 bytes each.
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
///
/// Items are told apart by their place in the order of popularity: what is added to most often lies side by side then,
/// near to the processor.
#[derive(Debug, Clone)]
pub struct Blend {
    popularity: Popularity,
    /// Where each place's neighbours begin.
    starts: Vec<usize>,
    neighbours: Vec<Near>,
    scores: Scores,
    chosen: Chosen,
    own_weights: Weights,
    neighbour_weights: Weights,
}

/// The place of a neighbour and what it is worth. Rounded, as scores are: half the bytes are read for every holder.
#[derive(Debug, Clone, Copy)]
struct Near {
    place: u32,
    worth: f32,
}

/// What a choice counts for by how many sets ago it was made; computed once, as far back as anyone's go.
#[derive(Debug, Clone)]
struct Weights {
    scale: f64,
    decay: f64,
    known: Vec<f32>,
}

impl Weights {
    fn new(scale: f64, decay: f64) -> Self {
        Self { scale, decay, known: Vec::new() }
    }

    #[inline]
    fn of(&mut self, age: u32) -> f32 {
        for age in self.known.len()..=age as usize {
            self.known.push(rounded(self.scale * libm::pow(self.decay, real(age))));
        }
        self.known[age as usize]
    }
}

/// What a holder's choices of each place weigh together, so that its neighbours are looked at once. Empty between holders.
#[derive(Debug, Clone)]
struct Chosen {
    weights: Vec<f32>,
    places: Vec<u32>,
}

impl Chosen {
    /// Adds a weight, of at least 0.
    #[inline]
    fn add(&mut self, place: u32, weight: f32) {
        let sum = &mut self.weights[place as usize];
        if *sum <= 0.0 {
            self.places.push(place);
        }
        *sum += weight;
    }

    #[inline]
    fn take_each(&mut self, mut look: impl FnMut(u32, f32)) {
        for place in self.places.drain(..) {
            look(place, std::mem::take(&mut self.weights[place as usize]));
        }
    }
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
            popularity: Popularity::new(&histories.popularity()),
            starts: vec![0],
            neighbours: Vec::new(),
            scores: Scores::new(histories.item_count()),
            chosen: Chosen { weights: vec![0.0; histories.item_count()], places: Vec::new() },
            own_weights: Weights::new(1.0, settings.own_decay),
            neighbour_weights: Weights::new(settings.neighbour_weight, settings.neighbour_decay),
        };
        blend.find_neighbours(histories, settings);
        Ok(blend)
    }

    fn find_neighbours(&mut self, histories: &Histories, settings: &Settings) {
        let holders = histories.ever_chosen(|item| self.popularity.place(item));
        let mut finder = NeighbourFinder::new(&holders);
        for (place, count) in (0_u32..).zip(holders.item_counts()) {
            if settings.neighbour_weight > 0.0 {
                let mut found = finder.sharing(place, settings.both_min);
                keep_first(&mut found, settings.neighbours_max, |a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
                let root = f64::from(count).sqrt();
                let near = |(place, both): &(u32, u32)| Near {
                    place: *place,
                    worth: rounded(f64::from(*both) / root),
                };
                self.neighbours.extend(found.iter().map(near));
            }
            self.starts.push(self.neighbours.len());
        }
    }

    /// The `count` items a holder is likeliest to choose next, likeliest first; popular ones where the holder's history
    /// gives too few. For a holder of the histories the model was fitted on, or of others over the same items.
    pub fn next(&mut self, histories: &Histories, holder: usize, count: usize) -> Vec<u32> {
        self.score(histories, holder, true, true);
        let places = self.scores.take_best(count);
        places.into_iter().map(|place| self.popularity.item(place)).collect()
    }

    /// Why these items: the two parts of their scores.
    pub fn reasons(&mut self, histories: &Histories, holder: usize, items: &[u32]) -> Vec<Reason> {
        let mut part = |own: bool| -> Vec<f64> {
            self.score(histories, holder, own, !own);
            let score =
                |item: &u32| self.popularity.place_if_known(*item).map_or(0.0, |place| self.scores.of(place));
            let scores = items.iter().map(score).collect();
            self.scores.clear();
            scores
        };
        let (own, neighbours) = (part(true), part(false));
        let reason = |((item, own), neighbours): ((&u32, f64), f64)| Reason { item: *item, own, neighbours };
        items.iter().zip(own).zip(neighbours).map(reason).collect()
    }

    fn score(&mut self, histories: &Histories, holder: usize, own: bool, neighbours: bool) {
        for choice in histories.of(holder) {
            // Those of other histories may have items that were not learned of.
            let Some(place) = self.popularity.place_if_known(choice.item) else { continue };
            if own {
                self.scores.add_all([(place, self.own_weights.of(choice.age))].into_iter());
            }
            if neighbours {
                self.chosen.add(place, self.neighbour_weights.of(choice.age));
            }
        }
        let Self { chosen, starts, neighbours, scores, .. } = self;
        chosen.take_each(|place, weight| {
            let near = &neighbours[starts[place as usize]..starts[place as usize + 1]];
            scores.add_all(near.iter().map(|near| (near.place, weight * near.worth)));
        });
    }
}

#[expect(clippy::cast_possible_truncation, reason = "see `Scores`")]
fn rounded(number: f64) -> f32 {
    number as f32
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
        assert!((reasons[0].own - 0.9).abs() < 1e-6);
        // 2's neighbour is 0, chosen by its only holder: 0.03 · 1/√1.
        assert!((reasons[0].neighbours - 0.03).abs() < 1e-8, "{reasons:?}");
        // 0's neighbour 1, a set ago: 0.03 · 0.7 · 2/√3, rounded to 24 bits.
        assert!((reasons[1].neighbours - 0.03 * 0.7 * 2.0 / 3.0_f64.sqrt()).abs() < 1e-8, "{reasons:?}");
        assert!(reasons[1].own.abs() < 1e-12);
    }

    #[test]
    fn what_is_chosen_again_counts_again() {
        let histories = Histories::from_sequences([vec![vec![0], vec![0]], vec![vec![0, 1]]]);
        let settings = Settings { both_min: 1, ..Settings::GROCER };
        let mut blend = Blend::fit(&histories, &settings).expect("settings");
        for round in 0..2 {
            let reasons = blend.reasons(&histories, 0, &[0, 1, 7]);
            assert!((reasons[0].own - 1.9).abs() < 1e-6, "round {round}: {reasons:?}");
            assert!(
                (reasons[1].neighbours - 0.03 * 1.7 / 2.0_f64.sqrt()).abs() < 1e-8,
                "round {round}: {reasons:?}"
            );
            assert_eq!((reasons[2].own, reasons[2].neighbours), (0.0, 0.0), "an item nobody chose");
        }
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
