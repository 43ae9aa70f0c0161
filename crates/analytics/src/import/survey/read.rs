//! The forms of a file: who answered what, and when.

use std::collections::BTreeMap;
use std::path::Path;

use domain::member::Identifier;
use domain::money::Currency;
use sha2::{Digest, Sha256};

use super::super::cell::{Cell, Row};
use super::super::error::ImportError;
use super::super::input::{Input, RowVisitor, read_file};
use super::super::moment::Clock;
use super::super::number::NumberStyle;
use super::super::plan::number;
use super::super::reject::{Reason, Reject, RejectFile};
use super::super::report::count;
use super::super::{AmountUnit, FileReport};
use super::map::SurveyMap;
use super::question::{Answers, Question};

/// Forms that one survey can have, for they are held in memory.
pub const FORMS_MAX: usize = 1_000_000;
/// The question of how satisfied somebody is with a brand.
pub const BRAND_RATING: &str = "brand_rating";
/// The question of how much somebody buys of a brand.
pub const BRAND_WALLET: &str = "brand_wallet";
/// The highest weight that a form can have.
const WEIGHT_MILLI_MAX: i64 = 1_000_000;
/// A form of weight 1.
const WEIGHT_MILLI: i64 = 1_000;
const RATING: Answers = Answers::Scale(0, 10);

/// A form that a member filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Form {
    /// Its row in the file.
    pub(crate) row: u64,
    /// Who, as the lake names its members.
    pub(crate) member: String,
    /// When, in microseconds since 1970.
    pub(crate) answered_at: i64,
    /// Thousandths of the weight.
    pub(crate) weight_milli: i64,
    /// What was answered; questions that were left out are not there.
    pub(crate) answers: Vec<Answer>,
}

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) question: &'static str,
    /// The brand's position in the map, where one is asked about.
    pub(crate) brand: Option<usize>,
    pub(crate) value: Given,
}

/// What was answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Given {
    Number(i64),
    Choice(&'static str),
}

/// The forms of a file, and what became of its rows.
pub(crate) struct Forms {
    pub(crate) file: FileReport,
    pub(crate) filled: Vec<Form>,
    pub(crate) rejected: BTreeMap<String, u64>,
    pub(crate) rejects: RejectFile,
}

/// The answers to a survey.
#[derive(Debug, Clone, Copy)]
pub struct SurveyFile<'a> {
    /// Where they are, or under which name they were sent.
    pub path: &'a Path,
    /// What was sent, as text; without, the file is read.
    pub sent: Option<&'a [u8]>,
}

/// Reads the forms of a file. `progress` is told now and then how many bytes have been read.
pub(crate) fn read_forms(
    map: &SurveyMap,
    SurveyFile { path, sent }: SurveyFile<'_>,
    rejects: RejectFile,
    progress: &mut dyn FnMut(u64),
) -> Result<Forms, ImportError> {
    let clock =
        Clock::new("answered_at", &map.time_zone, &map.answered_at).map_err(ImportError::from_clock)?;
    let mut reader = FormReader {
        map,
        path,
        clock,
        columns: Columns::default(),
        forms: Vec::new(),
        rejected: BTreeMap::new(),
        rejects,
        progress,
    };
    let wanted: Vec<&str> = named_columns(map).into_iter().map(|(_, column)| column).collect();
    let mut input = Input { path, sent, map: &map.file, wanted: &wanted, hasher: &mut Sha256::new() };
    let file = read_file(&mut input, &mut reader)?;
    let FormReader { forms, rejected, rejects, .. } = reader;
    Ok(Forms { file, filled: forms, rejected, rejects })
}

/// Every column that the map names, with the field that names it.
fn named_columns(map: &SurveyMap) -> Vec<(String, &str)> {
    let mut named = vec![("member.column".to_owned(), map.member.column.as_str())];
    named
        .extend(map.answered_at.columns.iter().map(|name| ("answered_at.columns".to_owned(), name.as_str())));
    named.extend(map.weight.iter().map(|name| ("weight".to_owned(), name.as_str())));
    named.extend(
        map.question.iter().map(|(question, name)| (format!("question.{}", question.name()), name.as_str())),
    );
    for (position, brand) in map.brand.iter().enumerate() {
        named.extend(brand.rating.iter().map(|name| (format!("brand.{position}.rating"), name.as_str())));
        named.extend(brand.wallet.iter().map(|name| (format!("brand.{position}.wallet"), name.as_str())));
    }
    named
}

/// The places of the map's columns in the file.
#[derive(Debug, Default)]
struct Columns {
    member: usize,
    answered_at: Vec<usize>,
    weight: Option<usize>,
    questions: Vec<(Question, usize)>,
    /// Brand, question, column.
    brands: Vec<(usize, &'static str, usize)>,
}

struct FormReader<'a> {
    map: &'a SurveyMap,
    path: &'a Path,
    clock: Clock,
    columns: Columns,
    forms: Vec<Form>,
    rejected: BTreeMap<String, u64>,
    rejects: RejectFile,
    progress: &'a mut dyn FnMut(u64),
}

/// The field of a row that is wrong, its value, and why.
type Problem = (String, String, Reason);

