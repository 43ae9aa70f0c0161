//! Audiences in memory: for each segment a compressed set of member numbers, by the version it was read in.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, PoisonError, RwLock};

use domain::code::Code;
use domain::ids::AccountId;
use domain::operation::AudiencePlace;
use roaring::RoaringBitmap;
use store::{AudienceSet, InSegment, Reader, StoreError};

/// The members of a segment, by their numbers.
#[derive(Debug, Clone, PartialEq)]
struct Members {
    version: u64,
    numbers: Arc<RoaringBitmap>,
}

/// All audiences as they stood at one moment.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Audiences {
    by_segment: BTreeMap<Code, Members>,
}

impl Audiences {
    pub(crate) fn is_empty(&self) -> bool {
        self.by_segment.is_empty()
    }

    /// The version of each, so that only what changed is read.
    pub(crate) fn versions(&self) -> HashMap<Code, u64> {
        self.by_segment.iter().map(|(segment, members)| (*segment, members.version)).collect()
    }

    /// Adds the segments whose audience has one of some numbers in it, but for those that the member declines.
    pub(crate) fn add_segments(&self, numbers: &[u32], declined: &[Code], segments: &mut Vec<Code>) {
        for place in self.places(numbers, declined) {
            if place.inside && !segments.contains(&place.segment) {
                segments.push(place.segment);
            }
        }
    }

    /// Where a member of some numbers stands with each audience, in order of the segments. Nobody is in an audience
    /// that they decline, whatever its set says.
    pub(crate) fn places(&self, numbers: &[u32], declined: &[Code]) -> Vec<AudiencePlace> {
        let place = |(segment, members): (&Code, &Members)| AudiencePlace {
            segment: *segment,
            version: members.version,
            inside: !declined.contains(segment)
                && numbers.iter().any(|number| members.numbers.contains(*number)),
        };
        self.by_segment.iter().map(place).collect()
    }

    /// What was found, with the sets that are known in that version already.
    fn renewed(&self, found: Vec<AudienceSet>) -> Result<Self, StoreError> {
        let mut by_segment = BTreeMap::new();
        for AudienceSet { segment, version, members } in found {
            let numbers = if let Some(bytes) = members {
                Arc::new(read_set(&bytes)?)
            } else {
                let known = self.by_segment.get(&segment).filter(|known| known.version == version);
                let missing = || StoreError::Corrupt(format!("audience {segment} was read without its set"));
                known.ok_or_else(missing)?.numbers.clone()
            };
            by_segment.insert(segment, Members { version, numbers });
        }
        Ok(Self { by_segment })
    }
}

/// The newest sets that this process has read.
#[derive(Debug, Default)]
pub(crate) struct AudienceCache {
    latest: RwLock<Arc<Audiences>>,
}

