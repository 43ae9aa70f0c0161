//! One voucher: where it stands, on which terms, who used it for what, and declaring it void.

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use domain::money::Money;
use domain::voucher::{UseState, VoucherId, VoucherStatus, VoucherUse};
use jiff::Timestamp;
use operations::{OperationError, VoucherCaller, VoucherDetails, VoucherRequest};
use serde::Deserialize;

use super::batch::void_line;
use super::batch_address;
use super::funnel::status_code;
use crate::console::Console;
use crate::console::format::number;
use crate::console::member::last_day;
use crate::console::moment::Moment;
use crate::console::page::{Frame, Section, Theme, show};
use crate::console::problem;
use crate::console::roles::Permission;
use crate::console::session::{Reader, Submission};

/// What was just done.
#[derive(Debug, Default, Deserialize)]
pub(in crate::console) struct DoneQuery {
    #[serde(default)]
    done: String,
}

#[derive(Template)]
#[template(path = "console/voucher.html")]
struct VoucherPage {
    f: Frame,
    id: String,
    name: String,
    effect: String,
    terms: Vec<String>,
    state: &'static str,
    state_name: String,
    why_not: Option<String>,
    facts: Vec<(String, String)>,
    member: Option<(String, String)>,
    batch: (String, String),
    void: Option<String>,
    uses: Vec<UseRow>,
    may_void: bool,
    typed: String,
    error: Option<String>,
}

struct UseRow {
    document: String,
    state: &'static str,
    state_name: String,
    discount: String,
    taken: Moment,
    changed: Moment,
    by: String,
}

/// The page.
pub(in crate::console) async fn page(
    State(console): State<Console>,
    Path(id): Path<String>,
    Query(query): Query<DoneQuery>,
    reader: Reader,
) -> Response {
    let mut f = reader.frame;
    f.notice = (query.done == "void").then(|| f.t("voucher-voided"));
    let Ok(id) = id.parse::<VoucherId>() else { return problem::not_found(f) };
    show_voucher(&console, f, id, "", None).await
}

async fn show_voucher(
    console: &Console,
    mut f: Frame,
    id: VoucherId,
    typed: &str,
    error: Option<String>,
) -> Response {
    f.section = Section::Vouchers;
    f.here = format!("/console/vouchers/{id}");
    let found = match console.engine.view_voucher(id, f.language).await {
        Ok(found) => found,
        Err(error) => return problem::failed(f, &error),
    };
    let names = match console.engine.name_members(found.voucher.member_id).await {
        Ok(names) => names,
        Err(error) => return problem::failed(f, &error),
    };
    let member = found.voucher.member_id.map(|id| {
        let name = names.get(&id).cloned();
        (id.to_string(), name.unwrap_or_else(|| f.t("nameless")))
    });
    let status = if error.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    show(status, &view(console, f, &found, member, typed, error))
}

fn view(
    console: &Console,
    f: Frame,
    found: &VoucherDetails,
    member: Option<(String, String)>,
    typed: &str,
    error: Option<String>,
) -> VoucherPage {
    let now = console.engine.clock().now();
    let voucher = &found.voucher;
    let amount = |amount| money(console, &f, amount);
    let why_not =
        found.why_not.as_ref().map(|why| why.sentence(f.language, &amount, &|at| f.formats.time(at)));
    let ended =
        matches!(voucher.status, VoucherStatus::Void | VoucherStatus::Redeemed | VoucherStatus::Expired);
    let code = status_code(voucher.status);
    VoucherPage {
        id: voucher.voucher.to_string(),
        name: found
            .name
            .as_ref()
            .map_or_else(|| voucher.template.to_string(), |name| name.get(f.language).to_owned()),
        effect: found.terms.as_ref().map(|terms| terms.effect.clone()).unwrap_or_default(),
        terms: found.terms.as_ref().map(|terms| terms.terms.clone()).unwrap_or_default(),
        state: state_class(voucher.status),
        state_name: f.named("voucher-status-", code),
        why_not,
        facts: facts(console, &f, found),
        member,
        batch: (batch_address(&found.batch.reference), found.batch.reference.clone()),
        void: found.void_reason.as_ref().map(|reason| void_line(&f, reason)),
        uses: found.uses.iter().map(|each| use_row(console, &f, each, now)).collect(),
        may_void: f.may(Permission::IssueVouchers) && !ended,
        typed: typed.to_owned(),
        error,
        f,
    }
}

