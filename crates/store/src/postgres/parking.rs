//! Returns that wait for their purchase, on PostgreSQL. Who records a purchase looks for returns that wait for it, and
//! who parks a return has looked for its purchase; at the same moment neither would see the other, and the return
//! would wait for ever. So they take turns: purchases are recorded side by side, a return is parked alone.

use domain::document::DocumentKey;
use tokio_postgres::Row;

use super::lane::Run;
use super::load::{by_document, documents, take_documents};
use crate::rows;
use crate::{Keys, Resolved, StoreError};

/// The advisory lock of the turns, free again when the transaction ends.
const PARKING_LOCK: i64 = 0x7065_7270_6172_6b00;

/// The purchases whose waiting returns can be looked for at once: those of a batch without returns.
pub(super) fn awaited_at_once(keys: &Keys) -> &[DocumentKey] {
    if keys.purchases_returned.is_empty() { &keys.purchases_awaited } else { &[] }
}

/// Waits until nobody parks returns, if the batch records purchases and has no returns itself.
pub(super) async fn turn_of_purchases(run: &Run<'_>, keys: &Keys) -> Result<(), StoreError> {
    if awaited_at_once(keys).is_empty() {
        return Ok(());
    }
    run.execute("share_parking", &run.statements.share_parking, &[&PARKING_LOCK]).await.map(|_| ())
}

/// The returns that wait for purchases.
pub(super) async fn waiting(run: &Run<'_>, keys: &[DocumentKey]) -> Result<Vec<Row>, StoreError> {
    by_document(run, "read_waiting", &run.statements.read_waiting, keys).await
}

pub(super) fn take_waiting(waiting: &[Row], resolved: &mut Resolved) -> Result<(), StoreError> {
    for row in waiting {
        let parked = rows::parked_return(row, 0)?;
        resolved.waiting.entry(parked.document.purchase.clone()).or_default().push(parked);
    }
    Ok(())
}

/// The turn of a batch with returns, and whether it may park: alone if the purchase of one is neither there nor in
/// the batch, and then the documents are read again, since it may have come while the batch waited. Taken before
/// any account is locked, so that no two batches wait for each other.
pub(super) async fn resolve_with_returns(
    run: &Run<'_>,
    keys: &Keys,
    resolved: &mut Resolved,
) -> Result<bool, StoreError> {
    if keys.purchases_returned.is_empty() {
        return Ok(false);
    }
    let absent =
        |key: &DocumentKey| !resolved.documents.contains_key(key) && !keys.purchases_awaited.contains(key);
    let may_park = keys.purchases_returned.iter().any(absent);
    if may_park {
        run.execute("lock_parking", &run.statements.lock_parking, &[&PARKING_LOCK]).await?;
        take_documents(&documents(run, &keys.documents).await?, resolved)?;
    } else if !keys.purchases_awaited.is_empty() {
        run.execute("share_parking", &run.statements.share_parking, &[&PARKING_LOCK]).await?;
    }
    take_waiting(&waiting(run, &keys.purchases_awaited).await?, resolved)?;
    Ok(may_park)
}
