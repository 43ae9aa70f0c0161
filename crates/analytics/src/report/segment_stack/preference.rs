//! The preference of each member: the groups that basket DNA makes of a sample of members, and how near everybody is to
//! each of them. What members buy is looked at as it comes, one member after another.

use jiff::civil::Date;
use stats::cluster::k_means::Partition;
use stats::rows::Rows as Table;

use super::version::Version;
use crate::report::asked::{Asked, Rows};
use crate::report::basket_dna::members::{Span, Taste, relative};
use crate::report::basket_dna::preferences::{grouping, name};
use crate::report::basket_dna::products::Model;
use crate::report::basket_dna::{SEEDS, SEGMENTS, pairs, products, tastes};
use crate::report::error::ReportError;

const TASTES: &str = include_str!("../../../reports/segment_stack_tastes.sql");

/// Spans of days in which a member is placed: the whole period, without its last month, without its first.
pub(super) const SPANS: usize = 3;

/// A member's segment in a span, and the chance that it is theirs; none where they bought nothing that tells.
pub(super) type Placed = [Option<(usize, f64)>; SPANS];

/// The groups of members by what they buy.
pub(super) struct Preferences {
    model: Model,
    /// The mean of the store.
    store: Vec<f64>,
    groups: Partition,
}

impl Preferences {
    /// Groups a sample of the members; none where there is too little to group them by.
    pub(super) async fn fit(asked: &mut Asked) -> Result<Option<Self>, ReportError> {
        match Self::fitted(asked).await {
            Ok(found) => Ok(found),
            Err(ReportError::NoData { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn fitted(asked: &mut Asked) -> Result<Option<Self>, ReportError> {
        let products = products(asked).await?;
        let labels = products.labels()?;
        asked.note(labels.note, labels.seeds());
        let (tastes, _) = tastes(asked, products.len()).await?;
        if tastes.members.len() < 2 * SEGMENTS {
            return Ok(None);
        }
        let model = products.scored(labels, &pairs(asked).await?)?;
        let columns = model.dimensions.len();
        let store = model.scores.mean(&products.amounts, columns);
        let dna = |taste: &Taste| taste.dna(&model.scores, columns, Span::Whole);
        let values: Vec<f64> =
            tastes.members.iter().filter_map(dna).flat_map(|dna| relative(&dna, &store)).collect();
        let rows = Table::new(&values, columns).map_err(ReportError::no_groups)?;
        let groups = grouping(SEEDS.0).fit(&rows).map_err(ReportError::no_groups)?;
        Ok(Some(Self { model, store, groups }))
    }

    /// What sets each segment apart, the largest first.
    pub(super) fn names(&self) -> Vec<String> {
        self.groups.centres.iter().map(|centre| name(centre, &self.model.dimensions)).collect()
    }

    pub(super) fn add_to(&self, version: &mut Version) {
        self.model.dimensions.iter().for_each(|dimension| version.text(dimension));
        version.numbers(&self.model.scores.values);
        version.numbers(&self.store);
        self.groups.centres.iter().for_each(|centre| version.numbers(centre));
        version.numbers(&[self.groups.inertia]);
    }

    /// Places everybody who can be placed, in the order of their numbers. The spans divide at a month after the
    /// beginning and a month before the end.
    pub(super) async fn place(
        &self,
        asked: &mut Asked,
        (second, last): (Date, Date),
    ) -> Result<Vec<(i64, Placed)>, ReportError> {
        let mut placing = Placing { preferences: self, open: None, placed: Vec::new() };
        let days = [("second", second), ("last", last)];
        asked.each("segment_stack_tastes", TASTES, &days, |rows| placing.add(rows)).await?;
        placing.close();
        Ok(placing.placed)
    }

    fn nearest(&self, sums: &Sums) -> Option<(usize, f64)> {
        (sums.weight > 0.0).then(|| {
            let dna: Vec<f64> = sums.scores.iter().map(|sum| sum / sums.weight).collect();
            let chances = self.groups.chances(&relative(&dna, &self.store));
            // The larger group where two are as likely.
            let best = |best: (usize, f64), (group, chance): (usize, f64)| {
                if chance > best.1 { (group, chance) } else { best }
            };
            chances.into_iter().enumerate().fold((0, 0.0), best)
        })
    }
}

/// Scores weighed by spend, and the spend.
#[derive(Debug, Clone, Default)]
struct Sums {
    scores: Vec<f64>,
    weight: f64,
}

/// The member whose purchases are coming, and those who are placed.
struct Placing<'a> {
    preferences: &'a Preferences,
    open: Option<(i64, [Sums; SPANS])>,
    placed: Vec<(i64, Placed)>,
}

impl Placing<'_> {
    fn add(&mut self, rows: &Rows) -> Result<(), ReportError> {
        let model = &self.preferences.model;
        let columns = model.dimensions.len();
        let (members, products) = (rows.integers("member_id")?, rows.counts("product_no")?);
        let parts =
            [rows.numbers("amount_first")?, rows.numbers("amount_middle")?, rows.numbers("amount_last")?];
        for (row, member) in members.into_iter().enumerate() {
            if self.open.as_ref().is_none_or(|(open, _)| *open != member) {
                self.close();
                let empty = || Sums { scores: vec![0.0; columns], weight: 0.0 };
                self.open = Some((member, std::array::from_fn(|_| empty())));
            }
            let product = usize::try_from(products[row]).unwrap_or(usize::MAX);
            let scores =
                product.checked_mul(columns).and_then(|at| model.scores.values.get(at..at + columns));
            let (Some((_, sums)), Some(scores)) = (&mut self.open, scores) else { continue };
            // What came back weighs nothing.
            let [first, middle, last] = [0, 1, 2].map(|part| parts[part][row].max(0.0));
            for (sums, spent) in sums.iter_mut().zip([first + middle + last, first + middle, middle + last]) {
                sums.scores.iter_mut().zip(scores).for_each(|(sum, score)| *sum += spent * score);
                sums.weight += spent;
            }
        }
        Ok(())
    }

    fn close(&mut self) {
        if let Some((member, sums)) = self.open.take() {
            let placed = sums.each_ref().map(|sums| self.preferences.nearest(sums));
            self.placed.push((member, placed));
        }
    }
}
