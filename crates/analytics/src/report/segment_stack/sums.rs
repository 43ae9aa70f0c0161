//! What members of a segment add up to, and how many of them are in the same segment a month later.

use std::collections::BTreeMap;

use stats::roll_up::Place;

use super::habits::Habits;
use super::layer::place;
use super::needs::LAYERS;
use super::stack::Stack;
use crate::report::number::{count, real};

/// What members did, added up.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Sum {
    pub(super) members: u64,
    pub(super) amount: i64,
    pub(super) purchases: u64,
    pub(super) visits: u64,
    pub(super) weekend_visits: u64,
    pub(super) evenings: u64,
    pub(super) categories: u64,
    pub(super) paid: i64,
    pub(super) at_average: f64,
    /// Chances of those whose segment can be told, and how many they are.
    pub(super) chances: f64,
    pub(super) told: u64,
    /// Members who bought in both windows and could be told in one of them, and those of them who did not change.
    pub(super) compared: u64,
    pub(super) unchanged: u64,
}

impl Sum {
    pub(super) fn add(&mut self, habits: &Habits, chance: Option<f64>) {
        self.members += 1;
        self.amount += habits.amount;
        self.purchases += u64::from(habits.purchases);
        self.visits += u64::from(habits.visits);
        self.weekend_visits += u64::from(habits.weekend_visits);
        self.evenings += u64::from(habits.evenings);
        self.categories += u64::from(habits.categories);
        self.paid += habits.paid;
        self.at_average += habits.at_average;
        self.chances += chance.unwrap_or(0.0);
        self.told += u64::from(chance.is_some());
    }

    /// Sales of a member.
    pub(super) fn amount_per_member(&self) -> Option<f64> {
        (self.members > 0).then(|| real(self.amount) / count(self.members))
    }
}

/// Members of a layer by the value under which they are told.
pub(super) type Sums = BTreeMap<Place, Sum>;

impl Stack {
    /// What the segments of one of the three layers add up to.
    pub(super) fn sums(&self, layer: usize) -> Sums {
        let mut sums = Sums::new();
        let unknown = place(LAYERS[layer], None);
        for member in &self.members {
            let told = |value: Place| self.needs.segment(layer, value);
            sums.entry(told(member.key[layer])).or_default().add(&member.habits, member.chances[layer]);
            if let [Some(earlier), Some(later)] = member.windows {
                let [before, now] = [earlier[layer], later[layer]];
                if [before, now] != [unknown, unknown] {
                    let sum = sums.entry(told(before)).or_default();
                    sum.compared += 1;
                    sum.unchanged += u64::from(before == now);
                }
            }
        }
        sums
    }

    /// How many members bought in both windows, and how many of them were in the same need group.
    pub(super) fn need_groups_kept(&self) -> (u64, u64) {
        let both = self.members.iter().filter_map(|member| member.windows[0].zip(member.windows[1]));
        both.fold((0, 0), |(compared, unchanged), (earlier, later)| {
            let is_same = self.needs.group(&earlier) == self.needs.group(&later);
            (compared + 1, unchanged + u64::from(is_same))
        })
    }
}
