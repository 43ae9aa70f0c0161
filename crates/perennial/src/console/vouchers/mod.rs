//! Vouchers: the templates in force and the batches issued under them, newest first; a voucher is found by its code, a
//! member's vouchers by the member.

mod batch;
mod funnel;
mod issue;
mod of_member;
mod voucher;

use askama::Template;
use axum::Router;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use domain::code::Code;
use domain::programme::sentence::voucher_terms;
use domain::programme::{CompiledProgramme, Holder};
use domain::refusal::Refusal;
use domain::voucher::{CodeError, VoucherCode, VoucherOutcome};
use jiff::Timestamp;
use operations::{BatchState, MemberSearch, OperationError, VoucherBatch, VoucherCaller};
use serde::Deserialize;

use super::Console;
use super::format::number;
use super::member::last_day;
use super::moment::Moment;
use super::page::{Frame, Section, Theme, show};
use super::problem;
use super::query::{address, encode};
use super::roles::Permission;
use super::session::{Reader, Submission};

/// Batches on a page.
const BATCHES: u16 = 25;
/// Members shown for what was typed.
const MEMBERS: u16 = 20;

/// The addresses of all these pages.
pub(super) fn routes() -> Router<Console> {
    Router::new()
        .route("/console/vouchers", get(page))
        .route("/console/vouchers/find", post(find))
        .route("/console/vouchers/funnel.csv", get(funnel::file))
        .route("/console/vouchers/issue", get(issue::form).post(issue::issue))
        .route("/console/vouchers/batch", get(batch::page))
        .route("/console/vouchers/batch/void", post(batch::void))
        .route("/console/vouchers/templates/{code}", get(batch::template))
        .route("/console/vouchers/{id}", get(voucher::page))
        .route("/console/vouchers/{id}/void", post(voucher::void))
        .route("/console/members/{id}/vouchers", get(of_member::page))
}

/// Whom to look for, which template, and where the list goes on.
#[derive(Debug, Default, Deserialize)]
pub(super) struct VouchersQuery {
    #[serde(default)]
    member: String,
    #[serde(default)]
    template: String,
    before: Option<i64>,
}

#[derive(Template)]
#[template(path = "console/vouchers.html")]
struct VouchersPage {
    f: Frame,
    query: VouchersQuery,
    /// What was typed where a code is asked for.
    typed: String,
    error: Option<String>,
    found: Option<Vec<(String, String)>>,
    templates: Vec<TemplateRow>,
    batches: Vec<BatchRow>,
    may_issue: bool,
    first_page: Option<String>,
    next_page: Option<String>,
}

/// A template that vouchers can be issued of, or statements issue.
struct TemplateRow {
    code: String,
    name: String,
    effect: String,
    holder: String,
    issuable: bool,
}

/// A batch in a line.
struct BatchRow {
    address: String,
    reference: String,
    template: String,
    quantity: String,
    issued: String,
    state: &'static str,
    state_name: String,
    by: String,
    created: Moment,
    until: String,
}

/// The page.
pub(super) async fn page(
    State(console): State<Console>,
    Query(query): Query<VouchersQuery>,
    reader: Reader,
) -> Response {
    list(&console, reader.frame, query, "", None).await
}

/// Looks for the voucher with a code, which stays out of addresses and logs. Wrong ones are counted by person.
pub(super) async fn find(
    State(console): State<Console>,
    Submission { reader, fields }: Submission,
) -> Response {
    let Reader { frame: f, actor, .. } = reader;
    let typed = fields.text("code");
    let again = async |f: Frame, status, error| {
        list(&console, f, VouchersQuery::default(), typed, Some((status, error))).await
    };
    let code = match VoucherCode::parse(typed) {
        Ok(code) => code,
        Err(error) => {
            let told = mistyped(&f, error);
            return again(f, StatusCode::UNPROCESSABLE_ENTITY, told).await;
        }
    };
    let found = console.engine.find_voucher(&code, &VoucherCaller::person(&actor)).await;
    match found {
        Ok(id) => Redirect::to(&format!("/console/vouchers/{id}")).into_response(),
        Err(error @ OperationError::TooManyTries { .. }) => {
            let told = problem::sentence(&f, &error);
            again(f, StatusCode::TOO_MANY_REQUESTS, told).await
        }
        Err(OperationError::Refused(Refusal::Voucher { reason: VoucherOutcome::Unknown })) => {
            let told = f.t("voucher-code-unknown");
            again(f, StatusCode::UNPROCESSABLE_ENTITY, told).await
        }
        Err(error) => problem::failed(f, &error),
    }
}

/// Why a text is no code, and what to do.
fn mistyped(f: &Frame, error: CodeError) -> String {
    match error {
        CodeError::Length { length } => f.n("voucher-code-length", length),
        CodeError::Character { character } => f.v("voucher-code-character", character),
        CodeError::Check => f.t("voucher-code-check"),
    }
}

