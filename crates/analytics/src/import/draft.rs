//! One row as a part of a receipt: what the receipt says as a whole, and the row's lines.

use std::borrow::Cow;

use domain::document::TEXT_LENGTH_MAX;
use domain::member::Identifier;
use domain::money::{AMOUNT_MAX, Currency};

use super::bytes::{Line, put_line};
use super::cell::{Cell, Row};
use super::join::JoinTable;
use super::map::{AmountUnit, DuplicatePolicy, ImportMap, ReturnAmounts, ReturnSign};
use super::moment::Clock;
use super::number::{Number, NumberStyle};
use super::plan::{CurrencySource, LinePlan, Plan, Source, joined_text, number};
use super::reject::Reason;

/// What one row says.
#[derive(Debug, Default)]
pub(super) struct Draft {
    pub(super) reference: String,
    /// Empty where the row names no member.
    pub(super) member: String,
    pub(super) currency: String,
    pub(super) store: String,
    pub(super) channel: String,
    /// Microseconds since 1970.
    pub(super) occurred_at: i64,
    /// Each line behind its length in four bytes.
    pub(super) lines: Vec<u8>,
    pub(super) line_count: usize,
}

impl Draft {
    fn add_line(&mut self, line: &[u8]) {
        let length = u32::try_from(line.len()).unwrap_or(u32::MAX);
        self.lines.extend_from_slice(&length.to_le_bytes());
        self.lines.extend_from_slice(line);
        self.line_count += 1;
    }
}

/// Why a row cannot be read: field of the map, value, reason.
pub(super) type RowProblem = (&'static str, String, Reason);

/// What became of a row.
pub(super) enum Outcome {
    /// It is in the draft.
    Read,
    /// An exclusion of the map fits, by its position.
    Excluded(usize),
    /// A return of nothing.
    Worthless,
}

/// Reads rows as a map says.
pub(super) struct RowReader<'m> {
    map: &'m ImportMap,
    clock: Clock,
    style: NumberStyle,
    joins: Vec<JoinTable>,
    last_member: Option<(String, String)>,
    scratch: Vec<u8>,
}

impl<'m> RowReader<'m> {
    pub(super) fn new(map: &'m ImportMap, clock: Clock, joins: Vec<JoinTable>) -> Self {
        let style = NumberStyle::of(&map.amounts);
        Self { map, clock, style, joins, last_member: None, scratch: Vec::new() }
    }

    /// Reads a row into the draft. If it fails, the reference is there if it could be read.
    pub(super) fn read<R: Row>(
        &mut self,
        plan: &Plan,
        row: &R,
        row_key: [u8; 12],
        draft: &mut Draft,
    ) -> Result<Outcome, RowProblem> {
        draft.reference.clear();
        draft.lines.clear();
        draft.line_count = 0;
        let fits = |condition: &super::plan::Condition| condition.holds(row, &self.joins, self.style);
        if let Some(position) = plan.exclude.iter().position(fits) {
            return Ok(Outcome::Excluded(position));
        }
        self.read_reference(plan, row, draft)?;
        self.read_member(plan, row, draft)?;
        self.read_moment(plan, row, draft)?;
        let currency = match &plan.currency {
            CurrencySource::Fixed(currency) => *currency,
            CurrencySource::Read(source) => {
                let text = source.cell(row, &self.joins).text();
                Currency::new(&text).map_err(|_| ("currency", text.into_owned(), Reason::BadCurrency))?
            }
        };
        set(&mut draft.currency, currency.as_str());
        set(&mut draft.store, &optional_text("purchase.store", plan.store.as_ref(), row, &self.joins)?);
        set(&mut draft.channel, &optional_text("purchase.channel", plan.channel.as_ref(), row, &self.joins)?);
        self.read_lines(plan, row, row_key, currency, draft)?;
        Ok(if draft.line_count == 0 { Outcome::Worthless } else { Outcome::Read })
    }

