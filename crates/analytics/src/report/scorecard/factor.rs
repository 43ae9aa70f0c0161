//! The factors that members are asked about: each the mean of its items, which are brought to a scale from 0 to 100 first.

use std::collections::BTreeMap;

use stats::interval::Estimate;
use stats::survey::design::weighted_mean;
use stats::survey::scale::{cronbach_alpha, rescaled};

use super::ANSWERS_MIN;
use crate::report::asked::Rows;
use crate::report::error::ReportError;
use crate::report::number::{count, real};

/// The best that a score can be.
pub(super) const BEST: f64 = 100.0;

/// A factor of the scorecard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FactorName {
    /// Satisfaction with product, buying and programme.
    Satisfaction,
    /// What the firm does for its value: its brand is known, it performs.
    ValueDrivers,
    /// What makes loyal: worth it, as expected or better, trusted.
    LoyaltyDrivers,
    /// What loyal members do, against those held out.
    LoyaltyIndicators,
}

impl FactorName {
    /// Those that members are asked about.
    pub(super) const ASKED: [Self; 3] = [Self::Satisfaction, Self::ValueDrivers, Self::LoyaltyDrivers];

    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Satisfaction => "overall_satisfaction",
            Self::ValueDrivers => "value_drivers",
            Self::LoyaltyDrivers => "loyalty_drivers",
            Self::LoyaltyIndicators => "loyalty_indicators",
        }
    }

    /// The name of its figure.
    pub(super) const fn figure(self) -> &'static str {
        match self {
            Self::Satisfaction => "factor-satisfaction",
            Self::ValueDrivers => "factor-value-drivers",
            Self::LoyaltyDrivers => "factor-loyalty-drivers",
            Self::LoyaltyIndicators => "factor-loyalty-indicators",
        }
    }
}

/// A question of a factor.
pub(super) struct Item {
    pub(super) question: &'static str,
    pub(super) factor: FactorName,
    lowest: f64,
    highest: f64,
}

const fn item(question: &'static str, factor: FactorName, lowest: f64, highest: f64) -> Item {
    Item { question, factor, lowest, highest }
}

/// The questions with their scales.
pub(super) const ITEMS: [Item; 8] = [
    item("satisfaction", FactorName::Satisfaction, 1.0, 5.0),
    item("buying_satisfaction", FactorName::Satisfaction, 1.0, 5.0),
    item("programme_satisfaction", FactorName::Satisfaction, 1.0, 5.0),
    item("brand_known", FactorName::ValueDrivers, 1.0, 7.0),
    item("performance", FactorName::ValueDrivers, 1.0, 7.0),
    item("worth_it", FactorName::LoyaltyDrivers, 1.0, 7.0),
    item("expectations", FactorName::LoyaltyDrivers, -3.0, 3.0),
    item("trust", FactorName::LoyaltyDrivers, 1.0, 7.0),
];

/// What a member answered to each item, from 0 to 100.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Reply {
    pub(super) member_id: i64,
    pub(super) weight: f64,
    pub(super) items: [Option<f64>; ITEMS.len()],
}

impl Reply {
    /// The answers to some items; none where one of them is missing.
    pub(super) fn all(&self, items: &[usize]) -> Option<Vec<f64>> {
        items.iter().map(|item| self.items[*item]).collect()
    }
}

/// The replies of a query, one for each member.
pub(super) fn replies(rows: &Rows) -> Result<Vec<Reply>, ReportError> {
    let (members, questions) = (rows.integers("member_id")?, rows.texts("question")?);
    let (answers, weights) = (rows.integers("answer")?, rows.numbers("weight")?);
    let mut replies: BTreeMap<i64, Reply> = BTreeMap::new();
    for row in 0..rows.len() {
        let reply = replies.entry(members[row]).or_insert_with(|| Reply {
            member_id: members[row],
            weight: weights[row],
            items: [None; ITEMS.len()],
        });
        // A form weighs the same in all of its answers; of several forms the heaviest counts, as in the loyalty profile.
        reply.weight = reply.weight.max(weights[row]);
        let place = ITEMS.iter().position(|item| item.question == questions[row]);
        if let Some((place, item)) = place.map(|place| (place, &ITEMS[place])) {
            reply.items[place] = Some(rescaled(real(answers[row]), item.lowest, item.highest)?);
        }
    }
    Ok(replies.into_values().collect())
}

/// How many answered an item.
pub(super) fn answers_to(replies: &[Reply], item: usize) -> u64 {
    replies.iter().filter(|reply| reply.items[item].is_some()).count() as u64
}

/// The mean of an item; none of too few answers.
pub(super) fn item_score(replies: &[Reply], item: usize) -> Option<Estimate> {
    let (values, weights): (Vec<f64>, Vec<f64>) =
        replies.iter().filter_map(|reply| Some((reply.items[item]?, reply.weight))).unzip();
    mean(&values, &weights)
}

fn mean(values: &[f64], weights: &[f64]) -> Option<Estimate> {
    let is_told = values.len() as u64 >= ANSWERS_MIN;
    weighted_mean(values, weights).ok().filter(|_| is_told)
}

/// A factor as the members answered who answered all of its items.
#[derive(Debug, Clone)]
pub(super) struct Factor {
    /// The items that enough members answered.
    pub(super) items: Vec<usize>,
    /// Members who answered them all.
    pub(super) answers: u64,
    /// None of too few.
    pub(super) score: Option<Estimate>,
    /// Whether the items measure one thing (Cronbach 1951), all members counting alike; none of a single item.
    pub(super) alpha: Option<f64>,
}