async fn list(
    console: &Console,
    mut f: Frame,
    query: VouchersQuery,
    typed: &str,
    fault: Option<(StatusCode, String)>,
) -> Response {
    f.section = Section::Vouchers;
    "/console/vouchers".clone_into(&mut f.here);
    let template = query.template.parse::<Code>().ok();
    let found = console.engine.list_voucher_batches(template, query.before, BATCHES).await;
    let members = members(console, &f, query.member.trim()).await;
    let ((batches, next), members) = match (found, members) {
        (Ok(found), Ok(members)) => (found, members),
        (Err(error), _) | (_, Err(error)) => return problem::failed(f, &error),
    };
    let now = console.engine.clock().now();
    let programme = console.programme();
    let (status, error) = fault.map_or((StatusCode::OK, None), |(status, error)| (status, Some(error)));
    let place = |before: &str| {
        address("/console/vouchers", &[("template", query.template.as_str()), ("before", before)])
    };
    let page = VouchersPage {
        typed: typed.to_owned(),
        found: members,
        templates: programme.as_deref().map_or_else(Vec::new, |programme| templates(&f, programme)),
        batches: batches.iter().map(|batch| batch_row(console, &f, batch, now)).collect(),
        may_issue: f.may(Permission::IssueVouchers),
        first_page: query.before.map(|_| place("")),
        next_page: next.map(|next| place(&next.to_string())),
        error,
        query,
        f,
    };
    show(status, &page)
}

/// Whom a text may mean, and their names; nobody if nothing was typed.
async fn members(
    console: &Console,
    f: &Frame,
    text: &str,
) -> Result<Option<Vec<(String, String)>>, OperationError> {
    if text.is_empty() {
        return Ok(None);
    }
    let search = MemberSearch { text: Some(text.to_owned()), limit: MEMBERS, ..MemberSearch::default() };
    let found = console.engine.search_members(&search).await?.members;
    let named = found.into_iter().map(|row| (row.member_id.to_string(), row.name));
    Ok(Some(named.map(|(id, name)| (id, name.unwrap_or_else(|| f.t("nameless")))).collect()))
}

fn templates(f: &Frame, programme: &CompiledProgramme) -> Vec<TemplateRow> {
    let row = |template: &domain::programme::VoucherTemplate| TemplateRow {
        code: template.code.to_string(),
        name: template.name.get(f.language).to_owned(),
        effect: voucher_terms(programme.programme(), template, None, f.language).effect,
        holder: f.named("voucher-holder-", holder_code(template.holder)),
        issuable: template.issue_max.is_some(),
    };
    programme.programme().vouchers.iter().map(row).collect()
}

fn holder_code(holder: Holder) -> &'static str {
    match holder {
        Holder::Bearer => "bearer",
        Holder::Registered => "registered",
        Holder::Personal => "personal",
    }
}

/// The address of a batch's page.
fn batch_address(reference: &str) -> String {
    format!("/console/vouchers/batch?reference={}", encode(reference))
}

/// The name of a template, in the version that issued it.
fn template_name(console: &Console, f: &Frame, version: u32, template: Code) -> String {
    let programmes = console.engine.programmes();
    let known = programmes.version(version).and_then(|programme| programme.voucher(template));
    known.map_or_else(|| template.to_string(), |known| known.template.name.get(f.language).to_owned())
}

/// How a batch stands: a class for its colour, and its name.
fn batch_state(
    f: &Frame,
    state: BatchState,
    expires_at: Timestamp,
    now: Timestamp,
) -> (&'static str, String) {
    let (class, key) = match state {
        BatchState::Open => ("waiting", "batch-open"),
        BatchState::Ready if now >= expires_at => ("closed", "batch-ended"),
        BatchState::Ready => ("live", "batch-ready"),
        BatchState::Void => ("rejected", "batch-void"),
        BatchState::Abandoned => ("closed", "batch-abandoned"),
    };
    (class, f.t(key))
}

fn batch_row(console: &Console, f: &Frame, batch: &VoucherBatch, now: Timestamp) -> BatchRow {
    let (state, state_name) = batch_state(f, batch.state, batch.expires_at, now);
    let grows = batch.quantity == 0;
    BatchRow {
        address: batch_address(&batch.reference),
        reference: batch.reference.clone(),
        template: template_name(console, f, batch.programme_version, batch.template),
        quantity: if grows { f.t("batch-of-statement") } else { number(batch.quantity) },
        issued: if grows { "–".to_owned() } else { number(batch.issued) },
        state,
        state_name,
        by: batch.created_by.clone(),
        created: Moment::time(f, batch.created_at, now),
        until: last_day(f, batch.expires_at),
    }
}
