//! Small gradient-boosted trees for effects that lines miss. Friedman (2001), Annals of Statistics 29(5), with the second
//! order gain and leaf weights of Chen and Guestrin (2016), KDD, equations 5 and 7, on columns cut into bins as by Ke et
//! al. (2017, `LightGBM`).

use crate::bootstrap::quantile_of_sorted;
use crate::random::RandomKey;
use crate::real::real;
use crate::rows::Rows;
use crate::unfit::{Unfit, at_least, finite, in_range, length};

/// How trees are grown: the same settings give the same trees.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Settings {
    /// What is fitted.
    pub target: Target,
    /// Number of trees.
    pub trees: usize,
    /// Most splits from the root to a leaf.
    pub depth: usize,
    /// What part of each tree's step is taken.
    pub learning_rate: f64,
    /// Fewest rows in a leaf.
    pub leaf_min: usize,
    /// Added to a leaf's curvature, so that small leaves step less.
    pub ridge: f64,
    /// Share of the rows each tree is grown on.
    pub sample: f64,
    /// Seed of those samples; tree `i` uses stream `i`.
    pub seed: u64,
}

/// What outcomes are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// Amounts, by squared error.
    Amount,
    /// 0 or 1, by the logistic likelihood; predictions are chances.
    Chance,
}

impl Settings {
    /// Shallow trees that learn slowly, for some thousands of rows and a handful of columns.
    pub fn usual(target: Target, seed: u64) -> Self {
        Self {
            target,
            trees: 100,
            depth: 3,
            learning_rate: 0.08,
            leaf_min: 50,
            ridge: 1.0,
            sample: 0.7,
            seed,
        }
    }
}

/// Most bins of a column; a bin's number fits a byte.
const BINS_MAX: usize = 64;

/// A sum of trees.
#[derive(Debug, Clone, PartialEq)]
pub struct Boosted {
    target: Target,
    start: f64,
    trees: Vec<Tree>,
}

/// Nodes of a tree, the root first.
type Tree = Vec<Node>;

#[derive(Debug, Clone, Copy, PartialEq)]
enum Node {
    /// What the rows that end here get.
    Leaf(f64),
    /// Rows with at most `cut` in the column go to `left`, the others to the node after it.
    Split { column: usize, bin: u8, cut: f64, left: usize },
}

/// Columns as bins: for each column its cuts, and for each row the number of cuts below its value.
struct Binned {
    cuts: Vec<Vec<f64>>,
    bins: Vec<Vec<u8>>,
}

/// Sums of first and second derivatives over some rows.
#[derive(Debug, Clone, Copy, Default)]
struct Sums {
    gradient: f64,
    curvature: f64,
    rows: usize,
}

impl Boosted {
    /// Grows the trees; outcomes 0 or 1 where chances are fitted.
    pub fn fit(rows: &Rows<'_>, outcomes: &[f64], settings: &Settings) -> Result<Self, Unfit> {
        length("the list of outcomes", outcomes.len(), rows.len())?;
        at_least("the table of predictors", rows.len(), 2)?;
        finite("an outcome", outcomes)?;
        in_range("the learning rate", settings.learning_rate, "above 0, at most 1", |rate| {
            rate > 0.0 && rate <= 1.0
        })?;
        in_range("the ridge", settings.ridge, "of at least 0", |ridge| ridge >= 0.0)?;
        in_range("the sample", settings.sample, "above 0, at most 1", |share| share > 0.0 && share <= 1.0)?;
        if settings.target == Target::Chance {
            for &outcome in outcomes {
                in_range("an outcome", outcome, "of 0 or 1", |outcome| {
                    outcome.abs() < 1e-12 || (outcome - 1.0).abs() < 1e-12
                })?;
            }
        }
        let binned = Binned::new(rows);
        let mean = outcomes.iter().sum::<f64>() / real(outcomes.len());
        let start = match settings.target {
            Target::Amount => mean,
            // Where all or none happened the odds have no end.
            Target::Chance => libm::log(mean.max(1e-6) / (1.0 - mean).max(1e-6)),
        };
        let mut model = Self { target: settings.target, start, trees: Vec::with_capacity(settings.trees) };
        let mut values = vec![start; outcomes.len()];
        let key = RandomKey::new(settings.seed);
        for number in 0..settings.trees {
            let slopes: Vec<(f64, f64)> =
                values.iter().zip(outcomes).map(|(value, outcome)| model.slopes(*value, *outcome)).collect();
            let mut random = key.stream(number as u64);
            let sample = (0..outcomes.len()).filter(|_| random.chance(settings.sample)).collect();
            let tree = grow(&binned, &slopes, sample, settings);
            for (row, value) in values.iter_mut().enumerate() {
                *value += leaf(&tree, |column, bin, _| binned.bins[column][row] <= bin);
            }
            model.trees.push(tree);
        }
        Ok(model)
    }

