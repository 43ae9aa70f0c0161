//! The receipt of a sale or a return: what was bought or came back, what it earned or took back and why, and a code
//! that leads back to it.

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use domain::document::{DocumentKey, Purchase};
use domain::ids::EntryId;
use domain::ledger::{ClawbackPart, Entry, Fact, PointsRefund, PointsSpent, ReturnedLine};
use domain::money::Money;
use domain::programme::CompiledProgramme;
use domain::voucher::{PurchaseVoucher, as_reported};
use operations::{Explanation, MemberReference, OperationError};
use serde::Deserialize;

use super::key;
use super::number::write_quantity;
use super::qr::{self, Code};
use super::quote::{EarnedView, earned};
use super::vouchers::settlement;
use crate::console::Console;
use crate::console::format::number;
use crate::console::member::{unit_name, unit_number};
use crate::console::page::{Frame, Section, ok};
use crate::console::problem;
use crate::console::roles::Permission;
use crate::console::session::Reader;

/// What is to be said of the moment it was recorded.
#[derive(Debug, Default, Deserialize)]
pub(super) struct ReceiptQuery {
    #[serde(default)]
    again: String,
    #[serde(default)]
    changed: String,
}

#[derive(Template)]
#[template(path = "till/receipt.html")]
struct ReceiptPage {
    f: Frame,
    r: ReceiptView,
}

/// A receipt in words.
struct ReceiptView {
    shop: String,
    reference: String,
    /// The purchase that a return takes back.
    of: Option<String>,
    when: String,
    member: String,
    lines: Vec<ReceiptLine>,
    /// What vouchers took off.
    vouchers: Vec<Amount>,
    /// What was taken too much or too little, if so.
    settlement: Option<String>,
    total: String,
    paid: Vec<Amount>,
    earned: Vec<EarnedView>,
    /// What a return takes back and gives back, in points.
    moved: Vec<Amount>,
    why: Explanation,
    qr: Option<Code>,
}

struct ReceiptLine {
    item: String,
    quantity: String,
    amount: String,
}

struct Amount {
    label: String,
    amount: String,
}

/// The page.
pub(super) async fn page(
    State(console): State<Console>,
    Path(reference): Path<String>,
    Query(query): Query<ReceiptQuery>,
    reader: Reader,
) -> Response {
    let mut f = reader.frame;
    f.section = Section::Till;
    f.notice = match (query.again.as_str(), query.changed.as_str()) {
        ("yes", _) => Some(f.t("till-receipt-again")),
        (_, "yes") => Some(f.t("till-programme-changed")),
        _ => None,
    };
    match view(&console, &f, &key(&reference)).await {
        Ok(Some(r)) => ok(&ReceiptPage { f, r }),
        Ok(None) => problem::not_found(f),
        Err(error) => problem::failed(f, &error),
    }
}

async fn view(
    console: &Console,
    f: &Frame,
    key: &DocumentKey,
) -> Result<Option<ReceiptView>, OperationError> {
    let entry = console.engine.view_document(key).await?.entry;
    let account_id = entry.id.account_id;
    let person = console.engine.view_member(&MemberReference::Id(account_id)).await?;
    let programmes = console.engine.programmes();
    let Some(programme) = programmes.version(entry.programme_version) else { return Ok(None) };
    let why = console.engine.explain(entry.id, f.language).await?;
    let member = person.profile.name.unwrap_or_else(|| f.t("nameless"));
    let receipt = Receipt { f, programme, entry: &entry, why, member };
    match &entry.fact {
        Fact::PurchaseRecorded { purchase, spent, .. } => Ok(Some(receipt.of_sale(purchase, spent))),
        Fact::ReturnRecorded { document, purchase_entry_no, lines, clawback, refunds } => {
            let sold =
                console.engine.view_entry(EntryId { account_id, entry_no: *purchase_entry_no }).await?;
            let Fact::PurchaseRecorded { purchase, .. } = &sold.fact else { return Ok(None) };
            let of = document.purchase.reference.clone();
            Ok(Some(receipt.of_return(purchase, of, lines, (clawback, refunds))))
        }
        _ => Ok(None),
    }
}

/// What the two kinds of receipt have in common.
struct Receipt<'a> {
    f: &'a Frame,
    programme: &'a CompiledProgramme,
    entry: &'a Entry,
    why: Explanation,
    member: String,
}

