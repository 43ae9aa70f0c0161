//! The page of a sale. What is typed or scanned, and every key, sends the whole form; the answer is the form as it
//! then stands, with its preview. Without script it is a page, with script a part of one.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use domain::document::{PurchaseLine, TEXT_LENGTH_MAX};
use domain::money::Money;
use domain::programme::CompiledProgramme;
use domain::refusal::Refusal;
use operations::OperationError;

use super::basket::{LineField, LineForm, add};
use super::entry::{self, Entry, is_article, is_long_number};
use super::form::{METHODS, SaleForm};
use super::member::{Found, MemberPanel, find};
use super::quote::{PointsStep, Quote, quote};
use super::vouchers::{self, Added, VoucherRow};
use super::{draw_reference, key};
use crate::console::Console;
use crate::console::moment::Choice;
use crate::console::page::{Frame, Section, show};
use crate::console::problem;
use crate::console::query::address;
use crate::console::roles::Permission;
use crate::console::session::{Fields, Reader, Submission};

#[derive(Template)]
#[template(path = "till/sale.html")]
struct SalePage<'a> {
    f: &'a Frame,
    v: &'a SaleView,
}

#[derive(Template)]
#[template(path = "till/sale_form.html")]
struct SalePart<'a> {
    f: &'a Frame,
    v: &'a SaleView,
}

/// What the page shows.
struct SaleView {
    form: SaleForm,
    occurred_at: String,
    member: MemberPanel,
    rows: Vec<Row>,
    /// A row to copy for lines that are added while the connection is away.
    blank: Row,
    /// A voucher to copy likewise.
    blank_voucher: VoucherRow,
    methods: Vec<Choice>,
    categories: Vec<String>,
    quote: Quote,
    currency: String,
    decimals: u32,
    /// What the one input could not take.
    entry_fault: Option<String>,
}

struct Row {
    number: String,
    line: LineForm,
    amount: String,
    name_fault: Option<String>,
    quantity_fault: Option<String>,
    price_fault: Option<String>,
}

/// An empty sale.
pub(super) async fn page(State(console): State<Console>, reader: Reader) -> Response {
    let form = SaleForm { reference: draw_reference(&console, ""), ..SaleForm::read(&Fields::default()) };
    show_sale(&console, reader, form, Outcome::default()).await
}

/// What is to be said besides the form.
#[derive(Default)]
pub(super) struct Outcome {
    /// The status of the answer; 200 unless something was refused.
    pub(super) status: StatusCode,
    /// Why the sale was not recorded.
    pub(super) fault: Option<String>,
}

/// Takes what was typed or scanned, or what a key does.
pub(super) async fn change(
    State(console): State<Console>,
    Submission { reader, fields }: Submission,
) -> Response {
    let mut form = SaleForm::read(&fields);
    let f = &reader.frame;
    let action = fields.text("action");
    let step = match action {
        "points-most" => PointsStep::Most,
        "points-none" => PointsStep::None,
        "points-more" => PointsStep::More,
        "points-less" => PointsStep::Less,
        _ => PointsStep::Keep,
    };
    press(&mut form, action);
    let mut entry_fault = None;
    match take(&console, f, &reader.actor, &mut form, fields.text("entry")).await {
        Ok(Taken::Done) => {}
        Ok(Taken::Fault(fault)) => entry_fault = Some(fault),
        Ok(Taken::Receipt(reference)) => return to_return(&reader, &reference),
        // Too many wrong codes: the sale goes on without.
        Err(error @ OperationError::TooManyTries { .. }) => entry_fault = Some(problem::sentence(f, &error)),
        Err(error) => return problem::failed(reader.frame, &error),
    }
    let outcome = Outcome::default();
    render(&console, reader, form, outcome, (step, entry_fault)).await
}

/// Shows a sale as it stands.
pub(super) async fn show_sale(
    console: &Console,
    reader: Reader,
    form: SaleForm,
    outcome: Outcome,
) -> Response {
    render(console, reader, form, outcome, (PointsStep::Keep, None)).await
}

async fn render(
    console: &Console,
    reader: Reader,
    mut form: SaleForm,
    outcome: Outcome,
    (step, entry_fault): (PointsStep, Option<String>),
) -> Response {
    let Reader { mut frame, actor, part } = reader;
    frame.section = Section::Till;
    "/till".clone_into(&mut frame.here);
    let programme = console.programme();
    let programme = programme.as_deref();
    let region = programme.and_then(|programme| programme.programme().default_region.as_deref());
    let found = match find(&console.engine, &form.member, region).await {
        Ok(found) => found,
        Err(error) => return problem::failed(frame, &error),
    };
    let mut quote = quote(console, &frame, &actor, &mut form, (&found, step)).await;
    quote.fault = outcome.fault.or(quote.fault);
    let member = MemberPanel::new(&frame, programme, &form.member, &found);
    let view = SaleView::new(&frame, programme, form, (member, quote), entry_fault);
    if part {
        show(outcome.status, &SalePart { f: &frame, v: &view })
    } else {
        show(outcome.status, &SalePage { f: &frame, v: &view })
    }
}

