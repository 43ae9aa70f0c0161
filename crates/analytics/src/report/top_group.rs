//! The top group month by month, with hysteresis: who enters at the 97.5th percentile of spend stays until they are below
//! the 95th, so that nobody is in and out of it by a few yuan.

use std::collections::BTreeMap;

use super::answer::{Figure, Kind, ReportTable, Value};
use super::asked::Asked;
use super::error::ReportError;
use super::number::{count, real};
use super::request::month_text;

const SQL: &str = include_str!("../../reports/top_group.sql");
/// Of a thousand members who spent, so many must have spent less for one to enter the group.
const ENTER_PER_MILLE: i64 = 975;
/// … and for one to stay in it.
const LEAVE_PER_MILLE: i64 = 950;
/// Months of spend that count where there are enough, and where there are few.
const WINDOWS: (i64, i64) = (12, 3);
/// From so many months on, there are enough.
const ENOUGH_MONTHS: i64 = 18;

/// A member near the top in a month.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Near {
    member_id: i64,
    month: i64,
    amount: i64,
    /// The share of spenders who spent less.
    below: f64,
}

/// The group in a month.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Month {
    members: i64,
    entered: i64,
    left: i64,
    amount: i64,
    /// Who would have come or gone, if entering and leaving had one border.
    moved_without_hysteresis: i64,
}

pub(super) async fn answer(asked: &mut Asked) -> Result<(), ReportError> {
    let (first, last) = asked.months();
    let window = if last - first + 1 >= ENOUGH_MONTHS { WINDOWS.0 } else { WINDOWS.1 };
    let first = first + window - 1;
    if first > last {
        return Err(ReportError::NoData {
            code: "too-few-months",
            missing: "a group that lasts from month to month needs at least three months of purchases",
            remedy: "choose a longer period, or import more history",
        });
    }
    let numbers = [
        ("window", window),
        ("first_month", first),
        ("last_month", last),
        ("leave_per_mille", LEAVE_PER_MILLE),
    ];
    let rows = asked.rows("top_group", SQL, &numbers).await?;
    let [member_ids, months, amounts] =
        [rows.integers("member_id")?, rows.integers("month")?, rows.integers("amount")?];
    let below = rows.numbers("below")?;
    let near = (0..rows.len()).map(|row| Near {
        member_id: member_ids[row],
        month: months[row],
        amount: amounts[row],
        below: below[row],
    });
    let groups = follow(near, last);
    let (spenders, all) = (rows.counts("spenders")?, rows.integers("amount_of_all")?);
    let totals: BTreeMap<i64, (u64, i64)> =
        (0..rows.len()).map(|row| (months[row], (spenders[row], all[row]))).collect();
    asked.members(totals.values().map(|(spenders, _)| *spenders).max().unwrap_or(0))?;
    figures(asked, &groups, &totals);

    let columns = [
        ("month", Kind::Text),
        ("members", Kind::Count),
        ("entered", Kind::Count),
        ("left", Kind::Count),
        ("moved_without_hysteresis", Kind::Count),
        ("amount", Kind::Money),
        ("amount_share", Kind::Share),
    ];
    let mut table = ReportTable::new("top-group", &columns);
    for (month, group) in &groups {
        let all = totals.get(month).map_or(0, |(_, all)| *all);
        table.rows.push(vec![
            Value::Text(month_text(*month)),
            Value::Integer(group.members),
            Value::Integer(group.entered),
            Value::Integer(group.left),
            Value::Integer(group.moved_without_hysteresis),
            Value::Integer(group.amount),
            if all > 0 { Value::Number(real(group.amount) / real(all)) } else { Value::Empty },
        ]);
    }
    asked.table(table);
    Ok(())
}