impl AudienceCache {
    /// The newest sets. The lock is held only to copy the pointer.
    pub(crate) fn latest(&self) -> Arc<Audiences> {
        self.latest.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The sets that were found, given those that were known when they were asked for; keeps them for whoever comes next.
    /// A snapshot may have found older ones: they are used, and not kept.
    pub(crate) fn take(
        &self,
        known: &Arc<Audiences>,
        found: Vec<AudienceSet>,
    ) -> Result<Arc<Audiences>, StoreError> {
        let as_known = |set: &AudienceSet| {
            set.members.is_none()
                && known.by_segment.get(&set.segment).is_some_and(|members| members.version == set.version)
        };
        if found.iter().all(as_known) {
            return Ok(known.clone());
        }
        let renewed = Arc::new(known.renewed(found)?);
        let mut latest = self.latest.write().unwrap_or_else(PoisonError::into_inner);
        let newer = |(segment, members): (&Code, &Members)| {
            latest.by_segment.get(segment).is_none_or(|kept| kept.version <= members.version)
        };
        if renewed.by_segment.iter().all(newer) {
            *latest = renewed.clone();
        }
        Ok(renewed)
    }

    /// The sets as a reader sees them.
    pub(crate) async fn read(&self, reader: &mut Reader) -> Result<Arc<Audiences>, StoreError> {
        let known = self.latest();
        let found = reader.audience_sets(&known.versions()).await?;
        self.take(&known, found)
    }

    /// The segments whose audiences a member is in, as a reader sees them; `ids` are the member's account and those that
    /// were merged into it.
    pub(crate) async fn segments_of(
        &self,
        reader: &mut Reader,
        ids: &[AccountId],
    ) -> Result<Vec<Code>, StoreError> {
        let audiences = self.read(reader).await?;
        let mut segments = Vec::new();
        if !audiences.is_empty() {
            let numbers: Vec<u32> = reader.member_numbers(ids).await?.into_values().collect();
            let declined = reader.declined_segments(ids).await?;
            audiences.add_segments(&numbers, &declined, &mut segments);
        }
        Ok(segments)
    }

    /// Who is in a segment, as a reader sees it, in the words of a list of members.
    pub(crate) async fn in_segment(
        &self,
        reader: &mut Reader,
        segment: Code,
    ) -> Result<InSegment, StoreError> {
        let mut found = InSegment::by_profile(segment);
        let audiences = self.read(reader).await?;
        let Some(members) = audiences.by_segment.get(&segment).filter(|members| !members.numbers.is_empty())
        else {
            return Ok(found);
        };
        found.numbers = bits(&members.numbers);
        // Whoever goes on after a merge stands in for all accounts that came to them, in what they are and what they decline.
        let merged: HashMap<AccountId, AccountId> = reader.merged_accounts().await?.into_iter().collect();
        let goes_on = |account: &AccountId| {
            let into = |account: &AccountId| merged.get(account).copied();
            std::iter::successors(into(account), into).last()
        };
        let all: Vec<AccountId> = merged.keys().copied().collect();
        let numbers = reader.member_numbers(&all).await?;
        let inside = numbers.iter().filter(|(_, number)| members.numbers.contains(**number));
        found.also = inside.filter_map(|(account, _)| goes_on(account)).collect();
        let declining = reader.declining(segment, &all).await?;
        found.except = declining.iter().filter_map(goes_on).chain(all.iter().copied()).collect();
        Ok(found)
    }
}

/// A set as one bit for each number up to its highest, eight in a byte, the lowest first.
fn bits(set: &RoaringBitmap) -> Vec<u8> {
    let bytes = set.max().map_or(0, |highest| highest as usize / 8 + 1);
    let mut bits = vec![0; bytes];
    for number in set {
        bits[number as usize / 8] |= 1 << (number % 8);
    }
    bits
}

/// A set in the bytes that the store keeps: the portable Roaring format.
pub(crate) fn read_set(bytes: &[u8]) -> Result<RoaringBitmap, StoreError> {
    if bytes.is_empty() {
        return Ok(RoaringBitmap::new());
    }
    RoaringBitmap::deserialize_from(bytes)
        .map_err(|cause| StoreError::Corrupt(format!("the set of an audience: {cause}")))
}

/// The bytes of a set.
pub(crate) fn write_set(set: &RoaringBitmap) -> Result<Vec<u8>, StoreError> {
    let mut bytes = Vec::with_capacity(set.serialized_size());
    set.serialize_into(&mut bytes)
        .map_err(|cause| StoreError::Corrupt(format!("the set of an audience: {cause}")))?;
    Ok(bytes)
}

/// How a set differs from the one it replaces.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Difference {
    /// Members that were not in the set before.
    pub(crate) entered: u64,
    /// Members of the set before that are not in this one.
    pub(crate) gone: u64,
    /// Members whose entry or exit may still have to be told, those of earlier versions among them.
    pub(crate) untold: RoaringBitmap,
}

