//! Loyalty indicators: what members buy more than those held out, each as a difference in differences. What members bought before
//! and after says nothing about a programme: prices, seasons and age change what they buy as well.

use std::collections::BTreeMap;

use stats::experiment::differences::of_panel_moments;
use stats::interval::Estimate;
use stats::moments::PairMoments;

use super::factor::BEST;
use super::{ANSWERS_MIN, CONFIDENCE};
use crate::report::answer::{Kind, ReportTable, Value};
use crate::report::asked::{Asked, Rows};
use crate::report::design::Design;
use crate::report::error::ReportError;
use crate::report::free_riders::LEAK_MAX;
use crate::report::number::count;
use crate::report::outcome::Outcome;

const SQL: &str = include_str!("../../../reports/scorecard_indicators.sql");
/// The indicators: name, column before, column in the period. Quantity, repeat frequency, usage, spend.
const INDICATORS: [(&str, &str, &str); 4] = [
    ("lines_bought", "lines_before", "lines_now"),
    ("purchases", "purchases_before", "purchases_now"),
    ("active_months", "months_before", "months_now"),
    ("spend", "spend_before", "spend_now"),
];
const SPEND: usize = 3;
/// A fifth more than without the programme scores 100, a fifth less 0, no effect 50.
const EFFECT_MAX: f64 = 0.2;
const NO_EFFECT: f64 = BEST / 2.0;

/// What a member bought, before and in the period.
#[derive(Debug, Clone)]
pub(super) struct Bought {
    pub(super) member_id: i64,
    pub(super) is_treated: bool,
    is_rewarded: bool,
    amounts: [(f64, f64); INDICATORS.len()],
}

/// The indicators with the members behind them.
#[derive(Debug, Clone)]
pub(super) struct Indicators {
    /// Treated members and those held out.
    sizes: (u64, u64),
    /// The effect on each, as a share of what it would be of a treated member without the programme; none where that is
    /// nothing.
    effects: [Option<Estimate>; INDICATORS.len()],
    /// Their mean.
    effect: Estimate,
    /// The effect on spend, in minor units.
    spend: Estimate,
    /// What each treated member changed more than those held out did on average, in points of the score.
    changes: BTreeMap<i64, f64>,
}

/// Why there are none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Absent {
    NobodyHeldOut,
    TooFew,
}

/// Measures the indicators, or says why it cannot.
pub(super) async fn find(asked: &mut Asked) -> Result<Option<Indicators>, ReportError> {
    if asked.period().before() < asked.days().0 {
        asked.note("scorecard-no-period-before", 1);
        return Ok(None);
    }
    let design = Design::of(asked).await?.judged_by(Outcome::Spend);
    let bought = bought(&asked.rows("scorecard_indicators", &design.sql(SQL), &[]).await?)?;
    // Whoever names an experiment or a campaign knows that its control was treated differently.
    let is_named = asked.request().experiment.is_some() || asked.request().campaign.is_some();
    match Indicators::of(&bought, is_named) {
        Ok(indicators) => Ok(Some(indicators)),
        Err(absent) => {
            let name = match absent {
                Absent::NobodyHeldOut => "scorecard-nobody-held-out",
                Absent::TooFew => "scorecard-arm-too-small",
            };
            asked.note(name, (bought.len() as u64).max(1));
            Ok(None)
        }
    }
}

fn bought(rows: &Rows) -> Result<Vec<Bought>, ReportError> {
    let (members, arms) = (rows.integers("member_id")?, rows.counts("arm")?);
    let rewarded = rows.counts("rewarded")?;
    let mut found: Vec<Bought> = (0..rows.len())
        .map(|row| Bought {
            member_id: members[row],
            is_treated: arms[row] > 0,
            is_rewarded: rewarded[row] > 0,
            amounts: [(0.0, 0.0); INDICATORS.len()],
        })
        .collect();
    for (place, (_, before, now)) in INDICATORS.into_iter().enumerate() {
        let amounts = rows.numbers(before)?.into_iter().zip(rows.numbers(now)?);
        found.iter_mut().zip(amounts).for_each(|(bought, amounts)| bought.amounts[place] = amounts);
    }
    Ok(found)
}

/// The moments of something before and in the period, of those treated and of those held out.
fn arms(bought: &[Bought], of: impl Fn(&Bought) -> (f64, f64)) -> (PairMoments, PairMoments) {
    let (mut treated, mut held_out) = (PairMoments::default(), PairMoments::default());
    for member in bought {
        let (before, now) = of(member);
        if member.is_treated { treated.add(before, now) } else { held_out.add(before, now) }
    }
    (treated, held_out)
}

