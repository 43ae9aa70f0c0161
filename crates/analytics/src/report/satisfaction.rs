//! Satisfaction and recommendation, survey by survey, with intervals that allow for weights and for a small population;
//! and whether those who said they would still buy did. A difference counts as a change only if chance does not explain it.

use std::collections::BTreeMap;

use stats::interval::{Estimate, Interval};
use stats::survey::design::finite_population_factor;
use stats::survey::net_score::NetScore;
use stats::survey::proportion::wilson;

use super::answer::{Figure, Kind, ReportTable, Value};
use super::asked::{Asked, Rows};
use super::error::ReportError;
use super::number::count;

const SQL: &str = include_str!("../../reports/satisfaction.sql");
const INTENTION: &str = include_str!("../../reports/satisfaction_intention.sql");
const MEMBERS: &str = "-- How many members there are to ask.\nSELECT count(*) AS members FROM members \
                       WHERE leads_to IS NULL";
/// Fewer answers are not told: too few to mean much, and few enough to be recognised.
pub(super) const ANSWERS_MIN: u64 = 30;
/// A sample that is a larger share of all members is more precise than one of an endless population.
const SMALL_POPULATION: f64 = 0.05;
const CONFIDENCE: f64 = 0.95;
/// The net score is printed from −100 to 100.
const POINTS: f64 = 100.0;
/// Answers of 1 to 5 from which on somebody counts as satisfied.
pub(super) const SATISFIED: i64 = 4;
const QUESTIONS: [(&str, &str); 3] = [
    ("satisfaction", "satisfied-share"),
    ("buying_satisfaction", "satisfied-buying-share"),
    ("programme_satisfaction", "satisfied-programme-share"),
];

/// The answers to one question of one survey.
#[derive(Debug, Clone, Default, PartialEq)]
struct Answers {
    count: u64,
    weight: f64,
    squared_weight: f64,
    /// Weight of those who are satisfied, or would recommend.
    favourable: f64,
    /// Weight of those who would rather not recommend.
    adverse: f64,
}

impl Answers {
    fn add(&mut self, question: &str, answer: i64, (more, weight, squared_weight): (u64, f64, f64)) {
        self.count += more;
        self.weight += weight;
        self.squared_weight += squared_weight;
        let (favourable, adverse) =
            if question == "recommend" { (answer >= 9, answer <= 6) } else { (answer >= SATISFIED, false) };
        self.favourable += if favourable { weight } else { 0.0 };
        self.adverse += if adverse { weight } else { 0.0 };
    }

    /// Kish's number of equal answers that would be as precise.
    fn effective(&self) -> f64 {
        self.weight * self.weight / self.squared_weight
    }

    fn share(&self) -> f64 {
        self.favourable / self.weight
    }

    /// Where the share of satisfied members lies.
    fn share_within(&self, members: u64) -> Option<Interval> {
        let interval = wilson(self.share() * self.effective(), self.effective(), CONFIDENCE).ok()?;
        let factor = factor(self.count, members);
        Some(Interval {
            low: self.share() - (self.share() - interval.low) * factor,
            high: self.share() + (interval.high - self.share()) * factor,
        })
    }

    /// The share as an estimate, to compare two of them.
    fn share_estimate(&self, members: u64) -> Estimate {
        let share = self.share();
        let error = (share * (1.0 - share) / self.effective()).sqrt() * factor(self.count, members);
        Estimate::normal(share, error)
    }

    /// The net promoter score in points with its error.
    fn net_score(&self, members: u64) -> Option<Estimate> {
        let neutral = self.weight - self.favourable - self.adverse;
        let score = NetScore::new(self.favourable, neutral, self.adverse).ok()?;
        let estimate = score.estimate(self.effective()).ok()?;
        let error = estimate.standard_error * factor(self.count, members);
        Some(Estimate::normal(POINTS * estimate.value, POINTS * error))
    }
}

/// What the error is multiplied by because so large a share of all was asked.
fn factor(answers: u64, members: u64) -> f64 {
    if count(answers) <= SMALL_POPULATION * count(members) {
        return 1.0;
    }
    let sizes = usize::try_from(answers).ok().zip(usize::try_from(members).ok());
    sizes.and_then(|(answers, members)| finite_population_factor(answers, members).ok()).unwrap_or(1.0)
}

