//! How many members buy again, how often, and how far apart.

use super::answer::{Figure, Kind, ReportTable, Value};
use super::asked::Asked;
use super::error::ReportError;

const SQL: &str = include_str!("../../reports/repeat_purchase.sql");
/// Members with this many visits or more are told together, as the query counts them.
const VISITS_TOGETHER: i64 = 20;

pub(super) async fn answer(asked: &mut Asked) -> Result<(), ReportError> {
    let rows = asked.rows("repeat_purchase", SQL, &[]).await?;
    let visits = rows.integers("visits")?;
    let (members, counts) = (rows.numbers("members")?, rows.integers("members")?);
    let (together, gaps) = (rows.numbers("visits_together")?, rows.numbers("gaps")?);
    let all: f64 = members.iter().sum();
    let cases = u64::try_from(counts.iter().sum::<i64>()).unwrap_or(0);
    asked.members(cases)?;
    let again: f64 =
        visits.iter().zip(&members).filter(|(visits, _)| **visits > 1).map(|(_, members)| members).sum();
    let interval = stats::survey::proportion::wilson(again, all, 0.95).ok();
    asked.figure(Figure::exact("repeat-rate", Kind::Share, again / all, cases).within(interval));
    asked.figure(Figure::exact("visits-per-member", Kind::Number, together.iter().sum::<f64>() / all, cases));
    if again > 0.0 {
        let gap = gaps.iter().sum::<f64>() / again;
        asked.figure(Figure::exact("days-between-visits", Kind::Number, gap, cases));
    }
    let mut table = ReportTable::new(
        "visits",
        &[("visits", Kind::Text), ("members", Kind::Count), ("members_share", Kind::Share)],
    );
    for row in 0..rows.len() {
        let name = if visits[row] == VISITS_TOGETHER {
            format!("{VISITS_TOGETHER}+")
        } else {
            visits[row].to_string()
        };
        table.rows.push(vec![
            Value::Text(name),
            Value::Integer(counts[row]),
            Value::Number(members[row] / all),
        ]);
    }
    asked.table(table);
    Ok(())
}
