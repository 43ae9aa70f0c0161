//! Five types of loyalty: who stays for want of an alternative, because you are better, for offers, because leaving costs too
//! much, or from habit; how satisfied each type is. Nothing is guessed of those who were not asked.

mod kind;
mod mix;
#[cfg(test)]
mod planted_truth;

use self::kind::{Facts, LoyaltyType, Score, VISITS_MIN, ranks};
use super::answer::{Kind, ReportTable, Value};
use super::asked::{Asked, Rows};
use super::error::ReportError;
use super::number::real;
use super::replies::{Attitudes, SATISFACTION_LOW_MAX, given, make_latest_answers};

const SQL: &str = include_str!("../../../reports/loyalty_types.sql");
/// Members whose scores are listed.
const LISTED_MAX: usize = 30_000;

/// A member with their type.
struct Member {
    name: String,
    scores: [Score; 5],
    loyalty_type: LoyaltyType,
    /// Whether a type before theirs might hold as well.
    is_open: bool,
    /// Whether they answered anything that types rest on.
    is_asked: bool,
    /// Of 5.
    satisfaction: Option<i64>,
    /// What their answer counts for.
    weight: f64,
}

impl Member {
    /// Stays without being satisfied: at risk where a convenient alternative opens.
    fn is_captive(&self) -> bool {
        self.loyalty_type.is_held()
            && self.satisfaction.is_some_and(|of_five| of_five <= SATISFACTION_LOW_MAX)
    }
}

pub(super) async fn answer(asked: &mut Asked) -> Result<(), ReportError> {
    make_latest_answers(asked).await?;
    let rows = asked.rows("loyalty_types", SQL, &[]).await?;
    let members = members(&rows)?;
    asked.members(members.len() as u64)?;
    let judged: Vec<&Member> =
        members.iter().filter(|member| member.loyalty_type != LoyaltyType::Unclassified).collect();
    if judged.is_empty() {
        return Err(ReportError::NoData {
            code: "too-few-visits",
            missing: "no member bought on three days in this period",
            remedy: "choose a longer period or other filters",
        });
    }
    notes(asked, &judged);
    mix::tell(asked, &members);
    list(asked, judged);
    Ok(())
}

fn members(rows: &Rows) -> Result<Vec<Member>, ReportError> {
    let (names, facts) = (rows.texts("member")?, facts(rows)?);
    let (satisfaction, weights) = (given(rows, "satisfaction")?, rows.numbers("weight")?);
    let member = |(row, facts): (usize, Option<Facts>)| {
        let scores = facts.unwrap_or_default().scores();
        let (loyalty_type, is_open) =
            facts.map_or((LoyaltyType::Unclassified, false), |_| kind::loyalty_type(&scores));
        Member {
            name: names[row].clone(),
            scores,
            loyalty_type,
            is_open,
            is_asked: facts.is_some_and(|facts| facts.is_asked()),
            satisfaction: satisfaction[row],
            weight: weights[row],
        }
    };
    Ok(facts.into_iter().enumerate().map(member).collect())
}

/// What is known of each member; nothing to judge by where they made too few visits. Members are ranked among those who made
/// enough.
fn facts(rows: &Rows) -> Result<Vec<Option<Facts>>, ReportError> {
    let visits = rows.counts("visits")?;
    let of_judged = |known: &dyn Fn(usize) -> Option<f64>| -> Vec<Option<f64>> {
        let known = |row: usize| if visits[row] >= VISITS_MIN { known(row) } else { None };
        ranks(&(0..visits.len()).map(known).collect::<Vec<_>>())
    };
    let (unevenness, place) = (rows.numbers("unevenness")?, rows.numbers("place_share")?);
    let evenness_ranks = of_judged(&|row| Some(-unevenness[row]));
    let points = given(rows, "points")?;
    let points_ranks = of_judged(&|row| points[row].map(real));
    let stored = rows.integers("stored")?;
    let (vouchers, vanishing) = (rows.numbers("voucher_share")?, vanishing(rows)?);
    let has_offers = vanishing.iter().any(Option::is_some);
    let voucher_ranks = of_judged(&|row| has_offers.then(|| vouchers[row]));
    let attitudes = Attitudes::all(rows)?;
    let [alternatives, recommend, looks, referred, complained] =
        ["alternatives", "recommend", "looks_elsewhere", "referred", "complained"]
            .map(|name| given(rows, name));
    let (alternatives, recommend, looks) = (alternatives?, recommend?, looks?);
    let (referred, complained) = (referred?, complained?);
    let of = |row: usize| {
        (visits[row] >= VISITS_MIN).then(|| Facts {
            alternatives: alternatives[row],
            attitudes: attitudes[row].indices(),
            recommend: recommend[row],
            acted: acted(referred[row], complained[row]),
            voucher_rank: voucher_ranks[row],
            vanishing: vanishing[row],
            points_rank: points_ranks[row],
            has_stored: stored[row] > 0,
            looks_elsewhere: looks[row],
            evenness_rank: evenness_ranks[row],
            place_share: Some(place[row]),
        })
    };
    Ok((0..visits.len()).map(of).collect())
}

