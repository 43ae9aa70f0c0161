//! The five types of loyalty that the literature on customer satisfaction names, of which only one is commitment: rules only, by how
//! a member buys, what leaving would cost them, and what they answered. The thresholds are ours.

use crate::report::number::{count, real};

/// Visits from which on there are gaps to compare.
pub(super) const VISITS_MIN: u64 = 3;
/// The score from which on a type holds: a condition that is just met scores it.
pub(super) const HOLDS_MIN: f64 = 50.0;
const BEST: f64 = 100.0;
/// The quarter of the members with most, or least, of something.
const QUARTER_MIN: f64 = 0.75;
/// What of the spend must vanish without offers for these to hold a member.
const VANISHING_MIN: f64 = 0.2;
/// The share of visits in one store, or on one day of the week, that is a habit.
const PLACE_MIN: f64 = 0.7;
/// The points of seven from which on somebody is looking elsewhere.
const LOOKING_MIN: i64 = 5;
const LOOKING: (i64, i64) = (1, 7);
/// The points of ten from which on somebody promotes.
const PROMOTES_MIN: i64 = 9;
const RECOMMENDS: (i64, i64) = (0, 10);
/// The least lead of an attitude over the others, and the greatest.
const LEAD_MIN: f64 = 0.5;
const LEAD_MAX: f64 = 6.0;

/// Why a member keeps buying.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LoyaltyType {
    /// There is no alternative.
    Monopoly,
    /// You are better, and they say so to others.
    Committed,
    /// Offers hold them.
    Incentivised,
    /// Leaving costs too much, though they look for better (also called cost of change).
    Economy,
    /// They always have.
    Habitual,
    /// None of the five holds.
    NoType,
    /// None holds as far as is known, and something is not known.
    Unresolved,
    /// Too few visits.
    Unclassified,
}

impl LoyaltyType {
    /// The five, in the order in which they apply.
    pub(super) const FIVE: [Self; 5] =
        [Self::Monopoly, Self::Committed, Self::Incentivised, Self::Economy, Self::Habitual];
    pub(super) const ALL: [Self; 8] = [
        Self::Monopoly,
        Self::Committed,
        Self::Incentivised,
        Self::Economy,
        Self::Habitual,
        Self::NoType,
        Self::Unresolved,
        Self::Unclassified,
    ];

    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Monopoly => "monopoly",
            Self::Committed => "committed",
            Self::Incentivised => "incentivised",
            Self::Economy => "economy",
            Self::Habitual => "habitual",
            Self::NoType => "no_type",
            Self::Unresolved => "unresolved",
            Self::Unclassified => "unclassified",
        }
    }

    /// Whether they stay for want of a convenient alternative, and not because they are satisfied.
    pub(super) const fn is_held(self) -> bool {
        matches!(self, Self::Monopoly | Self::Habitual)
    }
}

/// What is known of a member with visits enough; none of what is not.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Facts {
    /// Other suppliers they could use.
    pub(super) alternatives: Option<i64>,
    /// The attitude indices E, I and D, of 7.
    pub(super) attitudes: Option<[f64; 3]>,
    /// How likely they are to recommend, of 10.
    pub(super) recommend: Option<i64>,
    /// Whether they brought somebody, or complained and stayed.
    pub(super) acted: Option<bool>,
    /// The share of members who spend less of their money with vouchers; none where there are no offers.
    pub(super) voucher_rank: Option<f64>,
    /// What of their spend in weeks with offers is missing in the others.
    pub(super) vanishing: Option<f64>,
    /// The share of members who have fewer points.
    pub(super) points_rank: Option<f64>,
    /// Whether they have money stored.
    pub(super) has_stored: bool,
    /// How much they look for better offers, of 7.
    pub(super) looks_elsewhere: Option<i64>,
    /// The share of members who buy less evenly.
    pub(super) evenness_rank: Option<f64>,
    /// The share of their visits in one store, or on one day of the week.
    pub(super) place_share: Option<f64>,
}