fn figures(asked: &mut Asked, groups: &BTreeMap<i64, Month>, totals: &BTreeMap<i64, (u64, i64)>) {
    if let Some((month, group)) = groups.last_key_value() {
        let (spenders, all) = totals.get(month).copied().unwrap_or((0, 0));
        asked.figure(Figure::exact("top-group-members", Kind::Count, real(group.members), spenders));
        if all > 0 {
            let share = real(group.amount) / real(all);
            asked.figure(Figure::exact("top-group-share", Kind::Share, share, spenders));
        }
    }
    // Whom the first month finds has not come from anywhere.
    let later = || groups.values().skip(1);
    let held: i64 = groups.values().map(|group| group.members).sum::<i64>()
        - groups.last_key_value().map_or(0, |(_, group)| group.members);
    let left: i64 = later().map(|group| group.left).sum();
    if held > 0 {
        let interval = stats::survey::proportion::wilson(real(held - left), real(held), 0.95).ok();
        let cases = u64::try_from(held).unwrap_or(0);
        let stayed = real(held - left) / count(cases);
        asked.figure(Figure::exact("top-group-stayed", Kind::Share, stayed, cases).within(interval));
    }
    let moved: i64 = later().map(|group| group.entered + group.left).sum();
    let without: i64 = later().map(|group| group.moved_without_hysteresis).sum();
    if without > 0 {
        let spared = 1.0 - real(moved) / real(without);
        let cases = u64::try_from(without).unwrap_or(0);
        asked.figure(Figure::exact("moves-spared", Kind::Share, spared, cases));
    }
}

/// Follows each member who is near the top through the months; they come ordered by member, then month.
fn follow(near: impl Iterator<Item = Near>, last: i64) -> BTreeMap<i64, Month> {
    let enter = real(ENTER_PER_MILLE) / 1_000.0;
    let mut groups: BTreeMap<i64, Month> = BTreeMap::new();
    // Who was in the group when last seen, and when; with hysteresis and without.
    let mut inside: Option<(i64, i64)> = None;
    let mut above: Option<(i64, i64)> = None;
    let gone = |groups: &mut BTreeMap<i64, Month>, seen: Option<(i64, i64)>| {
        if let Some((_, month)) = seen.filter(|(_, month)| *month < last) {
            groups.entry(month + 1).or_default().left += 1;
        }
    };
    let dropped = |groups: &mut BTreeMap<i64, Month>, seen: Option<(i64, i64)>| {
        if let Some((_, month)) = seen.filter(|(_, month)| *month < last) {
            groups.entry(month + 1).or_default().moved_without_hysteresis += 1;
        }
    };
    for row in near {
        let before = Some((row.member_id, row.month - 1));
        if inside != before {
            gone(&mut groups, inside.take());
        }
        if above != before {
            dropped(&mut groups, above.take());
        }
        let month = groups.entry(row.month).or_default();
        if row.below >= enter && above.is_none() {
            month.moved_without_hysteresis += 1;
        }
        if inside.is_some() || row.below >= enter {
            month.entered += i64::from(inside.is_none());
            month.members += 1;
            month.amount += row.amount;
            inside = Some((row.member_id, row.month));
        }
        if row.below >= enter {
            above = Some((row.member_id, row.month));
        } else if above.is_some() {
            month.moved_without_hysteresis += 1;
            above = None;
        }
    }
    gone(&mut groups, inside);
    dropped(&mut groups, above);
    groups
}

#[cfg(test)]
mod tests {
    use super::{Month, Near, follow};

    fn near(member_id: i64, month: i64, below: f64) -> Near {
        Near { member_id, month, amount: 10, below }
    }

    #[test]
    fn who_falls_between_the_borders_stays_and_who_falls_below_both_leaves() {
        // Ada is in, between, in, between, and then below; Ben never reaches the upper border; Cy comes in the last month.
        let rows = [
            near(1, 1, 0.98),
            near(1, 2, 0.96),
            near(1, 3, 0.99),
            near(1, 4, 0.95),
            near(2, 2, 0.96),
            near(2, 3, 0.97),
            near(3, 5, 1.0),
        ];
        let groups = follow(rows.into_iter(), 5);
        let month = |members, entered, left, moved_without_hysteresis| Month {
            members,
            entered,
            left,
            amount: 10 * members,
            moved_without_hysteresis,
        };
        assert_eq!(
            groups.values().copied().collect::<Vec<_>>(),
            [month(1, 1, 0, 1), month(1, 0, 0, 1), month(1, 0, 0, 1), month(1, 0, 0, 1), month(1, 1, 1, 1),]
        );
    }

    #[test]
    fn who_is_away_for_a_month_comes_anew() {
        let groups = follow([near(1, 1, 1.0), near(1, 3, 1.0)].into_iter(), 4);
        let told: Vec<_> = groups.iter().map(|(month, group)| (*month, group.entered, group.left)).collect();
        assert_eq!(told, [(1, 1, 0), (2, 0, 1), (3, 1, 0), (4, 0, 1)]);
    }
}
