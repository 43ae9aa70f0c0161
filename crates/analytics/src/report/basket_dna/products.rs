//! Scored products: what they are labelled with, what they are bought with, what their scores come from.

use std::collections::BTreeMap;

use stats::association::spread::{Pulls, Scores};
use stats::principal_axes::PrincipalAxes;
use stats::rows::Rows as Table;

use super::{DIMENSIONS_MAX, NEIGHBOURS_MAX, PRODUCTS_TOLD_MAX, SPREAD};
use crate::report::answer::{Kind, ReportTable, Value};
use crate::report::asked::Rows;
use crate::report::error::ReportError;

/// Seeds that are told for each product.
const SEEDS_TOLD: usize = 3;
/// Of how many products one loses its label when it is tried whether labels are found again.
const HIDDEN_ONE_IN: usize = 5;

/// The products that are scored, the one in most baskets first.
pub(in crate::report) struct Products {
    skus: Vec<String>,
    categories: Vec<String>,
    brands: Vec<String>,
    item_counts: Vec<u64>,
    pub(in crate::report) amounts: Vec<f64>,
    /// Baskets with any product.
    pub(in crate::report) baskets: u64,
}

/// What products stand for.
pub(in crate::report) struct Model {
    pub(in crate::report) dimensions: Vec<String>,
    pub(in crate::report) scores: Scores,
    /// The dimension that each product was labelled with.
    labels: Vec<Option<usize>>,
    pulls: Pulls,
}

/// What products are labelled with.
pub(in crate::report) struct Labels {
    dimensions: Vec<String>,
    /// The dimension of each product, if it has one.
    of_products: Vec<Option<usize>>,
    /// The name of the note that says what was taken for labels.
    pub(in crate::report) note: &'static str,
}

impl Labels {
    /// Products with a label.
    pub(in crate::report) fn seeds(&self) -> u64 {
        self.of_products.iter().flatten().count() as u64
    }
}

impl Products {
    pub(in crate::report) fn of(rows: &Rows) -> Result<Self, ReportError> {
        if rows.len() == 0 {
            return Err(ReportError::NoData {
                code: "no-product",
                missing: "no product was in enough baskets",
                remedy: "choose a longer period, or send product numbers with purchases",
            });
        }
        Ok(Self {
            skus: rows.texts("sku")?,
            categories: rows.texts("category")?,
            brands: rows.texts("brand")?,
            item_counts: rows.counts("baskets")?,
            amounts: rows.numbers("amount")?.into_iter().map(|amount| amount.max(0.0)).collect(),
            baskets: rows.counts("baskets_total")?.first().copied().unwrap_or(0),
        })
    }

    /// Their numbers in the order of the products, which are numbered from 0.
    pub(super) fn skus(&self) -> impl Iterator<Item = &str> {
        self.skus.iter().map(String::as_str)
    }

    pub(in crate::report) fn len(&self) -> usize {
        self.skus.len()
    }

    /// What the products are labelled with. Nobody has said which products stand for what, so that their categories do, and
    /// where there are not two categories, their brands.
    pub(in crate::report) fn labels(&self) -> Result<Labels, ReportError> {
        let by_category = dimensions(&self.categories, &self.amounts, DIMENSIONS_MAX);
        let by_brand = dimensions(&self.brands, &self.amounts, DIMENSIONS_MAX);
        let (named, dimensions, note) = match (by_category.len(), by_brand.len()) {
            (2.., _) => (&self.categories, by_category, "labels-are-categories"),
            (_, 2..) => (&self.brands, by_brand, "labels-are-brands"),
            _ => {
                return Err(ReportError::NoData {
                    code: "no-label",
                    missing: "the products have neither two categories nor two brands",
                    remedy: "name the column of categories in the import map, or send categories with purchases",
                });
            }
        };
        let of_products =
            named.iter().map(|name| dimensions.iter().position(|dimension| dimension == name)).collect();
        Ok(Labels { dimensions, of_products, note })
    }

    /// Scores the products by what they are labelled with and what they are bought with.
    pub(in crate::report) fn scored(
        &self,
        labels: Labels,
        pairs: &[(u32, u32, u64)],
    ) -> Result<Model, ReportError> {
        let Labels { dimensions, of_products: labels, .. } = labels;
        let pulls = Pulls::from_pairs(self.baskets, &self.item_counts, pairs, NEIGHBOURS_MAX)?;
        let scores = spread(&pulls, &labels, dimensions.len())?;
        Ok(Model { dimensions, scores, labels, pulls })
    }

    /// Of products whose label is hidden, how many are given it back by what they are bought with, and how many that is
    /// tried with; nothing where there are none.
    pub(in crate::report) fn found_again(&self, model: &Model) -> Result<Option<(u64, u64)>, ReportError> {
        let hidden: Vec<usize> = (0..self.len())
            .filter(|product| product % HIDDEN_ONE_IN == 0 && model.labels[*product].is_some())
            .collect();
        let mut labels = model.labels.clone();
        for product in &hidden {
            labels[*product] = None;
        }
        let columns = model.dimensions.len();
        let scores = spread(&model.pulls, &labels, columns)?;
        let found = hidden
            .iter()
            .filter(|product| scores.highest(**product, columns) == model.labels[**product])
            .count();
        Ok((!hidden.is_empty()).then_some((found as u64, hidden.len() as u64)))
    }

