//! The segments of those who were not asked: how likely each is, by habits, learnt from those of the same
//! branch who were; and how such chances fare with members that a model has not seen.

use stats::moments::Moments;
use stats::regression::logistic::Logistic;
use stats::rows::Rows;
use stats::unfit::Unfit;

/// What is known of everybody's habits: columns of the query.
pub(super) const FEATURES: [&str; 11] = [
    "spend",
    "frequency",
    "spend_change",
    "frequency_change",
    "gap",
    "silence",
    "unevenness",
    "basket",
    "several_stores",
    "several_channels",
    "categories",
];
/// Segments that a model tells apart.
pub(super) const CLASSES: usize = 3;
/// A segment is named from this chance on: more than all others together, with something to spare.
pub(super) const LABEL_MIN: f64 = 0.6;
/// Members of each segment who must have been asked; the whole is then at least three times as many.
/// Coefficients without a ridge would need ten each (Peduzzi et al. 1996, Journal of Clinical Epidemiology
/// 49(12)).
const ASKED_MIN: usize = 30;
/// Pulls coefficients of standardised habits towards 0, and keeps those finite that separate the segments.
const RIDGE: f64 = 1.0;
/// Habits further off than so many deviations count as this far: nobody like them was asked.
const DEVIATIONS_MAX: f64 = 3.0;
/// Parts of the asked members, each of which is foretold by the others.
const FOLDS: usize = 5;

/// A member's habits, in the order of [`FEATURES`].
pub(super) type Behaviour = [f64; FEATURES.len()];

/// A member whose segment is known, by its place among the segments of the branch.
#[derive(Debug, Clone, Copy)]
pub(super) struct Case {
    pub(super) behaviour: Behaviour,
    pub(super) class: usize,
    /// What their answers count for in shares. The model learns from all alike.
    pub(super) weight: f64,
}

/// Where the habits of the asked lie and how far they spread.
#[derive(Debug, Clone, Copy)]
struct Scale {
    means: Behaviour,
    deviations: Behaviour,
}

impl Scale {
    fn of(cases: &[Case]) -> Self {
        let moments: [Moments; FEATURES.len()] = std::array::from_fn(|column| {
            let mut moments = Moments::default();
            for case in cases {
                moments.add(case.behaviour[column]);
            }
            moments
        });
        // What is the same of all says nothing, and is 0 of all.
        let deviation = |moments: Moments| {
            let variance = moments.variance();
            if variance > 0.0 { variance.sqrt() } else { 1.0 }
        };
        Self { means: moments.map(|moments| moments.mean()), deviations: moments.map(deviation) }
    }

    fn standardised(&self, behaviour: &Behaviour) -> Behaviour {
        std::array::from_fn(|column| {
            let distance = (behaviour[column] - self.means[column]) / self.deviations[column];
            distance.clamp(-DEVIATIONS_MAX, DEVIATIONS_MAX)
        })
    }
}

/// One regression for each segment against the others, their chances brought to a sum of 1.
#[derive(Debug, Clone)]
pub(super) struct Model {
    scale: Scale,
    fits: [Logistic; CLASSES],
}

impl Model {
    /// Learns from those who were asked; nothing where a segment has too few of them.
    pub(super) fn fit(cases: &[Case]) -> Option<Self> {
        let asked = |class: usize| cases.iter().filter(|case| case.class == class).count();
        if (0..CLASSES).any(|class| asked(class) < ASKED_MIN) {
            return None;
        }
        Self::fitted(cases).ok()
    }

    fn fitted(cases: &[Case]) -> Result<Self, Unfit> {
        let scale = Scale::of(cases);
        let values: Vec<f64> = cases.iter().flat_map(|case| scale.standardised(&case.behaviour)).collect();
        let rows = Rows::new(&values, FEATURES.len())?;
        let fit = |class: usize| {
            let happened: Vec<bool> = cases.iter().map(|case| case.class == class).collect();
            Logistic::fit(&rows, &happened, RIDGE)
        };
        Ok(Self { scale, fits: [fit(0)?, fit(1)?, fit(2)?] })
    }

    /// How likely each segment is.
    pub(super) fn chances(&self, behaviour: &Behaviour) -> [f64; CLASSES] {
        let row = self.scale.standardised(behaviour);
        let chances: [f64; CLASSES] = std::array::from_fn(|class| self.fits[class].predict(&row));
        let sum = chances.iter().sum::<f64>().max(f64::MIN_POSITIVE);
        chances.map(|chance| chance / sum)
    }

    /// The segment that is likely enough to be named.
    pub(super) fn label(&self, behaviour: &Behaviour) -> Option<usize> {
        likely(&self.chances(behaviour))
    }
}

