//! Files about members into a lake: what surveys and campaigns share. Each is a set that the next of its name replaces.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use arrow::array::{AsArray, Int64Array, RecordBatch, StringArray};
use arrow::datatypes::{DataType, Field, Int64Type, Schema};

use super::error::LakeError;
use super::import::LakeImportError;
use super::location::LakeLocation;
use super::session::{Lake, SessionOptions};
use super::table::Table;
use super::writer::LakeWriter;
use crate::import::{MemberRow, MemberRows, Reason, Reject, RejectedRow};

/// How often an import begins to write anew because another writer of the lake was faster.
const TRIES_MAX: u32 = 5;
/// Rows between two reports of progress.
const PROGRESS_ROWS: u64 = 1 << 12;

/// How far an import of a survey or a campaign is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MemberFileProgress {
    /// So many bytes of the file are read.
    Reading(u64),
    /// Rows are written: so many of so many.
    Writing(u64, u64),
}

/// Rows of members that a lake knows, with their numbers in it, and those that cannot be used, as many as are kept.
pub(super) struct KnownRows<W> {
    pub(super) kept: Vec<(i64, MemberRow<W>)>,
    pub(super) rejected: Vec<RejectedRow>,
}

/// The rows whose members the lake knows, with the numbers of these; the others are rejected, and so is what `refuse`
/// finds a reason against, given the member. A file of which nothing is left is refused.
pub(super) async fn rows_of_members<W>(
    lake: &Lake,
    read: &mut MemberRows<W>,
    path: &Path,
    mut refuse: impl FnMut(i64) -> Option<Reason>,
) -> Result<KnownRows<W>, LakeImportError> {
    let members = members_of(lake, &read.rows).await?;
    let mut kept = Vec::new();
    for (position, row) in std::mem::take(&mut read.rows).into_iter().enumerate() {
        let member = members.get(&position).copied().ok_or(Reason::UnknownRespondent);
        let reason = match member.and_then(|member_id| refuse(member_id).map_or(Ok(member_id), Err)) {
            Ok(member_id) => {
                kept.push((member_id, row));
                continue;
            }
            Err(reason) => reason,
        };
        *read.rejected.entry(reason.name().to_owned()).or_default() += 1;
        let reject = Reject { file: path, row: row.row, field: "member", value: &row.member, reason };
        read.rejects.write(&reject)?;
    }
    read.rejects.flush()?;
    let rejected = read.rejects.take_kept();
    if kept.is_empty() {
        let reasons: Vec<_> = read.rejected.iter().map(|(name, rows)| format!("{name}: {rows}")).collect();
        return Err(LakeImportError::NoRow {
            path: path.to_owned(),
            reasons: reasons.join(", "),
            rows: rejected,
        });
    }
    Ok(KnownRows { kept, rejected })
}

/// The numbers of the members, by the position of the row. Who is not in the lake is not there.
async fn members_of<W>(lake: &Lake, rows: &[MemberRow<W>]) -> Result<BTreeMap<usize, i64>, LakeError> {
    let context = lake.session(&SessionOptions::default()).await?;
    let schema = Schema::new(vec![
        Field::new("place", DataType::Int64, false),
        Field::new("member", DataType::Utf8, false),
    ]);
    let numbers: Int64Array = (0_i64..).take(rows.len()).map(Some).collect();
    let names: StringArray = rows.iter().map(|row| Some(row.member.as_str())).collect();
    let batch = RecordBatch::try_new(Arc::new(schema), vec![Arc::new(numbers), Arc::new(names)])?;
    context.register_batch("wanted", batch)?;
    let sql = "SELECT w.place, min(m.member_id) AS member_id FROM wanted w JOIN members m ON m.member = w.member \
               GROUP BY w.place";
    let mut found = BTreeMap::new();
    for batch in context.sql(sql).await?.collect().await? {
        let (places, members) = (batch.column(0).as_primitive::<Int64Type>(), batch.column(1));
        let members = members.as_primitive::<Int64Type>();
        let pairs = places.values().iter().zip(members.values());
        found.extend(pairs.map(|(place, member)| (usize::try_from(*place).unwrap_or(usize::MAX), *member)));
    }
    Ok(found)
}

/// Writes the rows of a set in place of those that it had, anew where another writer is faster. `add` adds a row and returns
/// how many it made of it; returned are how many these are, and how many they replace.
pub(super) async fn replace_set<W>(
    location: &LakeLocation,
    (table, set): (Table, &str),
    token: u64,
    rows: &[(i64, MemberRow<W>)],
    add: impl Fn(&mut LakeWriter, i64, &MemberRow<W>) -> Result<u64, LakeError>,
    progress: &mut (dyn FnMut(MemberFileProgress) + Send),
) -> Result<(u64, u64), LakeError> {
    let mut tries = 1;
    loop {
        let mut writer = LakeWriter::open_existing(location, token).await?;
        let mut written = 0;
        for (done, (member_id, row)) in (0..).zip(rows) {
            if done % PROGRESS_ROWS == 0 {
                progress(MemberFileProgress::Writing(done, rows.len() as u64));
            }
            written += add(&mut writer, *member_id, row)?;
            if writer.is_full() {
                writer.flush().await?;
            }
        }
        match writer.commit_set(table, set).await {
            Ok(replaced) => return Ok((written, replaced)),
            Err(LakeError::Overtaken { .. }) if tries < TRIES_MAX => tries += 1,
            Err(error) => return Err(error),
        }
    }
}
