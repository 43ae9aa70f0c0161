//! How a pair of records agrees, field by field, in one word, and how often each pattern was seen. There are few
//! patterns however many pairs, so a model is learnt from counts and not from pairs.

use std::collections::BTreeMap;

/// The level of a field that either record lacks: no evidence either way.
pub const MISSING: u8 = 0;
/// The level of a field in which the records differ.
pub const DIFFERS: u8 = 1;
/// Most fields a pattern holds, and the highest level of each.
pub const FIELDS_MAX: usize = 16;
/// The highest level of agreement that can be told apart.
pub const LEVEL_MAX: u8 = 15;

/// A level for each field: [`MISSING`], [`DIFFERS`], and above that the closer the higher.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Pattern(u64);

impl Pattern {
    /// The pattern with one field's level set; fields from 0 below [`FIELDS_MAX`], levels up to [`LEVEL_MAX`].
    /// Beyond those the pattern is returned unchanged.
    #[must_use]
    pub fn with(self, field: usize, level: u8) -> Self {
        if field >= FIELDS_MAX || level > LEVEL_MAX {
            return self;
        }
        let shift = field * 4;
        Self(self.0 & !(0xf << shift) | u64::from(level) << shift)
    }

    /// The level of a field.
    pub fn level(self, field: usize) -> u8 {
        // Four bits always fit a byte.
        u8::try_from(self.0 >> (field.min(FIELDS_MAX - 1) * 4) & 0xf).unwrap_or(MISSING)
    }
}

/// The level of a likeness: one above [`DIFFERS`] for each bound it reaches, bounds ascending.
pub fn level(likeness: f64, bounds: &[f64]) -> u8 {
    let reached = bounds.iter().take_while(|bound| likeness >= **bound).count();
    u8::try_from(reached).map_or(LEVEL_MAX, |reached| (DIFFERS + reached).min(LEVEL_MAX))
}

/// How often each pattern was seen.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    counts: BTreeMap<Pattern, u64>,
}

impl Tally {
    /// Counts one pair.
    pub fn add(&mut self, pattern: Pattern) {
        *self.counts.entry(pattern).or_default() += 1;
    }

    /// Patterns with their counts, in a fixed order.
    pub fn iter(&self) -> impl Iterator<Item = (Pattern, f64)> {
        #[expect(clippy::cast_precision_loss, reason = "counts of pairs are below 2^53")]
        self.counts.iter().map(|(pattern, count)| (*pattern, *count as f64))
    }

    /// Number of pairs counted.
    pub fn pairs(&self) -> u64 {
        self.counts.values().sum()
    }

    /// Number of patterns told apart.
    pub fn patterns(&self) -> usize {
        self.counts.len()
    }
}

#[cfg(test)]
mod tests {
    use super::{DIFFERS, MISSING, Pattern, Tally, level};

    #[test]
    fn levels_are_kept_field_by_field() {
        let pattern = Pattern::default().with(0, 3).with(15, 15).with(7, 1).with(0, 2);
        assert_eq!([0, 7, 15, 3].map(|field| pattern.level(field)), [2, 1, 15, MISSING]);
        assert_eq!(pattern.with(16, 1), pattern);
        assert_eq!(pattern.with(1, 16), pattern);
    }

    #[test]
    fn a_likeness_reaches_the_level_of_its_bound() {
        let bounds = [0.8, 0.9, 1.0];
        for (likeness, expected) in [(0.5, DIFFERS), (0.8, 2), (0.95, 3), (1.0, 4)] {
            assert_eq!(level(likeness, &bounds), expected, "{likeness}");
        }
    }

    #[test]
    fn a_tally_counts_pairs_by_pattern() {
        let mut tally = Tally::default();
        for level in [1, 1, 2] {
            tally.add(Pattern::default().with(0, level));
        }
        assert_eq!((tally.pairs(), tally.patterns()), (3, 2));
    }
}
