//! Cohorts: of those who first bought in a month, how many bought again in each month after.

use std::collections::BTreeMap;

use super::answer::{Figure, Kind, ReportTable, Value};
use super::asked::Asked;
use super::error::ReportError;
use super::number::real;
use super::request::month_text;

const SQL: &str = include_str!("../../reports/cohorts.sql");
/// Months after the first whose retention is told as a figure.
const TOLD: [(&str, i64); 3] = [("retention-1", 1), ("retention-3", 3), ("retention-12", 12)];

pub(super) async fn answer(asked: &mut Asked) -> Result<(), ReportError> {
    let (first_month, last_month) = asked.months();
    let rows = asked.rows("cohorts", SQL, &[("first_month", first_month)]).await?;
    let [cohorts, after] = [rows.integers("cohort")?, rows.integers("months_after")?];
    let [members, amounts] = [rows.integers("members")?, rows.integers("amount")?];
    let sizes: BTreeMap<i64, i64> =
        (0..rows.len()).filter(|row| after[*row] == 0).map(|row| (cohorts[row], members[row])).collect();
    let all = sizes.values().sum::<i64>();
    asked.members(u64::try_from(all).unwrap_or(0))?;
    for (name, months) in TOLD {
        // Only cohorts that could have bought then: later ones would count as if they had all stayed away.
        let ripe = |cohort: i64| cohort + months <= last_month;
        let began: i64 = sizes.iter().filter(|(cohort, _)| ripe(**cohort)).map(|(_, size)| size).sum();
        let stayed: i64 = (0..rows.len())
            .filter(|row| after[*row] == months && ripe(cohorts[*row]))
            .map(|row| members[row])
            .sum();
        if began > 0 {
            let interval = stats::survey::proportion::wilson(real(stayed), real(began), 0.95).ok();
            let share = real(stayed) / real(began);
            let cases = u64::try_from(began).unwrap_or(0);
            asked.figure(Figure::exact(name, Kind::Share, share, cases).within(interval));
        }
    }
    let mut table = ReportTable::new(
        "cohorts",
        &[
            ("cohort", Kind::Text),
            ("months_after", Kind::Count),
            ("members_began", Kind::Count),
            ("members", Kind::Count),
            ("retention", Kind::Share),
            ("amount", Kind::Money),
        ],
    );
    for row in 0..rows.len() {
        let began = sizes.get(&cohorts[row]).copied().unwrap_or(0);
        table.rows.push(vec![
            Value::Text(month_text(cohorts[row])),
            Value::Integer(after[row]),
            Value::Integer(began),
            Value::Integer(members[row]),
            if began > 0 { Value::Number(real(members[row]) / real(began)) } else { Value::Empty },
            Value::Integer(amounts[row]),
        ]);
    }
    asked.table(table);
    Ok(())
}