/// How far a type holds of a member.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Score {
    /// From 0 to 100, that of the condition that is met least: 50 or more where all are met. None where one is not known.
    pub(super) value: Option<f64>,
    /// Whether all conditions are met. None where it depends on what is not known.
    pub(super) holds: Option<bool>,
}

impl Score {
    fn of(conditions: &[Option<f64>]) -> Self {
        let least = conditions.iter().flatten().fold(BEST, |least, degree| least.min(*degree));
        let is_known = conditions.iter().all(Option::is_some);
        let holds = if least < HOLDS_MIN { Some(false) } else { is_known.then_some(true) };
        Self { value: is_known.then_some(least), holds }
    }
}

/// How far a condition is met: 0 at the worst, 50 where it is just met, 100 at the best, in straight lines between.
fn degree(value: f64, (worst, least, best): (f64, f64, f64)) -> f64 {
    let part =
        |from: f64, to: f64| if to > from { ((value - from) / (to - from)).clamp(0.0, 1.0) } else { 1.0 };
    if value < least {
        // Just missed is missed, however the division rounds.
        (HOLDS_MIN * part(worst, least)).min(HOLDS_MIN.next_down())
    } else {
        HOLDS_MIN + (BEST - HOLDS_MIN) * part(least, best)
    }
}

fn points(answer: Option<i64>, least: i64, (worst, best): (i64, i64)) -> Option<f64> {
    answer.map(|answer| degree(real(answer), (real(worst), real(least), real(best))))
}

fn in_quarter(rank: Option<f64>) -> Option<f64> {
    rank.map(|rank| degree(rank, (0.0, QUARTER_MIN, 1.0)))
}

/// How far an attitude leads the others.
fn leads(attitudes: Option<[f64; 3]>, which: usize) -> Option<f64> {
    let attitudes = attitudes?;
    let others = attitudes.iter().enumerate().filter(|(other, _)| *other != which);
    let second = others.fold(f64::NEG_INFINITY, |highest, (_, attitude)| highest.max(*attitude));
    Some(degree(attitudes[which] - second, (-LEAD_MAX, LEAD_MIN, LEAD_MAX)))
}

fn yes(answer: Option<bool>) -> Option<f64> {
    answer.map(|answer| if answer { BEST } else { 0.0 })
}

impl Facts {
    /// Whether any of it comes from their answers.
    pub(super) fn is_asked(&self) -> bool {
        let answers = [self.alternatives, self.recommend, self.looks_elsewhere];
        answers.iter().any(Option::is_some) || self.attitudes.is_some() || self.acted.is_some()
    }

    /// The scores of the five types, in the order in which they apply.
    pub(super) fn scores(&self) -> [Score; 5] {
        // None or one is no choice: 100 and 50; two score 33.
        let monopoly = self.alternatives.map(|others| BEST / (1.0 + real(others)));
        let stored = if self.has_stored { Some(BEST) } else { in_quarter(self.points_rank) };
        [
            Score::of(&[monopoly]),
            Score::of(&[
                leads(self.attitudes, 0),
                points(self.recommend, PROMOTES_MIN, RECOMMENDS),
                yes(self.acted),
            ]),
            Score::of(&[
                in_quarter(self.voucher_rank),
                self.vanishing.map(|part| degree(part, (0.0, VANISHING_MIN, 1.0))),
            ]),
            Score::of(&[stored, points(self.looks_elsewhere, LOOKING_MIN, LOOKING)]),
            Score::of(&[
                in_quarter(self.evenness_rank),
                self.place_share.map(|share| degree(share, (0.0, PLACE_MIN, 1.0))),
                leads(self.attitudes, 1),
            ]),
        ]
    }
}

