//! How probable it is that two members are one person. Three kinds of pairs are told apart, because what a household
//! shares (family name, telephone, mailbox) does not make its members one person: Larsen and Rubin (2001), Iterative
//! automated record linkage using mixture models, JASA 96(453). Given name and date of birth are a person's own.

use serde::{Deserialize, Serialize};
use stats::linkage::blocking::Blocking;
use stats::linkage::frequency::Frequencies;
use stats::linkage::household::household_bits;
use stats::linkage::model::{Block, Field, Model, probability};
use stats::linkage::pattern::{MISSING, Pattern, Tally};
use stats::random::Random;

use super::compare::{BIRTH, EMAIL, FAMILY, GIVEN, LEVELS, PHONE, compare};
use super::persons::{NO_TEXT, Persons};
use super::rules::{HELD, LEARNT_FROM};

/// Chances of each level, from 1, among pairs that are one person: what is assumed of a small programme. Members who
/// enrol twice mostly do so because something changed, so telephone and e-mail often differ.
const MATCHING: [&[f64]; 5] = [
    &[0.04, 0.03, 0.93],
    &[0.06, 0.06, 0.08, 0.80],
    &[0.03, 0.07, 0.90],
    &[0.55, 0.30, 0.15],
    &[0.50, 0.25, 0.25],
];
/// The same among pairs drawn at random. The ten commonest Chinese surnames belong to four in ten (family), 20,000 days
/// are equally likely and each has some 40 within one digit (birth), numbers and addresses hardly ever agree by chance.
const RANDOM: [&[f64]; 5] = [
    &[0.94, 0.01, 0.05],
    &[0.977, 0.013, 0.005, 0.005],
    &[0.997_95, 0.002, 0.000_05],
    &[0.999_998, 0.000_001_5, 0.000_000_5],
    &[0.999_94, 0.000_05, 0.000_01],
];
/// Records of the same person again, for each member: assumed where too few members say otherwise.
const DUPLICATES_PER_MEMBER: f64 = 0.02;
/// Pairs that live together, for each member.
const HOUSEHOLD_PAIRS_PER_MEMBER: f64 = 0.3;
/// Share of pairs of a household with one date of birth: twins. Some 3 per cent of births, and parents beside them.
const TWINS: f64 = 0.02;
/// How much what is assumed weighs beside what is learnt: in pairs that match, in random pairs, and in members.
const ASSUMED_MATCHES: f64 = 200.0;
const ASSUMED_PAIRS: f64 = 20_000.0;
const ASSUMED_MEMBERS: f64 = 1_000.0;
/// Random pairs from which chance agreement is learnt.
const RANDOM_PAIRS: u32 = 300_000;
/// Seed of those pairs: the same members give the same weights.
const SEED: u64 = 8;
/// No name is taken to be rarer than this: a share so small is not known.
const NAME_SHARE_MIN: f64 = 1e-4;

/// What agreement is worth, as it is stored for a run that goes on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Weights {
    /// For each field the chance of each level among pairs that are one person, index 0 unused.
    matching: Vec<Vec<f64>>,
    /// The same among random pairs.
    random: Vec<Vec<f64>>,
    /// Share of pairs that are one person.
    prior: f64,
    /// Pairs of one household for each random pair.
    household: f64,
    /// How far the shares of names are known: 0 not at all, 1 wholly.
    names_known: f64,
}

/// Why a pair has its weight: bits that add up to it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct StoredEvidence {
    /// What is said of any two members.
    pub(crate) prior: f64,
    /// For each field the level of agreement and its bits.
    pub(crate) fields: Vec<(u8, f64)>,
    /// What is taken away because they may be two of one household; never above 0.
    pub(crate) household: f64,
}

impl StoredEvidence {
    /// Log2 of the odds that both are one person.
    pub(crate) fn weight(&self) -> f64 {
        self.prior + self.fields.iter().map(|(_, bits)| bits).sum::<f64>() + self.household
    }
}

/// Scores pairs of some members.
pub(super) struct Scorer {
    pub(super) persons: Persons,
    weights: Weights,
    families: Frequencies,
    given: Frequencies,
}

impl Scorer {
    pub(super) fn new(persons: Persons, weights: Weights) -> Self {
        let shares = |number: fn(&super::persons::Person) -> u32| {
            let known =
                persons.all.iter().map(|person| Some(number(person)).filter(|number| *number != NO_TEXT));
            Frequencies::new(&known.collect::<Vec<_>>())
        };
        let (families, given) = (shares(|person| person.family), shares(|person| person.written));
        Self { persons, weights, families, given }
    }

    /// What speaks for and against two members being one person.
    pub(super) fn evidence(&self, left: usize, right: usize) -> StoredEvidence {
        let pattern = compare(&self.persons, left, right);
        let fields: Vec<(u8, f64)> =
            (0..LEVELS.len()).map(|field| (pattern.level(field), self.bits(field, pattern, left))).collect();
        let prior = (self.weights.prior / (1.0 - self.weights.prior)).log2();
        let household = self.household_bits(pattern, &fields);
        StoredEvidence { prior, fields, household }
    }

