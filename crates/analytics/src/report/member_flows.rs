//! Members by month: new, buying again, back after a lapse, lapsed.

use super::answer::{Figure, Kind, ReportTable, Value};
use super::asked::Asked;
use super::error::ReportError;
use super::number::count;
use super::request::month_text;

const SQL: &str = include_str!("../../reports/member_flows.sql");
/// Months without a purchase after which a member has lapsed.
const LAPSE_MONTHS: i64 = 3;

pub(super) async fn answer(asked: &mut Asked) -> Result<(), ReportError> {
    let (first_month, last_month) = asked.months();
    let numbers = [("lapse", LAPSE_MONTHS), ("first_month", first_month), ("last_month", last_month)];
    let rows = asked.rows("member_flows", SQL, &numbers).await?;
    let months = rows.integers("month")?;
    let columns = ["new_members", "repeat_members", "reactivated_members", "lapsed_members"];
    let flows = columns.map(|name| rows.integers(name));
    let [new, again, back, lapsed] = flows;
    let flows = [new?, again?, back?, lapsed?];
    let sums = [0, 1, 2, 3].map(|flow: usize| u64::try_from(flows[flow].iter().sum::<i64>()).unwrap_or(0));
    asked.members(sums[0].max(u64::from(sums[1] > 0)))?;
    for (name, sum) in
        [("new-members", sums[0]), ("reactivated-members", sums[2]), ("lapsed-members", sums[3])]
    {
        asked.figure(Figure::exact(name, Kind::Count, count(sum), sums[0]));
    }
    let mut table = ReportTable::new(
        "member-flows",
        &[
            ("month", Kind::Text),
            ("new_members", Kind::Count),
            ("repeat_members", Kind::Count),
            ("reactivated_members", Kind::Count),
            ("lapsed_members", Kind::Count),
        ],
    );
    for (row, month) in months.iter().enumerate() {
        let mut cells = vec![Value::Text(month_text(*month))];
        cells.extend(flows.iter().map(|flow| Value::Integer(flow[row])));
        table.rows.push(cells);
    }
    asked.table(table);
    Ok(())
}
