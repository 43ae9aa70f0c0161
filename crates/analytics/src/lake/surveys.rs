//! Surveys into a lake: the answers of members, each survey a whole that can be replaced.

use std::collections::{BTreeMap, HashSet};
use std::path::Path;
use std::sync::Arc;

use arrow::array::{AsArray, Int64Array, RecordBatch, StringArray};
use arrow::datatypes::{DataType, Field, Int64Type, Schema};
use jiff::Timestamp;
use serde::Serialize;

use super::columns::Cell;
use super::error::LakeError;
use super::import::LakeImportError;
use super::location::LakeLocation;
use super::session::{Lake, SessionOptions};
use super::table::Table;
use super::writer::{LakeWriter, Part};
use crate::import::{
    Answer, FileReport, Form, Forms, Given, Reason, Reject, RejectFile, RejectedRow, SurveyFile, SurveyMap,
    read_forms,
};

/// How often an import begins to write anew because another writer of the lake was faster.
const TRIES_MAX: u32 = 5;
/// Forms between two reports of progress.
const PROGRESS_FORMS: u64 = 1 << 12;

/// What an import of a survey came to. `forms` and the rows of `rejected` are all rows of the file.
#[derive(Debug, Clone, Serialize)]
pub struct SurveyImport {
    /// The survey.
    pub survey: String,
    /// How the file was read.
    pub file: FileReport,
    /// Forms that were written.
    pub forms: u64,
    /// Answers in them.
    pub answers: u64,
    /// Rows that cannot be used, by reason; the reject file has them.
    pub rejected: BTreeMap<String, u64>,
    /// The rows that cannot be used, as many as are kept.
    #[serde(skip)]
    pub rows: Vec<RejectedRow>,
    /// Answers of the same survey that were there before and are replaced.
    pub replaced: u64,
}

/// How far an import of a survey is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SurveyProgress {
    /// So many bytes of the file are read.
    Reading(u64),
    /// Forms are written: so many of so many.
    Writing(u64, u64),
}

