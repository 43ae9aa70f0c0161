//! `POST /v1/vouchers/…`: checking, registering, reserving, redeeming and giving back vouchers. Codes travel in bodies,
//! never in addresses; wrong ones are counted by who tries them.

use axum::extract::State;
use axum::response::Response;
use domain::document::{DocumentKey, PurchaseLine};
use domain::programme::Language;
use domain::voucher::{PurchaseVoucher, VoucherCode, VoucherId};
use operations::{
    BasketRequest, VoucherCaller, VoucherCheck, VoucherRequest, VoucherUseRequest, VoucherView, voucher_id,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::answer;
use super::body::{JsonBody, Parameters};
use super::caller::{DryRun, IdempotencyHeader, Permit, VouchersIssue, VouchersRead, VouchersWrite, Writer};
use super::member_reference::{MemberBody, region};
use super::problem::Problem;
use super::record_purchase::LineBody;
use super::schema::{VoucherResultShape, VoucherShape};
use super::state::Api;

/// How long a reservation lasts when the caller does not say, in minutes.
const RESERVATION_MINUTES: u32 = 15;

/// What is bought, at prices before vouchers.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct BasketBody {
    /// The channel, for instance `store`, `web` or `app`.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 128)]
    channel: Option<String>,
    /// The store.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 128)]
    store: Option<String>,
    /// The line items.
    #[schema(min_items = 1, max_items = 1000)]
    lines: Vec<LineBody>,
}

/// Vouchers presented together.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "codes": ["7XQ0-9M2T-WB4C-K1HG"],
    "member": { "phone": "+8613800138000" },
    "basket": { "channel": "store", "lines": [{ "sku": "A-100", "category": "tea", "amount": 19900 }] }
}))]
pub(super) struct VoucherCheckBody {
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
pub(super) struct OrderBody {
    /// The system that knows it.
    #[schema(min_length = 1, max_length = 128)]
    source: String,
    /// The number it has there.
    #[schema(min_length = 1, max_length = 128)]
    reference: String,
}

/// A use of a voucher for a purchase or order.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "code": "7XQ0-9M2T-WB4C-K1HG",
    "source": "shop",
    "reference": "order-4711",
    "minutes": 20
}))]
pub(super) struct UseBody {
    /// Its code.
    #[schema(min_length = 1, max_length = 64)]
    code: String,
    /// The system that knows the purchase or order.
    #[schema(min_length = 1, max_length = 128)]
    source: String,
    /// The number it has there. The same one again changes nothing.
    #[schema(min_length = 1, max_length = 128)]
    reference: String,
    /// The member, if one is known.
    #[serde(default)]
    member: Option<MemberBody>,
    /// What is bought, to be judged and to state the discount.
    #[serde(default)]
    basket: Option<BasketBody>,
    /// How long a reservation lasts; 15 minutes when absent.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 1440)]
    minutes: Option<u32>,
    /// The device or address of the person who typed the code: five wrong ones an hour.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 128)]
    typed_by: Option<String>,
}

/// A voucher to bind to a member.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "code": "7XQ0-9M2T-WB4C-K1HG", "member": { "phone": "+8613800138000" } }))]
pub(super) struct RegisterBody {
    /// Its code.
    #[schema(min_length = 1, max_length = 64)]
    code: String,
    /// The member.
    member: MemberBody,
    /// The device or address of the person who typed the code: five wrong ones an hour.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 128)]
    typed_by: Option<String>,
}

/// A voucher, by its code or by its id.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum VoucherName {
    /// By code.
    Code(String),
    /// By id.
    #[schema(value_type = String, example = "vou_0fx0000000000000000000000a")]
    Id(VoucherId),
}

/// A use to give back.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "voucher": { "code": "7XQ0-9M2T-WB4C-K1HG" }, "source": "shop", "reference": "order-4711"
}))]
pub(super) struct ReleaseBody {
    /// The voucher.
    voucher: VoucherName,
    /// The system that knows the purchase or order.
    #[schema(min_length = 1, max_length = 128)]
    source: String,
    /// The number it has there.
    #[schema(min_length = 1, max_length = 128)]
    reference: String,
}

