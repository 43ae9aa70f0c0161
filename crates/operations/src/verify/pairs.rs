//! Changes that span two accounts: both entries of a pair are there, name each other and say the same.

use std::collections::BTreeMap;

use domain::ids::EntryId;
use domain::ledger::{Entry, Fact, Membership};
use store::{Fingerprint, Reader, StoreError};

use super::Found;
use super::account::Tally;
use super::multiset::Buckets;
use crate::fingerprint::fingerprint;

const PAGE_ENTRIES: u32 = 2_000;

/// One half of a pair: the lower entry id, the higher one, and what both halves must say.
pub(super) type Half = (EntryId, EntryId, Fingerprint);

/// The half that an entry is, and whether it is the lower one.
pub(super) fn half_of(entry: &Entry) -> Option<(bool, Half)> {
    let (counterpart, said) = match &entry.fact {
        Fact::TransferOffered { offer, counterpart } => (counterpart, fingerprint(&(offer, "offered"))),
        Fact::PointsTransferred { offer, counterpart, parts } => (counterpart, fingerprint(&(offer, parts))),
        Fact::TransferEnded { offer, counterpart, end } => (counterpart, fingerprint(&(offer, end))),
        Fact::MembersMerged { merge, reason, moved, carried } => {
            (&merge.counterpart, fingerprint(&(merge.absorbed, merge.into, reason, moved, carried)))
        }
        Fact::PointsForwarded { merge, moved, carried } => {
            (&merge.counterpart, fingerprint(&(merge.absorbed, merge.into, moved, carried)))
        }
        Fact::MergeUndone { merge, reason, moved, carried } => {
            (&merge.counterpart, fingerprint(&(merge.absorbed, merge.into, reason, moved, carried, "undone")))
        }
        Fact::HouseholdJoined { membership, may_spend, moved } => {
            let Membership { member, household, counterpart } = membership;
            (counterpart, fingerprint(&(member, household, may_spend, moved)))
        }
        Fact::HouseholdLeft { membership, moved } => {
            let Membership { member, household, counterpart } = membership;
            (counterpart, fingerprint(&(member, household, moved, "left")))
        }
        Fact::PointsPooled { membership, moved } => {
            let Membership { member, household, counterpart } = membership;
            (counterpart, fingerprint(&(member, household, moved, "pooled")))
        }
        _ => return None,
    };
    let (low, high) = (entry.id.min(*counterpart), entry.id.max(*counterpart));
    // Facts always have a JSON form.
    Some((entry.id == low, (low, high, said.unwrap_or_default())))
}

/// Compares the lower halves with the higher ones.
pub(super) async fn compare(reader: &mut Reader, found: &mut Found, tally: &Tally) -> Result<(), StoreError> {
    let Some(buckets) = tally.lower_halves.differing(&tally.higher_halves) else { return Ok(()) };
    for (half, (lower, higher)) in sides(reader, &buckets).await? {
        if lower != higher {
            let (low, high, _) = half;
            let account = Some(if lower { high } else { low }.account_id);
            let expected = format!("{low} and {high}, which name each other and say the same");
            found.on(account, "pairs", expected, format!("{} alone", if lower { low } else { high }));
        }
    }
    Ok(())
}

/// Reads all halves again, keeping only what falls into buckets that differ.
async fn sides(reader: &mut Reader, buckets: &Buckets) -> Result<BTreeMap<Half, (bool, bool)>, StoreError> {
    let mut sides: BTreeMap<Half, (bool, bool)> = BTreeMap::new();
    let mut after: Option<EntryId> = None;
    loop {
        let page = reader.all_entries(after, PAGE_ENTRIES).await?;
        let Some(last) = page.last() else { return Ok(sides) };
        after = Some(last.id);
        for (lower, half) in page.iter().filter_map(half_of).filter(|(_, half)| buckets.contain(half)) {
            let side = sides.entry(half).or_default();
            if lower { side.0 = true } else { side.1 = true }
        }
    }
}
