//! What members last answered, as questions that judge each member need it: the view of the lake, answers as a query gives them,
//! and the attitudes of Coyles and Gokey (2002).

use super::asked::{Asked, Rows, day_text};
use super::error::ReportError;
use super::number::real;

const SQL: &str = include_str!("../../reports/latest_answers.sql");
/// Satisfaction of five up to which a member is dissatisfied.
pub(super) const SATISFACTION_LOW_MAX: i64 = 2;

/// Makes `latest_answers` known to the queries: of each question in the period the last answer of each member.
pub(super) async fn make_latest_answers(asked: &mut Asked) -> Result<(), ReportError> {
    let sql = SQL.replace("{from}", &day_text(asked.period().from));
    asked.view("latest_answers", sql).await
}

/// A column of answers that are not below zero; -1 stands where none was given.
pub(super) fn given(rows: &Rows, name: &str) -> Result<Vec<Option<i64>>, ReportError> {
    Ok(rows.integers(name)?.into_iter().map(|answer| (answer >= 0).then_some(answer)).collect())
}

/// What a member answered on attitudes, of 7; none of what they were not asked or left out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Attitudes {
    /// E1 and E2: clearly better than others, hardly considers others.
    pub(super) emotive: [Option<i64>; 2],
    /// I1 and I2: changing is a hassle, buys from habit.
    pub(super) inertial: [Option<i64>; 2],
    /// D1 and D2: compares again before buying, would go for better terms.
    pub(super) deliberative: [Option<i64>; 2],
}

impl Attitudes {
    /// Those of the members of a query.
    pub(super) fn all(rows: &Rows) -> Result<Vec<Self>, ReportError> {
        let columns = ["clearly_better", "no_others", "hassle", "habit", "compares", "would_switch"];
        let [e1, e2, i1, i2, d1, d2] = columns.map(|name| given(rows, name));
        let (emotive, inertial, deliberative) = ([e1?, e2?], [i1?, i2?], [d1?, d2?]);
        let pair = |[first, second]: &[Vec<Option<i64>>; 2], row: usize| [first[row], second[row]];
        let of = |row: usize| Self {
            emotive: pair(&emotive, row),
            inertial: pair(&inertial, row),
            deliberative: pair(&deliberative, row),
        };
        Ok((0..rows.len()).map(of).collect())
    }

    /// The three indices E, I and D, each the mean of its two items; none where an item is missing.
    pub(super) fn indices(&self) -> Option<[f64; 3]> {
        Some([mean(self.emotive)?, mean(self.inertial)?, mean(self.deliberative)?])
    }
}

/// Half points are exact in binary, so that a lead of exactly the least one is enough.
fn mean([first, second]: [Option<i64>; 2]) -> Option<f64> {
    Some(f64::midpoint(real(first?), real(second?)))
}