/// What replacing one set by another changes. `untold` are those of whom the change before has not been told yet: whether
/// they changed in the end shows when they are told.
pub(crate) fn difference(
    before: &RoaringBitmap,
    after: &RoaringBitmap,
    untold: &RoaringBitmap,
) -> Difference {
    Difference {
        entered: after.difference_len(before),
        gone: before.difference_len(after),
        untold: (before ^ after) | untold,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::collections::BTreeSet;

    use domain::code::Code;
    use proptest::prelude::*;
    use roaring::RoaringBitmap;
    use store::AudienceSet;

    use super::{AudienceCache, bits, difference, read_set, write_set};

    fn set(numbers: &BTreeSet<u32>) -> RoaringBitmap {
        numbers.iter().copied().collect()
    }

    fn found(version: u64, numbers: &[u32]) -> AudienceSet {
        let members = write_set(&numbers.iter().copied().collect()).unwrap();
        AudienceSet { segment: Code::new("parents").unwrap(), version, members: Some(members) }
    }

    proptest! {
        // Numbers close together, so that sets overlap and one container becomes dense, and some far apart.
        #[test]
        fn replacing_a_set_counts_and_tells_as_plain_sets_do(
            versions in prop::collection::vec(
                prop::collection::btree_set(prop_oneof![0_u32..6_000, any::<u32>()], 0..400), 1..8),
            told_at in prop::collection::vec(any::<bool>(), 8),
        ) {
            let (mut before, mut untold) = (BTreeSet::new(), BTreeSet::new());
            let mut stored = (Vec::new(), Vec::new());
            let mut told = BTreeSet::new();
            for (after, tell) in versions.iter().zip(told_at) {
                let (old, waiting) = (read_set(&stored.0).unwrap(), read_set(&stored.1).unwrap());
                let change = difference(&old, &set(after), &waiting);
                untold.extend(before.symmetric_difference(after).copied());
                prop_assert_eq!(change.entered, after.difference(&before).count() as u64);
                prop_assert_eq!(change.gone, before.difference(after).count() as u64);
                prop_assert_eq!(&change.untold, &set(&untold));
                // Everybody of whom the feed tells something else than the set is among those still to be told.
                prop_assert!(told.symmetric_difference(after).all(|number| change.untold.contains(*number)));
                if tell {
                    told.clone_from(after);
                    untold.clear();
                }
                stored = (write_set(&set(after)).unwrap(), write_set(&set(&untold)).unwrap());
                before.clone_from(after);
            }
            prop_assert_eq!(read_set(&stored.0).unwrap(), set(&before));
        }
    }

    #[test]
    fn what_is_known_in_its_version_is_not_read_again_and_nothing_older_is_kept() {
        let cache = AudienceCache::default();
        let nothing = cache.latest();
        let first = cache.take(&nothing, vec![found(1, &[7])]).unwrap();
        assert!(first.places(&[7], &[])[0].inside);
        let known = AudienceSet { members: None, ..found(1, &[]) };
        assert_eq!(cache.take(&first, vec![known.clone()]).unwrap(), first);

        let second = cache.take(&first, vec![found(2, &[8])]).unwrap();
        assert!(!second.places(&[7], &[])[0].inside && second.places(&[7, 8], &[])[0].inside);
        assert!(
            !second.places(&[8], &[Code::new("parents").unwrap()])[0].inside,
            "nobody is in what they decline"
        );
        let older = cache.take(&second, vec![found(1, &[7])]).unwrap();
        assert_eq!(older.places(&[7], &[]), first.places(&[7], &[]), "a snapshot sees what it saw");
        assert_eq!(cache.latest(), second);
        assert!(cache.take(&second, vec![known]).is_err(), "a version without its set that is not known");
    }

    #[test]
    fn bits_are_counted_from_the_lowest_of_the_first_byte() {
        assert_eq!(bits(&[0, 7, 8, 18].into_iter().collect()), [0b1000_0001, 1, 0b100]);
        assert!(bits(&roaring::RoaringBitmap::new()).is_empty());
    }

    #[test]
    fn bytes_that_are_no_set_are_refused() {
        assert!(read_set(b"no set at all").is_err());
        assert!(read_set(&[]).unwrap().is_empty());
    }
}
