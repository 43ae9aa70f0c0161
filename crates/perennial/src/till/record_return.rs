//! Taking goods back by the number of their receipt: its lines, how many of each come back, what that does to points
//! and money, and then the return itself, by the operation the API uses.

use askama::Template;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use domain::document::{Purchase, PurchaseLine, Return, ReturnLine};
use domain::ledger::{Fact, ReturnProgress};
use domain::money::Money;
use domain::refusal::Refusal;
use jiff::Timestamp;
use operations::{Answer, Command, OperationError, Recorded, Request};
use serde::Deserialize;

use super::number::{read_quantity, write_quantity};
use super::{draw_reference, key};
use crate::console::Console;
use crate::console::format::number;
use crate::console::member::unit_name;
use crate::console::page::{Frame, Section, show};
use crate::console::problem::{self, sentence};
use crate::console::query::encode;
use crate::console::roles::Permission;
use crate::console::session::{Fields, Reader, Submission};

/// Which receipt.
#[derive(Debug, Default, Deserialize)]
pub(super) struct ReturnQuery {
    #[serde(default)]
    reference: String,
}

#[derive(Template)]
#[template(path = "till/return.html")]
struct ReturnPage {
    f: Frame,
    /// The number that was asked for.
    asked: String,
    sale: Option<SaleView>,
    fault: Option<String>,
}

/// A sale that can come back.
struct SaleView {
    reference: String,
    occurred_at: String,
    when: String,
    member: String,
    rows: Vec<Row>,
    /// What the chosen part does, once something is chosen.
    effect: Option<Effect>,
}

struct Row {
    number: usize,
    item: String,
    bought: String,
    amount: String,
    left: String,
    step: &'static str,
    chosen: String,
}

/// What a return does.
struct Effect {
    money: String,
    points: Vec<String>,
    why: Vec<String>,
}

/// A return as it is filled in.
struct ReturnForm {
    purchase: String,
    reference: String,
    occurred_at: Timestamp,
    chosen: Vec<String>,
}

impl ReturnForm {
    fn new(console: &Console, purchase: &str) -> Self {
        Self {
            purchase: purchase.to_owned(),
            reference: draw_reference(console, "R"),
            occurred_at: console.engine.clock().now(),
            chosen: Vec::new(),
        }
    }

    fn read(console: &Console, fields: &Fields) -> Self {
        let mut form = Self::new(console, fields.text("purchase"));
        if !fields.text("reference").is_empty() {
            fields.text("reference").clone_into(&mut form.reference);
        }
        form.occurred_at = fields.text("occurred_at").parse().unwrap_or(form.occurred_at);
        let lines = (0..).map(|line| format!("quantity-{line}"));
        let sent = lines.take_while(|name| fields.names().any(|sent| sent == name));
        form.chosen = sent.map(|name| fields.text(&name).to_owned()).collect();
        form
    }
}

/// The page: which receipt, and its lines once it is found.
pub(super) async fn page(
    State(console): State<Console>,
    Query(query): Query<ReturnQuery>,
    reader: Reader,
) -> Response {
    let reference = query.reference.trim();
    if reference.is_empty() {
        let page = ReturnPage { f: frame(reader.frame), asked: String::new(), sale: None, fault: None };
        return show(StatusCode::OK, &page);
    }
    let form = ReturnForm::new(&console, reference);
    answer(&console, reader, form, "").await
}

/// Previews a return, or records it.
pub(super) async fn record_return(
    State(console): State<Console>,
    Submission { reader, fields }: Submission,
) -> Response {
    let form = ReturnForm::read(&console, &fields);
    answer(&console, reader, form, fields.text("action")).await
}

fn frame(mut f: Frame) -> Frame {
    f.section = Section::TillReturns;
    "/till/returns".clone_into(&mut f.here);
    f
}

