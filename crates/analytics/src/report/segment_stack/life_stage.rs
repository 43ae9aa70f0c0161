//! The life stage of each member, by naive Bayes: of each marker, whether they buy such things or would by now have been
//! seen to, and their year of birth. Who gives no sign, or none that speaks for one stage, is not named.

use stats::naive_bayes::{Evidence, NaiveBayes};

use super::layer::LIFE_STAGES;
use super::markers::{Marker, Markers};
use crate::report::error::ReportError;

/// Days with such a purchase from which a marker counts wholly: one may be a present.
const PRESENT_VISITS: f64 = 3.0;
/// Visits without such a purchase from which it counts wholly that there was none.
const ABSENT_VISITS: f64 = 10.0;
/// A stage is named from this chance on: likelier than all others together.
const NAMED_MIN: f64 = 0.5;
/// Of how many in 1 the age lies outside of the ages of their stage.
const OUTSIDE: f64 = 0.05;
/// Ages that whoever shops can have.
const AGES: (i64, i64) = (14, 100);

/// A member's stage and the chance that it is theirs.
pub(super) type Stage = (usize, f64);

/// The rule, for the categories that there are.
#[derive(Debug, Clone)]
pub(super) struct LifeStages {
    rule: NaiveBayes,
    /// Whether any marker that some category has speaks for a stage.
    has_marker: [bool; LIFE_STAGES.len()],
    ages: [Option<(i64, i64)>; LIFE_STAGES.len()],
}

impl LifeStages {
    /// From the markers that some category has, in the order in which members' visits are counted.
    pub(super) fn of(markers: &Markers, matched: &[&Marker]) -> Result<Self, ReportError> {
        let chances = matched.iter().map(|marker| marker.chances.to_vec()).collect();
        let has_marker = std::array::from_fn(|stage| matched.iter().any(|marker| marker.speaks_for[stage]));
        let rule = NaiveBayes::new(chances, LIFE_STAGES.len())?;
        Ok(Self { rule, has_marker, ages: markers.ages })
    }

    /// How many stages nothing can speak for.
    pub(super) fn silent(&self, is_any_age_known: bool) -> usize {
        (0..LIFE_STAGES.len()).filter(|stage| !self.can_be_told(*stage, is_any_age_known)).count()
    }

    fn can_be_told(&self, stage: usize, is_age_known: bool) -> bool {
        self.has_marker[stage] || (is_age_known && self.ages[stage].is_some())
    }

    /// The stage of a member with so many visits, on so many of which they bought what each marker stands for; none where
    /// it cannot be told.
    pub(super) fn place(
        &self,
        visits: u32,
        marker_visits: &[u32],
        age: Option<i64>,
    ) -> Result<Option<Stage>, ReportError> {
        let age = age.filter(|age| (AGES.0..=AGES.1).contains(age));
        if age.is_none() && marker_visits.iter().all(|visits| *visits == 0) {
            return Ok(None);
        }
        let absent = (f64::from(visits) / ABSENT_VISITS).min(1.0);
        let evidence = |of_marker: &u32| match of_marker {
            0 => Evidence { present: 0.0, absent },
            seen => Evidence { present: (f64::from(*seen) / PRESENT_VISITS).min(1.0), absent: 0.0 },
        };
        let evidence: Vec<Evidence> = marker_visits.iter().map(evidence).collect();
        let weights = self.ages.map(|ages| age.map_or(1.0, |age| age_weight(ages, age)));
        let chances = self.rule.posterior(&weights, &evidence)?;
        let likeliest = chances.iter().copied().enumerate().max_by(|one, other| one.1.total_cmp(&other.1));
        Ok(likeliest
            .filter(|(stage, chance)| *chance >= NAMED_MIN && self.can_be_told(*stage, age.is_some())))
    }
}

/// How often an age is met among those of a stage with these ages: evenly within, seldom outside; evenly over all ages
/// where the stage has none.
fn age_weight(ages: Option<(i64, i64)>, age: i64) -> f64 {
    let width = |(first, last): (i64, i64)| crate::report::number::real(last - first + 1);
    let anywhere = 1.0 / width(AGES);
    ages.map_or(anywhere, |(first, last)| {
        let within = if (first..=last).contains(&age) { (1.0 - OUTSIDE) / width((first, last)) } else { 0.0 };
        within + OUTSIDE * anywhere
    })
}

