//! `POST /v1/vouchers/check`: what vouchers would take off, without using them.

use axum::extract::State;
use axum::response::Response;
use domain::document::DocumentKey;
use domain::programme::Language;
use domain::voucher::PurchaseVoucher;
use operations::{VoucherCaller, VoucherCheck, VoucherView};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{BasketBody, code};
use crate::api::answer;
use crate::api::body::{JsonBody, NoParameters};
use crate::api::caller::{Permit, VouchersRead};
use crate::api::member_reference::{MemberBody, region};
use crate::api::problem::Problem;
use crate::api::schema::{VoucherResultShape, VoucherShape};
use crate::api::state::Api;

/// Vouchers presented together.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "codes": ["7XQ0-9M2T-WB4C-K1HG"],
    "member": { "phone": "+8613800138000" },
    "basket": { "channel": "store", "lines": [{ "sku": "A-100", "category": "tea", "amount": 19900 }] }
}))]
pub(in crate::api) struct VoucherCheckBody {
    /// Their codes; small letters, spaces and hyphens do not matter.
    #[schema(min_items = 1, max_items = 16)]
    codes: Vec<String>,
    /// The member, if one is known.
    #[serde(default)]
    member: Option<MemberBody>,
    /// The order that may hold them.
    #[serde(default)]
    order: Option<OrderBody>,
    /// What is bought. Without it only the vouchers themselves are judged.
    #[serde(default)]
    basket: Option<BasketBody>,
    /// The device or address of the person who typed the codes: five wrong ones an hour.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 128)]
    typed_by: Option<String>,
}

/// A purchase or order: its own name, unique for ever within its source.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct OrderBody {
    /// The system that knows it.
    #[schema(min_length = 1, max_length = 128)]
    source: String,
    /// The number it has there.
    #[schema(min_length = 1, max_length = 128)]
    reference: String,
}

/// What came of a check: one result for each code, in order.
#[derive(Serialize, ToSchema)]
pub(in crate::api) struct VoucherCheckAnswer {
    /// One for each code, in order.
    results: Vec<CheckResult>,
    /// Minor units they take off together.
    discount: i64,
}

/// What came of one code.
#[derive(Serialize, ToSchema)]
struct CheckResult {
    /// Where it stands; absent if there is no such voucher.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<VoucherShape>, nullable = false)]
    voucher: Option<VoucherView>,
    /// What it would take off, or why nothing.
    #[schema(value_type = VoucherResultShape)]
    result: PurchaseVoucher,
    /// The result as a sentence.
    sentence: String,
}

/// Check vouchers
///
/// Says where each stands and, with a basket, what all of them together would take off, line by line, or why one takes
/// nothing. Changes nothing; but wrong codes are counted, and too many of them are answered by 429.
#[utoipa::path(
    post,
    path = "/v1/vouchers/check",
    tag = "Vouchers",
    request_body = VoucherCheckBody,
    responses((status = 200, description = "What came of each.", body = VoucherCheckAnswer)),
    security(("api_key" = ["vouchers:read"]))
)]
pub(in crate::api) async fn check_voucher(
    State(api): State<Api>,
    permit: Permit<VouchersRead>,
    _: NoParameters,
    JsonBody(body): JsonBody<VoucherCheckBody>,
) -> Result<Response, Problem> {
    let codes = body.codes.iter().enumerate();
    let codes = codes.map(|(position, text)| code(&format!("codes[{position}]"), text));
    let check = VoucherCheck {
        codes: codes.collect::<Result<Vec<_>, _>>()?,
        member: body.member.map(|member| member.reference(region(&api.engine).as_deref())).transpose()?,
        document: body.order.map(|order| DocumentKey { source: order.source, reference: order.reference }),
        basket: body.basket.map(BasketBody::basket).transpose()?,
    };
    let caller = VoucherCaller::program(&permit.actor(), body.typed_by.as_deref());
    let checked = api.engine.check_voucher(&check, &caller).await?;
    let money = |minor: i64| amount(&api, minor);
    let results: Vec<CheckResult> = checked
        .into_iter()
        .map(|each| CheckResult {
            sentence: each.result.outcome.sentence(Language::En, &money, &|at| at.to_string()),
            voucher: each.voucher,
            result: each.result,
        })
        .collect();
    let discount = results.iter().map(|each| each.result.discount).sum();
    Ok(answer::ok(&VoucherCheckAnswer { results, discount }))
}

/// Minor units in the currency of the newest programme.
fn amount(api: &Api, minor: i64) -> String {
    let programmes = api.engine.programmes();
    let currency = programmes.latest().map(|programme| programme.programme().currency);
    currency.map_or_else(
        || minor.to_string(),
        |currency| domain::money::Money { amount: minor, currency }.to_string(),
    )
}
