//! Member by member: who is still there, and what they will be worth.

use jiff::civil::Date;
use stats::customer_base::{CustomerBaseError, GammaGamma, History};

use super::super::answer::{Kind, ReportTable, Value};
use super::super::asked::Asked;
use super::super::error::ReportError;
use super::{Alike, DAYS_OF_WEEK, Fitted, WEEKS_AHEAD, whole, worth_of};

const MEMBERS: &str = include_str!("../../../reports/lifetime_value_members.sql");

/// All members with what the model says of them, those who will be worth most first; by purchases to come where nothing
/// is known of what a purchase is worth.
pub(super) async fn table(
    asked: &mut Asked,
    to: Date,
    best: &Fitted,
    spend: Option<&GammaGamma>,
) -> Result<ReportTable, ReportError> {
    let rows = asked.rows_with("lifetime_value_members", MEMBERS, &[], &[("split", to)]).await?;
    let (members, last_days) = (rows.texts("member")?, rows.texts("last_day")?);
    let repeats = rows.integers("repeats")?;
    let [recency, age, mean] = [rows.numbers("recency")?, rows.numbers("age")?, rows.numbers("mean")?];
    let mut scored = Vec::with_capacity(rows.len());
    for row in 0..rows.len() {
        let repeats = u32::try_from(repeats[row]).unwrap_or(0);
        let history = History::new(repeats, recency[row] / DAYS_OF_WEEK, age[row] / DAYS_OF_WEEK)
            .map_err(|fault| CustomerBaseError::Row { row, fault })?;
        let purchases = best.model.expected(&history, WEEKS_AHEAD)?;
        let own = Alike { history, members: 1.0, later: 0.0, mean: mean[row] };
        let worth = spend.map(|spend| worth_of(&own, best, spend)).transpose()?;
        scored.push((worth, purchases, row, history));
    }
    let key = |worth: Option<f64>, purchases: f64| worth.unwrap_or(purchases);
    // Equal ones stay in the order of their accounts.
    scored.sort_by(|left, right| key(right.0, right.1).total_cmp(&key(left.0, left.1)));
    let mut table = ReportTable::new(
        "members-by-value",
        &[
            ("member", Kind::Text),
            ("visits", Kind::Count),
            ("last_day", Kind::Day),
            ("active_chance", Kind::Share),
            ("purchases_next_year", Kind::Number),
            ("lifetime_value", Kind::Money),
        ],
    );
    for (worth, purchases, row, history) in scored {
        table.rows.push(vec![
            Value::Text(members[row].clone()),
            Value::Integer(repeats[row] + 1),
            Value::Text(last_days[row].clone()),
            Value::Number(best.model.alive(&history)),
            Value::Number(purchases),
            worth.map_or(Value::Empty, |worth| Value::Integer(whole(worth))),
        ]);
    }
    Ok(table)
}
