//! Listing who is in which segment.

use analytics::lake::{Lake, LakeLocation, SessionOptions};
use analytics::report::{ReportRequest, SegmentLayer, SegmentMembers, segment_members};

use crate::error::OperationError;

/// Everybody who bought in the period, each in one segment of a layer, from the lake as it is now. Needs no database.
pub async fn list_segment_members(
    location: &LakeLocation,
    layer: SegmentLayer,
    request: &ReportRequest,
    options: &SessionOptions,
) -> Result<SegmentMembers, OperationError> {
    let lake = Lake::open(location).await?;
    segment_members(&lake, layer, request, options).await.map_err(OperationError::from)
}