/// No two chances of one member can be above a half.
fn likely(chances: &[f64; CLASSES]) -> Option<usize> {
    chances.iter().position(|chance| *chance >= LABEL_MIN)
}

/// How the chances of one segment fare with those who were asked, when each is foretold by a model that has
/// not seen them.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Calibration {
    /// Members who are of the segment by their answers.
    pub(super) asked: u64,
    /// Their share of all who were asked, by the weights of their answers.
    pub(super) share: f64,
    /// Mean chance of it over all who were asked, by the same weights.
    pub(super) predicted: f64,
    /// Members it would have been named of …
    pub(super) labelled: u64,
    /// … and of these, who are of it by their answers.
    pub(super) right: u64,
}

/// Lets each fifth of the asked be foretold by the others. The fifths go by place: the same members give the
/// same answer.
pub(super) fn calibrate(cases: &[Case]) -> Result<[Calibration; CLASSES], Unfit> {
    let mut found = [Calibration::default(); CLASSES];
    // Weights of a survey are above 0.
    let weights: f64 = cases.iter().map(|case| case.weight).sum();
    for fold in 0..FOLDS {
        let others = cases.iter().enumerate().filter(|(place, _)| place % FOLDS != fold);
        let others: Vec<Case> = others.map(|(_, case)| *case).collect();
        let model = Model::fitted(&others)?;
        for case in cases.iter().skip(fold).step_by(FOLDS) {
            let chances = model.chances(&case.behaviour);
            for (of, chance) in found.iter_mut().zip(chances) {
                of.predicted += chance * case.weight / weights;
            }
            found[case.class].asked += 1;
            found[case.class].share += case.weight / weights;
            if let Some(class) = likely(&chances) {
                found[class].labelled += 1;
                found[class].right += u64::from(class == case.class);
            }
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::{ASKED_MIN, Behaviour, CLASSES, Case, FEATURES, Model, calibrate};

    /// Members of a segment whose first habits lie about its place, a tenth apart.
    fn cases(members: [usize; CLASSES]) -> Vec<Case> {
        let mut cases = Vec::new();
        for (class, members) in members.into_iter().enumerate() {
            for step in 0..members {
                let mut behaviour: Behaviour = [0.0; FEATURES.len()];
                behaviour[class] = 3.0;
                behaviour[3] = if step % 2 == 0 { 0.1 } else { -0.1 };
                cases.push(Case { behaviour, class, weight: 1.0 });
            }
        }
        cases
    }

    #[test]
    fn fewer_than_thirty_of_a_segment_teach_nothing() {
        assert!(Model::fit(&cases([ASKED_MIN; CLASSES])).is_some());
        assert!(Model::fit(&cases([300, 300, ASKED_MIN - 1])).is_none());
        assert!(Model::fit(&[]).is_none());
    }

    #[test]
    fn clear_habits_are_named_and_those_between_are_not() {
        let cases = cases([60; CLASSES]);
        let model = Model::fit(&cases).expect("enough of each");
        for case in &cases {
            assert_eq!(model.label(&case.behaviour), Some(case.class));
            assert!((model.chances(&case.behaviour).iter().sum::<f64>() - 1.0).abs() < 1e-12);
        }
        let mut between: Behaviour = [0.0; FEATURES.len()];
        between[0] = 1.5;
        between[1] = 1.5;
        assert_eq!(model.label(&between), None, "{:?}", model.chances(&between));
        let mut far = cases[0].behaviour;
        far[0] = 1e12;
        assert!(model.chances(&far).iter().all(|chance| chance.is_finite()));
    }

    #[test]
    fn who_counts_for_three_has_three_times_the_share() {
        let mut weighted = cases([50, 50, 50]);
        weighted.iter_mut().filter(|case| case.class == 0).for_each(|case| case.weight = 3.0);
        let found = calibrate(&weighted).expect("a fit");
        for (of, (asked, share)) in found.iter().zip([(50, 0.6), (50, 0.2), (50, 0.2)]) {
            assert!(of.asked == asked && (of.share - share).abs() < 1e-9, "{found:?}");
            // The habits are as clear as can be: the mean chance follows the weights too.
            assert!((of.predicted - share).abs() < 0.05, "{found:?}");
        }
    }

    #[test]
    fn what_is_foretold_adds_up_to_all_who_were_asked() {
        let found = calibrate(&cases([50, 40, 60])).expect("a fit");
        assert_eq!(found.map(|of| of.asked), [50, 40, 60]);
        assert!((found.iter().map(|of| of.predicted).sum::<f64>() - 1.0).abs() < 1e-9);
        assert!((found[1].share - 40.0 / 150.0).abs() < 1e-12, "{found:?}");
        assert!(found.iter().all(|of| of.right == of.labelled && of.labelled > 0), "{found:?}");
    }
}
