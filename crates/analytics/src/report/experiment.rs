//! What an experiment did: each arm against the control, in three ways, with intervals; whether the arms are as large as
//! they should be; what a unit of the effect cost.

use stats::experiment::sample_ratio::sample_ratio;
use stats::interval::{Estimate, Interval};
use stats::moments::{Moments, PairMoments};

use super::answer::{Figure, Kind, ReportTable, Value};
use super::asked::{Asked, Rows};
use super::error::ReportError;
use super::number::{cases, count};
use super::outcome::{Outcome, whole};
use super::place::place_function;
use crate::experiment::{Arms, Lift, lift};

const SQL: &str = include_str!("../../reports/experiment.sql");
const MERGED: &str = include_str!("../../reports/experiment_merged.sql");
pub(super) const CONFIDENCE: f64 = 0.95;
/// Sizes of arms that chance alone gives this rarely say that something went wrong (Fabijan et al. 2019).
const MISMATCH_CHANCE: f64 = 0.0005;

/// The experiment that a request names: who is in which arm, and what is measured.
pub(super) struct Design {
    pub(super) salt: String,
    pub(super) arms: Arms,
    pub(super) outcome: Outcome,
}

impl Design {
    pub(super) fn of(asked: &Asked) -> Result<Self, ReportError> {
        let request = asked.request();
        let text = request.arms.as_deref().unwrap_or(Arms::HOLD_OUT);
        let arms = Arms::parse(text).map_err(|fault| ReportError::Asked {
            field: "arms",
            value: text.to_owned(),
            remedy: fault.to_string(),
        })?;
        let salt = request.experiment.clone().unwrap_or_else(|| Arms::HOLD_OUT_SALT.to_owned());
        Ok(Self { salt, arms, outcome: Outcome::of(request.outcome.as_deref())? })
    }

    /// A query with salt, arms and outcome filled in. The salt comes from people: it is quoted.
    pub(super) fn sql(&self, text: &str) -> String {
        text.replace("{gone_arm}", &self.arm_of("gone_place"))
            .replace("{arm}", &self.arm_of("place"))
            .replace("{outcome}", self.outcome.sql())
            // Last: a salt is not looked through for places to fill.
            .replace("{salt}", &self.salt.replace('\'', "''"))
    }

    fn arm_of(&self, place: &str) -> String {
        let ends = self.arms.ends();
        let cases = ends.iter().enumerate().map(|(arm, end)| format!(" WHEN {place} < {end} THEN {arm}"));
        format!("CASE{} END", cases.collect::<String>())
    }
}

pub(super) async fn answer(asked: &mut Asked) -> Result<(), ReportError> {
    if asked.period().before() < asked.days().0 {
        return Err(ReportError::NO_PERIOD_BEFORE);
    }
    let design = Design::of(asked)?;
    asked.function(place_function());
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
    merged(asked, &design).await?;
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

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::{Design, Outcome};
    use crate::experiment::Arms;

    #[test]
    fn a_salt_is_taken_as_it_is_whatever_it_looks_like() {
        let salt = "it's {arm} of {outcome}".to_owned();
        let design = Design { salt, arms: Arms::parse("a=50,b=50").unwrap(), outcome: Outcome::Spend };
        let sql = design.sql("place('{salt}', m), {arm}");
        assert_eq!(
            sql,
            "place('it''s {arm} of {outcome}', m), CASE WHEN place < 5000 THEN 0 WHEN place < 10000 THEN 1 END"
        );
    }
}
