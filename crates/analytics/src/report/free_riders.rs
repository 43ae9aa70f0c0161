//! Who earns without spending more: the share of rewarded members that the programme does not move, and what they earn, told by
//! comparing members with those held out; what tenths of the members earn and what they bring for it.

use stats::experiment::cuped::cuped_of;
use stats::experiment::difference::difference_of;
use stats::interval::{Estimate, Interval};
use stats::moments::PairMoments;

use super::answer::{Figure, Kind, ReportTable, Value};
use super::asked::{Asked, day_text};
use super::design::Design;
use super::error::ReportError;
use super::experiment::{CONFIDENCE, pair_moments};
use super::number::{cases, count, real};
use super::outcome::{Outcome, whole};
use crate::experiment::{FreeRiders, free_riders};

const MEMBERS: &str = include_str!("../../reports/free_riders_members.sql");
const SQL: &str = include_str!("../../reports/free_riders.sql");
const CHANGES: &str = include_str!("../../reports/free_riders_changes.sql");
/// The control counts as held out while it is rewarded at most this often for each time that others are.
pub(super) const LEAK_MAX: f64 = 0.5;

/// Members of a tenth, by what they spent before.
#[derive(Debug, Clone, Copy, Default)]
struct Tenth {
    held_out: Side,
    treated: Side,
}

#[derive(Debug, Clone, Copy, Default)]
struct Side {
    spend: PairMoments,
    rewarded: u64,
    points: i64,
}

impl Side {
    fn add(&mut self, other: &Self) {
        self.spend.merge(&other.spend);
        self.rewarded += other.rewarded;
        self.points += other.points;
    }

    fn members(&self) -> f64 {
        self.spend.second().count()
    }

    fn rewarded_share(&self) -> f64 {
        if self.members() > 0.0 { count(self.rewarded) / self.members() } else { 0.0 }
    }
}

pub(super) async fn answer(asked: &mut Asked) -> Result<(), ReportError> {
    if asked.period().before() < asked.days().0 {
        return Err(ReportError::NO_PERIOD_BEFORE);
    }
    let design = Design::of(asked).await?.judged_by(Outcome::Spend);
    view(asked, &design).await?;
    let tenths = tenths(asked).await?;
    let (mut held_out, mut treated) = (Side::default(), Side::default());
    for tenth in &tenths {
        held_out.add(&tenth.held_out);
        treated.add(&tenth.treated);
    }
    let all = cases(held_out.members() + treated.members());
    asked.members(all)?;
    check(asked, &held_out, &treated)?;
    let steps = changes(asked).await?;
    let Some(share) = free_riders(&steps, treated.rewarded_share(), CONFIDENCE) else {
        return Err(ReportError::NoData {
            code: "nobody-moved",
            missing: "nobody's spend changed, or an arm has fewer than two members",
            remedy: "give the control a larger share, or choose a longer period",
        });
    };
    shares(asked, &share, &treated);
    moved(asked, &held_out, &treated);
    asked.table(table(&tenths));
    Ok(())
}

/// Refuses where nobody earns, and where nobody is held out.
fn check(asked: &mut Asked, held_out: &Side, treated: &Side) -> Result<(), ReportError> {
    if treated.rewarded == 0 {
        return Err(ReportError::NoData {
            code: "no-rewards",
            missing: "no member earned points in this period",
            remedy: "ask a lake that is written from a ledger, or choose a later period",
        });
    }
    if held_out.members() < 3.0 || held_out.rewarded_share() > LEAK_MAX * treated.rewarded_share() {
        return Err(ReportError::NoData {
            code: "no-hold-out",
            missing: "nobody is held out from earning: without them it cannot be told who spends more because of it",
            remedy: "hold members out by the places of an experiment, and name it with its arms",
        });
    }
    asked.note("held-out-rewarded", held_out.rewarded);
    Ok(())
}

/// Makes the view of the members that both queries ask.
async fn view(asked: &mut Asked, design: &Design) -> Result<(), ReportError> {
    let period = asked.period();
    let sql = MEMBERS
        .replace("{from}", &day_text(period.from))
        .replace("{to}", &day_text(period.to))
        .replace("{before}", &day_text(period.before()));
    asked.view("free_riders_members", design.sql(&sql)).await
}

/// What the members of each tenth did, held out and treated.
async fn tenths(asked: &mut Asked) -> Result<Vec<Tenth>, ReportError> {
    let rows = asked.rows("free_riders", SQL, &[]).await?;
    let (deciles, arms) = (rows.counts("decile")?, rows.counts("arm")?);
    let (rewarded, points) = (rows.counts("rewarded")?, rows.integers("points")?);
    let mut tenths = vec![Tenth::default(); 10];
    for (row, spend) in pair_moments(&rows)?.into_iter().enumerate() {
        let side = Side { spend, rewarded: rewarded[row], points: points[row] };
        let place = usize::try_from(deciles[row].saturating_sub(1)).unwrap_or(0).min(9);
        let tenth = &mut tenths[place];
        if arms[row] == 0 { tenth.held_out.add(&side) } else { tenth.treated.add(&side) }
    }
    Ok(tenths)
}