/// What a treated member would have without the programme: what they had, and what those held out gained.
fn without(treated: &PairMoments, held_out: &PairMoments) -> Option<f64> {
    let mean = treated.first().mean() + held_out.change().mean();
    (mean > 0.0).then_some(mean)
}

fn scaled(estimate: &Estimate, by: f64) -> Estimate {
    Estimate { value: estimate.value * by, standard_error: estimate.standard_error * by, ..*estimate }
}

impl Indicators {
    pub(super) fn of(bought: &[Bought], is_named: bool) -> Result<Self, Absent> {
        let sizes = sizes(bought, |_| true);
        if sizes.1 == 0 {
            return Err(Absent::NobodyHeldOut);
        }
        if sizes.0 < ANSWERS_MIN || sizes.1 < ANSWERS_MIN {
            return Err(Absent::TooFew);
        }
        if !is_named && !is_held_out(bought, sizes) {
            return Err(Absent::NobodyHeldOut);
        }
        let each: [_; INDICATORS.len()] =
            std::array::from_fn(|place| arms(bought, |member| member.amounts[place]));
        let without = each.each_ref().map(|(treated, held_out)| without(treated, held_out));
        let effects = std::array::from_fn(|place| {
            let (treated, held_out) = &each[place];
            without[place].map(|without| scaled(&of_panel_moments(treated, held_out), 1.0 / without))
        });
        let (treated, held_out) = arms(bought, |member| relative(member, &without));
        let usual = held_out.change().mean();
        let change = |member: &Bought| {
            let (before, now) = relative(member, &without);
            (member.member_id, (now - before - usual) * NO_EFFECT / EFFECT_MAX)
        };
        Ok(Self {
            sizes,
            effects,
            effect: of_panel_moments(&treated, &held_out),
            spend: of_panel_moments(&each[SPEND].0, &each[SPEND].1),
            changes: bought.iter().filter(|member| member.is_treated).map(change).collect(),
        })
    }

    /// Treated members and those held out.
    pub(super) fn members(&self) -> u64 {
        self.sizes.0 + self.sizes.1
    }

    /// The factor: 50 where nothing changed beyond those held out.
    pub(super) fn score(&self) -> Estimate {
        score(&self.effect)
    }

    /// The factor against no effect.
    pub(super) fn change(&self) -> Estimate {
        let score = self.score();
        Estimate { value: score.value - NO_EFFECT, ..score }
    }

    /// What a treated member spends more, in minor units.
    pub(super) fn spend(&self) -> Estimate {
        self.spend
    }

    /// What a treated member changed beyond what those held out changed on average, in points of the score.
    pub(super) fn change_of(&self, member_id: i64) -> Option<f64> {
        self.changes.get(&member_id).copied()
    }

    pub(super) fn table(&self) -> ReportTable {
        let mut table = ReportTable::new(
            "scorecard-indicators",
            &[
                ("indicator", Kind::Word),
                ("members_treated", Kind::Count),
                ("members_held_out", Kind::Count),
                ("lift_share", Kind::Share),
                ("low", Kind::Share),
                ("high", Kind::Share),
                ("score", Kind::Number),
            ],
        );
        for ((name, _, _), effect) in INDICATORS.into_iter().zip(&self.effects) {
            let within = effect.and_then(|effect| effect.interval(CONFIDENCE).ok());
            table.rows.push(vec![
                Value::Text(name.to_owned()),
                Value::count(self.sizes.0),
                Value::count(self.sizes.1),
                Value::known(effect.map(|effect| effect.value)),
                Value::known(within.map(|within| within.low)),
                Value::known(within.map(|within| within.high)),
                Value::known(effect.map(|effect| score(&effect).value)),
            ]);
        }
        table
    }
}

/// An effect as a score. What is beyond the scale stands at its end, as uncertain as it was.
fn score(effect: &Estimate) -> Estimate {
    let points = scaled(effect, NO_EFFECT / EFFECT_MAX);
    Estimate { value: (NO_EFFECT + points.value).clamp(0.0, BEST), ..points }
}

