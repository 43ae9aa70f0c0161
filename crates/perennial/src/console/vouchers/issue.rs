//! Issuing a batch in two steps: what was filled in is checked and told in numbers, then the codes come as a file, drawn
//! while it is sent. The batch's name makes a form that is sent twice one batch.

use std::collections::BTreeSet;

use askama::Template;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use domain::code::Code;
use domain::ids::AccountId;
use domain::programme::{CompiledProgramme, CompiledVoucher, Holder, sentence};
use domain::refusal::Refusal;
use operations::{BATCH_VOUCHERS_MAX, OperationError, VoucherIssue, VoucherOrder};
use serde::Deserialize;

use super::batch_address;
use super::voucher::money;
use crate::console::Console;
use crate::console::csv_file::{CsvFile, Rows, download_rows};
use crate::console::format::number;
use crate::console::moment::Choice;
use crate::console::page::{Frame, Section, Theme, show};
use crate::console::problem;
use crate::console::roles::Permission;
use crate::console::session::{Fields, Reader, Submission};
use crate::till::member::find;
use crate::till::number::read_price;

/// Members that can be named in the form.
const MEMBERS_MAX: usize = 1_000;

/// Which template is chosen at first.
#[derive(Debug, Default, Deserialize)]
pub(in crate::console) struct IssueQuery {
    #[serde(default)]
    template: String,
}

/// What was filled in.
#[derive(Debug, Default)]
struct IssueForm {
    template: String,
    reference: String,
    quantity: String,
    members: String,
    value: String,
}

#[derive(Template)]
#[template(path = "console/voucher_issue.html")]
struct IssuePage {
    f: Frame,
    form: IssueForm,
    templates: Vec<Choice>,
    /// The terms of each template, for whoever chooses.
    terms: Vec<String>,
    /// What is wrong, and the field with which it is; empty where nothing is.
    error: Option<String>,
    wrong: &'static str,
}

#[derive(Template)]
#[template(path = "console/voucher_issue_confirm.html")]
struct ConfirmPage {
    f: Frame,
    form: IssueForm,
    summary: String,
    terms: String,
    last_day: Option<String>,
    value: Option<String>,
    batch: String,
}

