//! Surveys into a lake: the answers of members, each survey a whole that can be replaced.

use std::collections::{BTreeMap, HashSet};
use std::path::Path;

use jiff::Timestamp;
use serde::Serialize;

use super::by_member::{KnownRows, MemberFileProgress, replace_set, rows_of_members};
use super::columns::Cell;
use super::error::LakeError;
use super::import::LakeImportError;
use super::location::LakeLocation;
use super::session::Lake;
use super::table::Table;
use super::writer::{LakeWriter, Part};
use crate::import::{
    Answer, FileReport, Form, Given, MemberFile, MemberRow, Reason, RejectFile, RejectedRow, SurveyMap,
    read_forms,
};

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

/// Writes the answers of a survey into a lake, in place of those that the same survey had brought before. `token` is a
/// number that no other writer has. Where another writer is faster, it is written anew.
pub async fn import_survey(
    location: &LakeLocation,
    (map, file): (&SurveyMap, MemberFile<'_>),
    reject_file: Option<&Path>,
    token: u64,
    progress: &mut (dyn FnMut(MemberFileProgress) + Send),
) -> Result<SurveyImport, LakeImportError> {
    // Before a long file is read: is there a lake?
    LakeWriter::open_existing(location, token).await?;
    let rejects = RejectFile::create(reject_file)?;
    let mut read = read_forms(map, file, rejects, &mut |bytes| progress(MemberFileProgress::Reading(bytes)))?;
    let mut seen = HashSet::new();
    // A member answers once.
    let refuse = |member_id| (!seen.insert(member_id)).then_some(Reason::AnsweredTwice);
    let KnownRows { kept, rejected: rows } =
        rows_of_members(&Lake::open(location).await?, &mut read, file.path, refuse).await?;
    let add =
        |writer: &mut LakeWriter, member_id, form: &MemberRow<Form>| add_form(writer, map, member_id, form);
    let set = (Table::Surveys, map.survey.as_str());
    let (answers, replaced) = replace_set(location, set, token, &kept, add, progress).await?;
    let (survey, forms) = (map.survey.clone(), kept.len() as u64);
    Ok(SurveyImport { survey, file: read.file, forms, answers, rejected: read.rejected, rows, replaced })
}

/// Adds the answers of a form; returns how many.
fn add_form(
    writer: &mut LakeWriter,
    map: &SurveyMap,
    member_id: i64,
    form: &MemberRow<Form>,
) -> Result<u64, LakeError> {
    // The reader made it from an instant.
    let answered_at = Timestamp::from_microsecond(form.at).unwrap_or_default();
    for answer in &form.what.answers {
        AnswerRow { member_id, form, answered_at, answer }.add(writer, map)?;
    }
    Ok(form.what.answers.len() as u64)
}

struct AnswerRow<'a> {
    member_id: i64,
    form: &'a MemberRow<Form>,
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
            Cell::Integer(self.form.what.weight_milli),
        ];
        writer.add_to(Table::Surveys, Part { month: None, set: Some(map.survey.clone()) }, &cells)
    }
}