    fn read_reference<R: Row>(&self, plan: &Plan, row: &R, draft: &mut Draft) -> Result<(), RowProblem> {
        for source in &plan.reference {
            let cell = source.cell(row, &self.joins);
            if cell == Cell::Missing {
                return Err(("reference", String::new(), Reason::MissingReference));
            }
            checked("reference", cell)?;
        }
        let text = joined_text(&plan.reference, row, &self.joins, "/");
        if text.len() > TEXT_LENGTH_MAX {
            return Err(("reference", text.into_owned(), Reason::BadText));
        }
        set(&mut draft.reference, &text);
        Ok(())
    }

    fn read_member<R: Row>(&mut self, plan: &Plan, row: &R, draft: &mut Draft) -> Result<(), RowProblem> {
        let text = checked("member", plan.member.cell(row, &self.joins))?;
        if text.is_empty() {
            draft.member.clear();
            return Ok(());
        }
        // Rows of one receipt follow each other: most members were just read.
        if let Some((last, value)) = &self.last_member
            && *last == *text
        {
            set(&mut draft.member, value);
            return Ok(());
        }
        let map = &self.map.member;
        let identifier = Identifier::new(map.kind, &text, map.region.as_deref())
            .map_err(|_| ("member", text.clone().into_owned(), Reason::BadMember))?;
        set(&mut draft.member, &identifier.value);
        self.last_member = Some((text.into_owned(), identifier.value));
        Ok(())
    }

    fn read_moment<R: Row>(&mut self, plan: &Plan, row: &R, draft: &mut Draft) -> Result<(), RowProblem> {
        let micros = match plan.occurred_at.as_slice() {
            [date, time] => self.clock.read_pair(date.cell(row, &self.joins), time.cell(row, &self.joins)),
            [one] => self.clock.read(one.cell(row, &self.joins)),
            _ => None,
        };
        draft.occurred_at = micros.ok_or_else(|| {
            (
                "occurred_at",
                joined_text(&plan.occurred_at, row, &self.joins, " ").into_owned(),
                Reason::BadTime,
            )
        })?;
        Ok(())
    }

    fn read_lines<R: Row>(
        &mut self,
        plan: &Plan,
        row: &R,
        row_key: [u8; 12],
        currency: Currency,
        draft: &mut Draft,
    ) -> Result<(), RowProblem> {
        let content_hash = match self.map.duplicates {
            DuplicatePolicy::Keep => None,
            _ => Some(row.content_hash().to_le_bytes()),
        };
        let is_wide = plan.lines.len() > 1;
        for (position, line_plan) in plan.lines.iter().enumerate() {
            // A wide row leaves the columns of lines that it does not have empty.
            let amount_source = line_plan.amount.as_ref().or(line_plan.unit_price.as_ref());
            if is_wide && amount_source.is_none_or(|source| source.cell(row, &self.joins) == Cell::Missing) {
                continue;
            }
            let (amount, quantity_milli, is_return) = self.value(plan, line_plan, row, currency)?;
            if is_return && amount == 0 {
                continue;
            }
            let joins = &self.joins;
            let number = match &line_plan.number {
                None => u32::try_from(position).unwrap_or(0),
                Some(source) => self.line_number(source.cell(row, joins))?,
            };
            let sku = optional_text("line.sku", line_plan.sku.as_ref(), row, joins)?;
            let category = optional_text("line.category", line_plan.category.as_ref(), row, joins)?;
            let brand = optional_text("line.brand", line_plan.brand.as_ref(), row, joins)?;
            let purchase = if is_return { self.purchase_name(plan, row)? } else { String::new() };
            let tags = self.tags(plan, line_plan, row)?;
            let begins_row = draft.line_count == 0;
            let tax = match &line_plan.tax {
                None => 0,
                Some(source) => self.minor_units("line.tax", source.cell(row, joins), currency)?,
            };
            let payments =
                if is_return { Vec::new() } else { self.payments(plan, row, amount, begins_row, currency)? };
            let line = Line {
                is_return,
                number,
                sku: &sku,
                amount,
                quantity_milli,
                tax,
                category: &category,
                brand: &brand,
                purchase: &purchase,
                begins_row,
            };
            self.scratch.clear();
            put_line(&mut self.scratch, &line, &tags, &payments);
            self.scratch.extend_from_slice(content_hash.as_ref().map_or(&[], |hash| hash.as_slice()));
            if self.map.duplicates == DuplicatePolicy::Reject {
                self.scratch.extend_from_slice(&row_key);
            }
            draft.add_line(&self.scratch);
        }
        Ok(())
    }