impl RowVisitor for FormReader<'_> {
    fn columns(&mut self, path: &Path, names: &[String]) -> Result<Option<Vec<usize>>, ImportError> {
        let place = |wanted: &str| names.iter().position(|name| name == wanted);
        let missing: Vec<String> = named_columns(self.map)
            .into_iter()
            .filter(|(_, column)| place(column).is_none())
            .map(|(field, column)| format!("column “{column}” (map field {field})"))
            .collect();
        if !missing.is_empty() {
            return Err(ImportError::Columns { path: path.to_owned(), missing, available: names.to_vec() });
        }
        // None is missing: each name has a place.
        let at = |wanted: &str| place(wanted).unwrap_or(0);
        let map = self.map;
        let mut brands = Vec::new();
        for (position, brand) in map.brand.iter().enumerate() {
            brands.extend(brand.rating.iter().map(|name| (position, BRAND_RATING, at(name))));
            brands.extend(brand.wallet.iter().map(|name| (position, BRAND_WALLET, at(name))));
        }
        self.columns = Columns {
            member: at(&map.member.column),
            answered_at: map.answered_at.columns.iter().map(|name| at(name)).collect(),
            weight: map.weight.as_deref().map(at),
            questions: map.question.iter().map(|(question, name)| (*question, at(name))).collect(),
            brands,
        };
        Ok(None)
    }

    fn row<R: Row>(&mut self, number: u64, row: &R) -> Result<(), ImportError> {
        match self.form(number, row) {
            Ok(_) if self.forms.len() == FORMS_MAX => Err(ImportError::Format {
                path: self.path.to_owned(),
                format: "a survey",
                message: format!("it has more than {FORMS_MAX} forms: split it into several surveys"),
            }),
            Ok(form) => {
                self.forms.push(form);
                Ok(())
            }
            Err((field, value, reason)) => self.reject(number, &field, &value, reason),
        }
    }

    fn broken_row(&mut self, number: u64, fields: usize) -> Result<(), ImportError> {
        self.reject(number, "row", &fields.to_string(), Reason::FieldCount)
    }

    fn progress(&mut self, bytes: u64) {
        (self.progress)(bytes);
    }
}

impl FormReader<'_> {
    fn reject(&mut self, row: u64, field: &str, value: &str, reason: Reason) -> Result<(), ImportError> {
        count(&mut self.rejected, reason.name(), 1);
        self.rejects.write(&Reject { file: self.path, row, field, value, reason })
    }

    fn form<R: Row>(&mut self, number: u64, row: &R) -> Result<Form, Problem> {
        let member = self.member(row)?;
        let answered_at = self.answered_at(row)?;
        let weight_milli = self.weight(row)?;
        let mut answers = Vec::new();
        for (question, column) in &self.columns.questions {
            if let Some(value) = self.answer(question.name(), question.answers(), row.cell(*column))? {
                answers.push(Answer { question: question.name(), brand: None, value });
            }
        }
        for (brand, question, column) in &self.columns.brands {
            let allowed = if *question == BRAND_RATING { RATING } else { Answers::Money };
            if let Some(value) = self.answer(question, allowed, row.cell(*column))? {
                answers.push(Answer { question, brand: Some(*brand), value });
            }
        }
        Ok(Form { row: number, member, answered_at, weight_milli, answers })
    }

    fn member<R: Row>(&self, row: &R) -> Result<String, Problem> {
        let text = row.cell(self.columns.member).text().into_owned();
        if text.is_empty() {
            return Err(("member".to_owned(), text, Reason::MissingRespondent));
        }
        let Some(kind) = self.map.member.kind else { return Ok(text) };
        match Identifier::new(kind, &text, self.map.member.region.as_deref()) {
            Ok(identifier) => Ok(identifier.value),
            Err(_) => Err(("member".to_owned(), text, Reason::BadMember)),
        }
    }

    fn answered_at<R: Row>(&mut self, row: &R) -> Result<i64, Problem> {
        let cells = self.columns.answered_at.iter().map(|column| row.cell(*column)).collect::<Vec<_>>();
        let read = match cells.as_slice() {
            [date, time] => self.clock.read_pair(*date, *time),
            [one] => self.clock.read(*one),
            _ => None,
        };
        read.ok_or_else(|| {
            let texts: Vec<_> = cells.iter().map(Cell::text).collect();
            ("answered_at".to_owned(), texts.join(" "), Reason::BadTime)
        })
    }

    fn weight<R: Row>(&self, row: &R) -> Result<i64, Problem> {
        let Some(column) = self.columns.weight else { return Ok(WEIGHT_MILLI) };
        let cell = row.cell(column);
        let milli = number(cell, self.style()).and_then(|weight| weight.rounded(3));
        milli
            .filter(|milli| (1..=WEIGHT_MILLI_MAX).contains(milli))
            .ok_or_else(|| ("weight".to_owned(), cell.text().into_owned(), Reason::BadWeight))
    }

    /// What a cell answers; nothing where the question was left out.
    fn answer(&self, question: &str, allowed: Answers, cell: Cell<'_>) -> Result<Option<Given>, Problem> {
        if cell == Cell::Missing {
            return Ok(None);
        }
        let given = match allowed {
            Answers::Scale(lowest, highest) => number(cell, self.style())
                .and_then(|value| value.rounded(0).filter(|whole| value.is_whole(*whole)))
                .filter(|value| (lowest..=highest).contains(value))
                .map(Given::Number),
            Answers::Choice(words) => {
                let text = cell.text();
                words.iter().find(|word| **word == text.as_ref()).map(|word| Given::Choice(word))
            }
            Answers::Money => number(cell, self.style())
                .and_then(|value| value.rounded(self.digits()))
                .filter(|amount| *amount >= 0)
                .map(Given::Number),
        };
        match given {
            Some(given) => Ok(Some(given)),
            None => Err((question.to_owned(), cell.text().into_owned(), Reason::BadAnswer)),
        }
    }

    fn style(&self) -> NumberStyle {
        NumberStyle::of(&self.map.amounts)
    }

    /// Digits that make an amount minor units.
    fn digits(&self) -> u32 {
        let currency = self.map.currency.as_deref().and_then(|code| Currency::new(code).ok());
        match self.map.amounts.unit {
            AmountUnit::Major => currency.map_or(2, |currency| currency.decimals()),
            AmountUnit::Minor => 0,
        }
    }
}
