//! Usage and speed: how often, how lately and how widely members buy, a grid of three by three by two that is merged to
//! eleven segments. Whoever has slowed down or lapsed is not told apart by how widely they bought once.

use super::habits::Habits;
use super::layer::USAGES;
use super::thirds::{Thirds, middle};

/// Whoever was here within so many of the usual days between visits buys as ever.
const RECENT_GAPS: f64 = 3.0;
/// Whoever was not here for more of them than this has lapsed; between the two they are slowing down.
const LAPSED_GAPS: f64 = 9.0;
/// Usual days between visits where nobody came twice.
const GAP_DAYS_UNKNOWN: f64 = 10.0;

/// How lately somebody was here, against the usual days between visits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Recency {
    Recent,
    Slowing,
    Lapsed,
}

/// The grid's borders, as the members of one period have them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Usage {
    /// The median of members' mean days between visits.
    pub(super) gap_days: f64,
    /// Thirds of the members by visits a month.
    pub(super) rate: Thirds,
    /// The median number of categories.
    pub(super) categories: f64,
}

impl Usage {
    pub(super) fn of(habits: &[Habits], days: i32) -> Self {
        let mut gaps: Vec<f64> = habits.iter().filter_map(Habits::mean_gap_days).collect();
        let mut rates: Vec<f64> = habits.iter().map(|habits| habits.visits_per_month(days)).collect();
        let mut categories: Vec<f64> = habits.iter().map(|habits| f64::from(habits.categories)).collect();
        Self {
            // Nobody comes oftener than daily: a gap is a day or more.
            gap_days: middle(&mut gaps).unwrap_or(GAP_DAYS_UNKNOWN),
            rate: Thirds::of(&mut rates),
            categories: middle(&mut categories).unwrap_or(0.0),
        }
    }

    /// The segment of a member who bought so in that many days.
    pub(super) fn segment(&self, habits: &Habits, days: i32) -> usize {
        let since = f64::from(habits.days_since);
        let recency = if since <= RECENT_GAPS * self.gap_days {
            Recency::Recent
        } else if since <= LAPSED_GAPS * self.gap_days {
            Recency::Slowing
        } else {
            Recency::Lapsed
        };
        let frequency = self.rate.level(habits.visits_per_month(days));
        merged(recency, frequency, f64::from(habits.categories) > self.categories)
    }
}

/// The segment of a cell of the grid; frequency 0 is the least, 2 the most.
pub(super) fn merged(recency: Recency, frequency: usize, is_broad: bool) -> usize {
    let name = match (recency, frequency, is_broad) {
        (Recency::Recent, 2.., true) => "frequent_broad",
        (Recency::Recent, 2.., false) => "frequent_narrow",
        (Recency::Recent, 1, true) => "regular_broad",
        (Recency::Recent, 1, false) => "regular_narrow",
        (Recency::Recent, 0, true) => "occasional_broad",
        (Recency::Recent, 0, false) => "occasional_narrow",
        (Recency::Slowing, 2.., _) => "frequent_slowing",
        (Recency::Slowing, 1, _) => "regular_slowing",
        (Recency::Slowing, 0, _) => "occasional_slowing",
        (Recency::Lapsed, 1.., _) => "regular_lapsed",
        (Recency::Lapsed, 0, _) => "occasional_lapsed",
    };
    USAGES.iter().position(|usage| *usage == name).unwrap_or(USAGES.len())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::{Habits, Recency, USAGES, Usage, merged};

    #[test]
    fn the_grid_of_eighteen_cells_is_merged_to_eleven_segments() {
        let mut found = Vec::new();
        for recency in [Recency::Recent, Recency::Slowing, Recency::Lapsed] {
            for frequency in 0..3 {
                found.extend([true, false].map(|is_broad| merged(recency, frequency, is_broad)));
            }
        }
        assert_eq!(found.len(), 18);
        let distinct: BTreeSet<usize> = found.into_iter().collect();
        assert_eq!(distinct, (0..11).collect(), "all eleven, and nothing else");
    }

    #[test]
    fn borders_are_those_of_the_members() {
        // Visits of 1, 2, 3, 4, 5 and 6 in 60 days, 10 days apart where there are several.
        let habits: Vec<Habits> = (1..=6)
            .map(|visits| Habits {
                visits,
                days_between: 10 * (i32::try_from(visits).expect("six") - 1),
                days_since: 10,
                categories: visits,
                ..Habits::default()
            })
            .collect();
        let usage = Usage::of(&habits, 60);
        assert!((usage.gap_days - 10.0).abs() < 1e-12, "{usage:?}");
        assert!((usage.categories - 3.0).abs() < 1e-12, "{usage:?}");
        let names = |days_since| {
            let of = |habits: &Habits| USAGES[usage.segment(&Habits { days_since, ..*habits }, 60)];
            habits.iter().map(of).collect::<Vec<_>>()
        };
        let recent = [
            "occasional_narrow",
            "occasional_narrow",
            "regular_narrow",
            "regular_broad",
            "frequent_broad",
            "frequent_broad",
        ];
        assert_eq!(names(30), recent, "three gaps are as ever");
        assert_eq!(names(31)[3..], ["regular_slowing", "frequent_slowing", "frequent_slowing"]);
        assert_eq!(names(90)[0], "occasional_slowing");
        assert_eq!(names(91)[1..3], ["occasional_lapsed", "regular_lapsed"]);
    }

    proptest! {
        #[test]
        fn every_member_has_exactly_one_segment(
            members in prop::collection::vec((1_u32..200, 0_i32..400, 0_i32..400, 0_u32..90), 1..200), days in 1_i32..800,
        ) {
            let habits: Vec<Habits> = members
                .into_iter()
                .map(|(visits, days_since, days_between, categories)| Habits {
                    visits, days_since, days_between, categories, ..Habits::default()
                })
                .collect();
            let usage = Usage::of(&habits, days);
            let mut sizes = [0; 11];
            for of in &habits {
                let segment = usage.segment(of, days);
                prop_assert!(segment < USAGES.len());
                sizes[segment] += 1;
            }
            prop_assert_eq!(sizes.iter().sum::<usize>(), habits.len());
        }
    }
}
