//! The whole of record linkage over one list: learn from patterns, score candidate pairs, group what matches, hand the
//! doubtful to a person. Two passes over the candidates; what is kept are the links, not the pairs.

use crate::linkage::blocking::Blocking;
use crate::linkage::clusters::Clusters;
use crate::linkage::model::{Block, Model, probability};
use crate::linkage::pattern::{Pattern, Tally};
use crate::random::Random;
use crate::real::real;
use crate::unfit::{Unfit, at_least, length, open_share};

/// How sure a link must be, and how much to look at.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Settings {
    /// Pairs at least this probable are linked.
    pub link_probability: f64,
    /// Pairs at least this probable, and not linked, are for a person to look at.
    pub review_probability: f64,
    /// Most records in one group.
    pub group_max: usize,
    /// Random pairs from which chance agreement is learnt.
    pub random_pairs: usize,
    /// Seed of those pairs.
    pub seed: u64,
}

/// Two records and the probability that they mean the same.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Link {
    /// The smaller index.
    pub left: usize,
    /// The larger index.
    pub right: usize,
    /// Log2 of the odds.
    pub weight: f64,
}

impl Link {
    /// The probability behind the weight.
    pub fn probability(&self) -> f64 {
        probability(self.weight)
    }
}

/// What linkage found.
#[derive(Debug, Clone, PartialEq)]
pub struct Linked {
    /// For each record the smallest record of its group.
    pub labels: Vec<usize>,
    /// Pairs for a person to look at, the most probable first: too doubtful to link, or refused because the group would
    /// have grown too large. Pairs that other links put together are not among them.
    pub review: Vec<Link>,
    /// What was learnt.
    pub model: Model,
    /// How many pairs were compared.
    pub compared: u64,
}

/// Links `records` records. `held[r]` names the fields that blocking rule `r` makes agree; `levels` the highest level
/// of each field; `compare` gives the pattern of a pair; `adjust` what to add to its weight (rare and common values),
/// 0 for nothing. The same arguments give the same groups.
pub fn link(
    records: usize,
    blocking: &Blocking,
    held: &[&[usize]],
    levels: &[u8],
    settings: &Settings,
    compare: impl Fn(usize, usize) -> Pattern,
    adjust: impl Fn(&Model, usize, usize, Pattern) -> f64,
) -> Result<Linked, Unfit> {
    at_least("the list of records", records, 2)?;
    length("the list of held fields", held.len(), blocking.rules())?;
    length("the blocking keys of a rule", blocking.records(), records)?;
    let link_weight = weight_of(open_share("the probability of a link", settings.link_probability)?);
    let review_weight = weight_of(open_share("the probability for review", settings.review_probability)?);
    let model = learn(records, blocking, held, levels, settings, &compare)?;
    let (mut links, mut compared) = (Vec::new(), 0);
    blocking.for_each_pair(|left, right| {
        compared += 1;
        let pattern = compare(left, right);
        let weight = model.weight(pattern) + adjust(&model, left, right, pattern);
        if weight >= link_weight.min(review_weight) {
            links.push(Link { left, right, weight });
        }
    });
    // Strongest first, so that a bound on the group keeps the best; ties by record, so that the order is always the same.
    links.sort_unstable_by(|a, b| {
        b.weight.total_cmp(&a.weight).then((a.left, a.right).cmp(&(b.left, b.right)))
    });
    let mut clusters = Clusters::new(records, settings.group_max);
    links.retain(|link| link.weight < link_weight || !clusters.join(link.left, link.right));
    links.retain(|link| !clusters.together(link.left, link.right));
    Ok(Linked { labels: clusters.labels(), review: links, model, compared })
}

fn weight_of(probability: f64) -> f64 {
    libm::log2(probability / (1.0 - probability))
}