    /// How a line was paid; the parts that a wide row states stand with its first line.
    fn payments<'a, R: Row>(
        &self,
        plan: &'a Plan,
        row: &'a R,
        amount: i64,
        begins_row: bool,
        currency: Currency,
    ) -> Result<Vec<(Cow<'a, str>, i64)>, RowProblem> {
        let mut payments = Vec::new();
        if let Some(source) = &plan.payment_method {
            let method = checked("purchase.payment_method", source.cell(row, &self.joins))?.into_owned();
            if !method.is_empty() {
                payments.push((Cow::Owned(method), amount));
            }
        }
        for (method, source) in plan.payments.iter().filter(|_| begins_row) {
            let cell = source.cell(row, &self.joins);
            if cell != Cell::Missing {
                payments.push((
                    Cow::Borrowed(method.as_str()),
                    self.minor_units("payment.amount", cell, currency)?,
                ));
            }
        }
        Ok(payments)
    }

    /// Amount, quantity and whether it comes back; returns have both above zero.
    fn value<R: Row>(
        &self,
        plan: &Plan,
        line: &LinePlan,
        row: &R,
        currency: Currency,
    ) -> Result<(i64, i64, bool), RowProblem> {
        let quantity = match &line.quantity {
            None => None,
            Some(source) => {
                let cell = source.cell(row, &self.joins);
                Some(
                    number(cell, self.style)
                        .ok_or_else(|| ("line.quantity", cell.text().into_owned(), Reason::BadQuantity))?,
                )
            }
        };
        let quantity_milli = match quantity {
            None => 1_000,
            Some(quantity) => quantity
                .rounded(3)
                .filter(|milli| milli.abs() <= AMOUNT_MAX)
                .ok_or_else(|| ("line.quantity", String::new(), Reason::AmountTooLarge))?,
        };
        let amount = self.amount(line, row, quantity, currency)?;
        let Some(returns) = &self.map.returns else { return signed_line(amount, quantity_milli) };
        let is_return = match returns.when {
            ReturnSign::Column => {
                plan.return_flag.as_ref().is_some_and(|flag| flag.holds(row, &self.joins, self.style))
            }
            ReturnSign::NegativeQuantity => quantity_milli < 0,
            ReturnSign::NegativeAmount => amount < 0,
        };
        if !is_return {
            return signed_line(amount, quantity_milli);
        }
        let is_below = match returns.amounts {
            ReturnAmounts::Negative => amount <= 0,
            ReturnAmounts::Positive => amount >= 0,
        };
        if !is_below {
            return Err(("line.amount", amount.to_string(), Reason::WrongSign));
        }
        Ok((amount.abs(), quantity_milli.abs(), true))
    }

    fn amount<R: Row>(
        &self,
        line: &LinePlan,
        row: &R,
        quantity: Option<Number>,
        currency: Currency,
    ) -> Result<i64, RowProblem> {
        if let Some(source) = &line.amount {
            return self.minor_units("line.amount", source.cell(row, &self.joins), currency);
        }
        let cell = line.unit_price.as_ref().map_or(Cell::Missing, |source| source.cell(row, &self.joins));
        let bad = |reason| ("line.unit_price", cell.text().into_owned(), reason);
        let price = number(cell, self.style).ok_or_else(|| bad(Reason::BadAmount))?;
        let product =
            quantity.and_then(|quantity| quantity.times(price)).ok_or_else(|| bad(Reason::AmountTooLarge))?;
        self.round(product, currency).ok_or_else(|| bad(Reason::AmountTooLarge))
    }

    fn minor_units(
        &self,
        field: &'static str,
        cell: Cell<'_>,
        currency: Currency,
    ) -> Result<i64, RowProblem> {
        let bad = |reason| (field, cell.text().into_owned(), reason);
        let value = number(cell, self.style).ok_or_else(|| bad(Reason::BadAmount))?;
        self.round(value, currency).ok_or_else(|| bad(Reason::AmountTooLarge))
    }

    fn round(&self, value: Number, currency: Currency) -> Option<i64> {
        let places = match self.map.amounts.unit {
            AmountUnit::Major => currency.decimals(),
            AmountUnit::Minor => 0,
        };
        value.rounded(places).filter(|amount| amount.abs() <= AMOUNT_MAX)
    }

    fn line_number(&self, cell: Cell<'_>) -> Result<u32, RowProblem> {
        let whole =
            number(cell, self.style).and_then(|number| number.rounded(0)).and_then(|n| u32::try_from(n).ok());
        whole.ok_or_else(|| ("line.number", cell.text().into_owned(), Reason::BadNumber))
    }

    /// The purchase that a return names, where the map's rule asks for it.
    fn purchase_name<R: Row>(&self, plan: &Plan, row: &R) -> Result<String, RowProblem> {
        let Some(source) = &plan.return_purchase else { return Ok(String::new()) };
        let text = checked("returns.purchase", source.cell(row, &self.joins))?;
        let strip =
            self.map.returns.as_ref().and_then(|returns| returns.purchase_strip.as_deref()).unwrap_or("");
        let name = text.strip_prefix(strip).unwrap_or(&text);
        if name.is_empty() {
            return Err(("returns.purchase", String::new(), Reason::NoPurchaseNamed));
        }
        Ok(name.to_owned())
    }

    fn tags<R: Row>(&self, plan: &Plan, line: &LinePlan, row: &R) -> Result<Vec<String>, RowProblem> {
        let mut tags: Vec<String> = Vec::new();
        if let Some(source) = &line.tags {
            let text = checked("line.tags", source.cell(row, &self.joins))?;
            tags.extend(text.split('|').map(str::trim).filter(|tag| !tag.is_empty()).map(str::to_owned));
        }
        let named = plan.tag.iter().filter(|condition| condition.holds(row, &self.joins, self.style));
        tags.extend(named.map(|condition| condition.name.clone()));
        tags.sort_unstable();
        tags.dedup();
        Ok(tags)
    }
}

