//! Recency, frequency and monetary value, and the segments made of them.

use super::answer::{Figure, Kind, ReportTable, Value};
use super::asked::Asked;
use super::error::ReportError;
use super::number::real;

const SQL: &str = include_str!("../../reports/rfm.sql");
const MEMBERS: &str = include_str!("../../reports/rfm_members.sql");

/// The segments, best first, by recency and frequency (with monetary value averaged in), as practice names them.
const SEGMENTS: [&str; 10] = [
    "champions",
    "loyal",
    "cannot-lose",
    "at-risk",
    "potential-loyalists",
    "need-attention",
    "promising",
    "new",
    "about-to-sleep",
    "hibernating",
];

/// What a segment adds up to.
#[derive(Debug, Clone, Copy, Default)]
struct Sum {
    members: i64,
    purchases: i64,
    amount: i64,
    days_since: i64,
}

pub(super) async fn answer(asked: &mut Asked) -> Result<(), ReportError> {
    let rows = asked.rows("rfm", SQL, &[]).await?;
    let mut sums = [Sum::default(); SEGMENTS.len()];
    let scores = [rows.integers("recency")?, rows.integers("frequency")?, rows.integers("monetary")?];
    let [members, purchases] = [rows.integers("members")?, rows.integers("purchases")?];
    let [amount, days_since] = [rows.integers("amount")?, rows.integers("days_since")?];
    for row in 0..rows.len() {
        let [recency, frequency, monetary] = [0, 1, 2].map(|score| scores[score][row]);
        let sum = &mut sums[segment(recency, frequency, monetary)];
        sum.members += members[row];
        sum.purchases += purchases[row];
        sum.amount += amount[row];
        sum.days_since += days_since[row];
    }
    let all: i64 = members.iter().sum();
    let count = u64::try_from(all).unwrap_or(0);
    asked.members(count)?;
    let total: i64 = amount.iter().sum();
    let cells = rows.len();
    asked.figure(Figure::exact("rfm-cells", Kind::Count, real(i64::try_from(cells).unwrap_or(0)), count));
    for (position, name) in [(0, "champions-share"), (3, "at-risk-share")] {
        let share = real(sums[position].members) / real(all);
        let interval = stats::survey::proportion::wilson(real(sums[position].members), real(all), 0.95).ok();
        asked.figure(Figure::exact(name, Kind::Share, share, count).within(interval));
    }
    asked.table(segments(&sums, all, total));
    let columns = [
        ("recency", Kind::Count),
        ("frequency", Kind::Count),
        ("monetary", Kind::Count),
        ("members", Kind::Count),
        ("purchases", Kind::Count),
        ("amount", Kind::Money),
    ];
    asked.table(rows.table("rfm-cells", &columns)?);
    Ok(())
}

/// Each member with the segment, the scores and what they are made of.
pub(super) async fn members(asked: &mut Asked) -> Result<ReportTable, ReportError> {
    let rows = asked.rows("rfm_members", MEMBERS, &[]).await?;
    let columns = [
        ("member", Kind::Text),
        ("segment", Kind::Text),
        ("recency", Kind::Count),
        ("frequency", Kind::Count),
        ("monetary", Kind::Count),
        ("last_day", Kind::Day),
        ("purchases", Kind::Count),
        ("amount", Kind::Money),
    ];
    let mut table = ReportTable::new("members", &columns);
    let (names, last_days) = (rows.texts("member")?, rows.texts("last_day")?);
    let scores = [rows.integers("recency")?, rows.integers("frequency")?, rows.integers("monetary")?];
    let [purchases, amounts] = [rows.integers("purchases")?, rows.integers("amount")?];
    for (row, (member, last_day)) in names.into_iter().zip(last_days).enumerate() {
        let [recency, frequency, monetary] = [0, 1, 2].map(|score| scores[score][row]);
        let segment = SEGMENTS[segment(recency, frequency, monetary)];
        let numbers = [recency, frequency, monetary].map(Value::Integer);
        let mut cells = vec![Value::Text(member), Value::Text(segment.to_owned())];
        cells.extend(numbers);
        cells.extend([Value::Text(last_day), Value::Integer(purchases[row]), Value::Integer(amounts[row])]);
        table.rows.push(cells);
    }
    Ok(table)
}

/// The segment of three scores from 1 to 5. Frequency and monetary value say together how good a customer was, recency
/// whether they still are.
fn segment(recency: i64, frequency: i64, monetary: i64) -> usize {
    // Half points count for the better.
    let worth = (frequency + monetary + 1) / 2;
    let name = match (recency, worth) {
        (4.., 4..) => "champions",
        (3, 4..) => "loyal",
        (4.., 3) | (5, 2..) => "potential-loyalists",
        (5, _) => "new",
        (4, _) => "promising",
        (3, 3) => "need-attention",
        (3, _) => "about-to-sleep",
        (1, 5) => "cannot-lose",
        (1 | 2, 3..) => "at-risk",
        _ => "hibernating",
    };
    SEGMENTS.iter().position(|segment| *segment == name).unwrap_or(SEGMENTS.len() - 1)
}

fn segments(sums: &[Sum], all: i64, total: i64) -> ReportTable {
    let mut table = ReportTable::new(
        "rfm-segments",
        &[
            ("segment", Kind::Word),
            ("members", Kind::Count),
            ("members_share", Kind::Share),
            ("amount", Kind::Money),
            ("amount_share", Kind::Share),
            ("purchases_per_member", Kind::Number),
            ("amount_per_member", Kind::Money),
            ("days_since", Kind::Number),
        ],
    );
    for (name, sum) in SEGMENTS.iter().zip(sums).filter(|(_, sum)| sum.members > 0) {
        let members = real(sum.members);
        table.rows.push(vec![
            Value::Text((*name).to_owned()),
            Value::Integer(sum.members),
            Value::Number(members / real(all)),
            Value::Integer(sum.amount),
            share(sum.amount, total),
            Value::Number(real(sum.purchases) / members),
            Value::Integer(sum.amount / sum.members),
            Value::Number(real(sum.days_since) / members),
        ]);
    }
    table
}

fn share(part: i64, whole: i64) -> Value {
    if whole == 0 { Value::Empty } else { Value::Number(real(part) / real(whole)) }
}

#[cfg(test)]
mod tests {
    use super::{SEGMENTS, segment};

    #[test]
    fn every_score_has_a_segment_and_every_segment_a_score() {
        let mut seen = [0_u32; SEGMENTS.len()];
        for recency in 1..=5 {
            for frequency in 1..=5 {
                for monetary in 1..=5 {
                    seen[segment(recency, frequency, monetary)] += 1;
                }
            }
        }
        assert!(seen.iter().all(|scores| *scores > 0), "{seen:?}");
    }

    #[test]
    fn the_best_who_came_lately_are_champions_and_the_best_who_stayed_away_must_not_be_lost() {
        assert_eq!(SEGMENTS[segment(5, 5, 5)], "champions");
        assert_eq!(SEGMENTS[segment(1, 5, 5)], "cannot-lose");
        assert_eq!(SEGMENTS[segment(5, 1, 1)], "new");
        assert_eq!(SEGMENTS[segment(1, 1, 1)], "hibernating");
    }
}