    /// The expected amount, or the chance, of a row.
    pub fn predict(&self, row: &[f64]) -> f64 {
        let sum: f64 = self.trees.iter().map(|tree| leaf(tree, |column, _, cut| row[column] <= cut)).sum();
        match self.target {
            Target::Amount => self.start + sum,
            Target::Chance => chance(self.start + sum),
        }
    }

    /// First and second derivative of the loss.
    fn slopes(&self, value: f64, outcome: f64) -> (f64, f64) {
        match self.target {
            Target::Amount => (value - outcome, 1.0),
            Target::Chance => {
                let chance = chance(value);
                (chance - outcome, (chance * (1.0 - chance)).max(1e-12))
            }
        }
    }
}

fn chance(odds: f64) -> f64 {
    1.0 / (1.0 + libm::exp(-odds))
}

/// The value of the leaf that is reached when `goes_left` decides, given column, bin and cut.
fn leaf(tree: &Tree, goes_left: impl Fn(usize, u8, f64) -> bool) -> f64 {
    let mut at = 0;
    loop {
        match tree[at] {
            Node::Leaf(value) => return value,
            Node::Split { column, bin, cut, left } => at = left + usize::from(!goes_left(column, bin, cut)),
        }
    }
}

impl Binned {
    fn new(rows: &Rows<'_>) -> Self {
        let (mut cuts, mut bins) = (Vec::new(), Vec::new());
        for column in 0..rows.columns() {
            let values: Vec<f64> = rows.iter().map(|row| row[column]).collect();
            let mut sorted = values.clone();
            sorted.sort_unstable_by(f64::total_cmp);
            let mut distinct = sorted.clone();
            distinct.dedup();
            // Few values keep a bin each; many are cut so that the bins hold alike many rows.
            let mut edges = if distinct.len() <= BINS_MAX {
                distinct
            } else {
                (1..=BINS_MAX).map(|edge| quantile_of_sorted(&sorted, real(edge) / real(BINS_MAX))).collect()
            };
            edges.dedup();
            edges.pop();
            let bin =
                |value: &f64| u8::try_from(edges.partition_point(|edge| edge < value)).unwrap_or(u8::MAX);
            bins.push(values.iter().map(bin).collect());
            cuts.push(edges);
        }
        Self { cuts, bins }
    }
}

/// Grows a tree on the sampled rows, level by level.
fn grow(binned: &Binned, slopes: &[(f64, f64)], sample: Vec<usize>, settings: &Settings) -> Tree {
    let mut tree = vec![Node::Leaf(0.0)];
    let mut open = vec![(0, sample, 0)];
    while let Some((at, rows, depth)) = open.pop() {
        let mut all = Sums::default();
        for row in &rows {
            all.add(slopes[*row]);
        }
        let split =
            if depth < settings.depth { best_split(binned, slopes, &rows, all, settings) } else { None };
        let Some((column, bin)) = split else {
            tree[at] = Node::Leaf(settings.learning_rate * all.step(settings.ridge));
            continue;
        };
        let left = tree.len();
        tree[at] = Node::Split { column, bin, cut: binned.cuts[column][usize::from(bin)], left };
        tree.extend([Node::Leaf(0.0); 2]);
        let (below, above) = rows.into_iter().partition(|row| binned.bins[column][*row] <= bin);
        open.push((left, below, depth + 1));
        open.push((left + 1, above, depth + 1));
    }
    tree
}

/// The column and the last bin on the left that gain most; `None` if no split gains.
fn best_split(
    binned: &Binned,
    slopes: &[(f64, f64)],
    rows: &[usize],
    all: Sums,
    settings: &Settings,
) -> Option<(usize, u8)> {
    let mut best = (1e-9, None);
    for (column, bins) in binned.bins.iter().enumerate() {
        let mut histogram = [Sums::default(); BINS_MAX];
        for row in rows {
            histogram[usize::from(bins[*row])].add(slopes[*row]);
        }
        let mut left = Sums::default();
        for (bin, sums) in (0_u8..).zip(&histogram[..binned.cuts[column].len()]) {
            left = left.plus(*sums);
            let right = all.less(left);
            if left.rows.min(right.rows) >= settings.leaf_min.max(1) {
                let gain =
                    left.score(settings.ridge) + right.score(settings.ridge) - all.score(settings.ridge);
                if gain > best.0 {
                    best = (gain, Some((column, bin)));
                }
            }
        }
    }
    best.1
}

impl Sums {
    fn add(&mut self, (gradient, curvature): (f64, f64)) {
        self.gradient += gradient;
        self.curvature += curvature;
        self.rows += 1;
    }

    fn plus(self, other: Self) -> Self {
        Self {
            gradient: self.gradient + other.gradient,
            curvature: self.curvature + other.curvature,
            rows: self.rows + other.rows,
        }
    }

