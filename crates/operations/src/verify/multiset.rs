//! Comparing two large sets read in different orders, in fixed memory: each element adds a hash to one of a few
//! thousand sums. Where two sums differ, only the elements of those need to be looked at one by one.

use std::hash::{DefaultHasher, Hash, Hasher};

const BUCKETS: usize = 4_096;

/// Sums of hashes of elements.
#[derive(Debug, Clone)]
pub(super) struct Multiset {
    sums: Vec<u64>,
    count: u64,
}

impl Default for Multiset {
    fn default() -> Self {
        Self { sums: vec![0; BUCKETS], count: 0 }
    }
}

impl Multiset {
    /// Adds an element.
    pub(super) fn add(&mut self, element: &impl Hash) {
        let hash = hash(element);
        let sum = &mut self.sums[bucket(hash)];
        *sum = sum.wrapping_add(hash);
        self.count += 1;
    }

    /// Adds all elements of another one.
    pub(super) fn append(&mut self, other: &Self) {
        for (sum, more) in self.sums.iter_mut().zip(&other.sums) {
            *sum = sum.wrapping_add(*more);
        }
        self.count += other.count;
    }

    /// Elements added.
    pub(super) fn count(&self) -> u64 {
        self.count
    }

    /// Which buckets differ; `None` if the two hold the same.
    pub(super) fn differing(&self, other: &Self) -> Option<Buckets> {
        let differs: Vec<bool> = self.sums.iter().zip(&other.sums).map(|(a, b)| a != b).collect();
        differs.contains(&true).then_some(Buckets(differs))
    }
}

/// Some of the buckets.
#[derive(Debug, Clone)]
pub(super) struct Buckets(Vec<bool>);

impl Buckets {
    /// Whether an element falls into one of them.
    pub(super) fn contain(&self, element: &impl Hash) -> bool {
        self.0[bucket(hash(element))]
    }
}

/// Without random keys, so that the same element has the same hash on both sides.
fn hash(element: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    element.hash(&mut hasher);
    hasher.finish()
}

fn bucket(hash: u64) -> usize {
    // Less than 4,096.
    usize::try_from(hash >> 52).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::Multiset;

    fn of(elements: impl Iterator<Item = u32>) -> Multiset {
        let mut multiset = Multiset::default();
        elements.for_each(|element| multiset.add(&element));
        multiset
    }

    #[test]
    fn order_does_not_matter_and_every_change_does() {
        let all = of(0..10_000);
        assert!(all.differing(&of((0..10_000).rev())).is_none());
        let less = of((0..10_000).filter(|element| *element != 77));
        let buckets = all.differing(&less).expect("one is missing");
        assert!(buckets.contain(&77_u32));
        assert!((0..10_000_u32).filter(|element| buckets.contain(element)).count() < 50);
        assert!(all.differing(&of((0..10_000).chain([5]))).is_some());
    }
}