async fn answer(console: &Console, reader: Reader, mut form: ReturnForm, action: &str) -> Response {
    let f = frame(reader.frame);
    let sale = match sold(console, &form.purchase).await {
        Ok(sale) => sale,
        Err(OperationError::Refused(_)) => {
            let fault = Some(f.v("till-receipt-unknown", &form.purchase));
            return show(StatusCode::NOT_FOUND, &ReturnPage { asked: form.purchase, sale: None, fault, f });
        }
        Err(error) => return problem::failed(f, &error),
    };
    if action == "all" {
        form.chosen = sale.lefts().map(write_quantity).collect();
    }
    // A return whose answer was lost is shown as it was recorded: what is left no longer has room for it.
    if action == "record" && is_return(console, &form.reference).await {
        return Redirect::to(&format!("/till/receipts/{}", encode(&form.reference))).into_response();
    }
    let lines = match sale.lines(&form.chosen) {
        Ok(lines) => lines,
        Err(position) => {
            let fault = Some(f.v("till-return-quantity", number(i64::try_from(position + 1).unwrap_or(0))));
            return show(StatusCode::BAD_REQUEST, &sale.page(f, form, None, fault));
        }
    };
    if lines.is_empty() {
        let fault = (action == "record").then(|| f.t("till-return-nothing"));
        let status = if fault.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
        return show(status, &sale.page(f, form, None, fault));
    }
    let document = Return {
        key: key(&form.reference),
        purchase: sale.purchase.key.clone(),
        occurred_at: form.occurred_at,
        lines,
    };
    let record = action == "record";
    let request = Request::new(Command::RecordReturn { document }, &*reader.actor).dry_run(!record);
    match console.engine.carry_out(request).await.and_then(Answer::recorded) {
        Ok(_) if record => {
            Redirect::to(&format!("/till/receipts/{}", encode(&form.reference))).into_response()
        }
        Ok(recorded) => {
            let effect = Some(sale.effect(&f, &recorded));
            show(StatusCode::OK, &sale.page(f, form, effect, None))
        }
        Err(OperationError::Refused(refusal)) => {
            let status = crate::api::status_of(&refusal);
            let fault = Some(sentence(&f, &refusal.into()));
            show(status, &sale.page(f, form, None, fault))
        }
        Err(error) => problem::failed(f, &error),
    }
}

/// Whether a return is recorded under a number; if the ledger does not answer, recording asks it again.
async fn is_return(console: &Console, reference: &str) -> bool {
    let found = console.engine.view_document(&key(reference)).await;
    found.is_ok_and(|found| matches!(found.entry.fact, Fact::ReturnRecorded { .. }))
}

/// A recorded sale.
struct Sold {
    purchase: Purchase,
    returned: ReturnProgress,
    member: Option<String>,
}

async fn sold(console: &Console, reference: &str) -> Result<Sold, OperationError> {
    let found = console.engine.view_document(&key(reference)).await?;
    let Fact::PurchaseRecorded { purchase, .. } = found.entry.fact else {
        let key = key(reference);
        return Err(Refusal::NotAPurchase { source_name: key.source, reference: key.reference }.into());
    };
    let id = operations::MemberReference::Id(found.entry.id.account_id);
    let member = console.engine.view_member(&id).await?.profile.name;
    Ok(Sold { purchase, returned: found.returned, member })
}

impl Sold {
    fn left_amount(&self, line: usize) -> i64 {
        let returned = self.returned.lines.iter().find(|part| usize::try_from(part.line) == Ok(line));
        let bought = self.purchase.lines.get(line).map_or(0, |line| line.amount);
        bought - returned.map_or(0, |part| part.amount)
    }

    fn lefts(&self) -> impl Iterator<Item = i64> {
        let left = |(at, line)| left_quantity(line, self.left_amount(at));
        self.purchase.lines.iter().enumerate().map(left)
    }

    /// The lines that come back, or the position of the first quantity that cannot be.
    fn lines(&self, chosen: &[String]) -> Result<Vec<ReturnLine>, usize> {
        let mut lines = Vec::new();
        for (at, (bought, text)) in self.purchase.lines.iter().zip(chosen).enumerate() {
            if text.is_empty() || text == "0" {
                continue;
            }
            let left = self.left_amount(at);
            let quantity = read_quantity(text).map_err(|_| at)?;
            let amount = value_of(bought, left, quantity).ok_or(at)?;
            lines.push(ReturnLine { line: u32::try_from(at).unwrap_or(u32::MAX), amount });
        }
        Ok(lines)
    }

    fn effect(&self, f: &Frame, recorded: &Recorded) -> Effect {
        let programme = recorded.programme.as_deref();
        let why = domain::explain::explain(&recorded.entry, programme, f.language);
        let receipt = recorded.receipt();
        let value = match &recorded.entry.fact {
            Fact::ReturnRecorded { lines, .. } => lines.iter().map(|line| line.amount).sum(),
            _ => 0,
        };
        let in_points: i64 = receipt.refunds.iter().map(|refund| refund.amount).sum();
        let unit = |unit| unit_name(f, programme, unit);
        let given = receipt.refunds.iter().filter(|refund| refund.points > 0);
        let given = given.map(|refund| format!("+{} {}", number(refund.points), unit(refund.unit)));
        let taken = receipt.clawback.iter().filter(|part| part.due > 0);
        let taken = taken.map(|part| format!("−{} {}", number(part.due), unit(part.unit)));
        Effect {
            money: f.formats.money(Money { amount: value - in_points, currency: self.purchase.currency }),
            points: given.chain(taken).collect(),
            why: why.spending.into_iter().chain(why.clawback).collect(),
        }
    }

