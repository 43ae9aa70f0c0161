//! The six loyalty segments of Coyles and Gokey (2002), “Customer retention is not enough”, The `McKinsey`
//! Quarterly 2002/2: rules only, by what a member spent before and now and what they answered. The thresholds
//! are ours.

use stats::shares::{ChangeParts, Holding, change_parts};

use crate::report::number::real;
use crate::report::replies::{Attitudes, SATISFACTION_LOW_MAX};

/// Who keeps at most this per cent of what all together keep of their spend migrates downward.
const DOWN_PER_CENT: i128 = 80;
/// The highest attitude leads the second by at least this on a scale of seven points; otherwise none of them
/// keeps the member, who may weigh what there is anew each time.
const LEAD_MIN: f64 = 0.5;
/// What of a fall must come from a smaller wallet for a life event to explain it.
const WALLET_PART_MIN: f64 = 0.5;

/// What was spent in the period before and in this one, in minor units.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Spend {
    pub(super) before: i64,
    pub(super) now: i64,
}

/// Whether a member keeps spending or spends less.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Branch {
    Loyalist,
    Downward,
}

impl Branch {
    pub(super) const ALL: [Self; 2] = [Self::Loyalist, Self::Downward];

    /// The branch of a member by their spend and that of all judged together. Compared without dividing, so
    /// that the border itself is exact: sums are below 2^60 minor units, products below 2^127.
    pub(super) fn of(member: Spend, all: Spend, defected: bool) -> Self {
        let kept = 100 * i128::from(member.now) * i128::from(all.before);
        let border = DOWN_PER_CENT * i128::from(member.before) * i128::from(all.now);
        if defected || kept <= border { Self::Downward } else { Self::Loyalist }
    }

    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Loyalist => "loyalist",
            Self::Downward => "downward",
        }
    }

    /// The segments it consists of.
    pub(super) const fn segments(self) -> [Segment; 3] {
        match self {
            Self::Loyalist => [Segment::Emotive, Segment::Inertial, Segment::Deliberative],
            Self::Downward => [Segment::Dissatisfied, Segment::Lifestyle, Segment::DeliberativeDown],
        }
    }
}

/// Why a member stays, or spends less.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Segment {
    Emotive,
    Inertial,
    Deliberative,
    Lifestyle,
    Dissatisfied,
    DeliberativeDown,
    /// Neither answers nor habits tell.
    Unresolved,
}

impl Segment {
    pub(super) const ALL: [Self; 7] = [
        Self::Emotive,
        Self::Inertial,
        Self::Deliberative,
        Self::Lifestyle,
        Self::Dissatisfied,
        Self::DeliberativeDown,
        Self::Unresolved,
    ];

    /// The segment of a member of a branch by their answers; none where these do not decide.
    pub(super) fn of(branch: Branch, answers: &Answers) -> Option<Self> {
        match branch {
            Branch::Loyalist => loyalist(answers),
            Branch::Downward => downward(answers),
        }
    }

    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Emotive => "emotive",
            Self::Inertial => "inertial",
            Self::Deliberative => "deliberative",
            Self::Lifestyle => "lifestyle",
            Self::Dissatisfied => "dissatisfied",
            Self::DeliberativeDown => "deliberative_down",
            Self::Unresolved => "unresolved",
        }
    }

    /// What to do about it.
    pub(super) const fn play(self) -> &'static str {
        match self {
            Self::Emotive => "recognise",
            Self::Inertial => "ease",
            Self::Deliberative | Self::DeliberativeDown => "fix_offer",
            Self::Lifestyle => "new_products",
            Self::Dissatisfied => "find_and_repair",
            Self::Unresolved => "ask",
        }
    }
}

/// What a member answered; none of what they were not asked or left out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Answers {
    /// Of two items each.
    pub(super) attitudes: Attitudes,
    /// Of 5.
    pub(super) satisfaction: Option<i64>,
    /// Whether the main reason to buy less is that a product or service failed.
    pub(super) failed: Option<bool>,
    /// Whether something changed in their life.
    pub(super) life_event: Option<bool>,
    /// Spend on the category with us, a year ago and now.
    pub(super) own: [Option<i64>; 2],
    /// Spend on the category elsewhere, a year ago and now.
    pub(super) other: [Option<i64>; 2],
}