/// Writes the answers of a survey into a lake, in place of those that the same survey had brought before. `token` is a
/// number that no other writer has. Where another writer is faster, it is written anew.
pub async fn import_survey(
    location: &LakeLocation,
    (map, file): (&SurveyMap, SurveyFile<'_>),
    reject_file: Option<&Path>,
    token: u64,
    progress: &mut (dyn FnMut(SurveyProgress) + Send),
) -> Result<SurveyImport, LakeImportError> {
    // Before a long file is read: is there a lake?
    LakeWriter::open_existing(location, token).await?;
    let rejects = RejectFile::create(reject_file)?;
    let mut read = read_forms(map, file, rejects, &mut |bytes| progress(SurveyProgress::Reading(bytes)))?;
    let members = members_of(&Lake::open(location).await?, &read.filled).await?;
    let kept = keep(&mut read, file.path, &members)?;
    read.rejects.flush()?;
    let rows = read.rejects.take_kept();
    if kept.is_empty() {
        let reasons: Vec<_> = read.rejected.iter().map(|(name, rows)| format!("{name}: {rows}")).collect();
        return Err(LakeImportError::NoForm {
            path: file.path.to_owned(),
            reasons: reasons.join(", "),
            rows,
        });
    }
    let (answers, replaced) = write(location, map, &kept, token, progress).await?;
    let (survey, forms) = (map.survey.clone(), kept.len() as u64);
    Ok(SurveyImport { survey, file: read.file, forms, answers, rejected: read.rejected, rows, replaced })
}

/// Writes the forms; returns how many answers there are, and how many they replace.
async fn write(
    location: &LakeLocation,
    map: &SurveyMap,
    forms: &[(i64, Form)],
    token: u64,
    progress: &mut (dyn FnMut(SurveyProgress) + Send),
) -> Result<(u64, u64), LakeError> {
    let mut tries = 1;
    loop {
        let mut writer = LakeWriter::open_existing(location, token).await?;
        let answers = add(&mut writer, map, forms, progress).await?;
        let old = writer.manifest().files.iter().filter(|file| file.survey.as_ref() == Some(&map.survey));
        let replaced = old.map(|file| file.rows).sum();
        match writer.commit_survey(&map.survey).await {
            Ok(()) => return Ok((answers, replaced)),
            Err(LakeError::Overtaken { .. }) if tries < TRIES_MAX => tries += 1,
            Err(error) => return Err(error),
        }
    }
}

/// The numbers of the members who answered, by the position of the form. Who is not in the lake is not there.
async fn members_of(lake: &Lake, forms: &[Form]) -> Result<BTreeMap<usize, i64>, LakeError> {
    let context = lake.session(&SessionOptions::default())?;
    let schema = Schema::new(vec![
        Field::new("form", DataType::Int64, false),
        Field::new("member", DataType::Utf8, false),
    ]);
    let numbers: Int64Array = (0_i64..).take(forms.len()).map(Some).collect();
    let names: StringArray = forms.iter().map(|form| Some(form.member.as_str())).collect();
    let batch = RecordBatch::try_new(Arc::new(schema), vec![Arc::new(numbers), Arc::new(names)])?;
    context.register_batch("forms", batch)?;
    let sql = "SELECT f.form, min(m.member_id) AS member_id FROM forms f JOIN members m ON m.member = f.member \
               GROUP BY f.form";
    let mut found = BTreeMap::new();
    for batch in context.sql(sql).await?.collect().await? {
        let (forms, members) = (batch.column(0).as_primitive::<Int64Type>(), batch.column(1));
        let members = members.as_primitive::<Int64Type>();
        let pairs = forms.values().iter().zip(members.values());
        found.extend(pairs.map(|(form, member)| (usize::try_from(*form).unwrap_or(usize::MAX), *member)));
    }
    Ok(found)
}

/// The forms whose members are known, the first of each; the others are rejected.
fn keep(
    read: &mut Forms,
    path: &Path,
    members: &BTreeMap<usize, i64>,
) -> Result<Vec<(i64, Form)>, LakeImportError> {
    let mut seen = HashSet::new();
    let mut kept = Vec::new();
    for (position, form) in std::mem::take(&mut read.filled).into_iter().enumerate() {
        let reason = match members.get(&position) {
            Some(member_id) if seen.insert(*member_id) => {
                kept.push((*member_id, form));
                continue;
            }
            Some(_) => Reason::AnsweredTwice,
            None => Reason::UnknownRespondent,
        };
        *read.rejected.entry(reason.name().to_owned()).or_default() += 1;
        let reject = Reject { file: path, row: form.row, field: "member", value: &form.member, reason };
        read.rejects.write(&reject)?;
    }
    Ok(kept)
}

/// Adds the answers; returns how many.
async fn add(
    writer: &mut LakeWriter,
    map: &SurveyMap,
    forms: &[(i64, Form)],
    progress: &mut (dyn FnMut(SurveyProgress) + Send),
) -> Result<u64, LakeError> {
    let mut count = 0;
    for (done, (member_id, form)) in (0..).zip(forms) {
        if done % PROGRESS_FORMS == 0 {
            progress(SurveyProgress::Writing(done, forms.len() as u64));
        }
        // The reader made it from an instant.
        let answered_at = Timestamp::from_microsecond(form.answered_at).unwrap_or_default();
        for answer in &form.answers {
            let row = AnswerRow { member_id: *member_id, form, answered_at, answer };
            row.add(writer, map)?;
            count += 1;
        }
        if writer.is_full() {
            writer.flush().await?;
        }
    }
    Ok(count)
}

struct AnswerRow<'a> {
    member_id: i64,
    form: &'a Form,
    answered_at: Timestamp,
    answer: &'a Answer,
}

impl AnswerRow<'_> {
    fn add(&self, writer: &mut LakeWriter, map: &SurveyMap) -> Result<(), LakeError> {
        let brand = self.answer.brand.and_then(|position| map.brand.get(position));
        let whose = brand.map(|brand| if brand.own { "own" } else { "other" });
        let (number, choice) = match self.answer.value {
            Given::Number(number) => (Some(number), whose),
            Given::Choice(word) => (None, Some(word)),
        };
        let day = writer.local_day(self.answered_at);
        let cells = [
            Cell::Text(&map.survey),
            Cell::Integer(self.member_id),
            Cell::Integer(i64::try_from(self.form.row).unwrap_or(i64::MAX)),
            Cell::Instant(self.answered_at),
            Cell::Day(day),
            Cell::Text(self.answer.question),
            Cell::text(brand.map(|brand| brand.name.as_str())),
            Cell::integer(number),
            Cell::text(choice),
            Cell::Integer(self.form.weight_milli),
        ];
        writer.add_to(Table::Surveys, Part { month: None, survey: Some(map.survey.clone()) }, &cells)
    }
}
