//! Members by what they buy: the mean of the products' scores, weighed by spend, against the mean of the store.

use stats::association::spread::Scores;

use crate::report::asked::Rows;
use crate::report::error::ReportError;

/// What one member buys.
#[derive(Debug, Clone, Default)]
pub(in crate::report) struct Taste {
    /// What they spend in all, in minor units.
    pub(in crate::report) amount: i64,
    /// Products they buy, with minor units spent on each in the first half of the period and in the second.
    bought: Vec<(usize, [f64; 2])>,
}

/// What members buy.
#[derive(Debug, Clone, Default)]
pub(in crate::report) struct Tastes {
    pub(in crate::report) members: Vec<Taste>,
}

/// Which part of the period a member is looked at in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::report) enum Span {
    Whole,
    Before,
    After,
}

/// Puts together what the queries gave, both in the order of the members.
pub(in crate::report) fn place(spend: &Rows, rows: &Rows, products: usize) -> Result<Tastes, ReportError> {
    let (ids, amounts) = (spend.integers("member_id")?, spend.integers("amount")?);
    let (buyers, product) = (rows.integers("member_id")?, rows.counts("product_no")?);
    let (before, after) = (rows.numbers("amount_before")?, rows.numbers("amount_after")?);
    let mut members: Vec<Taste> = Vec::with_capacity(ids.len());
    let mut row = 0;
    for (id, amount) in ids.into_iter().zip(amounts) {
        let mut bought = Vec::new();
        while row < buyers.len() && buyers[row] <= id {
            let number = usize::try_from(product[row]).unwrap_or(usize::MAX);
            if buyers[row] == id && number < products {
                bought.push((number, [before[row].max(0.0), after[row].max(0.0)]));
            }
            row += 1;
        }
        members.push(Taste { amount, bought });
    }
    Ok(Tastes { members })
}

impl Taste {
    /// The mean of the scores of what the member buys, weighed by spend; nothing where they spent nothing.
    pub(in crate::report) fn dna(&self, scores: &Scores, dimensions: usize, span: Span) -> Option<Vec<f64>> {
        let mut sum = vec![0.0; dimensions];
        let mut weight = 0.0;
        for (product, [before, after]) in &self.bought {
            let spent = match span {
                Span::Whole => before + after,
                Span::Before => *before,
                Span::After => *after,
            };
            let row = scores.values.get(product * dimensions..(product + 1) * dimensions)?;
            sum.iter_mut().zip(row).for_each(|(sum, score)| *sum += spent * score);
            weight += spent;
        }
        (weight > 0.0).then(|| sum.into_iter().map(|sum| sum / weight).collect())
    }
}

/// How a member differs from the store, in the metric of correspondence analysis (Benzécri 1973), where a difference in a
/// rare dimension counts as much as one in a common dimension: `(member − store)/√store`.
pub(in crate::report) fn relative(dna: &[f64], store: &[f64]) -> Vec<f64> {
    let difference = |(own, mean): (&f64, &f64)| if *mean > 0.0 { (own - mean) / mean.sqrt() } else { 0.0 };
    dna.iter().zip(store).map(difference).collect()
}

#[cfg(test)]
mod tests {
    use stats::association::spread::Scores;

    use super::{Span, Taste, relative};

    #[test]
    fn a_member_is_the_mean_of_what_they_buy() {
        // Product 0 is all first dimension, product 1 half and half.
        let scores = Scores { values: vec![1.0, 0.0, 0.5, 0.5], rounds: 1 };
        let taste = Taste { amount: 400, bought: vec![(0, [100.0, 0.0]), (1, [100.0, 200.0])] };
        let dna = |span| taste.dna(&scores, 2, span).expect("spend");
        assert_eq!(dna(Span::Before), [0.75, 0.25]);
        assert_eq!(dna(Span::After), [0.5, 0.5]);
        assert_eq!(dna(Span::Whole), [0.625, 0.375]);
        assert_eq!(Taste::default().dna(&scores, 2, Span::Whole), None);
    }

    #[test]
    fn differences_count_more_where_the_store_has_little() {
        let found = relative(&[0.35, 0.14, 0.1], &[0.25, 0.04, 0.0]);
        assert!((found[0] - 0.2).abs() < 1e-12 && (found[1] - 0.5).abs() < 1e-12 && found[2].abs() < 1e-12);
    }
}