/// A field of the form and what is wrong with it.
type Fault = (&'static str, String);

/// The form.
pub(in crate::console) async fn form(
    State(console): State<Console>,
    Query(query): Query<IssueQuery>,
    reader: Reader,
) -> Result<Response, Response> {
    let f = reader.require(Permission::IssueVouchers)?.frame;
    let form = IssueForm { template: query.template, ..IssueForm::default() };
    Ok(show_issue(&console, f, form, None))
}

fn show_issue(console: &Console, mut f: Frame, form: IssueForm, error: Option<Fault>) -> Response {
    f.section = Section::Vouchers;
    "/console/vouchers/issue".clone_into(&mut f.here);
    let programme = console.programme();
    let status = if error.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let known = programme.as_deref().map_or_else(Vec::new, |programme| {
        let issuable = programme.programme().vouchers.iter().filter(|template| template.issue_max.is_some());
        issuable.map(|template| (programme, template)).collect()
    });
    let page = IssuePage {
        templates: known
            .iter()
            .map(|(_, template)| {
                Choice::new(template.code.to_string(), template.name.get(f.language), &form.template)
            })
            .collect(),
        terms: known
            .iter()
            .map(|(programme, template)| {
                let terms = sentence::voucher(programme.programme(), template, f.language);
                format!("{} — {terms}", template.name.get(f.language))
            })
            .collect(),
        wrong: error.as_ref().map_or("", |(field, _)| field),
        error: error.map(|(_, told)| told),
        form,
        f,
    };
    show(status, &page)
}

/// Checks what was filled in, or issues it: then the codes come as a file.
pub(in crate::console) async fn issue(
    State(console): State<Console>,
    Submission { reader, fields }: Submission,
) -> Result<Response, Response> {
    let Reader { frame: f, actor, .. } = reader.require(Permission::IssueVouchers)?;
    let form = IssueForm::read(&fields);
    let order = match form.order(&console, &f).await {
        Ok(order) => order,
        Err(fault) => return Ok(show_issue(&console, f, form, Some(fault))),
    };
    if let Err(error) = console.engine.check_voucher_order(&order).await {
        return Ok(refused(&console, f, form, &error));
    }
    if fields.text("step") != "issue" {
        return Ok(confirm(&console, f, form, &order));
    }
    let issue = match console.engine.begin_voucher_issue(&order, &actor).await {
        Ok(issue) => issue,
        Err(error) => return Ok(refused(&console, f, form, &error)),
    };
    let until = last_day(&console, &f, order.template).unwrap_or_default();
    let headings = ["voucher-code", "voucher-id", "member", "usable-until"];
    Ok(download_rows(f, "vouchers", &headings, CodeRows { issue, until }).await)
}

/// The codes of a batch while it is issued: a part is sent once it is written, and none is kept. They are seen here and
/// nowhere else. Whoever closes the connection has a batch that is not whole: it never works, and can be ordered again.
struct CodeRows {
    issue: VoucherIssue,
    until: String,
}

impl Rows for CodeRows {
    async fn write_next(&mut self, _: &Frame, file: &mut CsvFile) -> Result<bool, OperationError> {
        let Some(part) = self.issue.next_part().await? else { return Ok(false) };
        for issued in part {
            let member = issued.member.map_or_else(String::new, |member| member.to_string());
            file.row(&[issued.code.to_string(), issued.voucher.to_string(), member, self.until.clone()]);
        }
        Ok(true)
    }
}

/// The form again, with why it was refused.
fn refused(console: &Console, f: Frame, form: IssueForm, error: &OperationError) -> Response {
    let OperationError::Refused(refusal) = error else { return problem::failed(f, error) };
    let told = problem::sentence(&f, error);
    let fault = match refusal {
        Refusal::VoucherBatchIssued { .. } | Refusal::DocumentDiffers { .. } => {
            ("reference", f.t("voucher-batch-taken"))
        }
        Refusal::VoucherIssueExceeded { issued, most, .. } => {
            let left = number(most.saturating_sub(*issued).max(0));
            ("quantity", f.with("voucher-issue-exceeded", &[("left", &left), ("most", &number(*most))]))
        }
        Refusal::FieldInvalid { field, .. } => match field.as_str() {
            "quantity" => ("quantity", told),
            "members" => ("members", told),
            "value" => ("value", told),
            "reference" => ("reference", told),
            _ => ("template", told),
        },
        _ => ("template", told),
    };
    show_issue(console, f, form, Some(fault))
}

fn confirm(console: &Console, mut f: Frame, form: IssueForm, order: &VoucherOrder) -> Response {
    f.section = Section::Vouchers;
    "/console/vouchers/issue".clone_into(&mut f.here);
    let Some(programme) = console.programme() else {
        let detail = f.t("refusal-no-programme-in-force");
        return problem::refused_query(f, detail);
    };
    let known = programme.programme().voucher(order.template);
    let quantity = order.members.len().max(order.quantity as usize);
    let name =
        known.map_or_else(|| order.template.to_string(), |known| known.name.get(f.language).to_owned());
    let quantity = number(i64::try_from(quantity).unwrap_or(i64::MAX));
    let page = ConfirmPage {
        summary: f.with("voucher-issue-summary", &[("quantity", &quantity), ("template", &name)]),
        terms: known
            .map_or_else(String::new, |known| sentence::voucher(programme.programme(), known, f.language)),
        last_day: last_day(console, &f, order.template),
        value: order.value.map(|value| money(console, &f, value)),
        batch: batch_address(&order.reference),
        form,
        f,
    };
    show(StatusCode::OK, &page)
}

/// The last day on which vouchers of a template are good that are issued today.
fn last_day(console: &Console, f: &Frame, template: Code) -> Option<String> {
    let programme = console.programme()?;
    let today = domain::calendar::local(console.engine.clock().now(), programme.zone()).date();
    let (_, end) = programme.voucher(template)?.validity(today, programme.zone())?;
    Some(crate::console::member::last_day(f, end))
}

impl IssueForm {
    fn read(fields: &Fields) -> Self {
        let text = |name| fields.text(name).to_owned();
        Self {
            template: text("template"),
            reference: text("reference"),
            quantity: text("quantity"),
            members: text("members"),
            value: text("value"),
        }
    }

    /// What the form orders, or the first field that cannot be read.
    async fn order(&self, console: &Console, f: &Frame) -> Result<VoucherOrder, Fault> {
        let programme =
            console.programme().ok_or_else(|| ("template", f.t("refusal-no-programme-in-force")))?;
        let code = self.template.parse::<Code>().ok();
        let terms = code.and_then(|code| programme.voucher(code));
        let terms = terms.ok_or_else(|| ("template", f.t("voucher-template-missing")))?;
        if self.reference.is_empty() {
            return Err(("reference", f.t("voucher-reference-missing")));
        }
        let personal = terms.template.holder == Holder::Personal;
        Ok(VoucherOrder {
            reference: self.reference.clone(),
            template: terms.template.code,
            quantity: if personal { 0 } else { self.read_quantity(f)? },
            members: if personal { self.find_members(console, f, &programme).await? } else { Vec::new() },
            value: self.read_value(f, terms, &programme)?,
        })
    }

    fn read_quantity(&self, f: &Frame) -> Result<u32, Fault> {
        let digits = self.quantity.replace([',', ' ', '，'], "");
        let quantity = digits.parse().ok().filter(|quantity| (1..=BATCH_VOUCHERS_MAX).contains(quantity));
        quantity.ok_or_else(|| ("quantity", f.v("voucher-quantity-invalid", &self.quantity)))
    }

    fn read_value(
        &self,
        f: &Frame,
        terms: &CompiledVoucher,
        programme: &CompiledProgramme,
    ) -> Result<Option<i64>, Fault> {
        if !terms.needs_value() {
            return Ok(None);
        }
        let read = read_price(&self.value, programme.programme().decimals());
        read.map(Some).map_err(|fault| ("value", f.t(fault.key())))
    }

    /// The members named, one on a line by any identifier or id.
    async fn find_members(
        &self,
        console: &Console,
        f: &Frame,
        programme: &CompiledProgramme,
    ) -> Result<Vec<AccountId>, Fault> {
        let lines: BTreeSet<&str> =
            self.members.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
        if lines.is_empty() || lines.len() > MEMBERS_MAX {
            return Err(("members", f.v("voucher-members-missing", MEMBERS_MAX)));
        }
        let region = programme.programme().default_region.as_deref();
        let mut members = Vec::with_capacity(lines.len());
        for line in lines {
            let found = find(&console.engine, line, region).await;
            let found = found.map_err(|error| ("members", problem::sentence(f, &error)))?;
            let id = found.member_id().ok_or_else(|| ("members", f.v("voucher-member-unknown", line)))?;
            members.push(id);
        }
        members.sort_unstable();
        members.dedup();
        Ok(members)
    }
}