/// Whether a member brought somebody, or complained and stayed. Either is enough; neither is known only where both were asked.
fn acted(referred: Option<i64>, complained: Option<i64>) -> Option<bool> {
    match (referred.map(|people| people > 0), complained.map(|complained| complained > 0)) {
        (Some(true), _) | (_, Some(true)) => Some(true),
        (Some(false), Some(false)) => Some(false),
        _ => None,
    }
}

/// What of each member's spend by the day in weeks with offers is missing in the others. Nothing follows where there are no such
/// weeks, or no others.
fn vanishing(rows: &Rows) -> Result<Vec<Option<f64>>, ReportError> {
    let [on, off] = [rows.numbers("on_amount")?, rows.numbers("off_amount")?];
    let [on_days, off_days] = [rows.numbers("on_days")?, rows.numbers("off_days")?];
    let of = |row: usize| {
        let has_both = on_days[row] > 0.0 && off_days[row] > 0.0;
        has_both.then(|| vanished(on[row] / on_days[row], off[row] / off_days[row]))
    };
    Ok((0..rows.len()).map(of).collect())
}

/// Who spends nothing in weeks with offers loses nothing without them.
fn vanished(on: f64, off: f64) -> f64 {
    if on > 0.0 { 1.0 - off / on } else { 0.0 }
}

fn notes(asked: &mut Asked, judged: &[&Member]) {
    let number = |is: &dyn Fn(&Member) -> bool| judged.iter().filter(|member| is(member)).count() as u64;
    let all = judged.len() as u64;
    let known = |place: usize| number(&|member| member.scores[place].holds.is_some());
    if number(&|member| member.is_asked) == 0 {
        asked.note("types-no-survey", all);
    }
    if known(2) == 0 {
        asked.note("types-no-offers", all);
    }
    asked.note("types-unresolved", number(&|member| member.loyalty_type == LoyaltyType::Unresolved));
    let is_typed = |member: &Member| LoyaltyType::FIVE.contains(&member.loyalty_type);
    asked.note("types-open", number(&|member| member.is_open && is_typed(member)));
}

/// The scores member by member, those at risk first.
fn list(asked: &mut Asked, mut judged: Vec<&Member>) {
    let mut columns = vec![("member", Kind::Text), ("loyalty_type", Kind::Word)];
    columns.extend(LoyaltyType::FIVE.map(|kind| (kind.as_str(), Kind::Number)));
    columns.push(("at_risk", Kind::Word));
    let mut table = ReportTable::new("loyalty-scores", &columns);
    judged.sort_by_key(|member| !member.is_captive());
    asked.note("members-not-listed", judged.len().saturating_sub(LISTED_MAX) as u64);
    for member in judged.into_iter().take(LISTED_MAX) {
        let mut row =
            vec![Value::Text(member.name.clone()), Value::Text(member.loyalty_type.as_str().to_owned())];
        row.extend(member.scores.map(|score| Value::known(score.value)));
        row.push(if member.is_captive() { Value::Text("captive".to_owned()) } else { Value::Empty });
        table.rows.push(row);
    }
    asked.table(table);
}

#[cfg(test)]
mod tests {
    use super::{acted, vanished};

    #[test]
    fn who_brought_nobody_may_have_complained() {
        for (referred, complained, expected) in [
            (Some(2), None, Some(true)),
            (None, Some(1), Some(true)),
            (Some(0), Some(1), Some(true)),
            (Some(0), Some(0), Some(false)),
            (Some(0), None, None),
            (None, Some(0), None),
            (None, None, None),
        ] {
            assert_eq!(acted(referred, complained), expected, "{referred:?} {complained:?}");
        }
    }

    #[test]
    fn what_vanishes_without_offers_is_a_share_of_what_is_there_with_them() {
        for (on, off, expected) in [(10.0, 8.0, 0.2), (10.0, 0.0, 1.0), (10.0, 15.0, -0.5), (0.0, 5.0, 0.0)] {
            assert!((vanished(on, off) - expected).abs() < 1e-12, "{on} {off}");
        }
    }
}
