//! One audience with the versions before it.

use domain::code::Code;
use domain::refusal::Refusal;

use crate::engine::Engine;
use crate::error::OperationError;
use crate::list_audiences::AudienceView;

/// Versions shown at the most.
const VERSIONS_MAX: u32 = 100;

/// An audience and how it came to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AudienceHistory {
    /// As it stands.
    pub audience: AudienceView,
    /// Its versions, newest first, this one among them.
    pub versions: Vec<AudienceView>,
}

impl Engine {
    /// The audience of a segment.
    pub async fn view_audience(&self, segment: Code) -> Result<AudienceHistory, OperationError> {
        let mut reader = self.database().snapshot().await?;
        let found = reader.audiences().await?.into_iter().find(|row| row.segment == segment);
        let versions = reader.audience_versions(segment, VERSIONS_MAX).await?;
        reader.finish().await?;
        let unknown = || Refusal::Unknown { what: "audience".to_owned(), value: segment.to_string() };
        let audience = found.ok_or_else(unknown)?.into();
        Ok(AudienceHistory { audience, versions: versions.into_iter().map(AudienceView::from).collect() })
    }
}
