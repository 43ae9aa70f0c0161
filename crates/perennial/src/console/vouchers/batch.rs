//! One batch, where its vouchers stand, and declaring all of them void; and a template with all its batches together.

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use domain::code::Code;
use domain::programme::sentence;
use operations::{BatchState, OperationError, VoidReason, VoucherBatchView};
use serde::Deserialize;

use super::funnel::Funnel;
use super::{batch_address, batch_state, template_name};
use crate::console::Console;
use crate::console::format::number;
use crate::console::member::last_day;
use crate::console::moment::Moment;
use crate::console::page::{Frame, Section, Theme, ok, show};
use crate::console::problem;
use crate::console::query::encode;
use crate::console::roles::Permission;
use crate::console::session::{Reader, Submission};

/// Which batch, and what was just done.
#[derive(Debug, Default, Deserialize)]
pub(in crate::console) struct BatchQuery {
    #[serde(default)]
    reference: String,
    #[serde(default)]
    done: String,
}

#[derive(Template)]
#[template(path = "console/voucher_batch.html")]
struct BatchPage {
    f: Frame,
    reference: String,
    template: String,
    template_code: String,
    state: &'static str,
    state_name: String,
    facts: Vec<(String, String)>,
    created: Moment,
    void: Option<String>,
    funnel: Funnel,
    csv: String,
    may_void: bool,
    /// The reason that was typed.
    typed: String,
    error: Option<String>,
}

#[derive(Template)]
#[template(path = "console/voucher_template.html")]
struct TemplatePage {
    f: Frame,
    code: String,
    name: String,
    terms: String,
    funnel: Funnel,
    csv: String,
    batches: String,
}

/// The page of a batch.
pub(in crate::console) async fn page(
    State(console): State<Console>,
    Query(query): Query<BatchQuery>,
    reader: Reader,
) -> Response {
    let mut f = reader.frame;
    f.notice = (query.done == "void").then(|| f.t("batch-voided"));
    show_batch(&console, f, &query.reference, "", None).await
}

async fn show_batch(
    console: &Console,
    mut f: Frame,
    reference: &str,
    typed: &str,
    error: Option<String>,
) -> Response {
    f.section = Section::Vouchers;
    f.here = batch_address(reference);
    let batch = match console.engine.view_voucher_batch(reference).await {
        Ok(batch) => batch,
        Err(error) => return problem::failed(f, &error),
    };
    let reason = match console.engine.view_void_reason(batch.batch_no).await {
        Ok(reason) => reason.filter(|_| batch.state == BatchState::Void),
        Err(error) => return problem::failed(f, &error),
    };
    let status = if error.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let now = console.engine.clock().now();
    let (state, state_name) = batch_state(&f, batch.state, batch.expires_at, now);
    let page = BatchPage {
        template: template_name(console, &f, batch.programme_version, batch.template),
        template_code: batch.template.to_string(),
        state,
        state_name,
        facts: facts(console, &f, &batch),
        created: Moment::time(&f, batch.created_at, now),
        void: reason.map(|reason| void_line(&f, &reason)),
        funnel: Funnel::new(&f, &batch.funnel),
        csv: format!("/console/vouchers/funnel.csv?reference={}", encode(&batch.reference)),
        may_void: f.may(Permission::IssueVouchers)
            && matches!(batch.state, BatchState::Ready | BatchState::Open),
        typed: typed.to_owned(),
        reference: batch.reference,
        error,
        f,
    };
    show(status, &page)
}

/// Who declared something void, when and why.
pub(super) fn void_line(f: &Frame, reason: &VoidReason) -> String {
    let day = f.formats.time(reason.given_at);
    f.with("void-line", &[("who", &reason.given_by), ("when", &day), ("reason", &reason.reason)])
}

fn facts(console: &Console, f: &Frame, batch: &VoucherBatchView) -> Vec<(String, String)> {
    let mut facts = Vec::new();
    if batch.quantity > 0 {
        facts.push((f.t("batch-quantity"), number(batch.quantity)));
        facts.push((f.t("batch-issued"), number(batch.issued)));
    }
    if let Some(value) = batch.value {
        facts.push((f.t("face-value"), super::voucher::money(console, f, value)));
    }
    facts.extend(batch.valid_from.map(|from| (f.t("usable-from"), f.formats.day(from))));
    facts.push((f.t("usable-until"), last_day(f, batch.expires_at)));
    facts.push((f.t("issued-by"), batch.created_by.clone()));
    facts.push((f.t("terms-of-version"), number(i64::from(batch.programme_version))));
    facts
}

/// Declares a batch void. Sent twice, it is void once, for the first reason.
pub(in crate::console) async fn void(
    State(console): State<Console>,
    Submission { reader, fields }: Submission,
) -> Result<Response, Response> {
    let Reader { frame: f, actor, .. } = reader.require(Permission::IssueVouchers)?;
    let (reference, reason) = (fields.text("reference"), fields.text("reason"));
    if reason.is_empty() {
        let error = f.t("note-missing");
        return Ok(show_batch(&console, f, reference, reason, Some(error)).await);
    }
    Ok(match console.engine.void_voucher_batch(reference, Some(reason), &actor).await {
        Ok(_) => Redirect::to(&format!("{}&done=void", batch_address(reference))).into_response(),
        Err(error @ OperationError::Refused(_)) => {
            let told = problem::sentence(&f, &error);
            show_batch(&console, f, reference, reason, Some(told)).await
        }
        Err(error) => problem::failed(f, &error),
    })
}

/// The page of a template: its terms now, and where the vouchers of all its batches stand.
pub(in crate::console) async fn template(
    State(console): State<Console>,
    Path(code): Path<String>,
    reader: Reader,
) -> Response {
    let mut f = reader.frame;
    f.section = Section::Vouchers;
    let Ok(code) = code.parse::<Code>() else { return problem::not_found(f) };
    let counts = match console.engine.view_voucher_funnel(code).await {
        Ok(counts) => counts,
        Err(error) => return problem::failed(f, &error),
    };
    let programmes = console.engine.programmes();
    // The newest version that has it: its batches may have been issued under others.
    let known = programmes
        .iter()
        .collect::<Vec<_>>()
        .into_iter()
        .rev()
        .find_map(|version| Some((version, version.voucher(code)?)));
    let Some((version, known)) = known else { return problem::not_found(f) };
    ok(&TemplatePage {
        name: known.template.name.get(f.language).to_owned(),
        terms: sentence::voucher(version.programme(), &known.template, f.language),
        funnel: Funnel::new(&f, &counts),
        csv: format!("/console/vouchers/funnel.csv?template={code}"),
        batches: format!("/console/vouchers?template={code}"),
        code: code.to_string(),
        f,
    })
}