/// A survey: its first day and what was answered.
#[derive(Debug, Clone, Default)]
struct Survey {
    name: String,
    first_day: String,
    answers: BTreeMap<String, Answers>,
}

pub(super) async fn answer(asked: &mut Asked) -> Result<(), ReportError> {
    let members = asked.rows("members", MEMBERS, &[]).await?.counts("members")?.first().copied().unwrap_or(0);
    let rows = asked.rows("satisfaction", SQL, &[]).await?;
    let intentions = asked.rows("satisfaction_intention", INTENTION, &[]).await?;
    if rows.len() == 0 && intentions.len() == 0 {
        return Err(ReportError::NO_SURVEY);
    }
    let surveys = surveys(&rows)?;
    asked.members(members)?;
    figures(asked, &surveys, members);
    satisfaction_table(asked, &surveys, members);
    recommendation_table(asked, &surveys, members);
    intention(asked, &intentions)
}

/// The surveys in the order in which they began.
fn surveys(rows: &Rows) -> Result<Vec<Survey>, ReportError> {
    let [names, questions, days] = [rows.texts("survey")?, rows.texts("question")?, rows.texts("first_day")?];
    let (answer, answers) = (rows.integers("answer")?, rows.counts("answers")?);
    let [weight, squared] = [rows.numbers("weight")?, rows.numbers("squared_weight")?];
    let mut found: BTreeMap<&str, Survey> = BTreeMap::new();
    for row in 0..rows.len() {
        let survey = found.entry(&names[row]).or_insert_with(|| Survey {
            name: names[row].clone(),
            first_day: days[row].clone(),
            ..Survey::default()
        });
        if days[row] < survey.first_day {
            survey.first_day.clone_from(&days[row]);
        }
        let to = survey.answers.entry(questions[row].clone()).or_default();
        to.add(&questions[row], answer[row], (answers[row], weight[row], squared[row]));
    }
    let mut surveys: Vec<Survey> = found.into_values().collect();
    surveys.sort_by(|a, b| (&a.first_day, &a.name).cmp(&(&b.first_day, &b.name)));
    Ok(surveys)
}

/// The latest survey with enough answers to a question, and the one before it.
fn latest<'a>(surveys: &'a [Survey], question: &str) -> (Option<&'a Answers>, Option<&'a Answers>) {
    let mut told = surveys
        .iter()
        .rev()
        .filter_map(|survey| survey.answers.get(question))
        .filter(|answers| answers.count >= ANSWERS_MIN);
    (told.next(), told.next())
}

fn figures(asked: &mut Asked, surveys: &[Survey], members: u64) {
    let (recommended, before) = latest(surveys, "recommend");
    if let Some((answers, score)) = recommended.and_then(|now| Some((now.count, now.net_score(members)?))) {
        asked.figure(
            Figure::exact("net-promoter-score", Kind::Score, score.value, answers)
                .within(score.interval(CONFIDENCE).ok()),
        );
        if let Some(change) = before.and_then(|before| difference(&score, &before.net_score(members)?)) {
            asked.figure(
                Figure::exact("net-promoter-score-change", Kind::Score, change.value, answers)
                    .within(change.interval(CONFIDENCE).ok()),
            );
        }
    }
    for (question, name) in QUESTIONS {
        if let (Some(now), _) = latest(surveys, question) {
            let within = now.share_within(members);
            asked.figure(Figure::exact(name, Kind::Share, now.share(), now.count).within(within));
        }
    }
    if let (Some(now), Some(before)) = latest(surveys, "satisfaction")
        && let Some(change) = difference(&now.share_estimate(members), &before.share_estimate(members))
    {
        asked.figure(
            Figure::exact("satisfied-share-change", Kind::Share, change.value, now.count)
                .within(change.interval(CONFIDENCE).ok()),
        );
    }
    let cells = surveys.iter().flat_map(|survey| survey.answers.values());
    let hidden = cells.filter(|answers| answers.count < ANSWERS_MIN).count();
    asked.note("too-few-answers", u64::try_from(hidden).unwrap_or(u64::MAX));
}

