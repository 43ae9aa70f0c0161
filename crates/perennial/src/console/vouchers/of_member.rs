//! A member's vouchers for staff: those that can be used and those that are over. Their codes stay with the member.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use domain::ids::AccountId;
use operations::{MemberReference, MemberVoucher};

use super::funnel::status_code;
use super::voucher::{money, state_class};
use crate::console::Console;
use crate::console::member::last_day;
use crate::console::page::{Frame, Section, Theme, ok};
use crate::console::problem;
use crate::console::session::Reader;

#[derive(Template)]
#[template(path = "console/member_vouchers.html")]
struct MemberVouchersPage {
    f: Frame,
    member: String,
    member_name: String,
    rows: Vec<Row>,
}

struct Row {
    id: String,
    name: String,
    effect: String,
    state: &'static str,
    state_name: String,
    until: String,
    discount: String,
}

/// The page.
pub(in crate::console) async fn page(
    State(console): State<Console>,
    Path(id): Path<String>,
    reader: Reader,
) -> Response {
    let mut f = reader.frame;
    f.section = Section::Vouchers;
    let Ok(id) = id.parse::<AccountId>() else { return problem::not_found(f) };
    let member = MemberReference::Id(id);
    let found = console.engine.list_vouchers(&member, f.language).await;
    let person = console.engine.view_member(&member).await;
    let (found, person) = match (found, person) {
        (Ok(found), Ok(person)) => (found, person),
        (Err(error), _) | (_, Err(error)) => return problem::failed(f, &error),
    };
    let row = |voucher: &MemberVoucher| row(&console, &f, voucher);
    ok(&MemberVouchersPage {
        member: id.to_string(),
        member_name: person.profile.name.unwrap_or_else(|| f.t("nameless")),
        rows: found.open.iter().chain(&found.past).map(row).collect(),
        f,
    })
}

fn row(console: &Console, f: &Frame, voucher: &MemberVoucher) -> Row {
    let standing = &voucher.voucher;
    let named = voucher.name.as_ref().map(|name| name.get(f.language).to_owned());
    Row {
        id: standing.voucher.to_string(),
        name: named.unwrap_or_else(|| standing.template.to_string()),
        effect: voucher.terms.as_ref().map(|terms| terms.effect.clone()).unwrap_or_default(),
        state: state_class(standing.status),
        state_name: f.named("voucher-status-", status_code(standing.status)),
        until: last_day(f, standing.expires_at),
        discount: if voucher.discount == 0 { "–".to_owned() } else { money(console, f, voucher.discount) },
    }
}