    fn less(self, other: Self) -> Self {
        Self {
            gradient: self.gradient - other.gradient,
            curvature: self.curvature - other.curvature,
            rows: self.rows - other.rows,
        }
    }

    /// `G²/(H + λ)`; nothing of no rows.
    fn score(self, ridge: f64) -> f64 {
        if self.rows == 0 { 0.0 } else { self.gradient * self.gradient / (self.curvature + ridge) }
    }

    /// `−G/(H + λ)`.
    fn step(self, ridge: f64) -> f64 {
        if self.rows == 0 { 0.0 } else { -self.gradient / (self.curvature + ridge) }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::{Boosted, Settings, Target};
    use crate::random::Random;
    use crate::rows::Rows;

    #[test]
    fn one_tree_is_the_mean_of_each_side() {
        let values = [1.0, 2.0, 3.0, 10.0, 11.0, 12.0];
        let outcomes = [0.0, 1.0, 2.0, 7.0, 8.0, 9.0];
        let settings = Settings {
            trees: 1,
            depth: 1,
            learning_rate: 1.0,
            leaf_min: 1,
            ridge: 0.0,
            sample: 1.0,
            ..Settings::usual(Target::Amount, 1)
        };
        let model = Boosted::fit(&Rows::new(&values, 1).expect("rows"), &outcomes, &settings).expect("a fit");
        assert!((model.predict(&[2.5]) - 1.0).abs() < 1e-12 && (model.predict(&[99.0]) - 8.0).abs() < 1e-12);
    }

    /// Two uniform columns, a third without meaning; the outcome is 1 where the first two are on the same side of 0.5.
    fn corners(random: &mut Random, rows: usize) -> (Vec<f64>, Vec<f64>) {
        let values: Vec<f64> = (0..rows * 3).map(|_| random.uniform()).collect();
        let truth =
            values.chunks_exact(3).map(|row| f64::from(u8::from((row[0] > 0.5) == (row[1] > 0.5)))).collect();
        (values, truth)
    }

    #[test]
    fn an_interaction_that_no_line_sees_is_recovered() {
        let mut random = Random::new(261);
        let (values, truth) = corners(&mut random, 4_000);
        let noisy: Vec<f64> = truth.iter().map(|mean| mean + 0.5 * random.normal()).collect();
        let settings = Settings::usual(Target::Amount, 1);
        let model = Boosted::fit(&Rows::new(&values, 3).expect("rows"), &noisy, &settings).expect("a fit");
        let (fresh, truth) = corners(&mut random, 2_000);
        let error: f64 = fresh
            .chunks_exact(3)
            .zip(&truth)
            .map(|(row, mean)| (model.predict(row) - mean).powi(2))
            .sum::<f64>()
            / 2_000.0;
        // The variance of the truth is 0.25: a tenth of it is left at most, mostly along the two edges.
        assert!(error < 0.025, "{error}");
    }

    #[test]
    fn chances_are_calibrated_on_fresh_rows() {
        let mut random = Random::new(262);
        let (values, sides) = corners(&mut random, 6_000);
        let happened: Vec<f64> =
            sides.iter().map(|side| f64::from(u8::from(random.chance(0.2 + 0.5 * side)))).collect();
        let settings = Settings::usual(Target::Chance, 1);
        let model = Boosted::fit(&Rows::new(&values, 3).expect("rows"), &happened, &settings).expect("a fit");
        for (row, expected) in [([0.2, 0.2, 0.5], 0.7), ([0.8, 0.8, 0.5], 0.7), ([0.2, 0.8, 0.5], 0.2)] {
            let found = model.predict(&row);
            assert!((found - expected).abs() < 0.08, "{row:?}: {found}");
        }
    }

    #[test]
    fn the_same_seed_grows_the_same_trees() {
        let mut random = Random::new(263);
        let (values, truth) = corners(&mut random, 500);
        let grow = |seed| {
            let settings = Settings { trees: 5, ..Settings::usual(Target::Amount, seed) };
            Boosted::fit(&Rows::new(&values, 3).expect("rows"), &truth, &settings).expect("a fit")
        };
        assert_eq!(grow(1), grow(1));
        assert_ne!(grow(1), grow(2));
    }

    #[test]
    fn what_cannot_be_fitted_is_refused() {
        let values = [1.0, 2.0, 3.0];
        let rows = Rows::new(&values, 1).expect("rows");
        let settings = Settings::usual(Target::Chance, 1);
        assert!(Boosted::fit(&rows, &[0.0, 0.5, 1.0], &settings).is_err());
        assert!(Boosted::fit(&rows, &[0.0, 1.0], &settings).is_err());
        assert!(Boosted::fit(&rows, &[0.0; 3], &Settings { sample: 0.0, ..settings }).is_err());
        let flat = Boosted::fit(&rows, &[1.0; 3], &settings).expect("a fit");
        assert!(flat.predict(&[2.0]) > 0.99);
    }
}