/// Why a loyalist stays: by the highest of the three attitudes, and deliberately where none is clearly the
/// highest.
fn loyalist(answers: &Answers) -> Option<Segment> {
    let [emotive, inertial, deliberative] = answers.attitudes.indices()?;
    let mut attitudes =
        [(emotive, Segment::Emotive), (inertial, Segment::Inertial), (deliberative, Segment::Deliberative)];
    attitudes.sort_by(|left, right| right.0.total_cmp(&left.0));
    let [(highest, segment), (second, _), _] = attitudes;
    Some(if highest - second < LEAD_MIN { Segment::Deliberative } else { segment })
}

/// Why somebody spends less. Whoever left the satisfaction out may be dissatisfied; a reason can be left out,
/// for it is asked only of those who say that they buy less.
fn downward(answers: &Answers) -> Option<Segment> {
    let is_low = answers.satisfaction.map(|satisfaction| satisfaction <= SATISFACTION_LOW_MAX);
    if answers.failed == Some(true) || is_low? {
        return Some(Segment::Dissatisfied);
    }
    match (answers.life_event, is_mostly_wallet(answers)) {
        (Some(true), Some(true)) => Some(Segment::Lifestyle),
        (Some(false), _) | (_, Some(false)) => Some(Segment::DeliberativeDown),
        _ => None,
    }
}

/// Whether at least half of the fall that a member tells comes from a smaller wallet. Whoever tells of no
/// fall explains none by it.
fn is_mostly_wallet(answers: &Answers) -> Option<bool> {
    let [own_before, own_now] = answers.own;
    // Not the sum of the parts: of no fall at all it could be less than nothing by a rounding.
    let change = real(own_now?) - real(own_before?);
    let parts = told_change(answers)?;
    Some(change < 0.0 && parts.from_size <= WALLET_PART_MIN * change)
}

/// What of the change in spend with us, as the member tells it, came from the wallet and what from our share
/// of it.
fn told_change(answers: &Answers) -> Option<ChangeParts> {
    let ([own_before, own_now], [other_before, other_now]) = (answers.own, answers.other);
    let (own_before, own_now) = (real(own_before?), real(own_now?));
    let (before, now) = (own_before + real(other_before?), own_now + real(other_now?));
    let share = |own: f64, wallet: f64| (wallet > 0.0).then(|| own / wallet);
    let (share_before, share_now) = (share(own_before, before), share(own_now, now));
    // Of an empty wallet there is no share: whoever buys nowhere has not gone to others; the share counts as
    // unchanged.
    Some(change_parts(
        Holding { size: before, share: share_before.or(share_now).unwrap_or(0.0) },
        Holding { size: now, share: share_now.or(share_before).unwrap_or(0.0) },
    ))
}

#[cfg(test)]
mod tests {
    use super::{Answers, Attitudes, Branch, Segment, Spend, is_mostly_wallet, told_change};

    /// All three attitudes, each the sum of its two items.
    fn attitudes(emotive: i64, inertial: i64, deliberative: i64) -> Answers {
        let items = |sum: i64| [Some(sum / 2), Some(sum - sum / 2)];
        let attitudes = Attitudes {
            emotive: items(emotive),
            inertial: items(inertial),
            deliberative: items(deliberative),
        };
        Answers { attitudes, ..Answers::default() }
    }

    /// Satisfied, with a life event, own and other spend before and now.
    fn moved(own: [i64; 2], other: [i64; 2]) -> Answers {
        Answers {
            satisfaction: Some(4),
            life_event: Some(true),
            own: own.map(Some),
            other: other.map(Some),
            ..Answers::default()
        }
    }

    #[test]
    fn who_keeps_four_fifths_of_what_all_keep_migrates_downward_and_who_keeps_more_does_not() {
        // All together keep 90 %: four fifths of it are 72 %. Neither 0.8 nor 0.9 is exact in binary.
        let all = Spend { before: 1_000, now: 900 };
        for (before, now, defected, expected) in [
            (100, 72, false, Branch::Downward),
            (100, 73, false, Branch::Loyalist),
            (1_000_000, 720_000, false, Branch::Downward),
            (1_000_000, 720_001, false, Branch::Loyalist),
            (100, 0, false, Branch::Downward),
            (100, 0, true, Branch::Downward),
            (100, 250, false, Branch::Loyalist),
        ] {
            assert_eq!(Branch::of(Spend { before, now }, all, defected), expected, "{before} to {now}");
        }
        let level = Spend { before: 1_000, now: 1_000 };
        assert_eq!(Branch::of(Spend { before: 10, now: 8 }, level, false), Branch::Downward, "r is 0.80");
    }

