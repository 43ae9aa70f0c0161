//! Member by member: what a question says of each of them, for files and audiences.

use arrow::array::RecordBatch;

use super::asked::Asked;
use super::clubs::club_members;
use super::error::ReportError;
use super::name::ReportName;
use super::request::ReportRequest;
use super::segment_stack::{SegmentLayer, segment_members};
use super::{damage_named, lifetime_value, once_more, rfm};
use crate::lake::{Lake, SessionOptions};

/// What a question says of each member.
#[derive(Debug, Clone, PartialEq)]
pub struct MemberRows {
    /// The version of the model, where it has one.
    pub version: Option<String>,
    /// A row for each member; of clubs one for each club of a member. The column `member` is their name in the lake, the
    /// column `segment`, where there is one, what an audience can be made of.
    pub rows: RecordBatch,
}

impl ReportName {
    /// Whether it says something of each member that goes into a file.
    pub const fn tells_members(self) -> bool {
        matches!(self, Self::Rfm | Self::LifetimeValue | Self::Clubs | Self::SegmentStack)
    }
}

/// What a question says of each member: the same period, members and models as its answer has. `layer` is for the
/// question `segment-stack`.
///
/// # Errors
/// As those of the answer; a question that says nothing of each member is refused.
pub async fn member_rows(
    lake: &Lake,
    name: ReportName,
    layer: SegmentLayer,
    request: &ReportRequest,
    options: &SessionOptions,
) -> Result<MemberRows, ReportError> {
    let mut found = rows_of(lake, (name, layer), request, options).await;
    if let Some(frugal) = once_more(&found, options) {
        found = rows_of(lake, (name, layer), request, &frugal).await;
    }
    damage_named(lake, found).await
}

async fn rows_of(
    lake: &Lake,
    (name, layer): (ReportName, SegmentLayer),
    request: &ReportRequest,
    options: &SessionOptions,
) -> Result<MemberRows, ReportError> {
    let asked = async || Asked::new(lake, name, request, options).await;
    let without_version = |rows| MemberRows { version: None, rows };
    Ok(match name {
        ReportName::SegmentStack => {
            let found = segment_members(lake, layer, request, options).await?;
            MemberRows { rows: found.to_batch()?, version: Some(found.version) }
        }
        ReportName::Clubs => without_version(club_members(lake, request, options).await?.to_batch()?),
        ReportName::Rfm => without_version(rfm::members(&mut asked().await?).await?.to_batch()?),
        ReportName::LifetimeValue => {
            without_version(lifetime_value::members(&mut asked().await?).await?.to_batch()?)
        }
        _ => {
            let remedy = "it says nothing of each member: ask rfm, lifetime-value, clubs or segment-stack";
            return Err(ReportError::Asked {
                field: "members",
                value: name.to_string(),
                remedy: remedy.to_owned(),
            });
        }
    })
}
