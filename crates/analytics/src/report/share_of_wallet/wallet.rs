//! The whole wallet of those who were not asked: what members say they spend in all, regressed on what is known of their
//! buying with us, so that headroom can be told for everybody (after Du, Kamakura and Mela, 2007, Journal of Marketing 71).

use std::fmt::Write;

use stats::interval::Interval;
use stats::moments::PairMoments;
use stats::regression::linear::Linear;
use stats::rows::Rows as Table;
use stats::survey::design::weighted_mean;

use super::super::answer::{Figure, Kind, Value};
use super::super::asked::{Asked, Rows, day_text};
use super::super::error::ReportError;
use super::super::request::Period;

const STATED: &str = include_str!("../../../reports/share_of_wallet_stated.sql");
const HABITS: &str = include_str!("../../../reports/share_of_wallet_habits.sql");
const HEADROOM: &str = include_str!("../../../reports/share_of_wallet_headroom.sql");
/// Fewer members are not told, and no model is made of them.
const MEMBERS_MIN: usize = 100;
/// What the model looks at, as the queries call it.
const HABITS_OF: [&str; 4] = ["own", "purchases", "active_months", "known_months"];
/// A model that explains less of the wallets tells nobody's headroom.
const EXPLAINED_MIN: f64 = 0.1;
/// Members with most headroom that are listed.
const LISTED: usize = 200;
const CONFIDENCE: f64 = 0.95;
/// Days of a month on average.
const DAYS_PER_MONTH: f64 = 30.436_875;

/// What a member said, and what is known of them.
struct Stated {
    weight: f64,
    own: f64,
    other: f64,
    habits: [f64; HABITS_OF.len()],
}

/// Answers from the amounts that members stated; how many did.
pub(super) async fn answer(asked: &mut Asked) -> Result<u64, ReportError> {
    let period = asked.period();
    // Answers may be older than the first purchase there is: of the time between, no buying is known.
    let bought = Period { from: period.from.max(asked.days().0), ..period };
    let months = f64::from(bought.days()) / DAYS_PER_MONTH;
    let habits = HABITS.replace("{months}", &months.to_string()).replace("{to}", &day_text(period.to));
    asked.view("share_of_wallet_habits", habits).await?;
    let stated = stated(&asked.rows("share_of_wallet_stated", STATED, &[]).await?)?;
    let members = u64::try_from(stated.len()).unwrap_or(u64::MAX);
    if stated.len() < MEMBERS_MIN {
        asked.note("too-few-for-a-wallet-model", members);
        return Ok(members);
    }
    shares(asked, &stated, members);
    // Where everybody buys alike there is nothing to tell wallets apart by, and no fit.
    let model = fit(&stated).ok();
    if let Some(model) = &model {
        asked.figure(Figure::exact("wallet-model-explained", Kind::Share, model.explained, members));
    }
    match model.filter(|model| model.explained >= EXPLAINED_MIN) {
        Some(model) => headroom(asked, &model).await?,
        None => asked.note("wallet-model-explains-little", members),
    }
    Ok(members)
}

fn stated(rows: &Rows) -> Result<Vec<Stated>, ReportError> {
    let [weight, own, other] =
        [rows.numbers("weight")?, rows.numbers("own_stated")?, rows.numbers("other_stated")?];
    let habits = HABITS_OF.map(|name| rows.numbers(name));
    let [a, b, c, d] = habits;
    let habits = [a?, b?, c?, d?];
    let of = |row: usize| Stated {
        weight: weight[row],
        own: own[row],
        other: other[row],
        habits: std::array::from_fn(|place| habits[place][row]),
    };
    Ok((0..rows.len()).map(of).collect())
}

/// The stated shares, and whether who buys much with us buys little elsewhere.
fn shares(asked: &mut Asked, stated: &[Stated], members: u64) {
    let sum = |of: fn(&Stated) -> f64| stated.iter().map(of).sum::<f64>();
    let own = sum(|member| member.weight * member.own);
    let all = sum(|member| member.weight * (member.own + member.other));
    asked.figure(Figure::exact("stated-share-of-sums", Kind::Share, own / all, members));
    let shares: Vec<f64> = stated.iter().map(|member| member.own / (member.own + member.other)).collect();
    let weights: Vec<f64> = stated.iter().map(|member| member.weight).collect();
    if let Ok(mean) = weighted_mean(&shares, &weights) {
        let within: Option<Interval> = mean.interval(CONFIDENCE).ok();
        asked.figure(Figure::exact("stated-share-mean", Kind::Share, mean.value, members).within(within));
    }
    if let Some(correlation) = correlation(stated) {
        asked.figure(Figure::exact("inside-outside-correlation", Kind::Number, correlation, members));
    }
}