/// The first type that holds, and whether one before it might hold as well; otherwise whether none does, or it is not known.
pub(super) fn loyalty_type(scores: &[Score; 5]) -> (LoyaltyType, bool) {
    let first = scores.iter().position(|score| score.holds == Some(true));
    let is_open = |scores: &[Score]| scores.iter().any(|score| score.holds.is_none());
    match first {
        Some(first) => (LoyaltyType::FIVE[first], is_open(&scores[..first])),
        None if is_open(scores) => (LoyaltyType::Unresolved, true),
        None => (LoyaltyType::NoType, false),
    }
}

/// For each value that is known, the share of all known ones that are less.
pub(super) fn ranks(values: &[Option<f64>]) -> Vec<Option<f64>> {
    let mut known: Vec<f64> = values.iter().flatten().copied().collect();
    known.sort_by(f64::total_cmp);
    let all = count(known.len() as u64);
    let rank = |value: f64| count(known.partition_point(|other| *other < value) as u64) / all;
    values.iter().map(|value| value.map(rank)).collect()
}

#[cfg(test)]
mod tests {
    use super::{Facts, HOLDS_MIN, LoyaltyType, Score, degree, loyalty_type, ranks};

    /// A member of whom everything is known and no type holds.
    const INDIFFERENT: Facts = Facts {
        alternatives: Some(5),
        attitudes: Some([4.0, 4.0, 4.0]),
        recommend: Some(7),
        acted: Some(false),
        voucher_rank: Some(0.4),
        vanishing: Some(0.0),
        points_rank: Some(0.4),
        has_stored: false,
        looks_elsewhere: Some(4),
        evenness_rank: Some(0.4),
        place_share: Some(0.4),
    };

    fn found(facts: Facts) -> LoyaltyType {
        loyalty_type(&facts.scores()).0
    }

    #[test]
    fn each_type_holds_from_its_thresholds_on_and_not_before() {
        let committed =
            Facts { attitudes: Some([5.0, 4.5, 4.5]), recommend: Some(9), acted: Some(true), ..INDIFFERENT };
        let incentivised = Facts { voucher_rank: Some(0.75), vanishing: Some(0.2), ..INDIFFERENT };
        let economy = Facts { points_rank: Some(0.75), looks_elsewhere: Some(5), ..INDIFFERENT };
        let habitual = Facts {
            evenness_rank: Some(0.75),
            place_share: Some(0.7),
            attitudes: Some([4.5, 5.0, 4.5]),
            ..INDIFFERENT
        };
        for (facts, expected) in [
            (INDIFFERENT, LoyaltyType::NoType),
            (Facts { alternatives: Some(0), ..INDIFFERENT }, LoyaltyType::Monopoly),
            (Facts { alternatives: Some(1), ..INDIFFERENT }, LoyaltyType::Monopoly),
            (Facts { alternatives: Some(2), ..INDIFFERENT }, LoyaltyType::NoType),
            (committed, LoyaltyType::Committed),
            (Facts { attitudes: Some([5.0, 5.0, 4.5]), ..committed }, LoyaltyType::NoType),
            (Facts { recommend: Some(8), ..committed }, LoyaltyType::NoType),
            (Facts { acted: Some(false), ..committed }, LoyaltyType::NoType),
            (incentivised, LoyaltyType::Incentivised),
            (Facts { voucher_rank: Some(0.749), ..incentivised }, LoyaltyType::NoType),
            (Facts { vanishing: Some(0.199), ..incentivised }, LoyaltyType::NoType),
            (economy, LoyaltyType::Economy),
            (Facts { points_rank: Some(0.749), ..economy }, LoyaltyType::NoType),
            (Facts { points_rank: Some(0.0), has_stored: true, ..economy }, LoyaltyType::Economy),
            (Facts { looks_elsewhere: Some(4), ..economy }, LoyaltyType::NoType),
            (habitual, LoyaltyType::Habitual),
            (Facts { evenness_rank: Some(0.749), ..habitual }, LoyaltyType::NoType),
            (Facts { place_share: Some(0.699), ..habitual }, LoyaltyType::NoType),
            (Facts { attitudes: Some([5.0, 5.0, 4.5]), ..habitual }, LoyaltyType::NoType),
        ] {
            assert_eq!(found(facts), expected, "{facts:?}");
        }
    }

