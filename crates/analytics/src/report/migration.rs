//! Migration: who spends more and who less than in the period before, and what that is worth.
//! After Coyles and Gokey (2002), “Customer retention is not enough”: migration of spend outweighs defection.

use super::answer::{Figure, Kind, ReportTable, Value};
use super::asked::Asked;
use super::error::ReportError;
use super::number::{count, real};

const SQL: &str = include_str!("../../reports/migration.sql");
const FLOWS: &str = include_str!("../../reports/migration_flows.sql");
/// The ways to migrate, in the order of a waterfall from the period before to this one.
const WAYS: [&str; 6] = ["defected", "down", "stable", "up", "too_few", "new"];

/// The groups of before and of now, in the order in which they are drawn.
const GROUPS_BEFORE: [&str; 4] = ["best_fifth", "middle_fifths", "last_fifths", "not_yet"];
const GROUPS_NOW: [&str; 4] = ["best_fifth", "middle_fifths", "last_fifths", "no_more"];

/// What members of one kind spent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Migration {
    /// Members.
    pub members: u64,
    /// Minor units in the period before.
    pub before: i64,
    /// Minor units now.
    pub now: i64,
}

/// What migration is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MigrationValue {
    /// What those who spend less withhold, in minor units.
    pub lost_down: i64,
    /// What those who left withhold.
    pub lost_defected: i64,
}

impl MigrationValue {
    /// What is lost by those who spend less (still here) and by those who left.
    pub fn of(down: &Migration, defected: &Migration) -> Self {
        Self { lost_down: down.before - down.now, lost_defected: defected.before }
    }

    /// How many times as much is lost by less spending as by leaving; none where nobody left.
    #[expect(clippy::cast_precision_loss, reason = "sums of money are far below 2^53")]
    pub fn ratio(&self) -> Option<f64> {
        (self.lost_defected > 0).then(|| self.lost_down as f64 / self.lost_defected as f64)
    }
}

pub(super) async fn answer(asked: &mut Asked) -> Result<(), ReportError> {
    if asked.period().before() < asked.days().0 {
        return Err(ReportError::NO_PERIOD_BEFORE);
    }
    let rows = asked.rows("migration", SQL, &[]).await?;
    let names = rows.texts("migration")?;
    let (members, before, now) =
        (rows.counts("members")?, rows.integers("amount_before")?, rows.integers("amount_now")?);
    let of = |way: &str| {
        let row = names.iter().position(|name| name == way);
        row.map_or(Migration::default(), |row| Migration {
            members: members[row],
            before: before[row],
            now: now[row],
        })
    };
    asked.members(members.iter().sum())?;
    let (down, defected, up) = (of("down"), of("defected"), of("up"));
    let judged: u64 = ["defected", "down", "stable", "up"].iter().map(|way| of(way).members).sum();
    for (name, way) in [("down-share", down), ("defected-share", defected), ("up-share", up)] {
        if judged > 0 {
            let interval = stats::survey::proportion::wilson(count(way.members), count(judged), 0.95).ok();
            let share = count(way.members) / count(judged);
            asked.figure(Figure::exact(name, Kind::Share, share, judged).within(interval));
        }
    }
    let value = MigrationValue::of(&down, &defected);
    asked.figure(Figure::exact("lost-down", Kind::Money, real(value.lost_down), down.members));
    asked.figure(Figure::exact("lost-defected", Kind::Money, real(value.lost_defected), defected.members));
    if let Some(ratio) = value.ratio() {
        asked.figure(Figure::exact("down-to-defected", Kind::Number, ratio, judged));
    }
    let mut table = ReportTable::new(
        "migration",
        &[
            ("migration", Kind::Word),
            ("members", Kind::Count),
            ("amount_before", Kind::Money),
            ("amount_now", Kind::Money),
            ("change", Kind::Money),
        ],
    );
    for way in WAYS {
        let found = of(way);
        table.rows.push(vec![
            Value::Text(way.to_owned()),
            Value::count(found.members),
            Value::Integer(found.before),
            Value::Integer(found.now),
            Value::Integer(found.now - found.before),
        ]);
    }
    asked.table(table);
    flows(asked).await
}

/// From which group members went to which.
async fn flows(asked: &mut Asked) -> Result<(), ReportError> {
    let columns = [
        ("group_before", Kind::Word),
        ("group_now", Kind::Word),
        ("members", Kind::Count),
        ("amount_before", Kind::Money),
        ("amount_now", Kind::Money),
    ];
    let rows = asked.rows("migration_flows", FLOWS, &[]).await?;
    let (from, to) = (rows.texts("group_before")?, rows.texts("group_now")?);
    let (members, before, now) =
        (rows.counts("members")?, rows.integers("amount_before")?, rows.integers("amount_now")?);
    let mut table = ReportTable::new("migration-flows", &columns);
    for (group_before, group_now) in
        GROUPS_BEFORE.iter().flat_map(|one| GROUPS_NOW.map(|other| (*one, other)))
    {
        // Whoever bought in neither period is in no group.
        if (group_before, group_now) == ("not_yet", "no_more") {
            continue;
        }
        let row = (0..rows.len()).find(|row| from[*row] == group_before && to[*row] == group_now);
        let amount = |amounts: &[i64]| Value::Integer(row.map_or(0, |row| amounts[row]));
        table.rows.push(vec![
            Value::Text(group_before.to_owned()),
            Value::Text(group_now.to_owned()),
            Value::count(row.map_or(0, |row| members[row])),
            amount(&before),
            amount(&now),
        ]);
    }
    asked.table(table);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{Migration, MigrationValue};

    /// G-M1: 5 % of a bank's customers leave with 3 % of the balances, 35 % reduce theirs by 24 %: eight times as much.
    #[test]
    fn a_bank_loses_eight_times_as_much_to_migration_as_to_defection() {
        let down = Migration { members: 35, before: 60, now: 36 };
        let defected = Migration { members: 5, before: 3, now: 0 };
        assert_eq!(MigrationValue::of(&down, &defected).ratio(), Some(8.0));
        assert_eq!(MigrationValue::of(&down, &Migration::default()).ratio(), None);
    }
}