/// The correlation of what is spent with us and what is spent elsewhere; none where either does not vary.
fn correlation(stated: &[Stated]) -> Option<f64> {
    let column = |of: fn(&Stated) -> f64| stated.iter().map(of).collect::<Vec<_>>();
    let both = PairMoments::of(&column(|member| member.own), &column(|member| member.other));
    Some(both.correlation()).filter(|correlation| correlation.is_finite())
}

fn fit(stated: &[Stated]) -> Result<Linear, stats::unfit::Unfit> {
    let habits: Vec<f64> = stated.iter().flat_map(|member| member.habits).collect();
    let wallets: Vec<f64> = stated.iter().map(|member| member.own + member.other).collect();
    // A little ridge: habits go together, and a column may not vary at all.
    Linear::fit(&Table::new(&habits, HABITS_OF.len())?, &wallets, 1.0)
}

/// The members with the most to win, by the model.
async fn headroom(asked: &mut Asked, model: &Linear) -> Result<(), ReportError> {
    let sql = HEADROOM.replace("{wallet}", &expression(model)).replace("{rows}", &LISTED.to_string());
    let columns =
        [("member", Kind::Text), ("own", Kind::Money), ("wallet", Kind::Money), ("headroom", Kind::Money)];
    let mut table = asked.rows("share_of_wallet_headroom", &sql, &[]).await?.table("headroom", &columns)?;
    // Everybody's wallet is as uncertain as those of the members who were asked.
    let half = stats::normal::quantile(1.0 - (1.0 - CONFIDENCE) / 2.0) * model.residual_deviation;
    table.columns.extend([("low", Kind::Money), ("high", Kind::Money)].map(super::column));
    for row in &mut table.rows {
        let wallet = row.get(2).and_then(Value::as_number).unwrap_or(0.0);
        row.push(super::money((wallet - half).max(0.0)));
        row.push(super::money(wallet + half));
    }
    asked.table(table);
    Ok(())
}

/// The model as SQL writes it.
fn expression(model: &Linear) -> String {
    let values = &model.coefficients.values;
    let mut text = format!("greatest({:e}", values.first().copied().unwrap_or(0.0));
    for (coefficient, name) in values.iter().skip(1).zip(HABITS_OF) {
        // Writing to a String cannot fail.
        let _ = write!(text, " + ({coefficient:e}) * h.{name}");
    }
    text + ", h.own)"
}

#[cfg(test)]
mod tests {
    use stats::random::Random;

    use super::{HABITS_OF, Stated, correlation, expression, fit};

    /// Members who spend with us what has nothing to do with what they spend elsewhere, and whose wallet follows from how
    /// often they buy.
    fn members() -> Vec<Stated> {
        let mut random = Random::new(7);
        let mut member = || {
            let purchases = 1.0 + 9.0 * random.uniform();
            let own = 1_000.0 * random.uniform();
            let other = 5_000.0 + 800.0 * purchases + 200.0 * random.normal() - own;
            Stated { weight: 1.0, own, other, habits: [own, purchases, 6.0, 12.0] }
        };
        (0..2_000).map(|_| member()).collect()
    }

    #[test]
    fn a_planted_wallet_is_recovered() {
        let model = fit(&members()).expect("a model");
        let wallet = model.predict(&[500.0, 5.0, 6.0, 12.0]);
        assert!((wallet - 9_000.0).abs() < 50.0, "{wallet}");
        assert!((model.residual_deviation - 200.0).abs() < 15.0 && model.explained > 0.98);
        assert!(HABITS_OF.iter().all(|name| expression(&model).contains(name)));
    }

    #[test]
    fn buying_much_with_us_says_little_about_buying_elsewhere() {
        let correlation = correlation(&members()).expect("spread");
        assert!((-0.3..0.0).contains(&correlation), "{correlation}");
    }
}
