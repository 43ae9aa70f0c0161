//! Documents against entries: the same set, once as rows under their natural keys, once inside the entries.

use std::collections::BTreeMap;

use domain::document::DocumentKey;
use domain::ids::EntryId;
use store::{Reader, StoreError};

use super::Found;
use super::account::{KnownDocument, Tally, document_of};
use super::multiset::{Buckets, Multiset};

const PAGE_DOCUMENTS: u32 = 5_000;
const PAGE_ENTRIES: u32 = 2_000;

/// Where a document leads to, by key: as rows say, and as entries say.
type Sides = BTreeMap<DocumentKey, (Option<String>, Option<String>)>;

/// Compares all documents with what the entries hold.
pub(super) async fn compare(reader: &mut Reader, found: &mut Found, tally: &Tally) -> Result<(), StoreError> {
    let mut rows = Multiset::default();
    each_row(reader, |document| rows.add(&document)).await?;
    let Some(buckets) = tally.documents.differing(&rows) else { return Ok(()) };
    for (key, (row, entry)) in sides(reader, &buckets).await? {
        if row != entry {
            let (source, reference) = (&key.source, &key.reference);
            let missing = |side: &str| format!("no {side} of document {source} {reference}");
            let expected = entry.unwrap_or_else(|| missing("entry"));
            found.whole("documents", expected, row.unwrap_or_else(|| missing("row")));
        }
    }
    Ok(())
}

/// Reads both sides again, keeping only what falls into buckets that differ.
async fn sides(reader: &mut Reader, buckets: &Buckets) -> Result<Sides, StoreError> {
    let mut sides = Sides::new();
    each_row(reader, |document| {
        if buckets.contain(&document) {
            let words = words(&document);
            sides.entry(document.0).or_default().0 = Some(words);
        }
    })
    .await?;
    let mut after: Option<EntryId> = None;
    loop {
        let page = reader.all_entries(after, PAGE_ENTRIES).await?;
        let Some(last) = page.last() else { return Ok(sides) };
        after = Some(last.id);
        for document in page.iter().filter_map(document_of).filter(|document| buckets.contain(document)) {
            let words = words(&document);
            sides.entry(document.0).or_default().1 = Some(words);
        }
    }
}

fn words((key, entry, fingerprint): &KnownDocument) -> String {
    let print = u128::from_be_bytes(*fingerprint);
    format!("document {} {} in {entry}, fingerprint {print:032x}", key.source, key.reference)
}

async fn each_row(reader: &mut Reader, mut take: impl FnMut(KnownDocument)) -> Result<(), StoreError> {
    let mut after: Option<DocumentKey> = None;
    loop {
        let page = reader.all_documents(after.as_ref(), PAGE_DOCUMENTS).await?;
        let Some((last, _)) = page.last() else { return Ok(()) };
        after = Some(last.clone());
        for (key, stored) in page {
            take((key, stored.entry, stored.fingerprint));
        }
    }
}
