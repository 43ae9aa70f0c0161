//! A population of known types, whose answers miss by a scale point and whose habits overlap: the rules must find the types again.

use stats::random::Random;

use super::kind::{Facts, LoyaltyType, loyalty_type, ranks};
use crate::report::number::{count, real};

const SEED: u64 = 20_260_612;
const MEMBERS: usize = 6_000;
/// The types of the population with their shares in per cent; the most frequent is that of nobody in particular.
const SHARES: [(LoyaltyType, u64); 6] = [
    (LoyaltyType::Monopoly, 12),
    (LoyaltyType::Committed, 14),
    (LoyaltyType::Incentivised, 14),
    (LoyaltyType::Economy, 14),
    (LoyaltyType::Habitual, 16),
    (LoyaltyType::NoType, 30),
];
/// What the rules must be right more often than whoever calls everybody by the most frequent type.
const MARGIN: f64 = 0.3;

/// What a member is like before anybody asks or ranks: numbers of which ranks are made, and answers without noise.
struct Truth {
    kind: LoyaltyType,
    alternatives: i64,
    items: [i64; 3],
    recommend: i64,
    acted: bool,
    vouchers: f64,
    vanishing: f64,
    points: f64,
    looks: i64,
    unevenness: f64,
    place: f64,
}

/// Somebody of a type: what makes it is there, more or less; everything else is as with anybody.
fn planted(random: &mut Random, kind: LoyaltyType) -> Truth {
    let mut between = |low: f64, high: f64| low + (high - low) * random.uniform();
    let is = |other: LoyaltyType| kind == other;
    let vouchers = if is(LoyaltyType::Incentivised) { between(0.3, 0.8) } else { between(0.0, 0.35) };
    let vanishing = if is(LoyaltyType::Incentivised) { between(0.15, 0.8) } else { between(-0.4, 0.35) };
    let points = if is(LoyaltyType::Economy) { between(600.0, 3_000.0) } else { between(0.0, 900.0) };
    let unevenness = if is(LoyaltyType::Habitual) { between(0.1, 0.4) } else { between(0.3, 1.4) };
    let place = if is(LoyaltyType::Habitual) { between(0.68, 1.0) } else { between(0.3, 0.9) };
    let coin = between(0.0, 1.0);
    let items = match kind {
        LoyaltyType::Committed => [6, 4, 3],
        LoyaltyType::Habitual => [4, 6, 3],
        _ if coin < 0.3 => [5, 4, 4],
        _ if coin < 0.5 => [4, 5, 4],
        _ => [4, 4, 5],
    };
    Truth {
        kind,
        // A fifth or three tenths of the others are a point from the border.
        alternatives: match coin < 0.2 {
            is_near if is(LoyaltyType::Monopoly) => i64::from(is_near),
            true => 2,
            false => 4,
        },
        items,
        recommend: match coin < 0.2 {
            _ if is(LoyaltyType::Committed) => 10,
            true => 9,
            false => 7,
        },
        acted: is(LoyaltyType::Committed) || coin > 0.9,
        vouchers,
        vanishing,
        points,
        looks: match coin < 0.3 {
            _ if is(LoyaltyType::Economy) => 6,
            true => 4,
            false => 2,
        },
        unevenness,
        place,
    }
}

/// A point less, none, or a point more, within the scale.
fn noisy(random: &mut Random, truth: i64, (worst, best): (i64, i64)) -> i64 {
    let miss = random.pick(&[-1, 0, 1]).copied().unwrap_or(0);
    (truth + miss).clamp(worst, best)
}

/// What the rules see of everybody.
fn seen(random: &mut Random, population: &[Truth]) -> Vec<Facts> {
    let rank =
        |of: fn(&Truth) -> f64| ranks(&population.iter().map(|truth| Some(of(truth))).collect::<Vec<_>>());
    let vouchers = rank(|truth| truth.vouchers);
    let points = rank(|truth| truth.points);
    let evenness = rank(|truth| -truth.unevenness);
    let mut facts = |(place, truth): (usize, &Truth)| {
        let mut index =
            |item: i64| f64::midpoint(real(noisy(random, item, (1, 7))), real(noisy(random, item, (1, 7))));
        let attitudes = truth.items.map(&mut index);
        Facts {
            alternatives: Some(noisy(random, truth.alternatives, (0, 10))),
            attitudes: Some(attitudes),
            recommend: Some(noisy(random, truth.recommend, (0, 10))),
            acted: Some(truth.acted),
            voucher_rank: vouchers[place],
            vanishing: Some(truth.vanishing),
            points_rank: points[place],
            has_stored: false,
            looks_elsewhere: Some(noisy(random, truth.looks, (1, 7))),
            evenness_rank: evenness[place],
            place_share: Some(truth.place),
        }
    };
    population.iter().enumerate().map(&mut facts).collect()
}

/// The share of members that rules or a rule of thumb get right, and the mean of F1 over types: `2tp / (2tp + fp + fn)`.
fn fares(pairs: &[(LoyaltyType, LoyaltyType)]) -> (f64, f64) {
    let number = |is: &dyn Fn(&(LoyaltyType, LoyaltyType)) -> bool| {
        count(pairs.iter().filter(|pair| is(pair)).count() as u64)
    };
    let f1 = |(kind, _): (LoyaltyType, u64)| {
        let hits = number(&|pair| pair.0 == kind && pair.1 == kind);
        let wrong = number(&|pair| (pair.0 == kind) != (pair.1 == kind));
        2.0 * hits / (2.0 * hits + wrong)
    };
    let right = number(&|pair| pair.0 == pair.1) / count(pairs.len() as u64);
    (right, SHARES.map(f1).iter().sum::<f64>() / count(SHARES.len() as u64))
}

#[test]
fn answers_that_miss_by_a_point_find_the_planted_types() {
    let mut random = Random::new(SEED);
    let mut population = Vec::new();
    for _ in 0..MEMBERS {
        let mut place = random.below(100);
        let kind = SHARES.iter().find(|(_, share)| {
            let is_here = place < *share;
            place = place.saturating_sub(*share);
            is_here
        });
        let kind = kind.map_or(LoyaltyType::NoType, |(kind, _)| *kind);
        population.push(planted(&mut random, kind));
    }
    let facts = seen(&mut random, &population);
    let named = |facts: &Facts| loyalty_type(&facts.scores()).0;
    let pairs: Vec<_> =
        population.iter().zip(&facts).map(|(truth, facts)| (truth.kind, named(facts))).collect();
    let majority: Vec<_> = pairs.iter().map(|(truth, _)| (*truth, LoyaltyType::NoType)).collect();
    let ((right, f1), (by_majority, f1_by_majority)) = (fares(&pairs), fares(&majority));
    println!("right {right:.3}, macro-F1 {f1:.3}; the majority class {by_majority:.3}, {f1_by_majority:.3}");
    assert!(f1 >= 0.7, "seed {SEED}: macro-F1 {f1}");
    assert!(right >= by_majority + MARGIN, "seed {SEED}: {right} right, {by_majority} by the majority class");
    assert!(
        f1 >= f1_by_majority + MARGIN,
        "seed {SEED}: macro-F1 {f1}, {f1_by_majority} by the majority class"
    );
    assert!(f1 < 0.95, "seed {SEED}: the noise went quiet: macro-F1 {f1}");
}
