//! What an experiment did: each arm against the control, in three ways, with intervals; whether the arms are as large as
//! they should be; what a unit of the effect cost.

use stats::experiment::sample_ratio::sample_ratio;
use stats::interval::{Estimate, Interval};
use stats::moments::{Moments, PairMoments};

use super::answer::{Figure, Kind, ReportTable, Value};
use super::asked::{Asked, Rows};
use super::design::Design;
use super::error::ReportError;
use super::number::{cases, count};
use super::outcome::{Outcome, whole};
use crate::experiment::{Lift, lift};

const SQL: &str = include_str!("../../reports/experiment.sql");
const MERGED: &str = include_str!("../../reports/experiment_merged.sql");
pub(super) const CONFIDENCE: f64 = 0.95;
/// Sizes of arms that chance alone gives this rarely say that something went wrong (Fabijan et al. 2019).
const MISMATCH_CHANCE: f64 = 0.0005;

pub(super) async fn answer(asked: &mut Asked) -> Result<(), ReportError> {
    if asked.period().before() < asked.days().0 {
        return Err(ReportError::NO_PERIOD_BEFORE);
    }
    let design = Design::of(asked).await?;
    let arms = moments(asked, &design).await?;
    let members: Vec<f64> = arms.iter().map(|arm| arm.second().count()).collect();
    asked.members(members.iter().map(|members| cases(*members)).sum())?;
    if members.iter().any(|members| *members < 3.0) {
        return Err(ReportError::NoData {
            code: "arm-too-small",
            missing: "an arm of the experiment has fewer than three members",
            remedy: "give it a larger share, or choose a longer period",
        });
    }
    let mut lifts = Vec::new();
    for arm in &arms[1..] {
        lifts.push(lift(arm, &arms[0])?);
    }
    let treated = cases(members[1]);
    effect(asked, &design, &lifts[0], treated, cases(members[0]));
    sizes(asked, &design, &members)?;
    if design.is_by_place() {
        merged(asked, &design).await?;
    }
    asked.table(lifts_table(&design, &lifts, &arms));
    asked.table(arms_table(&design, &arms));
    Ok(())
}

/// What each arm did before and in the experiment.
async fn moments(asked: &mut Asked, design: &Design) -> Result<Vec<PairMoments>, ReportError> {
    let rows = asked.rows("experiment", &design.sql(SQL), &[]).await?;
    let mut arms = vec![PairMoments::default(); design.arms.all().len()];
    for (arm, found) in rows.counts("arm")?.into_iter().zip(pair_moments(&rows)?) {
        if let Some(place) = usize::try_from(arm).ok().and_then(|arm| arms.get_mut(arm)) {
            *place = found;
        }
    }
    Ok(arms)
}

/// What the members of each row did before and in the period.
pub(super) fn pair_moments(rows: &Rows) -> Result<Vec<PairMoments>, ReportError> {
    let members = rows.counts("members")?;
    let (mean_before, mean_now) = (rows.numbers("mean_before")?, rows.numbers("mean_now")?);
    let (variance_before, variance_now) = (rows.numbers("variance_before")?, rows.numbers("variance_now")?);
    let covariance = rows.numbers("covariance")?;
    let of = |row: usize| {
        let stated = |mean: f64, variance: f64| Moments::stated(count(members[row]), mean, variance);
        let before = stated(mean_before[row], variance_before[row]);
        let now = stated(mean_now[row], variance_now[row]);
        PairMoments::stated(before, now, covariance[row])
    };
    Ok((0..rows.len()).map(of).collect())
}

