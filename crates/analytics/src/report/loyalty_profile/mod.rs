//! Loyalty profile: why members stay or spend less, in the six segments of Coyles and Gokey (2002), by what
//! they answered and, of those who were not asked, by a model of their habits.

mod model;
#[cfg(test)]
mod planted_truth;
mod profile;
mod segment;

use self::model::{Behaviour, CLASSES, Calibration, Case, FEATURES, Model, calibrate};
use self::segment::{Answers, Branch, Segment, Spend};
use super::answer::{Kind, ReportTable, Value};
use super::asked::{Asked, Rows};
use super::error::ReportError;
use super::number::count;
use super::replies::{Attitudes, given, make_latest_answers};

const SQL: &str = include_str!("../../../reports/loyalty_profile.sql");

/// A member who is judged.
struct Member {
    spend: Spend,
    defected: bool,
    branch: Branch,
    behaviour: Behaviour,
    /// Whether their own answers decide.
    is_asked: bool,
    segment: Segment,
    /// What their answers count for.
    weight: f64,
    /// What they say they spend elsewhere in an ordinary month, where they said it.
    elsewhere: Option<i64>,
}

pub(super) async fn answer(asked: &mut Asked) -> Result<(), ReportError> {
    if asked.period().before() < asked.days().0 {
        return Err(ReportError::NO_PERIOD_BEFORE);
    }
    make_latest_answers(asked).await?;
    let rows = asked.rows("loyalty_profile", SQL, &[]).await?;
    let mut members = members(&rows)?;
    if members.is_empty() {
        return Err(ReportError::NoData {
            code: "too-few-purchases-before",
            missing: "no member bought three times in the equally long period before this one",
            remedy: "choose a longer period or other filters",
        });
    }
    let judged = members.len() as u64;
    asked.members(judged)?;
    let mut table = model_table();
    if members.iter().any(|member| member.is_asked) {
        for branch in Branch::ALL {
            table.rows.extend(resolve(asked, &mut members, branch));
        }
    } else {
        asked.note("no-survey", judged);
    }
    profile::tell(asked, &members);
    if !table.rows.is_empty() {
        asked.table(table);
    }
    Ok(())
}

/// The members of the query, each with the segment that their own answers give.
fn members(rows: &Rows) -> Result<Vec<Member>, ReportError> {
    let (before, now) = (rows.integers("before")?, rows.integers("now")?);
    let defected = rows.integers("defected")?;
    let all = Spend { before: before.iter().sum(), now: now.iter().sum() };
    let (behaviours, answers, weights) = (behaviours(rows)?, answers(rows)?, rows.numbers("weight")?);
    let member = |(row, answers): (usize, Answers)| {
        let (spend, defected) = (Spend { before: before[row], now: now[row] }, defected[row] != 0);
        let branch = Branch::of(spend, all, defected);
        let segment = Segment::of(branch, &answers);
        Member {
            spend,
            defected,
            branch,
            behaviour: behaviours[row],
            is_asked: segment.is_some(),
            segment: segment.unwrap_or(Segment::Unresolved),
            weight: weights[row],
            elsewhere: answers.other[1],
        }
    };
    // Whoever brought back all they had bought before cannot spend less. Among all they count, as in
    // `migration`.
    Ok(answers.into_iter().enumerate().map(member).filter(|member| member.spend.before > 0).collect())
}

fn behaviours(rows: &Rows) -> Result<Vec<Behaviour>, ReportError> {
    let mut behaviours = vec![[0.0; FEATURES.len()]; rows.len()];
    for (column, name) in FEATURES.iter().enumerate() {
        for (behaviour, value) in behaviours.iter_mut().zip(rows.numbers(name)?) {
            behaviour[column] = value;
        }
    }
    Ok(behaviours)
}

fn answers(rows: &Rows) -> Result<Vec<Answers>, ReportError> {
    let pair = |first: &str, second: &str| -> Result<[Vec<Option<i64>>; 2], ReportError> {
        Ok([given(rows, first)?, given(rows, second)?])
    };
    let attitudes = Attitudes::all(rows)?;
    let own = pair("own_spend_before", "own_spend_now")?;
    let other = pair("other_spend_before", "other_spend_now")?;
    let [failed, life_event] = pair("failed", "life_event")?;
    let satisfaction = given(rows, "satisfaction")?;
    let both = |columns: &[Vec<Option<i64>>; 2], row: usize| [columns[0][row], columns[1][row]];
    let of = |(row, attitudes): (usize, Attitudes)| Answers {
        attitudes,
        satisfaction: satisfaction[row],
        failed: failed[row].map(|failed| failed > 0),
        life_event: life_event[row].map(|event| event > 0),
        own: both(&own, row),
        other: both(&other, row),
    };
    Ok(attitudes.into_iter().enumerate().map(of).collect())
}

/// Gives those of a branch whose answers do not decide the segment that their habits make likely; returns how
/// well the model does among those who were asked. Where too few were, all others stay as they are.
fn resolve(asked: &mut Asked, members: &mut [Member], branch: Branch) -> Vec<Vec<Value>> {
    let segments = branch.segments();
    let of_branch = |member: &&Member| member.branch == branch && member.is_asked;
    let case = |member: &Member| {
        let class = segments.iter().position(|segment| *segment == member.segment)?;
        Some(Case { behaviour: member.behaviour, class, weight: member.weight })
    };
    let cases: Vec<Case> = members.iter().filter(of_branch).filter_map(case).collect();
    let others = members.iter_mut().filter(|member| member.branch == branch && !member.is_asked);
    // A model that cannot be judged is not believed.
    let judged = |model: Model| Some((model, calibrate(&cases).ok()?));
    let Some((model, calibrations)) = Model::fit(&cases).and_then(judged) else {
        let name = match branch {
            Branch::Loyalist => "loyalists-not-modelled",
            Branch::Downward => "downward-not-modelled",
        };
        asked.note(name, others.count() as u64);
        return Vec::new();
    };
    for member in others {
        if let Some(class) = model.label(&member.behaviour) {
            member.segment = segments[class];
        }
    }
    model_rows(branch, calibrations)
}

fn model_table() -> ReportTable {
    ReportTable::new(
        "loyalty-model",
        &[
            ("branch", Kind::Word),
            ("segment", Kind::Word),
            ("asked", Kind::Count),
            ("asked_share", Kind::Share),
            ("predicted_share", Kind::Share),
            ("labelled", Kind::Count),
            ("labelled_right", Kind::Share),
        ],
    )
}

/// What a model that has not seen them foretells of those who were asked, beside what they answered.
fn model_rows(branch: Branch, calibrations: [Calibration; CLASSES]) -> Vec<Vec<Value>> {
    let rows = branch.segments().into_iter().zip(calibrations).map(|(segment, of)| {
        let right = count(of.right) / count(of.labelled);
        vec![
            Value::Text(branch.as_str().to_owned()),
            Value::Text(segment.as_str().to_owned()),
            Value::count(of.asked),
            Value::Number(of.share),
            Value::Number(of.predicted),
            Value::count(of.labelled),
            if of.labelled > 0 { Value::Number(right) } else { Value::Empty },
        ]
    });
    rows.collect()
}