    #[test]
    fn the_first_type_that_holds_is_the_one() {
        let everything = Facts {
            alternatives: Some(0),
            attitudes: Some([7.0, 1.0, 1.0]),
            recommend: Some(10),
            acted: Some(true),
            voucher_rank: Some(0.9),
            vanishing: Some(0.9),
            points_rank: Some(0.9),
            looks_elsewhere: Some(7),
            ..INDIFFERENT
        };
        assert_eq!(found(everything), LoyaltyType::Monopoly);
        let many = Facts { alternatives: Some(3), ..everything };
        assert_eq!(found(many), LoyaltyType::Committed);
        let silent = Facts { acted: Some(false), ..many };
        assert_eq!(found(silent), LoyaltyType::Incentivised);
        assert_eq!(found(Facts { vanishing: Some(0.0), ..silent }), LoyaltyType::Economy);
    }

    #[test]
    fn what_is_not_known_gives_no_type_and_excludes_none() {
        let asked_nothing = Facts {
            voucher_rank: Some(0.9),
            vanishing: Some(0.5),
            evenness_rank: Some(0.9),
            place_share: Some(0.9),
            ..Facts::default()
        };
        // Offers hold whoever was not asked; an earlier type might hold as well.
        assert_eq!(loyalty_type(&asked_nothing.scores()), (LoyaltyType::Incentivised, true));
        let scores = asked_nothing.scores().map(|score| score.value.is_some());
        assert_eq!(scores, [false, false, true, false, false]);
        assert_eq!(found(Facts { vanishing: Some(0.0), ..asked_nothing }), LoyaltyType::Unresolved);
        assert_eq!(found(Facts::default()), LoyaltyType::Unresolved);
        // Whoever would not recommend is not committed, whatever was left out.
        let detractor = Facts { attitudes: None, acted: None, recommend: Some(3), ..INDIFFERENT };
        assert_eq!(detractor.scores()[1], Score { value: None, holds: Some(false) });
        assert_eq!(
            loyalty_type(&Facts { evenness_rank: Some(0.1), ..detractor }.scores()),
            (LoyaltyType::NoType, false)
        );
    }

    #[test]
    fn a_score_is_that_of_the_condition_met_least() {
        let facts = Facts { points_rank: Some(0.9), looks_elsewhere: Some(6), ..INDIFFERENT };
        // Rank 0.9 of 0.75 to 1: 50 + 50 · 0.6 = 80; 6 of 5 to 7: 75.
        let economy = facts.scores()[3].value.expect("all is known");
        assert!((economy - 75.0).abs() < 1e-9, "{economy}");
        for (value, expected) in
            [(-1.0, 0.0), (0.0, 0.0), (0.1, 25.0), (0.2, 50.0), (0.6, 75.0), (2.0, 100.0)]
        {
            let found = degree(value, (0.0, 0.2, 1.0));
            assert!((found - expected).abs() < 1e-9, "{value}: {found}");
        }
        assert!(degree(0.2_f64.next_down(), (0.0, 0.2, 1.0)) < HOLDS_MIN);
        assert!(
            (Facts { alternatives: Some(3), ..facts }.scores()[0].value.expect("known") - 25.0).abs() < 1e-9
        );
    }

    #[test]
    fn a_rank_is_the_share_of_the_others_that_are_less() {
        let found = ranks(&[Some(3.0), None, Some(1.0), Some(3.0), Some(2.0)]);
        assert_eq!(found, [Some(0.5), None, Some(0.0), Some(0.5), Some(0.25)]);
        // Of many who have nothing nobody is in the upper quarter, and whoever has something is.
        let mut values = vec![Some(0.0); 9];
        values.push(Some(1.0));
        assert_eq!(ranks(&values)[8..], [Some(0.0), Some(0.9)]);
        assert_eq!(ranks(&[]), []);
    }
}
