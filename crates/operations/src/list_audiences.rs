//! Audiences as they stand: how many are in each, since when, from where, and how many entries and exits wait to be told.

use domain::code::Code;
use jiff::Timestamp;
use serde::Serialize;
use store::AudienceRow;

use crate::engine::Engine;
use crate::error::OperationError;

/// An audience in one version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AudienceView {
    /// The segment whose members it holds.
    pub segment: Code,
    /// Its number, from 1; it only grows.
    pub version: u64,
    /// The report, the model and its version, or the file it came from.
    pub source: String,
    /// Who replaced the version before.
    pub replaced_by: String,
    /// When.
    pub replaced_at: Timestamp,
    /// Accounts in it.
    pub size: u64,
    /// Accounts in it that were not in the version before.
    pub entered: u64,
    /// Accounts of the version before that are not in it.
    pub left: u64,
    /// Accounts whose entry or exit may still have to be told in the feed; 0 for earlier versions.
    pub untold: u64,
}

impl Engine {
    /// All audiences in order of their segments.
    pub async fn list_audiences(&self) -> Result<Vec<AudienceView>, OperationError> {
        let found = self.database().reader().await?.audiences().await?;
        Ok(found.into_iter().map(AudienceView::from).collect())
    }
}

impl From<AudienceRow> for AudienceView {
    fn from(row: AudienceRow) -> Self {
        let AudienceRow { segment, version, source, actor, replaced_at, size, entered, gone, untold } = row;
        Self { segment, version, source, replaced_by: actor, replaced_at, size, entered, left: gone, untold }
    }
}
