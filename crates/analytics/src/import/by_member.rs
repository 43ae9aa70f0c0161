//! Files with a row for something that a member did or was sent: who, when, and what. Surveys and campaigns are such files.
//! Rows that cannot be used are listed with field, value and reason, as rows of purchases are.

use std::collections::BTreeMap;
use std::path::Path;

use domain::member::{Identifier, IdentifierKind};
use domain::money::Currency;
use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::cell::{Cell, Row};
use super::error::ImportError;
use super::input::{Input, RowVisitor, read_file};
use super::map::{AmountMap, AmountUnit, FileMap, MomentMap};
use super::map_check::Checker;
use super::moment::Clock;
use super::number::NumberStyle;
use super::plan::number;
use super::reject::{Reason, Reject, RejectFile};
use super::report::{FileReport, count};

/// Longest name of a survey, a campaign or a brand.
pub(super) const NAME_LENGTH_MAX: usize = 64;
/// Rows that one file can have, for they are held in memory.
pub const MEMBER_ROWS_MAX: usize = 1_000_000;

/// Whose row it is.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MemberColumnMap {
    /// The column that names the member.
    pub column: String,
    /// What kind of identifier it is, where the lake was written from files; without, the member as the lake prints it.
    #[serde(default)]
    pub kind: Option<IdentifierKind>,
    /// Country of phone numbers without a country code.
    #[serde(default)]
    pub region: Option<String>,
}

/// What a map says of every row.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rows<'m> {
    /// What the file is, in a message.
    pub(super) format: &'static str,
    pub(super) file: &'m FileMap,
    pub(super) member: &'m MemberColumnMap,
    pub(super) time_zone: &'m str,
    /// The field of the moment, and how it is written.
    pub(super) moment: (&'static str, &'m MomentMap),
}

/// The field of a row that is wrong, its value, and why.
pub(super) type Problem = (String, String, Reason);

/// A map of a file with a row for something of a member.
pub(super) trait ByMember {
    /// What a row says beside who and when.
    type What;
    /// The places of its own columns in a file.
    type Places: Default;

    /// What it says of every row.
    fn rows(&self) -> Rows<'_>;
    /// Its own columns, with the fields that name them.
    fn columns(&self) -> Vec<(String, &str)>;
    /// Finds the places of its own columns.
    fn places(&self, at: &dyn Fn(&str) -> usize) -> Self::Places;
    /// Reads what a row says.
    fn what<R: Row>(&self, places: &Self::Places, row: &R) -> Result<Self::What, Problem>;
}

/// A row that was understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct MemberRow<W> {
    /// Its place in the file.
    pub(crate) row: u64,
    /// Who, as the lake names its members.
    pub(crate) member: String,
    /// When, in microseconds since 1970.
    pub(crate) at: i64,
    /// What.
    pub(crate) what: W,
}

/// The rows of a file, and what became of those that are not there.
pub(crate) struct MemberRows<W> {
    pub(crate) file: FileReport,
    pub(crate) rows: Vec<MemberRow<W>>,
    pub(crate) rejected: BTreeMap<String, u64>,
    pub(crate) rejects: RejectFile,
}

/// A file with rows of members.
#[derive(Debug, Clone, Copy)]
pub struct MemberFile<'a> {
    /// Where it is, or under which name it was sent.
    pub path: &'a Path,
    /// What was sent, as text; without, the file is read.
    pub sent: Option<&'a [u8]>,
}

/// Reads a file. `progress` is told now and then how many bytes have been read.
pub(super) fn read_rows<M: ByMember>(
    map: &M,
    MemberFile { path, sent }: MemberFile<'_>,
    rejects: RejectFile,
    progress: &mut dyn FnMut(u64),
) -> Result<MemberRows<M::What>, ImportError> {
    let whole = map.rows();
    let (field, moment) = whole.moment;
    let clock = Clock::new(field, whole.time_zone, moment).map_err(ImportError::from_clock)?;
    let (rows, rejected) = (Vec::new(), BTreeMap::new());
    let mut reader = Reader {
        map,
        path,
        clock,
        member: 0,
        moment: Vec::new(),
        places: M::Places::default(),
        rows,
        rejected,
        rejects,
        progress,
    };
    let named = reader.named_columns();
    let wanted: Vec<&str> = named.iter().map(|(_, column)| *column).collect();
    let mut input = Input { path, sent, map: whole.file, wanted: &wanted, hasher: &mut Sha256::new() };
    let file = read_file(&mut input, &mut reader)?;
    let Reader { rows, rejected, rejects, .. } = reader;
    Ok(MemberRows { file, rows, rejected, rejects })
}

struct Reader<'a, M: ByMember> {
    map: &'a M,
    path: &'a Path,
    clock: Clock,
    /// The places of the columns.
    member: usize,
    moment: Vec<usize>,
    places: M::Places,
    rows: Vec<MemberRow<M::What>>,
    rejected: BTreeMap<String, u64>,
    rejects: RejectFile,
    progress: &'a mut dyn FnMut(u64),
}

