//! Members of known segments, whose answers miss by a scale point and whose habits overlap: answers and
//! habits must find the segments again, and not claim to more often than they do.

use stats::random::Random;

use super::model::{Behaviour, Case, LABEL_MIN, Model, calibrate};
use super::segment::{Answers, Branch, Segment};
use crate::report::replies::Attitudes;

const SEED: u64 = 20_020_501;
/// How far the habits of each segment lie from those of the others, in deviations.
const APART: f64 = 1.5;

/// A point less, none, or a point more, within the scale.
fn noisy(random: &mut Random, truth: i64, best: i64) -> i64 {
    let miss = random.pick(&[-1, 0, 1]).copied().unwrap_or(0);
    (truth + miss).clamp(1, best)
}

/// An amount as people remember it: up to 15 per cent off.
fn remembered(random: &mut Random, amount: i64) -> i64 {
    let per_cent = 85 + i64::try_from(random.below(31)).unwrap_or(0);
    amount * per_cent / 100
}

/// Attitudes of a loyalist: that of their segment leads by one point or two; a quarter of the deliberative
/// lean to nothing.
fn loyalist(random: &mut Random, segment: Segment) -> Answers {
    let second = if random.chance(0.5) { 5 } else { 4 };
    let attitudes = match segment {
        Segment::Emotive => [6, second, 3],
        Segment::Inertial => [3, 6, second],
        _ if random.chance(0.25) => [4, 4, 4],
        _ => [second, 3, 6],
    };
    let [emotive, inertial, deliberative] =
        attitudes.map(|truth| [Some(noisy(random, truth, 7)), Some(noisy(random, truth, 7))]);
    Answers { attitudes: Attitudes { emotive, inertial, deliberative }, ..Answers::default() }
}

/// What somebody answers who spends less. Life events and some discontent are everywhere.
fn downward(random: &mut Random, segment: Segment) -> Answers {
    let is_dissatisfied = segment == Segment::Dissatisfied;
    let is_lifestyle = segment == Segment::Lifestyle;
    // A half of the dissatisfied, and a fifth of the others, are nearer to the border than a point.
    let satisfaction = match (is_dissatisfied, random.chance(0.5), random.chance(0.2)) {
        (true, true, _) => 1,
        (true, false, _) => 2,
        (false, _, true) => 3,
        (false, _, false) => 4,
    };
    let other_now = if is_lifestyle { 30_000 } else { 70_000 };
    Answers {
        satisfaction: Some(noisy(random, satisfaction, 5)),
        failed: Some(is_dissatisfied && random.chance(0.6)),
        life_event: Some(is_lifestyle || random.chance(0.3)),
        own: [Some(remembered(random, 50_000)), Some(remembered(random, 30_000))],
        other: [Some(remembered(random, 50_000)), Some(remembered(random, other_now))],
        ..Answers::default()
    }
}

/// A member of a segment with what they answer and how they buy.
struct Planted {
    segment: Segment,
    class: usize,
    answers: Answers,
    behaviour: Behaviour,
}

fn planted(random: &mut Random, branch: Branch) -> Planted {
    let class = usize::try_from(random.below(3)).unwrap_or(0);
    let segment = branch.segments()[class];
    let answers = match branch {
        Branch::Loyalist => loyalist(random, segment),
        Branch::Downward => downward(random, segment),
    };
    let mut behaviour: Behaviour = std::array::from_fn(|_| random.normal());
    behaviour[class] += APART;
    Planted { segment, class, answers, behaviour }
}

/// A count as a number.
fn real(count: usize) -> f64 {
    crate::report::number::count(count as u64)
}

/// The mean of F1 over segments: `2tp / (2tp + fp + fn)`.
fn macro_f1(segments: [Segment; 3], pairs: &[(Segment, Segment)]) -> f64 {
    let f1 = |segment: Segment| {
        let is = |truth: bool, found: bool| {
            let alike =
                |pair: &&(Segment, Segment)| (pair.0 == segment) == truth && (pair.1 == segment) == found;
            real(pairs.iter().filter(alike).count())
        };
        2.0 * is(true, true) / (2.0 * is(true, true) + is(false, true) + is(true, false))
    };
    segments.into_iter().map(f1).sum::<f64>() / 3.0
}

#[test]
fn answers_that_miss_by_a_point_find_the_planted_segments() {
    for branch in Branch::ALL {
        let mut random = Random::new(SEED);
        let pairs: Vec<(Segment, Segment)> = (0..3_000)
            .map(|_| planted(&mut random, branch))
            .map(|member| (member.segment, Segment::of(branch, &member.answers).expect("all was answered")))
            .collect();
        let found = macro_f1(branch.segments(), &pairs);
        assert!(found >= 0.7, "seed {SEED}, {branch:?}: macro-F1 {found}");
        assert!(found < 1.0, "seed {SEED}, {branch:?}: the noise went quiet");
    }
}

#[test]
fn segments_that_the_model_names_are_right_as_often_as_it_says() {
    for branch in Branch::ALL {
        let mut random = Random::new(SEED + 1);
        let asked = (0..1_500).map(|_| planted(&mut random, branch));
        let cases: Vec<Case> = asked
            .filter_map(|member| {
                let segment = Segment::of(branch, &member.answers)?;
                let class = branch.segments().iter().position(|known| *known == segment)?;
                Some(Case { behaviour: member.behaviour, class, weight: 1.0 })
            })
            .collect();
        let model = Model::fit(&cases).expect("enough of each");
        let (mut named, mut right, mut said) = (0, 0, 0.0);
        for _ in 0..6_000 {
            let member = planted(&mut random, branch);
            if let Some(class) = model.label(&member.behaviour) {
                named += 1;
                right += usize::from(class == member.class);
                said += model.chances(&member.behaviour)[class];
            }
        }
        assert!(named >= 1_500, "seed {SEED}, {branch:?}: only {named} of 6000 were named");
        let (right, said) = (real(right) / real(named), said / real(named));
        // Three standard errors of a share about 0.8 in 1,500 are 0.03.
        assert!(right >= said - 0.03, "seed {SEED}, {branch:?}: {right} right, {said} said");
        assert!(right >= LABEL_MIN, "seed {SEED}, {branch:?}: {right} right");
        // Foretold by members it has not seen, each segment is as frequent as it is.
        for of in calibrate(&cases).expect("a fit") {
            let share = crate::report::number::count(of.asked) / real(cases.len());
            assert!((of.predicted - share).abs() < 0.03, "seed {SEED}, {branch:?}: {of:?} of {share}");
        }
    }
}
