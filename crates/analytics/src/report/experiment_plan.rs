//! How long an experiment must run and how many members it needs, from what the members in this lake do.
//! Chow, Shao and Wang (2008), Sample Size Calculations in Clinical Research, 3.2.1; at 5 %, with power 80 %.

use jiff::ToSpan;
use stats::experiment::sample_size::Plan;

use super::answer::{Figure, Kind, ReportTable, Value};
use super::asked::Asked;
use super::design::Design;
use super::error::ReportError;
use super::number::count;
use super::outcome::whole;

const SQL: &str = include_str!("../../reports/experiment_plan.sql");
/// Lengths that are tried, in weeks, where the history is twice as long.
const WEEKS: [i32; 5] = [4, 8, 13, 26, 52];
/// Effects as shares of the mean, for which members are counted.
const EFFECTS: [f64; 6] = [0.01, 0.02, 0.03, 0.05, 0.10, 0.20];

/// What members did in so many weeks.
struct Window {
    weeks: i32,
    members: u64,
    mean: f64,
    /// What a member's outcome varies, as a share of the mean.
    variation: f64,
    correlation: f64,
}

impl Window {
    /// The plan of an experiment that holds out this share; with CUPED if the time before is used.
    fn plan(&self, control_share: f64, cuped: bool) -> Plan {
        let correlation = if cuped { self.correlation } else { 0.0 };
        Plan { control_share, correlation, ..Plan::usual(self.variation) }
    }

    fn detectable(&self, control_share: f64, cuped: bool) -> Option<f64> {
        self.plan(control_share, cuped).detectable(count(self.members)).ok()
    }
}

pub(super) async fn answer(asked: &mut Asked) -> Result<(), ReportError> {
    let design = Design::named(asked.request())?;
    let share = design.arms.shares()[0];
    let mut windows = Vec::new();
    for weeks in WEEKS {
        windows.extend(window(asked, &design, weeks).await?);
    }
    let best = windows
        .iter()
        .filter_map(|window| Some((window.detectable(share, true)?, window)))
        .min_by(|left, right| left.0.total_cmp(&right.0));
    let Some((smallest, best)) = best else {
        return Err(ReportError::NoData {
            code: "too-short-to-plan",
            missing: "there are no eight weeks in which members bought and bought differently",
            remedy: "import more history, or wait until there is some",
        });
    };
    asked.members(best.members)?;
    asked.figure(Figure::exact("detectable-lift", Kind::Share, smallest, best.members));
    asked.figure(Figure::exact("weeks-needed", Kind::Count, f64::from(best.weeks), best.members));
    let left = 1.0 - best.correlation * best.correlation;
    asked.figure(Figure::exact("variance-left", Kind::Share, left, best.members));
    let effects = effects(best, share);
    asked.table(plan_table(&design, &windows, share));
    asked.table(effects);
    Ok(())
}

/// What members did in the last so many weeks; nothing where the history is shorter than twice as long, or tells nothing.
async fn window(asked: &mut Asked, design: &Design, weeks: i32) -> Result<Option<Window>, ReportError> {
    let end = asked.period().to;
    let back = |weeks: i32| end.saturating_sub((7 * weeks).days());
    let (split, begin) = (back(weeks), back(2 * weeks));
    if begin < asked.period().from.max(asked.days().0) {
        return Ok(None);
    }
    let days = [("begin", begin), ("split", split), ("end", end)];
    let rows = asked.rows_with("experiment_plan", &design.sql(SQL), &[], &days).await?;
    let one = |name: &str| Ok::<_, ReportError>(rows.numbers(name)?.first().copied().unwrap_or(0.0));
    let (mean, deviation) = (one("mean")?, one("deviation")?);
    let members = rows.counts("members")?.first().copied().unwrap_or(0);
    // A perfect correlation comes from a handful of members and foretells nothing.
    let correlation = one("correlation")?.clamp(-0.99, 0.99);
    let told = members >= 10 && mean > 0.0 && deviation > 0.0;
    Ok(told.then(|| Window { weeks, members, mean, variation: deviation / mean, correlation }))
}

fn plan_table(design: &Design, windows: &[Window], share: f64) -> ReportTable {
    let mut table = ReportTable::new(
        "plan",
        &[
            ("weeks", Kind::Count),
            ("members", Kind::Count),
            ("mean_now", design.outcome.kind()),
            ("variation", Kind::Number),
            ("correlation", Kind::Number),
            ("detectable_lift", Kind::Share),
            ("detectable_lift_cuped", Kind::Share),
        ],
    );
    for window in windows {
        let detectable = |cuped| window.detectable(share, cuped).map_or(Value::Empty, Value::Number);
        table.rows.push(vec![
            Value::Integer(i64::from(window.weeks)),
            whole(count(window.members)),
            design.outcome.cell(window.mean),
            Value::Number(window.variation),
            Value::Number(window.correlation),
            detectable(false),
            detectable(true),
        ]);
    }
    table
}

/// Members that effects of several sizes need, in the window that shows the smallest one.
fn effects(window: &Window, share: f64) -> ReportTable {
    let mut table = ReportTable::new(
        "effects",
        &[
            ("lift_share", Kind::Share),
            ("members_held_out", Kind::Count),
            ("members_treated", Kind::Count),
            ("members_held_out_cuped", Kind::Count),
            ("members_treated_cuped", Kind::Count),
        ],
    );
    for effect in EFFECTS {
        let mut row = vec![Value::Number(effect)];
        for cuped in [false, true] {
            let sizes = window.plan(share, cuped).group_sizes(effect).ok();
            let cell = |size: Option<f64>| size.map_or(Value::Empty, whole);
            row.extend([cell(sizes.map(|sizes| sizes.1)), cell(sizes.map(|sizes| sizes.0))]);
        }
        table.rows.push(row);
    }
    table
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::{Value, Window, effects};

    #[test]
    fn members_are_counted_as_in_the_golden_case() {
        // Case G-E6: variation 1, 3 %, half held out: 17,442 in each; with a correlation of 0.7 8,896.
        let window = Window { weeks: 13, members: 34_884, mean: 1.0, variation: 1.0, correlation: 0.7 };
        let table = effects(&window, 0.5);
        let sizes = [17_442, 17_442, 8_896, 8_896].map(Value::Integer);
        assert_eq!((&table.rows[2][0], &table.rows[2][1..]), (&Value::Number(0.03), &sizes[..]));
        assert!((window.detectable(0.5, false).expect("a plan") - 0.03).abs() < 1e-5);
    }
}