/// The figures of the first treated arm against the control.
fn effect(asked: &mut Asked, design: &Design, lift: &Lift, treated: u64, control: u64) {
    let (main, all) = (lift.main(), treated + control);
    let interval = main.interval(CONFIDENCE).ok();
    let kind = design.outcome.kind();
    asked.figure(Figure::exact("lift-per-member", kind, main.value, all).within(interval));
    if let Some(relative) = lift.relative {
        let interval = relative.interval(CONFIDENCE).ok();
        asked.figure(Figure::exact("lift-share", Kind::Share, relative.value, all).within(interval));
    }
    let times = count(treated);
    let sum = interval.map(|found| Interval { low: found.low * times, high: found.high * times });
    let kind = design.outcome.sum_kind();
    asked.figure(Figure::exact("lift-in-all", kind, main.value * times, treated).within(sum));
    if let Some(cost) = asked.request().cost {
        let cost = super::number::real(cost);
        if let Some(each) = cost_per_unit(cost, main.value * times) {
            // A cost per unit has an end only where the effect surely has one.
            let within = sum.filter(|sum| sum.low > 0.0);
            let within = within.map(|sum| Interval { low: cost / sum.high, high: cost / sum.low });
            let unit = if design.outcome == Outcome::Spend { Kind::Number } else { Kind::Money };
            asked.figure(Figure::exact("cost-per-unit", unit, each, treated).within(within));
        } else {
            asked.note("no-effect-to-pay-for", 1);
        }
    }
    if let Some(correlation) = lift.correlation {
        asked.figure(Figure::exact("variance-left", Kind::Share, 1.0 - correlation * correlation, all));
    }
}

/// What one more unit of the outcome cost; none where there is not more of it.
fn cost_per_unit(cost: f64, effect: f64) -> Option<f64> {
    (effect > 0.0).then(|| cost / effect)
}

/// Whether the arms are as large as they should be.
fn sizes(asked: &mut Asked, design: &Design, members: &[f64]) -> Result<(), ReportError> {
    let ratio = sample_ratio(members, &design.arms.shares())?;
    let all = members.iter().map(|members| cases(*members)).sum();
    asked.figure(Figure::exact("sizes-chance", Kind::Number, ratio.chance, all));
    if ratio.chance < MISMATCH_CHANCE {
        asked.note("sample-ratio-mismatch", all);
    }
    Ok(())
}

/// Members who were merged into one of another arm.
async fn merged(asked: &mut Asked, design: &Design) -> Result<(), ReportError> {
    let rows = asked.rows("experiment_merged", &design.sql(MERGED), &[]).await?;
    asked.note("merged-across-arms", rows.counts("members")?.first().copied().unwrap_or(0));
    Ok(())
}

fn lifts_table(design: &Design, lifts: &[Lift], arms: &[PairMoments]) -> ReportTable {
    let kind = design.outcome.kind();
    let mut table = ReportTable::new(
        "lift",
        &[
            ("arm", Kind::Text),
            ("method", Kind::Word),
            ("lift", kind),
            ("low", kind),
            ("high", kind),
            ("standard_error", kind),
            ("members", Kind::Count),
        ],
    );
    for (number, lift) in lifts.iter().enumerate() {
        let members = arms[0].second().count() + arms[number + 1].second().count();
        let ways = [
            ("difference", Some(lift.difference)),
            ("cuped", lift.cuped),
            ("differences", Some(lift.differences)),
        ];
        for (way, estimate) in ways {
            let Some(estimate) = estimate else { continue };
            let mut row =
                vec![Value::Text(design.arms.all()[number + 1].name.clone()), Value::Text(way.to_owned())];
            row.extend(estimate_cells(design.outcome, &estimate));
            row.push(whole(members));
            table.rows.push(row);
        }
    }
    table
}

/// Value, lower end, upper end and standard error.
fn estimate_cells(outcome: Outcome, estimate: &Estimate) -> [Value; 4] {
    let interval = estimate.interval(CONFIDENCE).ok();
    let end = |end: Option<f64>| end.map_or(Value::Empty, |end| outcome.cell(end));
    [
        outcome.cell(estimate.value),
        end(interval.map(|interval| interval.low)),
        end(interval.map(|interval| interval.high)),
        outcome.cell(estimate.standard_error),
    ]
}

fn arms_table(design: &Design, arms: &[PairMoments]) -> ReportTable {
    let kind = design.outcome.kind();
    let mut table = ReportTable::new(
        "arms",
        &[
            ("arm", Kind::Text),
            ("members", Kind::Count),
            ("members_intended", Kind::Count),
            ("mean_before", kind),
            ("mean_now", kind),
        ],
    );
    let all: f64 = arms.iter().map(|arm| arm.second().count()).sum();
    for ((arm, found), share) in design.arms.all().iter().zip(arms).zip(design.arms.shares()) {
        table.rows.push(vec![
            Value::Text(arm.name.clone()),
            whole(found.second().count()),
            whole(all * share),
            design.outcome.cell(found.first().mean()),
            design.outcome.cell(found.second().mean()),
        ]);
    }
    table
}
