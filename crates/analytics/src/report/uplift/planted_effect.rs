//! Experiments whose truth is known: an effect on some members is found, the same effect on all is nothing to find.

use stats::random::Random;

use super::super::number::count;
use super::judged::{Judged, judge};
use super::members::{Habit, Known};
use super::{Outcome, SHARES};

const MEMBERS: usize = 6_000;
/// The effect, in the unit of the noise's deviation, which is 100.
const EFFECT: f64 = 60.0;

/// Members with three habits; a fifth of the habits' worth is in the outcome anyway. Half are treated, and spend more by
/// what `effect` says of their habits.
fn experiment(seed: u64, effect: fn(&[f64]) -> f64) -> Known {
    let mut random = Random::new(seed);
    let mut known = Known {
        habits: ["spend", "frequency", "silence"].map(|name| Habit { name, category: None }).into(),
        values: Vec::new(),
        treated: Vec::new(),
        outcomes: Vec::new(),
        left_out: 0,
    };
    for _ in 0..MEMBERS {
        let habits = [random.normal(), random.normal(), random.normal()];
        let treated = random.chance(0.5);
        let more = if treated { effect(&habits) } else { 0.0 };
        known.values.extend(habits);
        known.treated.push(treated);
        known.outcomes.push(500.0 + 20.0 * habits[0] + more + 100.0 * random.normal());
    }
    known
}

fn judged(seed: u64, effect: fn(&[f64]) -> f64) -> Judged {
    judge(&experiment(seed, effect), Outcome::Spend).expect("an experiment")
}

#[test]
fn an_effect_on_a_quarter_of_the_members_is_found_and_who_they_are() {
    // Only who was silent for long responds: above 0.67 deviations lies a quarter.
    let found = judged(11, |habits| if habits[2] > 0.67 { EFFECT } else { 0.0 });
    assert!(found.is_better_than_random(), "{:?}", found.ways);
    for way in &found.ways {
        assert!(way.interval.low > 0.0 && way.interval.covers(way.qini), "{way:?}");
    }
    let (best, others) = (found.best_fifth.expect("both arms"), found.others.expect("both arms"));
    assert!(best.interval(0.999).expect("an interval").covers(EFFECT), "{best:?}");
    assert!(best.value > 3.0 * others.value.abs(), "{best:?} {others:?}");
    assert!(found.all.interval(0.999).expect("an interval").covers(EFFECT / 4.0), "{:?}", found.all);
    assert_eq!(found.traits[0].habit, "silence", "{:?}", found.traits);
    assert!(found.traits[0].differs > 0.8, "{:?}", found.traits);
    // What is gained by treating a quarter is nearly all there is to gain, and far more than by chance.
    let (quarter, all) = (found.gained_at(0.3), found.gained_at(1.0));
    assert!(quarter > 0.7 * all && found.gained_at(0.0).abs() < 1e-12, "{quarter} of {all}");
    assert_eq!(found.at.iter().flatten().count(), SHARES.len());
}

#[test]
fn an_effect_that_is_the_same_for_all_is_nothing_to_find() {
    for seed in [21, 22, 23] {
        let found = judged(seed, |_| EFFECT);
        assert!(!found.is_better_than_random(), "{seed}: {:?}", found.ways[0]);
        assert!(found.all.interval(0.999).expect("an interval").covers(EFFECT), "{:?}", found.all);
    }
}

#[test]
fn tenths_hold_everybody_once_and_the_curve_ends_at_the_effect_on_all() {
    let known = experiment(31, |habits| 50.0 * habits[1]);
    let found = judge(&known, Outcome::Spend).expect("an experiment");
    let members: u64 = found.tenths.iter().map(|tenth| tenth.treated + tenth.held_out).sum();
    assert_eq!(members, MEMBERS as u64);
    assert!(found.tenths.windows(2).all(|pair| pair[0].expected >= pair[1].expected));
    let treated = known.treated.iter().filter(|treated| **treated).count() as u64;
    let all = found.gained_at(1.0) * count(members) / count(treated);
    assert!((all - found.all.value).abs() < 1e-9, "{all} {:?}", found.all);
}

#[test]
fn whether_members_buy_is_judged_as_a_chance() {
    let mut known = experiment(41, |habits| if habits[0] > 0.0 { 3.0 * EFFECT } else { 0.0 });
    for outcome in &mut known.outcomes {
        *outcome = f64::from(u8::from(*outcome > 550.0));
    }
    let found = judge(&known, Outcome::Buyers).expect("an experiment");
    assert!(found.is_better_than_random(), "{:?}", found.ways);
    assert!(found.tenths.iter().all(|tenth| tenth.expected.abs() <= 1.0), "{:?}", found.tenths);
}