    /// Products in two coordinates: those that lie near each other are bought with the same things.
    pub(in crate::report) fn map(&self, model: &Model) -> Result<ReportTable, ReportError> {
        let columns = [
            ("product", Kind::Text),
            ("category", Kind::Text),
            ("dimension", Kind::Text),
            ("score", Kind::Share),
            ("x", Kind::Number),
            ("y", Kind::Number),
            ("baskets", Kind::Count),
        ];
        let mut table = ReportTable::new("product-map", &columns);
        let rows =
            Table::new(&model.scores.values, model.dimensions.len()).map_err(ReportError::no_groups)?;
        if rows.len() < 2 {
            return Ok(table);
        }
        let axes = PrincipalAxes::of(&rows, 2).map_err(ReportError::no_groups)?;
        for product in 0..self.told() {
            let (dimension, score) = model.strongest(product);
            let coordinate = |axis: usize| axes.coordinates[product].get(axis).copied();
            table.rows.push(vec![
                Value::Text(self.skus[product].clone()),
                Value::Text(self.categories[product].clone()),
                dimension.map_or(Value::Empty, |dimension| Value::Text(model.dimensions[dimension].clone())),
                Value::Number(score),
                coordinate(0).map_or(Value::Empty, Value::Number),
                coordinate(1).map_or(Value::Empty, Value::Number),
                Value::Integer(i64::try_from(self.item_counts[product]).unwrap_or(i64::MAX)),
            ]);
        }
        Ok(table)
    }

    /// What the highest score of each product comes from: the seeds of that dimension from which most arrives.
    pub(in crate::report) fn sources(&self, model: &Model) -> Result<ReportTable, ReportError> {
        let columns = [
            ("product", Kind::Text),
            ("dimension", Kind::Text),
            ("score", Kind::Share),
            ("seed", Kind::Text),
            ("part_of_score", Kind::Share),
        ];
        let mut table = ReportTable::new("score-sources", &columns);
        for product in 0..self.told() {
            let (Some(dimension), score) = model.strongest(product) else { continue };
            let sources = SPREAD.sources(&model.pulls, product)?;
            let seeds = sources.into_iter().filter(|(seed, _)| model.labels[*seed] == Some(dimension));
            for (seed, part) in seeds.take(SEEDS_TOLD) {
                table.rows.push(vec![
                    Value::Text(self.skus[product].clone()),
                    Value::Text(model.dimensions[dimension].clone()),
                    Value::Number(score),
                    Value::Text(self.skus[seed].clone()),
                    Value::Number(part / score),
                ]);
            }
        }
        Ok(table)
    }

    fn told(&self) -> usize {
        self.len().min(PRODUCTS_TOLD_MAX)
    }
}

impl Model {
    /// The dimension a product scores highest on, and the score.
    fn strongest(&self, product: usize) -> (Option<usize>, f64) {
        let columns = self.dimensions.len();
        let dimension = self.scores.highest(product, columns);
        let score = dimension.and_then(|dimension| self.scores.values.get(product * columns + dimension));
        (dimension, score.copied().unwrap_or(0.0))
    }
}

/// The names that most is spent on, the largest first, ties by name; the empty name is none.
fn dimensions(names: &[String], amounts: &[f64], dimensions_max: usize) -> Vec<String> {
    let mut sums: BTreeMap<&str, f64> = BTreeMap::new();
    names.iter().zip(amounts).filter(|(name, _)| !name.is_empty()).for_each(|(name, amount)| {
        *sums.entry(name).or_default() += amount;
    });
    let mut sorted: Vec<(&str, f64)> = sums.into_iter().collect();
    sorted.sort_by(|left, right| right.1.total_cmp(&left.1).then(left.0.cmp(right.0)));
    sorted.into_iter().take(dimensions_max).map(|(name, _)| name.to_owned()).collect()
}

fn spread(pulls: &Pulls, labels: &[Option<usize>], dimensions: usize) -> Result<Scores, ReportError> {
    let mut table = vec![0.0; labels.len() * dimensions];
    for (product, label) in labels.iter().enumerate() {
        if let Some(dimension) = label {
            table[product * dimensions + dimension] = 1.0;
        }
    }
    let scores = Table::new(&table, dimensions).and_then(|table| SPREAD.scores(pulls, &table));
    scores.map_err(ReportError::no_groups)
}

#[cfg(test)]
mod tests {
    use super::dimensions;

    #[test]
    fn dimensions_are_what_most_is_spent_on() {
        let names = ["tea", "", "milk", "tea", "wine"].map(str::to_owned);
        assert_eq!(dimensions(&names, &[1.0, 9.0, 3.0, 2.0, 1.0], 2), ["milk", "tea"]);
    }
}
