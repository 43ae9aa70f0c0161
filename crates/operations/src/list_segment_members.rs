//! Listing who is in which segment, and in which club.

use analytics::lake::{Lake, LakeLocation, SessionOptions};
use analytics::report::{
    ClubMembers, ReportRequest, SegmentLayer, SegmentMembers, club_members, segment_members,
};

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

/// Everybody who is in a club in the period, once for each of their clubs, from the lake as it is now. Needs no database.
pub async fn list_club_members(
    location: &LakeLocation,
    request: &ReportRequest,
    options: &SessionOptions,
) -> Result<ClubMembers, OperationError> {
    let lake = Lake::open(location).await?;
    club_members(&lake, request, options).await.map_err(OperationError::from)
}
