//! Whom a treatment moves: the effect of an experiment member by member, learnt from what was known before it and judged on
//! members that a model has not seen; said to be nothing where it ranks them no better than chance.

mod judged;
mod members;
#[cfg(test)]
mod planted_effect;

use stats::boosting::{Settings, Target};
use stats::uplift::base::Base;
use stats::uplift::learners::Learner;

use self::judged::{Judged, judge};
use self::members::{Known, known};
use super::answer::{Figure, Kind, ReportTable, Value};
use super::asked::Asked;
use super::design::Design;
use super::error::ReportError;
use super::number::count;
use super::outcome::{Outcome, whole};

/// Members of each arm below which no difference between them could be seen.
const ARM_MIN: usize = 100;
/// Shares of the members, those with the highest expected effect first, whose effect is told.
const SHARES: [f64; 5] = [0.1, 0.2, 0.3, 0.5, 0.8];
/// Steps of the curve.
const CURVE_STEPS: u32 = 100;

/// A way to learn effects. All are told; the first counts, which was chosen before anybody looked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    /// Crossed: good where one arm is small, as a hold-out is.
    Crossed,
    /// A model for each arm.
    Two,
    /// One model for both.
    Single,
}

impl Way {
    const ALL: [Self; 3] = [Self::Crossed, Self::Two, Self::Single];

    const fn name(self) -> &'static str {
        match self {
            Self::Crossed => "crossed",
            Self::Two => "two_models",
            Self::Single => "one_model",
        }
    }

    fn learner(self, outcome: Outcome) -> Learner {
        let amount = Base::Boosted(Settings::usual(Target::Amount, 1));
        let base = match outcome {
            Outcome::Buyers => Base::Boosted(Settings::usual(Target::Chance, 1)),
            Outcome::Spend | Outcome::Purchases => amount,
        };
        match self {
            Self::Crossed => Learner::Crossed { outcome: base, effect: amount },
            Self::Two => Learner::Two(base),
            Self::Single => Learner::Single(base),
        }
    }
}

pub(super) async fn answer(asked: &mut Asked) -> Result<(), ReportError> {
    if asked.period().before() < asked.days().0 {
        return Err(ReportError::NO_PERIOD_BEFORE);
    }
    let design = Design::of(asked).await?;
    let known = known(asked, &design).await?;
    let treated = known.treated.iter().filter(|treated| **treated).count();
    let members = known.treated.len();
    asked.members(members as u64)?;
    if treated < ARM_MIN || members - treated < ARM_MIN {
        return Err(ReportError::NoData {
            code: "too-few-for-uplift",
            missing: "an arm of the experiment has fewer than 100 members: who responds cannot be told from so few",
            remedy: "give it a larger share, or choose a longer period",
        });
    }
    asked.note("uplift-of-a-part", known.left_out);
    asked.note("uplift-of-the-first-arm", design.arms.all().len().saturating_sub(2) as u64);
    let judged = judge(&known, design.outcome)?;
    tell(asked, &known, &judged, design.outcome);
    Ok(())
}

fn tell(asked: &mut Asked, known: &Known, judged: &Judged, outcome: Outcome) {
    let members = known.treated.len() as u64;
    let main = &judged.ways[0];
    asked.figure(Figure::exact("qini", Kind::Number, main.qini, members).within(Some(main.interval)));
    let lift = |estimate: &stats::interval::Estimate, name, members| {
        Figure::exact(name, outcome.kind(), estimate.value, members).within(estimate.interval(0.95).ok())
    };
    asked.figure(lift(&judged.all, "lift-per-member", members));
    if let Some(best) = &judged.best_fifth {
        asked.figure(lift(best, "lift-best-fifth", members / 5));
    }
    if let Some(others) = &judged.others {
        asked.figure(lift(others, "lift-others", members - members / 5));
    }
    if judged.is_better_than_random() {
        asked.table(responders_table(judged));
    } else {
        asked.note("uplift-no-better-than-random", members);
    }
    asked.table(shares_table(known, judged, outcome));
    asked.table(tenths_table(judged, outcome));
    asked.table(curve_table(known, judged, outcome));
    asked.table(ways_table(judged));
}