    #[test]
    fn loyalists_are_named_by_the_attitude_that_leads_by_half_a_point() {
        for (emotive, inertial, deliberative, expected) in [
            (13, 12, 4, Segment::Emotive),
            (12, 12, 4, Segment::Deliberative),
            (4, 13, 12, Segment::Inertial),
            (4, 12, 13, Segment::Deliberative),
            (8, 8, 8, Segment::Deliberative),
            (14, 2, 2, Segment::Emotive),
        ] {
            let answers = attitudes(emotive, inertial, deliberative);
            let found = Segment::of(Branch::Loyalist, &answers);
            assert_eq!(found, Some(expected), "{emotive} {inertial} {deliberative}");
        }
        let mut half = attitudes(14, 2, 2);
        half.attitudes.inertial = [Some(3), None];
        assert_eq!(Segment::of(Branch::Loyalist, &half), None, "an attitude is the mean of two items");
        assert_eq!(Segment::of(Branch::Loyalist, &Answers::default()), None);
    }

    #[test]
    fn the_golden_fall_is_deliberative() {
        // G-M2: wallet 1,000 to 800, share 0.50 to 0.375.
        let answers = moved([500, 300], [500, 500]);
        let parts = told_change(&answers).expect("all four amounts");
        assert!((parts.from_size + 87.5).abs() < 1e-9, "{parts:?}");
        assert!((parts.from_share + 112.5).abs() < 1e-9, "{parts:?}");
        assert_eq!(Segment::of(Branch::Downward, &answers), Some(Segment::DeliberativeDown));
    }

    #[test]
    fn a_smaller_wallet_explains_a_fall_from_exactly_half_on() {
        for (own, other, expected) in [
            // 4,000 at 0.5 to 3,000 at 0.375: -437.5 of -875 by the wallet.
            ([2_000, 1_125], [2_000, 1_875], true),
            // One more elsewhere, and the share has done more than the wallet.
            ([2_000, 1_125], [2_000, 1_876], false),
            ([500, 300], [500, 300], true),
            ([500, 300], [500, 700], false),
            // No fall, or a wallet that grew.
            ([500, 500], [500, 100], false),
            ([0, 0], [0, 0], false),
            // Buys nowhere any more.
            ([500, 0], [500, 0], true),
            // Buys elsewhere what they bought here.
            ([500, 0], [500, 1_000], false),
        ] {
            assert_eq!(is_mostly_wallet(&moved(own, other)), Some(expected), "{own:?} {other:?}");
        }
    }

    #[test]
    fn those_who_spend_less_are_dissatisfied_first_then_lifestyle_then_deliberative() {
        let smaller = moved([500, 300], [500, 300]);
        let unhappy = |satisfaction| Answers { satisfaction: Some(satisfaction), ..smaller };
        for (answers, expected) in [
            (unhappy(1), Some(Segment::Dissatisfied)),
            (unhappy(2), Some(Segment::Dissatisfied)),
            (unhappy(3), Some(Segment::Lifestyle)),
            (Answers { failed: Some(true), ..unhappy(5) }, Some(Segment::Dissatisfied)),
            (Answers { failed: Some(true), ..Answers::default() }, Some(Segment::Dissatisfied)),
            (Answers { failed: Some(false), ..smaller }, Some(Segment::Lifestyle)),
            (Answers { life_event: Some(false), ..smaller }, Some(Segment::DeliberativeDown)),
            (Answers { life_event: Some(false), own: [None; 2], ..smaller }, Some(Segment::DeliberativeDown)),
            (Answers { life_event: None, ..moved([500, 300], [500, 700]) }, Some(Segment::DeliberativeDown)),
            (Answers { life_event: None, ..smaller }, None),
            (Answers { other: [Some(500), None], ..smaller }, None),
            (Answers { satisfaction: None, ..smaller }, None),
            (Answers::default(), None),
        ] {
            assert_eq!(Segment::of(Branch::Downward, &answers), expected, "{answers:?}");
        }
    }
}
