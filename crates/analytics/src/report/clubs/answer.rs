//! Clubs as tables: sizes and how they last, why somebody is in one, overlaps, clubs for each member.

use super::proposal::Club;
use super::{Base, Stability};
use crate::report::answer::{Kind, ReportTable, Value};
use crate::report::asked::Rows;
use crate::report::error::ReportError;
use crate::report::number::{count, real};

/// What a club adds up to.
#[derive(Debug, Clone, Copy, Default)]
struct Size {
    members: i64,
    /// What its members spend on its categories.
    amount: i64,
    /// What its members spend in all.
    amount_total: i64,
    members_only_here: i64,
}

fn sizes(rows: &Rows, clubs: usize) -> Result<Vec<Size>, ReportError> {
    let numbers = rows.integers("club")?;
    let [members, only_here] = [rows.integers("members")?, rows.integers("members_only_here")?];
    let [amount, amount_total] = [rows.integers("amount")?, rows.integers("amount_total")?];
    let mut sizes = vec![Size::default(); clubs];
    for (row, number) in numbers.into_iter().enumerate() {
        let Some(size) = usize::try_from(number).ok().and_then(|number| sizes.get_mut(number)) else {
            continue;
        };
        *size = Size {
            members: members[row],
            amount: amount[row],
            amount_total: amount_total[row],
            members_only_here: only_here[row],
        };
    }
    Ok(sizes)
}

pub(super) fn clubs(
    base: &Base,
    clubs: &[Club],
    rows: &Rows,
    stability: &Stability,
) -> Result<ReportTable, ReportError> {
    let columns = [
        ("club", Kind::Text),
        ("members", Kind::Count),
        ("members_share", Kind::Share),
        ("amount", Kind::Money),
        ("amount_share", Kind::Share),
        ("distinctiveness", Kind::Number),
        ("only_here", Kind::Share),
        ("kept_month", Kind::Share),
        ("kept_halves", Kind::Share),
    ];
    let mut table = ReportTable::new("clubs", &columns);
    for (number, (club, size)) in clubs.iter().zip(sizes(rows, clubs.len())?).enumerate() {
        let own: i64 = club.categories.iter().map(|category| base.amounts[*category]).sum();
        table.rows.push(vec![
            Value::Text(club.name.clone()),
            Value::Integer(size.members),
            part(size.members, i64::try_from(base.members).unwrap_or(i64::MAX)),
            Value::Integer(size.amount_total),
            part(size.amount_total, base.amount),
            index((size.amount, size.amount_total), (own, base.amount)),
            part(size.members_only_here, size.members),
            stability.of(number, 0).share().map_or(Value::Empty, Value::Number),
            stability.of(number, 1).share().map_or(Value::Empty, Value::Number),
        ]);
    }
    Ok(table)
}

pub(super) fn why(base: &Base, clubs: &[Club], rows: &Rows, why: &Rows) -> Result<ReportTable, ReportError> {
    let columns = [
        ("club", Kind::Text),
        ("category", Kind::Text),
        ("index", Kind::Number),
        ("members", Kind::Count),
        ("buyers_share", Kind::Share),
        ("amount", Kind::Money),
    ];
    let mut table = ReportTable::new("club-categories", &columns);
    let sizes = sizes(rows, clubs.len())?;
    let [numbers, members, amounts] =
        [why.integers("club")?, why.integers("members")?, why.integers("amount")?];
    for (row, category) in why.texts("category")?.into_iter().enumerate() {
        let number = usize::try_from(numbers[row]).unwrap_or(0);
        let (Some(club), Some(size)) = (clubs.get(number), sizes.get(number)) else { continue };
        let of_all = base.names.iter().position(|name| *name == category).map_or(0, |at| base.amounts[at]);
        table.rows.push(vec![
            Value::Text(club.name.clone()),
            Value::Text(category),
            index((amounts[row], size.amount_total), (of_all, base.amount)),
            Value::Integer(members[row]),
            part(members[row], size.members),
            Value::Integer(amounts[row]),
        ]);
    }
    Ok(table)
}

/// Every pair of clubs with members in common, both ways round: a club's row tells what part of it is in the others.
pub(super) fn overlaps(clubs: &[Club], rows: &Rows, all: u64) -> Result<ReportTable, ReportError> {
    let columns = [
        ("club", Kind::Text),
        ("other_club", Kind::Text),
        ("members", Kind::Count),
        ("of_club", Kind::Share),
        ("overlap_lift", Kind::Number),
    ];
    let mut table = ReportTable::new("club-overlaps", &columns);
    let [left, right, members] =
        [rows.integers("club")?, rows.integers("other_club")?, rows.integers("members")?];
    let shared = |one: usize, other: usize| {
        let pair = (i64::try_from(one.min(other)).ok(), i64::try_from(one.max(other)).ok());
        (0..rows.len())
            .find(|row| (Some(left[*row]), Some(right[*row])) == pair)
            .map_or(0, |row| members[row])
    };
    for (one, club) in clubs.iter().enumerate() {
        for (other, other_club) in clubs.iter().enumerate().filter(|(other, _)| *other != one) {
            let (both, own, theirs) = (shared(one, other), shared(one, one), shared(other, other));
            let by_chance = real(own) * real(theirs) / count(all);
            table.rows.push(vec![
                Value::Text(club.name.clone()),
                Value::Text(other_club.name.clone()),
                Value::Integer(both),
                part(both, own),
                if by_chance > 0.0 { Value::Number(real(both) / by_chance) } else { Value::Empty },
            ]);
        }
    }
    Ok(table)
}

pub(super) fn per_member(rows: &Rows, all: u64) -> Result<ReportTable, ReportError> {
    let columns = [("clubs", Kind::Count), ("members", Kind::Count), ("members_share", Kind::Share)];
    let mut table = ReportTable::new("clubs-per-member", &columns);
    let all = i64::try_from(all).unwrap_or(i64::MAX);
    let members = rows.integers("members")?;
    let in_none = all - members.iter().sum::<i64>();
    let with_none = std::iter::once((0, in_none)).chain(rows.integers("clubs")?.into_iter().zip(members));
    table.rows = with_none
        .map(|(clubs, members)| vec![Value::Integer(clubs), Value::Integer(members), part(members, all)])
        .collect();
    Ok(table)
}

fn part(of: i64, whole: i64) -> Value {
    if whole > 0 { Value::Number(real(of) / real(whole)) } else { Value::Empty }
}

/// A share against the base's share: 100 is the same, 200 twice as much.
fn index((of, whole): (i64, i64), (base_of, base_whole): (i64, i64)) -> Value {
    if whole > 0 && base_of > 0 && base_whole > 0 {
        Value::Number(100.0 * (real(of) / real(whole)) / (real(base_of) / real(base_whole)))
    } else {
        Value::Empty
    }
}

#[cfg(test)]
mod tests {
    use super::{Value, index, part};

    #[test]
    fn an_index_is_a_share_against_the_share_of_all() {
        // 30 of 100 against 10 of 100: three times as much.
        assert_eq!(index((30, 100), (100, 1_000)), Value::Number(300.0));
        assert_eq!((index((1, 0), (1, 1)), part(1, 0)), (Value::Empty, Value::Empty));
    }
}
