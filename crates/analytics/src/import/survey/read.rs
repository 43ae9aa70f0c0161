//! The forms of a file: who answered what, and when.

use super::super::by_member::{ByMember, MemberFile, MemberRows, Problem, Rows, amount, read_rows};
use super::super::cell::{Cell, Row};
use super::super::error::ImportError;
use super::super::number::NumberStyle;
use super::super::plan::number;
use super::super::reject::{Reason, RejectFile};
use super::map::SurveyMap;
use super::question::{Answers, Question};

/// The question of how satisfied somebody is with a brand.
pub const BRAND_RATING: &str = "brand_rating";
/// The question of how much somebody buys of a brand.
pub const BRAND_WALLET: &str = "brand_wallet";
/// The highest weight that a form can have.
const WEIGHT_MILLI_MAX: i64 = 1_000_000;
/// A form of weight 1.
const WEIGHT_MILLI: i64 = 1_000;
const RATING: Answers = Answers::Scale(0, 10);

/// What a member filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Form {
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

/// Reads the forms of a file. `progress` is told now and then how many bytes have been read.
pub(crate) fn read_forms(
    map: &SurveyMap,
    file: MemberFile<'_>,
    rejects: RejectFile,
    progress: &mut dyn FnMut(u64),
) -> Result<MemberRows<Form>, ImportError> {
    read_rows(map, file, rejects, progress)
}

/// The places of a map's own columns in the file.
#[derive(Debug, Default)]
pub(in crate::import) struct Columns {
    weight: Option<usize>,
    questions: Vec<(Question, usize)>,
    /// Brand, question, column.
    brands: Vec<(usize, &'static str, usize)>,
}

impl ByMember for SurveyMap {
    type What = Form;
    type Places = Columns;

    fn rows(&self) -> Rows<'_> {
        Rows {
            format: "a survey",
            file: &self.file,
            member: &self.member,
            time_zone: &self.time_zone,
            moment: ("answered_at", &self.answered_at),
        }
    }

    fn columns(&self) -> Vec<(String, &str)> {
        let mut named = Vec::new();
        named.extend(self.weight.iter().map(|name| ("weight".to_owned(), name.as_str())));
        let questions = self.question.iter();
        named.extend(
            questions.map(|(question, name)| (format!("question.{}", question.name()), name.as_str())),
        );
        for (position, brand) in self.brand.iter().enumerate() {
            named.extend(brand.rating.iter().map(|name| (format!("brand.{position}.rating"), name.as_str())));
            named.extend(brand.wallet.iter().map(|name| (format!("brand.{position}.wallet"), name.as_str())));
        }
        named
    }

    fn places(&self, at: &dyn Fn(&str) -> usize) -> Columns {
        let mut brands = Vec::new();
        for (position, brand) in self.brand.iter().enumerate() {
            brands.extend(brand.rating.iter().map(|name| (position, BRAND_RATING, at(name))));
            brands.extend(brand.wallet.iter().map(|name| (position, BRAND_WALLET, at(name))));
        }
        Columns {
            weight: self.weight.as_deref().map(at),
            questions: self.question.iter().map(|(question, name)| (*question, at(name))).collect(),
            brands,
        }
    }

    fn what<R: Row>(&self, places: &Columns, row: &R) -> Result<Form, Problem> {
        let weight_milli = self.weight_of(places, row)?;
        let mut answers = Vec::new();
        for (question, column) in &places.questions {
            if let Some(value) = self.answer(question.name(), question.answers(), row.cell(*column))? {
                answers.push(Answer { question: question.name(), brand: None, value });
            }
        }
        for (brand, question, column) in &places.brands {
            let allowed = if *question == BRAND_RATING { RATING } else { Answers::Money };
            if let Some(value) = self.answer(question, allowed, row.cell(*column))? {
                answers.push(Answer { question, brand: Some(*brand), value });
            }
        }
        Ok(Form { weight_milli, answers })
    }
}

impl SurveyMap {
    fn weight_of<R: Row>(&self, places: &Columns, row: &R) -> Result<i64, Problem> {
        let Some(column) = places.weight else { return Ok(WEIGHT_MILLI) };
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
            Answers::Money => amount(cell, &self.amounts, self.currency.as_deref()).map(Given::Number),
        };
        match given {
            Some(given) => Ok(Some(given)),
            None => Err((question.to_owned(), cell.text().into_owned(), Reason::BadAnswer)),
        }
    }

    fn style(&self) -> NumberStyle {
        NumberStyle::of(&self.amounts)
    }
}