    fn bits(&self, field: usize, pattern: Pattern, left: usize) -> f64 {
        let level = usize::from(pattern.level(field));
        if pattern.level(field) == MISSING {
            return 0.0;
        }
        let (matching, random) = (&self.weights.matching[field], &self.weights.random[field]);
        let bits = (matching[level] / random[level]).log2();
        let person = &self.persons.all[left];
        let (frequencies, number) = match field {
            FAMILY => (&self.families, person.family),
            GIVEN => (&self.given, person.written),
            _ => return bits,
        };
        if pattern.level(field) < LEVELS[field] || number == NO_TEXT {
            return bits;
        }
        // Agreement on a rare name counts for more.
        let rarity = frequencies.adjustment(number, random[level], NAME_SHARE_MIN);
        bits + self.weights.names_known * rarity
    }

    /// What speaks against one person because the two may live together. What households share agrees as in one person's
    /// records; what is each person's own agrees by chance, but for the birthday of twins.
    fn household_bits(&self, pattern: Pattern, fields: &[(u8, f64)]) -> f64 {
        let shared = [FAMILY, PHONE, EMAIL].iter().map(|field| fields[*field].1).sum();
        let twins = if pattern.level(BIRTH) == LEVELS[BIRTH] {
            let by_chance = self.weights.random[BIRTH][usize::from(LEVELS[BIRTH])];
            TWINS.max(by_chance) / by_chance
        } else {
            1.0
        };
        household_bits(self.weights.household, shared, twins)
    }
}

impl Weights {
    /// Learns from the members what agreement is worth, and from what is assumed where they say too little.
    pub(super) fn learn(persons: &Persons, blocking: &Blocking) -> Self {
        let members = real(persons.all.len());
        let pairs = (members * (members - 1.0) / 2.0).max(1.0);
        let learnt = if persons.all.len() < 2 { None } else { learn(persons, blocking, pairs) };
        let matches = learnt.as_ref().map_or(0.0, |model| model.prior * pairs);
        let seen = learnt.as_ref().map_or(0.0, |_| pairs.min(f64::from(RANDOM_PAIRS)));
        let of = |which: fn(&Field) -> &[f64], assumed: [&[f64]; 5], count: f64, weight: f64| {
            let learnt = |field: usize| learnt.as_ref().map(|model| which(&model.fields[field]));
            let fields = assumed.iter().enumerate();
            fields.map(|(field, assumed)| blend(learnt(field), count, assumed, weight)).collect()
        };
        let duplicates = (matches + DUPLICATES_PER_MEMBER * ASSUMED_MEMBERS) / (members + ASSUMED_MEMBERS);
        Self {
            matching: of(|field| &field.matching, MATCHING, matches, ASSUMED_MATCHES),
            random: of(|field| &field.random, RANDOM, seen, ASSUMED_PAIRS),
            prior: (duplicates * members / pairs).clamp(f64::MIN_POSITIVE, 0.5),
            household: HOUSEHOLD_PAIRS_PER_MEMBER * members / pairs,
            names_known: members / (members + ASSUMED_MEMBERS),
        }
    }
}

/// Chances of each level, index 0 unused: what was learnt from so many cases, and what is assumed as if from others.
fn blend(learnt: Option<&[f64]>, count: f64, assumed: &[f64], weight: f64) -> Vec<f64> {
    let level = |(level, assumed): (usize, &f64)| {
        let learnt = learnt.and_then(|chances| chances.get(level + 1)).unwrap_or(&0.0);
        (count * learnt + weight * assumed) / (count + weight)
    };
    std::iter::once(0.0).chain(assumed.iter().enumerate().map(level)).collect()
}

/// What the members say; none where they say nothing.
fn learn(persons: &Persons, blocking: &Blocking, pairs: f64) -> Option<Model> {
    let count = persons.all.len();
    let mut random = Random::new(SEED);
    let mut draw = |below: usize| usize::try_from(random.below(below as u64)).unwrap_or(0);
    let mut by_chance = Tally::default();
    for _ in 0..RANDOM_PAIRS {
        let left = draw(count);
        // One of the others, each equally likely.
        let right = (left + 1 + draw(count - 1)) % count;
        by_chance.add(compare(persons, left.min(right), left.max(right)));
    }
    let tallies: Vec<Tally> = (0..LEARNT_FROM)
        .map(|rule| {
            let mut tally = Tally::default();
            blocking.for_each_pair_of(rule, |left, right| tally.add(compare(persons, left, right)));
            tally
        })
        .collect();
    let filled = tallies.iter().zip(HELD).filter(|(tally, _)| tally.pairs() > 0);
    let blocks: Vec<Block<'_>> = filled.map(|(tally, held)| Block { tally, held }).collect();
    Model::learn(&LEVELS, &by_chance, &blocks, pairs).ok()
}

/// The weight, in thousandths of a bit, from which a pair has a probability.
pub(crate) fn millibits(weight: f64) -> i64 {
    // Weights lie within a few hundred bits.
    #[expect(clippy::cast_possible_truncation, reason = "far within the range")]
    let thousandths = (weight * 1_000.0).round() as i64;
    thousandths
}

/// The probability behind a weight in thousandths of a bit.
pub(crate) fn probability_of(millibits: i64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "weights are small")]
    let bits = millibits as f64 / 1_000.0;
    probability(bits)
}

/// The weight in thousandths of a bit behind a probability between 0 and 1.
pub(crate) fn millibits_of(share: f64) -> i64 {
    millibits((share / (1.0 - share)).log2())
}

#[expect(clippy::cast_precision_loss, reason = "there are fewer than 2^53 members")]
fn real(count: usize) -> f64 {
    count as f64
}
