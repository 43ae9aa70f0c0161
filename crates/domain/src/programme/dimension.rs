//! One dimension of the index (channel, category, tier …): from a value to the rules that ask for it and the
//! rules that refuse it.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use super::rule_set::RuleSet;

/// The rules of one dimension by value.
#[derive(Debug, Clone, Default)]
pub(super) struct Dimension {
    /// Rules that ask for no particular value: those that pass where no value is named by any rule.
    any: RuleSet,
    values: HashMap<Box<str>, Sides, BuildHasherDefault<TextHasher>>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Sides {
    asked: RuleSet,
    refused: RuleSet,
    /// The rules that pass for something with this value alone.
    pass: RuleSet,
}

impl Dimension {
    /// Adds a rule with the values it asks for (none: any) and those it refuses.
    pub(super) fn add<T: AsRef<str>>(&mut self, rule: usize, asked: &[T], refused: &[T]) {
        if asked.is_empty() {
            self.any.insert(rule);
        }
        for value in asked {
            self.values.entry(value.as_ref().into()).or_default().asked.insert(rule);
        }
        for value in refused {
            self.values.entry(value.as_ref().into()).or_default().refused.insert(rule);
        }
    }

    /// Makes all given rules refuse a value.
    pub(super) fn refuse(&mut self, value: &str, rules: &RuleSet) {
        let sides = self.values.entry(value.into()).or_default();
        sides.refused = sides.refused.or(rules);
    }

    /// Works out what passes for each value, once all rules are in.
    pub(super) fn finish(&mut self) {
        for sides in self.values.values_mut() {
            sides.pass = self.any.or(&sides.asked).and_not(&sides.refused);
        }
    }

    /// Whether no rule names a value, so that every rule passes.
    pub(super) fn is_unused(&self) -> bool {
        self.values.is_empty()
    }

    /// The rules that pass for something with this one value, or with none.
    pub(super) fn pass_one(&self, value: Option<&str>) -> &RuleSet {
        value.and_then(|value| self.values.get(value)).map_or(&self.any, |sides| &sides.pass)
    }

    /// The rules that pass for something with these values.
    pub(super) fn pass<'a>(&self, values: impl IntoIterator<Item = &'a str>) -> RuleSet {
        let mut values = values.into_iter();
        let first = values.next();
        let Some(second) = values.next() else { return *self.pass_one(first) };
        let mut asked = self.any;
        let mut refused = RuleSet::EMPTY;
        for value in first.into_iter().chain([second]).chain(values) {
            if let Some(sides) = self.values.get(value) {
                asked = asked.or(&sides.asked);
                refused = refused.or(&sides.refused);
            }
        }
        asked.and_not(&refused)
    }
}

/// A fast hash of short texts: multiply and rotate over words of eight bytes, the last of which may overlap the
/// one before. The keys of these maps come from the programme alone, so nobody outside can fill a map with
/// colliding keys.
#[derive(Default)]
pub(super) struct TextHasher(u64);

const MULTIPLIER: u64 = 0x517c_c1b7_2722_0a95;

impl TextHasher {
    #[inline]
    fn mix(&mut self, word: u64) {
        self.0 = (self.0.rotate_left(5) ^ word).wrapping_mul(MULTIPLIER);
    }
}

impl Hasher for TextHasher {
    #[inline]
    fn write(&mut self, bytes: &[u8]) {
        self.mix(bytes.len() as u64);
        if let Some(last) = bytes.last_chunk::<8>() {
            for word in bytes.as_chunks::<8>().0 {
                self.mix(u64::from_le_bytes(*word));
            }
            self.mix(u64::from_le_bytes(*last));
        } else if let (Some(first), Some(last)) = (bytes.first_chunk::<4>(), bytes.last_chunk::<4>()) {
            self.mix(u64::from(u32::from_le_bytes(*first)) << 32 | u64::from(u32::from_le_bytes(*last)));
        } else {
            self.mix(bytes.iter().fold(0, |word, byte| word << 8 | u64::from(*byte)));
        }
    }

    /// The end mark of a text; its length is mixed in already.
    #[inline]
    fn write_u8(&mut self, _: u8) {}

    #[inline]
    fn finish(&self) -> u64 {
        // The table takes its bucket from the low bits, the multiplication leaves the best ones at the top.
        self.0.rotate_left(26)
    }
}
