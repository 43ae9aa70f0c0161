//! Preference segments: members grouped by their DNA, and whether the groups are there: under another seed, and in the
//! other half of the period.

use stats::cluster::agreement::adjusted_rand;
use stats::cluster::k_means::{KMeans, Partition};
use stats::rows::Rows as Table;

use super::members::{Span, Tastes, relative};
use super::products::{Model, Products};
use super::{SEEDS, SEGMENTS};
use crate::report::answer::{Figure, Kind, ReportTable, Value};
use crate::report::asked::Asked;
use crate::report::error::ReportError;
use crate::report::number::real;

/// The grouping: beginnings, and most rounds from each.
pub(in crate::report) const fn grouping(seed: u64) -> KMeans {
    KMeans { groups: SEGMENTS, restarts: 5, rounds_max: 100, seed }
}

/// Dimensions in the name of a segment, and in its description.
const DIMENSIONS_IN_NAME: usize = 2;
const DIMENSIONS_TOLD: usize = 5;

/// What a segment adds up to.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct Sum {
    members: i64,
    amount: i64,
    /// Members with spend in both halves of the period, and those of them who are in the same segment in both.
    compared: i64,
    unchanged: i64,
}

/// Groups the members and tells of the groups.
pub(super) fn tell(
    asked: &mut Asked,
    model: &Model,
    products: &Products,
    tastes: &Tastes,
) -> Result<(), ReportError> {
    let columns = model.dimensions.len();
    let store = model.scores.mean(&products.amounts, columns);
    let dna = |span| {
        let one = |taste: &super::members::Taste| taste.dna(&model.scores, columns, span);
        tastes.members.iter().map(one).collect::<Vec<_>>()
    };
    let (whole, before, after) = (dna(Span::Whole), dna(Span::Before), dna(Span::After));
    // Who spent nothing on scored products is the store's mean: there is nothing else to say of them.
    let values: Vec<f64> =
        whole.iter().flat_map(|dna| relative(dna.as_deref().unwrap_or(&store), &store)).collect();
    let rows = Table::new(&values, columns).map_err(ReportError::no_groups)?;
    let grouped = |seed| grouping(seed).fit(&rows).map_err(ReportError::no_groups);
    let (groups, others) = (grouped(SEEDS.0)?, grouped(SEEDS.1)?);
    let cases = rows.len() as u64;
    let agreement = adjusted_rand(&groups.labels, &others.labels).map_err(ReportError::no_groups)?;
    asked.figure(Figure::exact("segments-agree", Kind::Number, agreement, cases));
    let mut sums = [Sum::default(); SEGMENTS];
    for (member, taste) in tastes.members.iter().enumerate() {
        let sum = &mut sums[groups.labels[member]];
        sum.members += 1;
        sum.amount += taste.amount;
        if let (Some(before), Some(after)) = (&before[member], &after[member]) {
            let at = |dna: &[f64]| groups.nearest(&relative(dna, &store));
            sum.compared += 1;
            sum.unchanged += i64::from(at(before) == at(after));
        }
    }
    let [compared, unchanged] =
        [|sum: &Sum| sum.compared, |sum: &Sum| sum.unchanged].map(|of| sums.iter().map(of).sum::<i64>());
    if compared > 0 {
        let interval = stats::survey::proportion::wilson(real(unchanged), real(compared), 0.95).ok();
        let share = real(unchanged) / real(compared);
        let cases = u64::try_from(compared).unwrap_or(0);
        asked.figure(Figure::exact("segments-kept-halves", Kind::Share, share, cases).within(interval));
    }
    let names: Vec<String> = groups.centres.iter().map(|centre| name(centre, &model.dimensions)).collect();
    asked.table(segments(&names, &sums));
    asked.table(described(&names, &groups, &model.dimensions, &store));
    Ok(())
}

/// Dimensions in which a segment lies furthest above the store.
fn furthest(centre: &[f64]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..centre.len()).filter(|dimension| centre[*dimension] > 0.0).collect();
    order.sort_by(|left, right| centre[*right].total_cmp(&centre[*left]).then(left.cmp(right)));
    order
}

pub(in crate::report) fn name(centre: &[f64], dimensions: &[String]) -> String {
    let first = furthest(centre).into_iter().take(DIMENSIONS_IN_NAME);
    first.map(|dimension| dimensions[dimension].as_str()).collect::<Vec<_>>().join(" + ")
}

fn segments(names: &[String], sums: &[Sum]) -> ReportTable {
    let columns = [
        ("segment", Kind::Text),
        ("members", Kind::Count),
        ("members_share", Kind::Share),
        ("amount", Kind::Money),
        ("amount_share", Kind::Share),
        ("index", Kind::Number),
        ("kept_halves", Kind::Share),
    ];
    let mut table = ReportTable::new("preference-segments", &columns);
    let members: i64 = sums.iter().map(|sum| sum.members).sum();
    let amount: i64 = sums.iter().map(|sum| sum.amount).sum();
    let share = |part: i64, whole: i64| (whole > 0).then(|| real(part) / real(whole));
    let value = |share: Option<f64>| share.map_or(Value::Empty, Value::Number);
    for (name, sum) in names.iter().zip(sums) {
        let (of_members, of_amount) = (share(sum.members, members), share(sum.amount, amount));
        let index = of_amount.zip(of_members).filter(|(_, members)| *members > 0.0);
        table.rows.push(vec![
            Value::Text(name.clone()),
            Value::Integer(sum.members),
            value(of_members),
            Value::Integer(sum.amount),
            value(of_amount),
            value(index.map(|(amount, members)| 100.0 * amount / members)),
            value(share(sum.unchanged, sum.compared)),
        ]);
    }
    table
}

/// What members of each segment prefer, against the store: 100 is the store's mean.
fn described(names: &[String], groups: &Partition, dimensions: &[String], store: &[f64]) -> ReportTable {
    let columns =
        [("segment", Kind::Text), ("dimension", Kind::Text), ("score", Kind::Share), ("index", Kind::Number)];
    let mut table = ReportTable::new("segment-dimensions", &columns);
    for (name, centre) in names.iter().zip(&groups.centres) {
        for dimension in furthest(centre).into_iter().take(DIMENSIONS_TOLD) {
            let mean = store[dimension];
            let own = mean + centre[dimension] * mean.sqrt();
            table.rows.push(vec![
                Value::Text(name.clone()),
                Value::Text(dimensions[dimension].clone()),
                Value::Number(own),
                if mean > 0.0 { Value::Number(100.0 * own / mean) } else { Value::Empty },
            ]);
        }
    }
    table
}

#[cfg(test)]
mod tests {
    use super::{Sum, Value, furthest, name, segments};

    #[test]
    fn a_segment_is_named_after_what_sets_it_apart() {
        let dimensions = ["tea", "wine", "milk"].map(str::to_owned);
        assert_eq!(name(&[0.1, -0.2, 0.4], &dimensions), "milk + tea");
        assert_eq!(furthest(&[-1.0, 0.0]), Vec::<usize>::new());
    }

    #[test]
    fn an_index_is_sales_against_members() {
        // One of four members with half of the sales: 200.
        let sums = [
            Sum { members: 1, amount: 50, compared: 1, unchanged: 1 },
            Sum { members: 3, amount: 50, compared: 0, unchanged: 0 },
        ];
        let table = segments(&["a".to_owned(), "b".to_owned()], &sums);
        assert_eq!(table.rows[0][5], Value::Number(200.0));
        assert_eq!((&table.rows[0][6], &table.rows[1][6]), (&Value::Number(1.0), &Value::Empty));
    }
}