impl SaleView {
    fn new(
        f: &Frame,
        programme: Option<&CompiledProgramme>,
        form: SaleForm,
        (member, quote): (MemberPanel, Quote),
        entry_fault: Option<String>,
    ) -> Self {
        let (currency, decimals) = programme.map_or((String::new(), 2), |programme| {
            (programme.programme().currency.to_string(), programme.programme().decimals())
        });
        let amount = |line: &PurchaseLine| {
            programme.map_or_else(String::new, |programme| {
                f.formats.money(Money { amount: line.amount, currency: programme.programme().currency })
            })
        };
        let fault = |position: usize, field: LineField| {
            let found = quote.line_faults.iter().find(|fault| fault.line == position && fault.field == field);
            found.map(|fault| f.t(fault.fault.key()))
        };
        let row = |(position, line): (usize, &LineForm)| Row {
            number: line.number.to_string(),
            amount: line.read(position, decimals).as_ref().map_or_else(|_| String::new(), amount),
            name_fault: fault(position, LineField::Name),
            quantity_fault: fault(position, LineField::Quantity),
            price_fault: fault(position, LineField::Price),
            line: line.clone(),
        };
        let blank = LineForm { quantity: "1".to_owned(), ..LineForm::default() };
        Self {
            rows: form.lines.iter().enumerate().map(row).collect(),
            blank: Row { number: "N".to_owned(), ..row((usize::MAX, &blank)) },
            blank_voucher: VoucherRow {
                number: usize::MAX,
                code: String::new(),
                shown: String::new(),
                name: String::new(),
                off: None,
                parts: Vec::new(),
                why: Some(f.t("till-voucher-unchecked")),
            },
            occurred_at: form.occurred_at.map_or_else(String::new, |at| at.to_string()),
            methods: METHODS
                .map(|method| Choice::new(method, f.named("till-method-", method), &form.method))
                .into(),
            categories: categories(programme),
            member,
            quote,
            currency,
            decimals,
            entry_fault,
            form,
        }
    }
}

/// The categories that rules of the programme name, to choose from.
fn categories(programme: Option<&CompiledProgramme>) -> Vec<String> {
    let rules = programme.into_iter().flat_map(|programme| &programme.programme().rules);
    let mut named: Vec<String> = rules
        .flat_map(|rule| rule.conditions.category.iter().chain(&rule.conditions.except_category))
        .cloned()
        .collect();
    named.sort_unstable();
    named.dedup();
    named
}

/// What a key of the form does.
fn press(form: &mut SaleForm, action: &str) {
    if action == "member-clear" {
        form.member.clear();
        form.enrol = false;
    }
    if let Some(position) = action.strip_prefix("voucher-drop-").and_then(|text| text.parse::<usize>().ok())
        && position < form.vouchers.len()
    {
        form.vouchers.remove(position);
    }
    let Some((what, number)) = action.split_once('-') else { return };
    // By number and not by place: a second tap on a line that went means no other.
    let number = number.parse::<u32>().ok();
    let Some(position) = form.lines.iter().position(|line| Some(line.number) == number) else { return };
    match what {
        "drop" => {
            form.lines.remove(position);
        }
        "more" => form.lines[position].step(1_000),
        "less" => form.lines[position].step(-1_000),
        _ => {}
    }
}

/// What became of what was typed or scanned.
enum Taken {
    /// It is in the form.
    Done,
    /// It is nothing the till knows.
    Fault(String),
    /// It is the number of a receipt.
    Receipt(String),
}

async fn take(
    console: &Console,
    f: &Frame,
    actor: &str,
    form: &mut SaleForm,
    text: &str,
) -> Result<Taken, OperationError> {
    let programme = console.programme();
    let decimals = programme.as_ref().map_or(2, |programme| programme.programme().decimals());
    let region = programme.as_ref().and_then(|programme| programme.programme().default_region.as_deref());
    let code = match entry::read(text, decimals) {
        Entry::Nothing => return Ok(Taken::Done),
        Entry::Line(line) => {
            add(&mut form.lines, line);
            return Ok(Taken::Done);
        }
        Entry::Member(text) | Entry::Code(text) => text,
    };
    let named = matches!(entry::read(text, decimals), Entry::Member(_));
    match find(&console.engine, &code, region).await? {
        Found::Member(_) => {}
        // A number with an article's check digit is an article, whatever else it could be.
        Found::New(_) if named || !is_article(&code) => {}
        _ if named || is_long_number(&code) && !is_article(&code) => {
            return Ok(Taken::Fault(f.v("till-member-unknown", &code)));
        }
        _ => return take_item(console, f, actor, form, code).await,
    }
    form.member = code;
    form.enrol = false;
    Ok(Taken::Done)
}

/// A receipt leads to its return, a voucher goes beside the basket; everything else is an item that still needs its
/// price.
async fn take_item(
    console: &Console,
    f: &Frame,
    actor: &str,
    form: &mut SaleForm,
    code: String,
) -> Result<Taken, OperationError> {
    match console.engine.view_document(&key(&code)).await {
        Ok(_) => return Ok(Taken::Receipt(code)),
        Err(OperationError::Refused(Refusal::Unknown { .. })) => {}
        Err(error) => return Err(error),
    }
    match entry::voucher(&code) {
        Some(Ok(voucher)) => Ok(match vouchers::add(console, f, actor, form, voucher).await? {
            Added::Done => Taken::Done,
            Added::Fault(fault) => Taken::Fault(fault),
        }),
        Some(Err(_)) => Ok(Taken::Fault(f.t("till-voucher-mistyped"))),
        None => {
            add(&mut form.lines, LineForm::one(&code, ""));
            Ok(Taken::Done)
        }
    }
}

fn to_return(reader: &Reader, reference: &str) -> Response {
    let address = address("/till/returns", &[("reference", reference)]);
    if reader.part {
        return (StatusCode::NO_CONTENT, [("hx-redirect", address)]).into_response();
    }
    axum::response::Redirect::to(&address).into_response()
}