    fn page(&self, f: Frame, form: ReturnForm, effect: Option<Effect>, fault: Option<String>) -> ReturnPage {
        let money = |amount| f.formats.money(Money { amount, currency: self.purchase.currency });
        let row = |(at, line): (usize, &PurchaseLine)| {
            let left = left_quantity(line, self.left_amount(at));
            let position = number(i64::try_from(at + 1).unwrap_or(0));
            Row {
                number: at,
                item: if line.sku.is_empty() {
                    f.v("till-line-nameless", position)
                } else {
                    line.sku.clone()
                },
                bought: write_quantity(line.quantity_milli),
                amount: money(line.amount),
                left: write_quantity(left),
                step: if line.quantity_milli % 1_000 == 0 { "1" } else { "0.001" },
                chosen: form
                    .chosen
                    .get(at)
                    .filter(|text| !text.is_empty())
                    .cloned()
                    .unwrap_or("0".to_owned()),
            }
        };
        let sale = SaleView {
            rows: self.purchase.lines.iter().enumerate().map(row).collect(),
            reference: form.reference,
            occurred_at: form.occurred_at.to_string(),
            when: f.formats.time(self.purchase.occurred_at),
            member: self.member.clone().unwrap_or_else(|| f.t("nameless")),
            effect,
        };
        ReturnPage { asked: form.purchase, sale: Some(sale), fault, f }
    }
}

/// How much of a line has not come back, in thousandths: what its value that is left stands for. Lines of whole pieces
/// have whole pieces left.
fn left_quantity(line: &PurchaseLine, left_amount: i64) -> i64 {
    if line.amount == 0 {
        return 0;
    }
    let exact = i128::from(line.quantity_milli) * i128::from(left_amount) / i128::from(line.amount);
    let left = i64::try_from(exact).unwrap_or(0);
    if line.quantity_milli % 1_000 == 0 { (left + 500) / 1_000 * 1_000 } else { left }
}

/// The value of a part of a line: its share of the price, rounded down; all that is left once nothing remains. None if
/// more would come back than is left.
fn value_of(line: &PurchaseLine, left_amount: i64, quantity_milli: i64) -> Option<i64> {
    let left = left_quantity(line, left_amount);
    if quantity_milli > left {
        return None;
    }
    if quantity_milli == left {
        return Some(left_amount);
    }
    let share = i128::from(line.amount) * i128::from(quantity_milli) / i128::from(line.quantity_milli);
    let share = i64::try_from(share).ok()?;
    Some(if share.abs() > left_amount.abs() { left_amount } else { share })
}

#[cfg(test)]
mod tests {
    use domain::document::PurchaseLine;

    use super::{left_quantity, value_of};

    #[test]
    fn parts_of_a_line_add_up_to_its_price() {
        let three = PurchaseLine { quantity_milli: 3_000, amount: 1_000, ..PurchaseLine::default() };
        let mut left = three.amount;
        let mut parts = Vec::new();
        for expected_left in [3_000, 2_000, 1_000] {
            assert_eq!(left_quantity(&three, left), expected_left);
            let part = value_of(&three, left, 1_000).unwrap_or(0);
            parts.push(part);
            left -= part;
        }
        assert_eq!((parts, left_quantity(&three, left)), (vec![333, 333, 334], 0));
        assert_eq!(value_of(&three, 667, 3_000), None, "only two are left");

        let coupon = PurchaseLine { quantity_milli: 1_000, amount: -500, ..PurchaseLine::default() };
        assert_eq!((left_quantity(&coupon, -500), value_of(&coupon, -500, 1_000)), (1_000, Some(-500)));

        let weighed = PurchaseLine { quantity_milli: 1_235, amount: 1_233, ..PurchaseLine::default() };
        assert_eq!(value_of(&weighed, 1_233, 235), Some(234));
        let free = PurchaseLine { quantity_milli: 1_000, amount: 0, ..PurchaseLine::default() };
        assert_eq!(value_of(&free, 0, 1_000), None, "what cost nothing gives nothing back");
    }
}