impl Receipt<'_> {
    fn money(&self, purchase: &Purchase, amount: i64) -> String {
        self.f.formats.money(Money { amount, currency: purchase.currency })
    }

    fn line(&self, purchase: &Purchase, position: usize, amount: i64) -> ReceiptLine {
        let line = purchase.lines.get(position);
        let item = line.map(|line| line.sku.clone()).filter(|item| !item.is_empty());
        // What came back is told by its value: the quantity of the line is what was bought.
        let whole = line.filter(|line| line.amount == amount);
        ReceiptLine {
            item: item.unwrap_or_else(|| self.f.v("till-line-nameless", number(count(position + 1)))),
            quantity: whole.map_or_else(String::new, |line| write_quantity(line.quantity_milli)),
            amount: self.money(purchase, amount),
        }
    }

    fn of_sale(self, purchase: &Purchase, spent: &[PointsSpent]) -> ReceiptView {
        // At the prices the customer saw, then what vouchers took off.
        let reported = as_reported(purchase);
        let lines = reported.lines.iter().enumerate();
        let applied = purchase.vouchers.iter().filter(|voucher| voucher.applied());
        let voucher = |voucher: &PurchaseVoucher| Amount {
            label: self.voucher(voucher),
            amount: self.money(purchase, voucher.discount.saturating_neg()),
        };
        let vouchers = applied.map(voucher).collect();
        let receipt = domain::receipt::receipt(self.entry, Some(self.programme));
        let mut paid: Vec<Amount> = Vec::new();
        let mut spent = spent.iter();
        for payment in &purchase.payments {
            // One payment in stored value may take money and bonus: each has a line of its own.
            let mut rest = payment.amount;
            while let Some(taken) = spent.as_slice().first().filter(|_| payment.from_balances() && rest > 0) {
                spent.next();
                rest = rest.saturating_sub(taken.amount);
                let label = if payment.stored_value.is_some() {
                    self.unit(taken.unit)
                } else {
                    format!("{} {}", number(taken.points), self.unit(taken.unit))
                };
                paid.push(Amount { label, amount: self.money(purchase, taken.amount) });
            }
            if !payment.from_balances() {
                let label = self.f.named("till-method-", &payment.method);
                paid.push(Amount { label, amount: self.money(purchase, payment.amount) });
            }
        }
        ReceiptView {
            lines: lines.map(|(position, line)| self.line(&reported, position, line.amount)).collect(),
            vouchers,
            settlement: settlement(self.f, purchase),
            total: self.money(purchase, purchase.total().unwrap_or(0)),
            earned: earned(self.f, self.programme, &receipt.earned),
            paid,
            ..self.frame(&purchase.key.reference)
        }
    }

    fn of_return(
        self,
        purchase: &Purchase,
        of: String,
        lines: &[ReturnedLine],
        (clawback, refunds): (&[ClawbackPart], &[PointsRefund]),
    ) -> ReceiptView {
        let value: i64 = lines.iter().map(|line| line.amount).sum();
        let in_points: i64 = refunds.iter().map(|refund| refund.amount).sum();
        let taken = clawback.iter().filter(|part| part.due > 0).map(|part| Amount {
            label: self.f.t("till-points-taken"),
            amount: format!("−{} {}", number(part.due), self.unit(part.unit)),
        });
        let given = refunds.iter().filter(|refund| refund.points > 0).map(|refund| Amount {
            label: self.f.t("till-points-given"),
            amount: format!(
                "+{} {}",
                unit_number(self.f, Some(self.programme), refund.unit, refund.points),
                self.unit(refund.unit)
            ),
        });
        let rows = lines.iter().map(|line| self.line(purchase, place(line.line), line.amount)).collect();
        let money = Amount {
            label: self.f.t("till-money-back"),
            amount: self.money(purchase, value.saturating_sub(in_points)),
        };
        let own = self.entry.fact.document_key().map_or("", |key| key.reference.as_str());
        ReceiptView {
            lines: rows,
            total: self.money(purchase, value),
            moved: given.chain(taken).collect(),
            paid: vec![money],
            of: Some(of),
            ..self.frame(own)
        }
    }

    fn voucher(&self, voucher: &PurchaseVoucher) -> String {
        let found = voucher.template.and_then(|template| self.programme.programme().voucher(template));
        found.map_or_else(|| self.f.t("till-voucher"), |found| found.name.get(self.f.language).to_owned())
    }

    fn unit(&self, unit: domain::code::Code) -> String {
        unit_name(self.f, Some(self.programme), unit)
    }

    /// What both kinds show alike.
    fn frame(&self, reference: &str) -> ReceiptView {
        ReceiptView {
            shop: self.programme.programme().name.get(self.f.language).to_owned(),
            reference: reference.to_owned(),
            of: None,
            when: self.f.formats.time(self.entry.occurred_at),
            member: self.member.clone(),
            lines: Vec::new(),
            vouchers: Vec::new(),
            settlement: None,
            total: String::new(),
            paid: Vec::new(),
            earned: Vec::new(),
            moved: Vec::new(),
            why: self.why.clone(),
            qr: qr::draw(reference),
        }
    }
}

fn place(line: u32) -> usize {
    usize::try_from(line).unwrap_or(usize::MAX)
}

fn count(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
