//! Need groups: combinations of the three layers with how members shop. Combinations of too few members roll up, and
//! segments of too few are told together, so that nothing that is told, and nothing that follows from it by subtraction,
//! speaks of fewer members than the least.

use std::collections::{BTreeMap, BTreeSet};

use stats::roll_up::{Place, RollUp};

use super::features::FEATURES;
use super::layer::{OTHERS, SegmentLayer, UNKNOWN, name, names};
use crate::report::error::ReportError;

/// Fewer members are never told of.
pub(super) const MEMBERS_MIN: u64 = 50;
/// The layers that have names of their own.
pub(super) const LAYERS: [SegmentLayer; 3] =
    [SegmentLayer::Preference, SegmentLayer::LifeStage, SegmentLayer::Usage];
/// Layers and features together.
pub(super) const KEY: usize = LAYERS.len() + FEATURES.len();

/// A member's value in each layer and each feature.
pub(super) type Key = [Place; KEY];

/// Which segments and which combinations are told.
pub(super) struct Needs {
    layers: [RollUp; 3],
    groups: RollUp,
    /// Combinations that could be: values that are met, multiplied.
    pub(super) addressable: u64,
}

impl Needs {
    pub(super) fn of(keys: impl Iterator<Item = Key> + Clone) -> Result<Self, ReportError> {
        let one = |layer: usize| {
            let mut sizes: BTreeMap<Vec<Place>, u64> = BTreeMap::new();
            keys.clone().for_each(|key| *sizes.entry(vec![key[layer]]).or_default() += 1);
            RollUp::of(&sizes, MEMBERS_MIN, 0)
        };
        let layers = [one(0)?, one(1)?, one(2)?];
        let mut counts: BTreeMap<Vec<Place>, u64> = BTreeMap::new();
        let mut values: [BTreeSet<Place>; KEY] = std::array::from_fn(|_| BTreeSet::new());
        for key in keys {
            values.iter_mut().zip(key).for_each(|(values, value)| {
                values.insert(value);
            });
            *counts.entry(told(&layers, &key).to_vec()).or_default() += 1;
        }
        let groups = RollUp::of(&counts, MEMBERS_MIN, LAYERS.len())?;
        let addressable = values.iter().map(|values| values.len().max(1) as u64).product();
        Ok(Self { layers, groups, addressable })
    }

    /// The value that stands for a segment where layers are told: its own, or that of those told together.
    pub(super) fn segment(&self, layer: usize, value: Place) -> Place {
        segment(&self.layers, layer, value)
    }

    /// The need group of a member: the beginning of their key that is told.
    pub(super) fn group(&self, key: &Key) -> Vec<Place> {
        self.groups.cell(&told(&self.layers, key)).to_vec()
    }

    /// Need groups with their members, without the rest.
    pub(super) fn groups(&self) -> impl Iterator<Item = (&[Place], u64)> {
        self.groups.cells().filter(|(group, _)| !group.is_empty())
    }

    pub(super) fn rest(&self) -> u64 {
        self.groups.rest()
    }
}

fn segment(layers: &[RollUp; 3], layer: usize, value: Place) -> Place {
    let is_told = layers[layer].cell(&[value]).len() == 1;
    if is_told { value } else { others(LAYERS[layer]) }
}

fn told(layers: &[RollUp; 3], key: &Key) -> Key {
    let mut told = *key;
    (0..LAYERS.len()).for_each(|layer| told[layer] = segment(layers, layer, key[layer]));
    told
}

/// The value of segments that are told together: after that of whoever cannot be told.
fn others(layer: SegmentLayer) -> Place {
    Place::try_from(names(layer).len() + 1).unwrap_or(Place::MAX)
}

/// The word for a value of a layer.
pub(super) fn segment_word(layer: usize, value: Place) -> &'static str {
    let layer = LAYERS[layer];
    if value == others(layer) { OTHERS } else { name(layer, value) }
}

/// The word for a value of a key, layers first.
pub(super) fn word(place: usize, value: Place) -> &'static str {
    match place.checked_sub(LAYERS.len()) {
        None => segment_word(place, value),
        Some(feature) => FEATURES
            .get(feature)
            .and_then(|(_, words)| words.get(usize::from(value)))
            .copied()
            .unwrap_or(UNKNOWN),
    }
}

