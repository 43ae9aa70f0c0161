//! A recorded document by its natural key: what was recorded, and what of it has come back.

use domain::document::DocumentKey;
use domain::ledger::{Entry, ReturnProgress};
use domain::refusal::Refusal;

use crate::engine::Engine;
use crate::error::OperationError;

/// A document as the ledger keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentView {
    /// The entry that recorded it.
    pub entry: Entry,
    /// What has come back, if it is a purchase.
    pub returned: ReturnProgress,
}

impl Engine {
    /// The document with a natural key.
    pub async fn view_document(&self, key: &DocumentKey) -> Result<DocumentView, OperationError> {
        let unknown = || Refusal::Unknown { what: "document".to_owned(), value: key.reference.clone() };
        let mut reader = self.database().snapshot().await?;
        let id = reader.entry_of_document(key).await?.ok_or_else(unknown)?;
        let found = reader.entry(id).await?.ok_or_else(unknown)?;
        reader.finish().await?;
        Ok(DocumentView { entry: found.entry, returned: found.returned })
    }
}