/// A member's indicators, each as a share of what it would be without the programme, on average.
fn relative(member: &Bought, without: &[Option<f64>; INDICATORS.len()]) -> (f64, f64) {
    let known =
        member.amounts.iter().zip(without).filter_map(|(amounts, without)| Some((*amounts, (*without)?)));
    let (mut before, mut now, mut indicators) = (0.0, 0.0, 0_u64);
    for ((was, is), without) in known {
        before += was / without;
        now += is / without;
        indicators += 1;
    }
    let of = count(indicators.max(1));
    (before / of, now / of)
}

/// Treated members and those held out, of those that are meant.
fn sizes(bought: &[Bought], is: impl Fn(&Bought) -> bool) -> (u64, u64) {
    let meant = || bought.iter().filter(|member| is(member));
    let treated = meant().filter(|member| member.is_treated).count() as u64;
    (treated, meant().count() as u64 - treated)
}

/// Whether those held out earn so much less often that they are held out indeed.
fn is_held_out(bought: &[Bought], all: (u64, u64)) -> bool {
    let rewarded = sizes(bought, |member| member.is_rewarded);
    let share = |rewarded: u64, of: u64| count(rewarded) / count(of);
    rewarded.0 > 0 && share(rewarded.1, all.1) <= LEAK_MAX * share(rewarded.0, all.0)
}

#[cfg(test)]
mod tests {
    use super::{Absent, Bought, Indicators};

    /// So many members who all bought the same of everything, before and now.
    fn members(first: i64, many: i64, is_treated: bool, (before, now): (f64, f64)) -> Vec<Bought> {
        let member = |place| Bought {
            member_id: first + place,
            is_treated,
            is_rewarded: is_treated,
            // Half of them a little more, half a little less: the mean is as told.
            amounts: [(before, now + if place % 2 == 0 { 1.0 } else { -1.0 }); 4],
        };
        (0..many).map(member).collect()
    }

    fn golden() -> Vec<Bought> {
        let mut bought = members(0, 40, true, (100.0, 120.0));
        bought.extend(members(100, 40, false, (102.0, 108.0)));
        bought
    }

    #[test]
    fn the_golden_change_is_14_more_than_that_of_those_held_out() {
        // G-E5: 100 to 120 against 102 to 108. Without the programme the treated would have come to 106.
        let found = Indicators::of(&golden(), false).expect("both arms");
        assert!((found.spend().value - 14.0).abs() < 1e-9, "{found:?}");
        for effect in found.effects {
            assert!((effect.expect("a base").value - 14.0 / 106.0).abs() < 1e-9, "{effect:?}");
        }
        // A fifth more is worth 50 points.
        assert!((found.score().value - (50.0 + 250.0 * 14.0 / 106.0)).abs() < 1e-9, "{:?}", found.score());
        assert_eq!(found.members(), 80);
        // One of the treated went from 100 to 121, where those held out gained 6.
        let change = found.change_of(0).expect("treated");
        assert!((change - 250.0 * 15.0 / 106.0).abs() < 1e-9, "{change}");
        assert_eq!(found.change_of(100), None, "those held out tell nothing about the programme");
    }

    #[test]
    fn growth_that_everybody_has_is_no_effect() {
        let mut bought = members(0, 30, true, (100.0, 150.0));
        bought.extend(members(100, 30, false, (100.0, 150.0)));
        let found = Indicators::of(&bought, false).expect("both arms");
        assert!((found.score().value - 50.0).abs() < 1e-9, "before and after would have said 50 per cent");
    }

    #[test]
    fn where_nobody_is_held_out_there_is_no_indicator() {
        let treated = members(0, 400, true, (100.0, 120.0));
        assert_eq!(Indicators::of(&treated, true).expect_err("no control"), Absent::NobodyHeldOut);
        // A control that earns as others do was not held out, unless somebody says so by name.
        let rewarded = |is_rewarded| -> Vec<Bought> {
            golden().into_iter().map(|member| Bought { is_rewarded, ..member }).collect()
        };
        let leaking = rewarded(true);
        assert_eq!(Indicators::of(&leaking, false).expect_err("all earn"), Absent::NobodyHeldOut);
        assert!(Indicators::of(&leaking, true).is_ok());
        assert_eq!(Indicators::of(&rewarded(false), false).expect_err("nobody earns"), Absent::NobodyHeldOut);
        let mut few = members(0, 400, true, (100.0, 120.0));
        few.extend(members(1_000, 29, false, (100.0, 120.0)));
        assert_eq!(Indicators::of(&few, true).expect_err("29 held out"), Absent::TooFew);
    }
}