#[cfg(test)]
mod tests {
    use stats::random::Random;

    use super::super::markers::DEFAULT;
    use super::{LIFE_STAGES, LifeStages, Marker, Markers, Stage};

    const SEED: u64 = 620;
    const VISITS: u32 = 24;

    fn markers() -> Markers {
        Markers::parse(DEFAULT).expect("our own table")
    }

    /// The rule where the categories have the markers with these names.
    fn rule(markers: &Markers, names: &[&str]) -> LifeStages {
        let matched: Vec<&Marker> =
            markers.markers.iter().filter(|marker| names.contains(&marker.name.as_str())).collect();
        assert_eq!(matched.len(), names.len());
        LifeStages::of(markers, &matched).expect("a rule")
    }

    fn told(stage: Option<Stage>) -> Option<&'static str> {
        stage.map(|(stage, _)| LIFE_STAGES[stage])
    }

    #[test]
    fn markers_and_age_tell_the_stage_and_silence_tells_nothing() {
        let markers = markers();
        let rule = rule(&markers, &["baby", "children", "pets"]);
        let place = |visits, marked: [u32; 3], age| told(rule.place(visits, &marked, age).expect("evidence"));
        assert_eq!(place(20, [8, 0, 0], None), Some("baby_family"));
        assert_eq!(place(20, [0, 5, 0], None), Some("child_family"));
        assert_eq!(place(20, [0, 0, 9], None), Some("pet_household"));
        assert_eq!(place(20, [0, 0, 0], None), None, "no sign at all");
        assert_eq!(place(20, [1, 0, 0], Some(70)), Some("pensioner"), "a present for a grandchild");
        assert_eq!(place(2, [0, 0, 0], Some(70)), Some("pensioner"));
        assert_eq!(place(2, [0, 0, 0], Some(40)), None, "many stages are forty");
        assert_eq!(place(2, [0, 0, 0], Some(3)), None, "nobody shops at three");
        assert_eq!((rule.silent(false), rule.silent(true)), (4, 0));
    }

    #[test]
    fn a_stage_that_nothing_speaks_for_is_never_named() {
        let markers = markers();
        let rule = rule(&markers, &["pets"]);
        for visits in [1, 5, 50] {
            for seen in 0..=visits {
                let found = told(rule.place(visits, &[seen], None).expect("evidence"));
                assert!(matches!(found, None | Some("pet_household")), "{visits} {seen}: {found:?}");
            }
        }
    }

    #[test]
    fn planted_life_stages_are_found_as_often_as_the_rule_says() {
        let markers = markers();
        let matched: Vec<&Marker> = markers.markers.iter().collect();
        let rule = LifeStages::of(&markers, &matched).expect("a rule");
        let mut random = Random::new(SEED);
        let (mut named, mut right, mut said, mut right_of_stage) = (0_u32, 0_u32, 0.0, [0_u32; 8]);
        let cases = 8_000;
        for case in 0..cases {
            let truth = case % LIFE_STAGES.len();
            // Households buy what their stage buys now and then: some of it seldom, some of it on every visit.
            let marked: Vec<u32> = matched
                .iter()
                .map(|marker| {
                    let rate = if random.chance(marker.chances[truth]) { 0.3 } else { 0.0 };
                    (0..VISITS).map(|_| u32::from(random.chance(rate))).sum()
                })
                .collect();
            // Two in five have told their year of birth.
            let age = markers.ages[truth].filter(|_| random.chance(0.4)).map(|(first, last)| {
                first + i64::try_from(random.below((last - first + 1).unsigned_abs())).unwrap_or(0)
            });
            if let Some((stage, chance)) = rule.place(VISITS, &marked, age).expect("evidence") {
                named += 1;
                said += chance;
                right += u32::from(stage == truth);
                right_of_stage[truth] += u32::from(stage == truth);
            }
        }
        let (share, said) = (f64::from(right) / f64::from(named), said / f64::from(named));
        assert!(named >= 4_000, "seed {SEED}: only {named} of {cases} were named");
        // Three standard errors of a share about 0.8 in 4,000 are 0.02; signs that are seen in few visits count less.
        assert!((share - said).abs() < 0.04, "seed {SEED}: {share} right, {said} said");
        assert!(share >= 0.7, "seed {SEED}: {share} right");
        assert!(right_of_stage.iter().all(|right| *right >= 100), "seed {SEED}: {right_of_stage:?}");
    }
}
