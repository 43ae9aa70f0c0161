//! The contacts of a file: who was sent what, and when.

use domain::document::TEXT_LENGTH_MAX;

use super::super::by_member::{ByMember, MemberFile, MemberRows, Problem, Rows, amount, read_rows};
use super::super::cell::{Cell, Row};
use super::super::error::ImportError;
use super::super::reject::{Reason, RejectFile};
use super::map::ContactMap;

/// What a member was sent. What is not known is empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sent {
    pub(crate) channel: String,
    pub(crate) offer: String,
    pub(crate) voucher_batch: String,
    pub(crate) arm: String,
    /// Minor units.
    pub(crate) cost: Option<i64>,
}

/// Where a text comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Text {
    Nowhere,
    Fixed(String),
    Column(usize),
}

/// The places of a map's own columns: its texts in their order, and the cost.
#[derive(Debug, Default)]
pub(in crate::import) struct Places {
    texts: Vec<Text>,
    cost: Option<usize>,
}

/// Reads the contacts of a file. `progress` is told now and then how many bytes have been read.
pub(crate) fn read_contacts(
    map: &ContactMap,
    file: MemberFile<'_>,
    rejects: RejectFile,
    progress: &mut dyn FnMut(u64),
) -> Result<MemberRows<Sent>, ImportError> {
    read_rows(map, file, rejects, progress)
}

impl ByMember for ContactMap {
    type What = Sent;
    type Places = Places;

    fn rows(&self) -> Rows<'_> {
        Rows {
            format: "a campaign",
            file: &self.file,
            member: &self.member,
            time_zone: &self.time_zone,
            moment: ("contacted_at", &self.contacted_at),
        }
    }

    fn columns(&self) -> Vec<(String, &str)> {
        let texts = self.texts().into_iter().filter_map(|(field, name)| Some((field, name?)));
        let columns = texts.filter(|(_, name)| !name.starts_with('='));
        let named = columns.chain(self.cost.as_deref().map(|name| ("cost", name)));
        named.map(|(field, name)| (field.to_owned(), name)).collect()
    }

    fn places(&self, at: &dyn Fn(&str) -> usize) -> Places {
        let text = |name: Option<&str>| match name {
            None => Text::Nowhere,
            Some(name) => name
                .strip_prefix('=')
                .map_or_else(|| Text::Column(at(name)), |fixed| Text::Fixed(fixed.to_owned())),
        };
        Places {
            texts: self.texts().into_iter().map(|(_, name)| text(name)).collect(),
            cost: self.cost.as_deref().map(at),
        }
    }

    fn what<R: Row>(&self, places: &Places, row: &R) -> Result<Sent, Problem> {
        let mut texts = Vec::new();
        for ((field, _), text) in self.texts().into_iter().zip(&places.texts) {
            texts.push(match text {
                Text::Nowhere => String::new(),
                Text::Fixed(text) => text.clone(),
                Text::Column(column) => checked(field, row.cell(*column))?,
            });
        }
        let [channel, offer, voucher_batch, arm] = <[String; 4]>::try_from(texts).unwrap_or_default();
        let cost = match places.cost.map(|column| row.cell(column)) {
            None | Some(Cell::Missing) => None,
            Some(cell) => Some(
                amount(cell, &self.amounts, self.currency.as_deref())
                    .ok_or_else(|| ("cost".to_owned(), cell.text().into_owned(), Reason::BadAmount))?,
            ),
        };
        Ok(Sent { channel, offer, voucher_batch, arm, cost })
    }
}

/// A text that the lake can hold.
fn checked(field: &str, cell: Cell<'_>) -> Result<String, Problem> {
    let text = cell.text().into_owned();
    if matches!(cell, Cell::Undecodable(_)) {
        return Err((field.to_owned(), text, Reason::Undecodable));
    }
    if text.len() > TEXT_LENGTH_MAX || text.chars().any(char::is_control) {
        return Err((field.to_owned(), text, Reason::BadText));
    }
    Ok(text)
}