/// What sets those with the highest expected effect apart, in deviations of all members.
fn responders_table(judged: &Judged) -> ReportTable {
    let columns = [("habit", Kind::Word), ("category", Kind::Text), ("differs", Kind::Number)];
    let mut table = ReportTable::new("responders", &columns);
    for apart in &judged.traits {
        let category = apart.category.clone().map_or(Value::Empty, Value::Text);
        table.rows.push(vec![Value::Text(apart.habit.to_owned()), category, Value::Number(apart.differs)]);
    }
    table
}

fn shares_table(known: &Known, judged: &Judged, outcome: Outcome) -> ReportTable {
    let kind = outcome.kind();
    let columns = [
        ("targeted", Kind::Share),
        ("members", Kind::Count),
        ("lift", kind),
        ("low", kind),
        ("high", kind),
        ("lift_random", kind),
    ];
    let mut table = ReportTable::new("uplift-at", &columns);
    let all = judged.all.value;
    for (share, estimate) in SHARES.iter().zip(&judged.at) {
        let Some(estimate) = estimate else { continue };
        let interval = estimate.interval(0.95).ok();
        let end = |end: Option<f64>| end.map_or(Value::Empty, |end| outcome.cell(end));
        table.rows.push(vec![
            Value::Number(*share),
            whole(share * count(known.treated.len() as u64)),
            outcome.cell(estimate.value),
            end(interval.map(|interval| interval.low)),
            end(interval.map(|interval| interval.high)),
            outcome.cell(all),
        ]);
    }
    table
}

fn tenths_table(judged: &Judged, outcome: Outcome) -> ReportTable {
    let kind = outcome.kind();
    let columns = [
        ("decile", Kind::Count),
        ("members_treated", Kind::Count),
        ("members_held_out", Kind::Count),
        ("lift_expected", kind),
        ("lift", kind),
        ("low", kind),
        ("high", kind),
    ];
    let mut table = ReportTable::new("uplift-tenths", &columns);
    for (number, tenth) in (1..).zip(&judged.tenths) {
        let interval = tenth.lift.and_then(|lift| lift.interval(0.95).ok());
        let cell = |value: Option<f64>| value.map_or(Value::Empty, |value| outcome.cell(value));
        table.rows.push(vec![
            Value::Integer(number),
            Value::count(tenth.treated),
            Value::count(tenth.held_out),
            outcome.cell(tenth.expected),
            cell(tenth.lift.map(|lift| lift.value)),
            cell(interval.map(|interval| interval.low)),
            cell(interval.map(|interval| interval.high)),
        ]);
    }
    table
}

/// What treating so many of the members compared would have gained, the likeliest first and in no order.
fn curve_table(known: &Known, judged: &Judged, outcome: Outcome) -> ReportTable {
    let kind = outcome.sum_kind();
    let columns = [("targeted", Kind::Share), ("gained", kind), ("gained_random", kind)];
    let mut table = ReportTable::new("qini-curve", &columns);
    let treated = known.treated.iter().filter(|treated| **treated).count() as u64;
    let members = count(known.treated.len() as u64);
    // The curve counts what the treated gained: of all, as much more as there are more of them.
    let times = members * members / count(treated);
    for step in 0..=CURVE_STEPS {
        let share = f64::from(step) / f64::from(CURVE_STEPS);
        let gained = judged.gained_at(share) * times;
        table.rows.push(vec![
            Value::Number(share),
            whole(gained),
            whole(judged.gained_at(1.0) * times * share),
        ]);
    }
    table
}

fn ways_table(judged: &Judged) -> ReportTable {
    let columns =
        [("learner", Kind::Word), ("qini", Kind::Number), ("low", Kind::Number), ("high", Kind::Number)];
    let mut table = ReportTable::new("learners", &columns);
    for way in &judged.ways {
        let numbers = [way.qini, way.interval.low, way.interval.high];
        let mut row = vec![Value::Text(way.way.name().to_owned())];
        row.extend(numbers.map(Value::Number));
        table.rows.push(row);
    }
    table
}