/// The colour of a status.
pub(super) fn state_class(status: VoucherStatus) -> &'static str {
    match status {
        VoucherStatus::Issued | VoucherStatus::Registered => "live",
        VoucherStatus::Reserved => "waiting",
        VoucherStatus::Redeemed => "finished",
        VoucherStatus::Expired | VoucherStatus::Void => "closed",
    }
}

fn facts(console: &Console, f: &Frame, found: &VoucherDetails) -> Vec<(String, String)> {
    let voucher = &found.voucher;
    let mut facts = Vec::new();
    if let Some(value) = voucher.value {
        facts.push((f.t("face-value"), money(console, f, value)));
    }
    facts.push((f.t("uses-left"), number(i64::from(voucher.uses_left))));
    facts.extend(voucher.valid_from.map(|from| (f.t("usable-from"), f.formats.day(from))));
    facts.push((f.t("usable-until"), last_day(f, voucher.expires_at)));
    facts.push((f.t("issued-on"), f.formats.time(found.batch.created_at)));
    facts.push((f.t("issued-by"), found.batch.created_by.clone()));
    facts.push((f.t("terms-of-version"), number(i64::from(voucher.programme_version))));
    facts
}

/// Minor units of the programme's currency.
pub(super) fn money(console: &Console, f: &Frame, amount: i64) -> String {
    let programme = console.programme();
    programme.map_or_else(
        || number(amount),
        |programme| f.formats.money(Money { amount, currency: programme.programme().currency }),
    )
}

fn use_row(console: &Console, f: &Frame, each: &VoucherUse, now: Timestamp) -> UseRow {
    let (state, code) = match each.state {
        UseState::Reserved => ("waiting", "reserved"),
        UseState::Redeemed => ("finished", "redeemed"),
        UseState::Released => ("closed", "released"),
        UseState::TimedOut => ("closed", "timed-out"),
        UseState::Restored => ("closed", "restored"),
    };
    UseRow {
        document: format!("{} {}", each.document.source, each.document.reference),
        state,
        state_name: f.named("voucher-use-", code),
        discount: if each.discount == 0 { "–".to_owned() } else { money(console, f, each.discount) },
        taken: Moment::time(f, each.taken_at, now),
        changed: Moment::time(f, each.changed_at, now),
        by: each.actor.clone(),
    }
}

/// Declares a voucher void. Sent twice, it is void once, for the first reason.
pub(in crate::console) async fn void(
    State(console): State<Console>,
    Path(id): Path<String>,
    Submission { reader, fields }: Submission,
) -> Result<Response, Response> {
    let Reader { frame: f, actor, .. } = reader.require(Permission::IssueVouchers)?;
    let Ok(id) = id.parse::<VoucherId>() else { return Ok(problem::not_found(f)) };
    let reason = fields.text("reason");
    if reason.is_empty() {
        let error = f.t("note-missing");
        return Ok(show_voucher(&console, f, id, reason, Some(error)).await);
    }
    // Whoever names a voucher by its id has not guessed a code.
    let caller = VoucherCaller::operator();
    let request = VoucherRequest { actor: &actor, caller: &caller, idempotency_key: None, dry_run: false };
    Ok(match console.engine.void_voucher(id, Some(reason), request).await {
        Ok(_) => Redirect::to(&format!("/console/vouchers/{id}?done=void")).into_response(),
        Err(error @ OperationError::Refused(_)) => {
            let told = problem::sentence(&f, &error);
            show_voucher(&console, f, id, reason, Some(told)).await
        }
        Err(error) => problem::failed(f, &error),
    })
}
