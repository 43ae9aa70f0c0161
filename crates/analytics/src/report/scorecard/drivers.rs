//! Key drivers: how far the third factor goes with the first, and what members change with the third. What goes together need not
//! cause each other: members are compared with members, and nobody drew lots for who is satisfied.

use stats::regression::linear::Linear;
use stats::rows::Rows as Table;

use super::factor::{Factor, FactorName, ITEMS, Reply};
use super::indicators::Indicators;
use super::{ANSWERS_MIN, CONFIDENCE};
use crate::report::answer::{Kind, ReportTable, Value};

/// The drivers of a step: of the factor as a whole, then of its items together.
pub(super) fn table(
    replies: &[Reply],
    factors: &[Factor; 3],
    indicators: Option<&Indicators>,
) -> ReportTable {
    let mut table = ReportTable::new(
        "scorecard-drivers",
        &[
            ("driver", Kind::Word),
            ("outcome", Kind::Word),
            ("coefficient", Kind::Number),
            ("low", Kind::Number),
            ("high", Kind::Number),
            ("explained", Kind::Share),
            ("members", Kind::Count),
        ],
    );
    let [satisfaction, _, drivers] = factors;
    let first =
        Step { driver: satisfaction, name: FactorName::Satisfaction, outcome: FactorName::LoyaltyDrivers };
    first.tell(&mut table, replies, |reply| drivers.of_member(reply));
    let second =
        Step { driver: drivers, name: FactorName::LoyaltyDrivers, outcome: FactorName::LoyaltyIndicators };
    second.tell(&mut table, replies, |reply| indicators?.change_of(reply.member_id));
    table
}

/// A factor that may drive another.
struct Step<'a> {
    driver: &'a Factor,
    name: FactorName,
    outcome: FactorName,
}

impl Step<'_> {
    fn tell(&self, table: &mut ReportTable, replies: &[Reply], outcome: impl Fn(&Reply) -> Option<f64>) {
        let known = replies.iter().filter_map(|reply| {
            Some((self.driver.of_member(reply)?, reply.all(&self.driver.items)?, outcome(reply)?))
        });
        let (mut wholes, mut items, mut outcomes) = (Vec::new(), Vec::new(), Vec::new());
        for (whole, answers, outcome) in known {
            wholes.push(whole);
            items.extend(answers);
            outcomes.push(outcome);
        }
        if (outcomes.len() as u64) < ANSWERS_MIN {
            return;
        }
        self.rows(table, &[self.name.as_str()], &wholes, &outcomes);
        let names: Vec<&str> = self.driver.items.iter().map(|item| ITEMS[*item].question).collect();
        if names.len() > 1 {
            self.rows(table, &names, &items, &outcomes);
        }
    }

    /// The coefficients of one regression, with errors that hold where the spread differs. Drivers that do not vary, or follow
    /// from each other, tell nothing.
    fn rows(&self, table: &mut ReportTable, names: &[&str], values: &[f64], outcomes: &[f64]) {
        let Ok(rows) = Table::new(values, names.len()) else { return };
        let Ok(fit) = Linear::fit(&rows, outcomes, 0.0) else { return };
        let Ok(coefficients) = fit.robust(&rows, outcomes) else { return };
        for (place, name) in names.iter().enumerate() {
            let estimate = coefficients.estimate(place + 1);
            let within = estimate.and_then(|estimate| estimate.interval(CONFIDENCE).ok());
            table.rows.push(vec![
                Value::Text((*name).to_owned()),
                Value::Text(self.outcome.as_str().to_owned()),
                Value::known(estimate.map(|estimate| estimate.value)),
                Value::known(within.map(|within| within.low)),
                Value::known(within.map(|within| within.high)),
                Value::Number(fit.explained),
                Value::count(outcomes.len() as u64),
            ]);
        }
    }
}

#[cfg(test)]
mod tests {
    use stats::random::Random;

    use super::super::factor::{Factor, FactorName, ITEMS, Reply};
    use super::table;
    use crate::report::answer::Value;

    #[test]
    fn planted_drivers_are_recovered_within_their_intervals() {
        // The loyalty drivers follow the first item with 0.6 and the second with 0.3; the third has nothing to do with it.
        let mut random = Random::new(20_260_301);
        let mut reply = |member_id| {
            let mut items = [None; ITEMS.len()];
            let [one, two, three] = std::array::from_fn(|_| 100.0 * random.uniform());
            let driven = 5.0 + 0.6 * one + 0.3 * two;
            (items[0], items[1], items[2]) = (Some(one), Some(two), Some(three));
            for item in &mut items[5..] {
                *item = Some(driven + 5.0 * random.normal());
            }
            Reply { member_id, weight: 1.0, items }
        };
        let replies: Vec<Reply> = (0..600).map(&mut reply).collect();
        let factors = FactorName::ASKED.map(|name| Factor::of(name, &replies));
        let found = table(&replies, &factors, None);
        let names: Vec<_> = found.rows.iter().filter_map(|row| row[0].as_text()).collect();
        let expected =
            ["overall_satisfaction", "satisfaction", "buying_satisfaction", "programme_satisfaction"];
        assert_eq!(names, expected, "nothing is told of the fourth factor without those held out");
        let number = |row: usize, column: usize| found.rows[row][column].as_number().expect("a number");
        for (row, planted) in [(1, 0.6), (2, 0.3), (3, 0.0)] {
            assert!((number(row, 2) - planted).abs() < 0.03, "{:?}", found.rows[row]);
            assert!(
                number(row, 3) < number(row, 2) && number(row, 2) < number(row, 4),
                "{:?}",
                found.rows[row]
            );
        }
        // The mean of three even items, of which two matter: the sum of their effects.
        assert!((number(0, 2) - 0.9).abs() < 0.1, "{:?}", found.rows[0]);
        assert_eq!(found.rows[0][6], Value::Integer(600));
    }

    #[test]
    fn fewer_than_thirty_answers_drive_nothing() {
        let reply = |member_id: i32| Reply {
            member_id: member_id.into(),
            weight: 1.0,
            items: [Some(f64::from(member_id)); ITEMS.len()],
        };
        let replies: Vec<Reply> = (0..29).map(reply).collect();
        let factors = FactorName::ASKED.map(|name| Factor::of(name, &replies));
        assert!(table(&replies, &factors, None).rows.is_empty());
    }
}