impl Factor {
    pub(super) fn of(name: FactorName, replies: &[Reply]) -> Self {
        let of_factor = (0..ITEMS.len()).filter(|item| ITEMS[*item].factor == name);
        let items: Vec<usize> = of_factor.filter(|item| answers_to(replies, *item) >= ANSWERS_MIN).collect();
        let whole = replies.iter().filter_map(|reply| Some((reply.all(&items)?, reply.weight)));
        let (answers, weights): (Vec<Vec<f64>>, Vec<f64>) =
            if items.is_empty() { (Vec::new(), Vec::new()) } else { whole.unzip() };
        let means: Vec<f64> = answers.iter().map(|answers| mean_of(answers)).collect();
        let score = mean(&means, &weights);
        let alpha = score.and_then(|_| cronbach_alpha(&answers).ok());
        Self { items, answers: answers.len() as u64, score, alpha }
    }

    /// What it gained on what members answered before; none where other items were asked. The errors add up as those of
    /// different members do: of those who answered twice it is more certain than that.
    pub(super) fn change(&self, before: &Self) -> Option<Estimate> {
        let (now, then) = (self.score?, before.score.filter(|_| self.items == before.items)?);
        Some(Estimate {
            value: now.value - then.value,
            standard_error: now.standard_error.hypot(then.standard_error),
            degrees: now.degrees.min(then.degrees),
        })
    }

    /// A member's own value; none who left an item out, and none where the factor is not told.
    pub(super) fn of_member(&self, reply: &Reply) -> Option<f64> {
        self.score?;
        Some(mean_of(&reply.all(&self.items)?))
    }
}

/// Of at least one.
fn mean_of(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / count(values.len() as u64)
}

#[cfg(test)]
mod tests {
    use super::{Factor, FactorName, ITEMS, Reply, item_score};

    fn reply(member_id: i64, weight: f64, items: &[(usize, f64)]) -> Reply {
        let mut reply = Reply { member_id, weight, items: [None; ITEMS.len()] };
        for (item, value) in items {
            reply.items[*item] = Some(*value);
        }
        reply
    }

    #[test]
    fn a_factor_is_the_mean_of_its_items_over_those_who_answered_all() {
        // Twenty of weight 1 with 100, 100 and 40; twenty of weight 3 with 50, 25 and 0; one who left an item out.
        let mut replies: Vec<Reply> =
            (0..20).map(|member| reply(member, 1.0, &[(0, 100.0), (1, 100.0), (2, 40.0)])).collect();
        replies.extend((20..40).map(|member| reply(member, 3.0, &[(0, 50.0), (1, 25.0), (2, 0.0)])));
        replies.push(reply(40, 1.0, &[(0, 0.0), (1, 0.0)]));
        let factor = Factor::of(FactorName::Satisfaction, &replies);
        let score = factor.score.expect("enough").value;
        assert!((score - (80.0 + 3.0 * 25.0) / 4.0).abs() < 1e-9, "{score}");
        assert_eq!((factor.answers, factor.items.as_slice()), (40, &[0, 1, 2][..]));
        assert!(factor.alpha.is_some_and(|alpha| alpha > 0.9), "{factor:?}");
        assert_eq!(factor.of_member(&replies[0]), Some(80.0));
        assert_eq!(factor.of_member(&replies[40]), None);
    }

    #[test]
    fn an_item_of_29_answers_is_left_out_and_a_factor_of_29_members_is_not_told() {
        let mut replies: Vec<Reply> =
            (0..29).map(|member| reply(member, 1.0, &[(3, 50.0), (4, 90.0)])).collect();
        assert!(item_score(&replies, 3).is_none());
        let nothing = Factor::of(FactorName::ValueDrivers, &replies);
        assert!(nothing.score.is_none() && nothing.of_member(&replies[0]).is_none(), "{nothing:?}");
        replies.push(reply(29, 1.0, &[(3, 50.0)]));
        let of_one_item = Factor::of(FactorName::ValueDrivers, &replies);
        assert_eq!((of_one_item.items.as_slice(), of_one_item.answers), (&[3][..], 30));
        assert!(of_one_item.score.is_some_and(|score| (score.value - 50.0).abs() < 1e-9));
        assert_eq!(of_one_item.alpha, None, "one item agrees with nothing");
    }

    #[test]
    fn a_change_is_told_where_the_same_items_were_asked_before() {
        let form = |first: f64, spread: f64, items: &[usize]| -> Factor {
            let of = |member: i64| {
                let value = first + if member % 2 == 0 { spread } else { -spread };
                reply(member, 1.0, &items.iter().map(|item| (*item, value)).collect::<Vec<_>>())
            };
            Factor::of(FactorName::ValueDrivers, &(0..40).map(of).collect::<Vec<_>>())
        };
        let (now, before) = (form(70.0, 10.0, &[3, 4]), form(50.0, 10.0, &[3, 4]));
        let change = now.change(&before).expect("both are told");
        let error = now.score.expect("told").standard_error;
        assert!((change.value - 20.0).abs() < 1e-9);
        assert!((change.standard_error - 2.0_f64.sqrt() * error).abs() < 1e-9, "{change:?}");
        assert!(now.change(&form(50.0, 10.0, &[3])).is_none(), "another item was not asked");
        assert!(now.change(&Factor::of(FactorName::ValueDrivers, &[])).is_none());
    }

    #[test]
    fn items_that_have_nothing_to_do_with_each_other_have_no_alpha_to_speak_of() {
        let replies: Vec<Reply> = (0..40)
            .map(|member| {
                let [low, high] =
                    [f64::from(member % 2 == 0), f64::from(member % 4 < 2)].map(|bit| 100.0 * bit);
                reply(i64::from(member), 1.0, &[(3, low), (4, high)])
            })
            .collect();
        let factor = Factor::of(FactorName::ValueDrivers, &replies);
        assert!(factor.alpha.is_some_and(|alpha| alpha.abs() < 0.1), "{factor:?}");
    }
}