/// A line that does not come back: its quantity is above zero also where its amount lowers the basket.
fn signed_line(amount: i64, quantity_milli: i64) -> Result<(i64, i64, bool), RowProblem> {
    if quantity_milli < 0 && amount > 0 {
        return Err(("line.amount", amount.to_string(), Reason::WrongSign));
    }
    Ok((amount, quantity_milli.abs(), false))
}

fn optional_text<'a, R: Row>(
    field: &'static str,
    source: Option<&'a Source>,
    row: &'a R,
    joins: &'a [JoinTable],
) -> Result<Cow<'a, str>, RowProblem> {
    source.map_or(Ok(Cow::Borrowed("")), |source| checked(field, source.cell(row, joins)))
}

/// Text that a document can hold.
fn checked<'a>(field: &'static str, cell: Cell<'a>) -> Result<Cow<'a, str>, RowProblem> {
    let text = cell.text();
    if matches!(cell, Cell::Undecodable(_)) {
        return Err((field, text.into_owned(), Reason::Undecodable));
    }
    if text.len() > TEXT_LENGTH_MAX || text.chars().any(char::is_control) {
        return Err((field, text.into_owned(), Reason::BadText));
    }
    Ok(text)
}

fn set(target: &mut String, text: &str) {
    target.clear();
    target.push_str(text);
}