impl<M: ByMember> RowVisitor for Reader<'_, M> {
    fn columns(&mut self, path: &Path, names: &[String]) -> Result<Option<Vec<usize>>, ImportError> {
        let place = |wanted: &str| names.iter().position(|name| name == wanted);
        let missing: Vec<String> = self
            .named_columns()
            .into_iter()
            .filter(|(_, column)| place(column).is_none())
            .map(|(field, column)| format!("column “{column}” (map field {field})"))
            .collect();
        if !missing.is_empty() {
            return Err(ImportError::Columns { path: path.to_owned(), missing, available: names.to_vec() });
        }
        // None is missing: each name has a place.
        let at = |wanted: &str| place(wanted).unwrap_or(0);
        let whole = self.map.rows();
        self.member = at(&whole.member.column);
        self.moment = whole.moment.1.columns.iter().map(|name| at(name)).collect();
        self.places = self.map.places(&at);
        Ok(None)
    }

    fn row<R: Row>(&mut self, number: u64, row: &R) -> Result<(), ImportError> {
        match self.read(number, row) {
            Ok(_) if self.rows.len() == MEMBER_ROWS_MAX => Err(ImportError::Format {
                path: self.path.to_owned(),
                format: self.map.rows().format,
                message: format!(
                    "it has more than {MEMBER_ROWS_MAX} rows: split it into several, with a name each"
                ),
            }),
            Ok(read) => {
                self.rows.push(read);
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

impl<'a, M: ByMember> Reader<'a, M> {
    /// Every column that the map names, with the field that names it.
    fn named_columns(&self) -> Vec<(String, &'a str)> {
        let whole = self.map.rows();
        let (field, moment) = whole.moment;
        let mut named = vec![("member.column".to_owned(), whole.member.column.as_str())];
        named.extend(moment.columns.iter().map(|name| (format!("{field}.columns"), name.as_str())));
        named.extend(self.map.columns());
        named
    }

    fn reject(&mut self, row: u64, field: &str, value: &str, reason: Reason) -> Result<(), ImportError> {
        count(&mut self.rejected, reason.name(), 1);
        self.rejects.write(&Reject { file: self.path, row, field, value, reason })
    }

    fn read<R: Row>(&mut self, number: u64, row: &R) -> Result<MemberRow<M::What>, Problem> {
        let member = self.member(row)?;
        let at = self.moment(row)?;
        Ok(MemberRow { row: number, member, at, what: self.map.what(&self.places, row)? })
    }

    fn member<R: Row>(&self, row: &R) -> Result<String, Problem> {
        let text = row.cell(self.member).text().into_owned();
        if text.is_empty() {
            return Err(("member".to_owned(), text, Reason::MissingRespondent));
        }
        let whose = self.map.rows().member;
        let Some(kind) = whose.kind else { return Ok(text) };
        match Identifier::new(kind, &text, whose.region.as_deref()) {
            Ok(identifier) => Ok(identifier.value),
            Err(_) => Err(("member".to_owned(), text, Reason::BadMember)),
        }
    }

    fn moment<R: Row>(&mut self, row: &R) -> Result<i64, Problem> {
        let cells = self.moment.iter().map(|column| row.cell(*column)).collect::<Vec<_>>();
        let read = match cells.as_slice() {
            [date, time] => self.clock.read_pair(*date, *time),
            [one] => self.clock.read(*one),
            _ => None,
        };
        read.ok_or_else(|| {
            let texts: Vec<_> = cells.iter().map(Cell::text).collect();
            (self.map.rows().moment.0.to_owned(), texts.join(" "), Reason::BadTime)
        })
    }
}

/// An amount of money that is not below zero, in minor units of a currency whose code was checked.
pub(super) fn amount(cell: Cell<'_>, amounts: &AmountMap, currency: Option<&str>) -> Option<i64> {
    let currency = currency.and_then(|code| Currency::new(code).ok());
    let digits = match amounts.unit {
        AmountUnit::Major => currency.map_or(2, |currency| currency.decimals()),
        AmountUnit::Minor => 0,
    };
    number(cell, NumberStyle::of(amounts))
        .and_then(|value| value.rounded(digits))
        .filter(|amount| *amount >= 0)
}

impl Checker<'_> {
    /// The name of what the file brings.
    pub(super) fn set_name(&mut self, field: &str, name: &str, example: &str) {
        let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if name.is_empty() || name.len() > NAME_LENGTH_MAX || !name.chars().all(is_plain) {
            let remedy = format!("name it with small letters, digits and -, for instance \"{example}\"");
            self.problem(field, name, &remedy);
        }
    }

    /// The currency, which amounts need.
    pub(super) fn currency(&mut self, currency: Option<&String>, is_needed: bool) {
        match currency {
            Some(code) if Currency::new(code).is_err() => {
                self.problem("currency", code, "use an ISO 4217 code, for instance \"CNY\"");
            }
            None if is_needed => {
                self.problem("currency", "", "name the currency of the amounts, for instance \"CNY\"");
            }
            _ => {}
        }
    }
}