/// Members by steps of the change of their spend: held out and treated.
async fn changes(asked: &mut Asked) -> Result<Vec<(f64, f64)>, ReportError> {
    let rows = asked.rows("free_riders_changes", CHANGES, &[]).await?;
    let (buckets, arms, members) = (rows.integers("bucket")?, rows.counts("arm")?, rows.counts("members")?);
    let mut steps: Vec<(i64, (f64, f64))> = Vec::new();
    for ((bucket, arm), members) in buckets.into_iter().zip(arms).zip(members) {
        if steps.last().is_none_or(|last| last.0 != bucket) {
            steps.push((bucket, (0.0, 0.0)));
        }
        if let Some((_, step)) = steps.last_mut() {
            if arm == 0 { step.0 += count(members) } else { step.1 += count(members) }
        }
    }
    Ok(steps.into_iter().map(|(_, step)| step).collect())
}

/// The share of free riders, and what of the rewards goes to them, if they earn as much as others do.
fn shares(asked: &mut Asked, share: &FreeRiders, treated: &Side) {
    let end = |value: f64| value.clamp(0.0, 1.0);
    let low = end(share.least - share.margin);
    let high = end(share.most + share.margin);
    let most = Figure::exact("free-riders-most", Kind::Share, share.most, treated.rewarded);
    asked.figure(most.within(Some(Interval { low: end(share.most - share.margin), high })));
    let least = Figure::exact("free-riders-least", Kind::Share, share.least, treated.rewarded);
    asked.figure(least.within(Some(Interval { low, high: end(share.least + share.margin) })));
    let points = real(treated.points);
    asked.figure(Figure::exact("points-earned", Kind::Count, points, treated.rewarded));
    let leak = Figure::exact("points-to-free-riders", Kind::Count, points * share.most, treated.rewarded);
    asked.figure(leak.within(Some(Interval { low: points * low, high: points * high })));
    if let Some(cost) = asked.request().cost.map(real) {
        let leak = Figure::exact("cost-of-free-riders", Kind::Money, cost * share.most, treated.rewarded);
        asked.figure(leak.within(Some(Interval { low: cost * low, high: cost * high })));
    }
}

/// What all treated members spend more than those held out.
fn moved(asked: &mut Asked, held_out: &Side, treated: &Side) {
    let effect = effect(held_out, treated);
    let members = cases(held_out.members() + treated.members());
    let figure = Figure::exact("lift-per-member", Kind::Money, effect.value, members);
    asked.figure(figure.within(effect.interval(CONFIDENCE).ok()));
}

fn effect(held_out: &Side, treated: &Side) -> Estimate {
    let plain = difference_of(treated.spend.second(), held_out.spend.second());
    cuped_of(&treated.spend, &held_out.spend).map_or(plain, |found| found.adjusted)
}

fn table(tenths: &[Tenth]) -> ReportTable {
    let mut table = ReportTable::new(
        "who-pays-for-whom",
        &[
            ("decile", Kind::Count),
            ("members_treated", Kind::Count),
            ("members_held_out", Kind::Count),
            ("points", Kind::Count),
            ("points_share", Kind::Share),
            ("mean_before", Kind::Money),
            ("lift", Kind::Money),
            ("low", Kind::Money),
            ("high", Kind::Money),
        ],
    );
    let points: f64 = tenths.iter().map(|tenth| real(tenth.treated.points)).sum();
    for (number, tenth) in (1..).zip(tenths) {
        let (held_out, treated) = (&tenth.held_out, &tenth.treated);
        let told = held_out.members() >= 3.0 && treated.members() >= 3.0;
        let effect = told.then(|| effect(held_out, treated));
        let interval = effect.and_then(|effect| effect.interval(CONFIDENCE).ok());
        let cell = |value: Option<f64>| value.map_or(Value::Empty, whole);
        table.rows.push(vec![
            Value::Integer(number),
            whole(treated.members()),
            whole(held_out.members()),
            Value::Integer(treated.points),
            if points > 0.0 { Value::Number(real(treated.points) / points) } else { Value::Empty },
            whole(treated.spend.first().mean()),
            cell(effect.map(|effect| effect.value)),
            cell(interval.map(|interval| interval.low)),
            cell(interval.map(|interval| interval.high)),
        ]);
    }
    table
}
