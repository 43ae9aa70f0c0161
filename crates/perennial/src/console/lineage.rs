//! What a member was made of, on the member's page: the records that were merged, when, by whom and why.

use operations::{LineageRecord, MemberReference, MemberView, OperationError};

use super::Console;
use super::page::Frame;

/// A record of a member.
pub(super) struct LineageRow {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) identifiers: String,
    pub(super) enrolled: String,
    pub(super) merged: Option<String>,
    pub(super) reason: Option<String>,
}

/// The records of a member; none where nothing was merged.
pub(super) async fn lineage(
    console: &Console,
    f: &Frame,
    member: &MemberView,
) -> Result<Vec<LineageRow>, OperationError> {
    if member.state.absorbed.is_empty() {
        return Ok(Vec::new());
    }
    let records = console.engine.view_lineage(&MemberReference::Id(member.member_id)).await?;
    Ok(records.into_iter().map(|record| row(f, record)).collect())
}

fn row(f: &Frame, record: LineageRecord) -> LineageRow {
    let merged = record.merged_at.map(|at| {
        let by = record.merged_by.as_deref().unwrap_or("–");
        f.with("lineage-merged", &[("at", &*f.formats.time(at)), ("by", by)])
    });
    let identifiers: Vec<&str> = record.identifiers.iter().map(|one| one.value.as_str()).collect();
    LineageRow {
        id: record.member_id.to_string(),
        identifiers: identifiers.join(", "),
        name: record.name.unwrap_or_else(|| f.t("nameless")),
        enrolled: f.v("member-since", f.formats.day(record.enrolled_at)),
        merged,
        reason: record.reason,
    }
}
