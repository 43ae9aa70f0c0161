//! The mix of types: how many members are of each, and how satisfied they are. Who buys again and again is not satisfied for that.

use stats::interval::Interval;
use stats::survey::design::effective_answers;
use stats::survey::proportion::wilson;

use super::Member;
use super::kind::LoyaltyType;
use crate::report::answer::{Figure, Kind, ReportTable, Value};
use crate::report::asked::Asked;
use crate::report::number::count;
use crate::report::satisfaction::{ANSWERS_MIN, SATISFIED};

const CONFIDENCE: f64 = 0.95;

/// What the members of a type add up to.
struct Line {
    members: u64,
    /// Weights of those who said how satisfied they are.
    weights: Vec<f64>,
    /// The weight of the satisfied.
    satisfied: f64,
    /// Members who stay without being satisfied.
    captive: u64,
}

impl Line {
    fn of(members: &[Member], is: impl Fn(LoyaltyType) -> bool) -> Self {
        let mut line = Self { members: 0, weights: Vec::new(), satisfied: 0.0, captive: 0 };
        for member in members.iter().filter(|member| is(member.loyalty_type)) {
            line.members += 1;
            line.captive += u64::from(member.is_captive());
            if let Some(satisfaction) = member.satisfaction {
                line.weights.push(member.weight);
                line.satisfied += if satisfaction >= SATISFIED { member.weight } else { 0.0 };
            }
        }
        line
    }

    fn answers(&self) -> u64 {
        self.weights.len() as u64
    }

    fn is_told(&self) -> bool {
        self.answers() >= ANSWERS_MIN
    }

    /// The share of the satisfied, with Kish's number of answers for its interval; none of too few.
    fn share(&self) -> Option<(f64, Option<Interval>)> {
        let effective = effective_answers(&self.weights).ok().filter(|_| self.is_told())?;
        let share = self.satisfied / self.weights.iter().sum::<f64>();
        Some((share, wilson(share * effective, effective, CONFIDENCE).ok()))
    }
}

/// Says how many members were judged, asked and given a type, and how the types are spread and satisfied.
pub(super) fn tell(asked: &mut Asked, members: &[Member]) {
    let judged = Line::of(members, |kind| kind != LoyaltyType::Unclassified).members;
    let answered = members.iter().filter(|member| member.is_asked).count() as u64;
    let typed = Line::of(members, |kind| LoyaltyType::FIVE.contains(&kind)).members;
    asked.figure(Figure::exact("types-judged", Kind::Count, count(judged), members.len() as u64));
    asked.figure(Figure::exact("types-asked", Kind::Count, count(answered), judged));
    let share = Figure::exact("typed-share", Kind::Share, count(typed) / count(judged), judged);
    asked.figure(share.within(wilson(count(typed), count(judged), CONFIDENCE).ok()));
    let held = Line::of(members, LoyaltyType::is_held);
    if held.is_told() {
        asked.figure(Figure::exact("captive-members", Kind::Count, count(held.captive), held.answers()));
    }
    asked.table(table(members));
}

fn table(members: &[Member]) -> ReportTable {
    let mut table = ReportTable::new(
        "loyalty-types",
        &[
            ("loyalty_type", Kind::Word),
            ("members", Kind::Count),
            ("members_share", Kind::Share),
            ("answers", Kind::Count),
            ("satisfied", Kind::Share),
            ("low", Kind::Share),
            ("high", Kind::Share),
            ("captive", Kind::Count),
        ],
    );
    for kind in LoyaltyType::ALL {
        let line = Line::of(members, |other| other == kind);
        let (share, within) = line.share().unzip();
        let within = within.flatten();
        let is_flagged = kind.is_held() && line.is_told();
        table.rows.push(vec![
            Value::Text(kind.as_str().to_owned()),
            Value::count(line.members),
            Value::Number(count(line.members) / count(members.len() as u64)),
            Value::count(line.answers()),
            Value::known(share),
            Value::known(within.map(|within| within.low)),
            Value::known(within.map(|within| within.high)),
            if is_flagged { Value::count(line.captive) } else { Value::Empty },
        ]);
    }
    table
}

#[cfg(test)]
mod tests {
    use super::super::Member;
    use super::super::kind::{Facts, LoyaltyType};
    use super::{Line, table};
    use crate::report::answer::Value;

    fn member(loyalty_type: LoyaltyType, satisfaction: Option<i64>, weight: f64) -> Member {
        Member {
            name: String::new(),
            scores: Facts::default().scores(),
            loyalty_type,
            is_open: false,
            is_asked: satisfaction.is_some(),
            satisfaction,
            weight,
        }
    }

    #[test]
    fn the_weights_of_answers_count_and_fewer_than_thirty_are_not_told() {
        let mut members: Vec<Member> = (0..20).map(|_| member(LoyaltyType::Monopoly, Some(5), 1.0)).collect();
        members.extend((0..9).map(|_| member(LoyaltyType::Monopoly, Some(2), 2.0)));
        members.push(member(LoyaltyType::Monopoly, None, 1.0));
        assert!(Line::of(&members, |_| true).share().is_none(), "29 answers");
        members.push(member(LoyaltyType::Monopoly, Some(1), 2.0));
        let line = Line::of(&members, |_| true);
        let (share, within) = line.share().expect("30 answers");
        // 20 of weight 1 against ten of weight 2.
        assert!((share - 0.5).abs() < 1e-12, "{share}");
        assert!(within.is_some_and(|within| within.low < 0.35 && within.high > 0.65), "{within:?}");
        assert_eq!((line.members, line.answers(), line.captive), (31, 30, 10));
    }

    #[test]
    fn only_monopoly_and_habit_hold_captives() {
        let types = LoyaltyType::FIVE.into_iter();
        let members: Vec<Member> =
            types.flat_map(|kind| (0..30).map(move |_| member(kind, Some(2), 1.0))).collect();
        let captive: Vec<Value> = table(&members).rows.iter().map(|row| row[7].clone()).collect();
        let (all, none) = (Value::Integer(30), Value::Empty);
        let expected = [&all, &none, &none, &none, &all, &none, &none, &none];
        assert_eq!(captive.iter().collect::<Vec<_>>(), expected);
    }
}