/// The difference of two independent estimates.
fn difference(now: &Estimate, before: &Estimate) -> Option<Estimate> {
    let error = now.standard_error.hypot(before.standard_error);
    error.is_finite().then(|| Estimate::normal(now.value - before.value, error))
}

/// What happened since the survey before: a change only where chance does not explain it.
fn change(now: Option<&Estimate>, before: Option<&Estimate>) -> Value {
    let Some((now, before)) = now.zip(before) else { return Value::Empty };
    let interval = difference(now, before).and_then(|change| change.interval(CONFIDENCE).ok());
    let word = match interval {
        Some(interval) if interval.low > 0.0 => "rose",
        Some(interval) if interval.high < 0.0 => "fell",
        _ => "no_clear_change",
    };
    Value::Text(word.to_owned())
}

fn satisfaction_table(asked: &mut Asked, surveys: &[Survey], members: u64) {
    let columns = [
        ("survey", Kind::Text),
        ("first_day", Kind::Day),
        ("question", Kind::Word),
        ("answers", Kind::Count),
        ("effective_answers", Kind::Number),
        ("satisfied", Kind::Share),
        ("low", Kind::Share),
        ("high", Kind::Share),
        ("change", Kind::Word),
    ];
    let mut table = ReportTable::new("satisfaction", &columns);
    for (question, _) in QUESTIONS {
        let mut before: Option<Estimate> = None;
        for survey in surveys {
            let Some(answers) = survey.answers.get(question) else { continue };
            let told = answers.count >= ANSWERS_MIN;
            let within = answers.share_within(members).filter(|_| told);
            let estimate = told.then(|| answers.share_estimate(members));
            table.rows.push(vec![
                Value::Text(survey.name.clone()),
                Value::Text(survey.first_day.clone()),
                Value::Text(question.to_owned()),
                Value::count(answers.count),
                Value::Number(answers.effective()),
                Value::known(told.then(|| answers.share())),
                Value::known(within.map(|within| within.low)),
                Value::known(within.map(|within| within.high)),
                change(estimate.as_ref(), before.as_ref()),
            ]);
            before = estimate.or(before);
        }
    }
    if !table.rows.is_empty() {
        asked.table(table);
    }
}

fn recommendation_table(asked: &mut Asked, surveys: &[Survey], members: u64) {
    let columns = [
        ("survey", Kind::Text),
        ("first_day", Kind::Day),
        ("answers", Kind::Count),
        ("effective_answers", Kind::Number),
        ("promoters", Kind::Share),
        ("detractors", Kind::Share),
        ("net_promoter_score", Kind::Score),
        ("low", Kind::Score),
        ("high", Kind::Score),
        ("change", Kind::Word),
    ];
    let mut table = ReportTable::new("recommendation", &columns);
    let mut before: Option<Estimate> = None;
    for survey in surveys {
        let Some(answers) = survey.answers.get("recommend") else { continue };
        let told = answers.count >= ANSWERS_MIN;
        let score = answers.net_score(members).filter(|_| told);
        let within = score.and_then(|score| score.interval(CONFIDENCE).ok());
        table.rows.push(vec![
            Value::Text(survey.name.clone()),
            Value::Text(survey.first_day.clone()),
            Value::count(answers.count),
            Value::Number(answers.effective()),
            Value::known(told.then(|| answers.share())),
            Value::known(told.then(|| answers.adverse / answers.weight)),
            Value::known(score.map(|score| score.value)),
            Value::known(within.map(|within| within.low)),
            Value::known(within.map(|within| within.high)),
            change(score.as_ref(), before.as_ref()),
        ]);
        before = score.or(before);
    }
    if !table.rows.is_empty() {
        asked.table(table);
    }
}