/// The code of a need group: the words of its values, one after another; `rest` of the rest.
pub(super) fn code(group: &[Place]) -> String {
    if group.is_empty() {
        return "rest".to_owned();
    }
    group.iter().enumerate().map(|(place, value)| word(place, *value)).collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::{KEY, Key, LAYERS, MEMBERS_MIN, Needs, code, segment_word};

    fn key(preference: u16, stage: u16, usage: u16, price: u16) -> Key {
        [preference, stage, usage, price, 0, 0, 0, 0]
    }

    fn needs(keys: &[Key]) -> Needs {
        Needs::of(keys.iter().copied()).expect("keys of one length")
    }

    #[test]
    fn segments_of_too_few_are_told_together() {
        let mut keys = vec![key(0, 8, 0, 0); 100];
        keys.extend(vec![key(1, 8, 0, 0); 60]);
        keys.extend(vec![key(2, 8, 0, 0); 10]);
        let needs = needs(&keys);
        // The ten alone would be known by subtraction: they take the sixty along.
        let told = [0, 1, 2].map(|value| segment_word(0, needs.segment(0, value)));
        assert_eq!(told, ["preference_1", "others", "others"]);
        assert_eq!(segment_word(1, needs.segment(1, 8)), "unknown", "all alike are told");
        let found: Vec<(String, u64)> = needs.groups().map(|(group, size)| (code(group), size)).collect();
        let same = "unknown/frequent_broad/low_price/small_basket/morning/weekdays/main_channel";
        assert_eq!(found, [(format!("preference_1/{same}"), 100), (format!("others/{same}"), 70)]);
        assert_eq!((needs.addressable, needs.rest(), code(&[]).as_str()), (3, 0, "rest"));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(40))]
        #[test]
        fn every_member_is_in_one_need_group_and_nothing_below_fifty_can_be_found(
            members in prop::collection::vec((0_u16..7, 0_u16..9, 0_u16..11, 0_u16..3), 50..2_000),
            skew in 1_u16..4,
        ) {
            // Small values are met oftener.
            let keys: Vec<Key> = members
                .into_iter()
                .map(|(a, b, c, d)| key(a / skew, b / skew, c / skew, d))
                .collect();
            let needs = needs(&keys);
            let mut sizes: BTreeMap<Vec<u16>, u64> = BTreeMap::new();
            for key in &keys { *sizes.entry(needs.group(key)).or_default() += 1; }
            let rest = sizes.remove(&Vec::new()).unwrap_or(0);
            prop_assert_eq!(rest, needs.rest());
            prop_assert!(rest == 0 || rest >= MEMBERS_MIN, "a rest of {}", rest);
            prop_assert_eq!(rest + sizes.values().sum::<u64>(), keys.len() as u64);
            let told: BTreeMap<Vec<u16>, u64> = needs.groups().map(|(group, size)| (group.to_vec(), size)).collect();
            prop_assert_eq!(&sizes, &told);
            prop_assert!(sizes.values().all(|size| *size >= MEMBERS_MIN), "{:?}", sizes);
            for layer in 0..LAYERS.len() {
                let mut totals: BTreeMap<u16, u64> = BTreeMap::new();
                for key in &keys { *totals.entry(needs.segment(layer, key[layer])).or_default() += 1; }
                for (value, total) in totals {
                    prop_assert!(total >= MEMBERS_MIN, "{} of {:?}", total, LAYERS[layer]);
                    let named: u64 = sizes
                        .iter()
                        .filter(|(group, _)| group.get(layer) == Some(&value))
                        .map(|(_, size)| size)
                        .sum();
                    let unnamed = total - named;
                    prop_assert!(unnamed == 0 || unnamed >= MEMBERS_MIN, "{} by subtraction", unnamed);
                }
            }
        }
    }

    #[test]
    fn at_least_five_thousand_combinations_can_be_addressed() {
        // Six preferences, eight life stages, eleven usages, and the features: 6 · 8 · 11 · 3 · 3 · 3 · 2 · 3.
        let mut keys = Vec::new();
        for place in 0..KEY {
            for value in 0..[6, 8, 11, 3, 3, 3, 2, 3][place] {
                let mut key = [0; KEY];
                key[place] = value;
                keys.push(key);
            }
        }
        assert_eq!(needs(&keys).addressable, 85_536);
    }
}
