//! Effects member by member, each expected by models that have not seen the member, and how well they rank.

use stats::bootstrap::Bootstrap;
use stats::experiment::difference::{difference, difference_of};
use stats::interval::{Estimate, Interval};
use stats::moments::Moments;
use stats::rows::Rows;
use stats::unfit::Unfit;
use stats::uplift::learners::Trial;
use stats::uplift::qini::{Point, Ranked};

use super::super::number::count;
use super::super::outcome::Outcome;
use super::members::Known;
use super::{SHARES, Way};

/// Parts of the members, each of which is judged by models of the others.
const FOLDS: usize = 5;
const SEED: u64 = 1;
/// Draws of one member in all resamples together.
const DRAWS: usize = 20_000_000;
/// Resamples at least and at most.
const RESAMPLES: (usize, usize) = (100, 1_000);
const CONFIDENCE: f64 = 0.95;
/// Of the members with the highest expected effect, as many are called responders.
const BEST: f64 = 0.2;
const TENTHS: usize = 10;

/// How one way to learn effects ranks members.
#[derive(Debug, Clone, Copy)]
pub(super) struct WayJudged {
    pub(super) way: Way,
    pub(super) qini: f64,
    pub(super) interval: Interval,
}

/// A tenth of the members by expected effect.
#[derive(Debug, Clone, Copy)]
pub(super) struct Tenth {
    pub(super) treated: u64,
    pub(super) held_out: u64,
    pub(super) expected: f64,
    /// None where an arm is missing in it.
    pub(super) lift: Option<Estimate>,
}

/// What sets responders apart.
#[derive(Debug, Clone)]
pub(super) struct Trait {
    pub(super) habit: &'static str,
    pub(super) category: Option<String>,
    /// Their mean less that of all, in deviations of all.
    pub(super) differs: f64,
}

/// What models make of an experiment; all but `ways` is of the first way.
#[derive(Debug, Clone)]
pub(super) struct Judged {
    pub(super) ways: Vec<WayJudged>,
    /// The effect on everybody.
    pub(super) all: Estimate,
    pub(super) best_fifth: Option<Estimate>,
    pub(super) others: Option<Estimate>,
    /// The effect among the best, for each of [`SHARES`].
    pub(super) at: Vec<Option<Estimate>>,
    pub(super) tenths: Vec<Tenth>,
    /// From the largest difference on.
    pub(super) traits: Vec<Trait>,
    curve: Vec<Point>,
}

impl Judged {
    /// Whether members are ranked better than by chance: only where the whole interval says so.
    pub(super) fn is_better_than_random(&self) -> bool {
        self.ways[0].interval.low > 0.0
    }

    /// What is gained by treating such a share, per member of all, on the line between the curve's points.
    pub(super) fn gained_at(&self, share: f64) -> f64 {
        let next = self.curve.partition_point(|point| point.targeted < share).min(self.curve.len() - 1);
        let (from, to) = (self.curve[next.saturating_sub(1)], self.curve[next]);
        let width = to.targeted - from.targeted;
        let part = if width > 0.0 { ((share - from.targeted) / width).clamp(0.0, 1.0) } else { 1.0 };
        from.gained + part * (to.gained - from.gained)
    }
}

/// Judges every way by members that its models have not seen.
pub(super) fn judge(known: &Known, outcome: Outcome) -> Result<Judged, Unfit> {
    let rows = Rows::new(&known.values, known.habits.len())?;
    let trial = Trial { rows, treated: &known.treated, outcomes: &known.outcomes };
    let resamples = (DRAWS / known.treated.len().max(1)).clamp(RESAMPLES.0, RESAMPLES.1);
    let bootstrap = Bootstrap { resamples, confidence: CONFIDENCE, seed: SEED };
    let mut ways = Vec::new();
    let mut scores = Vec::new();
    for way in Way::ALL {
        let found = trial.cross_fitted(&way.learner(outcome), FOLDS, SEED)?;
        let ranked = ranked(known, &found);
        let interval = ranked.coefficient_interval(&bootstrap)?;
        ways.push(WayJudged { way, qini: ranked.coefficient()?, interval });
        if scores.is_empty() {
            scores = found;
        }
    }
    let by_main = ranked(known, &scores);
    let turned: Vec<f64> = scores.iter().map(|score| -score).collect();
    let arm = |arm: bool| -> Vec<f64> {
        let cases = known.outcomes.iter().zip(&known.treated);
        cases.filter(|(_, treated)| **treated == arm).map(|(outcome, _)| *outcome).collect()
    };
    Ok(Judged {
        ways,
        all: difference(&arm(true), &arm(false))?,
        best_fifth: by_main.effect_among_best(BEST).ok(),
        others: ranked(known, &turned).effect_among_best(1.0 - BEST).ok(),
        at: SHARES.iter().map(|share| by_main.effect_among_best(*share).ok()).collect(),
        tenths: tenths(known, &scores),
        traits: traits(known, &rows, &scores),
        curve: by_main.curve()?,
    })
}

fn ranked<'a>(known: &'a Known, scores: &'a [f64]) -> Ranked<'a> {
    Ranked { scores, treated: &known.treated, outcomes: &known.outcomes }
}

/// Members from the highest expected effect on; equal ones in the order they came in, which is by chance.
fn order(scores: &[f64]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..scores.len()).collect();
    order.sort_by(|one, other| scores[*other].total_cmp(&scores[*one]));
    order
}

fn tenths(known: &Known, scores: &[f64]) -> Vec<Tenth> {
    let order = order(scores);
    let tenth = |number: usize| {
        let members = &order[order.len() * number / TENTHS..order.len() * (number + 1) / TENTHS];
        let mut arms = [Moments::default(); 2];
        let mut expected = Moments::default();
        for member in members {
            arms[usize::from(known.treated[*member])].add(known.outcomes[*member]);
            expected.add(scores[*member]);
        }
        let [held_out, treated] = arms.map(|arm| super::super::number::cases(arm.count()));
        let told = held_out >= 2 && treated >= 2;
        let lift = told.then(|| difference_of(&arms[1], &arms[0]));
        Tenth { treated, held_out, expected: expected.mean(), lift }
    };
    (0..TENTHS).map(tenth).collect()
}

fn traits(known: &Known, rows: &Rows<'_>, scores: &[f64]) -> Vec<Trait> {
    let order = order(scores);
    let best = &order[..order.len() / 5];
    let column = |column: usize| {
        let (mut all, mut of_best) = (Moments::default(), 0.0);
        rows.iter().for_each(|row| all.add(row[column]));
        for member in best {
            of_best += rows.row(*member)[column] / count(best.len() as u64);
        }
        let deviation = all.variance().sqrt();
        if deviation > 0.0 { (of_best - all.mean()) / deviation } else { 0.0 }
    };
    let habits = known.habits.iter().enumerate();
    let mut traits: Vec<Trait> = habits
        .map(|(place, habit)| Trait {
            habit: habit.name,
            category: habit.category.clone(),
            differs: column(place),
        })
        .collect();
    traits.sort_by(|one, other| other.differs.abs().total_cmp(&one.differs.abs()));
    traits
}
