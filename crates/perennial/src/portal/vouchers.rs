//! The member's vouchers: what each gives, on which terms and how long, its code for the till as a drawing and as text;
//! those that are over apart; and binding one that was found on paper to oneself.

use askama::Template;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use domain::programme::CompiledProgramme;
use domain::voucher::{VoucherCode, VoucherStatus};
use jiff::civil::Date;
use operations::{MemberReference, MemberVoucher, OperationError, VoucherCaller, VoucherRequest};

use super::Portal;
use super::problem;
use super::qr::{self, Drawing};
use super::redemptions::DoneQuery;
use super::session::{Member, Submission};
use super::shell::{Shell, Tab};
use super::words::{day_ahead, day_of, last_day, money};
use crate::console::page::{Frame, Theme, show};
use crate::console::problem::sentence;
use crate::console::programme;

/// Days ahead at which an end is near.
const SOON_DAYS: i32 = 7;

#[derive(Template)]
#[template(path = "portal/vouchers.html")]
struct VouchersPage {
    f: Frame,
    s: Shell,
    open: Vec<VoucherCard>,
    past: Vec<PastVoucher>,
    /// What was typed.
    text: String,
    error: Option<String>,
}

/// A voucher that can be used.
struct VoucherCard {
    name: String,
    effect: String,
    terms: Vec<String>,
    until: String,
    soon: bool,
    uses: Option<String>,
    why_not: Option<String>,
    code: Option<CodeView>,
}

/// A code for the till.
struct CodeView {
    text: String,
    drawing: Option<Drawing>,
}

/// A voucher that is over.
struct PastVoucher {
    name: String,
    effect: String,
    state: &'static str,
    state_name: String,
    when: String,
}

/// The page.
pub(super) async fn page(
    State(portal): State<Portal>,
    Query(query): Query<DoneQuery>,
    mut member: Member,
) -> Response {
    member.frame.notice = (query.done == "registered").then(|| member.frame.t("card-voucher-registered"));
    show_vouchers(&portal, member, "", None).await
}

async fn show_vouchers(
    portal: &Portal,
    member: Member,
    text: &str,
    fault: Option<(StatusCode, String)>,
) -> Response {
    let Member { frame: f, shell, id, .. } = member;
    let s = shell.at(Tab::Vouchers);
    let found = match portal.engine.list_vouchers(&MemberReference::Id(id), f.language).await {
        Ok(found) => found,
        Err(error) => return problem::failed(f, s, &error),
    };
    let programme = programme(&portal.engine);
    let today = day_of(&f, portal.engine.clock().now());
    let card = |voucher: &MemberVoucher| card(&f, programme.as_deref(), voucher, today);
    let past = |voucher: &MemberVoucher| past(&f, programme.as_deref(), voucher);
    let (status, error) = fault.map_or((StatusCode::OK, None), |(status, error)| (status, Some(error)));
    let page = VouchersPage {
        open: found.open.iter().map(card).collect(),
        past: found.past.iter().map(past).collect(),
        text: text.to_owned(),
        error,
        f,
        s,
    };
    show(status, &page)
}

fn name(f: &Frame, voucher: &MemberVoucher) -> String {
    voucher.name.as_ref().map_or_else(|| f.t("card-voucher"), |name| name.get(f.language).to_owned())
}

fn effect(voucher: &MemberVoucher) -> String {
    voucher.terms.as_ref().map(|terms| terms.effect.clone()).unwrap_or_default()
}

fn card(
    f: &Frame,
    programme: Option<&CompiledProgramme>,
    voucher: &MemberVoucher,
    today: Date,
) -> VoucherCard {
    let end = last_day(f, voucher.voucher.expires_at);
    let ahead = today.until(end).map_or(i32::MAX, |span| span.get_days());
    let left = voucher.voucher.uses_left;
    let why_not = voucher
        .why_not
        .as_ref()
        .map(|why| why.sentence(f.language, &|amount| money(f, programme, amount), &|at| f.formats.time(at)));
    VoucherCard {
        name: name(f, voucher),
        effect: effect(voucher),
        terms: voucher.terms.as_ref().map(|terms| terms.terms.clone()).unwrap_or_default(),
        until: f.v("card-good-through", day_ahead(f, end, today)),
        soon: ahead <= SOON_DAYS,
        uses: (left > 1).then(|| f.n("card-voucher-uses", i64::from(left))),
        why_not,
        code: voucher
            .code
            .as_ref()
            .map(|code| CodeView { text: code.to_string(), drawing: qr::draw(code.as_str()) }),
    }
}

fn past(f: &Frame, programme: Option<&CompiledProgramme>, voucher: &MemberVoucher) -> PastVoucher {
    let (state, state_name, when) = match (voucher.voucher.status, voucher.used_at) {
        (VoucherStatus::Redeemed, Some(at)) => {
            let saved = money(f, programme, voucher.discount);
            let values = [("amount", saved.as_str()), ("day", &f.formats.day(at))];
            ("fulfilled", "card-voucher-used", f.with("card-voucher-used-on", &values))
        }
        (VoucherStatus::Void, _) => ("cancelled", "card-voucher-void", f.t("card-voucher-void-hint")),
        _ => {
            let day = f.formats.date(last_day(f, voucher.voucher.expires_at));
            ("cancelled", "card-voucher-expired", f.v("card-voucher-expired-on", day))
        }
    };
    let (name, effect) = (name(f, voucher), effect(voucher));
    PastVoucher { name, effect, state, state_name: f.t(state_name), when }
}

/// Binds a voucher to the member. Sent twice it is bound once; wrong codes are counted by member.
pub(super) async fn register(
    State(portal): State<Portal>,
    Submission { member, fields }: Submission,
) -> Response {
    let text = fields.text("code");
    let Ok(code) = VoucherCode::parse(text) else {
        let fault = (StatusCode::UNPROCESSABLE_ENTITY, member.frame.t("card-voucher-mistyped"));
        return show_vouchers(&portal, member, text, Some(fault)).await;
    };
    let caller = VoucherCaller::person(&member.actor);
    let request =
        VoucherRequest { actor: &member.actor, caller: &caller, idempotency_key: None, dry_run: false };
    let registered = portal.engine.register_voucher(&code, MemberReference::Id(member.id), request).await;
    let Err(error) = registered else {
        return Redirect::to("/card/vouchers?done=registered").into_response();
    };
    let f = &member.frame;
    let fault = match &error {
        OperationError::TooManyTries { .. } => (StatusCode::TOO_MANY_REQUESTS, sentence(f, &error)),
        OperationError::Refused(domain::refusal::Refusal::Voucher { reason }) => {
            let programme = programme(&portal.engine);
            let money = |amount| money(f, programme.as_deref(), amount);
            let why = reason.sentence(f.language, &money, &|at| f.formats.time(at));
            (StatusCode::UNPROCESSABLE_ENTITY, f.v("card-voucher-not-registered", why))
        }
        OperationError::Refused(_) => (StatusCode::UNPROCESSABLE_ENTITY, sentence(f, &error)),
        _ => return problem::failed(member.frame, member.shell, &error),
    };
    show_vouchers(&portal, member, text, Some(fault)).await
}