/// What members said they would do, and what they did.
fn intention(asked: &mut Asked, rows: &Rows) -> Result<(), ReportError> {
    let columns = [
        ("survey", Kind::Text),
        ("first_day", Kind::Day),
        ("answers", Kind::Count),
        ("said", Kind::Share),
        ("followed", Kind::Count),
        ("said_followed", Kind::Share),
        ("did", Kind::Share),
        ("gap", Kind::Number),
    ];
    let mut table = ReportTable::new("intention", &columns);
    let [answers, followed, bought] =
        [rows.counts("answers")?, rows.counts("followed")?, rows.counts("bought")?];
    let [said, said_followed] = [rows.numbers("said")?, rows.numbers("said_followed")?];
    let [squared, effective] = [rows.numbers("said_squared")?, rows.numbers("effective_answers")?];
    let (names, days) = (rows.texts("survey")?, rows.texts("first_day")?);
    for row in 0..rows.len() {
        let told = answers[row] >= ANSWERS_MIN;
        let known = followed[row] >= ANSWERS_MIN;
        let did = known.then(|| count(bought[row]) / count(followed[row]));
        let meant = known.then(|| said_followed[row] / count(followed[row]));
        table.rows.push(vec![
            Value::Text(names[row].clone()),
            Value::Text(days[row].clone()),
            Value::count(answers[row]),
            Value::known(told.then(|| said[row])),
            Value::count(followed[row]),
            Value::known(meant),
            Value::known(did),
            Value::known(did.zip(meant).map(|(did, meant)| did - meant)),
        ]);
        if row + 1 == rows.len() && told {
            let error = ((squared[row] - said[row].powi(2)).max(0.0) / effective[row]).sqrt();
            let within = Estimate::normal(said[row], error).interval(CONFIDENCE).ok();
            asked.figure(Figure::exact("will-buy", Kind::Share, said[row], answers[row]).within(within));
        }
    }
    if let Some(row) = (0..rows.len()).rev().find(|row| followed[*row] >= ANSWERS_MIN) {
        let share = count(bought[row]) / count(followed[row]);
        let within = wilson(count(bought[row]), count(followed[row]), CONFIDENCE).ok();
        asked.figure(Figure::exact("did-buy", Kind::Share, share, followed[row]).within(within));
    }
    if !table.rows.is_empty() {
        asked.table(table);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use stats::interval::Estimate;

    use super::{Answers, change};
    use crate::report::number;

    fn answered(question: &str, counts: &[(i64, u64)]) -> Answers {
        let mut answers = Answers::default();
        for (answer, count) in counts {
            let weight = number::count(*count);
            answers.add(question, *answer, (*count, weight, weight));
        }
        answers
    }

    fn close(found: f64, expected: f64, tolerance: f64) {
        assert!((found - expected).abs() <= tolerance, "{found} is not {expected}");
    }

    #[test]
    fn the_score_of_a_hundred_has_the_published_error() {
        // G-S2: 50 promoters, 30 passives, 20 detractors: 30 points, standard error 7.81.
        let answers = answered("recommend", &[(10, 30), (9, 20), (8, 20), (7, 10), (6, 15), (0, 5)]);
        let score = answers.net_score(1_000_000).expect("a score");
        close(score.value, 30.0, 1e-9);
        close(score.standard_error, 7.81, 5e-3);
    }

    #[test]
    fn asking_a_fifth_of_all_narrows_the_interval() {
        // G-S5: n = 400 of 2,000: ±4.38 points instead of ±4.90 (G-S3).
        let answers = answered("satisfaction", &[(4, 200), (3, 200)]);
        let half = |members| answers.share_estimate(members).standard_error * 1.959_964 * 100.0;
        close(half(1_000_000), 4.90, 5e-3);
        close(half(2_000), 4.38, 5e-3);
    }

    #[test]
    fn weights_are_worth_fewer_answers() {
        // G-S6: 50 answers of weight 1, 30 of 2, 20 of 3.
        let mut answers = Answers::default();
        for (count, weight) in [(50, 1.0), (30, 2.0), (20, 3.0)] {
            let each = number::count(count);
            answers.add("satisfaction", 5, (count, each * weight, each * weight * weight));
        }
        close(answers.effective(), 82.571, 5e-4);
    }

    #[test]
    fn a_difference_within_chance_is_no_change() {
        let estimate = |value| Estimate::normal(value, 4.0);
        let word = |now, before| change(Some(&estimate(now)), Some(&estimate(before)));
        assert_eq!(word(40.0, 30.0).as_text(), Some("no_clear_change"));
        assert_eq!(word(42.0, 30.0).as_text(), Some("rose"));
        assert_eq!(word(18.0, 30.0).as_text(), Some("fell"));
        assert_eq!(change(Some(&estimate(18.0)), None).as_text(), None);
    }
}
