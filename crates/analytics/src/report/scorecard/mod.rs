//! The scorecard of four factors: satisfaction with product and programme, value drivers, loyalty drivers, and loyalty indicators,
//! each from 0 to 100; what they come to together; and whether the first drives the third, and the third the fourth.

mod composite;
mod drivers;
mod factor;
mod indicators;

use stats::interval::{Estimate, Interval};

use self::composite::Weights;
use self::factor::{Factor, FactorName, ITEMS, Reply, replies as replies_of};
use self::indicators::Indicators;
use super::answer::{Figure, Kind, ReportTable, Value};
use super::asked::Asked;
use super::error::ReportError;
use super::replies::make_latest_answers;
use super::satisfaction::ANSWERS_MIN;

const ANSWERS: &str = include_str!("../../../reports/scorecard_answers.sql");
const ANSWERS_BEFORE: &str = include_str!("../../../reports/scorecard_answers_before.sql");
const CONFIDENCE: f64 = 0.95;
/// Items that agree less than this are usually not reported as one (Nunnally 1978).
const ALPHA_MIN: f64 = 0.7;

pub(super) async fn answer(asked: &mut Asked) -> Result<(), ReportError> {
    let weights = Weights::of(asked.request().factor_weights.as_deref())?;
    make_latest_answers(asked).await?;
    let replies = replies_of(&asked.rows("scorecard_answers", ANSWERS, &[]).await?)?;
    let factors = FactorName::ASKED.map(|name| Factor::of(name, &replies));
    let before = replies_of(&asked.rows("scorecard_answers_before", ANSWERS_BEFORE, &[]).await?)?;
    let changes =
        [0, 1, 2].map(|place| factors[place].change(&Factor::of(FactorName::ASKED[place], &before)));
    let indicators = indicators::find(asked).await?;
    if factors.iter().all(|factor| factor.score.is_none()) && indicators.is_none() {
        return Err(ReportError::NO_SURVEY);
    }
    let measured = indicators.as_ref().map_or(0, Indicators::members);
    asked.members((replies.len() as u64).max(measured))?;
    let scored = scored(&factors, changes, indicators.as_ref());
    composite(asked, &weights, &scored);
    for factor in &scored {
        factor.figure(asked);
    }
    if let Some(indicators) = &indicators {
        let spend = indicators.spend();
        let figure = Figure::exact("incremental-spend", Kind::Money, spend.value, measured);
        asked.figure(figure.within(spend.interval(CONFIDENCE).ok()));
    }
    notes(asked, &replies, &factors, &scored);
    asked.table(factor_table(&weights, &scored));
    asked.table(item_table(&replies));
    if let Some(indicators) = &indicators {
        asked.table(indicators.table());
    }
    let drivers = drivers::table(&replies, &factors, indicators.as_ref());
    if !drivers.rows.is_empty() {
        asked.table(drivers);
    }
    Ok(())
}

/// A factor as the scorecard shows it.
struct Scored {
    name: FactorName,
    score: Option<Estimate>,
    cases: u64,
    alpha: Option<f64>,
    /// Against the equally long time before; of loyalty indicators, which are changes already, against no effect.
    change: Option<Estimate>,
}

/// The four factors in order.
fn scored(
    factors: &[Factor; 3],
    changes: [Option<Estimate>; 3],
    indicators: Option<&Indicators>,
) -> [Scored; 4] {
    let asked = |place: usize| {
        let factor: &Factor = &factors[place];
        let name = FactorName::ASKED[place];
        Scored {
            name,
            score: factor.score,
            cases: factor.answers,
            alpha: factor.alpha,
            change: changes[place],
        }
    };
    let measured = Scored {
        name: FactorName::LoyaltyIndicators,
        score: indicators.map(Indicators::score),
        cases: indicators.map_or(0, Indicators::members),
        alpha: None,
        change: indicators.map(Indicators::change),
    };
    [asked(0), asked(1), asked(2), measured]
}

impl Scored {
    fn figure(&self, asked: &mut Asked) {
        if let Some(score) = self.score {
            let figure = Figure::exact(self.name.figure(), Kind::Number, score.value, self.cases);
            asked.figure(figure.within(within(Some(&score))));
        }
    }

