//! Listing what a question says of each member: segments, clubs, scores, worth.

use analytics::lake::{Lake, LakeLocation, SessionOptions};
use analytics::report::{MemberRows, ReportName, ReportRequest, SegmentLayer, member_rows};

use crate::error::OperationError;

/// What a question says of each member, from the lake as it is now. Needs no database.
pub async fn list_member_rows(
    location: &LakeLocation,
    (name, layer): (ReportName, SegmentLayer),
    request: &ReportRequest,
    options: &SessionOptions,
) -> Result<MemberRows, OperationError> {
    let lake = Lake::open(location).await?;
    member_rows(&lake, name, layer, request, options).await.map_err(OperationError::from)
}
