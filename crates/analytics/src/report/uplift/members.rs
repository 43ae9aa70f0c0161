//! What is known of each member of an experiment before it began: the table that models see.

use std::collections::BTreeMap;

use jiff::ToSpan;

use super::super::asked::{Asked, Rows};
use super::super::design::Design;
use super::super::error::ReportError;
use super::super::number::real;

const SQL: &str = include_str!("../../../reports/uplift.sql");
const CATEGORIES: &str = include_str!("../../../reports/uplift_categories.sql");
/// Members that are looked at: of more, a part is as good.
const MEMBERS_MAX: u64 = 100_000;
/// Categories whose part of a member's spend is a habit.
const CATEGORIES_MAX: usize = 8;
/// What is known of everybody's habits: columns of the query.
const HABITS: [&str; 9] = [
    "spend",
    "frequency",
    "late_share",
    "silence",
    "known_days",
    "basket",
    "categories",
    "several_stores",
    "several_channels",
];
/// The habit of spending on a category.
const ON_CATEGORY: &str = "on_category";

/// A column of the table: a habit, and the category where it is one of spending on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Habit {
    pub(super) name: &'static str,
    pub(super) category: Option<String>,
}

/// The members of the control and of the first treated arm.
#[derive(Debug, Clone)]
pub(super) struct Known {
    pub(super) habits: Vec<Habit>,
    /// Row by row, a value for each habit.
    pub(super) values: Vec<f64>,
    pub(super) treated: Vec<bool>,
    pub(super) outcomes: Vec<f64>,
    /// Members beyond those that are looked at.
    pub(super) left_out: u64,
}

/// Asks the lake for them.
pub(super) async fn known(asked: &mut Asked, design: &Design) -> Result<Known, ReportError> {
    let period = asked.period();
    let middle = period.from.saturating_sub((period.days() / 2).days());
    let sql = design.sql(&SQL.replace("{rows}", &MEMBERS_MAX.to_string()));
    let rows = asked.rows_with("uplift", &sql, &[], &[("middle", middle)]).await?;
    let sql = CATEGORIES.replace("{categories}", &CATEGORIES_MAX.to_string());
    let spent = asked.rows("uplift_categories", &sql, &[]).await?;
    let habits = HABITS.map(|name| rows.numbers(name)).into_iter().collect::<Result<Vec<_>, _>>()?;
    let categories = Categories::of(&spent)?;
    let members = rows.integers("member_id")?;
    let row = |(row, member): (usize, &i64)| {
        let own = habits.iter().map(move |habit| habit[row]).collect::<Vec<_>>();
        own.into_iter().chain(categories.shares(*member))
    };
    let all = rows.counts("all_members")?.first().copied().unwrap_or(0);
    Ok(Known {
        values: members.iter().enumerate().flat_map(row).collect(),
        treated: rows.integers("arm")?.into_iter().map(|arm| arm == 1).collect(),
        outcomes: rows.numbers("now")?,
        left_out: all.saturating_sub(members.len() as u64),
        habits: categories.habits(),
    })
}

/// What members spent on the largest categories.
struct Categories {
    names: Vec<String>,
    spent: BTreeMap<i64, Vec<f64>>,
}

impl Categories {
    fn of(rows: &Rows) -> Result<Self, ReportError> {
        let (members, names, amounts) =
            (rows.integers("member_id")?, rows.texts("category")?, rows.integers("amount")?);
        let mut found = Self { names: Vec::new(), spent: BTreeMap::new() };
        for ((member, name), amount) in members.into_iter().zip(names).zip(amounts) {
            // They come category by category.
            if found.names.last() != Some(&name) {
                found.names.push(name);
            }
            let place = found.names.len() - 1;
            let spent = found.spent.entry(member).or_insert_with(|| vec![0.0; CATEGORIES_MAX]);
            if let Some(spent) = spent.get_mut(place) {
                *spent = real(amount);
            }
        }
        Ok(found)
    }

    fn habits(&self) -> Vec<Habit> {
        let own = HABITS.iter().map(|name| Habit { name, category: None });
        let on = |name: &String| Habit { name: ON_CATEGORY, category: Some(name.clone()) };
        own.chain(self.names.iter().map(on)).collect()
    }

    /// The part of each in what a member spent on all of them.
    fn shares(&self, member: i64) -> Vec<f64> {
        let Some(spent) = self.spent.get(&member) else { return vec![0.0; self.names.len()] };
        let all: f64 = spent.iter().sum();
        let share = |spent: &f64| if all > 0.0 { spent / all } else { 0.0 };
        spent.iter().take(self.names.len()).map(share).collect()
    }
}
