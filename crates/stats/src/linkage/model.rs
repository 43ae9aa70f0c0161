//! What agreement and disagreement are worth as evidence, learnt without labels. Fellegi and Sunter (1969), JASA
//! 64(328), equation 3 for the weights; EM under conditional independence as in Winkler (1988), Proceedings of the
//! Section on Survey Research Methods, with u from random pairs and m from blocks that hold one field at a time.

use crate::linkage::pattern::{FIELDS_MAX, MISSING, Pattern, Tally};
use crate::real::real;
use crate::unfit::{Unfit, at_least, in_range};

/// Rounds of EM, enough to settle to the sixth digit on any set tried.
const ROUNDS: usize = 60;
/// How often m and u are learnt in turn.
const TURNS: usize = 4;
/// Added to each level's count, so that what was never seen is rare and not impossible.
const SMOOTHING: f64 = 0.5;

/// Probabilities of each level of one field, index 0 ([`MISSING`]) unused.
#[derive(Debug, Clone, PartialEq)]
pub struct Field {
    /// Among pairs that match.
    pub matching: Vec<f64>,
    /// Among pairs that do not.
    pub random: Vec<f64>,
}

/// The evidence of each field and how common matches are.
#[derive(Debug, Clone, PartialEq)]
pub struct Model {
    /// One per field of the pattern.
    pub fields: Vec<Field>,
    /// Share of matches among all pairs.
    pub prior: f64,
}

/// Pairs that agree on some fields by choice.
#[derive(Debug, Clone, Copy)]
pub struct Block<'a> {
    /// Their patterns.
    pub tally: &'a Tally,
    /// The fields that were made to agree, which therefore say nothing here.
    pub held: &'a [usize],
}