/// A voucher to declare void.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "voucher": { "id": "vou_0fx0000000000000000000000a" } }))]
pub(super) struct VoucherVoidBody {
    /// The voucher.
    voucher: VoucherName,
}

/// What came of a check: one result for each code, in order.
#[derive(Serialize, ToSchema)]
pub(super) struct VoucherCheckAnswer {
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
pub(super) async fn check_voucher(
    State(api): State<Api>,
    permit: Permit<VouchersRead>,
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
            sentence: each.result.outcome.sentence(Language::En, &money),
            voucher: each.voucher,
            result: each.result,
        })
        .collect();
    let discount = results.iter().map(|each| each.result.discount).sum();
    Ok(answer::ok(&VoucherCheckAnswer { results, discount }))
}

/// Register a voucher
///
/// Binds it to a member, who alone can use it from then on.
#[utoipa::path(
    post,
    path = "/v1/vouchers/register",
    tag = "Vouchers",
    params(DryRun, IdempotencyHeader),
    request_body = RegisterBody,
    responses((status = 200, description = "The voucher as it now is.", body = VoucherShape)),
    security(("api_key" = ["vouchers:write"]))
)]
pub(super) async fn register_voucher(
    State(api): State<Api>,
    writer: Writer<VouchersWrite>,
    Parameters(dry_run): Parameters<DryRun>,
    JsonBody(body): JsonBody<RegisterBody>,
) -> Result<Response, Problem> {
    let code = code("code", &body.code)?;
    let member = body.member.reference(region(&api.engine).as_deref())?;
    let (actor, caller) = asked(&writer, body.typed_by.as_deref());
    let request = writer.voucher_request(&actor, &caller, &dry_run);
    Ok(answer::ok(&api.engine.register_voucher(&code, member, request).await?))
}

/// Reserve a voucher
///
/// Holds a use for an order until it is redeemed, given back, or its time is over.
#[utoipa::path(
    post,
    path = "/v1/vouchers/reserve",
    tag = "Vouchers",
    params(DryRun, IdempotencyHeader),
    request_body = UseBody,
    responses((status = 200, description = "The voucher as it now is.", body = VoucherShape)),
    security(("api_key" = ["vouchers:write"]))
)]
pub(super) async fn reserve_voucher(
    State(api): State<Api>,
    writer: Writer<VouchersWrite>,
    Parameters(dry_run): Parameters<DryRun>,
    JsonBody(body): JsonBody<UseBody>,
) -> Result<Response, Problem> {
    let (actor, caller) = asked(&writer, body.typed_by.as_deref());
    let request = writer.voucher_request(&actor, &caller, &dry_run);
    Ok(answer::ok(&api.engine.reserve_voucher(body.wanted(&api)?, request).await?))
}

/// Redeem a voucher
///
/// Spends a use for a purchase or order: the one it holds, else a free one. Purchases of members name their vouchers
/// themselves (`POST /v1/purchases`); this is for sales that no member makes.
#[utoipa::path(
    post,
    path = "/v1/vouchers/redeem",
    tag = "Vouchers",
    params(DryRun, IdempotencyHeader),
    request_body = UseBody,
    responses((status = 200, description = "The voucher as it now is.", body = VoucherShape)),
    security(("api_key" = ["vouchers:write"]))
)]
pub(super) async fn redeem_voucher(
    State(api): State<Api>,
    writer: Writer<VouchersWrite>,
    Parameters(dry_run): Parameters<DryRun>,
    JsonBody(body): JsonBody<UseBody>,
) -> Result<Response, Problem> {
    let (actor, caller) = asked(&writer, body.typed_by.as_deref());
    let request = writer.voucher_request(&actor, &caller, &dry_run);
    Ok(answer::ok(&api.engine.redeem_voucher(body.wanted(&api)?, request).await?))
}