    /// Where the change points, if it is surely one.
    fn direction(&self) -> Value {
        let within = self.change.and_then(|change| change.interval(CONFIDENCE).ok());
        within.map_or(Value::Empty, |within| {
            let word = match within {
                Interval { low, .. } if low > 0.0 => "score_up",
                Interval { high, .. } if high < 0.0 => "score_down",
                _ => "score_level",
            };
            Value::Text(word.to_owned())
        })
    }

    /// Whether the items agree so little that their mean says little.
    fn is_loose(&self) -> bool {
        self.alpha.is_some_and(|alpha| alpha < ALPHA_MIN)
    }
}

/// What the factors come to together; resting on as many cases as the one with fewest that counts.
fn composite(asked: &mut Asked, weights: &Weights, scored: &[Scored; 4]) {
    let Some(composite) = weights.composite(&scored.each_ref().map(|factor| factor.score)) else {
        let absent = scored.iter().filter(|factor| factor.score.is_none()).count();
        return asked.note("scorecard-no-composite", absent as u64);
    };
    let counting = scored.iter().enumerate().filter(|(place, _)| weights.share(*place) > 0.0);
    let cases = counting.map(|(_, factor)| factor.cases).min().unwrap_or(0);
    let figure = Figure::exact("scorecard-composite", Kind::Number, composite.value, cases);
    asked.figure(figure.within(within(Some(&composite))));
}

/// Where a score lies: no further than the scale goes.
fn within(score: Option<&Estimate>) -> Option<Interval> {
    let interval = score?.interval(CONFIDENCE).ok()?;
    Some(Interval { low: interval.low.max(0.0), high: interval.high.min(factor::BEST) })
}

fn notes(asked: &mut Asked, replies: &[Reply], factors: &[Factor; 3], scored: &[Scored; 4]) {
    let hidden = (0..ITEMS.len()).map(|item| factor::answers_to(replies, item));
    let hidden = hidden.filter(|answers| (1..ANSWERS_MIN).contains(answers)).count();
    asked.note("too-few-answers", hidden as u64);
    let absent = factors.iter().filter(|factor| factor.score.is_none()).count();
    asked.note("scorecard-factor-not-asked", absent as u64);
    asked.note("scorecard-alpha-low", scored.iter().filter(|factor| factor.is_loose()).count() as u64);
}

fn factor_table(weights: &Weights, scored: &[Scored; 4]) -> ReportTable {
    let mut table = ReportTable::new(
        "scorecard",
        &[
            ("factor", Kind::Word),
            ("score", Kind::Number),
            ("low", Kind::Number),
            ("high", Kind::Number),
            ("change", Kind::Number),
            ("direction", Kind::Word),
            ("alpha", Kind::Number),
            ("warning", Kind::Word),
            ("members", Kind::Count),
            ("factor_weight", Kind::Share),
        ],
    );
    for (place, factor) in scored.iter().enumerate() {
        let within = within(factor.score.as_ref());
        table.rows.push(vec![
            Value::Text(factor.name.as_str().to_owned()),
            Value::known(factor.score.map(|score| score.value)),
            Value::known(within.map(|within| within.low)),
            Value::known(within.map(|within| within.high)),
            Value::known(factor.change.map(|change| change.value)),
            factor.direction(),
            Value::known(factor.alpha),
            if factor.is_loose() { Value::Text("items_disagree".to_owned()) } else { Value::Empty },
            Value::count(factor.cases),
            Value::Number(weights.share(place)),
        ]);
    }
    table
}

fn item_table(replies: &[Reply]) -> ReportTable {
    let mut table = ReportTable::new(
        "scorecard-items",
        &[
            ("item", Kind::Word),
            ("factor", Kind::Word),
            ("answers", Kind::Count),
            ("score", Kind::Number),
            ("low", Kind::Number),
            ("high", Kind::Number),
        ],
    );
    for (place, item) in ITEMS.iter().enumerate() {
        let score = factor::item_score(replies, place);
        let within = within(score.as_ref());
        table.rows.push(vec![
            Value::Text(item.question.to_owned()),
            Value::Text(item.factor.as_str().to_owned()),
            Value::count(factor::answers_to(replies, place)),
            Value::known(score.map(|score| score.value)),
            Value::known(within.map(|within| within.low)),
            Value::known(within.map(|within| within.high)),
        ]);
    }
    table
}