fn learn(
    records: usize,
    blocking: &Blocking,
    held: &[&[usize]],
    levels: &[u8],
    settings: &Settings,
    compare: &impl Fn(usize, usize) -> Pattern,
) -> Result<Model, Unfit> {
    let mut random = Random::new(settings.seed);
    let mut by_chance = Tally::default();
    let draw = |random: &mut Random, below: usize| usize::try_from(random.below(below as u64)).unwrap_or(0);
    for _ in 0..settings.random_pairs {
        let left = draw(&mut random, records);
        // One of the others, each equally likely.
        let right = (left + 1 + draw(&mut random, records - 1)) % records;
        by_chance.add(compare(left.min(right), left.max(right)));
    }
    let tallies: Vec<Tally> = (0..blocking.rules())
        .map(|rule| {
            let mut tally = Tally::default();
            blocking.for_each_pair_of(rule, |left, right| tally.add(compare(left, right)));
            tally
        })
        .collect();
    let blocks: Vec<Block<'_>> = tallies
        .iter()
        .zip(held)
        .filter(|(tally, _)| tally.pairs() > 0)
        .map(|(tally, held)| Block { tally, held })
        .collect();
    Model::learn(levels, &by_chance, &blocks, real(records) * real(records - 1) / 2.0)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::{Linked, Settings, link};
    use crate::linkage::blocking::Blocking;
    use crate::linkage::clusters::PairQuality;
    use crate::linkage::pattern::{DIFFERS, Pattern};
    use crate::random::Random;

    const SETTINGS: Settings = Settings {
        link_probability: 0.9,
        review_probability: 0.2,
        group_max: 10,
        random_pairs: 100_000,
        seed: 3,
    };

    /// 1,000 people with four attributes of 200, 100, 50 and 300 values; 500 of them twice, each attribute wrong once
    /// in ten times.
    fn people() -> (Vec<[u32; 4]>, Vec<usize>) {
        let mut random = Random::new(241);
        let mut draw = |kinds: u64| u32::try_from(random.below(kinds)).expect("small");
        let kinds = [200, 100, 50, 300];
        let mut records: Vec<[u32; 4]> = (0..1_000).map(|_| kinds.map(&mut draw)).collect();
        let mut truth: Vec<usize> = (0..1_000).collect();
        for person in 0..500 {
            let mut copy = records[person];
            for (attribute, kinds) in copy.iter_mut().zip(kinds) {
                if draw(10) == 0 {
                    *attribute = draw(kinds);
                }
            }
            records.push(copy);
            truth.push(person);
        }
        (records, truth)
    }

    fn run(settings: &Settings) -> (Linked, Vec<usize>) {
        let (records, truth) = people();
        let keys = |a: usize, b: usize| records.iter().map(|r| Some(r[a] * 1_000 + r[b])).collect();
        let blocking = Blocking::new(vec![keys(0, 1), keys(2, 3), keys(0, 3)], 100).expect("rules");
        let compare = |left: usize, right: usize| {
            (0..4).fold(Pattern::default(), |pattern, field| {
                pattern.with(field, DIFFERS + u8::from(records[left][field] == records[right][field]))
            })
        };
        let held: [&[usize]; 3] = [&[0, 1], &[2, 3], &[0, 3]];
        let found = link(records.len(), &blocking, &held, &[2; 4], settings, compare, |_, _, _, _| 0.0);
        (found.expect("a result"), truth)
    }

    #[test]
    fn planted_duplicates_are_found_and_few_others() {
        let (found, truth) = run(&SETTINGS);
        let quality = PairQuality::of(&found.labels, &truth).expect("labels");
        // A copy agrees on the attributes of one rule or more with probability 0.963 (inclusion and exclusion at 0.9
        // and 0.81); two wrong attributes out of four leave too little evidence for some of those.
        assert!(quality.precision > 0.97 && quality.recall > 0.90, "{quality:?}");
        assert!(found.compared > 500 && found.review.iter().all(|link| link.probability() >= 0.2));
        for field in &found.model.fields {
            assert!((field.matching[2] - 0.9).abs() < 0.05, "{field:?}");
        }
    }

    #[test]
    fn the_same_seed_gives_the_same_groups() {
        assert_eq!(run(&SETTINGS).0, run(&SETTINGS).0);
    }

    #[test]
    fn pairs_refused_for_the_size_of_their_group_come_up_for_review() {
        let (found, _) = run(&Settings { group_max: 1, ..SETTINGS });
        assert!(found.labels.iter().enumerate().all(|(record, label)| record == *label));
        assert!(found.review.len() > 400, "{}", found.review.len());
        assert!(found.review.windows(2).all(|pair| pair[0].weight >= pair[1].weight));
    }
}