/// Give a voucher back
///
/// Gives back the use that a purchase or order has, held or spent: once, however often it is asked.
#[utoipa::path(
    post,
    path = "/v1/vouchers/release",
    tag = "Vouchers",
    params(DryRun, IdempotencyHeader),
    request_body = ReleaseBody,
    responses((status = 200, description = "The voucher as it now is.", body = VoucherShape)),
    security(("api_key" = ["vouchers:write"]))
)]
pub(super) async fn release_voucher(
    State(api): State<Api>,
    writer: Writer<VouchersWrite>,
    Parameters(dry_run): Parameters<DryRun>,
    JsonBody(body): JsonBody<ReleaseBody>,
) -> Result<Response, Problem> {
    let voucher = body.voucher.id()?;
    let document = DocumentKey { source: body.source, reference: body.reference };
    domain::operation::check_key("", &document)?;
    let (actor, caller) = asked(&writer, None);
    let request = writer.voucher_request(&actor, &caller, &dry_run);
    Ok(answer::ok(&api.engine.release_voucher(voucher, document, request).await?))
}

/// Declare a voucher void
///
/// For ever; what was redeemed stays redeemed. A whole batch: `POST /v1/voucher-batches/{reference}/void`.
#[utoipa::path(
    post,
    path = "/v1/vouchers/void",
    tag = "Vouchers",
    params(DryRun, IdempotencyHeader),
    request_body = VoucherVoidBody,
    responses((status = 200, description = "The voucher as it now is.", body = VoucherShape)),
    security(("api_key" = ["vouchers:issue"]))
)]
pub(super) async fn void_voucher(
    State(api): State<Api>,
    writer: Writer<VouchersIssue>,
    Parameters(dry_run): Parameters<DryRun>,
    JsonBody(body): JsonBody<VoucherVoidBody>,
) -> Result<Response, Problem> {
    let (actor, caller) = asked(&writer, None);
    let request = writer.voucher_request(&actor, &caller, &dry_run);
    Ok(answer::ok(&api.engine.void_voucher(body.voucher.id()?, request).await?))
}

/// A code as a caller wrote it.
pub(super) fn code(field: &str, text: &str) -> Result<VoucherCode, Problem> {
    VoucherCode::parse(text).map_err(|error| Problem::invalid(field, format!("{field}: {error}")))
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

fn asked<S>(writer: &Writer<S>, typed_by: Option<&str>) -> (String, VoucherCaller) {
    let actor = writer.actor();
    let caller = VoucherCaller::program(&actor, typed_by);
    (actor, caller)
}

impl<S> Writer<S> {
    fn voucher_request<'r>(
        &self,
        actor: &'r str,
        caller: &'r VoucherCaller,
        dry_run: &DryRun,
    ) -> VoucherRequest<'r> {
        VoucherRequest { actor, caller, idempotency_key: self.key(), dry_run: self.only_tries(dry_run) }
    }
}

impl BasketBody {
    fn basket(self) -> Result<BasketRequest, Problem> {
        let lines: Vec<PurchaseLine> = self.lines.into_iter().map(PurchaseLine::from).collect();
        domain::operation::check_lines(&lines)?;
        Ok(BasketRequest { channel: self.channel, store: self.store, lines })
    }
}

impl UseBody {
    fn wanted(self, api: &Api) -> Result<VoucherUseRequest, Problem> {
        let document = DocumentKey { source: self.source, reference: self.reference };
        domain::operation::check_key("", &document)?;
        Ok(VoucherUseRequest {
            voucher: voucher_id(&code("code", &self.code)?),
            document,
            member: self.member.map(|member| member.reference(region(&api.engine).as_deref())).transpose()?,
            basket: self.basket.map(BasketBody::basket).transpose()?,
            minutes: self.minutes.unwrap_or(RESERVATION_MINUTES),
        })
    }
}

impl VoucherName {
    fn id(&self) -> Result<VoucherId, Problem> {
        match self {
            Self::Id(id) => Ok(*id),
            Self::Code(text) => Ok(voucher_id(&code("voucher.code", text)?)),
        }
    }
}