impl Model {
    /// Learns from `random` pairs, drawn from all `pairs_total`, and from blocks. `levels[f]` is the highest level of
    /// field `f`. Every field must be free in at least one block, otherwise nothing tells how often matches agree on
    /// it.
    pub fn learn(
        levels: &[u8],
        random: &Tally,
        blocks: &[Block<'_>],
        pairs_total: f64,
    ) -> Result<Self, Unfit> {
        at_least("the list of fields", levels.len(), 1)?;
        let fields = real(levels.len());
        in_range("the number of fields", fields, "of at most 16", |count| count <= real(FIELDS_MAX))?;
        at_least("the sample of random pairs", usize::try_from(random.pairs()).unwrap_or(usize::MAX), 1)?;
        in_range("the number of pairs", pairs_total, "above 0", |pairs| pairs > 0.0)?;
        for field in 0..levels.len() {
            let free = blocks.iter().filter(|block| !block.held.contains(&field)).count();
            at_least("the list of blocks that leave a field free", free, 1)?;
        }
        let mut model = Self::start(levels);
        model.learn_random(random, |_| 0.0);
        for _ in 0..TURNS {
            model.learn_matching(blocks, pairs_total);
            // A few of the random pairs match too; left in, they would pass for chance agreement.
            let known = model.clone();
            model.learn_random(random, |pattern| probability(known.weight(pattern)));
        }
        Ok(model)
    }

    /// The weight of a pattern in bits: log2 of the odds that the pair matches, prior included.
    pub fn weight(&self, pattern: Pattern) -> f64 {
        self.weight_of(pattern, self.prior, &[])
    }

    /// How often pairs that do not match agree on a field at its highest level: what a value of average frequency
    /// gives by chance (see [`crate::linkage::frequency`]).
    pub fn chance_agreement(&self, field: usize) -> f64 {
        self.fields[field].random.last().copied().unwrap_or(1.0)
    }

    fn weight_of(&self, pattern: Pattern, prior: f64, held: &[usize]) -> f64 {
        let mut weight = libm::log2(prior / (1.0 - prior));
        for (index, field) in self.fields.iter().enumerate() {
            let level = pattern.level(index);
            if level != MISSING && !held.contains(&index) {
                let level = usize::from(level).min(field.random.len() - 1);
                weight += libm::log2(field.matching[level] / field.random[level]);
            }
        }
        weight
    }

    /// Matches mostly agree; where they do not, each lower level is as likely as another.
    fn start(levels: &[u8]) -> Self {
        let field = |top: &u8| {
            let top = usize::from((*top).max(2));
            let below = 0.1 / real(top - 1);
            let mut matching = vec![below; top + 1];
            matching[top] = 0.9;
            Field { matching, random: vec![1.0 / real(top); top + 1] }
        };
        Self { fields: levels.iter().map(field).collect(), prior: 0.5 }
    }

    /// u of every field from random pairs, each counted by how likely it is not to match.
    fn learn_random(&mut self, random: &Tally, matches: impl Fn(Pattern) -> f64) {
        for (index, field) in self.fields.iter_mut().enumerate() {
            let counts = level_counts(
                field.random.len(),
                index,
                random.iter().map(|(p, n)| (p, n * (1.0 - matches(p)))),
            );
            field.random = shares(&counts);
        }
    }

    /// m of every field and the prior: EM within each block over the fields it leaves free, then the blocks together,
    /// each by how many matches it holds.
    fn learn_matching(&mut self, blocks: &[Block<'_>], pairs_total: f64) {
        let fitted: Vec<(Self, f64)> = blocks.iter().map(|block| self.fit(block)).collect();
        for index in 0..self.fields.len() {
            let mut sums = vec![0.0; self.fields[index].matching.len()];
            for ((model, matches), _) in fitted.iter().zip(blocks).filter(|(_, b)| !b.held.contains(&index)) {
                // A block without matches still must not leave the sum at 0.
                let matches = matches.max(1e-9);
                sums.iter_mut().zip(&model.fields[index].matching).for_each(|(sum, m)| *sum += matches * m);
            }
            let total: f64 = sums[1..].iter().sum();
            self.fields[index].matching = sums.iter().map(|sum| sum / total).collect();
        }
        // A block finds those matches that agree on its held fields; the others follow from m. Each block gives an
        // estimate of all matches; their middle one is not moved by a single block that went astray.
        let mut totals: Vec<f64> = fitted
            .iter()
            .zip(blocks)
            .map(|((_, matches), block)| {
                let agree = |held: &usize| self.fields[*held].matching.last().copied().unwrap_or(1.0);
                matches / block.held.iter().map(agree).product::<f64>()
            })
            .collect();
        totals.sort_unstable_by(f64::total_cmp);
        self.prior = (totals[totals.len() / 2] / pairs_total).clamp(1e-12, 0.5);
    }

    /// EM on one block with u fixed; returns the model with its m, and the number of matches expected in the block.
    fn fit(&self, block: &Block<'_>) -> (Self, f64) {
        let mut model = self.clone();
        let pairs: f64 = block.tally.iter().map(|(_, count)| count).sum();
        let mut share = 0.5;
        for _ in 0..ROUNDS {
            let likely: Vec<(Pattern, f64)> = block
                .tally
                .iter()
                .map(|(pattern, count)| {
                    (pattern, count * probability(model.weight_of(pattern, share, block.held)))
                })
                .collect();
            let matches: f64 = likely.iter().map(|(_, count)| count).sum();
            share = (matches / pairs.max(1.0)).clamp(1e-9, 1.0 - 1e-9);
            for (index, field) in model.fields.iter_mut().enumerate() {
                if !block.held.contains(&index) {
                    field.matching =
                        shares(&level_counts(field.matching.len(), index, likely.iter().copied()));
                }
            }
        }
        (model, share * pairs)
    }
}

/// The probability that stands behind a weight in bits.
pub fn probability(weight: f64) -> f64 {
    1.0 / (1.0 + libm::exp2(-weight))
}

fn level_counts(levels: usize, field: usize, patterns: impl Iterator<Item = (Pattern, f64)>) -> Vec<f64> {
    let mut counts = vec![0.0; levels];
    for (pattern, count) in patterns {
        counts[usize::from(pattern.level(field)).min(levels - 1)] += count;
    }
    counts
}

/// Shares of the levels above [`MISSING`], none of them 0.
fn shares(counts: &[f64]) -> Vec<f64> {
    let total: f64 = counts[1..].iter().map(|count| count + SMOOTHING).sum();
    let mut shares: Vec<f64> = counts.iter().map(|count| (count + SMOOTHING) / total).collect();
    shares[0] = 0.0;
    shares
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::{Block, Model, probability};
    use crate::linkage::pattern::{Pattern, Tally};
    use crate::random::Random;

    /// Levels differs, close, same for three fields; chances by level among matches and among others.
    const MATCHING: [[f64; 3]; 3] = [[0.05, 0.15, 0.80], [0.02, 0.08, 0.90], [0.10, 0.20, 0.70]];
    const CHANCE: [[f64; 3]; 3] = [[0.970, 0.025, 0.005], [0.90, 0.08, 0.02], [0.989, 0.010, 0.001]];
    const PRIOR: f64 = 0.002;

    fn draw(random: &mut Random, chances: &[f64; 3]) -> u8 {
        let at = random.uniform();
        1 + u8::from(at > chances[0]) + u8::from(at > chances[0] + chances[1])
    }

    fn pair(random: &mut Random) -> Pattern {
        let matching = random.chance(PRIOR);
        (0..3).fold(Pattern::default(), |pattern, field| {
            // One field in twenty is missing, whether or not the pair matches.
            if random.chance(0.05) {
                return pattern;
            }
            pattern.with(field, draw(random, if matching { &MATCHING[field] } else { &CHANCE[field] }))
        })
    }

    #[test]
    fn chances_that_were_planted_are_recovered_without_labels() {
        let mut random = Random::new(141);
        let (mut sample, mut blocks) = (Tally::default(), [(); 3].map(|()| Tally::default()));
        let pairs = 3_000_000_u32;
        for _ in 0..pairs {
            let pattern = pair(&mut random);
            if random.chance(0.1) {
                sample.add(pattern);
            }
            for (field, block) in blocks.iter_mut().enumerate() {
                if pattern.level(field) == 3 {
                    block.add(pattern);
                }
            }
        }
        let held: Vec<Block<'_>> =
            blocks.iter().zip([[0], [1], [2]].iter()).map(|(tally, held)| Block { tally, held }).collect();
        let model = Model::learn(&[3, 3, 3], &sample, &held, f64::from(pairs)).expect("a model");
        for (field, learnt) in model.fields.iter().enumerate() {
            for level in 0..3 {
                let (m, u) = (learnt.matching[level + 1], learnt.random[level + 1]);
                // Some 4,000 matches in the blocks and 300,000 random pairs: several standard errors each.
                assert!((m - MATCHING[field][level]).abs() < 0.03, "m of {field}, {level}: {m}");
                assert!((u - CHANCE[field][level]).abs() < 0.002, "u of {field}, {level}: {u}");
            }
        }
        assert!((model.prior / PRIOR - 1.0).abs() < 0.1, "{}", model.prior);
    }

    #[test]
    fn the_weight_is_the_log_odds() {
        let model = Model {
            fields: vec![super::Field { matching: vec![0.0, 0.1, 0.9], random: vec![0.0, 0.99, 0.01] }],
            prior: 0.01,
        };
        // Odds 0.01/0.99 · 0.9/0.01 = 0.9091, so 10/21; missing leaves the prior.
        assert!((probability(model.weight(Pattern::default().with(0, 2))) - 10.0 / 21.0).abs() < 1e-12);
        assert!((probability(model.weight(Pattern::default())) - 0.01).abs() < 1e-12);
    }

    #[test]
    fn a_field_that_every_block_holds_is_refused() {
        let mut tally = Tally::default();
        tally.add(Pattern::default().with(0, 2));
        let block = Block { tally: &tally, held: &[0] };
        let refusal = Model::learn(&[2], &tally, &[block], 10.0).expect_err("a refusal");
        assert_eq!(refusal.to_string(), "the list of blocks that leave a field free has 0: give at least 1");
        assert!(Model::learn(&[2; 17], &tally, &[block], 10.0).is_err());
    }
}
